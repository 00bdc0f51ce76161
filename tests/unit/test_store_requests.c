/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests, and the counters of them that the limits are decided by. */
#include "store/requests_id.h"
#include "tests/unit/test_store_fixture.h"

#define PHONE "+34600123123"

static const struct limits no_limits;

static void test_tags(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        uint8_t id, citizen;
        int64_t expires_ms;
        const char *clave, *code;
        bool same_clave, same_code;
    } rows[] = {
        {1, 1, T0, "7391", "0481", true, true},       {1, 1, T0, "7391", "0482", true, false},
        {1, 1, T0, "7392", "0481", false, false},     {2, 1, T0, "7391", "0481", false, false},
        {1, 2, T0, "7391", "0481", false, false},     /* moved to another citizen */
        {1, 1, T0 + 1, "7391", "0481", false, false}, /* given a later end */
        {1, 1, T0, "739", "10481", false, false},     /* the border between the two is part of it */
    };
    uint8_t clave[SECRET_TAG_BYTES], code[SECRET_TAG_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        uint8_t id[REQUEST_ID_BYTES] = {rows[i].id}, nif[SECRET_TAG_BYTES] = {rows[i].citizen};
        uint8_t c[SECRET_TAG_BYTES], k[SECRET_TAG_BYTES];
        const struct request_owner owner = {id, nif, rows[i].expires_ms};
        request_clave_tag(store, &owner, rows[i].clave, i == 0 ? clave : c);
        request_code_tag(store, &owner, rows[i].clave, rows[i].code, i == 0 ? code : k);
        if (i > 0 && (secret_tag_equal(c, clave) != rows[i].same_clave ||
                      secret_tag_equal(k, code) != rows[i].same_code))
            fail_msg("row %zu", i);
    }
}

static void test_what_goes_in_comes_out(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE), id = 0;
    struct request in = make_request(store, citizen, T0, T0 + HOUR), out[REQUEST_LIVE_MAX];
    size_t count = 0;
    assert_ok(requests_insert(store, &in, 3, "10.0.0.1", &id));
    assert_ok(requests_set_tries(store, id, 2, 3));
    assert_ok(set_uses(store, id, 7));
    assert_ok(requests_live(store, citizen, &no_limits, T0, out, &count));
    assert_int_equal(count, 1);
    assert_int_equal(out[0].id, id);
    assert_int_equal(out[0].citizen_id, citizen);
    assert_memory_equal(out[0].public_id, in.public_id, REQUEST_ID_BYTES);
    assert_memory_equal(out[0].clave_tag, in.clave_tag, SECRET_TAG_BYTES);
    assert_memory_equal(out[0].code_tag, in.code_tag, SECRET_TAG_BYTES);
    assert_int_equal(out[0].created_ms, T0);
    assert_int_equal(out[0].expires_ms, T0 + HOUR);
    assert_int_equal(out[0].tries, 2);
    assert_int_equal(out[0].uses, 7);
}

static void test_refusals(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE), id = 0;
    struct request request = make_request(store, citizen, T0, T0 + HOUR);
    assert_ok(requests_insert(store, &request, 3, "", &id));
    assert_int_equal(requests_insert(store, &request, 3, "", &id), CC_ERR_ALREADY_REGISTERED);
    struct request orphan = make_request(store, citizen + 1, T0, T0 + HOUR);
    assert_int_equal(requests_insert(store, &orphan, 3, "", &id), CC_ERR_DB);
    assert_int_equal(requests_set_tries(store, 99, 1, 3), CC_ERR_NOT_FOUND);
    assert_int_equal(requests_add_use(store, &(struct request){.id = 99}, T0, 0), CC_ERR_NOT_FOUND);
}

static void use(struct store *store, int64_t citizen, const struct limits *limits, int64_t now_ms)
{
    struct request live[REQUEST_LIVE_MAX];
    size_t count = 0;
    assert_ok(requests_live(store, citizen, limits, now_ms, live, &count));
    assert_true(count > 0);
    assert_ok(requests_add_use(store, &live[0], now_ms, 0));
}

/* As a verification does. */
static int64_t find_last_use(struct store *store, int64_t citizen, int64_t now_ms)
{
    struct request live[REQUEST_LIVE_MAX];
    size_t count = 0;
    int64_t recent_ms = 0, last_ms = -1;
    assert_ok(requests_live_and_used(store, citizen, &no_limits, now_ms, live, &count, &recent_ms));
    assert_ok(requests_last_use(store, citizen, &last_ms));
    return recent_ms > 0 ? recent_ms : last_ms;
}

/* The last entry is known whichever request it was made with, and when that one is swept. */
static void test_the_last_use_outlives_its_request(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE), id = 0;
    struct request first = make_request(store, citizen, T0, T0 + HOUR);
    assert_ok(requests_insert(store, &first, 3, "", &id));
    assert_int_equal(find_last_use(store, citizen, T0), 0);
    use(store, citizen, &no_limits, T0 + 5);
    use(store, citizen, &no_limits, T0 + 9);
    struct request second = make_request(store, citizen, T0 + DAY, T0 + 2 * DAY);
    assert_ok(requests_insert(store, &second, 3, "", &id));
    assert_int_equal(find_last_use(store, citizen, T0 + DAY), T0 + 9);
    assert_int_equal(purge_kind(store, PURGE_REQUESTS, T0 + 32 * DAY - HOUR), 1);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM requests"), 1);
    assert_int_equal(find_last_use(store, citizen, T0 + 32 * DAY), T0 + 9);
    /* one that was never used takes nothing away */
    assert_int_equal(purge_kind(store, PURGE_REQUESTS, T0 + 33 * DAY), 1);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM requests"), 0);
    assert_int_equal(find_last_use(store, citizen, T0 + 33 * DAY), T0 + 9);
}

static int64_t add_until(struct store *store, int64_t citizen, int64_t expires_ms)
{
    struct request request = make_request(store, citizen, T0, expires_ms);
    int64_t id = 0;
    assert_ok(requests_insert(store, &request, 3, "", &id));
    return id;
}

/* Whichever of two requests was used last, and though it is dead. */
static void test_the_last_use_of_a_dead_request(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    (void)add_until(store, citizen, T0 + HOUR);
    use(store, citizen, &no_limits, T0 + 5);
    int64_t newer = add_until(store, citizen, T0 + 2 * HOUR);
    use(store, citizen, &no_limits, T0 + 8);
    assert_ok(requests_cancel(store, newer, T0 + 9));
    assert_int_equal(find_last_use(store, citizen, T0 + 10), T0 + 8);
    assert_int_equal(find_last_use(store, citizen, T0 + 3 * DAY), T0 + 8);
}

/* A request that expired long ago may have been used later than one that did not. */
static void test_the_last_use_of_an_expired_request(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    (void)add_until(store, citizen, T0 + 26 * HOUR);
    (void)add_until(store, citizen, T0 + 27 * HOUR);
    use(store, citizen, &no_limits, T0 + HOUR); /* the one that lasts longer */
    assert_ok(db_exec(store->db, "UPDATE requests SET entered_ms = 1795090000000"
                                 " WHERE expires_ms = 1795093600000"));
    assert_int_equal(find_last_use(store, citizen, T0 + 2 * HOUR), T0 + 25 * HOUR);
    assert_int_equal(find_last_use(store, citizen, T0 + 62 * HOUR), T0 + 25 * HOUR);
}

static void test_expiry_is_exact(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t now;
        size_t live;
    } rows[] = {
        {T0, 2},
        {T0 + HOUR - 1, 2},
        {T0 + HOUR, 1}, /* valid while now < expires */
        {T0 + 2 * HOUR - 1, 1},
        {T0 + 2 * HOUR, 0},
    };
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    int64_t other = add_citizen(store, "87654321X", "+34600999999");
    (void)add_request(store, citizen, T0, T0 + HOUR);
    (void)add_request(store, citizen, T0, T0 + 2 * HOUR);
    (void)add_request(store, other, T0, T0 + HOUR);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct request out[REQUEST_LIVE_MAX];
        size_t live = 99;
        assert_ok(requests_live(store, citizen, &no_limits, rows[i].now, out, &live));
        if (live != rows[i].live)
            fail_msg("row %zu: %zu", i, live);
    }
}

/* A clock that was wrong leaves rows with an end that is far away, or with a beginning to come. */
static void test_a_request_lives_by_its_own_row(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t created, expires;
        size_t unexpired;
    } rows[] = {
        {T0 - 27 * HOUR + 1, T0 + 1, 1},     {T0 - 27 * HOUR, T0 + 1, 0},
        {T0 - 27 * HOUR, T0 + 365 * DAY, 0}, {T0 + 5 * 60000, T0 + DAY, 1},
        {T0 + 5 * 60000 + 1, T0 + DAY, 0},   {T0 + 365 * DAY, T0 + 366 * DAY, 0},
    };
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct request out[REQUEST_LIVE_MAX];
        size_t unexpired = 99;
        assert_ok(db_begin(store->db));
        (void)add_request(store, citizen, rows[i].created, rows[i].expires);
        assert_ok(requests_live(store, citizen, &no_limits, T0, out, &unexpired));
        if (unexpired != rows[i].unexpired)
            fail_msg("row %zu: %zu", i, unexpired);
        db_rollback(store->db);
    }
}

static void test_newest_first_and_no_more_than_fit(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct request out[REQUEST_LIVE_MAX];
    size_t count = 0;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE), last = 0;
    for (int i = 0; i < REQUEST_LIVE_MAX + 4; ++i)
        last = add_request(store, citizen, T0 + i, T0 + HOUR);
    assert_ok(requests_live(store, citizen, &no_limits, T0, out, &count));
    assert_int_equal(count, REQUEST_LIVE_MAX);
    for (size_t i = 0; i < count; ++i)
        assert_int_equal(out[i].id, last - (int64_t)i);
    assert_ok(requests_live(store, citizen + 1, &no_limits, T0, out, &count));
    assert_int_equal(count, 0);
}

static void test_live_leaves_out_the_dead(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t expires, tries, uses, tries_limit, uses_limit, live;
    } rows[] = {
        {T0 + 1, 0, 0, 3, 20, 1},  {T0, 0, 0, 3, 20, 0},     {T0 + 1, 2, 0, 3, 20, 1},
        {T0 + 1, 3, 0, 3, 20, 0},  {T0 + 1, 4, 0, 3, 20, 0}, {T0 + 1, 0, 19, 3, 20, 1},
        {T0 + 1, 0, 20, 3, 20, 0}, {T0 + 1, 9, 99, 0, 0, 1},
    };
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct limits limits = {.code = {.tries = rows[i].tries_limit, .uses = rows[i].uses_limit}};
        struct request out[REQUEST_LIVE_MAX];
        size_t live = 99;
        assert_ok(db_begin(store->db));
        int64_t id = add_request(store, citizen, T0 - 1, rows[i].expires);
        assert_ok(requests_set_tries(store, id, rows[i].tries, 3));
        assert_ok(set_uses(store, id, rows[i].uses));
        assert_ok(requests_live(store, citizen, &limits, T0, out, &live));
        if ((int64_t)live != rows[i].live)
            fail_msg("row %zu: %zu", i, live);
        db_rollback(store->db);
    }
}

static int64_t add_request_with(struct store *store, int64_t citizen, bool with_contrast,
                                int64_t uses)
{
    struct request request = make_request(store, citizen, T0, T0 + HOUR);
    int64_t id = 0;
    request.with_contrast = with_contrast;
    request.uses = uses;
    assert_ok(requests_insert(store, &request, 3, "", &id));
    return id;
}

/* A new request beyond the limit takes the place of the oldest unused one, of its own kind. */
static void test_the_oldest_unused_makes_room(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct limits limits = {.citizen = {.live = 3}};
    static const struct {
        const char *requests; /* oldest first: o open, u open and used, c with the contrast */
        bool with_contrast;
        const char *left; /* a dot for each that was replaced */
    } rows[] = {
        {"", false, ""},
        {"oo", false, "oo"},
        {"ooo", false, ".oo"},
        {"uoo", false, "u.o"},
        {"ouo", false, ".uo"},
        {"uuo", false, "uu."},
        {"uuu", false, ".uu"},
        {"oooo", false, "..oo"},
        {"uuoo", false, "uu.."},
        {"ccc", false, "ccc"},
        {"cccooo", false, "ccc.oo"},
        {"ooo", true, "ooo"},
        {"oooccc", true, "ooo.cc"},
    };
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    int64_t other = add_citizen(store, "87654321X", "+34600999999");
    (void)add_request_with(store, other, false, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        char left[8] = "";
        int64_t ids[8] = {0};
        struct request out[REQUEST_LIVE_MAX];
        size_t count = 0;
        assert_ok(db_begin(store->db));
        for (size_t k = 0; rows[i].requests[k] != '\0'; k++)
            ids[k] = add_request_with(store, citizen, rows[i].requests[k] == 'c',
                                      rows[i].requests[k] == 'u');
        assert_ok(requests_replace(store, citizen, rows[i].with_contrast, &limits, T0));
        assert_ok(requests_live(store, citizen, &no_limits, T0, out, &count));
        for (size_t k = 0; rows[i].requests[k] != '\0'; k++) {
            left[k] = '.';
            for (size_t n = 0; n < count; n++)
                left[k] = out[n].id == ids[k] ? rows[i].requests[k] : left[k];
        }
        if (strcmp(left, rows[i].left) != 0)
            fail_msg("row %zu: %s left %s", i, rows[i].requests, left);
        db_rollback(store->db);
    }
    size_t count = 0;
    struct request out[REQUEST_LIVE_MAX];
    assert_ok(requests_live(store, other, &no_limits, T0, out, &count));
    assert_int_equal(count, 1);
    assert_ok(requests_replace(store, 0, false, &limits, T0)); /* nobody's */
}

/* The SMS of a replaced request that still waits is withdrawn, and no other. */
static void test_the_message_of_a_replaced_one_is_withdrawn(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct limits limits = {.citizen = {.live = 2}};
    int64_t citizen = add_citizen(store, "12345678Z", PHONE), messages[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        struct outbox_message message = make_message(PHONE, T0);
        message.request_id = add_request_with(store, citizen, false, 0);
        assert_ok(outbox_insert(store, &message, &messages[i]));
    }
    assert_ok(outbox_claim(store, messages[0], "m", T0)); /* on its way: left alone */
    assert_ok(requests_replace(store, citizen, false, &limits, T0 + 1));
    assert_ok(outbox_withdraw_replaced(store, citizen, PHONE, T0 + 1));
    assert_int_equal(ask_int(store, "SELECT sum(state * 10 * id) FROM outbox"),
                     10 * messages[0] + 70 * messages[1]);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM outbox WHERE text IS NULL"), 1);
    assert_ok(outbox_withdraw_replaced(store, 0, "", T0 + 1));
}

static void test_counters_of_a_citizen(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    int64_t other = add_citizen(store, "87654321X", "+34600999999");
    static const int64_t ages[] = {DAY, DAY - 1, 2 * HOUR, HOUR, HOUR - 1, -6 * MINUTE};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; ++i) {
        (void)add_request(store, citizen, T0 - ages[i], T0 + HOUR);
        (void)add_message(store, PHONE, T0 - ages[i]);
    }
    (void)add_request_with(store, citizen, true, 0);
    (void)add_request(store, other, T0 - 5, T0 + HOUR);
    (void)add_message(store, "+34600999999", T0 - 5);
    struct outbox_message notice = make_message(PHONE, T0 - 5);
    int64_t id = 0;
    notice.class = OUTBOX_NOTICE;
    assert_ok(outbox_insert(store, &notice, &id));
    struct outbox_message code = make_message(PHONE, T0 - 5);
    code.class = OUTBOX_VALIDATION; /* of a form, by whoever knows the phone */
    code.request_id = 0;
    assert_ok(outbox_insert(store, &code, &id));
    code.request_id = -1; /* of a secret */
    assert_ok(outbox_insert(store, &code, &id));
    static const struct {
        enum requests_messages which;
        int64_t most;
        bool may_send;
    } phones[] = {
        {REQUESTS_OWN, 6, true},    {REQUESTS_OWN, 5, false},    {REQUESTS_OWN, 0, true},
        {REQUESTS_ALL, 7, true},    {REQUESTS_ALL, 6, false},    {REQUESTS_ALL, 0, true},
        {REQUESTS_SECRET, 2, true}, {REQUESTS_SECRET, 1, false}, {REQUESTS_SECRET, 0, true}};
    for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++) {
        bool may_send = !phones[i].may_send;
        assert_ok(
            requests_check_phone(store, PHONE, phones[i].which, phones[i].most, T0, &may_send));
        assert_int_equal(may_send, phones[i].may_send);
    }

    struct limits_citizen counted = {.registered = true, .locked = true, .failures_in_a_row = 9};
    assert_ok(requests_count_for(store, citizen, PHONE, false, &limits_pin24h, T0, &counted));
    assert_int_equal(counted.requests_hour, 1);
    assert_int_equal(counted.requests_day, 4);
    assert_int_equal(counted.last_request_ms, T0 - HOUR + 1); /* the future is not believed */
    assert_int_equal(counted.phone_sms_day, 5);               /* neither is it by an SMS */
    assert_true(counted.registered); /* what is not ours to count is left alone */
    assert_true(counted.locked);
    assert_int_equal(counted.failures_in_a_row, 9);

    assert_ok(requests_count_for(store, citizen, PHONE, true, &limits_pin24h, T0, &counted));
    assert_int_equal(counted.requests_hour, 1);
    assert_int_equal(counted.requests_day, 1);
    assert_int_equal(counted.last_request_ms, T0);

    struct limits_citizen nobody = {0};
    assert_ok(requests_count_for(store, 0, "", false, &limits_pin24h, T0, &nobody));
    assert_int_equal(nobody.requests_hour + nobody.requests_day + nobody.phone_sms_day, 0);
    assert_int_equal(nobody.last_request_ms, 0);
}

static void test_counting_stops_at_the_limit(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct limits_citizen counted = {0};
    int64_t count = -1, citizen = add_citizen(store, "12345678Z", PHONE);
    assert_ok(db_begin(store->db));
    for (int i = 0; i < 200; ++i) {
        (void)add_request(store, citizen, T0 - 1, T0 + HOUR);
        assert_ok(ip_requests_insert(store, "10.0.0.1", T0 - 1));
    }
    assert_ok(db_commit(store->db));
    assert_ok(requests_count_for(store, citizen, PHONE, false, &limits_pin24h, T0, &counted));
    assert_int_equal(counted.requests_day, limits_pin24h.citizen.sends_day + 1);
    assert_ok(requests_count_ip(store, "10.0.0.1", T0, 30, &count));
    assert_int_equal(count, 30);
    /* no limits: shown, and still bounded */
    assert_ok(requests_count_for(store, citizen, PHONE, false, &no_limits, T0, &counted));
    assert_int_equal(counted.requests_day, 100);
}

static void test_counters_of_an_ip(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *ip;
        int64_t age;
    } events[] = {
        {"10.0.0.1", HOUR}, {"10.0.0.1", HOUR - 1}, {"10.0.0.1", 1}, {"2001:db8::1", 1}, {"", 1},
    };
    static const struct {
        const char *ip;
        int64_t expected;
    } rows[] = {{"10.0.0.1", 2}, {"2001:db8::1", 1}, {"10.0.0.2", 0}, {"", 0}};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; ++i) {
        (void)add_failure(store, 7, 1, events[i].ip, T0 - events[i].age);
        assert_ok(ip_requests_insert(store, events[i].ip, T0 - events[i].age));
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        int64_t failures = -1, requests = -1;
        assert_ok(failures_count_ip(store, rows[i].ip, T0, 20, &failures));
        assert_ok(requests_count_ip(store, rows[i].ip, T0, 20, &requests));
        if (failures != rows[i].expected || requests != rows[i].expected)
            fail_msg("row %zu: %lld, %lld", i, (long long)failures, (long long)requests);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_tags),
        fixture_test(test_what_goes_in_comes_out),
        fixture_test(test_refusals),
        fixture_test(test_the_last_use_outlives_its_request),
        fixture_test(test_the_last_use_of_a_dead_request),
        fixture_test(test_the_last_use_of_an_expired_request),
        fixture_test(test_expiry_is_exact),
        fixture_test(test_a_request_lives_by_its_own_row),
        fixture_test(test_newest_first_and_no_more_than_fit),
        fixture_test(test_live_leaves_out_the_dead),
        fixture_test(test_the_oldest_unused_makes_room),
        fixture_test(test_the_message_of_a_replaced_one_is_withdrawn),
        fixture_test(test_counters_of_a_citizen),
        fixture_test(test_counting_stops_at_the_limit),
        fixture_test(test_counters_of_an_ip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
