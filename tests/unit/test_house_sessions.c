/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole sessions of modems as public reports and logs show them: from the first AT to the report of
 * a message. What single answers do is in test_house_reported.c.
 */
#include "tests/unit/test_report_fixture.h"

/* ---- a result said twice, the second time a moment later ------------------------------------- */

static void say_again(void *user)
{
    script_say(user, "OK");
}

static struct loop_source *again;

static const char *answer_twice(struct script *s, const char *command)
{
    if (strncmp(command, "AT+CMGS=", 8) != 0)
        loop_timer_set(again, loop_now_us(s->house->loop) + 20 * 1000);
    return NULL;
}

static void test_results_said_again_a_moment_later(void **state)
{
    struct script *s = script_new(answer_twice);
    (void)state;
    again = loop_add_timer(s->house->loop, LOOP_PRIORITY_NORMAL, say_again, s);
    script_start_ready(s);
    assert_string_equal(house_status(s->line).make.model, "Modelo");
    for (unsigned n = 1; n <= 3; n++) {
        script_ask(s);
        house_await(s->house, house_count_state(s->house, OUTBOX_SENT) == n, 5 * SECOND);
    }
    house_live(s->house, 10 * MINUTE);
    assert_int_equal(s->pdu_count, 3);
    assert_string_equal(house_rungs(s->house), "");
    loop_source_free(again);
}

/* ---- 5G without LTE -------------------------------------------------------------------------- */

/* Quectel RM500Q, 5G SA: the older questions say that nothing is looked for. */
static void test_a_modem_on_5g_alone(void **state)
{
    static const struct said says[SAYS] = {
        {"AT+CREG?", "+CREG: 2,0\nOK", NULL, 0},
        {"AT+CGREG?", "+CGREG: 2,0\nOK", NULL, 0},
        {"AT+CEREG?", "+CEREG: 2,4\nOK", NULL, 0},
        {"AT+C5GREG?", "+C5GREG: 2,1,\"00A0B1\",\"123456789\",11,1,\"01\"\nOK", NULL, 0},
    };
    struct script *s = script_saying(says);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 5 * SECOND);
    house_live(s->house, 10 * MINUTE);
    assert_true(modem_is_ready(s->line->modem));
    assert_int_equal(house_status(s->line).sample.registration, 1);
    script_say(s, "+C5GREG: 0");
    house_await(s->house, !modem_is_ready(s->line->modem), SECOND);
}

/* ---- UCS-2 for good -------------------------------------------------------------------------- */

static void test_a_modem_whose_letters_stay_ucs2(void **state)
{
    static const struct said says[SAYS] = {
        {"AT+CSCS?", "+CSCS: \"UCS2\"\nOK", NULL, 0},
        {"AT+CSCS=", "+CME ERROR: 3", NULL, 0},
        {"AT+COPS?", "+COPS: 0,0,\"004D006F007600690073007400610072\",7\nOK", NULL, 0},
        {"AT+CSCA?", "+CSCA: \"002B00330034003600300039003000390030003900300039\",145\nOK", NULL,
         0},
        {"AT+CPMS?", "+CPMS: \"0053004D\",1,50,\"0053004D\",1,50,\"0053004D\",1,50\nOK", NULL, 0},
        {"AT+CGMI", "005100750065006300740065006C\nOK", NULL, 0},
        {"AT+CGMM", "0045004300320035\nOK", NULL, 0},
    };
    struct script *s = script_saying(says);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 5 * SECOND);
    house_live(s->house, HOUR);
    assert_int_equal(house_count_log(s->house, "perdido sus ajustes"), 0);
    assert_int_equal(house_count_log(s->house, "sentido"), 0);
    assert_string_equal(house_status(s->line).make.driver, "quectel-lte");
    assert_string_equal(house_status(s->line).make.model, "EC25");
    assert_string_equal(house_status(s->line).sample.operator, "Movistar");
    assert_string_equal(house_status(s->line).sample.smsc, "+34609090909");
    assert_int_equal(house_status(s->line).sample.storage_total, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_results_said_again_a_moment_later),
        script_test(test_a_modem_on_5g_alone),
        script_test(test_a_modem_whose_letters_stay_ucs2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
