/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/town.h"

#include "base/log.h"
#include "service/service.h"
#include "store/failures.h"
#include "store/samples.h"

#include <stddef.h>

/* The gravest first; `asks` is a row of its own, as it is a state and not an alarm. */
static const struct {
    unsigned alarm; /* 0 = while the contrast is asked for */
    const char *sentence;
} sentences[] = {
    {0, "Hay demasiados fallos con el PIN en el municipio: mientras sigan, se pide el dato de "
        "contraste para enviar contraclaves. Mire «contraclavectl limites» y avise al responsable "
        "de seguridad."},
    {LIMITS_ALARM_NIFS, "Varias personas tienen fallos con el PIN en las últimas 24 horas: puede "
                        "que alguien esté probando contraclaves. Mire «contraclavectl limites»."},
    {LIMITS_ALARM_DRIP, "Hay más fallos con el PIN de lo normal en los últimos 30 días: puede que "
                        "alguien pruebe contraclaves poco a poco. Mire «contraclavectl limites»."},
    {LIMITS_ALARM_SENDS, "Se envían muchos más SMS que de costumbre a esta hora: compruebe en la "
                         "sede si alguien pide contraclaves en masa."},
};
enum { LOOK_EVERY_MS = 60000 };
enum { SENTENCES = sizeof(sentences) / sizeof(sentences[0]) };

static bool holds_alarm(const struct town *town, size_t row)
{
    unsigned alarm = sentences[row].alarm;
    return alarm == 0 ? town->is_known && town->asks : (town->alarms & alarm) != 0;
}

static enum cc_err know_state(struct service *service)
{
    struct town *town = &service->town;
    uint64_t rollbacks = db_rollbacks(service->store->db);
    bool asks = false;
    if (town->is_known && town->rollbacks == rollbacks)
        return CC_OK;
    enum cc_err err = store_town_asks(service->store, &asks);
    if (err != CC_OK)
        return err;
    town->asks = asks;
    town->rollbacks = rollbacks;
    town->is_known = true;
    return CC_OK;
}

/* Each begins with a warning; the end is only noted. */
static void tell_changes(const struct town *before, const struct town *after)
{
    for (size_t i = 0; i < SENTENCES; i++) {
        if (holds_alarm(after, i) && !holds_alarm(before, i))
            log_warning("límites: %s", sentences[i].sentence);
    }
    if (before->asks && !after->asks)
        log_notice("límites: ya no se pide el dato de contraste para enviar contraclaves");
}

static enum cc_err settle_state(struct service *service, const struct limits_town *counted)
{
    const struct limits *limits = &service->settings->limits;
    struct town *town = &service->town;
    struct town before = *town;
    bool asks = limits_town_asks(&limits->town, counted, town->asks);
    enum cc_err err = asks != town->asks ? store_set_town_asks(service->store, asks) : CC_OK;
    if (err != CC_OK)
        return err;
    town->asks = asks;
    town->counted = *counted;
    town->alarms = limits_town_alarms(&limits->town, counted);
    tell_changes(&before, town);
    return CC_OK;
}

enum cc_err town_look(struct service *service, int64_t now_ms)
{
    struct limits_town counted = service->town.counted;
    enum cc_err err = know_state(service);
    if (err == CC_OK)
        err = failures_count_town(service->store, &service->settings->limits, now_ms, &counted);
    if (err != CC_OK)
        return err;
    service->town.looked_ms = now_ms;
    return settle_state(service, &counted);
}

enum cc_err town_minute(struct service *service, int64_t now_ms)
{
    struct limits_town *counted = &service->town.counted;
    enum cc_err err =
        samples_count_sends(service->store, now_ms, &counted->sends_hour, &counted->sends_usual);
    return err == CC_OK ? town_look(service, now_ms) : err;
}

enum cc_err town_asks(struct service *service, bool *ret)
{
    enum cc_err err = know_state(service);
    if (err == CC_OK)
        *ret = service->town.asks;
    return err;
}

enum cc_err town_asks_now(struct service *service, int64_t now_ms, bool *ret)
{
    enum cc_err err = know_state(service);
    if (err == CC_OK && service->town.asks && now_ms - service->town.looked_ms >= LOOK_EVERY_MS)
        err = town_look(service, now_ms);
    if (err == CC_OK)
        *ret = service->town.asks;
    return err;
}

void town_advice(const struct service *service, struct buf *out)
{
    for (size_t i = 0; i < SENTENCES; i++) {
        if (holds_alarm(&service->town, i)) {
            buf_str(out, sentences[i].sentence);
            return;
        }
    }
}
