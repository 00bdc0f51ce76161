/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/enrol.h"

#include "store/audit.h"
#include "store/failures.h"

#include <string.h>

enum cc_err enrol_in_person(struct service *service, const struct enrol_input *input,
                            int64_t now_ms, struct citizen *ret)
{
    struct citizen citizen = {
        .nif = input->nif,
        .phone = input->phone,
        .contrast = input->contrast,
        .state = CITIZEN_ACTIVE,
        .level = CITIZEN_LEVEL_SUBSTANTIAL, /* a person saw the document (DOMAIN 6) */
        .channel = CITIZEN_CHANNEL_IN_PERSON,
        .created_ms = now_ms,
    };
    memcpy(citizen.name, input->name, sizeof(citizen.name));
    enum cc_err err = citizens_insert(service->store, &citizen, &citizen.id);
    if (err != CC_OK)
        return err;
    const struct audit_entry entry = {
        .event = "alta",
        .actor = input->caller->name,
        .subject = &citizen.nif,
        .result = citizen_channel_token(citizen.channel),
        .reference = citizen.id,
    };
    err = audit_append(service->store, &entry, now_ms, NULL);
    if (err == CC_OK)
        *ret = citizen;
    return err;
}

enum cc_err enrol_set_contrast(struct service *service, const struct nif *nif,
                               const struct contraste *contrast, const struct caller *caller,
                               int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = "contraste",
        .actor = caller->name,
        .subject = nif,
        .result = "correcto",
    };
    enum cc_err err = citizens_set_contrast(service->store, nif, contrast);
    return err == CC_OK ? audit_append(service->store, &entry, now_ms, NULL) : err;
}

enum cc_err enrol_unlock(struct service *service, const struct nif *nif,
                         const struct caller *caller, int64_t now_ms)
{
    struct citizen citizen;
    enum cc_err err = citizens_find(service->store, nif, &citizen);
    if (err != CC_OK)
        return err;
    err = citizens_set_locks(service->store, citizen.id, false, false);
    if (err == CC_OK)
        err = failures_settle_citizen(service->store, citizen.id);
    if (err == CC_OK)
        err = town_look(service, now_ms);
    if (err != CC_OK)
        return err;
    const struct audit_entry entry = {
        .event = "desbloqueo",
        .actor = caller->name,
        .subject = nif,
        .result = "correcto",
        .reference = citizen.id,
    };
    return audit_append(service->store, &entry, now_ms, NULL);
}
