/* SPDX-License-Identifier: EUPL-1.2 */
/* Records of the modems, and the network's time as a witness of the box's clock. */
#include "tests/unit/test_store_fixture.h"

#include "base/loop.h"
#include "drivers/registry.h"
#include "service/service.h"
#include "store/recoveries.h"
#include "store/samples.h"

#define NOON_MS INT64_C(1790000000000)

struct watched {
    struct fixture *store;
    struct loop *loop;
    struct service service;
    struct pool *pool;
    struct modem *modem; /* whose device is not there */
};

static void on_changed(struct modem *modem, void *user)
{
    (void)modem;
    (void)user;
}

static int set_up(void **state)
{
    static const struct modem_events events = {.changed = on_changed};
    const struct modem_config config = {
        .name = "principal", .device = "/no/existe", .pin = "", .drivers = &driver_registry};
    struct watched *w = calloc(1, sizeof *w);
    void *fixture = NULL;
    assert_non_null(w);
    (void)fixture_open(&fixture);
    w->store = fixture;
    w->loop = loop_new();
    loop_drive(w->loop, NOON_MS);
    w->service = (struct service){
        .loop = w->loop, .store = &w->store->store, .turn = turn_new(w->loop, &w->store->store)};
    w->pool = pool_new();
    w->modem = modem_new(w->loop, &config, &events, NULL);
    assert_ok(pool_add(w->pool, w->modem, &(struct pool_limits){0}));
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct watched *w = *state;
    void *fixture = w->store;
    turn_flush(w->service.turn);
    pool_free(w->pool);
    turn_free(w->service.turn);
    loop_free(w->loop);
    (void)fixture_close(&fixture);
    free(w);
    return 0;
}

static int64_t points(struct watched *w)
{
    turn_flush(w->service.turn);
    return ask_int(w->service.store, "SELECT coalesce(sum(count), 0) FROM samples WHERE grade = 0");
}

static void a_minute(struct watched *w)
{
    assert_ok(turn_enter(w->service.turn));
    assert_ok(watch_minute(&w->service, w->pool, loop_wall_ms(w->loop)));
    turn_leave(w->service.turn, true);
}

static void test_a_modem_that_cannot_send_has_points_too(void **state)
{
    struct watched *w = *state;
    a_minute(w);
    assert_int_equal(points(w), 1);
    assert_int_equal(ask_int(w->service.store, "SELECT sum(registered) FROM samples"), 0);
    assert_int_equal(ask_int(w->service.store, "SELECT sum(signal_count) FROM samples"), 0);
    a_minute(w);
    assert_int_equal(points(w), 1); /* it has its point of this minute */
}

static void test_one_point_a_minute(void **state)
{
    struct watched *w = *state;
    struct modem_sample sample;
    modem_sample_clear(&sample);
    sample.signal_dbm = -80;
    for (int i = 0; i < 5; i++)
        watch_sampled(&w->service, w->modem, &sample);
    assert_int_equal(points(w), 1);
    assert_int_equal(ask_int(w->service.store, "SELECT max(signal_min) FROM samples"), -80);
    a_minute(w);
    assert_int_equal(points(w), 1);
}

/* The second point waits for a turn that writes, or for five minutes. */
static void test_points_wait_to_be_written_together(void **state)
{
    struct watched *w = *state;
    struct watch *watch = &w->service.watch;
    a_minute(w);
    assert_int_equal(points(w), 1);
    for (int i = 0; i < 3; i++) {
        watch->modems[0].stored_us = 0; /* a minute later */
        a_minute(w);
    }
    assert_int_equal(points(w), 1);
    assert_int_equal(watch->held_count, 3);
    assert_ok(turn_enter(w->service.turn));
    assert_ok(watch_write(&w->service));
    turn_leave(w->service.turn, true);
    assert_int_equal(points(w), 4);
    watch->modems[0].stored_us = 0;
    watch->written_us -= INT64_C(300000000);
    a_minute(w);
    assert_int_equal(points(w), 5);
    assert_int_equal(watch->held_count, 0);
}

/* A commit that fails loses none of them, and one that follows writes none twice. */
static void test_points_of_a_commit_that_fails_are_written_again(void **state)
{
    struct watched *w = *state;
    a_minute(w);
    assert_ok(db_exec(w->service.store->db, "ROLLBACK"));
    assert_int_equal(points(w), 0);
    for (int i = 0; i < 2; i++) { /* in one turn */
        assert_ok(turn_enter(w->service.turn));
        assert_ok(watch_write(&w->service));
        turn_leave(w->service.turn, true);
        assert_false(watch_has_points(&w->service.watch));
    }
    assert_int_equal(points(w), 1);
    assert_int_equal(
        ask_int(w->service.store, "SELECT sum(count) FROM box_samples WHERE grade = 0"), 1);
    assert_int_equal(w->service.watch.held_count + w->service.watch.look_count, 0);
}

/* A disk that takes nothing for long: the newest are kept. */
static void test_points_that_wait_are_bounded(void **state)
{
    struct watched *w = *state;
    struct watch *watch = &w->service.watch;
    a_minute(w);
    for (int i = 0; i < WATCH_HELD_MAX + 5; i++) {
        watch->modems[0].stored_us = 0;
        a_minute(w);
    }
    assert_int_equal(watch->held_count, WATCH_HELD_MAX);
}

/* The most that waited, as of each minute; a disk that takes nothing for long loses the oldest. */
static void test_the_queue_is_looked_at_once_a_minute(void **state)
{
    struct watched *w = *state;
    struct watch *watch = &w->service.watch;
    struct outbox_message message = {.expires_ms = NOON_MS + HOUR, .reference = -1};
    int64_t id = 0;
    a_minute(w);
    turn_flush(w->service.turn);
    assert_int_equal(ask_int(w->service.store, "SELECT max(queued_max) FROM box_samples"), 0);
    assert_ok(phone_parse("600123123", 9, &message.phone));
    assert_ok(outbox_insert(w->service.store, &message, &id));
    a_minute(w);
    assert_int_equal(watch->look_count, 0); /* the minute has its look */
    for (int i = 0; i < WATCH_LOOKS_MAX + 2; i++) {
        watch->looked_us -= INT64_C(60000000);
        a_minute(w);
    }
    assert_int_equal(watch->look_count, WATCH_LOOKS_MAX);
    assert_ok(turn_enter(w->service.turn));
    assert_ok(watch_write(&w->service));
    turn_leave(w->service.turn, true);
    turn_flush(w->service.turn);
    assert_int_equal(watch->look_count, 0);
    assert_int_equal(ask_int(w->service.store, "SELECT max(queued_max) FROM box_samples"), 1);
    assert_int_equal(
        ask_int(w->service.store, "SELECT sum(count) FROM box_samples WHERE grade = 2"),
        1 + WATCH_LOOKS_MAX);
}

static void test_nothing_is_written_under_a_clock_that_is_behind(void **state)
{
    struct watched *w = *state;
    struct modem_sample sample;
    modem_sample_clear(&sample);
    assert_ok(store_raise_time(w->service.store, loop_wall_ms(w->loop) + DAY));
    watch_sampled(&w->service, w->modem, &sample);
    a_minute(w);
    assert_int_equal(points(w), 0);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM box_samples"), 0);
}

static void test_recoveries(void **state)
{
    struct watched *w = *state;
    struct modem_recovery recovery = {.rung = "escape", .evidence = "No responde a AT+CSQ."};
    watch_recovery(&w->service, w->modem, &recovery);
    recovery.is_end = recovery.worked = true;
    watch_recovery(&w->service, w->modem, &recovery);
    turn_flush(w->service.turn);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM recoveries"), 1);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM recoveries WHERE worked = 1"
                                               " AND ended_ms >= at_ms AND modem = 'principal'"),
                     1);
}

/* By two readings in a row that agree; one alone may be a mistake of the network. */
static void test_the_networks_time(void **state)
{
    struct watched *w = *state;
    static const struct {
        int offset_s;
        enum clock_network says;
    } rows[] = {
        {MODEM_SAMPLE_UNKNOWN, CLOCK_NETWORK_SILENT},
        {300, CLOCK_NETWORK_SILENT},
        {301, CLOCK_NETWORK_SILENT}, /* on either side of the limit */
        {0, CLOCK_NETWORK_SILENT},
        {0, CLOCK_NETWORK_NEAR},
        {310, CLOCK_NETWORK_SILENT},
        {400, CLOCK_NETWORK_FAR},
        {500, CLOCK_NETWORK_FAR},
        {-290, CLOCK_NETWORK_SILENT},
        {-310, CLOCK_NETWORK_SILENT},
        {MODEM_SAMPLE_UNKNOWN, CLOCK_NETWORK_SILENT},
        {-310, CLOCK_NETWORK_SILENT},
        {-310, CLOCK_NETWORK_FAR},
        {86400 * 365, CLOCK_NETWORK_SILENT}, /* far, and they do not agree */
        {86400 * 365, CLOCK_NETWORK_FAR},
        {-1, CLOCK_NETWORK_SILENT},
        {1, CLOCK_NETWORK_NEAR},
    };
    struct modem_sample sample;
    modem_sample_clear(&sample);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char storage[512];
        struct buf out;
        bool is_fresh = false;
        sample.clock_offset_s = rows[i].offset_s;
        sample.clock_read_ms = loop_wall_ms(w->loop);
        watch_sampled(&w->service, w->modem, &sample);
        enum clock_network says = watch_network_time(&w->service.watch, loop_wall_ms(w->loop),
                                                     loop_boot_ms(w->loop), &is_fresh);
        if (says != rows[i].says || is_fresh != (says != CLOCK_NETWORK_SILENT))
            fail_msg("row %zu: %d", i, (int)says);
        bool is_far = says == CLOCK_NETWORK_FAR;
        buf_init(&out, storage, sizeof storage);
        service_clock_advice(&w->service, &out);
        assert_non_null(buf_cstr(&out));
        assert_int_equal(strstr(buf_cstr(&out), "contraclavectl reloj aceptar") != NULL, is_far);
        assert_int_equal(strstr(buf_cstr(&out), "Según la red móvil, la hora es") != NULL, is_far);
        assert_int_equal(service_clock_is_good(&w->service), !is_far);
    }
}

#define watch_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        watch_test(test_a_modem_that_cannot_send_has_points_too),
        watch_test(test_one_point_a_minute),
        watch_test(test_points_wait_to_be_written_together),
        watch_test(test_points_of_a_commit_that_fails_are_written_again),
        watch_test(test_points_that_wait_are_bounded),
        watch_test(test_the_queue_is_looked_at_once_a_minute),
        watch_test(test_nothing_is_written_under_a_clock_that_is_behind),
        watch_test(test_recoveries),
        watch_test(test_the_networks_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
