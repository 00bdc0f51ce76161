/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The balance by USSD: one question, an answer that comes as an event up to a minute later, and a
 * session that some networks leave open. Source: 3GPP TS 27.007 7.15; MODEMS 3 (60 s).
 */
#include "modem/job/private.h"

#include "at/fields.h"
#include "at/syntax.h"
#include "base/buf.h"
#include "base/loop.h"
#include "base/span.h"
#include "gsm/ussd.h"
#include "modem/recover/recover.h"
#include "modem/start/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ASK_MS = 20000, /* for the OK; some give it only with the answer */
    ANSWER_MS = 60000,
    END_MS = 5000,
    TEXT_MS = 2000,    /* from one line of a text to the next */
    EMPTY_MS = 5000,   /* from an answer without a text to one with it */
    URGENT_MS = 30000, /* half of a technician's minute: then it goes before the next message */
    COMMAND_SIZE = 256,
    TEXT_SIZE = 1300, /* AT_LINE_MAX of packed septets in hexadecimal, two bytes each */
    STATUS_MORE = 1,  /* <m>: the session stays open */
    STATUS_LAST_WITH_TEXT = 2,
    STATUS_NOT_SUPPORTED = 4,
    LINE_SIZE = AT_LINE_MAX + 3, /* the longest line, with the quote that we close it by */
};

enum ussd_step { USSD_IDLE, USSD_WANTED, USSD_ASKED, USSD_REFUSED };

/* The code as modems want it: a refused form is followed by the next. */
enum ussd_form { USSD_PLAIN, USSD_PACKED, USSD_BARE, USSD_UCS2, USSD_FORMS };

/* The question for the balance. */
struct modem_ussd {
    struct loop_source *timer;
    enum ussd_step step;
    enum ussd_form form;
    bool must_end;        /* the network keeps the session open */
    bool was_error;       /* refused by ERROR: a session may have been open */
    bool was_empty;       /* an answer without a text has come */
    bool is_checked;      /* refused: the settings that may explain it were looked at */
    int64_t since_us;     /* start of the wait of the code to be sent */
    char held[TEXT_SIZE]; /* the text of a session's end: the answer may come behind it */
    size_t len;           /* of an answer over several lines; 0 = none has begun */
    char line[LINE_SIZE];
};

static void finish_ussd(struct modem *modem, enum cc_err err, const char *text)
{
    modem->jobs->ussd->step = USSD_IDLE;
    loop_timer_clear(modem->jobs->ussd->timer);
    modem->events->balance(modem, err, text, modem->user);
}

static bool is_asking(const struct modem_ussd *ussd)
{
    return ussd->step == USSD_ASKED;
}

static void wants_to_send(struct modem *modem)
{
    modem->jobs->ussd->since_us = loop_now_us(modem->loop);
}

/* The text of an answer; "" = the network refused, or said nothing. */
static void read_text(struct at_fields *fields, int status, struct buf *out)
{
    char given[LINE_SIZE] = "";
    int dcs = GSM_USSD_DCS_NONE;
    (void)at_fields_text(fields, given, sizeof(given));
    (void)at_fields_int(fields, &dcs);
    if (status >= 0 && status <= STATUS_LAST_WITH_TEXT)
        (void)gsm_ussd_text(given, dcs, out);
}

/* Without what fills it up at either end. */
static char *trim_text(char *text)
{
    static const char blanks[] = " \r\n";
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
        len--;
    text[len] = '\0';
    return text + strspn(text, blanks);
}

/* ---- refused: is it the network, or a setting that another program left? ----------------------
 */

/* Other characters, or a session that was open: the question was not taken, and goes once more. */
static void on_checked(struct modem *modem)
{
    modem->use.is_checking = false;
    if (modem_has_changed_settings(modem) || modem->jobs->ussd->was_error) {
        modem->jobs->ussd->step = USSD_WANTED;
        modem->jobs->ussd->form = USSD_PLAIN;
        wants_to_send(modem);
        if (modem_has_changed_settings(modem))
            modem_distrust(modem); /* the others may be lost as well */
    } else {
        finish_ussd(modem, CC_ERR_NETWORK_REFUSED, "");
    }
    job_end_command(modem);
}

/* was_error: the modem did not even take the question. False = that was looked at before. */
static bool checks_settings(struct modem *modem, bool was_error)
{
    struct modem_ussd *ussd = modem->jobs->ussd;
    if (ussd->is_checked)
        return false;
    ussd->is_checked = true;
    ussd->was_error = was_error;
    if (was_error)
        ussd->must_end = true; /* a session is open, of this or another program */
    ussd->step = USSD_REFUSED;
    wants_to_send(modem);
    job_poke(modem);
    return true;
}

/* Some networks end the session first ("Initiating Release"), and tell the answer then. */
static void take_text(struct modem *modem, int status, const char *told)
{
    struct modem_ussd *ussd = modem->jobs->ussd;
    bool is_end = status == STATUS_LAST_WITH_TEXT && ussd->held[0] == '\0';
    if (*told != '\0' && !is_end) {
        finish_ussd(modem, CC_OK, told);
    } else if (status >= 0 && status <= STATUS_LAST_WITH_TEXT) { /* the next one may have it */
        ussd->was_empty = *told == '\0';
        if (!ussd->was_empty)
            (void)snprintf(ussd->held, sizeof(ussd->held), "%s", told);
        loop_timer_in(ussd->timer, EMPTY_MS * US_PER_MS);
    } else {
        finish_ussd(modem, CC_ERR_NETWORK_REFUSED, "");
    }
}

static void on_answer(struct modem *modem, const char *line)
{
    char storage[TEXT_SIZE];
    struct at_fields fields;
    struct buf text;
    int status = -1;
    if (!at_fields_init(&fields, line, "+CUSD:") || !at_fields_int(&fields, &status))
        return;
    if (status == STATUS_MORE) {
        modem->jobs->ussd->must_end = true;
        wants_to_send(modem);
        job_poke(modem);
    }
    if (!is_asking(modem->jobs->ussd))
        return; /* the network speaks by itself, or comes too late */
    if (status == STATUS_NOT_SUPPORTED && checks_settings(modem, false))
        return;
    buf_init(&text, storage, sizeof(storage) - 1);
    read_text(&fields, status, &text);
    storage[text.len] = '\0';
    take_text(modem, status, trim_text(storage));
}

/* ---- an answer over several lines ------------------------------------------------------------*/

static bool is_open(const char *line)
{
    size_t quotes = 0;
    for (; *line != '\0'; line++)
        quotes += *line == '"';
    return quotes % 2 != 0;
}

static void end_answer(struct modem *modem)
{
    modem->jobs->ussd->len = 0;
    on_answer(modem, modem->jobs->ussd->line);
}

/* Appends a line. A byte is kept for a quote that never comes. */
static bool append_line(struct modem_ussd *ussd, const char *line)
{
    size_t len = strlen(line);
    if (ussd->len + len + 1 > LINE_SIZE - 2)
        return false;
    if (ussd->len > 0)
        ussd->line[ussd->len++] = '\n';
    memcpy(ussd->line + ussd->len, line, len + 1);
    ussd->len += len;
    return true;
}

/* The quote that ends the text has not come: a result behind it is no part of the text. */
static void cut_results(struct modem_ussd *ussd)
{
    struct gsm_cause cause;
    for (char *end = strchr(ussd->line, '\n'); end != NULL; end = strchr(end + 1, '\n')) {
        char next[LINE_SIZE];
        (void)snprintf(next, sizeof(next), "%.*s", (int)strcspn(end + 1, "\n"), end + 1);
        if (at_final(next, &cause) == AT_RESULT_NONE)
            continue;
        *end = '\0';
        ussd->len = (size_t)(end - ussd->line);
        return;
    }
}

static void close_quote(struct modem *modem)
{
    cut_results(modem->jobs->ussd);
    memcpy(modem->jobs->ussd->line + modem->jobs->ussd->len, "\"", 2);
    end_answer(modem);
}

static bool take_event(struct modem *modem, const char *line, const char *pdu)
{
    (void)pdu;
    struct modem_ussd *ussd = modem->jobs->ussd;
    bool begins = at_line_behind(line, "+CUSD:") != NULL;
    if (!begins && ussd->len == 0)
        return false;
    if (!is_asking(ussd)) { /* the first line is all that counts, and the next are for others */
        ussd->len = 0;
        if (begins)
            on_answer(modem, line);
        return begins;
    }
    if (begins)
        ussd->len = 0;
    if (!append_line(ussd, line))
        close_quote(modem);
    else if (!is_open(ussd->line))
        end_answer(modem);
    else
        loop_timer_in(ussd->timer, TEXT_MS * US_PER_MS);
    return true;
}

/* ---- the question ----------------------------------------------------------------------------*/

static void on_timer(void *user)
{
    struct modem *modem = user;
    struct modem_ussd *ussd = modem->jobs->ussd;
    if (ussd->len > 0)
        close_quote(modem); /* a part of the answer is better than none */
    if (ussd->step == USSD_IDLE)
        return;
    if (is_asking(ussd) && ussd->held[0] != '\0') {
        finish_ussd(modem, CC_OK, ussd->held);
        return;
    }
    enum cc_err err = CC_ERR_NO_ANSWER;
    if (!is_asking(ussd)) /* the question never went */
        err = CC_ERR_BUSY;
    else if (ussd->was_empty)
        err = CC_ERR_NETWORK_REFUSED;
    if (err == CC_ERR_NO_ANSWER) {
        ussd->must_end = true;
        wants_to_send(modem);
    }
    finish_ussd(modem, err, "");
    job_poke(modem);
}

static void on_asked(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_ussd *ussd = modem->jobs->ussd;
    if (reply->result == AT_RESULT_LOST)
        return; /* the caller is told when the line is given up */
    if (reply->result == AT_RESULT_TIMEOUT) {
        if (is_asking(ussd))
            finish_ussd(modem, CC_ERR_NO_ANSWER, "");
        modem_resync(modem);
        return;
    }
    if (is_asking(ussd) && reply->result == AT_RESULT_ERROR && !checks_settings(modem, true))
        finish_ussd(modem, CC_ERR_NETWORK_REFUSED, "");
    job_end_command(modem);
}

/* Some Huawei refuse a code that is not packed, others a coding scheme, and a modem whose letters
 * are UCS-2 everything else. */
static void on_form_asked(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_ussd *ussd = modem->jobs->ussd;
    if (reply->result == AT_RESULT_ERROR && is_asking(ussd) && ussd->form + 1 < USSD_FORMS) {
        ussd->form++;
        ussd->step = USSD_WANTED;
        job_end_command(modem);
        return;
    }
    on_asked(reply, user);
}

/* A code has digits, * and # alone. */
static void put_ucs2(const char *code, struct buf *out)
{
    for (; *code != '\0'; code++)
        buf_fmt(out, "00%02X", (unsigned)*code & 0x7F);
}

/* The answer is an event, also when it comes before the OK. */
static const char no_line[] = "AT+CUSD";

static void ask_ussd(struct modem *modem)
{
    char command[COMMAND_SIZE], coded[COMMAND_SIZE];
    const char *code = modem->config.ussd;
    enum ussd_form form = modem->jobs->ussd->form;
    struct buf hex;
    buf_init(&hex, coded, sizeof(coded));
    if (form == USSD_PACKED)
        (void)gsm_ussd_pack(code, &hex);
    else if (form == USSD_UCS2)
        put_ucs2(code, &hex);
    if (hex.len > 0 && buf_cstr(&hex) != NULL)
        code = coded;
    (void)snprintf(command, sizeof(command), "AT+CUSD=1,\"%.200s\"%s", code,
                   form == USSD_BARE ? "" : ",15");
    modem->jobs->ussd->step = USSD_ASKED;
    loop_timer_in(modem->jobs->ussd->timer, ANSWER_MS * US_PER_MS);
    modem_command(modem, &(struct at_request){.command = command,
                                              .prefix = no_line,
                                              .final_ms = ASK_MS,
                                              .fn = on_form_asked,
                                              .user = modem});
}

static void on_ended(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem);
    else if (reply->result != AT_RESULT_LOST)
        job_end_command(modem);
}

static bool run_ussd(struct modem *modem)
{
    struct modem_ussd *ussd = modem->jobs->ussd;
    if (ussd->must_end) {
        ussd->must_end = false;
        modem_command(
            modem, &(struct at_request){
                       .command = "AT+CUSD=2", .final_ms = END_MS, .fn = on_ended, .user = modem});
        return true;
    }
    if (ussd->step == USSD_REFUSED) {
        modem->use.is_checking = true;
        modem_run_rows(modem, modem_text_rows, on_checked);
        return true;
    }
    if (ussd->step != USSD_WANTED)
        return false;
    ask_ussd(modem);
    return true;
}

static bool is_urgent(const struct modem *modem)
{
    const struct modem_ussd *ussd = modem->jobs->ussd;
    bool waits = ussd->must_end || (ussd->step != USSD_IDLE && ussd->step != USSD_ASKED);
    return waits && loop_now_us(modem->loop) - ussd->since_us > URGENT_MS * US_PER_MS;
}

enum cc_err modem_check_balance(const struct modem *modem)
{
    if (modem->config.ussd == NULL || modem->config.ussd[0] == '\0')
        return CC_ERR_NOT_CONFIGURED;
    if (modem->jobs->ussd->step != USSD_IDLE)
        return CC_ERR_BUSY;
    if (modem->state != MODEM_READY)
        return CC_ERR_MODEM_NOT_READY;
    return CC_OK;
}

enum cc_err modem_ask_balance(struct modem *modem)
{
    struct modem_ussd *ussd = modem->jobs->ussd;
    enum cc_err err = modem_check_balance(modem);
    if (err != CC_OK)
        return err;
    ussd->step = USSD_WANTED;
    ussd->form = USSD_PLAIN;
    ussd->is_checked = ussd->was_empty = false;
    ussd->held[0] = '\0';
    wants_to_send(modem);
    loop_timer_in(ussd->timer, ANSWER_MS * US_PER_MS);
    job_poke(modem);
    return CC_OK;
}

static void init_ussd(struct modem *modem)
{
    modem->jobs->ussd = alloc_or_abort(sizeof(*modem->jobs->ussd));
    modem->jobs->ussd->timer = loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
}

static void free_ussd(struct modem *modem)
{
    loop_source_free(modem->jobs->ussd->timer);
    free(modem->jobs->ussd);
}

/* The line is lost: the asker is told. */
static void forget_ussd(struct modem *modem, enum modem_forget what)
{
    if (what != MODEM_FORGET_LINE)
        return;
    modem->jobs->ussd->must_end = false;
    modem->jobs->ussd->len = 0;
    if (modem->jobs->ussd->step != USSD_IDLE)
        finish_ussd(modem, CC_ERR_LOST, "");
}

const struct modem_job modem_ussd_job = {
    .init = init_ussd,
    .done = free_ussd,
    .forget = forget_ussd,
    .event = take_event,
    .run = run_ussd,
    .is_urgent = is_urgent,
};
