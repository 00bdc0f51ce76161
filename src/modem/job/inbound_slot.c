/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The slots that wait to be read: each is read, handed over, and deleted when that is durable. A
 * slot of the card is freed with any content, or the first unreadable message would one day
 * fill it. Source: 3GPP TS 27.005 4.2 (CMGR), 3.5.4 (CMGD); MODEMS 1 #17-19, 2.
 */
#include "modem/job/inbound_private.h"
#include "modem/recover/recover.h"

#include "at/fields.h"
#include "at/pdu.h"
#include "at/syntax.h"
#include "base/hex.h"
#include "base/loop.h"
#include "base/span.h"
#include "gsm/deliver.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    READ_MS = 10000, /* MODEMS 3 */
    DELETE_MS = 10000,
    NOT_THERE_MS = 500, /* announced, and not yet listed: E3531 and its like (MODEMS 2) */
    NOT_THERE_TRIES = 3,
    READS_FREE = 50, /* in a minute; more than that would come from a modem that lies */
    PACE_MS = 250,
    LIES_MAX = 3,
    INVALID_INDEX = 321, /* 27.005 3.2.5: another program was faster */
};

static const char report_memory[] = "SR";

void inbound_drop_first(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    inbox->count--;
    memmove(&inbox->slots[0], &inbox->slots[1], inbox->count * sizeof(inbox->slots[0]));
    inbox->step = INBOX_READING;
    inbox->tries = 0;
    inbox->not_before_us = inbox->pace.next_us;
    inbound_set_timer(inbox);
    if (inbox->count == 0 && inbox->lists.has_overflowed)
        inbound_list_rest(modem);
}

void inbound_leave_behind(struct modem *modem)
{
    inbound_drop_first(modem);
    inbound_list_within(modem->jobs->inbox, INBOUND_LIST_SOON_MS);
}

void inbound_add_slot(struct modem_inbox *inbox, const char *memory, int index)
{
    for (size_t i = inbox->step == INBOX_DELETING; i < inbox->count; i++)
        if (inbox->slots[i].index == index && strcmp(inbox->slots[i].memory, memory) == 0)
            return;
    if (inbox->count == INBOUND_SLOTS) {
        inbox->lists.has_overflowed = true;
        return;
    }
    struct inbound_slot *slot = &inbox->slots[inbox->count++];
    (void)snprintf(slot->memory, sizeof(slot->memory), "%.2s", memory);
    slot->index = index;
    slot->mark = 0;
    slot->is_guess = slot->is_report = false;
}

void inbound_add_report(struct modem_inbox *inbox, const char *memory, int index)
{
    size_t before = inbox->count;
    inbound_add_slot(inbox, memory, index);
    if (inbox->count > before)
        inbox->slots[before].is_report = strcmp(memory, report_memory) != 0;
}

/* Announced as SM, and kept in SR (EC25, chan-quectel PR 75). */
static bool is_report_elsewhere(struct modem_inbox *inbox)
{
    struct inbound_slot *slot = &inbox->slots[0];
    if (!slot->is_report)
        return false;
    slot->is_report = false;
    (void)snprintf(slot->memory, sizeof(slot->memory), "%s", report_memory);
    inbox->tries = 0;
    return true;
}

static bool is_same_place(const struct inbound_slot *one, const struct inbound_slot *other)
{
    return one->index == other->index && strcmp(one->memory, other->memory) == 0;
}

/* FNV-1a, never 0: only to know again what was there. */
static uint64_t mark_of(const char *text)
{
    uint64_t mark = 0xcbf29ce484222325;
    for (; *text != '\0'; text++)
        mark = (mark ^ (uint8_t)*text) * 0x100000001b3;
    return mark | 1;
}

/* Compares the message just read with the last deleted one: a modem that still shows it did not
 * delete. */
static void look_for_lies(struct modem_inbox *inbox, const char *text)
{
    struct inbound_slot *slot = &inbox->slots[0];
    slot->mark = mark_of(text);
    if (inbox->witness.slot.mark == 0 || !is_same_place(&inbox->witness.slot, slot))
        return;
    if (inbox->witness.slot.mark == slot->mark) {
        inbox->witness.lies++;
        inbox->witness.age = 0;
    } else {
        inbox->witness.lies = 0;
        inbox->witness.slot.mark = 0;
    }
}

static void keep_witness(struct modem_inbox *inbox)
{
    if (inbox->witness.slot.mark != 0)
        return;
    inbox->witness.slot = inbox->slots[0];
    inbox->witness.age = 0;
}

bool job_is_inbound_lying(const struct modem *modem)
{
    return modem->jobs->inbox->witness.lies >= LIES_MAX;
}

static void keep_pace(struct modem_inbox *inbox)
{
    int64_t now_us = loop_now_us(inbox->loop);
    if (now_us - inbox->pace.minute_us > MINUTE_MS * US_PER_MS) {
        inbox->pace.minute_us = now_us;
        inbox->pace.reads = 0;
    }
    if (++inbox->pace.reads > READS_FREE)
        inbox->pace.next_us = now_us + PACE_MS * US_PER_MS;
}

/* ---- deleting --------------------------------------------------------------------------------*/

static void on_deleted(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = modem->jobs->inbox;
    if (inbound_is_settled(modem, reply))
        return;
    const struct gsm_cause cause = reply->cause;
    bool is_gone = cause.kind == GSM_CAUSE_CMS && cause.code == INVALID_INDEX;
    if (reply->result == AT_RESULT_OK || is_gone) {
        inbox->lists.has_progressed = true;
        keep_witness(inbox);
        inbound_drop_first(modem);
    } else {
        if (!inbox->said.undeletable)
            log_warning("módem %s: no deja borrar los SMS leídos; su memoria se llenará. Bórrelos "
                        "desde un teléfono o cambie la SIM.",
                        modem->config.name);
        inbox->said.undeletable = true;
        inbound_drop_first(modem);
    }
    inbound_command_over(modem);
}

void inbound_delete_first(struct modem *modem)
{
    char command[INBOUND_COMMAND_SIZE];
    (void)snprintf(command, sizeof(command), "AT+CMGD=%d", modem->jobs->inbox->slots[0].index);
    inbound_send(modem,
                 &(struct at_request){.command = command, .final_ms = DELETE_MS, .fn = on_deleted});
}

/* ---- reading ---------------------------------------------------------------------------------*/

/* An answer to AT+CMGR. */
struct answer {
    bool is_text;  /* in the text mode, which was not asked for */
    bool is_empty; /* a slot that counts as used, and holds nothing */
    bool is_cut;   /* an odd number of digits */
    int stat;      /* as the header tells; -1 = it does not */
    int tpdu_len;
    const char *text; /* its second line, or the line that is a PDU */
    size_t len;
    uint8_t pdu[AT_LINE_MAX / 2];
};

/* The header is a witness: <stat>,[<alpha>],<length>, from makers that put the place in front,
 * leave <alpha> out, or write blanks and quotes. */
static void read_header(const char *line, struct answer *ret)
{
    enum { FIELDS = 3 };
    struct at_fields fields;
    char first[sizeof("REC UNREAD")];
    if (!at_fields_init(&fields, line, "+CMGR:"))
        return;
    struct at_fields start = fields;
    ret->is_text = at_fields_text(&start, first, sizeof(first)) && isalpha((unsigned char)*first);
    for (size_t count = at_fields_count(&fields); count > FIELDS; count--)
        (void)at_fields_skip(&fields);
    if (!at_fields_int(&fields, &ret->stat))
        (void)at_fields_skip(&fields);
    while (at_fields_count(&fields) > 1)
        (void)at_fields_skip(&fields);
    (void)at_fields_int(&fields, &ret->tpdu_len);
}

/* The digits of a line that is a PDU, in quotes or not, or that ends with it behind its header; 0 =
 * it is none. */
static size_t pdu_digits(const char **line)
{
    const char *header = at_line_behind(*line, "+CMGR:");
    for (const char *at = header; at != NULL && *at != '\0'; at++)
        if (strchr(" ,", *at) != NULL)
            *line = at + 1;
    size_t digits = at_pdu_digits(line);
    return header == NULL || digits >= AT_PDU_DIGITS_MIN ? digits : 0;
}

/* The PDU and the line behind it are one that was split: both fit its length, and one does not. */
static void join_parts(const char *line, size_t digits, const char *next, struct answer *ret)
{
    char joined[AT_LINE_MAX + 1];
    uint8_t pdu[sizeof(ret->pdu)];
    size_t more = at_pdu_digits(&next), len = 0;
    if (more == 0 || digits + more >= sizeof(joined) ||
        at_pdu_fits(ret->pdu, ret->len, ret->tpdu_len))
        return;
    memcpy(joined, line, digits);
    memcpy(joined + digits, next, more);
    if (!hex_decode(joined, digits + more, pdu, sizeof(pdu), &len) ||
        !at_pdu_fits(pdu, len, ret->tpdu_len))
        return;
    memcpy(ret->pdu, pdu, len);
    ret->len = len;
    ret->is_cut = false;
}

static void read_pdu(const struct at_reply *reply, struct answer *ret)
{
    for (size_t i = 0; i < reply->line_count; i++) {
        const char *line = reply->lines[i];
        size_t digits = pdu_digits(&line);
        bool is_its_place = reply->line_count == 2 && i == 1; /* anything there is shown */
        if ((digits < AT_PDU_DIGITS_MIN && !is_its_place) || digits < 2 ||
            !hex_decode(line, digits - digits % 2, ret->pdu, sizeof(ret->pdu), &ret->len))
            continue;
        ret->text = line;
        ret->is_cut = digits % 2 != 0;
        if (i + 1 < reply->line_count)
            join_parts(line, digits, reply->lines[i + 1], ret);
        return;
    }
}

/* The PDU says itself how long it is; the header agrees with one that we cannot read. */
static bool is_whole(const struct answer *answer)
{
    struct gsm_deliver deliver;
    struct gsm_report report;
    if (answer->len == 0 || answer->is_cut)
        return false;
    return answer->len == 1U + answer->pdu[0] + (size_t)answer->tpdu_len ||
           (gsm_deliver_decode(answer->pdu, answer->len, &deliver) && !deliver.is_cut) ||
           gsm_report_decode(answer->pdu, answer->len, &report);
}

/* False when it was cut, or something fell into it. */
static bool read_answer(const struct at_reply *reply, struct answer *ret)
{
    *ret = (struct answer){.stat = -1, .tpdu_len = -1, .text = ""};
    read_header(reply->lines[0], ret);
    if (reply->line_count > 1)
        ret->text = reply->lines[1];
    if (!ret->is_text)
        read_pdu(reply, ret);
    ret->is_empty = reply->line_count == 1 && ret->len == 0;
    return is_whole(ret);
}

/* A draft of ours, which nobody asked us to touch: its header says so, or without one its PDU. A
 * message that has come is none, whatever the header says. */
static bool is_draft(const struct answer *answer)
{
    enum { MTI_MASK = 3, MTI_SUBMIT = 1 };
    struct gsm_deliver deliver;
    if (gsm_deliver_decode(answer->pdu, answer->len, &deliver) && !deliver.is_cut)
        return false;
    size_t at = answer->len > 0 ? 1U + answer->pdu[0] : 0;
    bool is_submit = at > 0 && answer->len > at && (answer->pdu[at] & MTI_MASK) == MTI_SUBMIT;
    return answer->stat >= INBOUND_STAT_UNSENT || (answer->stat < 0 && is_submit);
}

static void take_report(struct modem *modem, const struct gsm_report *report)
{
    modem_note_report(modem);
    modem->jobs->inbox->step = INBOX_STORING; /* first: the answer may come from inside */
    modem->events->report(modem, report, true, modem->user);
}

static void take_message(struct modem *modem, const struct answer *answer)
{
    bool is_hex = answer->len > 0;
    const struct modem_inbound inbound = {
        .pdu = is_hex ? answer->pdu : (const uint8_t *)answer->text,
        .len = is_hex ? answer->len : strlen(answer->text),
        .is_cut = answer->is_cut,
        .is_kept = true,
    };
    if (modem->jobs->inbox->slots[0].is_report) /* a message is there, and the report elsewhere */
        inbound_add_slot(modem->jobs->inbox, report_memory, modem->jobs->inbox->slots[0].index);
    modem->counters.received++;
    modem->jobs->inbox->step = INBOX_STORING; /* first: the answer may come from inside */
    modem->events->inbound(modem, &inbound, modem->user);
}

static void take_answer(struct modem *modem, const struct answer *answer)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    struct gsm_report report;
    inbox->is_other_format = false;
    if (inbox->slots[0].is_guess)
        inbox->walk.left--;
    look_for_lies(inbox, answer->text);
    keep_pace(inbox);
    if (is_draft(answer))
        inbound_drop_first(modem);
    else if (answer->is_empty)
        inbox->step = INBOX_DELETING;
    else if (gsm_report_decode(answer->pdu, answer->len, &report))
        take_report(modem, &report);
    else
        take_message(modem, answer);
}

/* Another program may have set the text mode: it is set up anew, and then read. What stays
 * unreadable stays where it is. */
static void on_other_format(struct modem *modem)
{
    bool is_again = modem->jobs->inbox->is_other_format;
    modem->jobs->inbox->is_other_format = true;
    modem_note_nonsense(modem, NONSENSE_FORMAT);
    inbound_leave_behind(modem);
    if (is_again) {
        inbound_command_over(modem);
        return;
    }
    inbound_want_lists(modem);
    modem_resync(modem);
}

static void on_read(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = modem->jobs->inbox;
    struct answer answer;
    if (inbound_is_settled(modem, reply))
        return;
    bool is_there = reply->result == AT_RESULT_OK && reply->line_count > 0;
    bool is_good = is_there && read_answer(reply, &answer);
    if (!is_there && inbox->slots[0].is_guess)
        inbound_walk_on(modem);
    else if (!is_good && ++inbox->tries < NOT_THERE_TRIES)
        inbound_again_in(inbox, NOT_THERE_MS);
    else if (is_there && answer.is_text) {
        on_other_format(modem);
        return;
    } else if (is_there)
        take_answer(modem, &answer);
    else if (!is_report_elsewhere(inbox))
        inbound_leave_behind(modem);
    inbound_command_over(modem);
}

void inbound_read_first(struct modem *modem)
{
    char command[INBOUND_COMMAND_SIZE];
    (void)snprintf(command, sizeof(command), "AT+CMGR=%d", modem->jobs->inbox->slots[0].index);
    inbound_send(modem,
                 &(struct at_request){
                     .command = command, .wants_lines = true, .final_ms = READ_MS, .fn = on_read});
}
