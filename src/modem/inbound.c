/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What comes in: announced (+CMTI, +CDSI), found by a list of the memories, or given directly
 * (+CMT). Each stored one is read, handed over, and deleted when it is durable (DESIGN decision 2):
 * a slot of the card is freed for whatever it holds, or the first unreadable message would one day
 * fill it. Source: 3GPP TS 27.005 3.2.2 (CPMS), 3.4.1 (CMTI, CDSI, CMT), 4.1, 4.2; MODEMS 1 #17-19.
 */
#include "modem/private.h"

#include "at/fields.h"
#include "base/clock.h"
#include "base/hex.h"
#include "gsm/deliver.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    SWITCH_MS = 5000, /* MODEMS 3 */
    READ_MS = 10000,
    DELETE_MS = 10000,
    LIST_MS = 20000,
    NOT_THERE_MS = 500, /* announced, and not yet listed: E3531 and its like (MODEMS 2) */
    NOT_THERE_TRIES = 3,
    BUSY_MS = 1500,
    BUSY_TRIES = 20,
    MUTES_MAX = 3,
    LIST_EVERY_MS = 10 * 60 * 1000,
    LIST_SOON_MS = 60 * 1000, /* something was left behind */
    URGENT_MS = 10 * 1000,    /* a full memory takes no more: wait no longer behind messages */
    TIGHT_PERCENT = 80,
    STAT_UNSENT = 2, /* from here on: drafts of ours, which nobody asked us to touch */
    DIRECT_BYTES = AT_LINE_MAX / 2,
    COMMAND_SIZE = 32,
};

/* Listed in this order, from the last: where the next message will be is read last. */
static const char *const memories[] = {"SM", "ME"};
enum { MEMORIES = sizeof(memories) / sizeof(memories[0]) };

static const char *wanted_memory(const struct modem_inbox *inbox)
{
    return inbox->count > 0 ? inbox->slots[0].memory : memories[inbox->lists - 1];
}

static bool has_work(const struct modem_inbox *inbox)
{
    if (inbox->step == INBOX_STORING || clock_mono_us() < inbox->not_before_us)
        return false;
    return inbox->count > 0 || inbox->lists > 0;
}

bool modem_inbound_is_urgent(const struct modem *modem)
{
    const struct modem_inbox *inbox = &modem->inbox;
    return inbox->waiting_since_us != 0 && has_work(inbox) &&
           clock_mono_us() - inbox->waiting_since_us > (int64_t)URGENT_MS * MODEM_MS;
}

/* There is something to do, or will be at not_before_us. */
static void work_arises(struct modem *modem)
{
    if (modem->inbox.waiting_since_us == 0)
        modem->inbox.waiting_since_us = clock_mono_us();
    modem_jobs_poke(modem);
}

/* The timer is that of the next list, or of what is tried again before it. */
static void set_timer(struct modem_inbox *inbox)
{
    bool is_waiting = inbox->count > 0 && inbox->not_before_us > clock_mono_us();
    loop_timer_set(inbox->timer, is_waiting ? inbox->not_before_us : inbox->next_list_us);
}

static void list_within(struct modem_inbox *inbox, int64_t ms)
{
    int64_t at_us = clock_mono_us() + ms * MODEM_MS;
    if (inbox->next_list_us == 0 || at_us < inbox->next_list_us)
        inbox->next_list_us = at_us;
    set_timer(inbox);
}

static void want_lists(struct modem *modem)
{
    struct modem_inbox *inbox = &modem->inbox;
    inbox->next_list_us = 0;
    list_within(inbox, LIST_EVERY_MS);
    if (inbox->is_mute)
        return;
    inbox->lists = MEMORIES;
    inbox->overflowed = inbox->progressed = false;
    work_arises(modem);
}

void modem_inbound_sweep(struct modem *modem)
{
    want_lists(modem);
}

static void on_timer(void *user)
{
    struct modem *modem = user;
    if (clock_mono_us() >= modem->inbox.next_list_us)
        want_lists(modem);
    set_timer(&modem->inbox);
    work_arises(modem);
}

static void again_in(struct modem_inbox *inbox, int64_t ms)
{
    inbox->not_before_us = clock_mono_us() + ms * MODEM_MS;
    set_timer(inbox);
}

/* ---- the slots that wait ---------------------------------------------------------------------*/

static void drop_first(struct modem *modem)
{
    struct modem_inbox *inbox = &modem->inbox;
    inbox->count--;
    memmove(&inbox->slots[0], &inbox->slots[1], inbox->count * sizeof(inbox->slots[0]));
    inbox->step = INBOX_READING;
    inbox->tries = 0;
    inbox->not_before_us = 0;
    if (inbox->count == 0 && inbox->overflowed && inbox->progressed)
        want_lists(modem);
}

static void leave_behind(struct modem *modem)
{
    drop_first(modem);
    list_within(&modem->inbox, LIST_SOON_MS);
}

/* One that is just being deleted may hold the next message before we hear that it is free. */
static void add_slot(struct modem_inbox *inbox, const char *memory, int index)
{
    for (size_t i = inbox->step == INBOX_DELETING; i < inbox->count; i++)
        if (inbox->slots[i].index == index && strcmp(inbox->slots[i].memory, memory) == 0)
            return;
    if (inbox->count == MODEM_SLOTS) {
        inbox->overflowed = true;
        return;
    }
    struct modem_slot *slot = &inbox->slots[inbox->count++];
    (void)snprintf(slot->memory, sizeof(slot->memory), "%.2s", memory);
    slot->index = index;
}

/* ---- one command at a time -------------------------------------------------------------------*/

static void command_over(struct modem *modem)
{
    modem->inbox.waiting_since_us = has_work(&modem->inbox) ? clock_mono_us() : 0;
    modem_job_over(modem);
}

static void give_up(struct modem *modem)
{
    if (modem->inbox.count > 0)
        leave_behind(modem);
    else
        modem->inbox.lists--;
}

/* A list that is not answered, or a slot that never is: no more lists from this line. What is
 * announced is still tried. */
static void on_mute(struct modem *modem)
{
    struct modem_inbox *inbox = &modem->inbox;
    inbox->is_mute = inbox->is_mute || inbox->count == 0 || ++inbox->mutes == MUTES_MAX;
    inbox->memory[0] = '\0';
    give_up(modem);
    if (inbox->is_mute)
        inbox->lists = 0;
    modem_resync(modem);
}

/* True when the reply needs no more looking at: the line is gone or mute, or the card is busy. */
static bool is_settled(struct modem *modem, const struct at_reply *reply)
{
    struct modem_inbox *inbox = &modem->inbox;
    if (reply->result == AT_RESULT_LOST) /* all is forgotten with the line */
        return true;
    if (reply->result == AT_RESULT_TIMEOUT) {
        on_mute(modem);
        return true;
    }
    inbox->mutes = 0;
    if (!modem_reply_is_busy(reply) || inbox->tries++ >= BUSY_TRIES)
        return false;
    again_in(inbox, BUSY_MS);
    command_over(modem);
    return true;
}

static void send(struct modem *modem, const struct at_request *what)
{
    struct at_request request = *what;
    request.user = modem;
    modem_command(modem, &request);
}

static void on_switched(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = &modem->inbox;
    if (is_settled(modem, reply))
        return;
    inbox->tries = 0;
    if (reply->result == AT_RESULT_OK)
        memcpy(inbox->memory, wanted_memory(inbox), sizeof(inbox->memory));
    else
        give_up(modem); /* it has no such memory */
    command_over(modem);
}

/* The first alone: the other two are for what is written and received. */
static void switch_memory(struct modem *modem)
{
    char command[COMMAND_SIZE];
    (void)snprintf(command, sizeof(command), "AT+CPMS=\"%s\"", wanted_memory(&modem->inbox));
    send(modem,
         &(struct at_request){
             .command = command, .prefix = "+CPMS:", .final_ms = SWITCH_MS, .fn = on_switched});
}

static void on_deleted(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = &modem->inbox;
    if (is_settled(modem, reply))
        return;
    if (reply->result == AT_RESULT_OK) {
        inbox->progressed = true;
        drop_first(modem);
    } else {
        if (!inbox->said_undeletable)
            log_warning("módem %s: no deja borrar los SMS leídos; su memoria se llenará. Bórrelos "
                        "desde un teléfono o cambie la SIM.",
                        modem->config.name);
        inbox->said_undeletable = true;
        drop_first(modem);
    }
    command_over(modem);
}

static void delete_first(struct modem *modem)
{
    char command[COMMAND_SIZE];
    (void)snprintf(command, sizeof(command), "AT+CMGD=%d", modem->inbox.slots[0].index);
    send(modem, &(struct at_request){.command = command, .final_ms = DELETE_MS, .fn = on_deleted});
}

/* ---- reading ---------------------------------------------------------------------------------*/

/* An answer to AT+CMGR. */
struct answer {
    int stat;
    int tpdu_len;
    const char *text; /* its second line */
    size_t len;
    uint8_t pdu[GSM_PDU_MAX];
};

/* False when it was cut, or something fell into it. */
static bool read_answer(const struct at_reply *reply, struct answer *ret)
{
    struct at_fields fields;
    *ret = (struct answer){.stat = -1, .tpdu_len = -1, .text = ""};
    if (!at_fields_init(&fields, reply->lines[0], "+CMGR:") ||
        !at_fields_int(&fields, &ret->stat) || !at_fields_skip(&fields))
        return false;
    (void)at_fields_int(&fields, &ret->tpdu_len);
    if (reply->line_count > 1)
        ret->text = reply->lines[1];
    return hex_decode(ret->text, strlen(ret->text), ret->pdu, sizeof(ret->pdu), &ret->len) &&
           ret->len > 0 && ret->len == 1U + ret->pdu[0] + (size_t)ret->tpdu_len;
}

/* Its report is durable when the next job comes: that is behind the end of the turn. */
static void take_report(struct modem *modem, const struct gsm_report *report)
{
    modem->reports++;
    modem->inbox.step = INBOX_DELETING;
    modem->events->report(modem, report, modem->user);
}

static void take_message(struct modem *modem, const struct answer *answer)
{
    bool is_hex = answer->len > 0;
    const struct modem_inbound inbound = {
        .pdu = is_hex ? answer->pdu : (const uint8_t *)answer->text,
        .len = is_hex ? answer->len : strlen(answer->text),
        .is_kept = true,
    };
    modem->received++;
    modem->inbox.step = INBOX_STORING; /* first: the answer may come from inside */
    modem->events->inbound(modem, &inbound, modem->user);
}

static void take(struct modem *modem, const struct answer *answer)
{
    struct gsm_report report;
    if (answer->stat >= STAT_UNSENT)
        drop_first(modem);
    else if (answer->text[0] == '\0')
        modem->inbox.step = INBOX_DELETING; /* an empty slot that counts as used */
    else if (gsm_report_decode(answer->pdu, answer->len, &report))
        take_report(modem, &report);
    else
        take_message(modem, answer);
}

static void on_read(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = &modem->inbox;
    struct answer answer;
    if (is_settled(modem, reply))
        return;
    bool is_there = reply->result == AT_RESULT_OK && reply->line_count > 0;
    bool is_whole = is_there && read_answer(reply, &answer);
    if (!is_whole && ++inbox->tries < NOT_THERE_TRIES)
        again_in(inbox, NOT_THERE_MS);
    else if (is_there)
        take(modem, &answer);
    else
        leave_behind(modem);
    command_over(modem);
}

static void read_first(struct modem *modem)
{
    char command[COMMAND_SIZE];
    (void)snprintf(command, sizeof(command), "AT+CMGR=%d", modem->inbox.slots[0].index);
    send(modem, &(struct at_request){.command = command, .final_ms = READ_MS, .fn = on_read});
}

/* ---- listing ---------------------------------------------------------------------------------*/

/* Only where they are; each is then read by itself, so that one that cannot be read is known. */
static void on_listed(const char *line, void *user)
{
    struct modem *modem = user;
    struct at_fields fields;
    int index = -1, stat = 0;
    if (!at_fields_init(&fields, line, "+CMGL:") || !at_fields_int(&fields, &index) || index < 0)
        return;
    (void)at_fields_int(&fields, &stat);
    if (stat < STAT_UNSENT)
        add_slot(&modem->inbox, modem->inbox.memory, index);
}

static void on_list_end(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (is_settled(modem, reply))
        return;
    modem->inbox.tries = 0;
    modem->inbox.lists--;
    command_over(modem);
}

static void list(struct modem *modem)
{
    send(modem,
         &(struct at_request){
             .command = "AT+CMGL=4", .line_fn = on_listed, .final_ms = LIST_MS, .fn = on_list_end});
}

/* ---- the job, and the modem's announcements --------------------------------------------------*/

/* At 80 % of the memory something has been missed; once for each number it tells. */
static void look_at_storage(struct modem *modem)
{
    int used = modem->sample.storage_used, total = modem->sample.storage_total;
    bool is_tight = total > 0 && used >= 0 && used <= total && used >= total * TIGHT_PERCENT / 100;
    if (is_tight && used != modem->inbox.tight_used)
        want_lists(modem);
    modem->inbox.tight_used = is_tight ? used : 0;
}

bool modem_inbound_job(struct modem *modem)
{
    struct modem_inbox *inbox = &modem->inbox;
    look_at_storage(modem);
    if (!has_work(inbox))
        return false;
    if (strcmp(inbox->memory, wanted_memory(inbox)) != 0)
        switch_memory(modem);
    else if (inbox->count == 0)
        list(modem);
    else if (inbox->step == INBOX_DELETING)
        delete_first(modem);
    else
        read_first(modem);
    return true;
}

void modem_inbound_done(struct modem *modem, bool is_durable)
{
    if (modem->inbox.count == 0 || modem->inbox.step != INBOX_STORING)
        return; /* its line was lost meanwhile: the list will show it again */
    if (is_durable)
        modem->inbox.step = INBOX_DELETING;
    else
        leave_behind(modem);
    work_arises(modem);
}

/* Two letters (27.005 3.2.2): what goes into a command of ours must be no more than a name. */
static bool is_memory(const char *name)
{
    return isupper((unsigned char)name[0]) && isupper((unsigned char)name[1]) && name[2] == '\0';
}

/* +CMTI: "SM",3 — and "SM",-1 or nothing at all from those that did not keep it (MODEMS 2). */
static void on_announced(struct modem *modem, struct at_fields *fields)
{
    char memory[16] = "";
    int index = -1;
    if (at_fields_text(fields, memory, sizeof(memory)) && at_fields_int(fields, &index) &&
        index >= 0) {
        const char *named = memory[0] != '\0' ? memory : memories[0];
        if (!is_memory(named)) {
            modem_nonsense(modem, NONSENSE_ANNOUNCED);
            return;
        }
        add_slot(&modem->inbox, named, index);
        work_arises(modem);
        return;
    }
    modem->unkept++;
    if (!modem->inbox.said_unkept)
        log_warning("módem %s: ha llegado un SMS que el módem no guarda y no se puede leer. Vacíe "
                    "la memoria de la SIM o actualice el firmware.",
                    modem->config.name);
    modem->inbox.said_unkept = true;
}

/* Nobody keeps it: there is no slot of the card to be freed of what cannot be read. */
static void on_direct(struct modem *modem, const char *pdu)
{
    uint8_t bytes[DIRECT_BYTES];
    size_t len = 0;
    struct gsm_deliver deliver;
    if (!hex_decode(pdu, strlen(pdu), bytes, sizeof(bytes), &len) ||
        !gsm_deliver_decode(bytes, len, &deliver)) {
        modem_nonsense(modem, NONSENSE_MESSAGE);
        return;
    }
    modem->received++;
    modem->events->inbound(modem, &(struct modem_inbound){.pdu = bytes, .len = len}, modem->user);
}

static bool is_full(const char *line)
{
    return strncmp(line, "^SMMEMFULL", 10) == 0 || strncmp(line, "#SMSFULL", 8) == 0 ||
           (strncmp(line, "+CIEV:", 6) == 0 && strcasestr(line, "smsfull") != NULL);
}

bool modem_inbound_event(struct modem *modem, const char *line, const char *pdu)
{
    struct at_fields fields;
    if (at_fields_init(&fields, line, "+CMTI:") || at_fields_init(&fields, line, "+CDSI:"))
        on_announced(modem, &fields);
    else if (pdu != NULL && strncmp(line, "+CMT:", 5) == 0)
        on_direct(modem, pdu);
    else if (is_full(line))
        want_lists(modem);
    else
        return false;
    return true;
}

void modem_inbound_init(struct modem *modem)
{
    modem->inbox.timer = loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
    modem_inbound_forget(modem);
}

void modem_inbound_done_with(struct modem *modem)
{
    loop_source_free(modem->inbox.timer);
}

void modem_inbound_forget(struct modem *modem)
{
    struct modem_inbox *inbox = &modem->inbox;
    *inbox = (struct modem_inbox){.timer = inbox->timer,
                                  .said_unkept = inbox->said_unkept,
                                  .said_undeletable = inbox->said_undeletable};
    want_lists(modem);
}
