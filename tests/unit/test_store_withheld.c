/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows of withheld requests: nobody's for their time, then gone, and never in anybody's way. */
#include "tests/unit/test_store_fixture.h"

#include "store/requests_id.h"
#include "store/withheld.h"

#define PHONE "+34600123123"

/* A withheld request with its message, as service/request.c writes them. Returns the message. */
static int64_t add_withheld(struct store *store, int64_t at_ms)
{
    struct outbox_message message = {.class = OUTBOX_CONTRACLAVE,
                                     .phone = withheld_phone,
                                     .text = "0481",
                                     .created_ms = at_ms,
                                     .not_before_ms = at_ms,
                                     .expires_ms = at_ms + HOUR,
                                     .reference = -1};
    message.request_id = add_request(store, WITHHELD_CITIZEN, at_ms, at_ms + HOUR);
    assert_ok(outbox_insert(store, &message, &message.id));
    assert_ok(withheld_mark(store, message.id, at_ms));
    return message.id;
}

static bool count_message(const struct outbox_message *message, void *user)
{
    (void)message;
    ++*(int *)user;
    return true;
}

static void expect_rows(struct store *store, int64_t requests, int64_t messages)
{
    assert_int_equal(ask_int(store, "SELECT count(*) FROM requests"), requests);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM outbox"), messages);
}

static void expect_no_trace(struct store *store)
{
    struct outbox_message next;
    int64_t due_ms = 0, count = 0, expired = 0;
    int listed = 0;
    assert_int_equal(outbox_next(store, T0 + 1, "modem", OUTBOX_CONTRACLAVE, &next),
                     CC_ERR_NOT_FOUND);
    assert_ok(outbox_next_due(store, &due_ms));
    assert_int_equal(due_ms, INT64_MAX);
    assert_ok(outbox_list(store, 100, count_message, &listed));
    assert_int_equal(listed, 0);
    for (int state = OUTBOX_QUEUED; state < OUTBOX_WITHHELD; state++) {
        assert_ok(outbox_count(store, (enum outbox_state)state, &count));
        assert_int_equal(count, 0);
    }
    assert_ok(outbox_expire(store, T0 + 2 * HOUR, &expired));
    assert_int_equal(expired, 0);
    assert_ok(outbox_recover(store, T0 + HOUR, &expired));
    assert_int_equal(expired, 0);
}

static void test_nobody_counts_or_sends_it(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static struct request live[REQUEST_LIVE_MAX];
    const struct limits *limits = limits_profile("pin24h");
    struct limits_citizen counted = {0};
    size_t count = 0;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    (void)add_withheld(store, T0);
    expect_no_trace(store);
    const int64_t owners[] = {citizen, 0, -1};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(requests_live(store, owners[i], limits, T0 + 1, live, &count));
        assert_int_equal(count, 0);
        assert_ok(requests_count_for(store, owners[i], PHONE, false, limits, T0 + 1, &counted));
        assert_int_equal(counted.requests_day + counted.phone_sms_day, 0);
    }
    assert_ok(requests_replace(store, citizen, false, limits, T0 + 1));
    assert_int_equal(
        ask_int(store,
                "SELECT count(*) FROM requests WHERE replaced_ms = 0 AND citizen_id IS NULL"),
        1);
}

/* A sent request marks none, and none is marked twice. */
static void test_mark_takes_only_what_waits(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    int64_t request = add_request(store, citizen, T0, T0 + HOUR);
    struct outbox_message message = {
        .request_id = request, .phone = {PHONE}, .text = "1", .expires_ms = T0 + HOUR};
    assert_ok(outbox_insert(store, &message, &message.id));
    assert_ok(withheld_mark(store, 0, T0));
    assert_ok(outbox_claim(store, message.id, "modem", T0));
    assert_ok(withheld_mark(store, message.id, T0));
    assert_int_equal(ask_int(store, "SELECT state FROM outbox"), OUTBOX_SENDING);
}

/* The message is gone after a minute; the request when the id of a sent one is forgotten too: an
 * hour after its end, which is an hour after it was made. */
static void test_gone_in_their_time_the_oldest_first(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    for (int i = 0; i < 5; i++)
        (void)add_withheld(store, T0 + i);
    static const struct {
        int64_t at_ms;
        int requests, messages;
    } rows[] = {
        {T0 + MINUTE - 1, 5, 5}, {T0 + MINUTE, 5, 4}, /* one is old enough */
        {T0 + HOUR, 5, 2},       {T0 + 2 * HOUR - 1, 5, 0},
        {T0 + 2 * HOUR, 4, 0},   {T0 + 2 * HOUR + 4, 2, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(withheld_forget(store, rows[i].at_ms, WITHHELD_PER_REQUEST));
        expect_rows(store, rows[i].requests, rows[i].messages);
    }
    (void)add_request(store, citizen, T0, T0 + HOUR);
    assert_ok(store_sweep(store, T0 + 2 * HOUR + MINUTE));
    expect_rows(store, 1, 0);
}

/* A row from a clock that was ahead waits for its time, and holds nothing up. */
static void test_a_row_of_the_future_holds_nothing_up(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    (void)add_withheld(store, T0 + 400 * DAY);
    for (int i = 0; i < 3; i++)
        (void)add_withheld(store, T0);
    assert_ok(withheld_forget(store, T0 + 3 * HOUR, WITHHELD_PER_REQUEST));
    assert_ok(withheld_forget(store, T0 + 3 * HOUR, WITHHELD_PER_REQUEST));
    expect_rows(store, 1, 1);
    assert_ok(withheld_forget(store, T0 + 401 * DAY, WITHHELD_PER_REQUEST));
    expect_rows(store, 0, 0);
}

/* Strangers cannot fill the disk: of so many newer ones the old are forgotten before their end, and
 * the id of one that was sent is no longer known either. */
static void test_no_more_than_a_number(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t citizen = add_citizen(store, "12345678Z", PHONE);
    struct request sent = make_request(store, citizen, T0, T0 + DAY), found;
    assert_ok(requests_insert(store, &sent, 1, "", &sent.id));
    (void)add_withheld(store, T0);
    assert_ok(requests_find(store, sent.public_id, 1, T0 + 1, &found));
    struct db_stmt *st =
        db_query(store->db, fixture_server() == NULL
                                ? "UPDATE sqlite_sequence SET seq = $1 WHERE name = 'requests'"
                                : "SELECT setval(pg_get_serial_sequence('requests', 'id'), $1)");
    db_bind_int(st, 1, sent.id + REQUESTS_KNOWN);
    assert_ok(db_run(st));
    (void)add_withheld(store, T0);
    assert_ok(withheld_forget(store, T0, WITHHELD_PER_REQUEST));
    expect_rows(store, 2, 2);
    assert_int_equal(requests_find(store, sent.public_id, 1, T0 + 1, &found), CC_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_nobody_counts_or_sends_it),
        fixture_test(test_mark_takes_only_what_waits),
        fixture_test(test_gone_in_their_time_the_oldest_first),
        fixture_test(test_a_row_of_the_future_holds_nothing_up),
        fixture_test(test_no_more_than_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
