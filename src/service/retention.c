/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/retention.h"

#include "service/life.h"
#include "store/audit.h"
#include "store/retention.h"

static const struct caller box = {.name = "sistema"};

static enum cc_err audit_act(struct service *service, const char *event,
                             const struct citizen *citizen, const struct caller *caller,
                             int64_t now_ms)
{
    return service_audit(
        service, caller,
        AUDIT_ACT(.event = event, .subject = &citizen->nif, .reference = citizen->id), now_ms);
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

/* The mobile may be anybody's, and the person has not come again: an alta that was not finished. */
static enum cc_err end_pending(struct service *service, struct citizen *citizen, int64_t now_ms)
{
    const struct life_order order = {.act = LIFE_ANNUL,
                                     .nif = citizen->nif,
                                     .channel = citizen->channel,
                                     .reason = "el móvil no se ha comprobado en su plazo",
                                     .caller = &box};
    return life_perform(service, &order, now_ms);
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

enum cc_err retention_piece(struct service *service, enum purge_kind kind, int64_t before_ms,
                            int64_t now_ms, int64_t most, int64_t *ret_count)
{
    static const struct {
        enum life_state state;
        enum cc_err (*act)(struct service *, struct citizen *, int64_t);
    } of[] = {[PURGE_PENDING] = {LIFE_PENDING, end_pending},
              [PURGE_BLOCKED] = {LIFE_GONE, block_person},
              [PURGE_PEOPLE] = {LIFE_BLOCKED, destroy_person}};
    struct citizen due[RETENTION_PEOPLE_MAX];
    size_t count = 0, max = most < RETENTION_PEOPLE_MAX ? (size_t)most : RETENTION_PEOPLE_MAX;
    enum cc_err err = retention_find(service->store, of[kind].state, before_ms, max, due, &count);
    for (size_t i = 0; i < count && err == CC_OK; i++)
        err = of[kind].act(service, &due[i], now_ms);
    secret_wipe(due, sizeof(due));
    if (err == CC_OK)
        *ret_count = (int64_t)count;
    return err;
}

enum cc_err retention_look(struct service *service, const struct nif *nif, const char *reason,
                           const struct caller *caller, int64_t now_ms, struct citizen *ret)
{
    enum cc_err err = citizens_find_blocked(service->store, nif, ret);
    if (err == CC_OK)
        err = keep_edge(service, LIFE_LOOK, reason, ret, caller, now_ms);
    return err == CC_OK ? audit_act(service, "consulta_bloqueada", ret, caller, now_ms) : err;
}
