/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/enrol.h"

#include "service/import.h"
#include "service/life.h"
#include "service/mail.h"
#include "service/monthly.h"
#include "service/sms.h"
#include "store/audit.h"
#include "store/failures.h"
#include "store/retention.h"

#include <string.h>

/* The row of a person who was gone is written anew, under its id. */
static enum cc_err write_again(struct service *service, const struct citizen *before,
                               struct citizen *citizen)
{
    enum life_act act = citizen->state == LIFE_PENDING ? LIFE_ENROL_PENDING : LIFE_ENROL;
    if (life_next(act, before->state, &citizen->state) != CC_OK)
        return CC_ERR_ALREADY_REGISTERED;
    if (citizen->grade != CITIZEN_GRADE_ADVANCED)
        return CC_ERR_IN_PERSON;
    citizen->id = before->id;
    enum cc_err err = citizens_update(service->store, citizen);
    if (err == CC_OK)
        err = retention_set_since(service->store, citizen->id, 0);
    return err == CC_OK ? failures_settle_citizen(service->store, citizen->id) : err;
}

/* The id is set. */
static enum cc_err write_citizen(struct service *service, struct citizen *citizen, int64_t now_ms)
{
    CC_WIPED(citizen) before = {.state = LIFE_GONE};
    enum cc_err err = citizens_find_without_contrast(service->store, &citizen->nif, &before);
    if (err == CC_ERR_NOT_FOUND)
        err = citizens_find_blocked(service->store, &citizen->nif, &before);
    if (err == CC_ERR_NOT_FOUND)
        err = citizens_insert(service->store, citizen, &citizen->id);
    else if (err == CC_OK)
        err = write_again(service, &before, citizen);
    if (err == CC_OK && life_has_term(citizen->state))
        err = retention_set_since(service->store, citizen->id, now_ms);
    return err == CC_OK ? monthly_count_state(service, before.state, citizen->state, now_ms) : err;
}

/* Kept in the history. */
static struct life_order order_of(const struct enrol_input *input)
{
    bool is_pending = input->phone_proof == ENROL_PHONE_PENDING;
    return (struct life_order){.act = is_pending ? LIFE_ENROL_PENDING : LIFE_ENROL,
                               .channel = input->channel,
                               .reason = input->reason,
                               .reference = input->reference,
                               .document = input->document,
                               .linked = input->linked,
                               .phone_proven = input->phone_proof == ENROL_PHONE_PROVEN,
                               .caller = input->caller};
}

enum cc_err enrol_person(struct service *service, const struct enrol_input *input, int64_t now_ms,
                         struct citizen *ret)
{
    const struct life_order order = order_of(input);
    int64_t message_id = 0;
    *ret = (struct citizen){
        .nif = input->nif,
        .name = input->name,
        .phone = input->phone,
        .shares_phone = input->shares_phone,
        .contrast = input->contrast,
        .state = input->phone_proof == ENROL_PHONE_PENDING ? LIFE_PENDING : LIFE_ACTIVE,
        .lang = input->lang,
        .grade = citizen_grade_of(input->channel),
        .channel = input->channel,
        .created_ms = now_ms,
    };
    enum cc_err err = import_check_nif(service, &ret->nif);
    if (err == CC_OK && !ret->shares_phone)
        err = import_check_phone(service, &ret->phone);
    if (err == CC_OK)
        err = write_citizen(service, ret, now_ms);
    if (err == CC_OK && input->channel != CITIZEN_CHANNEL_IN_PERSON)
        err = notice_send(service, ret, TEXT_ACTIVATED, now_ms, &message_id);
    if (err == CC_OK)
        err = life_keep(service, ret, &order, message_id, now_ms);
    if (err == CC_OK)
        err = service_audit(service, input->caller,
                            AUDIT_ACT(.event = "alta", .subject = &ret->nif,
                                      .result = citizen_channel_token(ret->channel),
                                      .reference = ret->id),
                            now_ms);
    return err;
}

/* Foreigners get a NIE, some after a number of the tax office (M…), and a DNI as Spaniards. */
static bool can_become(enum nif_kind before, enum nif_kind after)
{
    return (after == NIF_KIND_DNI && (before == NIF_KIND_NIE || before == NIF_KIND_KLM)) ||
           (after == NIF_KIND_NIE && before == NIF_KIND_KLM);
}

enum cc_err enrol_change_nif(struct service *service, const struct nif *old,
                             struct enrol_input *input, int64_t now_ms, struct citizen *ret)
{
    CC_WIPED(citizen) before;
    struct life_order order = order_of(input);
    uint8_t owner[EMAIL_OWNER_BYTES];
    if (!can_become(old->kind, input->nif.kind))
        return CC_ERR_NIF_CHANGE;
    enum cc_err err = citizens_find_without_contrast(service->store, old, &before);
    if (err != CC_OK)
        return err;
    order.act = LIFE_CHANGE_NIF;
    order.nif = *old;
    order.linked = &input->nif;
    input->name = before.name;
    input->phone = before.phone;
    input->shares_phone = before.shares_phone;
    input->lang = before.lang;
    input->linked = old;
    bool was_suspended = before.state == LIFE_SUSPENDED;
    emails_owner(service->store, old, owner);
    err = mail_move(service, owner, &input->nif); /* before the old one ends, with its address */
    if (err == CC_OK)
        err = life_perform(service, &order, now_ms);
    if (err == CC_OK)
        err = enrol_person(service, input, now_ms, ret);
    order.act = LIFE_SUSPEND;
    order.nif = input->nif;
    order.linked = NULL;
    return err == CC_OK && was_suspended ? life_perform(service, &order, now_ms) : err;
}

enum cc_err enrol_set_contrast(struct service *service, const struct nif *nif,
                               const struct contraste *contrast, const struct caller *caller,
                               int64_t now_ms)
{
    enum cc_err err = citizens_set_contrast(service->store, nif, contrast);
    return err == CC_OK ? service_audit(service, caller,
                                        AUDIT_ACT(.event = "contraste", .subject = nif), now_ms)
                        : err;
}

enum cc_err enrol_unlock(struct service *service, const struct nif *nif,
                         const struct caller *caller, int64_t now_ms)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    if (err == CC_OK)
        err = citizens_set_locks(service->store, citizen.id, false, false);
    if (err == CC_OK)
        err = failures_settle_citizen(service->store, citizen.id);
    if (err == CC_OK)
        err = town_look(service, now_ms);
    if (err == CC_OK)
        err = service_audit(
            service, caller,
            AUDIT_ACT(.event = "desbloqueo", .subject = nif, .reference = citizen.id), now_ms);
    return err;
}
