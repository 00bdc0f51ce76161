/* SPDX-License-Identifier: EUPL-1.2 */
/* An act begins when the commit of its turn is taken, and not at all when that fails. */
#include "tests/unit/test_house_fixture.h"

#include "base/clock.h"
#include "service/alerts.h"
#include "service/key_change.h"

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
    struct house *h = house_new();
    (void)state;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_a_clock_is_accepted),
        house_test(test_a_clock_is_not_accepted_without_its_row),
        house_test(test_a_key_change_begins),
        house_test(test_a_trial_of_the_alerts_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
