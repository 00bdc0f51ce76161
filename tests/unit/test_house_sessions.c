/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole sessions of modems as public reports and logs show them: from the first AT to the report of
 * a message. What single answers do is in test_house_reported.c.
 */
#include "tests/unit/test_session_fixture.h"

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
    s->delay_us = 30 * 1000; /* the second OK comes while the next command is under way */
    script_start_ready(s);
    assert_string_equal(house_status(s->line).make.model, "Modelo");
    for (unsigned n = 1; n <= 3; n++) {
        script_ask(s);
        house_await(s->house, house_count_state(s->house, OUTBOX_SENT) == n, 5 * SECOND);
    }
    house_live(s->house, 10 * MINUTE);
    script_drop(s); /* it is listened to anew */
    house_await(s->house, !modem_is_ready(s->line->modem), 5 * SECOND);
    house_await(s->house, modem_is_ready(s->line->modem), MINUTE);
    assert_string_equal(house_status(s->line).make.model, "Modelo");
    script_ask(s);
    house_await(s->house, house_count_state(s->house, OUTBOX_SENT) == 4, 5 * SECOND);
    house_live(s->house, 10 * MINUTE);
    assert_int_equal(s->pdu_count, 4);
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

/* ---- no centre ------------------------------------------------------------------------------- */

static void test_no_centre_is_needed_by_ims_after_a_lost_line_too(void **state)
{
    static const struct said says[SAYS] = {{"AT+CSCA?", "+CSCA: \"\",129\nOK", NULL, 0}};
    struct script *s = script_saying(says);
    (void)state;
    script_start_ready(s);
    house_live(s->house, 10 * MINUTE);
    assert_true(house_status(s->line).card.lacks_smsc);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 5 * SECOND);
    assert_false(house_status(s->line).card.lacks_smsc);
    script_drop(s);
    house_await(s->house, !modem_is_ready(s->line->modem), 5 * SECOND);
    house_await(s->house, modem_is_ready(s->line->modem), MINUTE);
    house_live(s->house, 10 * MINUTE);
    assert_true(house_status(s->line).card.needs_no_smsc);
    assert_false(house_status(s->line).card.lacks_smsc);
}

/* ---- from the first AT to the report, a message that comes in, and the balance -----------------
 */

static const struct session sessions[] = {
    {.source = "a good one"},
    {"a name with a stroke, 27.005 3.4.1", .ways.inbound = "+CMT: \"Inf 24/7\",20\n" MESSAGE},
    {"EC25, chan-quectel PR 75: announced in SM, kept in SR",
     .says = {MADE_BY("Quectel", "EC25"),
              {"AT+CMGR=0", "OK", "AT+CPMS=\"SR\"", 0},
              {"AT+CMGR=0", "+CMGR: ,25\n" REPORT "\nOK", NULL, 0}},
     .ways.report = "+CDSI: \"SM\",0"},
    {"EC25, the same with a message in that place",
     .says = {MADE_BY("Quectel", "EC25"),
              {"AT+CMGR=0", "+CMGR: 1,,20\n" MESSAGE "\nOK", "AT+CPMS=\"SR\"", 0},
              {"AT+CMGR=0", "+CMGR: ,25\n" REPORT "\nOK", NULL, 0}},
     .ways.report = "+CDSI: \"SM\",0", .ways.inbound = "^RSSI: 9"},
    {"BGS5, gammu#759",
     .says = {MADE_BY("Cinterion", "BGS5"), {"AT+CMGR=1", "+CMGR: ,25\n" REPORT "\nOK", NULL, 0}},
     .starts = "^SYSSTART", .says_later = "+CIEV: \"simstatus\",5",
     .ways.report = "+CDSI: \"SR\",1"},
    {"by IMS, without a centre", .says = {{"AT+CSCA?", "+CSCA: \"\",129\nOK", NULL, 0}}},
    {"E1752, gammu#126", .says = {MADE_BY("huawei", "E1752")}, .starts = "^BOOT:91409020,0,0,0,6",
     .says_later = "^SRVST:0|^MODE:5,4|+CREG: 1, E006B, ABE0016|^RSSI:20"},
    {"E169, gammu#23", .says = {MADE_BY("huawei", "E169")}, .ways.inbound = "+CMTI: \"SR\",6"},
    {"E3372, gammu#708",
     .says = {MADE_BY("huawei", "E3372"), {"AT+CMGS=", "^HWNAT:06\n> ", NULL, 0}}},
    {"SIM7600, a call", .says = {MADE_BY("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H")},
     .starts = "RDY\n+CPIN: READY\nSMS DONE\nPB DONE",
     .says_later = "RING|VOICE CALL: BEGIN|VOICE CALL: END: 000012|NO CARRIER"},
    {"A7670, its start", .says = {MADE_BY("INCORPORATED", "A7670E-FASE")},
     .starts = "*ATREADY: 1\n+CPIN: READY\nSMS DONE\nPB DONE"},
    {"Air780E, its start", .says = {MADE_BY("AirM2M", "Air780E")},
     .starts = "^boot.rom'v!\nRDY\n^MODE: 17,17\n+E_UTRAN Service\n+CGEV: ME PDN ACT 1",
     .says_later = "+NITZ: 26/11/29,18:00:00+04,0"},
    {"Neoway N58", .says = {MADE_BY("NEOWAY", "N58-EA")}, .starts = "MODEM:STARTUP\n+PBREADY",
     .says_later = "+EUSIM: 1"},
    {"Option GTM382", .says = {MADE_BY("Option N.V.", "GTM382")},
     .says_later = "_OSIGQ: 3,0|_OUWCTI: 2"},
    {"Sequans GM01Q", .says = {MADE_BY("SEQUANS Communications", "GM01Q")}, .starts = "+SYSSTART",
     .says_later = "+CEREG: 5,\"0001\",\"01A2D001\",7"},
    {"MF823", .says = {MADE_BY("ZTE CORPORATION", "MF823")},
     .says_later = "+ZUSIMR:2|+ZPASR: \"LTE\"", .ways.report = "+CDS: ,25\n" REPORT},
    {"one memory, which cannot be chosen", .says = {{"AT+CPMS=", "ERROR", NULL, 0}}},
    {"a message that another program deletes", .says = {{"AT+CMGD=3", "+CMS ERROR: 321", NULL, 0}}},
    {"EC200U, an event before the answer",
     .says = {MADE_BY("Quectel", "EC200U"),
              {"AT+CMGR=3", "+QIND: \"csq\",20,99\n+CMGR: 0,,20\n" MESSAGE "\nOK", NULL, 0}}},
    {"FM350, MediaTek's events", .says = {MADE_BY("Fibocom Wireless Inc.", "FM350-GL")},
     .starts = "+EIND: 128\n+EIND: 1", .says_later = "+ESIMS: 1,12|+ECSQ: 22,99,-73,1,1,1,1,-392"},
    {"LTE that looks for 4 alone",
     .says = {{"AT+CREG?", "+CREG: 2,4\nOK", NULL, 0},
              {"AT+CEREG?", "+CEREG: 4,1,\"1F00\",\"0020A903\",7,0,0\nOK", NULL, 0}}},
    {"cell broadcast", .says_later = "+CBM: 88\n00100110001100C8329BFD6681D6EF3B1D34AFA3E9E5F4"},
    {"python-gsmmodem#97",
     .ways.balance = "+CREG: 1, 5C9, 39E5\n+CGREG: 1, 5C9, 39E5\nOK\n+CUSD: 0,\"Saldo 5\",15"},
    {"the balance in 8 bits", .ways.balance = "OK\n+CUSD: 0,\"53616C646F2035\",68"},
};

static bool is_calm(const struct script *s)
{
    return house_count_log(s->house, "no deja borrar") == 0;
}

static void test_whole_sessions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
        struct script *s = session_start(&sessions[i]);
        session_live(s, sessions[i].source, is_calm);
        script_free(s);
    }
}

/* LilyGo#247: the settings of the messages are refused for want of a network, which says why. */
static void test_settings_refused_for_want_of_a_network(void **state)
{
    static const struct said says[SAYS] = {
        MADE_BY("INCORPORATED", "A7670E"), {"AT+CMGF=0", "ERROR", NULL, 0}, NOT_HERE("11", NULL)};
    struct script *s = script_saying(says);
    (void)state;
    script_start(s);
    house_await(s->house, house_says(s->line, "llamadas de emergencia"), 2 * MINUTE);
    house_live(s->house, 10 * MINUTE);
    assert_true(house_says(s->line, "llamadas de emergencia"));
    assert_int_equal(house_count_log(s->house, "rechaza AT+CMGF"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_results_said_again_a_moment_later),
        script_test(test_a_modem_on_5g_alone),
        script_test(test_a_modem_whose_letters_stay_ucs2),
        script_test(test_no_centre_is_needed_by_ims_after_a_lost_line_too),
        script_test(test_whole_sessions),
        script_test(test_settings_refused_for_want_of_a_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
