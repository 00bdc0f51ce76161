/* SPDX-License-Identifier: EUPL-1.2 */
/* An act begins when the commit of its turn is taken, and not at all when that fails. */
#include "tests/unit/test_house_fixture.h"

#include "base/clock.h"
#include "service/alerts.h"
#include "service/auditor.h"
#include "service/inspect.h"
#include "service/key_change.h"
#include "service/modem_acts.h"
#include "service/purge.h"
#include "service/receive.h"

/* Undoes the turn behind its back, so that its COMMIT fails. */
static void lose_turn(struct house *h)
{
    assert_ok(db_exec(h->service.store->db, "ROLLBACK"));
}

/* Of a clock that has jumped; with a time service the box would need no person. */
static void test_a_clock_is_accepted(void **state)
{
    struct house *h = house_new();
    (void)state;
    if (clock_is_synchronised())
        skip();
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    house_live(h, SECOND);
    h->service.clock.anchor_ms -= HOUR;
    for (int is_kept = 0; is_kept <= 1; is_kept++) {
        assert_false(service_clock_is_good(&h->service));
        assert_ok(turn_enter(h->service.turn));
        assert_ok(service_accept_clock(&h->service, &house_registro));
        turn_leave(h->service.turn, true);
        if (!is_kept)
            lose_turn(h);
        house_live(h, SECOND);
    }
    assert_true(service_clock_is_good(&h->service));
    house_free(h);
}

/* What is undone before the commit has not happened, though the commit is taken. */
static void test_a_clock_is_not_accepted_without_its_row(void **state)
{
    struct house *h = house_new();
    (void)state;
    if (clock_is_synchronised())
        skip();
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    house_live(h, SECOND);
    struct clock_memory memory = h->service.clock.memory;
    memory.anchor_ms = h->service.clock.anchor_ms;
    assert_ok(clock_memory_write(h->service.store, &memory));
    h->service.clock.anchor_ms -= HOUR;
    assert_ok(db_exec(h->service.store->db, "CREATE TEMP TRIGGER no BEFORE INSERT ON main.audit"
                                            " BEGIN SELECT RAISE(FAIL, 'no'); END"));
    assert_ok(turn_enter(h->service.turn));
    assert_int_not_equal(service_accept_clock(&h->service, &house_registro), CC_OK);
    turn_leave(h->service.turn, false);
    house_live(h, SECOND);
    assert_false(service_clock_is_good(&h->service));
    house_free(h);
}

static void test_a_key_change_begins(void **state)
{
    (void)state;
    if (fixture_server() != NULL) /* changed with the program stopped */
        skip();
    struct house *h = house_new();
    house_start(h);
    const struct store_place place = {.db_path = h->files->db_path, .key_path = h->files->key_path};
    struct key_change *change = key_change_new(&h->service, &place);
    h->service.upkeep.key_change = change;
    assert_ok(turn_enter(h->service.turn));
    assert_ok(key_change_ask(&h->service, &house_registro, house_now_ms(h)));
    turn_leave(h->service.turn, true);
    assert_int_equal(key_change_report(change).state, KEY_CHANGE_RUNNING);
    lose_turn(h);
    house_live(h, SECOND);
    assert_int_equal(key_change_report(change).state, KEY_CHANGE_FAILED);
    assert_int_equal(key_change_report(change).trouble, CC_ERR_DB);
    key_change_free(change);
    h->service.upkeep.key_change = NULL;
    house_free(h);
}

/* In the pass of the loop in which the alerts look for what is to be sent. */
static void try_alerts(void *user)
{
    struct house *h = user;
    assert_ok(turn_enter(h->service.turn));
    assert_ok(alerts_try(h->service.senders.alerts, &house_registro, house_now_ms(h)));
    turn_leave(h->service.turn, true);
    lose_turn(h);
}

static void test_a_trial_of_the_alerts_is_sent(void **state)
{
    struct house *h = house_new();
    struct alert_channel_status status;
    (void)state;
    house_start(h);
    h->service.pool = h->pool;
    h->settings.alerts = (struct alert_settings){
        .recipients = "", .webhook = "http://127.0.0.1:9/", .authority = "", .secret = ""};
    assert_ok(alerts_new(&h->service, &h->service.senders.alerts));
    struct loop_source *timer = loop_add_timer(h->loop, LOOP_PRIORITY_NORMAL, try_alerts, h);
    loop_timer_set(timer, loop_now_us(h->loop) + 15 * SECOND * 1000);
    house_live(h, 16 * SECOND);
    alerts_status(h->service.senders.alerts, ALERT_WEBHOOK, &status);
    assert_int_equal(status.trial, ALERT_NO_TRIAL);
    assert_false(status.is_sending);
    loop_source_free(timer);
    alerts_free(h->service.senders.alerts);
    h->service.senders.alerts = NULL;
    house_free(h);
}

/* ---- acts on a modem ------------------------------------------------------------------------- */

static enum cc_err restart(struct house *h)
{
    return service_restart_modem(&h->service, h->lines[0].modem, &house_registro, house_now_ms(h));
}

static enum cc_err set_centre(struct house *h)
{
    return service_set_centre(&h->service, h->lines[0].modem, "+34600000000", &house_registro,
                              house_now_ms(h));
}

static enum cc_err ask_balance(struct house *h)
{
    return receive_ask_balance(&h->service, h->lines[0].modem, house_now_ms(h));
}

static void test_a_modem_is_told(void **state)
{
    static const struct {
        enum cc_err (*ask)(struct house *h);
        const char *command;
    } acts[] = {{set_centre, "+CSCA"}, {ask_balance, "+CUSD"}, {restart, "+CFUN"}};
    struct house *h = house_new();
    (void)state;
    house_add_modem(h, NULL);
    h->lines[0].config.ussd = "*134#";
    house_start(h);
    house_await(h, modem_can_send(h->lines[0].modem), MINUTE);
    house_live(h, 5 * SECOND); /* the first round of questions */
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        int64_t before = house_count_command(&h->lines[0], acts[i].command);
        for (int is_kept = 0; is_kept <= 1; is_kept++) {
            assert_ok(turn_enter(h->service.turn));
            assert_ok(acts[i].ask(h));
            turn_leave(h->service.turn, true);
            if (!is_kept)
                lose_turn(h);
            house_live(h, 5 * SECOND);
            bool is_told = house_count_command(&h->lines[0], acts[i].command) > before;
            assert_int_equal(is_told, is_kept);
        }
    }
    house_free(h);
}

/* ---- acts on what is kept -------------------------------------------------------------------- */

static void test_what_has_had_its_term_is_destroyed(void **state)
{
    struct house *h = house_new_ready();
    struct purge *purge = purge_new(&h->service, NULL);
    (void)state;
    for (int is_kept = 0; is_kept <= 1; is_kept++) {
        assert_ok(turn_enter(h->service.turn));
        assert_ok(purge_ask(purge, &house_registro, house_now_ms(h)));
        turn_leave(h->service.turn, true);
        assert_int_equal(purge_report_of(purge)->state, PURGE_RUNNING);
        if (!is_kept)
            lose_turn(h);
        house_live(h, MINUTE);
        assert_int_equal(purge_report_of(purge)->state, is_kept ? PURGE_DONE : PURGE_NEVER);
    }
    purge_free(purge);
    house_free(h);
}

static void test_the_database_is_checked(void **state)
{
    struct house *h = house_new_ready();
    struct inspect *inspect =
        inspect_new(h->loop, h->service.store, h->files->db_path, h->files->key_path);
    (void)state;
    h->service.upkeep.inspect = inspect;
    for (int is_kept = 0; is_kept <= 1; is_kept++) {
        assert_ok(turn_enter(h->service.turn));
        assert_ok(auditor_check(&h->service, &house_registro, house_now_ms(h)));
        turn_leave(h->service.turn, true);
        assert_int_equal(inspect_report_of(inspect)->state, INSPECT_RUNNING);
        if (!is_kept)
            lose_turn(h);
        house_live(h, MINUTE);
        assert_int_equal(inspect_report_of(inspect)->state, is_kept ? INSPECT_DONE : INSPECT_NEVER);
    }
    h->service.upkeep.inspect = NULL;
    inspect_free(inspect);
    house_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_a_clock_is_accepted),
        house_test(test_a_clock_is_not_accepted_without_its_row),
        house_test(test_a_key_change_begins),
        house_test(test_a_trial_of_the_alerts_is_sent),
        house_test(test_a_modem_is_told),
        house_test(test_what_has_had_its_term_is_destroyed),
        house_test(test_the_database_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
