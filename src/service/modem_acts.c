/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/modem_acts.h"

#include "base/log.h"
#include "pool/pool.h"
#include "service/chronicle.h"
#include "store/audit.h"

#include <stdio.h>
#include <stdlib.h>
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

/* ---- acts, each begun when its row is durable ------------------------------------------------ */

struct modem_act {
    struct service *service;
    struct modem *modem;
    enum chronicle_note note;
    char number[MODEM_SMSC_SIZE]; /* of the centre */
    char actor[CALLER_NAME_SIZE];
};

static void on_durable(bool committed, void *user)
{
    struct modem_act *act = user;
    enum cc_err err = CC_OK;
    if (committed)
        err = act->note == CHRONICLE_CENTRE_SET ? modem_set_centre(act->modem, act->number)
                                                : modem_restart(act->modem);
    if (err != CC_OK)
        log_warning("módem %s: lo que ha pedido %s no se ha hecho: %s", modem_name(act->modem),
                    act->actor, err_text(err));
    else if (committed)
        chronicle_add(act->service->chronicle, act->note, modem_name(act->modem), act->actor);
    free(act);
}

static enum cc_err order_act(const struct modem_act *order, const char *event,
                             const struct caller *caller, int64_t now_ms)
{
    struct modem_act *act = malloc(sizeof(*act));
    if (act == NULL)
        return CC_ERR_MEMORY;
    *act = *order;
    (void)snprintf(act->actor, sizeof(act->actor), "%s", caller->name);
    enum cc_err err = service_audit(
        act->service, caller, AUDIT_ACT(.event = event, .result = modem_name(act->modem)), now_ms);
    if (err == CC_OK)
        turn_after(act->service->turn, on_durable, act);
    else
        free(act);
    return err;
}

enum cc_err service_restart_modem(struct service *service, struct modem *modem,
                                  const struct caller *caller, int64_t now_ms)
{
    const struct modem_act order = {
        .service = service, .modem = modem, .note = CHRONICLE_RESTART_ASKED};
    enum cc_err err = modem_check_restart(modem);
    return err == CC_OK ? order_act(&order, "modem_reinicia", caller, now_ms) : err;
}

enum cc_err service_set_centre(struct service *service, struct modem *modem, const char *number,
                               const struct caller *caller, int64_t now_ms)
{
    struct modem_act order = {.service = service, .modem = modem, .note = CHRONICLE_CENTRE_SET};
    (void)snprintf(order.number, sizeof(order.number), "%s", number);
    enum cc_err err = modem_check_centre(modem, number);
    return err == CC_OK ? order_act(&order, "modem_centro", caller, now_ms) : err;
}

/* ---- what is kept of a modem ----------------------------------------------------------------- */

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
