/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mailbox.h"

#include "pool/pool.h"

enum cc_err mailbox_list(struct service *service, int64_t max,
                         bool (*visit)(const struct inbox_message *message, void *user), void *user)
{
    return inbox_list(service->store, max, visit, user);
}

enum cc_err mailbox_count_unread(struct service *service, int64_t *ret)
{
    return inbox_count_unread(service->store, ret);
}

enum cc_err mailbox_mark_read(struct service *service, int64_t id, int64_t now_ms,
                              int64_t *ret_unread)
{
    enum cc_err err = inbox_mark_read(service->store, id, now_ms);
    return err == CC_OK ? inbox_count_unread(service->store, ret_unread) : err;
}

enum cc_err mailbox_list_low_balances(struct service *service,
                                      void (*visit)(const char *modem, void *user), void *user)
{
    for (size_t i = 0; i < pool_count(service->pool); i++) {
        const char *name = modem_name(pool_at(service->pool, i));
        int64_t since_ms = 0;
        enum cc_err err = inbox_balance_alarm_since(service->store, name, &since_ms);
        if (err != CC_OK)
            return err;
        if (since_ms != 0)
            visit(name, user);
    }
    return CC_OK;
}
