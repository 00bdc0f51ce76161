/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/alert_look.h"

#include "base/span.h"

#include <inttypes.h>

/* Findings beside the ability to send; a kind may have several. has_since: since when is told, and
 * is no reckoning. */
static const struct {
    enum alert_kind kind;
    enum verdict_reason reason;
    bool has_since;
} rows[] = {
    {ALERT_ONE_OUT, VERDICT_BOX_OUT, true},
    {ALERT_ONE_OUT, VERDICT_BOX_GONE, true},
    {ALERT_ONE_OUT, VERDICT_ONE_OUT, true},
    {ALERT_BALANCE, VERDICT_LOW_BALANCE, true},
    {ALERT_STORAGE, VERDICT_SIM_FULL, false},
    {ALERT_CERTIFICATE, VERDICT_CERTIFICATE, false},
    {ALERT_BACKUP, VERDICT_BACKUP, false},
    {ALERT_TOWN, VERDICT_TOWN, false},
    {ALERT_DATA, VERDICT_DATA_ALTERED, false},
    {ALERT_FLAPS, VERDICT_FLAPS, false},
    {ALERT_DISK, VERDICT_DISK_ENDS, false},
    {ALERT_BACKUP, VERDICT_BACKUP_NEVER, false},
    {ALERT_CERTIFICATE, VERDICT_CERTIFICATE_ENDED, false},
    {ALERT_CERTIFICATE, VERDICT_CERTIFICATE_EARLY, false},
    {ALERT_CLIENT, VERDICT_CLIENT_CERTIFICATE, false},
    {ALERT_CLIENT, VERDICT_CLIENT, false},
    {ALERT_CLIENT, VERDICT_CLIENT_CERTIFICATE_ENDED, false},
    {ALERT_CLIENT, VERDICT_CLIENT_ENDED, false},
};

static bool can_send(const struct verdict *verdict)
{
    return verdict->can == VERDICT_YES || verdict->can == VERDICT_YES_BUT;
}

/* NULL = it is not found. */
static const struct verdict_item *find_item(const struct verdict *verdict,
                                            enum verdict_reason reason)
{
    if (verdict->first.reason == reason)
        return &verdict->first;
    for (size_t i = 0; i < verdict->other_count; i++)
        if (verdict->others[i].reason == reason)
            return &verdict->others[i];
    return NULL;
}

static void look_at_finding(const struct verdict *verdict, enum alert_kind kind,
                            struct alert_look *ret)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].kind != kind)
            continue;
        const struct verdict_item *item = find_item(verdict, rows[i].reason);
        if (item == NULL)
            continue;
        *ret = (struct alert_look){.presence = ALERT_PRESENT,
                                   .reason = rows[i].reason,
                                   .since_ms = rows[i].has_since ? item->since_ms : 0};
    }
}

/* While the box cannot send, that is the fault: the queue waits for it, and no modem is the other.
 */
void alert_look(const struct verdict_facts *facts, const struct verdict *verdict,
                enum alert_kind kind, int64_t queue_ms, struct alert_look *ret)
{
    *ret = (struct alert_look){.presence = ALERT_ABSENT, .reason = VERDICT_FINE};
    if (kind == ALERT_SENDING && !can_send(verdict)) {
        *ret = (struct alert_look){ALERT_PRESENT, verdict->first.since_ms, verdict->first.reason};
    } else if ((kind == ALERT_QUEUE || kind == ALERT_ONE_OUT) && !can_send(verdict)) {
        ret->presence = ALERT_UNTOLD;
    } else if (kind == ALERT_QUEUE && facts->queue.oldest_ms > 0 &&
               facts->now_ms - facts->queue.oldest_ms >= queue_ms) {
        ret->presence = ALERT_PRESENT;
        ret->since_ms = facts->queue.oldest_ms;
    } else if (kind != ALERT_SENDING && kind != ALERT_QUEUE) {
        look_at_finding(verdict, kind, ret);
    }
}

void alert_say(const struct verdict_facts *facts, const struct verdict *verdict,
               const struct alert_look *look, struct buf *sentence, struct buf *action)
{
    const struct verdict_item *item = find_item(verdict, look->reason);
    if (look->reason == VERDICT_FINE) {
        buf_fmt(sentence,
                "Hay mensajes en la cola que no salen (%" PRId64
                "), y el más antiguo espera desde hace %" PRId64 " minutos.",
                facts->queue.waiting, (facts->now_ms - facts->queue.oldest_ms) / MINUTE_MS);
        buf_str(action,
                "Mire la cola y el saldo: si la red va saturada, salen solos; si pasa cada día, "
                "hace falta un segundo módem de otro operador.");
        return;
    }
    verdict_say(verdict, item, TEXT_LANG_ES, sentence);
    verdict_say_action(verdict, item, TEXT_LANG_ES, action);
}
