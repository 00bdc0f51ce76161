/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/retention.h"

#include "service/life.h"
#include "store/audit.h"
#include "store/evidence.h"
#include "store/requests.h"
#include "store/retention.h"

#define DAY_MS INT64_C(86400000)

enum { PEOPLE_A_MINUTE = 8, EVIDENCE_A_MINUTE = 500 };

static const struct caller box = {.name = "sistema"};

static enum cc_err audit_act(struct service *service, const char *event,
                             const struct citizen *citizen, const struct caller *caller,
                             int64_t now_ms)
{
    const struct audit_entry entry = {.event = event,
                                      .actor = caller->name,
                                      .subject = &citizen->nif,
                                      .result = "correcto",
                                      .reference = citizen->id};
    return audit_append(service->store, &entry, now_ms, NULL);
}

static enum cc_err keep_edge(struct service *service, enum life_act act, const char *reason,
                             const struct citizen *citizen, const struct caller *caller,
                             int64_t now_ms)
{
    const struct life_order order = {.act = act,
                                     .nif = citizen->nif,
                                     .channel = citizen->channel,
                                     .reason = reason,
                                     .caller = caller};
    return life_keep(service, citizen, &order, 0, now_ms);
}

static enum cc_err block_person(struct service *service, struct citizen *citizen, int64_t now_ms)
{
    enum cc_err err = life_next(LIFE_BLOCK, citizen->state, &citizen->state);
    if (err == CC_OK)
        err = citizens_update(service->store, citizen);
    if (err == CC_OK)
        err = keep_edge(service, LIFE_BLOCK, NULL, citizen, &box, now_ms);
    return err == CC_OK ? audit_act(service, "bloqueo", citizen, &box, now_ms) : err;
}

static enum cc_err destroy_person(struct service *service, struct citizen *citizen, int64_t now_ms)
{
    enum cc_err err = retention_destroy(service->store, citizen);
    return err == CC_OK ? audit_act(service, "destruccion", citizen, &box, now_ms) : err;
}

static enum cc_err each_due(struct service *service, enum life_state state, int64_t before_ms,
                            int64_t now_ms,
                            enum cc_err (*act)(struct service *, struct citizen *, int64_t))
{
    struct citizen due[PEOPLE_A_MINUTE];
    size_t count = 0;
    enum cc_err err =
        retention_find(service->store, state, before_ms, PEOPLE_A_MINUTE, due, &count);
    for (size_t i = 0; i < count && err == CC_OK; i++)
        err = act(service, &due[i], now_ms);
    secret_wipe(due, sizeof(due));
    return err;
}

/* One audit row for all of a batch; its reference is their count. */
static enum cc_err destroy_evidence(struct service *service, int64_t now_ms)
{
    struct audit_entry entry = {
        .event = "evidencias_destruccion", .actor = box.name, .result = "correcto"};
    int64_t before_ms = now_ms - service->settings->evidence_days * DAY_MS;
    enum cc_err err =
        evidence_destroy(service->store, before_ms, EVIDENCE_A_MINUTE, &entry.reference);
    return err == CC_OK && entry.reference > 0 ? audit_append(service->store, &entry, now_ms, NULL)
                                               : err;
}

enum cc_err retention_minute(struct service *service, int64_t now_ms)
{
    const struct settings *settings = service->settings;
    int64_t blocked_ms = now_ms - settings->block_after_days * DAY_MS;
    int64_t destroyed_ms = blocked_ms - settings->destroy_after_days * DAY_MS;
    enum cc_err err = each_due(service, LIFE_GONE, blocked_ms, now_ms, block_person);
    if (err == CC_OK)
        err = each_due(service, LIFE_BLOCKED, destroyed_ms, now_ms, destroy_person);
    return err == CC_OK ? destroy_evidence(service, now_ms) : err;
}

enum cc_err retention_look(struct service *service, const struct nif *nif, const char *reason,
                           const struct caller *caller, int64_t now_ms, struct citizen *ret)
{
    enum cc_err err = citizens_find_blocked(service->store, nif, ret);
    if (err == CC_OK)
        err = keep_edge(service, LIFE_LOOK, reason, ret, caller, now_ms);
    return err == CC_OK ? audit_act(service, "consulta_bloqueada", ret, caller, now_ms) : err;
}
