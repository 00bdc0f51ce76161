/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/facts.h"

#include "service/access.h"
#include "service/health.h"
#include "store/db_fault.h"
#include "store/inbox.h"
#include "store/notice.h"

#include <stdio.h>
#include <string.h>

enum { US_PER_MS = 1000, US_PER_S = 1000000, CLIENT_STEP = 10, SMSC_UNKNOWN = 330, DENIED = 3 };
enum { LOOK_S = 5, START_S = 120, LOSSES_HOUR = 5, GLITCH_S = 60 };
#define DAY_MS INT64_C(86400000)

/* ---- a modem's trouble ----------------------------------------------------------------------- */

/* By why the device does not open. */
static enum verdict_reason trouble_of_port(const struct modem_status *status)
{
    static const struct {
        enum modem_reason told;
        enum verdict_reason reason;
    } rows[] = {
        {MODEM_HELD_BY_RIVAL, VERDICT_PORT_HELD},  {MODEM_HELD, VERDICT_PORT_HELD},
        {MODEM_FORBIDDEN, VERDICT_PORT_FORBIDDEN}, {MODEM_IS_STORAGE, VERDICT_DISC_MODE},
        {MODEM_IS_HILINK, VERDICT_HILINK},         {MODEM_NO_PORTS, VERDICT_NO_PORTS},
        {MODEM_IS_MUTE, VERDICT_STARTS},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (status->trouble.reason == rows[i].told)
            return rows[i].reason;
    if (status->trouble.was_ready)
        return VERDICT_UNPLUGGED;
    return status->trouble.unable_us < (int64_t)LOOK_S * US_PER_S ? VERDICT_STARTS : VERDICT_ABSENT;
}

/* The fault that the last message met is kept until one goes, also while the modem is looked at
 * anew. */
static enum verdict_reason trouble_of_fault(const struct gsm_cause *fault)
{
    return fault->kind == GSM_CAUSE_CMS && fault->code == SMSC_UNKNOWN ? VERDICT_NO_CENTRE
                                                                       : VERDICT_SIM_BARRED;
}

static enum verdict_reason trouble_of_card(const struct modem_status *status)
{
    static const struct {
        const char *token;
        enum verdict_reason reason;
    } rows[] = {
        {"sim_falta", VERDICT_SIM_MISSING},
        {"sim_puk", VERDICT_PUK},
        {"sim_averiada", VERDICT_SIM_FAULTY},
        {"sim_otra", VERDICT_SIM_OTHER},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(status->state_token, rows[i].token) == 0)
            return rows[i].reason;
    if (strcmp(status->state_token, "sim_pin") == 0)
        return status->trouble.reason == MODEM_PIN_MISSING ? VERDICT_PIN_MISSING
                                                           : VERDICT_PIN_REFUSED;
    return trouble_of_fault(&status->trouble.fault);
}

/* The verdict makes of a start that lasts too long a modem that does not answer. */
static enum verdict_reason trouble_of_start(const struct modem_status *status)
{
    if (status->trouble.reason == MODEM_IS_BARRED)
        return VERDICT_DENIED;
    return status->trouble.reason == MODEM_IS_UNFIT ? VERDICT_UNFIT : VERDICT_STARTS;
}

static enum verdict_reason trouble_of_network(const struct modem_status *status)
{
    if (status->sample.registration == DENIED)
        return VERDICT_DENIED;
    if (status->trouble.reason == MODEM_IS_BARRED || status->trouble.reason == MODEM_IS_UNFIT)
        return trouble_of_start(status);
    if (status->trouble.network_restarts > 0)
        return VERDICT_NO_NETWORK;
    if (status->trouble.was_ready)
        return VERDICT_SEARCHES;
    return status->trouble.unable_us < (int64_t)START_S * US_PER_S ? VERDICT_STARTS
                                                                   : VERDICT_NO_COVERAGE;
}

/* A bad cable: gone again, and back in a moment, the search for its network included; or a modem
 * that is interrupted, or restarted, after messages without an outcome. The losses are told, and
 * not each one anew. */
static bool is_glitch(const struct modem_status *status)
{
    const struct modem_troubles *trouble = &status->trouble;
    bool is_of_line = status->state < MODEM_READY && status->state != MODEM_BLOCKED &&
                      trouble_of_network(status) != VERDICT_DENIED;
    return is_of_line && trouble->reason == MODEM_NO_REASON && trouble->was_ready &&
           (trouble->losses_hour >= LOSSES_HOUR || trouble->outcomes_lost > 0) &&
           trouble->unable_us < (int64_t)GLITCH_S * US_PER_S;
}

static enum verdict_reason trouble_on_the_way(const struct modem_status *status)
{
    enum verdict_reason reason =
        status->state == MODEM_REGISTERING ? trouble_of_network(status) : trouble_of_start(status);
    if (reason != VERDICT_STARTS && reason != VERDICT_SEARCHES)
        return reason;
    if (status->trouble.fault.kind != GSM_CAUSE_NONE)
        return trouble_of_fault(&status->trouble.fault);
    bool is_moment =
        status->trouble.was_ready && status->trouble.unable_us < (int64_t)LOOK_S * US_PER_S;
    if (!is_moment)
        return reason;
    return status->trouble.was_lost ? VERDICT_STARTS
                                    : VERDICT_FINE; /* its settings are gone through once more */
}

enum verdict_reason facts_trouble_of(const struct modem_status *status)
{
    const struct gsm_cause *fault = &status->trouble.fault;
    enum verdict_reason proven =
        fault->kind == GSM_CAUSE_NONE ? VERDICT_FINE : trouble_of_fault(fault);
    if (status->state == MODEM_READY)
        return status->trouble.reason == MODEM_IS_UNFIT ? VERDICT_UNFIT
               : status->card.lacks_smsc                ? VERDICT_NO_CENTRE
                                                        : proven;
    if (status->recovery.step == 0 && status->recovery.rung[0] != '\0')
        return VERDICT_ALARM;
    if (is_glitch(status))
        return proven;
    if (status->recovery.step > 0)
        return status->trouble.reason == MODEM_IS_UNFIT ? VERDICT_UNFIT : VERDICT_RECOVERS;
    if (status->state <= MODEM_OPENING)
        return trouble_of_port(status);
    if (status->state == MODEM_BLOCKED)
        return trouble_of_card(status);
    return trouble_on_the_way(status);
}

/* ---- a modem --------------------------------------------------------------------------------- */

static int64_t verdict_number(int value)
{
    return value == MODEM_SAMPLE_UNKNOWN ? VERDICT_UNKNOWN : value;
}

/* The last figures of the card's number. */
static void copy_card(const char *iccid, char out[FACTS_CARD_SIZE])
{
    size_t len = strlen(iccid), shown = FACTS_CARD_SIZE - 1;
    (void)snprintf(out, FACTS_CARD_SIZE, "%s", len > shown ? iccid + len - shown : "");
}

static void take_readings(const struct modem_status *status, struct verdict_modem *ret)
{
    const struct modem_sample *sample = &status->sample;
    ret->pin_left = status->card.pin_left >= 0 ? status->card.pin_left : VERDICT_UNKNOWN;
    ret->signal_dbm = verdict_number(sample->signal_dbm);
    ret->temperature_c = verdict_number(sample->temperature_c);
    ret->supply_mv = verdict_number(sample->supply_mv);
    ret->storage_used = verdict_number(sample->storage_used);
    ret->storage_total = verdict_number(sample->storage_total);
    ret->network_clock_s = verdict_number(sample->clock_offset_s);
    ret->drops_hour = status->trouble.losses_hour >= LOSSES_HOUR ? status->trouble.losses_hour : 0;
    ret->unknowns_row = status->trouble.outcomes_lost;
    ret->lacks_centre =
        sample->smsc[0] == '\0' && sample->operator[0] != '\0' && !status->card.needs_no_smsc;
}

/* Adds the store's facts about the modem. */
static void take_rows(struct service *service, struct modem *modem, int64_t now_ms,
                      struct verdict_modem *ret)
{
    int64_t limit = pool_per_day(service->pool, modem), taken_ms = 0;
    if (inbox_balance_alarm_since(service->store, ret->name, &ret->balance_since_ms) != CC_OK)
        ret->balance_since_ms = 0;
    if (limit > 0 && outbox_nth_taken(service->store, ret->name, limit, &taken_ms) == CC_OK &&
        taken_ms + DAY_MS > now_ms)
        ret->pace_until_ms = taken_ms + DAY_MS;
}

/* A modem that answers starts anew, however long it has not been ready; a ready one that cannot
 * send has a fault. */
static int64_t since_us(enum verdict_reason reason, const struct modem_troubles *trouble)
{
    int64_t us = trouble->unable_us > 0 ? trouble->unable_us : trouble->fault_us;
    bool has_answered = trouble->answered_us >= 0 && trouble->answered_us < us;
    return reason == VERDICT_STARTS && has_answered ? trouble->answered_us : us;
}

static void take_modem(struct service *service, struct modem *modem, int64_t now_ms,
                       struct verdict_modem *ret, char card[FACTS_CARD_SIZE])
{
    struct modem_status status;
    modem_status(modem, &status);
    enum verdict_reason trouble = facts_trouble_of(&status);
    bool is_said = /* by a reason of its own */
        trouble == VERDICT_FINE && status.trouble.losses_hour >= LOSSES_HOUR;
    copy_card(status.card.wanted_iccid[0] != '\0' && trouble != VERDICT_SIM_OTHER
                  ? status.card.wanted_iccid
                  : status.card.iccid,
              card);
    *ret = (struct verdict_modem){
        .name = modem_name(modem),
        .trouble = trouble,
        .since_ms = now_ms - since_us(trouble, &status.trouble) / US_PER_MS,
        .until_ms = status.recovery.step > 0 ? now_ms + status.recovery.left_us / US_PER_MS : 0,
        .step = status.recovery.step,
        .steps = status.recovery.steps,
        .unreported_ms = status.trouble.unreported_us < 0
                             ? 0
                             : now_ms - status.trouble.unreported_us / US_PER_MS,
        .card = card,
        .text = is_said                   ? ""
                : trouble == VERDICT_FINE ? status.advice
                                          : status.detail,
    };
    take_readings(&status, ret);
    take_rows(service, modem, now_ms, ret);
}

/* ---- the box --------------------------------------------------------------------------------- */

static const enum verdict_reason data_reasons[DATA_NOTICE_COUNT] = {
    [DATA_FINE] = VERDICT_FINE,        [DATA_BUSY] = VERDICT_DATA_BUSY,
    [DATA_FULL] = VERDICT_DATA_FULL,   [DATA_READ_ONLY] = VERDICT_DATA_READ_ONLY,
    [DATA_DISK] = VERDICT_DATA_DISK,   [DATA_ALTERED] = VERDICT_DATA_ALTERED,
    [DATA_OLD] = VERDICT_DATA_OLD,     [DATA_DAMAGED] = VERDICT_DATA_DAMAGED,
    [DATA_AWAY] = VERDICT_DATA_AWAY,   [DATA_REFUSED] = VERDICT_DATA_REFUSED,
    [DATA_THERE] = VERDICT_DATA_THERE, [DATA_MOVED] = VERDICT_DATA_MOVED,
};

static void take_data(struct service *service, struct verdict_facts *ret)
{
    struct facts_memory *memory = &service->facts;
    enum data_notice notice = notice_gravest(service->store);
    if (notice != memory->notice) {
        memory->notice = notice;
        memory->since_ms = ret->now_ms;
    }
    ret->data = data_reasons[notice];
    ret->data_since_ms = memory->since_ms;
    ret->data_text = db_place(service->store->db);
}

static void take_clock(struct service *service, struct verdict_facts *ret)
{
    struct clock_state now;
    ret->is_clock_good = true; /* a database that cannot be asked is told by itself */
    if (service_look_at_clock(service, &now) != CC_OK)
        return;
    ret->is_clock_good = clock_verdict_is_good(now.verdict);
    ret->clock_wait_ms = now.verdict == CLOCK_WAIT ? now.wait_ms : 0;
}

static void take_queue(struct service *service, bool is_exact, struct verdict_facts *ret)
{
    int64_t waiting = 0, oldest_ms = 0, next_ms = 0;
    if (outbox_count(service->store, OUTBOX_QUEUED, &waiting) != CC_OK ||
        outbox_oldest(service->store, &oldest_ms, &next_ms) != CC_OK)
        return;
    ret->queue.waiting = is_exact ? waiting : waiting - waiting % CLIENT_STEP;
    ret->queue.oldest_ms = ret->queue.waiting > 0 ? oldest_ms : 0;
    ret->queue.next_try_ms = is_exact && next_ms > ret->now_ms ? next_ms : 0;
}

static void take_town(struct service *service, struct facts *ret)
{
    struct buf advice;
    buf_init(&advice, ret->town, sizeof(ret->town));
    town_advice(service, &advice);
    ret->told.is_town_alarmed = advice.len > 0;
    ret->told.town_text = buf_cstr(&advice);
}

static void take_clients(struct service *service, struct facts *ret)
{
    static const int64_t span_ms = VERDICT_ENDS_DAYS * INT64_C(24) * 3600 * 1000;
    int64_t now_ms = ret->told.now_ms;
    const struct {
        enum access_credential of;
        int64_t from_ms, to_ms;
    } spans[VERDICT_CLIENT_COUNT] = {
        [VERDICT_TOKENS_ENDED] = {ACCESS_TOKEN, now_ms - span_ms, now_ms},
        [VERDICT_CERTIFICATES_ENDED] = {ACCESS_CERTIFICATE, now_ms - span_ms, now_ms},
        [VERDICT_TOKENS_END] = {ACCESS_TOKEN, now_ms, now_ms + span_ms},
        [VERDICT_CERTIFICATES_END] = {ACCESS_CERTIFICATE, now_ms, now_ms + span_ms},
    };
    for (int i = 0; i < VERDICT_CLIENT_COUNT && service->access != NULL; i++) {
        struct buf names;
        buf_init(&names, ret->clients[i], sizeof(ret->clients[i]));
        ret->told.clients[i].ends_ms = access_list_ends(service->access, spans[i].of,
                                                        spans[i].from_ms, spans[i].to_ms, &names);
        ret->told.clients[i].names = buf_cstr(&names);
    }
}

static void take_box(struct service *service, struct verdict_facts *ret)
{
    const struct box_facts *box = box_look(service);
    ret->backup_ms = box->copy_ms;
    ret->begun_ms = box->begun_ms;
    ret->disk_free = box->disk_free;
    ret->disk_total = box->disk_total;
    ret->certificate_begins_ms = service->certificate.begins_ms;
    ret->certificate_ends_ms = service->certificate.ends_ms;
}

struct verdict_box facts_box_of(const struct boxes_seen *seen, const struct box_row *row)
{
    bool is_gone = boxes_is_gone(seen, row);
    return (struct verdict_box){.name = row->name,
                                .seen_ms = row->seen_ms,
                                .sends_ms = row->sends_ms,
                                .modems = row->state.modems,
                                .ready = row->state.ready,
                                .is_gone = is_gone,
                                .can_send = row->state.can_send && !is_gone};
}

static void take_boxes(struct service *service, struct verdict_facts *ret)
{
    const struct boxes_seen *seen = &service->facts.boxes;
    struct verdict_box *others = service->facts.others;
    ret->is_shared = seen->read_us > 0;
    ret->boxes = others;
    for (size_t i = 0; i < seen->count && ret->box_count < VERDICT_BOXES_MAX; i++)
        if (strcmp(seen->rows[i].name, service->store->box) != 0)
            others[ret->box_count++] = facts_box_of(seen, &seen->rows[i]);
}

/* "operador:tecla" is tecla, "control:uid 0" a user of contraclavectl. */
static void take_pause(const struct pause *pause, struct facts *ret)
{
    const char *colon = strchr(pause->actor, ':');
    const char *name = colon != NULL ? colon + 1 : pause->actor;
    bool is_peer = strncmp(pause->actor, "control:", strlen("control:")) == 0;
    (void)snprintf(ret->paused_by, sizeof(ret->paused_by), is_peer ? "contraclavectl (%s)" : "%s",
                   name);
    ret->told.paused_by = ret->paused_by;
}

void facts_collect(struct service *service, bool is_exact, struct facts *ret)
{
    struct pool *pool = service->pool;
    struct verdict_facts *told = &ret->told;
    *told = (struct verdict_facts){.now_ms = service_now_ms(service), .modems = ret->modems};
    for (size_t i = 0; i < pool_count(pool) && i < VERDICT_MODEMS_MAX; i++)
        take_modem(service, pool_at(pool, i), told->now_ms, &ret->modems[told->modem_count++],
                   ret->cards[i]);
    take_clock(service, told);
    take_queue(service, is_exact, told);
    take_town(service, ret);
    take_box(service, told);
    take_clients(service, ret);
    take_boxes(service, told);
    told->paused_ms = service->pause.since_ms;
    take_pause(&service->pause, ret);
    take_data(service, told); /* last: what was read above may have met the trouble */
}
