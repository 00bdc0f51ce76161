/* SPDX-License-Identifier: EUPL-1.2 */
/* The chat against a modem that a table plays: what it says, piece by piece, and what must come of
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "at/chat.h"
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct scene {
    struct loop *loop;
    struct at_chat *chat;
    int modem; /* the other end of the line */
    bool up, lost;
    int replies;
    enum at_result result;
    struct gsm_cause cause;
    bool payload_sent;
    size_t line_count;
    char lines[512];
    char events[512]; /* unsolicited lines, each followed by ';', a PDU after '|' */
    unsigned nonsense[AT_NONSENSE_COUNT];
    unsigned odd_lines;
    bool free_in_reply, free_in_event;
};

static enum cc_err open_test(const char *address, void *user, int *ret_fd)
{
    struct scene *scene = user;
    int pair[2];
    (void)address;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    scene->modem = pair[1];
    *ret_fd = pair[0];
    return CC_OK;
}

static void append(char *to, size_t cap, const char *text, const char *end)
{
    size_t len = strlen(to);
    (void)snprintf(to + len, cap - len, "%s%s", text, end);
}

static void drop_chat(struct scene *scene)
{
    at_chat_free(scene->chat);
    scene->chat = NULL;
}

static void on_unsolicited(const char *line, const char *pdu, void *user)
{
    struct scene *scene = user;
    append(scene->events, sizeof(scene->events), line, pdu != NULL ? "|" : ";");
    scene->odd_lines += at_chat_line_is_odd(scene->chat);
    if (pdu != NULL)
        append(scene->events, sizeof(scene->events), pdu, ";");
    if (scene->free_in_event)
        drop_chat(scene);
}

static void on_up(void *user)
{
    ((struct scene *)user)->up = true;
}

static void on_lost(void *user)
{
    ((struct scene *)user)->lost = true;
}

static void on_nonsense(enum at_nonsense what, void *user)
{
    ((struct scene *)user)->nonsense[what]++;
}

static void on_reply(const struct at_reply *reply, void *user)
{
    struct scene *scene = user;
    scene->replies++;
    scene->result = reply->result;
    scene->cause = reply->cause;
    scene->payload_sent = reply->payload_sent;
    scene->line_count = reply->line_count;
    for (size_t i = 0; i < reply->line_count; i++)
        append(scene->lines, sizeof(scene->lines), reply->lines[i], ";");
    if (scene->free_in_reply)
        drop_chat(scene);
}

static const char *const event_prefixes[] = {"+CREG:", "^", NULL};
static const struct at_chat_events events = {
    .unsolicited = on_unsolicited,
    .up = on_up,
    .lost = on_lost,
    .nonsense = on_nonsense,
    .event_prefixes = {event_prefixes},
};

static void open_scene(struct scene *scene)
{
    const struct link_scheme schemes[] = {{"test:", open_test, scene}, {NULL, NULL, NULL}};
    memset(scene, 0, sizeof(*scene));
    scene->loop = loop_new();
    assert_int_equal(
        at_chat_open(scene->loop, "test:", schemes, NULL, &events, scene, &scene->chat), CC_OK);
    assert_false(scene->up); /* never from inside the call */
    for (int i = 0; i < 5 && !scene->up; i++)
        loop_step(scene->loop, 10000);
    assert_true(scene->up);
}

static void close_scene(struct scene *scene)
{
    at_chat_free(scene->chat);
    close(scene->modem);
    loop_free(scene->loop);
}

static void run(struct scene *scene)
{
    for (int i = 0; i < 8; i++)
        loop_step(scene->loop, 0);
}

static void heard(struct scene *scene, const char *expected)
{
    char bytes[1024];
    ssize_t n = read(scene->modem, bytes, sizeof(bytes) - 1);
    bytes[n > 0 ? n : 0] = '\0';
    assert_string_equal(bytes, expected);
}

static void say(struct scene *scene, const char *text, size_t len)
{
    assert_int_equal(write(scene->modem, text, len), (ssize_t)len);
    run(scene);
}

/* "\1" in `says` stands for the moment at which the payload must have been written. */
static const struct row {
    const char *name, *command, *prefix, *payload, *says;
    size_t min_fields;
    bool numeric;
    enum at_result result;
    int code;
    const char *lines, *events;
} rows[] = {
    {"plain", "AT", NULL, NULL, "\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "", ""},
    {"echo", "AT+CSQ", "+CSQ:", NULL, "AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CSQ: 20,99;", ""},
    {"double cr", "AT+CSQ", "+CSQ:", NULL, "\r\r\n+CSQ: 20,99\r\r\n\r\r\nOK\r\r\n", 0, false,
     AT_RESULT_OK, 0, "+CSQ: 20,99;", ""},
    {"cme", "AT+CPIN?", "+CPIN:", NULL, "\r\n+CME ERROR: 10\r\n", 0, false, AT_RESULT_ERROR, 10, "",
     ""},
    {"verbose cme", "AT+CPIN?", "+CPIN:", NULL, "\r\n+CME ERROR: SIM not inserted\r\n", 0, false,
     AT_RESULT_ERROR, 10, "", ""},
    {"numeric", "AT", NULL, NULL, "0\r", 0, true, AT_RESULT_OK, 0, "", ""},
    {"numeric error", "AT", NULL, NULL, "4\r", 0, true, AT_RESULT_ERROR, 0, "", ""},
    {"huawei error", "AT+X", NULL, NULL, "\r\nCOMMAND NOT SUPPORT\r\n", 0, false, AT_RESULT_ERROR,
     0, "", ""},
    {"event before the reply", "AT+CSQ", "+CSQ:", NULL,
     "\r\n^RSSI:25\r\n\r\n+CSQ: 1,99\r\n\r\nRING\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CSQ: 1,99;", "^RSSI:25;RING;"},
    {"event with the prefix of the reply", "AT+CREG?", "+CREG:", NULL,
     "\r\n+CREG: 1\r\n\r\n+CREG: 1,5\r\n\r\nOK\r\n", 2, false, AT_RESULT_OK, 0, "+CREG: 1,5;",
     "+CREG: 1;"},
    {"event while any line counts", "AT+CGMI", NULL, NULL, "\r\n+CREG: 1\r\n\r\nACME\r\n\r\nOK\r\n",
     0, false, AT_RESULT_OK, 0, "ACME;", "+CREG: 1;"},
    {"prompt with space", "AT+CMGS=9", "+CMGS:", "0011AA", "\r\n> \1\r\n+CMGS: 7\r\n\r\nOK\r\n", 0,
     false, AT_RESULT_OK, 0, "+CMGS: 7;", ""},
    {"bare prompt", "AT+CMGS=9", "+CMGS:", "0011AA", ">\1\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CMGS: 7;", ""},
    {"prompt with crlf and echoes", "AT+CMGS=9", "+CMGS:", "0011AA",
     "AT+CMGS=9\r\r\n>\r\n\1"
     "0011AA\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n",
     0, false, AT_RESULT_OK, 0, "+CMGS: 7;", ""},
    {"events around the prompt", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n^BOOT:1\r\n\r\n> \1\r\nRING\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGS: 7;", "^BOOT:1;RING;"},
    {"report in the middle", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CDS: 25\r\n0006AB00112233\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK,
     0, "+CMGS: 7;", "+CDS: 25|0006AB00112233;"},
    {"report with the extra comma", "AT", NULL, NULL,
     "\r\n+CDS: ,25\r\n0006AB00112233\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "",
     "+CDS: ,25|0006AB00112233;"},
    {"half a report", "AT", NULL, NULL, "\r\n+CDS: 25\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "",
     ""},
    {"a number behind half a report", "AT", NULL, NULL, "\r\n+CDS: 25\r\n0\r", 0, true,
     AT_RESULT_OK, 0, "", ""},
    {"an error behind half a report", "AT", NULL, NULL, "\r\n+CDS: 25\r\n4\r", 0, true,
     AT_RESULT_ERROR, 0, "", ""},
    {"half of a report's digits", "AT", NULL, NULL, "\r\n+CDS: 25\r\n0006AB001122331\r\nOK\r\n", 0,
     false, AT_RESULT_OK, 0, "0006AB001122331;", ""},
    {"a menu before the prompt", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n+CUSD: 1,\"Elija:\r\n> 1 Saldo\r\n> 2 \"A\"\r\nOK\r\nERROR\",15\r\n\r\n> "
     "\1\r\n+CMGS: 7\r\n\r\nOK\r\n",
     0, false, AT_RESULT_OK, 0, "+CMGS: 7;",
     "+CUSD: 1,\"Elija:;> 1 Saldo;> 2 \"A\";OK;ERROR\",15;"},
    {"a menu behind the pdu", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CUSD: 1,\"\r\nERROR\r\n> 1\"\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CMGS: 7;", "+CUSD: 1,\";ERROR;> 1\";"},
    {"a quote too many", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CUSD: 0,\"5\" o 6\",15\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGS: 7;", "+CUSD: 0,\"5\" o 6\",15;"},
    {"refused before the prompt", "AT+CMGS=9", "+CMGS:", "0011AA", "\r\n+CMS ERROR: 304\r\n", 0,
     false, AT_RESULT_ERROR, 304, "", ""},
    {"refused after the pdu", "AT+CMGS=9", "+CMGS:", "0011AA", "\r\n> \1\r\n+CMS ERROR: 500\r\n", 0,
     false, AT_RESULT_ERROR, 500, "", ""},
};

static void start(struct scene *scene, const struct row *row)
{
    char line[64];
    const struct at_request request = {
        .command = row->command,
        .prefix = row->prefix,
        .min_fields = row->min_fields,
        .payload = row->payload,
        .numeric = row->numeric,
        .prompt_ms = 5000,
        .final_ms = 5000,
        .fn = on_reply,
        .user = scene,
    };
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    assert_int_equal(at_chat_send(scene->chat, &request), CC_ERR_BUSY);
    run(scene);
    (void)snprintf(line, sizeof(line), "%s\r", row->command);
    heard(scene, line);
}

static void play(const struct row *row, size_t chunk)
{
    struct scene scene;
    char payload[64];
    open_scene(&scene);
    start(&scene, row);
    for (const char *at = row->says; *at != '\0';) {
        if (*at == '\1') {
            (void)snprintf(payload, sizeof(payload), "%s\x1a", row->payload);
            heard(&scene, payload);
            at++;
            continue;
        }
        size_t len = strcspn(at, "\1");
        len = chunk > 0 && chunk < len ? chunk : len;
        say(&scene, at, len);
        at += len;
    }
    if (scene.replies != 1)
        print_error("row: %s (chunks of %zu)\n", row->name, chunk);
    assert_int_equal(scene.replies, 1);
    assert_int_equal(scene.result, row->result);
    assert_int_equal(scene.cause.code, row->code);
    assert_string_equal(scene.lines, row->lines);
    assert_string_equal(scene.events, row->events);
    assert_int_equal(scene.payload_sent, strchr(row->says, '\1') != NULL);
    assert_false(at_chat_is_busy(scene.chat));
    close_scene(&scene);
}

static void dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t chunk = 0; chunk < 4; chunk++)
            play(&rows[i], chunk);
}

static void wait_for_reply(struct scene *scene)
{
    int64_t end = clock_mono_us() + 5000000;
    while (scene->replies == 0 && clock_mono_us() < end)
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

static void lost_line(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene);
    start(&scene, &rows[0]);
    assert_int_equal(shutdown(scene.modem, SHUT_RDWR), 0);
    wait_for_reply(&scene);
    assert_int_equal(scene.result, AT_RESULT_LOST);
    assert_true(scene.lost);
    close_scene(&scene);
}

/* The memory of the chat may go away in any of its callbacks (STYLE 1.7). */
static void freed_in_its_callbacks(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.free_in_reply = true;
    start(&scene, &rows[0]);
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
    start(&scene, &rows[0]);
    assert_int_equal(shutdown(scene.modem, SHUT_RDWR), 0);
    wait_for_reply(&scene);
    assert_false(scene.lost);
    close_scene(&scene);
}

static void garbage_is_counted(void **state)
{
    struct scene scene;
    static char flood[70000];
    (void)state;
    open_scene(&scene);
    memset(flood, 'x', sizeof(flood));
    for (size_t done = 0; done < sizeof(flood);) {
        size_t len = sizeof(flood) - done < 4096 ? sizeof(flood) - done : 4096;
        say(&scene, flood + done, len);
        done += len;
    }
    say(&scene, "\r\nRING\r\n", 8);
    assert_string_equal(scene.events, "RING;");
    assert_int_equal(scene.nonsense[AT_NONSENSE_LONG_LINE], 1);
    start(&scene, &rows[0]);
    for (int i = 0; i < 40;
         i++) /* an answer without end: the first lines are kept, the rest counted */
        say(&scene, "\r\nline\r\n", 8);
    say(&scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene.result, AT_RESULT_OK);
    assert_int_equal(scene.line_count, 16);
    assert_int_equal(scene.nonsense[AT_NONSENSE_LONG_REPLY], 40 - 16);
    close_scene(&scene);
}

static void a_pdu_that_never_comes(void **state)
{
    struct scene scene;
    const char number[] = "490154203237518\r\nOK\r\n";
    (void)state;
    open_scene(&scene);
    say(&scene, "\r\n+CDS: 25\r\n\r\n+CDS: 25\r\n", 24);
    assert_int_equal(scene.nonsense[AT_NONSENSE_CUT_PDU], 1);
    for (int64_t end_us = clock_mono_us() + 2100000; clock_mono_us() < end_us;)
        loop_step(scene.loop, 10000);
    const struct at_request request = {
        .command = "AT+CGSN", .final_ms = 1000, .fn = on_reply, .user = &scene};
    assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
    say(&scene, number, sizeof(number) - 1);
    assert_string_equal(scene.lines, "490154203237518;");
    assert_string_equal(scene.events, "");
    assert_int_equal(scene.nonsense[AT_NONSENSE_CUT_PDU], 2);
    close_scene(&scene);
}

static void bytes_that_are_no_text(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene);
    say(&scene, "\0\xFFOK\r\n\r\nRING\r\nAT\x1A\x1B\r\n", 20);
    assert_string_equal(scene.events, "??OK;RING;AT??;");
    assert_int_equal(scene.odd_lines, 1);
    close_scene(&scene);
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
        for (int64_t end_us = clock_mono_us() + 2100000; !by_lines && clock_mono_us() < end_us;)
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
    struct scene scene;
    const struct at_request request = {
        .command = "AT", .final_ms = 60000, .fn = on_reply, .user = &scene};
    (void)state;
    open_scene(&scene);
    at_chat_hasten(scene.chat, 50); /* nothing is in flight */
    assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
    at_chat_hasten(scene.chat, 50);
    at_chat_hasten(scene.chat, 50000); /* never longer */
    wait_for_reply(&scene);
    assert_int_equal(scene.result, AT_RESULT_TIMEOUT);
    close_scene(&scene);
}

/* What was said before the prompt is no word about the payload. */
static void a_reference_before_the_prompt(void **state)
{
    struct scene scene;
    const struct at_request request = {.command = "AT+CMGS=23",
                                       .prefix = "+CMGS:",
                                       .payload = "00AB",
                                       .prompt_ms = 1000,
                                       .final_ms = 1000,
                                       .fn = on_reply,
                                       .user = &scene};
    (void)state;
    open_scene(&scene);
    assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
    say(&scene, "\r\n+CMGS: 7\r\n\r\n> ", 16);
    say(&scene, "\r\nOK\r\n", 6);
    assert_true(scene.payload_sent);
    assert_int_equal(scene.line_count, 0);
    close_scene(&scene);
}

static void too_long_a_command(void **state)
{
    struct scene scene;
    char command[400];
    (void)state;
    open_scene(&scene);
    memset(command, 'A', sizeof(command) - 1);
    command[sizeof(command) - 1] = '\0';
    const struct at_request request = {
        .command = command, .final_ms = 1000, .fn = on_reply, .user = &scene};
    assert_int_equal(at_chat_send(scene.chat, &request), CC_ERR_NO_SPACE);
    assert_false(at_chat_is_busy(scene.chat));
    at_chat_escape(scene.chat);
    run(&scene);
    heard(&scene, "\x1B\r");
    close_scene(&scene);
}

/* A command that must wait is not written, and what comes meanwhile is not its answer. */
static void a_pause_between_commands(void **state)
{
    struct scene scene;
    char bytes[16];
    const struct at_request request = {
        .command = "AT", .final_ms = 1000, .fn = on_reply, .user = &scene};
    (void)state;
    open_scene(&scene);
    at_chat_set_gap(scene.chat, 100);
    assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
    run(&scene);
    heard(&scene, "AT\r"); /* the first need not wait */
    say(&scene, "\r\nOK\r\n", 6);
    int64_t answered_us = clock_mono_us();
    scene.replies = 0;
    assert_int_equal(at_chat_send(scene.chat, &request), CC_OK);
    assert_true(at_chat_is_busy(scene.chat));
    say(&scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene.replies, 0);
    assert_string_equal(scene.events, "OK;");
    while (read(scene.modem, bytes, sizeof(bytes)) < 0 && clock_mono_us() - answered_us < 5000000)
        loop_step(scene.loop, 10000);
    assert_in_range(clock_mono_us() - answered_us, 95000, 4000000);
    say(&scene, "\r\nOK\r\n", 6);
    assert_int_equal(scene.replies, 1);
    at_chat_end_text(scene.chat);
    run(&scene);
    heard(&scene, "\x1A\r");
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogues),
        cmocka_unit_test(deadlines),
        cmocka_unit_test(lost_line),
        cmocka_unit_test(freed_in_its_callbacks),
        cmocka_unit_test(garbage_is_counted),
        cmocka_unit_test(a_pdu_that_never_comes),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(a_text_that_never_ends),
        cmocka_unit_test(a_deadline_that_is_shortened),
        cmocka_unit_test(a_reference_before_the_prompt),
        cmocka_unit_test(too_long_a_command),
        cmocka_unit_test(a_pause_between_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
