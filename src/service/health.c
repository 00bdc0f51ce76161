/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/health.h"

#include "base/loop.h"
#include "store/citizens.h"
#include "store/db_fault.h"
#include "store/failures.h"
#include "store/refusals.h"
#include "store/requests.h"

enum cc_err health_queue_count(struct service *service, struct health_queue *ret)
{
    struct health_queue queue;
    for (int state = OUTBOX_QUEUED; state <= OUTBOX_EXPIRED; state++) {
        enum cc_err err =
            outbox_count(service->store, (enum outbox_state)state, &queue.by_state[state]);
        if (err != CC_OK)
            return err;
    }
    int64_t next_ms;
    enum cc_err err = outbox_oldest(service->store, &queue.oldest_ms, &next_ms);
    if (err == CC_OK)
        *ret = queue;
    return err;
}

enum cc_err health_list_queue(struct service *service, int64_t max,
                              bool (*visit)(const struct outbox_message *message, void *user),
                              void *user)
{
    return outbox_list(service->store, max, visit, user);
}

enum cc_err health_list_history(struct service *service, int64_t since_ms, int64_t now_ms,
                                bool (*visit)(const struct box_samples_row *row, void *user),
                                void *user, int64_t *span_ms_io)
{
    return box_samples_list(service->store, since_ms, now_ms, visit, user, span_ms_io);
}

enum cc_err health_count_citizens(struct service *service, int64_t *ret)
{
    enum { MANY = 50 * 1000, KEPT_US = 60 * 1000 * 1000 };
    struct facts_memory *memory = &service->facts;
    int64_t now_us = loop_now_us(service->loop), count = memory->citizens;
    if (count < MANY || now_us - memory->counted_us > KEPT_US) {
        enum cc_err err = citizens_count(service->store, &count);
        if (err != CC_OK)
            return err;
        memory->citizens = db_is_shared(service->store->db) ? count : 0;
        memory->counted_us = now_us;
    }
    *ret = count;
    return CC_OK;
}

bool health_has_fault(const struct service *service)
{
    return db_fault(service->store->db) != DB_FAULT_NONE;
}

enum data_notice health_notice(const struct service *service)
{
    return notice_gravest(service->store);
}

bool health_is_in_doubt(const struct service *service)
{
    return integrity_is_in_doubt(service->store);
}

void health_say_integrity(const struct service *service, struct buf *out)
{
    integrity_say(service->store, out);
}

enum cc_err health_check_ready(struct service *service)
{
    static const enum cc_err errors[DATA_NOTICE_COUNT] = {
        [DATA_FINE] = CC_OK,
        [DATA_BUSY] = CC_ERR_DB_BUSY,
        [DATA_FULL] = CC_ERR_DB,
        [DATA_READ_ONLY] = CC_ERR_DB,
        [DATA_DISK] = CC_ERR_DB,
        [DATA_MOVED] = CC_ERR_DB,
        [DATA_OLD] = CC_ERR_INTEGRITY,
        [DATA_ALTERED] = CC_OK,
        [DATA_DAMAGED] = CC_ERR_DB_DAMAGED,
        [DATA_AWAY] = CC_ERR_DB,
        [DATA_REFUSED] = CC_ERR_DB,
        [DATA_THERE] = CC_ERR_DB_DAMAGED,
    };
    enum cc_err err = errors[health_notice(service)];
    if (err != CC_OK)
        return err;
    if (!service_clock_is_good(service))
        return CC_ERR_CLOCK_UNRELIABLE;
    return health_can_send(service) ? CC_OK : CC_ERR_MODEM_NOT_READY;
}

bool health_can_send(const struct service *service)
{
    return pool_is_ready(service->pool) ||
           boxes_can_send(&service->facts.boxes, service->store->box);
}

enum cc_err health_look_waiting(struct service *service, enum outbox_class class_,
                                struct outbox_waiting *ret)
{
    return outbox_look_waiting(service->store, class_, ret);
}

/* ---- counts of the limits -------------------------------------------------------------------- */

enum cc_err figures_count_town(struct service *service, int64_t now_ms, struct figures_town *ret)
{
    const struct limits *limits = &service->settings->limits;
    struct figures_town town = {.counted = service->town.counted};
    enum cc_err err = town_asks(service, &town.asks_contrast);
    if (err == CC_OK)
        err = failures_count_town(service->store, limits, now_ms, &town.counted);
    if (err != CC_OK)
        return err;
    town.asks_contrast = town.asks_contrast || limits->citizen.contrast_always != 0;
    *ret = town;
    return CC_OK;
}

enum cc_err figures_find_citizen(struct service *service, const struct nif *nif, int64_t now_ms,
                                 struct figures_citizen *ret)
{
    enum cc_err err = citizens_find(service->store, nif, &ret->citizen);
    if (err == CC_OK)
        err = failures_count_for(service->store, ret->citizen.id, &service->settings->limits,
                                 now_ms, &ret->open);
    return err;
}

enum cc_err figures_count_citizen(struct service *service, const struct nif *nif, int64_t now_ms,
                                  struct figures_citizen *ret)
{
    const struct limits *limits = &service->settings->limits;
    struct store *store = service->store;
    const struct citizen *citizen = &ret->citizen;
    struct request requests[REQUEST_LIVE_MAX];
    enum cc_err err = figures_find_citizen(service, nif, now_ms, ret);
    if (err == CC_OK)
        err = failures_count_contrasts(store, citizen->id, limits, "", now_ms, &ret->open);
    if (err == CC_OK)
        err = requests_count_for(store, citizen->id, citizen->phone.e164, false, limits, now_ms,
                                 &ret->open);
    if (err == CC_OK)
        err = requests_count_for(store, citizen->id, citizen->phone.e164, true, limits, now_ms,
                                 &ret->proven);
    if (err == CC_OK)
        err = refusals_count(store, citizen->nif_index, now_ms, &ret->open.refusals_hour,
                             &ret->open.refusals_minute);
    if (err == CC_OK)
        err = requests_live(store, citizen->id, limits, now_ms, requests, &ret->live);
    secret_wipe(requests, sizeof(requests));
    return err;
}
