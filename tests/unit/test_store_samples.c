/* SPDX-License-Identifier: EUPL-1.2 */
/* The series that thins with age, over two years and more; and the history of recoveries. */
#include "tests/unit/test_store_fixture.h"

#include "store/recoveries.h"
#include "store/samples.h"

#define QUARTER (15 * MINUTE)
#define MONDAY (T0 - T0 % DAY) /* the beginning of a day */
#define UNKNOWN SAMPLES_UNKNOWN

static struct samples_point make_point(const char *modem)
{
    return (struct samples_point){.modem = modem,
                                  .is_registered = true,
                                  .rat = 7,
                                  .signal_dbm = -70,
                                  .rsrp_dbm = -98,
                                  .rsrq_cb = -105,
                                  .temperature_c = 38,
                                  .supply_mv = 3790,
                                  .storage_used = 3,
                                  .storage_total = 20,
                                  .sent = 1};
}

static struct samples_point silent_point(const char *modem)
{
    return (struct samples_point){.modem = modem,
                                  .rat = UNKNOWN,
                                  .signal_dbm = UNKNOWN,
                                  .rsrp_dbm = UNKNOWN,
                                  .rsrq_cb = UNKNOWN,
                                  .temperature_c = UNKNOWN,
                                  .supply_mv = UNKNOWN,
                                  .storage_used = UNKNOWN,
                                  .storage_total = UNKNOWN};
}

struct list {
    struct samples_row rows[3001];
    size_t count, max;
};

static bool keep(const struct samples_row *row, void *user)
{
    struct list *list = user;
    list->rows[list->count++] = *row;
    return list->max == 0 || list->count < list->max;
}

static struct list *list_since(struct store *store, const char *modem, int64_t since_ms,
                               int64_t now_ms, int64_t *ret_span_ms)
{
    static struct list list;
    list.count = 0;
    list.max = 0;
    *ret_span_ms = 0;
    assert_ok(samples_list(store, modem, since_ms, now_ms, keep, &list, ret_span_ms));
    return &list;
}

static void test_one_point_in_three_grades(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct samples_point point = make_point("principal");
    static const struct {
        int64_t since_ago, span;
    } rows[] = {{HOUR, MINUTE},      {DAY, MINUTE},   {DAY + 1, QUARTER},
                {31 * DAY, QUARTER}, {32 * DAY, DAY}, {2000 * DAY, DAY}};
    assert_ok(samples_insert(store, &point, T0));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t span = 0;
        struct list *list = list_since(store, "principal", T0 - rows[i].since_ago, T0, &span);
        assert_int_equal(span, rows[i].span);
        assert_int_equal(list->count, 1);
        const struct samples_row *row = &list->rows[0];
        assert_int_equal(row->start_ms, T0 - T0 % span);
        assert_int_equal(row->count, 1);
        assert_int_equal(row->registered, 1);
        assert_int_equal(row->rat, 7);
        assert_int_equal(row->signal_dbm, -70);
        assert_int_equal(row->signal_min_dbm, -70);
        assert_int_equal(row->rsrp_dbm, -98);
        assert_int_equal(row->rsrq_cb, -105);
        assert_int_equal(row->temperature_c, 38);
        assert_int_equal(row->supply_mv, 3790);
        assert_int_equal(row->storage_used, 3);
        assert_int_equal(row->storage_total, 20);
        assert_int_equal(row->sent, 1);
    }
    int64_t span = 0;
    assert_int_equal(list_since(store, "otro", T0 - HOUR, T0, &span)->count, 0);
    assert_int_equal(list_since(store, "principal", T0 - HOUR, T0 - HOUR / 2, &span)->count, 0);
}

/* The worst of each, means by their points, sums; and points that tell nothing. */
static void test_a_quarter_of_an_hour(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const int signal[] = {-70, -71, -90, -72}, temperature[] = {38, 55, 40, 39},
                     supply[] = {3790, 3400, 3800, 3790}, used[] = {3, 19, 0, 1};
    int64_t span = 0;
    for (int i = 0; i < 4; i++) {
        struct samples_point point = make_point("principal");
        point.signal_dbm = signal[i];
        point.temperature_c = temperature[i];
        point.supply_mv = supply[i];
        point.storage_used = used[i];
        point.rat = i < 3 ? 7 : 0;
        point.refused = i;
        point.unknown = i == 2;
        assert_ok(samples_insert(store, &point, MONDAY + i * MINUTE));
    }
    struct samples_point silent = silent_point("principal");
    assert_ok(samples_insert(store, &silent, MONDAY + 5 * MINUTE));
    struct list *list = list_since(store, "principal", MONDAY - 2 * DAY, MONDAY + HOUR, &span);
    assert_int_equal(list->count, 1);
    const struct samples_row *row = &list->rows[0];
    assert_int_equal(row->count, 5);
    assert_int_equal(row->registered, 4);
    assert_int_equal(row->signal_dbm, -76); /* -75.75 */
    assert_int_equal(row->signal_min_dbm, -90);
    assert_int_equal(row->temperature_c, 55);
    assert_int_equal(row->supply_mv, 3400);
    assert_int_equal(row->storage_used, 19);
    assert_int_equal(row->storage_total, 20);
    assert_int_equal(row->rat, 0);
    assert_int_equal(row->sent, 4);
    assert_int_equal(row->refused, 6);
    assert_int_equal(row->unknown, 1);

    list = list_since(store, "principal", MONDAY, MONDAY + HOUR, &span);
    assert_int_equal(list->count, 5);
    row = &list->rows[4];
    assert_int_equal(row->count, 1);
    assert_int_equal(row->registered, 0);
    assert_int_equal(row->signal_dbm, UNKNOWN);
    assert_int_equal(row->signal_min_dbm, UNKNOWN);
    assert_int_equal(row->temperature_c, UNKNOWN);
    assert_int_equal(row->rat, UNKNOWN);
}

static void test_two_points_in_a_minute(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct samples_point point = silent_point("principal");
    int64_t span = 0;
    assert_ok(samples_insert(store, &point, MONDAY));
    point = make_point("principal");
    assert_ok(samples_insert(store, &point, MONDAY + MINUTE - 1));
    struct list *list = list_since(store, "principal", MONDAY, MONDAY + MINUTE, &span);
    assert_int_equal(list->count, 1);
    assert_int_equal(list->rows[0].count, 2);
    assert_int_equal(list->rows[0].registered, 1);
    assert_int_equal(list->rows[0].signal_min_dbm, -70);
}

static void test_a_reader_may_stop(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct samples_point point = make_point("principal");
    static struct list list;
    int64_t span = 0;
    for (int i = 0; i < 5; i++)
        assert_ok(samples_insert(store, &point, MONDAY + i * MINUTE));
    list = (struct list){.max = 2};
    assert_ok(samples_list(store, "principal", MONDAY, MONDAY + HOUR, keep, &list, &span));
    assert_int_equal(list.count, 2);
    assert_int_equal(list_since(store, "principal", MONDAY, MONDAY + HOUR, &span)->count, 5);
    span = 2 * MINUTE;
    list = (struct list){0};
    assert_ok(samples_list(store, "principal", MONDAY, MONDAY + HOUR, keep, &list, &span));
    assert_int_equal(span, 15 * MINUTE);
    assert_int_equal(list.count, 1);
}

/* Two years and a half of two modems; one of them leaves after a year. A point a quarter of an hour
 * is enough to see what stays. */
static void test_years(void **state)
{
    needs_file(); /* more statements than there is time to wait for a server after each */
    struct store *store = &((struct fixture *)*state)->store;
    const int64_t step = QUARTER, end = MONDAY + 2 * 366 * DAY + 100 * DAY;
    int64_t span = 0, at = MONDAY, most = 0;
    assert_ok(db_begin(store->db));
    for (; at < end; at += step) {
        struct samples_point point = make_point("principal");
        assert_ok(samples_insert(store, &point, at));
        if (at >= MONDAY + 366 * DAY || at % HOUR != 0)
            continue;
        point = make_point("prestado");
        assert_ok(samples_insert(store, &point, at));
    }
    at -= step;
    assert_ok(store_commit(store));
    most = ask_int(store, "SELECT count(*) FROM samples WHERE grade = 0");
    assert_in_range(most, DAY / step, DAY / step + 2);
    most = ask_int(store, "SELECT count(*) FROM samples WHERE grade = 1");
    assert_in_range(most, 31 * DAY / QUARTER, 31 * DAY / QUARTER + 2);
    most = ask_int(store, "SELECT count(*) FROM samples WHERE grade = 2 AND modem = 'principal'");
    assert_in_range(most, 2 * 366, 2 * 366 + 2);
    assert_int_equal(
        ask_int(store, "SELECT count(*) FROM samples WHERE grade < 2 AND modem = 'prestado'"), 0);

    struct list *list = list_since(store, "principal", MONDAY, at, &span);
    assert_int_equal(span, DAY);
    assert_in_range(list->count, 2 * 366, 2 * 366 + 2);
    for (size_t i = 1; i < list->count; i++) {
        assert_int_equal(list->rows[i].start_ms, list->rows[i - 1].start_ms + DAY);
        assert_int_equal(list->rows[i].sent, DAY / step);
        assert_int_equal(list->rows[i].signal_dbm, -70);
    }
    list = list_since(store, "principal", at - 31 * DAY, at, &span);
    assert_int_equal(span, QUARTER);
    assert_in_range(list->count, 31 * DAY / QUARTER, 31 * DAY / QUARTER + 1);
    assert_int_equal(list->rows[5].count, QUARTER / step);
}

/* A box that was off for weeks: what is due goes a few rows at a time. */
static void test_a_sweep_is_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct samples_point point = make_point("principal");
    static const char rows[] = "SELECT count(*) FROM samples WHERE grade = 0";
    for (int i = 0; i < 600; i++)
        assert_ok(samples_insert(store, &point, MONDAY + i * MINUTE));
    int64_t before = ask_int(store, rows);
    assert_ok(samples_insert(store, &point, MONDAY + 40 * DAY));
    assert_int_equal(ask_int(store, rows), before + 1 - 32);
    for (int i = 1; i < 30; i++)
        assert_ok(samples_insert(store, &point, MONDAY + 40 * DAY + i * MINUTE));
    assert_int_equal(ask_int(store, rows), 30);
}

/* ---- recoveries ----------------------------------------------------------------------------- */

struct recoveries {
    struct recovery rows[1100];
    size_t count;
};

static bool keep_recovery(const struct recovery *row, void *user)
{
    struct recoveries *list = user;
    list->rows[list->count++] = *row;
    return true;
}

static struct recoveries *recoveries_since(struct store *store, const char *modem, int64_t since_ms)
{
    static struct recoveries list;
    list.count = 0;
    assert_ok(recoveries_list(store, modem, since_ms, 1100, keep_recovery, &list));
    return &list;
}

/* Messages sent by all modems in the last hour, and what is usual at this hour. */
static void test_the_volume_of_sends(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct samples_point point = silent_point("uno");
    int64_t hour = -1, usual = -1, now = MONDAY + 12 * HOUR;
    assert_ok(samples_count_sends(store, now, &hour, &usual));
    assert_int_equal(hour + usual, 0);
    for (int day = 8; day >= 0; day--) {
        for (int minute = 0; minute < 120; minute += 10) {
            point.modem = minute % 20 == 0 ? "uno" : "dos";
            point.sent = day == 0 ? 5 : 7;
            assert_ok(samples_insert(store, &point, now - day * DAY - (119 - minute) * MINUTE));
        }
    }
    assert_ok(samples_count_sends(store, now, &hour, &usual));
    assert_int_equal(hour, 6 * 5);
    assert_int_equal(usual, 6 * 7);
}

static void test_recoveries(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    assert_ok(recoveries_begin(store, "principal", "escape", "No responde a AT+CSQ.", T0));
    assert_ok(recoveries_begin(store, "otro", "escape", "No responde.", T0 + 1));
    assert_ok(recoveries_end(store, "principal", "escape", "", false, T0 + 2));
    assert_ok(recoveries_begin(store, "principal", "reinicio", "Sigue sin responder.", T0 + 3));
    struct recoveries *list = recoveries_since(store, "principal", 0);
    assert_int_equal(list->count, 2); /* newest first */
    assert_string_equal(list->rows[0].rung, "reinicio");
    assert_int_equal(list->rows[0].ended_ms, 0);
    assert_string_equal(list->rows[1].evidence, "No responde a AT+CSQ.");
    assert_int_equal(list->rows[1].at_ms, T0);
    assert_int_equal(list->rows[1].ended_ms, T0 + 2);
    assert_false(list->rows[1].worked);

    assert_ok(recoveries_end(store, "principal", "reinicio", "", true, T0 + 9));
    assert_true(recoveries_since(store, "principal", 0)->rows[0].worked);
    assert_int_equal(recoveries_since(store, "otro", 0)->rows[0].ended_ms, 0);
    assert_int_equal(recoveries_since(store, "principal", T0 + 3)->count, 1);

    /* an end whose beginning nobody wrote down, and one that comes twice */
    assert_ok(recoveries_end(store, "principal", "usb", "Ha vuelto.", true, T0 + 20));
    assert_ok(recoveries_end(store, "principal", "usb", "Ha vuelto.", false, T0 + 21));
    list = recoveries_since(store, "principal", 0);
    assert_int_equal(list->count, 4);
    assert_int_equal(list->rows[1].at_ms, T0 + 20);
    assert_true(list->rows[1].worked);
}

static void test_recoveries_are_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    assert_ok(db_begin(store->db));
    assert_ok(recoveries_begin(store, "otro", "escape", "x", T0));
    for (int i = 0; i < 1050; i++)
        assert_ok(recoveries_begin(store, "principal", "escape", "x", T0 + i));
    assert_ok(store_commit(store));
    struct recoveries *list = recoveries_since(store, "principal", 0);
    assert_int_equal(list->count, 1000);
    assert_int_equal(list->rows[0].at_ms, T0 + 1049);
    assert_int_equal(recoveries_since(store, "otro", 0)->count, 1);
    for (int i = 0; i < 11; i++) /* two years later: a hundred at a time */
        assert_ok(recoveries_begin(store, "principal", "escape", "x", T0 + 800 * DAY + i));
    assert_int_equal(recoveries_since(store, "principal", 0)->count, 11);
    assert_int_equal(recoveries_since(store, "otro", 0)->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_one_point_in_three_grades),
        fixture_test(test_a_quarter_of_an_hour),
        fixture_test(test_two_points_in_a_minute),
        fixture_test(test_a_reader_may_stop),
        fixture_test(test_years),
        fixture_test(test_a_sweep_is_bounded),
        fixture_test(test_the_volume_of_sends),
        fixture_test(test_recoveries),
        fixture_test(test_recoveries_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
