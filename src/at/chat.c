/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/chat.h"

#include "at/fields.h"
#include "at/lines.h"
#include "at/pdu.h"
#include "at/syntax.h"
#include "at/text.h"
#include "base/loop.h"
#include "base/secret.h"
#include "base/span.h"

#include <stdlib.h>
#include <string.h>

enum {
    COMMAND_MAX = 256,
    PAYLOAD_MAX = 512, /* a PDU is at most 189 octets, 378 digits */
    RESULT_MS = 5000,  /* from the line that answers a payload to its result… */
    EARLY_MS = 1000,   /* …and from a result that came before its line… */
    TOLD_MS = 150,     /* …or before the lines that answer a question, each of them */
};

enum phase {
    PHASE_IDLE,
    PHASE_GAP, /* the command waits until the modem can take it: what comes is not its answer */
    PHASE_PROMPT,
    PHASE_PAUSE, /* between the prompt and the payload */
    PHASE_FINAL
};

struct at_chat {
    struct loop *loop;
    struct link *link;
    struct loop_source *deadline;
    int64_t deadline_us;
    const struct at_chat_events *events;
    void *user;
    struct at_syntax syntax;
    enum phase phase;
    struct at_request request; /* of the command in flight; its strings are the copies below */
    char command[COMMAND_MAX];
    char payload[PAYLOAD_MAX];
    size_t payload_len;
    bool payload_sent;
    struct {
        bool has_ok;   /* before its lines, which may follow (gammu#91) */
        bool is_usual; /* has been so before */
    } early;
    struct at_lines lines; /* of the reply */
    struct at_text text;   /* of the operator, over several lines */
    struct at_pdu pdu;     /* of a +CDS: and its like */
    struct loop_source *pdu_end;
    unsigned gap_ms;
    int64_t gap_end_us; /* no command before this */
    bool lost;
    bool is_fresh; /* the command was written after the bytes that are being read had come */
    bool reading;  /* callbacks may free the chat meanwhile: then the end of the reading does it */
    bool dead;
};

/* A command was written, and its answer is awaited. What had come before it was written is no
 * answer to it, such as a second OK behind the first. */
static bool is_waiting(const struct at_chat *chat)
{
    return chat->phase >= PHASE_PROMPT && !chat->is_fresh;
}

static void forget_command(struct at_chat *chat)
{
    if (chat->gap_ms > 0)
        chat->gap_end_us = loop_now_us(chat->loop) + chat->gap_ms * US_PER_MS;
    secret_wipe(chat->payload, sizeof(chat->payload));
    secret_wipe(chat->command, sizeof(chat->command));
    chat->payload_len = 0;
    chat->phase = PHASE_IDLE;
    loop_timer_clear(chat->deadline);
}

/* The command is over; the callback may send the next one or free the chat. */
static void chat_finish(struct at_chat *chat, enum at_result result, struct gsm_cause cause)
{
    struct at_reply reply = {
        .result = result,
        .cause = cause,
        .payload_sent = chat->payload_sent,
        .line_count = chat->lines.count,
        .lines = chat->lines.line,
    };
    struct at_request request = chat->request;
    bool is_answer = result == AT_RESULT_OK || result == AT_RESULT_ERROR;
    forget_command(chat);
    if (is_answer && chat->events->answered != NULL)
        chat->events->answered(chat->user);
    request.fn(&reply, request.user);
}

static void set_deadline(struct at_chat *chat, unsigned ms)
{
    chat->deadline_us = loop_now_us(chat->loop) + ms * US_PER_MS;
    loop_timer_set(chat->deadline, chat->deadline_us);
}

static void write_command(struct at_chat *chat)
{
    char line[COMMAND_MAX + 1];
    chat->phase = chat->request.payload != NULL ? PHASE_PROMPT : PHASE_FINAL;
    set_deadline(chat,
                 chat->phase == PHASE_PROMPT ? chat->request.prompt_ms : chat->request.final_ms);
    size_t len = strlen(chat->command);
    memcpy(line, chat->command, len);
    line[len] = '\r';
    chat->is_fresh = chat->reading;
    link_write(chat->link, line, len + 1);
    secret_wipe(line, sizeof(line));
}

static void write_payload(struct at_chat *chat)
{
    chat->phase = PHASE_FINAL;
    chat->payload_sent = true;
    at_lines_clear(&chat->lines); /* none before the payload tells what becomes of it */
    set_deadline(chat, chat->request.final_ms);
    chat->payload[chat->payload_len] = 0x1A; /* Ctrl-Z, 27.005 4.3 */
    link_write(chat->link, chat->payload, chat->payload_len + 1);
}

static void on_prompt(struct at_chat *chat)
{
    if (chat->phase != PHASE_PROMPT)
        return;
    chat->phase = PHASE_PAUSE;
    if (chat->request.pause_ms > 0)
        set_deadline(chat, chat->request.pause_ms);
    else
        write_payload(chat);
}

static void on_deadline(void *user)
{
    struct at_chat *chat = user;
    if (chat->phase == PHASE_GAP) {
        write_command(chat);
    } else if (chat->phase == PHASE_PAUSE) {
        write_payload(chat);
    } else if (chat->deadline_us > 0) { /* the loop was held: what the line brought is read first */
        chat->deadline_us = 0;
        loop_timer_in(chat->deadline, 1);
    } else {
        bool is_ok = chat->early.has_ok || at_lines_cut_ok(&chat->lines);
        chat_finish(chat, is_ok ? AT_RESULT_OK : AT_RESULT_TIMEOUT,
                    (struct gsm_cause){.kind = GSM_CAUSE_LOCAL});
    }
}

static bool is_event(const struct at_chat *chat, const char *line)
{
    for (size_t i = 0; i < AT_CHAT_EVENT_LISTS; i++) {
        const char *const *prefix = chat->events->event_prefixes[i];
        for (; prefix != NULL && *prefix != NULL; prefix++)
            if (at_line_behind(line, *prefix) != NULL)
                return true;
    }
    return false;
}

static bool belongs_to_command(const struct at_chat *chat, const char *line)
{
    struct at_fields fields;
    if (!is_waiting(chat))
        return false;
    if (chat->request.prefix == NULL)
        return !is_event(chat, line) && !(chat->syntax.odd && strcmp(line, "?") == 0);
    if (!at_fields_init(&fields, line, chat->request.prefix))
        return false;
    return at_fields_count(&fields) >= chat->request.min_fields;
}

/* A line behind an OK that came early: the only one, or one of as many as there are. */
static void take_early_end(struct at_chat *chat)
{
    chat->early.is_usual = true;
    if (chat->request.prefix != NULL && chat->request.line_fn == NULL)
        chat_finish(chat, AT_RESULT_OK, (struct gsm_cause){.kind = GSM_CAUSE_NONE});
    else
        set_deadline(chat, TOLD_MS);
}

static void keep_line(struct at_chat *chat, const char *line)
{
    if (chat->request.prefix == NULL && chat->syntax.odd)
        chat->events->nonsense(AT_NONSENSE_BYTES, chat->user);
    if (chat->payload_sent && chat->request.prefix != NULL) /* some give no OK behind it */
        at_chat_hasten(chat, RESULT_MS);
    chat->lines.has_any = true;
    if (chat->request.line_fn != NULL)
        chat->request.line_fn(line, chat->request.user);
    else if (!at_lines_keep(&chat->lines, line)) /* a reply without end: its rest is of no use */
        chat->events->nonsense(AT_NONSENSE_LONG_REPLY, chat->user);
    if (chat->early.has_ok)
        take_early_end(chat);
}

/* "+CMGS: 5OK": the line end between an answer and its result was lost. A name that ends so is told
 * from it at the deadline. */
static bool take_glued(struct at_chat *chat, const char *line)
{
    char answer[AT_LINE_MAX + 1];
    const char *pdu = answer;
    size_t len = at_line_before_ok(line);
    memcpy(answer, line, len);
    answer[len] = '\0';
    if (len == 0 || !belongs_to_command(chat, line) ||
        (chat->request.prefix == NULL && *line != '+' && at_pdu_digits(&pdu) < AT_PDU_DIGITS_MIN))
        return false;
    keep_line(chat, answer);
    if (is_waiting(chat))
        chat_finish(chat, AT_RESULT_OK, (struct gsm_cause){.kind = GSM_CAUSE_NONE});
    return true;
}

/* The second line of +CDS and its like; false when the line is something else and must be looked
 * at. */
static bool take_pdu(struct at_chat *chat, const char *line)
{
    char pdu[AT_LINE_MAX + 1], first[AT_LINE_MAX + 1];
    enum at_pdu_step step = at_pdu_take(&chat->pdu, line, loop_now_us(chat->loop), pdu);
    if (step == AT_PDU_CUT)
        chat->events->nonsense(AT_NONSENSE_CUT_PDU, chat->user);
    if (step != AT_PDU_OVER && step != AT_PDU_WHOLE)
        return step == AT_PDU_PART;
    memcpy(first, chat->pdu.line, sizeof(first)); /* the callback may bring the next one */
    chat->events->unsolicited(first, pdu, chat->user);
    return step == AT_PDU_WHOLE || chat->dead;
}

static void take_announced(struct at_chat *chat, const char *line)
{
    char pdu[AT_LINE_MAX + 1];
    if (at_pdu_in_line(line, pdu)) {
        chat->events->unsolicited(line, pdu, chat->user);
        return;
    }
    at_pdu_await(&chat->pdu, line, loop_now_us(chat->loop));
}

/* The answer to a message that was sent, behind a text whose last quote never came: a reference or
 * a coded error is no line of a menu. */
static bool is_own_answer(const struct at_chat *chat, const char *line)
{
    struct gsm_cause cause;
    if (!chat->payload_sent || !is_waiting(chat) || chat->request.prefix == NULL)
        return false;
    return at_line_behind(line, chat->request.prefix) != NULL ||
           (at_final(line, &cause) == AT_RESULT_ERROR && *line == '+');
}

/*
 * A menu ("Elija:", "> 1 Saldo") looks like prompts, and may like results: a message that is being
 * sent meets neither between its quotes. True: the line was of it.
 */
static bool take_text(struct at_chat *chat, const char *line)
{
    if (at_line_behind(line, "+CUSD:") != NULL) {
        at_text_begin(&chat->text, line, loop_now_us(chat->loop));
        return false; /* taken as any other line */
    }
    if (!at_text_is_open(&chat->text))
        return false;
    if (is_own_answer(chat, line)) {
        at_text_end(&chat->text);
        return false;
    }
    if (!at_text_add(&chat->text, line))
        return false;
    if (!is_waiting(chat) || chat->request.payload == NULL)
        return false; /* nothing leaves by mistake: rather this than to miss an answer */
    chat->events->unsolicited(line, NULL, chat->user);
    return true;
}

/* Lines belong to its answer: a bare OK may have come before them. */
static bool wants_lines(const struct at_chat *chat)
{
    const struct at_request *request = &chat->request;
    size_t len = strlen(chat->command);
    bool is_question = len > 0 && chat->command[len - 1] == '?';
    return request->wants_lines || (request->prefix != NULL && (chat->payload_sent || is_question));
}

/* A result of the command that waits: true, and the line was of it. */
static bool take_result(struct at_chat *chat, const char *line)
{
    struct gsm_cause cause = {.kind = GSM_CAUSE_NONE};
    enum at_result result = at_final(line, &cause);
    if (result == AT_RESULT_NONE && chat->request.numeric)
        result = at_final_numeric(line, &cause);
    if (result == AT_RESULT_NONE)
        return false;
    bool is_early = result == AT_RESULT_OK && wants_lines(chat) && !chat->lines.has_any;
    chat->early.has_ok = is_early;
    if (is_early)
        at_chat_hasten(chat, chat->payload_sent ? EARLY_MS : TOLD_MS);
    else
        chat_finish(chat, result, cause);
    return true;
}

static bool take_echo(const struct at_chat *chat, const char *line)
{
    if (!at_line_is_echo(line, chat->command, chat->payload_sent ? chat->payload : NULL))
        return false;
    if (chat->events->echo != NULL)
        chat->events->echo(chat->user);
    return true;
}

static void on_line(struct at_chat *chat, const char *line)
{
    if (take_text(chat, line) || take_pdu(chat, line))
        return;
    if (is_waiting(chat) &&
        (take_echo(chat, line) || take_result(chat, line) || take_glued(chat, line)))
        return;
    if (at_line_has_pdu(line)) /* also while a command waits that takes any line */
        take_announced(chat, line);
    else if (belongs_to_command(chat, line))
        keep_line(chat, line);
    else
        chat->events->unsolicited(line, NULL, chat->user);
}

/* Every callback may free the chat: nothing but `dead` is looked at behind one. */
static void leave_reading(struct at_chat *chat)
{
    chat->reading = chat->is_fresh = false;
    if (!chat->dead) {
        if (chat->pdu.end_us > 0)
            loop_timer_set(chat->pdu_end, chat->pdu.end_us + 1);
        return;
    }
    secret_wipe(chat, sizeof(*chat));
    free(chat);
}

/* Neither the PDU nor its rest has come. */
static void on_pdu_end(void *user)
{
    struct at_chat *chat = user;
    chat->reading = true;
    (void)take_pdu(chat, "");
    leave_reading(chat);
}

static void on_bytes(struct at_chat *chat, const uint8_t *bytes, size_t len)
{
    chat->reading = true;
    chat->is_fresh = false;
    while (len > 0 && !chat->dead) {
        enum at_token token = AT_TOKEN_NONE;
        at_text_expire(&chat->text, loop_now_us(chat->loop));
        at_syntax_expect_prompt(&chat->syntax, chat->phase == PHASE_PROMPT && !chat->is_fresh &&
                                                   !at_text_is_open(&chat->text));
        size_t used = at_syntax_feed(&chat->syntax, bytes, len, &token);
        bytes += used;
        len -= used;
        if (token == AT_TOKEN_LINE)
            on_line(chat, chat->syntax.line);
        else if (token == AT_TOKEN_PROMPT)
            on_prompt(chat);
        else if (token == AT_TOKEN_TOO_LONG)
            chat->events->nonsense(AT_NONSENSE_LONG_LINE, chat->user);
    }
    leave_reading(chat);
}

static void on_lost(struct at_chat *chat)
{
    chat->lost = true;
    chat->reading = true;
    if (chat->phase != PHASE_IDLE)
        chat_finish(chat, AT_RESULT_LOST, (struct gsm_cause){.kind = GSM_CAUSE_LOCAL});
    if (!chat->dead)
        chat->events->lost(chat->user);
    leave_reading(chat);
}

static void on_link(enum link_event event, const uint8_t *bytes, size_t len, void *user)
{
    struct at_chat *chat = user;
    if (event == LINK_UP)
        chat->events->up(chat->user);
    else if (event == LINK_DATA)
        on_bytes(chat, bytes, len);
    else
        on_lost(chat);
}

enum cc_err at_chat_open(struct loop *loop, const char *device, const struct link_scheme *extra,
                         struct tape *tape, const struct at_chat_events *events, void *user,
                         struct at_chat **ret)
{
    struct at_chat *chat = calloc(1, sizeof(*chat));
    if (chat == NULL)
        return CC_ERR_MEMORY;
    enum cc_err err = link_open(loop, device, extra, tape, on_link, chat, &chat->link);
    if (err != CC_OK) {
        free(chat);
        return err;
    }
    chat->loop = loop;
    chat->deadline = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_deadline, chat);
    chat->pdu_end = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_pdu_end, chat);
    chat->events = events;
    chat->user = user;
    at_syntax_init(&chat->syntax);
    *ret = chat;
    return CC_OK;
}

void at_chat_free(struct at_chat *chat)
{
    if (chat == NULL)
        return;
    link_close(chat->link);
    loop_source_free(chat->deadline);
    loop_source_free(chat->pdu_end);
    chat->dead = true;
    if (!chat->reading)
        leave_reading(chat);
}

bool at_chat_is_busy(const struct at_chat *chat)
{
    return chat->phase != PHASE_IDLE;
}

bool at_chat_line_is_odd(const struct at_chat *chat)
{
    return chat->syntax.odd;
}

bool at_chat_is_early(const struct at_chat *chat)
{
    return chat->early.is_usual;
}

void at_chat_hasten(struct at_chat *chat, unsigned ms)
{
    if (is_waiting(chat) && chat->deadline_us > loop_now_us(chat->loop) + ms * US_PER_MS)
        set_deadline(chat, ms);
}

enum cc_err at_chat_send(struct at_chat *chat, const struct at_request *request)
{
    const char *payload = request->payload != NULL ? request->payload : "";
    if (chat->phase != PHASE_IDLE)
        return CC_ERR_BUSY;
    if (strlen(request->command) >= COMMAND_MAX || strlen(payload) >= PAYLOAD_MAX - 1)
        return CC_ERR_NO_SPACE;
    memcpy(chat->command, request->command, strlen(request->command) + 1);
    memcpy(chat->payload, payload, strlen(payload) + 1);
    chat->request = *request;
    chat->payload_len = strlen(chat->payload);
    chat->payload_sent = chat->early.has_ok = false;
    at_lines_clear(&chat->lines);
    if (chat->gap_ms > 0 && loop_now_us(chat->loop) < chat->gap_end_us) {
        chat->phase = PHASE_GAP;
        loop_timer_set(chat->deadline, chat->gap_end_us);
    } else {
        write_command(chat);
    }
    return CC_OK;
}

void at_chat_set_gap(struct at_chat *chat, unsigned gap_ms)
{
    chat->gap_ms = gap_ms;
}

static void write_key(struct at_chat *chat, const char *key)
{
    if (!chat->lost)
        link_write(chat->link, key, strlen(key));
}

void at_chat_escape(struct at_chat *chat)
{
    write_key(chat, "\x1B\r");
}

void at_chat_escape_data(struct at_chat *chat)
{
    write_key(chat, "+++");
}

void at_chat_end_text(struct at_chat *chat)
{
    write_key(chat, "\x1A\r");
}
