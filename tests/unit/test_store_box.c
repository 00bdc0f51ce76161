/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Two boxes on one database. The engine is SQLite without the lock that keeps a second daemon out:
 * what the boxes then see of each other is decided by the statements of store/.
 */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/balance.h"
#include "store/check.h"
#include "store/clock.h"
#include "store/db_fault.h"
#include "store/engine.h"
#include "store/inbox.h"
#include "store/recoveries.h"
#include "store/samples.h"
#include "store/sqlite/engine.h"

static enum cc_err lock_nothing(struct db *db, const char *box)
{
    (void)db, (void)box;
    return CC_OK;
}

static const struct engine_sharing sharing = {.can_ask_ahead = false};
static struct store_engine shared_engine; /* set in main(), constant from then on */

struct boxes {
    struct fixture *f;
    struct store alfa, beta;
};

static enum cc_err open_as(const struct fixture *f, const struct store_engine *engine,
                           const char *box, struct store *ret)
{
    const struct store_place place = {.engine = fixture_server() != NULL ? NULL : engine,
                                      .db_path = f->db_path,
                                      .key_path = f->key_path,
                                      .box = box};
    return store_open_place(&place, ret);
}

static int boxes_open(void **state)
{
    struct boxes *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    (void)fixture_empty((void **)&b->f);
    assert_ok(open_as(b->f, &shared_engine, "alfa", &b->alfa));
    assert_ok(open_as(b->f, &shared_engine, "beta", &b->beta));
    db_fail_fast(b->alfa.db);
    db_fail_fast(b->beta.db);
    *state = b;
    return 0;
}

static int boxes_close(void **state)
{
    struct boxes *b = *state;
    void *f = b->f;
    store_close(&b->beta);
    store_close(&b->alfa);
    free(b);
    return fixture_close(&f);
}

#define boxes_test(test) cmocka_unit_test_setup_teardown(test, boxes_open, boxes_close)

static int64_t next_id(struct store *store)
{
    struct outbox_message message = {0};
    enum cc_err err = outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &message);
    return err == CC_OK ? message.id : -(int64_t)err;
}

static enum outbox_state state_of(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "SELECT state FROM outbox WHERE id = $1");
    int64_t state = -1;
    db_bind_int(st, 1, id);
    assert_ok(db_run_int(st, &state));
    return (enum outbox_state)state;
}

static void test_each_sends_its_own(void **state)
{
    struct boxes *b = *state;
    int64_t of_alfa = add_message(&b->alfa, "+34600000001", T0);
    assert_int_equal(next_id(&b->alfa), of_alfa);
    assert_int_equal(next_id(&b->beta), -(int64_t)CC_ERR_NOT_FOUND);
    int64_t of_beta = add_message(&b->beta, "+34600000002", T0 + 5);
    assert_ok(outbox_claim(&b->alfa, of_alfa, "m", T0));
    assert_int_equal(next_id(&b->alfa), -(int64_t)CC_ERR_NOT_FOUND);

    int64_t due = 0, oldest = 0, taken = 0;
    assert_ok(outbox_next_due(&b->beta, &due));
    assert_int_equal(due, T0 + 5);
    assert_ok(outbox_oldest(&b->alfa, &oldest, &due));
    assert_int_equal(oldest, 0);
    assert_int_equal(due, 0);
    assert_ok(outbox_oldest(&b->beta, &oldest, &due));
    assert_int_equal(oldest, T0 + 5);
    assert_int_equal(due, T0 + 5);
    assert_ok(outbox_count_taken(&b->alfa, "m", 0, 9, &taken));
    assert_int_equal(taken, 1);
    assert_ok(outbox_count_taken(&b->beta, "m", 0, 9, &taken));
    assert_int_equal(taken, 0);
    assert_true(of_beta > of_alfa); /* ids come from the engine: no two boxes make the same */
}

static void test_each_recovers_its_own(void **state)
{
    struct boxes *b = *state;
    int64_t of_alfa = add_message(&b->alfa, "+34600000001", T0);
    int64_t of_beta = add_message(&b->beta, "+34600000002", T0);
    int64_t count = 0;
    assert_ok(outbox_claim(&b->alfa, of_alfa, "m", T0));
    assert_ok(outbox_claim(&b->beta, of_beta, "m", T0));
    assert_ok(outbox_recover(&b->alfa, T0 + MINUTE, &count));
    assert_int_equal(count, 1);
    assert_int_equal(state_of(&b->alfa, of_alfa), OUTBOX_UNKNOWN);
    assert_int_equal(state_of(&b->alfa, of_beta), OUTBOX_SENDING);

    struct outbox_message message = {0};
    assert_int_equal(outbox_window_closed(&b->beta, T0 + HOUR / 2, &message), CC_ERR_NOT_FOUND);
    assert_ok(outbox_window_closed(&b->alfa, T0 + HOUR / 2, &message));
    assert_int_equal(message.id, of_alfa);
}

/* Both boxes call their modem `m`, and both have sent to the same number with the same reference.
 */
static void test_a_report_is_for_the_box_that_got_it(void **state)
{
    struct boxes *b = *state;
    struct store *stores[] = {&b->alfa, &b->beta};
    int64_t ids[2];
    for (int i = 0; i < 2; i++) {
        ids[i] = add_message(stores[i], "+34600000001", T0);
        assert_ok(outbox_claim(stores[i], ids[i], "m", T0));
        assert_ok(outbox_sent(stores[i], ids[i], 7, T0));
    }
    const struct outbox_report report = {.modem = "m", .number = "+34600000001", .reference = 7};
    for (int i = 0; i < 2; i++) {
        struct outbox_message message = {0};
        assert_ok(outbox_match_report(stores[i], &report, &message));
        assert_int_equal(message.id, ids[i]);
    }
}

static void test_a_refused_text_is_wiped_by_its_own_box(void **state)
{
    struct boxes *b = *state;
    const struct gsm_cause cause = {GSM_CAUSE_CMS, 500};
    int64_t id = add_message(&b->beta, "+34600000002", T0), kept = 0;
    assert_ok(outbox_claim(&b->beta, id, "m", T0));
    assert_ok(outbox_refused_maybe(&b->beta, id, cause, T0));
    assert_ok(outbox_recover(&b->alfa, T0 + MINUTE, &(int64_t){0}));
    kept = ask_int(&b->beta, "SELECT count(*) FROM outbox WHERE text IS NOT NULL");
    assert_int_equal(kept, 1);
    assert_ok(outbox_recover(&b->beta, T0 + MINUTE, &(int64_t){0}));
    kept = ask_int(&b->beta, "SELECT count(*) FROM outbox WHERE text IS NULL");
    assert_int_equal(kept, 1);
}

static void test_a_wrong_clock_voids_its_own(void **state)
{
    struct boxes *b = *state;
    int64_t of_alfa = add_message(&b->alfa, "+34600000001", T0 + 10 * DAY);
    int64_t of_beta = add_message(&b->beta, "+34600000002", T0 + 10 * DAY);
    assert_ok(clock_void_future(&b->alfa, T0, T0 + 10 * DAY));
    assert_int_equal(state_of(&b->alfa, of_alfa), OUTBOX_EXPIRED);
    assert_int_equal(state_of(&b->alfa, of_beta), OUTBOX_QUEUED);
    assert_ok(box_samples_insert(&b->alfa, 1, T0 + 10 * DAY));
    assert_ok(box_samples_add_delivery(&b->alfa, 1, T0 + 10 * DAY));
    assert_ok(box_samples_insert(&b->beta, 1, T0 + 10 * DAY));
    assert_ok(box_samples_add_delivery(&b->beta, 1, T0 + 10 * DAY));
    assert_ok(clock_forget_future(&b->alfa, T0));
    assert_int_equal(ask_int(&b->alfa, "SELECT count(*) FROM outbox"), 1);
    assert_int_equal(ask_int(&b->alfa, "SELECT count(*) FROM box_samples"), 3);
    assert_int_equal(ask_int(&b->alfa, "SELECT count(*) FROM deliveries"), 3);
}

static bool count_message(const struct inbox_message *message, void *user)
{
    (void)message;
    ++*(int *)user;
    return true;
}

static void test_each_has_its_own_inbox(void **state)
{
    struct boxes *b = *state;
    static const uint8_t pdu[] = {0, 4, 1, 2, 3};
    struct store *stores[] = {&b->alfa, &b->beta};
    for (int i = 0; i < 2; i++) {
        const struct inbox_message message = {.kind = INBOX_BALANCE,
                                              .modem = "m",
                                              .from = "1010",
                                              .text = "saldo bajo",
                                              .parts = 1,
                                              .received_ms = T0};
        bool is_new = false;
        int64_t id = 0, unread = 0, alarm_ms = 0;
        int listed = 0;
        assert_ok(inbox_balance_alarm_since(stores[i], "m", &alarm_ms));
        assert_int_equal(alarm_ms, 0);
        assert_ok(inbox_meet(stores[i], "m", pdu, sizeof(pdu), T0, &is_new));
        assert_true(is_new);
        assert_ok(inbox_meet(stores[i], "m", pdu, sizeof(pdu), T0, &is_new));
        assert_false(is_new);
        assert_ok(inbox_insert(stores[i], &message, &id));
        assert_ok(inbox_list(stores[i], 10, count_message, &listed));
        assert_int_equal(listed, 1);
        assert_ok(inbox_count_unread(stores[i], &unread));
        assert_int_equal(unread, 1);
        assert_int_equal(inbox_mark_read(stores[1 - i], id, T0), CC_ERR_NOT_FOUND);
        assert_ok(inbox_mark_read(stores[1 - i], 0, T0));
        assert_ok(inbox_mark_balance_read(stores[1 - i], "m", T0));
        assert_ok(inbox_count_unread(stores[i], &unread));
        assert_int_equal(unread, 1);
    }
}

static void test_parts_of_two_boxes_make_no_message(void **state)
{
    struct boxes *b = *state;
    static char storage[INBOX_TEXT_SIZE];
    struct buf text;
    struct inbox_message message = {0};
    struct gsm_deliver deliver = {.data_len = 1, .data = {'a'}};
    deliver.concat = (struct gsm_concat){.present = true, .reference = 3, .total = 2, .index = 1};
    (void)snprintf(deliver.from.text, sizeof(deliver.from.text), "+34600000009");
    buf_init(&text, storage, sizeof(storage));
    assert_int_equal(inbox_add_part(&b->alfa, "m", &deliver, T0, &text, &message),
                     CC_ERR_NOT_FOUND);
    deliver.concat.index = 2;
    assert_int_equal(inbox_add_part(&b->beta, "m", &deliver, T0, &text, &message),
                     CC_ERR_NOT_FOUND);
    assert_int_equal(ask_int(&b->alfa, "SELECT count(*) FROM inbox_groups"), 2);
    assert_ok(inbox_take_unfinished(&b->beta, T0 + 1, &text, &message));
    assert_int_equal(inbox_take_unfinished(&b->beta, T0 + 1, &text, &message), CC_ERR_NOT_FOUND);
}

static bool count_sample(const struct samples_row *row, void *user)
{
    *(int64_t *)user += row->sent;
    return true;
}

static bool sum_queued(const struct box_samples_row *row, void *user)
{
    *(int64_t *)user += row->queued * 100 + row->delivered;
    return true;
}

static bool count_recovery(const struct recovery *row, void *user)
{
    (void)row;
    ++*(int *)user;
    return true;
}

static void test_each_watches_its_own_modems(void **state)
{
    struct boxes *b = *state;
    struct store *stores[] = {&b->alfa, &b->beta};
    for (int i = 0; i < 2; i++) {
        const struct samples_point point = {.modem = "m", .sent = i + 1};
        struct balance balance = {0};
        int64_t sent = 0, span_ms = 0;
        int recoveries = 0;
        assert_ok(samples_insert(stores[i], &point, T0));
        assert_ok(samples_list(stores[i], "m", T0 - MINUTE, T0, count_sample, &sent, &span_ms));
        assert_int_equal(sent, i + 1);
        int64_t seen = 0;
        assert_ok(box_samples_add_delivery(stores[i], 4000, T0));
        assert_ok(box_samples_insert(stores[i], i + 1, T0));
        span_ms = 0;
        assert_ok(box_samples_list(stores[i], T0 - MINUTE, T0, sum_queued, &seen, &span_ms));
        assert_int_equal(seen, (i + 1) * 100 + 1);
        assert_ok(recoveries_begin(stores[i], "m", "at", "mute", T0));
        assert_ok(recoveries_list(stores[i], "m", 0, 9, count_recovery, &recoveries));
        assert_int_equal(recoveries, 1);
        assert_ok(balance_get(stores[i], "m", &balance));
        assert_int_equal(balance.asked_ms, 0);
        assert_ok(balance_asked(stores[i], "m", T0 + i));
        assert_ok(balance_told(stores[i], "m", i == 0 ? "1 EUR" : "2 EUR", T0 + i));
    }
    struct balance balance = {0};
    assert_ok(balance_get(&b->alfa, "m", &balance));
    assert_string_equal(balance.text, "1 EUR");
    assert_int_equal(balance.asked_ms, T0);
    /* the town's volume of messages is that of all boxes */
    assert_int_equal(ask_int(&b->alfa, "SELECT sum(sent) FROM samples WHERE grade = 0"), 3);
}

/* ---- what the boxes share -------------------------------------------------------------------- */

static int64_t enrol(struct store *store)
{
    assert_ok(db_begin(store->db));
    int64_t id = add_citizen(store, "12345678Z", "+34600000001");
    assert_ok(store_commit(store));
    return id;
}

/* Two boxes take turns, as the engine's lock lets them: each goes on from the other's rows. */
static void test_one_audit_trail_and_one_head(void **state)
{
    struct boxes *b = *state;
    struct store *stores[] = {&b->alfa, &b->beta};
    int64_t citizen = enrol(&b->alfa);
    int64_t id = 0, bad = 0;
    bool more = true;
    for (int64_t i = 0; i < 6; i++) {
        struct store *store = stores[i % 2];
        const struct audit_entry entry = {.event = "e", .actor = "a", .result = "r"};
        assert_ok(db_begin(store->db));
        (void)add_failure(store, citizen, 1, "", T0 + i);
        assert_ok(audit_append(store, &entry, T0, &id));
        assert_int_equal(id, i + 1);
        assert_ok(store_commit(store));
    }
    for (int i = 0; i < 2; i++) {
        struct check check;
        assert_ok(audit_verify(stores[i], &bad));
        assert_int_equal(bad, 0);
        check_begin(&check, stores[i], NULL, NULL);
        for (more = true; more;)
            assert_ok(check_step(&check, 100, &more));
        assert_true(check_is_good(&check));
        assert_int_equal(stores[i]->integrity.facts, 0);
    }
}

/* The second box counts in its own transaction, which begins when the first has ended. */
static void test_two_boxes_do_not_both_pass_a_limit(void **state)
{
    struct boxes *b = *state;
    struct store *stores[] = {&b->alfa, &b->beta};
    const struct limits limits = {.citizen = {.lock_after = 3}};
    int64_t citizen = enrol(&b->alfa);
    int passed = 0;
    for (int i = 0; i < 8; i++) {
        struct store *store = stores[i % 2];
        struct limits_citizen counted = {0};
        assert_ok(db_begin(store->db));
        if (i == 7) /* for the last time: the other engine then waits before it asks again */
            assert_int_equal(db_begin(stores[0]->db), CC_ERR_DB_BUSY);
        assert_ok(failures_count_for(store, citizen, &limits, T0, &counted));
        if (counted.failures_in_a_row < limits.citizen.lock_after) {
            (void)add_failure(store, citizen, 1, "", T0);
            passed++;
        }
        assert_ok(store_commit(store));
    }
    assert_int_equal(passed, 3);
}

/* The head in the database covers the trail up to the last commit, not what this one has added. */
static void test_a_request_undone_in_the_middle_of_a_turn(void **state)
{
    struct store *store = &((struct boxes *)*state)->alfa;
    const struct audit_entry entry = {.event = "prueba", .actor = "a", .result = "correcto"};
    struct check check;
    int64_t citizen = enrol(store);
    assert_ok(db_begin(store->db));
    for (int i = 0; i < 3; i++) {
        assert_ok(head_savepoint(store));
        assert_ok(audit_append(store, &entry, T0, NULL));
        (void)add_failure(store, citizen, 1, "", T0);
        if (i == 1)
            head_rollback_to_savepoint(store);
        else
            assert_ok(db_release(store->db));
    }
    assert_ok(store_commit(store));
    assert_int_equal(store->integrity.facts, 0);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM failures"), 2);
    bool more = true;
    for (check_begin(&check, store, NULL, NULL); more;)
        assert_ok(check_step(&check, 100, &more));
    assert_true(check_is_good(&check));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        boxes_test(test_each_sends_its_own),
        boxes_test(test_each_recovers_its_own),
        boxes_test(test_a_report_is_for_the_box_that_got_it),
        boxes_test(test_a_refused_text_is_wiped_by_its_own_box),
        boxes_test(test_a_wrong_clock_voids_its_own),
        boxes_test(test_each_has_its_own_inbox),
        boxes_test(test_parts_of_two_boxes_make_no_message),
        boxes_test(test_each_watches_its_own_modems),
        boxes_test(test_one_audit_trail_and_one_head),
        boxes_test(test_a_request_undone_in_the_middle_of_a_turn),
        boxes_test(test_two_boxes_do_not_both_pass_a_limit),
    };
    shared_engine = sqlite_engine;
    shared_engine.sharing = &sharing;
    shared_engine.lock = lock_nothing;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
