/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/dossier.h"

#include "store/audit.h"

enum cc_err dossier_begin(struct service *service, const struct nif *nif,
                          const struct caller *caller, int64_t now_ms, struct citizen *ret)
{
    const struct audit_entry entry = {.event = "expediente",
                                      .actor = caller->name,
                                      .address = caller_address(caller),
                                      .subject = nif,
                                      .result = "correcto"};
    enum cc_err err = citizens_find(service->store, nif, ret);
    return err == CC_OK ? audit_append(service->store, &entry, now_ms, NULL) : err;
}

enum cc_err dossier_tell(struct service *service, const struct nif *nif, enum dossier_part part,
                         int64_t before_id, dossier_visit_fn visit, void *user, int64_t *ret_next)
{
    struct citizen citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    if (err == CC_OK)
        err = dossier_list(service->store, &citizen, part, before_id, visit, user, ret_next);
    secret_wipe(&citizen, sizeof(citizen));
    return err;
}
