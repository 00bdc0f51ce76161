/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/verdict.h"

#include "base/span.h"
#include "service/verdict_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIN_TRIES_ALL = 3,
    UNKNOWNS_IN_A_ROW = 3,
};
static const int64_t search_ms = 10 * MINUTE_MS; /* then the modem is restarted once */
static const int64_t start_ms = 2 * MINUTE_MS;
static const int64_t queue_ms = VERDICT_QUEUE_S * MS_PER_S;
static const int64_t certificate_ms = VERDICT_ENDS_DAYS * DAY_MS;
static const int64_t backup_ms = 7 * DAY_MS;
static const int64_t disk_bytes = INT64_C(200000000); /* and less than a tenth of it */

static const struct {
    const char *token;
    enum verdict_can can;
    enum verdict_need need;
} reasons[VERDICT_REASON_COUNT] = {
#define REASON(name, text, can, need) [VERDICT_##name] = {text, VERDICT_##can, VERDICT_##need},
#include "service/verdict_reasons.inc"
#undef REASON
};

const char *verdict_ability_token(enum verdict_can can)
{
    static const char *const tokens[VERDICT_CAN_COUNT] = {"si", "si_pero", "por_ahora_no", "no"};
    return tokens[can];
}

const char *verdict_need_token(enum verdict_need need)
{
    static const char *const tokens[VERDICT_NEED_COUNT] = {"nada", "espere", "desde_aqui", "vaya",
                                                           "llame"};
    return tokens[need];
}

const char *verdict_reason_token(enum verdict_reason reason)
{
    return reason < VERDICT_REASON_COUNT ? reasons[reason].token : "";
}

enum verdict_can verdict_reason_can(enum verdict_reason reason)
{
    return reason < VERDICT_REASON_COUNT ? reasons[reason].can : VERDICT_YES;
}

enum verdict_need verdict_item_need(const struct verdict_item *item)
{
    return reasons[item->reason == VERDICT_ONE_OUT ? item->inner : item->reason].need;
}

/* ---- finding --------------------------------------------------------------------------------- */

static void add_item(struct verdict *verdict, const struct verdict_item *item)
{
    if (verdict->other_count < VERDICT_ITEMS_MAX)
        verdict->others[verdict->other_count++] = *item;
}

static void add_box(struct verdict *verdict, enum verdict_reason reason, int64_t since_ms,
                    int64_t n, const char *text)
{
    const struct verdict_item item = {
        .reason = reason, .since_ms = since_ms, .n = n, .text = text, .inner = VERDICT_FINE};
    add_item(verdict, &item);
}

static void look_at_clock(const struct verdict_facts *facts, struct verdict *verdict)
{
    if (facts->is_clock_good)
        return;
    if (facts->clock_wait_ms > 0)
        add_item(verdict, &(struct verdict_item){.reason = VERDICT_CLOCK_STEP,
                                                 .until_ms = facts->now_ms + facts->clock_wait_ms,
                                                 .inner = VERDICT_FINE});
    else
        add_box(verdict, VERDICT_CLOCK, 0, 0, "");
}

static void look_at_disk(const struct verdict_facts *facts, struct verdict *verdict)
{
    enum { BYTES_PER_MB = 1000000 };
    if (facts->disk_total > 0 && facts->disk_free < disk_bytes &&
        facts->disk_free < facts->disk_total / 10)
        add_box(verdict, VERDICT_DISK_ENDS, 0, facts->disk_free / BYTES_PER_MB, "");
}

static void look_at_certificate(const struct verdict_facts *facts, struct verdict *verdict)
{
    int64_t now_ms = facts->now_ms, ends_ms = facts->certificate_ends_ms;
    const struct verdict_item early = {.reason = VERDICT_CERTIFICATE_EARLY,
                                       .until_ms = facts->certificate_begins_ms,
                                       .inner = VERDICT_FINE};
    if (facts->certificate_begins_ms > now_ms)
        add_item(verdict, &early);
    else if (ends_ms <= now_ms)
        add_box(verdict, VERDICT_CERTIFICATE_ENDED, ends_ms, 0, "");
    else if (ends_ms - now_ms < certificate_ms) /* the span that is said is the one ahead */
        add_box(verdict, VERDICT_CERTIFICATE, 2 * now_ms - ends_ms, 0, "");
}

static void look_at_clients(const struct verdict_facts *facts, struct verdict *verdict)
{
    static const enum verdict_reason found[VERDICT_CLIENT_COUNT] = {
        [VERDICT_TOKENS_ENDED] = VERDICT_CLIENT_ENDED,
        [VERDICT_CERTIFICATES_ENDED] = VERDICT_CLIENT_CERTIFICATE_ENDED,
        [VERDICT_TOKENS_END] = VERDICT_CLIENT,
        [VERDICT_CERTIFICATES_END] = VERDICT_CLIENT_CERTIFICATE,
    };
    for (int i = 0; i < VERDICT_CLIENT_COUNT; i++) {
        const struct verdict_clients *clients = &facts->clients[i];
        int64_t ends_ms = clients->ends_ms, now_ms = facts->now_ms;
        if (ends_ms > 0)
            add_box(verdict, found[i], ends_ms <= now_ms ? ends_ms : 2 * now_ms - ends_ms, 0,
                    clients->names);
    }
}

static void look_at_backup(const struct verdict_facts *facts, struct verdict *verdict)
{
    bool has_one = facts->backup_ms > 0;
    int64_t since_ms = has_one ? facts->backup_ms : facts->begun_ms;
    if (since_ms > 0 && facts->now_ms - since_ms > backup_ms)
        add_box(verdict, has_one ? VERDICT_BACKUP : VERDICT_BACKUP_NEVER, since_ms, 0, "");
}

static void look_at_box(const struct verdict_facts *facts, struct verdict *verdict)
{
    if (facts->data != VERDICT_FINE)
        add_box(verdict, facts->data, facts->data_since_ms, 0, facts->data_text);
    look_at_clock(facts, verdict);
    if (facts->paused_ms > 0)
        add_box(verdict, VERDICT_PAUSED, facts->paused_ms, 0, facts->paused_by);
    if (facts->is_town_alarmed)
        add_box(verdict, VERDICT_TOWN, 0, 0, facts->town_text);
    look_at_disk(facts, verdict);
    if (facts->certificate_ends_ms > 0)
        look_at_certificate(facts, verdict);
    look_at_clients(facts, verdict);
    look_at_backup(facts, verdict);
}

/* A modem that searches or starts for too long does not come by itself any more. */
static struct verdict_item trouble_of(const struct verdict_modem *modem, int64_t now_ms)
{
    struct verdict_item item = {.reason = modem->trouble,
                                .inner = VERDICT_FINE,
                                .modem = modem,
                                .since_ms = modem->since_ms,
                                .until_ms = modem->until_ms,
                                .n = modem->step,
                                .m = modem->steps,
                                .text = modem->text};
    if (item.reason == VERDICT_PIN_REFUSED)
        item.n = modem->pin_left;
    if (item.reason == VERDICT_SEARCHES && now_ms - modem->since_ms >= search_ms)
        item.reason = VERDICT_NO_NETWORK;
    if (item.reason == VERDICT_STARTS && now_ms - modem->since_ms >= start_ms)
        item.reason = VERDICT_NOT_AT;
    if (item.reason == VERDICT_SEARCHES)
        item.until_ms = modem->since_ms + search_ms;
    if (item.reason == VERDICT_STARTS)
        item.until_ms = modem->since_ms + start_ms;
    return item;
}

static bool is_below(int64_t value, int64_t limit)
{
    return value != VERDICT_UNKNOWN && value < limit;
}

static bool is_full(const struct verdict_modem *modem)
{
    return modem->storage_used != VERDICT_UNKNOWN && modem->storage_total > 0 &&
           modem->storage_used * 100 >= modem->storage_total * VERDICT_FULL_PERCENT;
}

static void look_at_able(const struct verdict_modem *modem, struct verdict *verdict)
{
    const int64_t now_ms = verdict->now_ms;
    const int64_t drift_s = modem->network_clock_s;
    const struct {
        bool holds;
        struct verdict_item item;
    } rows[] = {
        {modem->drops_hour > 0, {.reason = VERDICT_FLAPS, .n = modem->drops_hour}},
        {modem->balance_since_ms > 0,
         {.reason = VERDICT_LOW_BALANCE, .since_ms = modem->balance_since_ms}},
        {modem->unknowns_row >= UNKNOWNS_IN_A_ROW,
         {.reason = VERDICT_UNKNOWNS, .n = modem->unknowns_row}},
        {modem->unreported_ms > 0 && now_ms - modem->unreported_ms >= DAY_MS,
         {.reason = VERDICT_REPORTS, .since_ms = modem->unreported_ms}},
        {is_below(modem->signal_dbm, VERDICT_WEAK_DBM),
         {.reason = VERDICT_WEAK, .n = modem->signal_dbm}},
        {modem->lacks_centre, {.reason = VERDICT_CENTRE_UNKNOWN}},
        {modem->pin_left >= 0 && modem->pin_left < PIN_TRIES_ALL,
         {.reason = VERDICT_PIN_TRIES, .n = modem->pin_left}},
        {is_below(modem->supply_mv, VERDICT_LOW_MV),
         {.reason = VERDICT_SUPPLY, .n = modem->supply_mv}},
        {modem->temperature_c >= VERDICT_HOT_C, {.reason = VERDICT_HOT, .n = modem->temperature_c}},
        {is_full(modem),
         {.reason = VERDICT_SIM_FULL, .n = modem->storage_used, .m = modem->storage_total}},
        {modem->pace_until_ms > 0, {.reason = VERDICT_PACE, .until_ms = modem->pace_until_ms}},
        {drift_s != VERDICT_UNKNOWN && llabs(drift_s) > VERDICT_DRIFT_S,
         {.reason = VERDICT_NETWORK_CLOCK, .n = drift_s}},
        {modem->text[0] != '\0', {.reason = VERDICT_ADVICE, .text = modem->text}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict_item item = rows[i].item;
        item.modem = modem;
        item.inner = VERDICT_FINE;
        if (rows[i].holds)
            add_item(verdict, &item);
    }
}

/* The names of the modems and of the other boxes that can send, as the sentence puts them: "a»,
 * «b".
 */
static size_t list_able(const struct verdict_facts *facts, struct verdict *verdict)
{
    struct buf names;
    size_t able = 0;
    buf_init(&names, verdict->able, sizeof(verdict->able));
    for (size_t i = 0; i < facts->modem_count; i++)
        if (facts->modems[i].trouble == VERDICT_FINE)
            buf_fmt(&names, "%s%s", able++ > 0 ? "», «" : "", facts->modems[i].name);
    for (size_t i = 0; i < facts->box_count; i++)
        if (facts->boxes[i].can_send)
            buf_fmt(&names, "%s%s", able++ > 0 ? "», «" : "", facts->boxes[i].name);
    if (buf_cstr(&names) == NULL)
        verdict->able[0] = '\0';
    return able;
}

static void look_at_boxes(const struct verdict_facts *facts, struct verdict *verdict)
{
    bool is_able = facts->modem_count > 0; /* by a modem of its own, which is looked at */
    for (size_t i = 0; i < facts->box_count; i++) {
        const struct verdict_box *box = &facts->boxes[i];
        int64_t since_ms = box->sends_ms > 0 ? box->sends_ms : box->seen_ms;
        is_able = is_able || box->can_send;
        if (box->is_gone)
            add_box(verdict, VERDICT_BOX_GONE, box->seen_ms, 0, box->name);
        else if (box->modems > 0 && !box->can_send && facts->now_ms - since_ms >= start_ms)
            add_box(verdict, VERDICT_BOX_OUT, since_ms, 0, box->name);
    }
    if (facts->is_shared && !is_able)
        add_box(verdict, VERDICT_BOXES_NONE, 0, 0, "");
}

static void look_at_modems(const struct verdict_facts *facts, struct verdict *verdict)
{
    size_t able = list_able(facts, verdict);
    for (size_t i = 0; i < facts->modem_count; i++) {
        const struct verdict_modem *modem = &facts->modems[i];
        if (modem->trouble == VERDICT_FINE) {
            look_at_able(modem, verdict);
            continue;
        }
        struct verdict_item item = trouble_of(modem, facts->now_ms);
        if (able > 0) {
            item.inner = item.reason;
            item.reason = VERDICT_ONE_OUT;
        }
        add_item(verdict, &item);
    }
    if (able > 0 && facts->queue.waiting > 0 && facts->now_ms - facts->queue.oldest_ms > queue_ms &&
        facts->paused_ms == 0)
        add_item(verdict, &(struct verdict_item){.reason = VERDICT_SLOW,
                                                 .since_ms = facts->queue.oldest_ms,
                                                 .until_ms = facts->queue.next_try_ms,
                                                 .n = facts->queue.waiting,
                                                 .text = "",
                                                 .inner = VERDICT_FINE});
}

/* ---- ordering -------------------------------------------------------------------------------- */

/* While every modem is out, one that comes back by itself speaks before those that need a person;
 * what is wrong with the box itself speaks before both. */
static int rank_of(const struct verdict_item *item)
{
    bool comes_back = reasons[item->reason].can == VERDICT_NOT_NOW;
    if (item->modem != NULL && comes_back)
        return VERDICT_PAUSED;
    return (int)item->reason;
}

static int by_rank(const void *a, const void *b)
{
    return rank_of(a) - rank_of(b);
}

void verdict_judge(const struct verdict_facts *facts, struct verdict *ret)
{
    *ret = (struct verdict){.now_ms = facts->now_ms, .first.reason = VERDICT_FINE};
    look_at_box(facts, ret);
    look_at_modems(facts, ret);
    look_at_boxes(facts, ret);
    if (ret->other_count == 0)
        return;
    qsort(ret->others, ret->other_count, sizeof(ret->others[0]), by_rank);
    ret->first = ret->others[0];
    memmove(&ret->others[0], &ret->others[1], --ret->other_count * sizeof(ret->others[0]));
    ret->can = reasons[ret->first.reason].can;
    ret->need = verdict_item_need(&ret->first);
}
