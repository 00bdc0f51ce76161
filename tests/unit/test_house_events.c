/* SPDX-License-Identifier: EUPL-1.2 */
/* The verdict on a modem that goes and comes back, and the events that are written of it: however
 * short it was, and whenever it is looked at. */
#include "tests/unit/test_house_fixture.h"

#include "service/chronicle.h"
#include "service/facts.h"

enum { LOOK_MS = 50, REGISTER_MS = 1200, TOKENS = 512 };

static bool add_token(const struct event *event, void *user)
{
    char *tokens = user;
    size_t len = strlen(tokens);
    (void)snprintf(tokens + len, TOKENS - len, "%s%s%s", len > 0 ? " " : "", event->token,
                   event->kind == EVENT_END ? "." : "");
    return true;
}

/* The tokens of the events so far, oldest first; those of an end with a full stop. */
static const char *list_events(struct house *house)
{
    static char tokens[TOKENS];
    tokens[0] = '\0';
    turn_flush(house->service.turn);
    assert_ok(chronicle_list_after(&house->service, 0, 500, add_token, tokens));
    return tokens;
}

static struct verdict_item look(struct house *house)
{
    static struct facts facts;
    static struct verdict verdict;
    facts_collect(&house->service, true, &facts);
    verdict_judge(&facts.told, &verdict);
    return verdict.first;
}

/* A house whose modem takes its time for a network, and whose events are written. */
static struct house *house_new_told(void)
{
    struct house *house = house_new();
    struct sim_config sim;
    sim_config_default(&sim);
    sim.register_us = REGISTER_MS * 1000;
    house_add_modem(house, &sim);
    house_start(house);
    house->service.pool = house->pool;
    assert_ok(chronicle_new(&house->service, &house->service.chronicle));
    chronicle_start(house->service.chronicle, NULL, NULL);
    house_await(house, modem_is_ready(house->lines[0].modem), 10 * SECOND);
    house_live(house, 20 * SECOND);
    assert_string_equal(list_events(house), "arranque");
    return house;
}

static void house_free_told(struct house *house)
{
    turn_flush(house->service.turn);
    chronicle_free(house->service.chronicle);
    house->service.chronicle = NULL;
    house_free(house);
}

/* Takes the modem away so long, after a part of a second; looks, as a page does, until it can send.
 * Returns how often it was seen to be out. */
static unsigned watch_outage(struct house *house, int64_t after_ms, int64_t ms)
{
    const struct house_line *line = &house->lines[0];
    char command[64];
    unsigned outs = 0;
    (void)snprintf(command, sizeof(command), "{\"cmd\":\"vanish\",\"ms\":%" PRId64 "}", ms);
    house_live(house, after_ms);
    house_tell(line, command);
    for (int64_t left_ms = 10 * SECOND; left_ms > 0; left_ms -= LOOK_MS) {
        house_live(house, LOOK_MS);
        struct verdict_item seen = look(house);
        bool is_ready = modem_is_ready(line->modem);
        if ((seen.reason == VERDICT_FINE) != is_ready || seen.reason == VERDICT_ADVICE)
            fail_msg("%s, ready %d: %s (%s)", house_status(line).state_token, is_ready,
                     verdict_reason_token(seen.reason), seen.text != NULL ? seen.text : "");
        outs += seen.reason == VERDICT_UNPLUGGED;
    }
    return outs;
}

/* The events of one outage of this length, in each eighth of the second between two looks. */
static void check_outage(int64_t ms)
{
    for (int64_t after_ms = 0; after_ms < 1000; after_ms += 125) {
        struct house *house = house_new_told();
        assert_true(watch_outage(house, after_ms, ms) > 0);
        assert_string_equal(list_events(house), "arranque desenchufado desenchufado.");
        house_free_told(house);
    }
}

static void test_an_outage_of_a_moment_is_told_once(void **state)
{
    (void)state;
    check_outage(300);
}

static void test_an_outage_of_seconds_is_told_once(void **state)
{
    (void)state;
    check_outage(1500);
}

/* A page's list of events tells afterwards all that the page showed of the moment: the second
 * outage is over before the look that follows the one which wrote the end of the first. */
static void test_an_outage_between_two_looks_is_told(void **state)
{
    (void)state;
    struct house *house = house_new_told();
    struct chronicle *chronicle = house->service.chronicle;
    int64_t last = chronicle_newest(chronicle) + 4; /* two are counted and not shown */
    house_tell(&house->lines[0], "{\"cmd\":\"vanish\",\"ms\":300}");
    house_await(house, chronicle_newest(chronicle) >= last, 10 * SECOND);
    assert_true(modem_is_ready(house->lines[0].modem));
    assert_true(watch_outage(house, 0, 300) > 0);
    assert_string_equal(list_events(house), "arranque desenchufado desenchufado. desenchufado "
                                            "desenchufado.");
    house_free_told(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_an_outage_of_a_moment_is_told_once),
        house_test(test_an_outage_of_seconds_is_told_once),
        house_test(test_an_outage_between_two_looks_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
