/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/figures.h"

#include "store/failures.h"
#include "store/refusals.h"
#include "store/requests.h"

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
