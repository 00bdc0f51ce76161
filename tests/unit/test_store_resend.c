/* SPDX-License-Identifier: EUPL-1.2 */
/* A request by its id: whose it is, its sealed contraclave and when that is erased, its messages.
 */
#include "tests/unit/test_store_fixture.h"

#include "store/clock.h"
#include "store/requests_id.h"

#define PHONE "+34600123123"

enum { CLIENT = 1, OTHER_CLIENT };

static const struct request_secret secret = {
    .nif = {.text = "12345678Z"}, .lang = TEXT_LANG_EU, .contraclave = "0481"};

static struct request insert(struct store *store, int64_t citizen, int64_t expires_ms)
{
    struct request request = make_request(store, citizen, T0, expires_ms);
    request.secret = &secret;
    assert_ok(requests_insert(store, &request, CLIENT, "", &request.id));
    return request;
}

static bool is_open(struct store *store, const struct request *request)
{
    struct request_secret read;
    enum cc_err err = requests_open(store, request, &read);
    if (err == CC_ERR_NOT_FOUND)
        return false;
    assert_ok(err);
    assert_string_equal(read.nif.text, secret.nif.text);
    assert_int_equal(read.lang, secret.lang);
    assert_string_equal(read.contraclave, secret.contraclave);
    return true;
}

static void test_an_id_is_its_clients_and_for_a_time(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct request made = insert(store, add_citizen(store, "12345678Z", PHONE), T0 + HOUR), found;
    static const uint8_t invented[REQUEST_ID_BYTES] = {1};
    assert_ok(requests_find(store, made.public_id, CLIENT, T0 + 2 * HOUR - 1, &found));
    assert_int_equal(found.id, made.id);
    assert_int_equal(found.resent_ms + found.cancelled_ms + found.replaced_ms, 0);
    assert_int_equal(requests_find(store, made.public_id, CLIENT, T0 + 2 * HOUR, &found),
                     CC_ERR_NOT_FOUND);
    assert_int_equal(requests_find(store, made.public_id, OTHER_CLIENT, T0, &found),
                     CC_ERR_NOT_FOUND);
    assert_int_equal(requests_find(store, invented, CLIENT, T0, &found), CC_ERR_NOT_FOUND);
    assert_ok(requests_set_resent(store, made.id, T0 + 7));
    assert_ok(requests_find(store, made.public_id, CLIENT, T0 + 8, &found));
    assert_int_equal(found.resent_ms, T0 + 7);
    assert_ok(db_exec(store->db, "UPDATE requests SET resent_ms = 0"));
    assert_int_equal(requests_find(store, made.public_id, CLIENT, T0 + 8, &found),
                     CC_ERR_NOT_FOUND); /* altered */
}

static void test_sealed_for_its_row(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    struct request one = insert(store, citizen, T0 + HOUR),
                   other = insert(store, citizen, T0 + HOUR);
    assert_true(is_open(store, &one));
    struct db_stmt *st = db_query(store->db, "UPDATE requests SET sealed = (SELECT sealed FROM"
                                             " requests WHERE id = $1) WHERE id = $2");
    db_bind_int(st, 1, one.id);
    db_bind_int(st, 2, other.id);
    assert_ok(db_run(st));
    assert_true(is_open(store, &one));
    assert_false(is_open(store, &other));
}

/* A sweep that is rolled back, whole or to its savepoint, has erased nothing: the next one does. */
static void test_a_sweep_that_is_undone_is_done_again(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    struct request request = insert(store, citizen, T0 + HOUR);
    assert_ok(db_begin(store->db));
    assert_ok(requests_erase_expired(store, T0 + 2 * HOUR));
    db_rollback(store->db);
    assert_true(is_open(store, &request));
    assert_ok(db_begin(store->db));
    assert_ok(head_savepoint(store));
    assert_ok(requests_erase_expired(store, T0 + 2 * HOUR));
    head_rollback_to_savepoint(store);
    assert_ok(store_commit(store));
    assert_true(is_open(store, &request));
    assert_ok(db_begin(store->db));
    assert_ok(requests_erase_expired(store, T0 + 2 * HOUR));
    assert_ok(store_commit(store));
    assert_false(is_open(store, &request));
    assert_int_equal(store->erased.id, request.id); /* and is not looked at again */
}

static enum cc_err cancel(struct store *store, const struct request *request)
{
    return requests_cancel(store, request->id, T0);
}

static enum cc_err end_all(struct store *store, const struct request *request)
{
    return requests_end(store, request->citizen_id, T0);
}

static enum cc_err replace(struct store *store, const struct request *request)
{
    const struct limits limits = {.citizen = {.live = 1}};
    (void)add_request(store, request->citizen_id, T0, T0 + HOUR);
    return requests_replace(store, request->citizen_id, false, &limits, T0 + 1);
}

static enum cc_err last_try(struct store *store, const struct request *request)
{
    return requests_set_tries(store, request->id, 3, 3);
}

static enum cc_err some_try(struct store *store, const struct request *request)
{
    return requests_set_tries(store, request->id, 2, 3);
}

static enum cc_err try_without_limit(struct store *store, const struct request *request)
{
    return requests_set_tries(store, request->id, 9, 0);
}

static enum cc_err use(struct store *store, const struct request *request, int64_t limit)
{
    struct request found;
    assert_ok(requests_find(store, request->public_id, CLIENT, T0, &found));
    return requests_add_use(store, &found, T0, limit);
}

static enum cc_err last_use(struct store *store, const struct request *request)
{
    return use(store, request, 1);
}

static enum cc_err some_use(struct store *store, const struct request *request)
{
    return use(store, request, 2);
}

static enum cc_err resend(struct store *store, const struct request *request)
{
    return requests_set_resent(store, request->id, T0);
}

static enum cc_err expire(struct store *store, const struct request *request)
{
    (void)request;
    return store_sweep(store, T0 + HOUR);
}

static enum cc_err expire_almost(struct store *store, const struct request *request)
{
    (void)request;
    return store_sweep(store, T0 + HOUR - 1);
}

static enum cc_err sweep_twice(struct store *store, const struct request *request)
{
    enum cc_err err = expire_almost(store, request);
    return err == CC_OK ? expire(store, request) : err;
}

static enum cc_err take_for_future(struct store *store, const struct request *request)
{
    (void)request;
    enum cc_err err = clock_void_future(store, T0 - DAY, T0);
    return err == CC_OK ? store_sweep(store, T0 - DAY) : err;
}

/* The sweep of when its date has come, which it outlives otherwise. */
static enum cc_err take_for_future_then(struct store *store, const struct request *request)
{
    (void)request;
    enum cc_err err = clock_void_future(store, T0 - DAY, T0);
    return err == CC_OK ? store_sweep(store, T0) : err;
}

static void test_erased_with_its_end(void **state)
{
    static const struct {
        const char *what;
        enum cc_err (*act)(struct store *store, const struct request *request);
        bool stays;
    } rows[] = {
        {"cancelled", cancel, false},
        {"suspended, renounced", end_all, false},
        {"replaced", replace, false},
        {"the last try", last_try, false},
        {"a try before it", some_try, true},
        {"a try without a limit", try_without_limit, true},
        {"the last use", last_use, false},
        {"a use before it", some_use, true},
        {"sent again", resend, true},
        {"expired", expire, false},
        {"nearly expired", expire_almost, true},
        {"expired after a sweep that found it alive", sweep_twice, false},
        {"of a clock that was ahead", take_for_future, false},
        {"of a clock that was ahead, in its time", take_for_future_then, false},
    };
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(db_begin(store->db));
        struct request request = insert(store, citizen, T0 + HOUR);
        assert_true(is_open(store, &request));
        assert_ok(rows[i].act(store, &request));
        if (is_open(store, &request) != rows[i].stays)
            fail_msg("%s", rows[i].what);
        db_rollback(store->db);
        store->erased.id = 0;
        store->void_requests = (struct void_requests){0};
    }
}

/* Nothing of a dead request is sent again; what has gone, or belongs to another, stays. */
static void test_withdrawn_from_each_state(void **state)
{
    static const struct {
        int64_t state, after;
        bool has_text, is_done;
    } rows[] = {
        {OUTBOX_QUEUED, OUTBOX_EXPIRED, false, true},
        {OUTBOX_SENDING, OUTBOX_SENDING, true, false},
        {OUTBOX_UNKNOWN, OUTBOX_UNKNOWN, false, true},
        {OUTBOX_FAILED, OUTBOX_FAILED, false, false},
    };
    struct store *store = &((struct fixture *)*state)->store;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct outbox_message message = make_message(PHONE, T0);
        message.request_id = 7;
        message.state = (enum outbox_state)rows[i].state;
        assert_ok(db_begin(store->db));
        assert_ok(outbox_insert(store, &message, &message.id));
        assert_ok(outbox_withdraw(store, 8, PHONE, T0 + 1));
        assert_ok(outbox_withdraw(store, 7, "", T0 + 1));
        assert_int_equal(ask_int(store, "SELECT expires_ms FROM outbox"), T0 + HOUR);
        assert_ok(outbox_withdraw(store, 7, PHONE, T0 + 1));
        assert_int_equal(ask_int(store, "SELECT state FROM outbox"), rows[i].after);
        assert_int_equal(ask_int(store, "SELECT text IS NOT NULL FROM outbox"), rows[i].has_text);
        assert_int_equal(ask_int(store, "SELECT done_ms > 0 FROM outbox"), rows[i].is_done);
        assert_int_equal(ask_int(store, "SELECT expires_ms FROM outbox"), T0 + 1);
        assert_int_equal(outbox_check_claim(store, message.id, T0 + 1), CC_ERR_NOT_FOUND);
        db_rollback(store->db);
    }
}

/* The clock was ahead a second time: what was asked between the two is good, once no request of the
 * first can have a life. */
static void test_a_second_false_period_spares_what_was_asked_between(void **state)
{
    const int64_t then = T0 + 40 * DAY;
    static const struct {
        const char *what;
        int64_t latest_ms; /* of the first period */
        bool is_looked_at, is_good;
    } rows[] = {
        {"a minute ahead", T0 + HOUR, false, true},
        {"a life before", then - 28 * HOUR, false, true},
        {"less than a life before", then - 26 * HOUR, false, false},
        {"a year ahead", T0 + 365 * DAY, false, false},
        {"a year ahead, and a person has looked", T0 + 365 * DAY, true, true},
    };
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct request first = make_request(store, citizen, rows[i].latest_ms, INT64_MAX),
                       good = make_request(store, citizen, then, INT64_MAX),
                       second = make_request(store, citizen, then + 10 * DAY, INT64_MAX);
        assert_ok(db_begin(store->db));
        assert_ok(requests_insert(store, &first, CLIENT, "", &first.id));
        assert_ok(clock_void_future(store, T0, rows[i].latest_ms));
        if (rows[i].is_looked_at)
            assert_ok(clock_forget_future(store, T0));
        assert_ok(clock_load_void(store));
        assert_ok(requests_insert(store, &good, CLIENT, "", &good.id));
        assert_ok(requests_insert(store, &second, CLIENT, "", &second.id));
        assert_ok(clock_void_future(store, then, second.created_ms));
        assert_ok(clock_load_void(store));
        if (requests_is_dated_well(store, &good, then) != rows[i].is_good)
            fail_msg("%s: the good one", rows[i].what);
        if (requests_is_dated_well(store, &second, second.created_ms))
            fail_msg("%s: the second", rows[i].what);
        if (requests_is_dated_well(store, &first, first.created_ms) && first.created_ms > then)
            fail_msg("%s: the first", rows[i].what);
        db_rollback(store->db);
        store->void_requests = (struct void_requests){.id = 0};
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_an_id_is_its_clients_and_for_a_time),
        fixture_test(test_a_sweep_that_is_undone_is_done_again),
        fixture_test(test_sealed_for_its_row),
        fixture_test(test_erased_with_its_end),
        fixture_test(test_withdrawn_from_each_state),
        fixture_test(test_a_second_false_period_spares_what_was_asked_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
