/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/modem_acts.h"

#include "pool/pool.h"
#include "service/chronicle.h"
#include "store/audit.h"

#include <string.h>

enum cc_err service_find_modem(const struct service *service, const char *name, struct modem **ret)
{
    struct pool *pool = service->pool;
    struct modem *found = pool_find(pool, name);
    if (found == NULL && strcmp(name, "-") == 0) {
        if (pool_count(pool) != 1)
            return CC_ERR_FIELD_MISSING;
        found = pool_at(pool, 0);
    }
    if (found == NULL)
        return CC_ERR_NOT_FOUND;
    *ret = found;
    return CC_OK;
}

enum cc_err service_restart_modem(struct service *service, struct modem *modem,
                                  const struct caller *caller, int64_t now_ms)
{
    enum cc_err err = service_audit(
        service, caller, AUDIT_ACT(.event = "modem_reinicia", .result = modem_name(modem)), now_ms);
    if (err == CC_OK)
        err = modem_restart(modem);
    if (err == CC_OK)
        chronicle_add(service->chronicle, CHRONICLE_RESTART_ASKED, modem_name(modem), caller->name);
    return err;
}

enum cc_err service_set_centre(struct service *service, struct modem *modem, const char *number,
                               const struct caller *caller, int64_t now_ms)
{
    enum cc_err err = service_audit(
        service, caller, AUDIT_ACT(.event = "modem_centro", .result = modem_name(modem)), now_ms);
    if (err == CC_OK)
        err = modem_set_centre(modem, number);
    if (err == CC_OK)
        chronicle_add(service->chronicle, CHRONICLE_CENTRE_SET, modem_name(modem), caller->name);
    return err;
}

enum cc_err service_list_samples(struct service *service, const struct modem *modem,
                                 int64_t since_ms, int64_t now_ms,
                                 bool (*visit)(const struct samples_row *row, void *user),
                                 void *user, int64_t *span_ms_io)
{
    return samples_list(service->store, modem_name(modem), since_ms, now_ms, visit, user,
                        span_ms_io);
}

enum cc_err service_list_recoveries(struct service *service, const struct modem *modem,
                                    int64_t since_ms, int64_t max,
                                    bool (*visit)(const struct recovery *recovery, void *user),
                                    void *user)
{
    return recoveries_list(service->store, modem_name(modem), since_ms, max, visit, user);
}

enum cc_err service_get_balance(struct service *service, const struct modem *modem,
                                struct balance *ret)
{
    return balance_get(service->store, modem_name(modem), ret);
}
