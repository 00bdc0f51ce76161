/* SPDX-License-Identifier: EUPL-1.2 */
/* Figures of today, and the facts of the machine. */
#include "tests/unit/test_store_fixture.h"

#include "base/loop.h"
#include "service/boxes.h"
#include "service/service.h"
#include "store/audit.h"
#include "store/copy.h"
#include "store/events.h"

#include <time.h>

#define S INT64_C(1000)
/* 2026-11-24 12:00:00 in Madrid: today began 12 hours before */
#define NOON INT64_C(1795518000000)

struct day_bench {
    struct fixture *files;
    struct loop *loop;
    struct service service;
};

static int set_up(void **state)
{
    struct day_bench *b = calloc(1, sizeof(*b));
    void *fixture = NULL;
    assert_non_null(b);
    assert_int_equal(setenv("TZ", "Europe/Madrid", 1), 0);
    tzset();
    (void)fixture_open(&fixture);
    b->files = fixture;
    b->loop = loop_new();
    loop_drive(b->loop, NOON);
    b->service = (struct service){.loop = b->loop, .store = &b->files->store};
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct day_bench *b = *state;
    void *fixture = b->files;
    loop_free(b->loop);
    (void)fixture_close(&fixture);
    free(b);
    return 0;
}

static void pass_time(struct day_bench *b, int64_t ms)
{
    for (int64_t end_us = loop_now_us(b->loop) + ms * 1000; loop_now_us(b->loop) < end_us;)
        (void)loop_step(b->loop, (uint64_t)(end_us - loop_now_us(b->loop)));
}

static void insert_message(struct day_bench *b, int64_t created_ms, const char *modem, int state,
                           int64_t sent_after_ms, int64_t done_after_ms)
{
    struct outbox_message message = {.created_ms = created_ms,
                                     .not_before_ms = created_ms,
                                     .expires_ms = created_ms + HOUR,
                                     .reference = -1};
    char sql[256];
    int64_t id = 0;
    assert_ok(phone_parse("600123123", 9, &message.phone));
    assert_ok(outbox_insert(&b->files->store, &message, &id));
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE outbox SET state = %d, modem = '%s', sent_ms = %lld, done_ms = %lld"
                   " WHERE id = %lld",
                   state, modem, (long long)(sent_after_ms < 0 ? 0 : created_ms + sent_after_ms),
                   (long long)(done_after_ms < 0 ? 0 : created_ms + done_after_ms), (long long)id);
    assert_ok(db_exec(b->files->store.db, sql));
}

static void test_percentiles(void **state)
{
    (void)state;
    int64_t one[] = {7}, ten[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    assert_int_equal(day_find_spans(NULL, 0).p50_ms, -1);
    assert_int_equal(day_find_spans(one, 1).p50_ms, 7);
    assert_int_equal(day_find_spans(one, 1).p90_ms, 7);
    assert_int_equal(day_find_spans(ten, 10).p50_ms, 5);
    assert_int_equal(day_find_spans(ten, 10).p90_ms, 9);
}

static void test_only_today_counts_and_the_last_delivery_may_be_older(void **state)
{
    struct day_bench *b = *state;
    const struct day_figures *told;
    insert_message(b, NOON - 13 * HOUR, "reserva", OUTBOX_DELIVERED, S, 3 * S); /* yesterday */
    for (int i = 1; i <= 10; i++)
        insert_message(b, NOON - HOUR, "principal", OUTBOX_DELIVERED, i * S, 2 * i * S);
    insert_message(b, NOON - HOUR, "principal", OUTBOX_FAILED, 4 * S, 5 * S);
    insert_message(b, NOON - HOUR, "principal", OUTBOX_UNKNOWN, 4 * S, -1);
    insert_message(b, NOON, "", OUTBOX_QUEUED, -1, -1);
    assert_ok(day_look(&b->service, NOON, &told));
    assert_int_equal(told->since_ms, NOON - 12 * HOUR);
    assert_int_equal(told->delivered, 10);
    assert_int_equal(told->refused, 1);
    assert_int_equal(told->unknown, 1);
    assert_int_equal(told->hand_over.p50_ms, 4 * S);
    assert_int_equal(told->delivery.p50_ms, 10 * S);
    assert_int_equal(told->delivery.p90_ms, 18 * S);
    assert_int_equal(day_last_delivered(&b->service, "reserva"), NOON - 13 * HOUR + 3 * S);
    assert_int_equal(day_last_delivered(&b->service, "principal"), NOON - HOUR + 20 * S);
    assert_int_equal(day_last_delivered(&b->service, "otro"), 0);
}

static void test_figures_are_kept_for_ten_seconds(void **state)
{
    struct day_bench *b = *state;
    const struct day_figures *told;
    assert_ok(day_look(&b->service, NOON, &told));
    assert_int_equal(told->delivered, 0);
    assert_int_equal(told->delivery.p50_ms, -1);
    insert_message(b, NOON - S, "principal", OUTBOX_DELIVERED, 1, 2);
    pass_time(b, 9 * S);
    assert_ok(day_look(&b->service, NOON + 9 * S, &told));
    assert_int_equal(told->delivered, 0);
    pass_time(b, S);
    assert_ok(day_look(&b->service, NOON + 10 * S, &told));
    assert_int_equal(told->delivered, 1);
}

/* Many messages are read in steps, between which the loop goes on: no figure until all are. */
static void test_many_messages_are_read_in_steps(void **state)
{
    struct day_bench *b = *state;
    const struct day_figures *told;
    enum { MANY = 1500 };
    assert_ok(db_begin(b->files->store.db));
    for (int i = 1; i <= MANY; i++)
        insert_message(b, NOON - HOUR, "principal", OUTBOX_DELIVERED, i, 2 * i);
    assert_ok(store_commit(&b->files->store));
    day_start(&b->service);
    assert_ok(day_look(&b->service, NOON, &told));
    assert_null(told);
    int steps = 0;
    while (told == NULL && steps++ < 20) {
        pass_time(b, 5);
        assert_ok(day_look(&b->service, NOON, &told));
    }
    assert_in_range(steps, MANY / 400, 10);
    assert_int_equal(told->delivered, MANY);
    assert_int_equal(told->hand_over.p50_ms, MANY / 2);
    assert_int_equal(told->delivery.p90_ms, 2 * MANY * 9 / 10);
    insert_message(b, NOON - S, "principal", OUTBOX_DELIVERED, 1, 2);
    pass_time(b, 11 * S);
    assert_ok(day_look(&b->service, NOON + 11 * S, &told));
    assert_int_equal(told->delivered, MANY); /* as they were, until the new ones are known */
    pass_time(b, S);
    assert_ok(day_look(&b->service, NOON + 12 * S, &told));
    assert_int_equal(told->delivered, MANY + 1);
    pass_time(b, 75 * S); /* no page was open */
    assert_ok(day_look(&b->service, NOON + 87 * S, &told));
    assert_null(told);
    day_stop(&b->service);
}

static void test_a_new_day_begins_at_midnight_of_the_town(void **state)
{
    struct day_bench *b = *state;
    const struct day_figures *told;
    insert_message(b, NOON + 12 * HOUR - S, "principal", OUTBOX_DELIVERED, 1, 2);
    assert_ok(day_look(&b->service, NOON + 12 * HOUR - 1, &told));
    assert_int_equal(told->delivered, 1);
    pass_time(b, 10 * S);
    assert_ok(day_look(&b->service, NOON + 12 * HOUR, &told));
    assert_int_equal(told->delivered, 0);
}

static void test_the_month_begins_at_midnight_of_its_first_day(void **state)
{
    struct day_bench *b = *state;
    const struct day_figures *told;
    const int64_t month_ms = NOON - (23 * 24 + 12) * HOUR; /* 2026-11-01 00:00 in Madrid */
    const struct event unable = {.kind = EVENT_END,
                                 .topic = "sin_envio",
                                 .since_ms = month_ms - HOUR,
                                 .at_ms = month_ms + HOUR};
    assert_ok(events_insert(&b->files->store, &unable));
    assert_ok(day_look(&b->service, NOON, &told));
    assert_int_equal(told->unable_ms, HOUR);
}

static void test_a_database_that_fails_is_an_error_and_is_asked_again(void **state)
{
    struct day_bench *b = *state;
    const struct day_figures *told;
    assert_ok(db_exec(b->files->store.db, "ALTER TABLE failures RENAME TO elsewhere"));
    assert_int_equal(day_look(&b->service, NOON, &told), CC_ERR_DB);
    assert_ok(db_exec(b->files->store.db, "ALTER TABLE elsewhere RENAME TO failures"));
    assert_ok(day_look(&b->service, NOON, &told));
}

static void test_the_disk_ends(void **state)
{
    (void)state;
    static const struct {
        int64_t total, free;
        int percent;
        bool ends;
    } rows[] = {
        {0, 0, -1, false},
        {INT64_C(32000000000), INT64_C(16000000000), 50, false},
        {INT64_C(32000000000), INT64_C(3200000000), 90, false},
        {INT64_C(32000000000), INT64_C(3100000000), 91, true},
        {INT64_C(1000000000), INT64_C(199000000), 81, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct box_facts facts = {.disk_total = rows[i].total, .disk_free = rows[i].free};
        assert_int_equal(box_used_percent(&facts), rows[i].percent);
        assert_int_equal(box_disk_ends(&facts), rows[i].ends);
    }
}

static void test_a_copy_leaves_its_instant(void **state)
{
    needs_file();
    struct day_bench *b = *state;
    char note[320];
    assert_int_equal(box_look(&b->service)->disk_total, 0); /* it has no path to look at */
    b->service.box_facts.database = b->files->db_path;
    assert_int_equal(box_look(&b->service)->copy_ms, 0);
    assert_true(box_look(&b->service)->disk_total > 0);
    assert_int_equal(box_look(&b->service)->begun_ms, 0); /* nothing was done with it yet */
    copy_note(b->files->db_path);
    assert_int_equal(box_look(&b->service)->copy_ms, 0);
    assert_ok(audit_append(b->service.store,
                           &(struct audit_entry){.event = "e", .actor = "a", .result = "r"}, NOON,
                           NULL));
    assert_ok(audit_append(b->service.store,
                           &(struct audit_entry){.event = "e", .actor = "a", .result = "r"},
                           NOON + S, NULL));
    pass_time(b, 30 * S);
    assert_in_range(box_look(&b->service)->copy_ms, ((int64_t)time(NULL) - 60) * 1000,
                    ((int64_t)time(NULL) + 1) * 1000);
    assert_int_equal(box_look(&b->service)->begun_ms, NOON);
    (void)snprintf(note, sizeof(note), "%s-copia", b->files->db_path);
    assert_int_equal(unlink(note), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_the_disk_ends),
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_only_today_counts_and_the_last_delivery_may_be_older),
        TEST(test_figures_are_kept_for_ten_seconds),
        TEST(test_many_messages_are_read_in_steps),
        TEST(test_a_new_day_begins_at_midnight_of_the_town),
        TEST(test_the_month_begins_at_midnight_of_its_first_day),
        TEST(test_a_database_that_fails_is_an_error_and_is_asked_again),
        TEST(test_a_copy_leaves_its_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
