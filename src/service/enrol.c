/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/enrol.h"

#include "service/life.h"
#include "store/audit.h"
#include "store/failures.h"

#include <string.h>

/* Writes a new row, or the one of somebody who was gone anew; the id is set. */
static enum cc_err write_citizen(struct service *service, struct citizen *citizen)
{
    struct citizen before = {0};
    enum cc_err err = citizens_find_without_contrast(service->store, &citizen->nif, &before);
    if (err == CC_ERR_NOT_FOUND)
        return citizens_insert(service->store, citizen, &citizen->id);
    if (err == CC_OK && life_next(LIFE_ENROL, before.state, &citizen->state) != CC_OK)
        err = CC_ERR_ALREADY_REGISTERED;
    citizen->id = before.id;
    secret_wipe(&before, sizeof(before));
    if (err == CC_OK)
        err = citizens_update(service->store, citizen);
    return err == CC_OK ? failures_settle_citizen(service->store, citizen->id) : err;
}

enum cc_err enrol_in_person(struct service *service, const struct enrol_input *input,
                            int64_t now_ms, struct citizen *ret)
{
    struct citizen citizen = {
        .nif = input->nif,
        .name = input->name,
        .phone = input->phone,
        .contrast = input->contrast,
        .state = LIFE_ACTIVE,
        .lang = input->lang,
        .grade = CITIZEN_GRADE_ADVANCED, /* a person saw the document (DOMAIN 6) */
        .channel = CITIZEN_CHANNEL_IN_PERSON,
        .created_ms = now_ms,
    };
    const struct life_order order = {
        .act = LIFE_ENROL, .reason = "", .reference = input->reference, .caller = input->caller};
    enum cc_err err = write_citizen(service, &citizen);
    if (err == CC_OK)
        err = life_keep(service, &citizen, &order, 0, now_ms);
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
