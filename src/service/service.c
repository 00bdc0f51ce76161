/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/service.h"

#include "service/caller.h"
#include "store/audit.h"
#include "store/refusals.h"

void service_finish(struct service *service, int64_t now_ms)
{
    if (turn_enter(service->turn) == CC_OK)
        turn_leave(service->turn, refusals_audit(service->store, now_ms, true) == CC_OK);
}

enum cc_err service_audit(struct service *service, const struct caller *caller,
                          const struct audit_entry *act, int64_t now_ms)
{
    struct audit_entry entry = *act;
    entry.actor = caller->name;
    entry.address = caller_address(caller);
    if (entry.result == NULL)
        entry.result = "correcto";
    return audit_append(service->store, &entry, now_ms, NULL);
}

enum cc_err service_parse_nif(const struct service *service, const char *text, size_t len,
                              struct nif *ret)
{
    struct nif nif;
    enum cc_err err = nif_parse(text, len, &nif);
    if (err != CC_OK)
        return err;
    if (!service->settings->allow_test_nifs && nif_is_test_number(&nif))
        return CC_ERR_NIF_TEST;
    *ret = nif;
    return CC_OK;
}
