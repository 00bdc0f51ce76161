/* SPDX-License-Identifier: EUPL-1.2 */
/* Events as they are kept: order, findings that are open, how long they lasted, 90 days. */
#include "tests/unit/test_store_fixture.h"

#include "store/clock.h"
#include "store/events.h"

#define UNABLE "sin_envio"

static void write_event(struct store *store, enum event_kind kind, const char *topic,
                        const char *modem, int64_t at_ms, int64_t since_ms)
{
    struct event event = {.kind = kind, .level = EVENT_BAD, .at_ms = at_ms, .since_ms = since_ms};
    (void)snprintf(event.token, sizeof(event.token), "%s", topic);
    (void)snprintf(event.topic, sizeof(event.topic), "%s", topic);
    (void)snprintf(event.modem, sizeof(event.modem), "%s", modem);
    assert_ok(events_insert(store, &event));
}

struct list {
    struct event rows[10];
    size_t count;
};

static bool keep(const struct event *event, void *user)
{
    struct list *list = user;
    list->rows[list->count++] = *event;
    return list->count < sizeof(list->rows) / sizeof(list->rows[0]);
}

static void test_lists_leave_out_a_topic(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct list newest = {.count = 0}, after = {.count = 0};
    int64_t id = 0;
    assert_ok(events_newest(store, &id));
    assert_int_equal(id, 0);
    write_event(store, EVENT_BEGIN, "modem", "principal", T0, T0 - 5);
    write_event(store, EVENT_BEGIN, UNABLE, "", T0 + 1, T0);
    write_event(store, EVENT_NOTE, "pausa", "", T0 + 2, 0);
    assert_ok(events_list(store, T0, UNABLE, 10, keep, &newest));
    assert_int_equal(newest.count, 2);
    assert_string_equal(newest.rows[0].topic, "pausa");
    assert_string_equal(newest.rows[1].modem, "principal");
    assert_int_equal(newest.rows[1].since_ms, T0 - 5);
    assert_ok(events_list_after(store, newest.rows[1].id, UNABLE, 10, keep, &after));
    assert_int_equal(after.count, 1);
    assert_string_equal(after.rows[0].topic, "pausa");
    assert_ok(events_newest(store, &id));
    assert_int_equal(id, newest.rows[0].id);
}

static void test_open_findings_have_no_end_yet(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct list open = {.count = 0};
    write_event(store, EVENT_BEGIN, "modem", "principal", T0, T0);
    write_event(store, EVENT_BEGIN, "modem", "reserva", T0 + 1, T0 + 1);
    write_event(store, EVENT_END, "modem", "principal", T0 + 2, T0);
    write_event(store, EVENT_NOTE, "reinicio", "reserva", T0 + 3, 0);
    assert_ok(events_list_open(store, keep, &open));
    assert_int_equal(open.count, 1);
    assert_string_equal(open.rows[0].modem, "reserva");
}

static void test_spans_count_from_the_instant_that_is_asked(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t span_ms = -1;
    assert_ok(events_sum_spans(store, UNABLE, T0, &span_ms));
    assert_int_equal(span_ms, 0);
    write_event(store, EVENT_END, UNABLE, "", T0 - 1, T0 - HOUR);
    write_event(store, EVENT_END, UNABLE, "", T0 + HOUR, T0 - HOUR);
    write_event(store, EVENT_END, UNABLE, "", T0 + 3 * HOUR, T0 + 3 * HOUR - MINUTE);
    write_event(store, EVENT_BEGIN, UNABLE, "", T0 + 4 * HOUR, T0 + 4 * HOUR);
    write_event(store, EVENT_END, "modem", "principal", T0 + HOUR, T0);
    assert_ok(events_sum_spans(store, UNABLE, T0, &span_ms));
    assert_int_equal(span_ms, HOUR + MINUTE);
}

static void test_kept_for_90_days(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    write_event(store, EVENT_NOTE, "arranque", "", T0 - 91 * DAY, 0);
    write_event(store, EVENT_NOTE, "arranque", "", T0 - 89 * DAY, 0);
    write_event(store, EVENT_NOTE, "arranque", "", T0 + 9 * DAY, 0); /* under a wrong clock */
    assert_ok(store_sweep(store, T0));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM events"), 2);
    assert_ok(clock_forget_future(store, T0));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM events"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lists_leave_out_a_topic, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_open_findings_have_no_end_yet, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(test_spans_count_from_the_instant_that_is_asked,
                                        fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_kept_for_90_days, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
