/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A modem in the house (test_house_fixture.h) that may do what the strict simulator would not: it
 * answers as a good one, and a hook of the test answers otherwise. What it is in the middle of (a
 * prompt, its SIM) outlives a connection, as behind a serial server.
 */
#ifndef CC_TEST_SCRIPT_FIXTURE_H
#define CC_TEST_SCRIPT_FIXTURE_H

#include "tests/unit/test_house_fixture.h"

#include <sys/epoll.h>

#define SCRIPT_PROMPT "> "
#define SCRIPT_PDU "<PDU>" /* the hook's word for a PDU that has come */

enum { SCRIPT_COMMANDS = 65536, SCRIPT_COMMAND = 64, SCRIPT_PDUS = 64, SCRIPT_LINE = 512 };

struct script;

/* Script of the running test: script_tear_down() frees it however the test ends. */
static struct script *script_now;

/* The lines to answer, '\n' between them; "" = none at all; NULL = what a good modem says. */
typedef const char *(*script_hook)(struct script *script, const char *command);

struct script {
    struct house *house;
    struct house_line *line;
    script_hook hook;
    const char *sim; /* answer to +CPIN? */
    const char *pin;
    int creg, pin_left;
    int flag, number;   /* for the hook… */
    int64_t at_us;      /* …which begin at 0 */
    int64_t delay_us;   /* of each answer */
    const char *ends;   /* of its lines; NULL = CR LF */
    const char *prompt; /* as it is written; NULL = the standard's */
    bool is_prompting;
    bool is_gone; /* nobody listens */
    bool is_late; /* the answer to a command is being delayed */
    char commands[SCRIPT_COMMANDS][SCRIPT_COMMAND];
    size_t command_count;
    char pdus[SCRIPT_PDUS][SCRIPT_LINE]; /* the first of them */
    size_t pdu_count;
    unsigned connections;
    char answer[SCRIPT_LINE]; /* storage of good answers */
    char text[SCRIPT_LINE];   /* what has come so far */
    size_t text_len;
    char late[SCRIPT_LINE]; /* the command whose answer is delayed */
    struct loop_source *io, *timer;
    int fd; /* -1 = no client */
};

/* The line breaks; the next client is welcome. */
static inline void script_drop(struct script *s)
{
    if (s->fd < 0)
        return;
    loop_source_free(s->io);
    close(s->fd);
    s->io = NULL;
    s->fd = -1;
    s->text_len = 0;
}

/* '\n' between the lines; all in one piece. A client that is gone hears nothing. */
static inline void script_say(struct script *s, const char *lines)
{
    char out[4096];
    size_t len = 0;
    while (*lines != '\0') {
        size_t line = strcspn(lines, "\n");
        bool is_prompt = strncmp(lines, SCRIPT_PROMPT, line) == 0 && line == 2;
        s->is_prompting = s->is_prompting || is_prompt;
        const char *ends = s->ends != NULL ? s->ends : "\r\n";
        if (is_prompt && s->prompt != NULL)
            len += (size_t)snprintf(out + len, sizeof(out) - len, "%s", s->prompt);
        else
            len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%.*s%s", ends, (int)line,
                                    lines, is_prompt ? "" : ends);
        assert_true(len < sizeof(out));
        lines += line + (lines[line] == '\n');
    }
    if (s->fd >= 0)
        (void)!write(s->fd, out, len);
}

static inline const char *script_take_pin(struct script *s, const char *given)
{
    size_t len = strlen(s->pin);
    if (strncmp(given, s->pin, len) != 0 || given[len] != '"') {
        s->pin_left--;
        return "+CME ERROR: 16";
    }
    s->sim = "READY";
    s->pin_left = 3;
    return "OK";
}

static inline const char *script_good_answer(struct script *s, const char *command)
{
    static const struct {
        const char *command, *answer;
    } told[] = {
        {"AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"98431000000000000010\"\nOK"},
        {"AT+CGREG?", "+CGREG: 1,0\nOK"},
        {"AT+CEREG?", "+CEREG: 1,0\nOK"},
        {"AT+CSQ", "+CSQ: 20,99\nOK"},
        {"AT+CGMI", "Fabricante\nOK"},
        {"AT+CGMM", "Modelo\nOK"},
        {"AT+CGMR", "1.0\nOK"},
    };
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        if (strcmp(command, told[i].command) == 0)
            return told[i].answer;
    if (strncmp(command, "AT+CMGS=", 8) == 0)
        return SCRIPT_PROMPT;
    if (strncmp(command, "AT+CPIN=\"", 9) == 0)
        return script_take_pin(s, command + 9);
    if (strcmp(command, SCRIPT_PDU) == 0)
        (void)snprintf(s->answer, sizeof(s->answer), "+CMGS: %zu\nOK", s->pdu_count);
    else if (strcmp(command, "AT+CPIN?") == 0)
        (void)snprintf(s->answer, sizeof(s->answer), "+CPIN: %s\nOK", s->sim);
    else if (strcmp(command, "AT+CPINR") == 0)
        (void)snprintf(s->answer, sizeof(s->answer), "+CPINR: SIM PIN,%d,3\nOK", s->pin_left);
    else if (strcmp(command, "AT+CREG?") == 0)
        (void)snprintf(s->answer, sizeof(s->answer), "+CREG: 1,%d\nOK", s->creg);
    else
        return "OK";
    return s->answer;
}

static inline void script_answer(struct script *s, const char *command)
{
    const char *lines = s->hook != NULL ? s->hook(s, command) : NULL;
    script_say(s, lines != NULL ? lines : script_good_answer(s, command));
}

static inline void script_on_late(void *user)
{
    struct script *s = user;
    s->is_late = false;
    script_answer(s, s->late);
    if (s->io != NULL)
        loop_fd_set_events(s->io, EPOLLIN);
}

static inline void script_on_command(struct script *s, const char *command)
{
    assert_true(s->command_count < SCRIPT_COMMANDS);
    (void)snprintf(s->commands[s->command_count++], SCRIPT_COMMAND, "%.63s", command);
    if (s->delay_us == 0) {
        script_answer(s, command);
        return;
    }
    (void)snprintf(s->late, sizeof(s->late), "%s", command);
    loop_timer_set(s->timer, loop_now_us(s->house->loop) + s->delay_us);
    s->is_late = true; /* what comes meanwhile is read after the answer */
    loop_fd_set_events(s->io, 0);
}

/* Behind a prompt. */
static inline void script_on_entry(struct script *s, bool is_sent)
{
    s->is_prompting = false;
    if (!is_sent) {
        script_say(s, "OK");
        return;
    }
    if (s->pdu_count < SCRIPT_PDUS)
        (void)snprintf(s->pdus[s->pdu_count], SCRIPT_LINE, "%s", s->text);
    s->pdu_count++;
    script_answer(s, SCRIPT_PDU);
}

static inline void script_on_byte(struct script *s, char byte)
{
    bool is_end = s->is_prompting ? byte == 0x1A || byte == 0x1B : byte == '\r';
    if (!is_end && (byte == 0x1A || byte == 0x1B || byte == '\n' || byte == '\r'))
        return;
    if (!is_end) {
        assert_true(s->text_len + 1 < sizeof(s->text));
        s->text[s->text_len++] = byte;
        return;
    }
    s->text[s->text_len] = '\0';
    bool is_empty = s->text_len == 0;
    s->text_len = 0;
    if (s->is_prompting)
        script_on_entry(s, byte == 0x1A);
    else if (!is_empty)
        script_on_command(s, s->text);
}

static inline void script_on_ready(uint32_t events, void *user)
{
    struct script *s = user;
    char byte;
    ssize_t len = 0;
    (void)events;
    while (s->fd >= 0 && !s->is_late && (len = read(s->fd, &byte, 1)) == 1)
        script_on_byte(s, byte);
    if (len == 0 && !s->is_late)
        script_drop(s);
}

static inline enum cc_err script_plug_in(const char *address, void *user, int *ret_fd)
{
    struct script *s = user;
    int ends[2];
    (void)address;
    if (s->is_gone)
        return CC_ERR_DEVICE_MISSING;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    script_drop(s);
    s->fd = ends[1];
    s->io = loop_add_fd(s->house->loop, s->fd, EPOLLIN, script_on_ready, s);
    s->connections++;
    *ret_fd = ends[0];
    return CC_OK;
}

/* Breaks the line, and nobody listens until is_gone is cleared. */
static inline void script_leave(struct script *s)
{
    s->is_gone = true;
    script_drop(s);
}

/* A house that is not started, with this modem in it, and the citizen NIF. */
static inline struct script *script_new(script_hook hook)
{
    struct script *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    script_now = s;
    *s = (struct script){
        .hook = hook, .sim = "READY", .pin = "", .creg = 1, .pin_left = 3, .fd = -1};
    s->house = house_new();
    s->house->settings.limits = house_no_limits();
    s->timer = loop_add_timer(s->house->loop, LOOP_PRIORITY_NORMAL, script_on_late, s);
    s->line = house_add_line(s->house);
    s->line->schemes[0].open = script_plug_in;
    s->line->schemes[0].user = s;
    return s;
}

static inline void script_free(struct script *s)
{
    script_drop(s);
    loop_source_free(s->timer);
    house_free(s->house);
    free(s);
    script_now = NULL;
}

/* Starts the house; the citizen of NIF is enrolled. */
static inline void script_start(struct script *s)
{
    house_start(s->house);
    assert_ok(house_enrol(s->house, NIF, PHONE));
}

/* Starts it and waits until the modem is ready. */
static inline void script_start_ready(struct script *s)
{
    script_start(s);
    house_await(s->house, modem_is_ready(s->line->modem), 30 * SECOND);
}

static inline void script_ask(struct script *s)
{
    assert_ok(house_ask(s->house, NIF, CLAVE));
}

/* Commands that begin so. */
static inline size_t script_count(const struct script *s, const char *start)
{
    size_t count = 0;
    for (size_t i = 0; i < s->command_count; i++)
        count += strncmp(s->commands[i], start, strlen(start)) == 0;
    return count;
}

/* A +CDS: of this status for a message of that reference (23.040 9.2.2.3); type: of the number. */
static inline void script_report_as(struct script *s, unsigned reference, unsigned status,
                                    const char *number, unsigned type)
{
    char line[160], swapped[32];
    size_t digits = strlen(number), len = 0;
    for (; len < digits; len += 2) {
        swapped[len] = len + 1 < digits ? number[len + 1] : 'F';
        swapped[len + 1] = number[len];
    }
    swapped[len] = '\0';
    (void)snprintf(line, sizeof(line), "+CDS: %zu\n0006%02X%02zX%02X%s%s%s%02X", 19 + len / 2,
                   reference, digits, type, swapped, "62112221000000", "62112221000000", status);
    script_say(s, line);
}

/* The same for PHONE: delivered. */
static inline void script_report(struct script *s, unsigned reference)
{
    script_report_as(s, reference, 0, &PHONE[1], 0x91);
}

static inline int script_tear_down(void **state)
{
    if (script_now != NULL)
        script_free(script_now);
    return house_tear_down(state);
}

#define script_test(test) cmocka_unit_test_teardown(test, script_tear_down)

#endif
