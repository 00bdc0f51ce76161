/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/receive.h"

#include "base/hex.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/span.h"
#include "pool/pool.h"
#include "store/balance.h"
#include "store/inbox.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNFINISHED_MS = DAY_MS,
    CLOSED_AT_ONCE = 20,   /* in one turn; the next is never far */
    SHORT_CODE_DIGITS = 7, /* 22133, 1471…: no subscriber has so few */
    LINES_A_MINUTE = 20,
    NOTICE_LOOKED_AT = 600, /* bytes: a notice says it soon, and a pattern may be slow */
};

/* ---- notices of low balance ------------------------------------------------------------------ */

/* A name ("Movistar") is whatever its sender wrote: only a short code, which operators give out, or
 * the configured sender counts as the operator. */
static bool is_operator(const struct modem *modem, const char *from)
{
    size_t digits = strspn(from, "0123456789");
    bool is_short = digits > 0 && digits <= SHORT_CODE_DIGITS && from[digits] == '\0';
    const char *sender = modem_balance_sender(modem);
    return is_short || (sender[0] != '\0' && strcmp(from, sender) == 0);
}

static bool matches_pattern(const char *pattern, const char *text)
{
    char beginning[NOTICE_LOOKED_AT + 1];
    regex_t regex;
    (void)snprintf(beginning, sizeof(beginning), "%s", text);
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        return false;
    bool found = regexec(&regex, beginning, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static bool is_low_balance(const struct modem *modem, const struct inbox_message *message)
{
    const char *pattern = modem_balance_pattern(modem);
    return pattern[0] != '\0' && is_operator(modem, message->from) &&
           matches_pattern(pattern, message->text);
}

/* ---- what is said of it, when it is durable -------------------------------------------------- */

struct note {
    struct service *service;
    char modem[INBOX_MODEM_SIZE];
    enum inbox_kind kind;
    int64_t id;
    bool is_alarm;            /* the first notice of low balance */
    char from[GSM_ADDR_SIZE]; /* of a notice: a short code or the configured sender */
};

/* Strangers decide how many come: a few lines a minute, and then how many there were. */
static bool may_say(struct service *service)
{
    struct receive_log *said = &service->receive_log;
    int64_t now_us = loop_now_us(service->loop);
    if (now_us - said->minute_us > MINUTE_MS * US_PER_MS) {
        said->minute_us = now_us;
        said->lines = 0;
    }
    bool may = said->lines < LINES_A_MINUTE;
    if (may)
        said->lines++;
    else
        said->silent++;
    return may;
}

static void say_received(const struct note *note)
{
    struct receive_log *said = &note->service->receive_log;
    char more[48] = "";
    if (note->is_alarm)
        log_warning("módem %s: según un SMS de %s queda poco saldo: compruébelo con su operador y "
                    "recárguelo (contraclavectl buzon)",
                    note->modem, note->from);
    if (!may_say(note->service))
        return;
    if (said->silent > 0)
        (void)snprintf(more, sizeof(more), "; y otros %u antes", said->silent);
    said->silent = 0;
    log_info("módem %s: SMS recibido, el %" PRId64 " del buzón (%s)%s", note->modem, note->id,
             inbox_kind_token(note->kind), more);
}

static void on_noted(bool committed, void *user)
{
    struct note *note = user;
    if (committed)
        say_received(note);
    free(note);
}

/* ---- a message ------------------------------------------------------------------------------- */

struct arrival {
    struct service *service;
    struct modem *modem;
    const struct modem_inbound *inbound;
    int64_t now_ms;
    struct note *note; /* of what came into the inbox */
};

/* With the words for the log, for when it is durable. Owns: *ret_note is the caller's. */
static enum cc_err insert_message(struct service *service, const struct inbox_message *message,
                                  struct note **ret_note)
{
    int64_t alarm_since_ms = 0;
    struct note *note = calloc(1, sizeof(*note));
    if (note == NULL)
        return CC_ERR_MEMORY;
    *note = (struct note){.service = service, .kind = message->kind};
    (void)snprintf(note->modem, sizeof(note->modem), "%s", message->modem);
    enum cc_err err = CC_OK;
    if (message->kind == INBOX_BALANCE)
        err = inbox_balance_alarm_since(service->store, message->modem, &alarm_since_ms);
    note->is_alarm = message->kind == INBOX_BALANCE && alarm_since_ms == 0;
    if (message->kind == INBOX_BALANCE)
        (void)snprintf(note->from, sizeof(note->from), "%s", message->from);
    if (err == CC_OK)
        err = inbox_insert(service->store, message, &note->id);
    if (err == CC_OK)
        *ret_note = note;
    else
        free(note);
    return err;
}

static enum cc_err keep_message(struct arrival *a, struct inbox_message *message)
{
    if (message->kind == INBOX_MESSAGE && is_low_balance(a->modem, message))
        message->kind = INBOX_BALANCE;
    (void)snprintf(message->modem, sizeof(message->modem), "%s", modem_name(a->modem));
    return insert_message(a->service, message, &a->note);
}

/* Kept as it came, so that a slot of the card never stays taken by what nobody can read. */
static enum cc_err keep_unreadable(struct arrival *a)
{
    char *hex = malloc(2 * a->inbound->len + 1);
    if (hex == NULL)
        return CC_ERR_MEMORY;
    hex_encode(a->inbound->pdu, a->inbound->len, hex);
    struct inbox_message message = {
        .kind = INBOX_UNREADABLE, .text = hex, .parts = 1, .received_ms = a->now_ms};
    enum cc_err err = keep_message(a, &message);
    free(hex);
    return err;
}

static enum cc_err keep_whole(struct arrival *a, const struct gsm_deliver *deliver)
{
    char storage[GSM_CONCAT_TEXT_MAX + 1];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    gsm_deliver_text(deliver, &text);
    struct inbox_message message = {.kind = deliver->is_cut || a->inbound->is_cut ? INBOX_INCOMPLETE
                                                                                  : INBOX_MESSAGE,
                                    .text = buf_cstr(&text),
                                    .parts = 1,
                                    .sent_ms = deliver->sent_ms,
                                    .received_ms = a->now_ms};
    (void)snprintf(message.from, sizeof(message.from), "%s", deliver->from.text);
    enum cc_err err = message.text != NULL ? keep_message(a, &message) : CC_ERR_NO_SPACE;
    secret_wipe(storage, sizeof(storage));
    return err;
}

static enum cc_err keep_part(struct arrival *a, const struct gsm_deliver *deliver)
{
    struct inbox_message message;
    struct buf text;
    char *storage = malloc(INBOX_TEXT_SIZE);
    if (storage == NULL)
        return CC_ERR_MEMORY;
    buf_init(&text, storage, INBOX_TEXT_SIZE);
    enum cc_err err = inbox_add_part(a->service->store, modem_name(a->modem), deliver, a->now_ms,
                                     &text, &message);
    if (err == CC_OK) {
        message.received_ms = a->now_ms;
        err = keep_message(a, &message);
    }
    secret_wipe(storage, INBOX_TEXT_SIZE);
    free(storage);
    return err_allow_absent(err);
}

static enum cc_err store_arrival(struct arrival *a)
{
    struct gsm_deliver deliver;
    bool is_new = false;
    enum cc_err err = inbox_meet(a->service->store, modem_name(a->modem), a->inbound->pdu,
                                 a->inbound->len, a->now_ms, &is_new);
    if (err != CC_OK || !is_new)
        return err;
    if (!gsm_deliver_decode(a->inbound->pdu, a->inbound->len, &deliver))
        return keep_unreadable(a);
    if (deliver.concat.present && deliver.concat.total > 1)
        return keep_part(a, &deliver);
    return keep_whole(a, &deliver);
}

static void on_durable(bool committed, void *user)
{
    modem_inbound_done(user, committed);
}

void receive_inbound(struct service *service, struct modem *modem,
                     const struct modem_inbound *inbound)
{
    struct arrival arrival = {service, modem, inbound, service_now_ms(service), NULL};
    enum cc_err err = turn_enter(service->turn);
    if (err == CC_OK) {
        err = store_arrival(&arrival);
        if (err == CC_OK)
            err = receive_close_unfinished(service, arrival.now_ms);
        turn_leave(service->turn, err == CC_OK);
    }
    if (err == CC_OK && arrival.note != NULL)
        turn_after(service->turn, on_noted, arrival.note);
    else
        free(arrival.note);
    if (err != CC_OK)
        log_error("módem %s: el SMS recibido no se ha podido guardar%s: %s", modem_name(modem),
                  inbound->is_kept ? "; queda en el módem" : "", err_text(err));
    if (!inbound->is_kept)
        return;
    if (err == CC_OK)
        turn_after(service->turn, on_durable, modem);
    else
        modem_inbound_done(modem, false);
}

/* ---- long messages that stay unfinished ------------------------------------------------------ */

enum cc_err receive_close_unfinished(struct service *service, int64_t now_ms)
{
    enum cc_err err = CC_OK;
    char *storage = malloc(INBOX_TEXT_SIZE);
    if (storage == NULL)
        return CC_ERR_MEMORY;
    for (int i = 0; i < CLOSED_AT_ONCE && err == CC_OK; i++) {
        struct inbox_message message;
        struct note *note = NULL;
        struct buf text;
        buf_init(&text, storage, INBOX_TEXT_SIZE);
        err = inbox_take_unfinished(service->store, now_ms - UNFINISHED_MS, &text, &message);
        if (err == CC_OK)
            err = insert_message(service, &message, &note);
        if (err == CC_OK)
            turn_after(service->turn, on_noted, note);
    }
    secret_wipe(storage, INBOX_TEXT_SIZE);
    free(storage);
    return err_allow_absent(err);
}

/* ---- the balance ----------------------------------------------------------------------------- */

/* A modem that cannot be asked any more leaves its question as one that was lost. */
static void on_asked(bool committed, void *user)
{
    struct modem *modem = user;
    enum cc_err err = committed ? modem_ask_balance(modem) : CC_OK;
    if (err != CC_OK)
        log_warning("módem %s: no se ha preguntado el saldo: %s", modem_name(modem), err_text(err));
}

enum cc_err receive_ask_balance(struct service *service, struct modem *modem, int64_t now_ms)
{
    enum cc_err err = modem_check_balance(modem);
    if (err == CC_OK)
        err = balance_asked(service->store, modem_name(modem), now_ms);
    if (err == CC_OK)
        turn_after(service->turn, on_asked, modem);
    return err;
}

/* A balance that was told is newer than any notice before it. */
static enum cc_err store_balance(struct service *service, const char *modem, enum cc_err told,
                                 const char *text)
{
    int64_t now_ms = service_now_ms(service);
    if (told != CC_OK)
        return balance_failed(service->store, modem, err_token(told), now_ms);
    enum cc_err err = balance_told(service->store, modem, text, now_ms);
    return err == CC_OK ? inbox_mark_balance_read(service->store, modem, now_ms) : err;
}

void receive_balance(struct service *service, struct modem *modem, enum cc_err told,
                     const char *text)
{
    enum cc_err err = turn_enter(service->turn);
    if (err == CC_OK) {
        err = store_balance(service, modem_name(modem), told, text);
        turn_leave(service->turn, err == CC_OK);
    }
    if (err != CC_OK)
        log_error("módem %s: el saldo no se ha podido guardar: %s", modem_name(modem),
                  err_text(err));
}

/* ---- what a person reads of it --------------------------------------------------------------- */

enum cc_err mailbox_list(struct service *service, int64_t max,
                         bool (*visit)(const struct inbox_message *message, void *user), void *user)
{
    return inbox_list(service->store, max, visit, user);
}

enum cc_err mailbox_count_unread(struct service *service, int64_t *ret)
{
    return inbox_count_unread(service->store, ret);
}

enum cc_err mailbox_mark_read(struct service *service, int64_t id, int64_t now_ms,
                              int64_t *ret_unread)
{
    enum cc_err err = inbox_mark_read(service->store, id, now_ms);
    return err == CC_OK ? inbox_count_unread(service->store, ret_unread) : err;
}

enum cc_err mailbox_list_low_balances(struct service *service,
                                      void (*visit)(const char *modem, void *user), void *user)
{
    for (size_t i = 0; i < pool_count(service->pool); i++) {
        const char *name = modem_name(pool_at(service->pool, i));
        int64_t since_ms = 0;
        enum cc_err err = inbox_balance_alarm_since(service->store, name, &since_ms);
        if (err != CC_OK)
            return err;
        if (since_ms != 0)
            visit(name, user);
    }
    return CC_OK;
}
