/* SPDX-License-Identifier: EUPL-1.2 */
/* The queue and the deliveries of the box over time. */
#include "tests/unit/test_store_fixture.h"

#include "store/samples.h"

#define QUARTER (15 * MINUTE)
#define MONDAY (T0 - T0 % DAY) /* the beginning of a day */
#define S INT64_C(1000)

struct list {
    struct box_samples_row rows[3001];
    size_t count, max;
};

static bool keep(const struct box_samples_row *row, void *user)
{
    struct list *list = user;
    list->rows[list->count++] = *row;
    return list->max == 0 || list->count < list->max;
}

static struct list *list_since(struct store *store, int64_t since_ms, int64_t now_ms,
                               int64_t *ret_span_ms)
{
    static struct list list;
    list.count = list.max = 0;
    *ret_span_ms = 0;
    assert_ok(box_samples_list(store, since_ms, now_ms, keep, &list, ret_span_ms));
    return &list;
}

static void test_durations_are_rounded_up(void **state)
{
    (void)state;
    static const struct {
        int64_t ms, s;
    } rows[] = {{-5 * S, 1},
                {0, 1},
                {1, 1},
                {1000, 1},
                {1001, 2},
                {9999, 10},
                {10001, 12},
                {30 * S, 30},
                {31 * S, 35},
                {61 * S, 75},
                {181 * S, 240},
                {600 * S, 600},
                {601 * S, 900},
                {3601 * S, 5400},
                {86400 * S, 86400},
                {INT64_C(900000) * S, 86400}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (box_samples_round_s(rows[i].ms) != rows[i].s)
            fail_msg("%lld ms: %lld s", (long long)rows[i].ms,
                     (long long)box_samples_round_s(rows[i].ms));
    /* a list keeps 128 different ones of a period */
    int different = 0;
    for (int64_t s = 1, last = 0; s <= DAY / S; s++) {
        different += box_samples_round_s(s * S) != last;
        last = box_samples_round_s(s * S);
    }
    assert_in_range(different, 40, 100);
}

static void test_a_look_and_its_deliveries_in_three_grades(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t since_ago, span;
    } rows[] = {{HOUR, MINUTE}, {DAY + 1, QUARTER}, {32 * DAY, DAY}};
    for (int i = 1; i <= 10; i++)
        assert_ok(box_samples_add_delivery(store, i * S, T0));
    assert_ok(box_samples_insert(store, 3, T0));
    assert_ok(box_samples_insert(store, 7, T0));
    assert_ok(box_samples_insert(store, 5, T0));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t span = 0;
        struct list *list = list_since(store, T0 - rows[i].since_ago, T0, &span);
        assert_int_equal(span, rows[i].span);
        assert_int_equal(list->count, 1);
        assert_int_equal(list->rows[0].start_ms, T0 - T0 % span);
        assert_int_equal(list->rows[0].count, 3);
        assert_int_equal(list->rows[0].queued, 7);
        assert_int_equal(list->rows[0].delivered, 10);
        assert_int_equal(list->rows[0].p50_s, 5);
        assert_int_equal(list->rows[0].p90_s, 9);
    }
}

/* Percentiles of a quarter are those of its messages, not of its minutes. */
static void test_a_quarter_of_an_hour(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t span = QUARTER;
    static struct list list;
    for (int minute = 0; minute < 30; minute++) {
        int64_t at_ms = MONDAY + minute * MINUTE;
        assert_ok(box_samples_insert(store, minute, at_ms));
        for (int i = 0; minute < 15 && i < (minute == 0 ? 100 : 1); i++)
            assert_ok(box_samples_add_delivery(store, minute == 0 ? 4 * S : 60 * S, at_ms));
    }
    assert_ok(box_samples_list(store, MONDAY, MONDAY + HOUR, keep, &list, &span));
    assert_int_equal(span, QUARTER);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.rows[0].delivered, 114);
    assert_int_equal(list.rows[0].p50_s, 4);
    assert_int_equal(list.rows[0].p90_s, 60);
    assert_int_equal(list.rows[0].queued, 14);
    assert_int_equal(list.rows[1].queued, 29);
    assert_int_equal(list.rows[1].delivered, 0);
    assert_int_equal(list.rows[1].p50_s, -1);
    assert_int_equal(list.rows[1].p90_s, -1);
    list.count = 0;
    list.max = 1; /* a reader that stops */
    assert_ok(box_samples_list(store, MONDAY, MONDAY + HOUR, keep, &list, &span));
    assert_int_equal(list.count, 1);
}

/* A hundred days in points of half an hour: each grade keeps what it must, and no more. */
static void test_years(void **state)
{
    needs_file(); /* many thousands of statements */
    struct store *store = &((struct fixture *)*state)->store;
    int64_t step = HOUR / 2, end = MONDAY + 100 * DAY, span = 0;
    assert_ok(db_begin(store->db));
    for (int64_t at = MONDAY; at < end; at += step) {
        assert_ok(box_samples_add_delivery(store, 4 * S, at));
        assert_ok(box_samples_add_delivery(store, 9 * S, at));
        assert_ok(box_samples_insert(store, 1, at));
    }
    assert_ok(store_commit(store));
    static const char *const counts[][3] = {
        {"SELECT count(*) FROM box_samples WHERE grade = 0",
         "SELECT count(*) FROM box_samples WHERE grade = 1",
         "SELECT count(*) FROM box_samples WHERE grade = 2"},
        {"SELECT count(*) FROM deliveries WHERE grade = 0",
         "SELECT count(*) FROM deliveries WHERE grade = 1",
         "SELECT count(*) FROM deliveries WHERE grade = 2"},
    };
    int64_t a_day = DAY / step;
    for (int64_t i = 0; i < 2; i++) {
        int64_t each = i + 1; /* rows of a point */
        assert_in_range(ask_int(store, counts[i][0]), each * a_day, each * (a_day + 2));
        assert_in_range(ask_int(store, counts[i][1]), each * 31 * a_day, each * (31 * a_day + 2));
        assert_int_equal(ask_int(store, counts[i][2]), each * 100);
    }
    struct list *list = list_since(store, MONDAY, end, &span);
    assert_int_equal(span, DAY);
    assert_int_equal(list->count, 100);
    for (size_t i = 0; i < list->count; i++) {
        assert_int_equal(list->rows[i].delivered, 2 * DAY / step);
        assert_int_equal(list->rows[i].p50_s, 4);
        assert_int_equal(list->rows[i].p90_s, 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_rounded_up),
        fixture_test(test_a_look_and_its_deliveries_in_three_grades),
        fixture_test(test_a_quarter_of_an_hour),
        fixture_test(test_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
