/* SPDX-License-Identifier: EUPL-1.2 */
/* The chat when things go wrong: silence, lost lines, nonsense, and callbacks that free it. */
#include "tests/unit/test_at_chat_fixture.h"

#define REPORT "0006010B914306103221F3621122210000006211222100000000"

static const struct row plain = {.name = "plain", .command = "AT"};

static void wait_for_reply(struct scene *scene)
{
    int64_t end = loop_now_us(scene->loop) + 5000000;
    while (scene->replies == 0 && loop_now_us(scene->loop) < end)
        loop_step(scene->loop, 10000);
    assert_int_equal(scene->replies, 1);
}

/* Events come and come, and still the deadline holds: noise is no sign of life. */
static void deadlines(void **state)
{
    struct scene scene;
    (void)state;
    for (int with_prompt = 0; with_prompt < 2; with_prompt++) {
        open_scene(&scene);
        const struct at_request request = {.command = "AT+CMGS=9",
                                           .payload = "00",
                                           .prompt_ms = 60,
                                           .final_ms = 60,
                                           .fn = on_reply,
                                           .user = &scene};
        assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
        if (with_prompt)
            say(&scene, "> ", 2);
        say(&scene, "\r\n^RSSI:25\r\n", 12);
        wait_for_reply(&scene);
        assert_int_equal(scene.result, AT_RESULT_TIMEOUT);
        assert_int_equal(scene.payload_sent, with_prompt);
        say(&scene, "\r\n+CMGS: 1\r\n\r\nOK\r\n", 18); /* too late: an event like any other */
        assert_int_equal(scene.replies, 1);
        close_scene(&scene);
    }
}

/* The loop was held beyond the deadline. */
static void an_answer_that_came_meanwhile(void **state)
{
    struct scene *scene = *state;
    start(scene, &plain);
    assert_true(loop_step(scene->loop, 6000000)); /* the deadline is due, and not yet told */
    say(scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene->replies, 1);
    assert_int_equal(scene->result, AT_RESULT_OK);
}

static void lost_line(void **state)
{
    struct scene *scene = *state;
    start(scene, &plain);
    assert_int_equal(shutdown(scene->modem, SHUT_RDWR), 0);
    wait_for_reply(scene);
    assert_int_equal(scene->result, AT_RESULT_LOST);
    assert_true(scene->lost);
}

/* The memory of the chat may go away in any of its callbacks. */
static void freed_in_its_callbacks(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.free_in_reply = true;
    start(&scene, &plain);
    say(&scene, "\r\nOK\r\n\r\nRING\r\n", 14);
    assert_null(scene.chat);
    close_scene(&scene);
    open_scene(&scene);
    scene.free_in_event = true;
    say(&scene, "\r\nRING\r\n\r\nRING\r\n", 16);
    assert_null(scene.chat);
    assert_string_equal(scene.events, "RING;");
    close_scene(&scene);
    open_scene(&scene);
    scene.free_in_reply = true;
    start(&scene, &plain);
    assert_int_equal(shutdown(scene.modem, SHUT_RDWR), 0);
    wait_for_reply(&scene);
    assert_false(scene.lost);
    close_scene(&scene);
}

static void garbage_is_counted(void **state)
{
    struct scene *scene = *state;
    static char flood[70000];
    memset(flood, 'x', sizeof(flood));
    for (size_t done = 0; done < sizeof(flood);) {
        size_t len = sizeof(flood) - done < 4096 ? sizeof(flood) - done : 4096;
        say(scene, flood + done, len);
        done += len;
    }
    say(scene, "\r\nRING\r\n", 8);
    assert_string_equal(scene->events, "RING;");
    assert_int_equal(scene->nonsense[AT_NONSENSE_LONG_LINE], 1);
    start(scene, &plain);
    for (int i = 0; i < 40;
         i++) /* an answer without end: the first lines are kept, the rest counted */
        say(scene, "\r\nline\r\n", 8);
    say(scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene->result, AT_RESULT_OK);
    assert_int_equal(scene->line_count, 16);
    assert_int_equal(scene->nonsense[AT_NONSENSE_LONG_REPLY], 40 - 16);
}

static void live(struct scene *scene, int64_t us)
{
    for (int64_t end_us = loop_now_us(scene->loop) + us; loop_now_us(scene->loop) < end_us;)
        loop_step(scene->loop, 10000);
}

static void a_pdu_that_never_comes(void **state)
{
    struct scene *scene = *state;
    const char number[] = "490154203237518\r\nOK\r\n";
    say(scene, "\r\n+CDS: 25\r\n\r\n+CDS: 25\r\n", 24);
    assert_int_equal(scene->nonsense[AT_NONSENSE_CUT_PDU], 1);
    live(scene, 10100000);
    const struct at_request request = {
        .command = "AT+CGSN", .final_ms = 1000, .fn = on_reply, .user = scene};
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    say(scene, number, sizeof(number) - 1);
    assert_string_equal(scene->lines, "490154203237518;");
    assert_string_equal(scene->events, "");
    assert_int_equal(scene->nonsense[AT_NONSENSE_CUT_PDU], 2);
}

/* Seconds behind its line, a PDU is known by its kind and its length together. */
static void a_pdu_that_comes_late(void **state)
{
    static const struct {
        const char *first, *events;
        int64_t us;
    } rows[] = {
        {"+CDS: 25", "+CDS: 25|" REPORT ";", 2100000},
        {"+CDS: 25", "+CDS: 25|" REPORT ";", 9900000},
        {"+CDS: 24", REPORT ";", 2100000},
        {"+CMT: ,25", REPORT ";", 2100000},
        {"+CDS: 25", REPORT ";", 10100000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        char line[64];
        open_scene(&scene);
        (void)snprintf(line, sizeof(line), "\r\n%s\r\n", rows[i].first);
        say(&scene, line, strlen(line));
        live(&scene, rows[i].us);
        say(&scene, REPORT "\r\n", sizeof(REPORT "\r\n") - 1);
        assert_string_equal(scene.events, rows[i].events);
        close_scene(&scene);
    }
}

/* What has come of a PDU is handed over when the rest does not follow: a direct message is nowhere
 * else. */
static void a_pdu_without_its_end(void **state)
{
    struct scene *scene = *state;
    say(scene, "\r\n+CMT: ,25\r\n0006010B914306103221F36\r\n", 38);
    assert_string_equal(scene->events, "");
    say(scene, "\r\nRING\r\n", 8);
    assert_string_equal(scene->events, "RING;");
    live(scene, 2100000); /* of a line that says nothing more */
    assert_string_equal(scene->events, "RING;+CMT: ,25|0006010B914306103221F36;");
}

/* An OK before its lines, and no result behind them: over when they are. */
static void a_result_before_its_lines(void **state)
{
    struct scene *scene = *state;
    const struct at_request request = {.command = "AT+CMGR=3",
                                       .wants_lines = true,
                                       .final_ms = 9000,
                                       .fn = on_reply,
                                       .user = scene};
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    say(scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene->replies, 0);
    live(scene, 100000);
    say(scene, "\r\n+CMGR: 0,,20\r\n", 17);
    live(scene, 100000);
    say(scene, "00040581227700\r\n", 16);
    assert_int_equal(scene->replies, 0);
    live(scene, 200000);
    assert_string_equal(scene->lines, "+CMGR: 0,,20;00040581227700;");
    assert_int_equal(scene->result, AT_RESULT_OK);
    scene->replies = 0; /* an empty place has no lines at all */
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    say(scene, "\r\nOK\r\n", 6);
    live(scene, 200000);
    assert_true(scene->replies == 1 && scene->line_count == 0);
}

static void bytes_that_are_no_text(void **state)
{
    struct scene *scene = *state;
    say(scene, "\0\xFFOK\r\n\r\nRING\r\nAT\x1A\x1B\r\n", 20);
    assert_string_equal(scene->events, "OK;RING;AT??;");
    assert_int_equal(scene->odd_lines, 1);
}

/* A text whose end was lost does not stop the talk for long. */
static void a_text_that_never_ends(void **state)
{
    struct scene scene;
    const struct at_request request = {.command = "AT+CMGS=23",
                                       .prefix = "+CMGS:",
                                       .payload = "00AB",
                                       .prompt_ms = 9000,
                                       .final_ms = 9000,
                                       .fn = on_reply,
                                       .user = &scene};
    (void)state;
    for (int by_lines = 0; by_lines < 2; by_lines++) {
        open_scene(&scene);
        assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
        say(&scene, "\r\n+CUSD: 1,\"Eli\r\n", 17);
        for (int i = 0; by_lines && i < 17; i++)
            say(&scene, "RING\r\n", 6);
        for (int64_t end_us = loop_now_us(scene.loop) + 2100000;
             !by_lines && loop_now_us(scene.loop) < end_us;)
            loop_step(scene.loop, 10000);
        say(&scene, "> ", 2);
        say(&scene, "\r\n+CMGS: 7\r\n\r\nOK\r\n", 18);
        assert_true(scene.replies == 1 && scene.payload_sent);
        assert_string_equal(scene.lines, "+CMGS: 7;");
        close_scene(&scene);
    }
}

static void a_deadline_that_is_shortened(void **state)
{
    struct scene *scene = *state;
    const struct at_request request = {
        .command = "AT", .final_ms = 60000, .fn = on_reply, .user = scene};
    at_chat_hasten(scene->chat, 50); /* nothing is in flight */
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    at_chat_hasten(scene->chat, 50);
    at_chat_hasten(scene->chat, 50000); /* never longer */
    wait_for_reply(scene);
    assert_int_equal(scene->result, AT_RESULT_TIMEOUT);
}

/* A line before the prompt does not count as the answer to the payload. */
static void a_reference_before_the_prompt(void **state)
{
    struct scene *scene = *state;
    const struct at_request request = {.command = "AT+CMGS=23",
                                       .prefix = "+CMGS:",
                                       .payload = "00AB",
                                       .prompt_ms = 1000,
                                       .final_ms = 1000,
                                       .fn = on_reply,
                                       .user = scene};
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    say(scene, "\r\n+CMGS: 7\r\n\r\n> ", 16);
    say(scene, "\r\nOK\r\n", 6);
    wait_for_reply(scene); /* the line that belongs to the payload may still come */
    assert_int_equal(scene->result, AT_RESULT_OK);
    assert_true(scene->payload_sent);
    assert_int_equal(scene->line_count, 0);
}

static void too_long_a_command(void **state)
{
    struct scene *scene = *state;
    char command[400];
    memset(command, 'A', sizeof(command) - 1);
    command[sizeof(command) - 1] = '\0';
    const struct at_request request = {
        .command = command, .final_ms = 1000, .fn = on_reply, .user = scene};
    assert_int_equal(at_chat_send(scene->chat, &request), CC_ERR_NO_SPACE);
    assert_false(at_chat_is_busy(scene->chat));
    at_chat_escape(scene->chat);
    run(scene);
    heard(scene, "\x1B\r");
}

/* A command that must wait is not written, and what comes meanwhile is not its answer. */
static void a_pause_between_commands(void **state)
{
    struct scene *scene = *state;
    char bytes[16];
    const struct at_request request = {
        .command = "AT", .final_ms = 1000, .fn = on_reply, .user = scene};
    at_chat_set_gap(scene->chat, 100);
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    run(scene);
    heard(scene, "AT\r"); /* the first need not wait */
    say(scene, "\r\nOK\r\n", 6);
    int64_t answered_us = loop_now_us(scene->loop);
    scene->replies = 0;
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    assert_true(at_chat_is_busy(scene->chat));
    say(scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene->replies, 0);
    assert_string_equal(scene->events, "OK;");
    while (read(scene->modem, bytes, sizeof(bytes)) < 0 &&
           loop_now_us(scene->loop) - answered_us < 5000000)
        loop_step(scene->loop, 10000);
    assert_in_range(loop_now_us(scene->loop) - answered_us, 100000, 110000);
    say(scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene->replies, 1);
    at_chat_end_text(scene->chat);
    run(scene);
    heard(scene, "\x1A\r");
}

/* The payload waits behind its prompt, and is not written when the modem refuses it meanwhile. */
static void a_pause_before_the_payload(void **state)
{
    struct scene scene;
    const struct at_request request = {.command = "AT+CMGS=23",
                                       .prefix = "+CMGS:",
                                       .payload = "00AB",
                                       .prompt_ms = 1000,
                                       .pause_ms = 500,
                                       .final_ms = 1000,
                                       .fn = on_reply,
                                       .user = &scene};
    (void)state;
    for (int is_refused = 0; is_refused < 2; is_refused++) {
        open_scene(&scene);
        assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
        run(&scene);
        heard(&scene, "AT+CMGS=23\r");
        say(&scene, "\r\n> ", 4);
        live(&scene, 450000);
        heard(&scene, "");
        if (is_refused)
            say(&scene, "\r\n+CMS ERROR: 500\r\n", 19);
        live(&scene, 100000);
        heard(&scene, is_refused ? "" : "00AB\x1A");
        if (!is_refused)
            say(&scene, "\r\n+CMGS: 7\r\n\r\nOK\r\n", 18);
        assert_int_equal(scene.replies, 1);
        assert_int_equal(scene.result, is_refused ? AT_RESULT_ERROR : AT_RESULT_OK);
        assert_int_equal(scene.payload_sent, !is_refused);
        close_scene(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines),
        scene_test(an_answer_that_came_meanwhile),
        scene_test(lost_line),
        cmocka_unit_test(freed_in_its_callbacks),
        scene_test(garbage_is_counted),
        scene_test(a_pdu_that_never_comes),
        cmocka_unit_test(a_pdu_that_comes_late),
        scene_test(a_pdu_without_its_end),
        scene_test(a_result_before_its_lines),
        scene_test(bytes_that_are_no_text),
        cmocka_unit_test(a_text_that_never_ends),
        scene_test(a_deadline_that_is_shortened),
        scene_test(a_reference_before_the_prompt),
        scene_test(too_long_a_command),
        scene_test(a_pause_between_commands),
        cmocka_unit_test(a_pause_before_the_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
