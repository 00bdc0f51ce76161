/* SPDX-License-Identifier: EUPL-1.2 */
/* The address of a person in the registry: what staff do with it. */
#include "service/mail.h"
#include "store/applications.h"
#include "store/audit.h"
#include "store/citizens.h"

#include <string.h>

const char *mail_proof_token(const struct email_row *row)
{
    if (row->dead_ms != 0)
        return "no_llega";
    return row->proven_ms != 0 ? "probado" : "sin_probar";
}

enum cc_err mail_find(struct service *service, const struct nif *nif, struct email_row *ret)
{
    uint8_t owner[EMAIL_OWNER_BYTES];
    emails_owner(service->store, nif, owner);
    return emails_find(service->store, owner, ret);
}

enum cc_err mail_forget(struct service *service, const struct nif *nif, int64_t now_ms)
{
    uint8_t owner[EMAIL_OWNER_BYTES];
    emails_owner(service->store, nif, owner);
    enum cc_err err = mails_withdraw(service->store, owner, MAIL_TOWN_PENDING, MAIL_KINDS, now_ms);
    return err == CC_OK ? emails_delete(service->store, owner) : err;
}

static enum cc_err tell_before(struct service *service, const struct email_row *before,
                               enum text_lang lang, int64_t now_ms)
{
    struct mail mail = {.kind = MAIL_CHANGED, .lang = lang, .to = before->address};
    memcpy(mail.owner, before->owner, sizeof(mail.owner));
    enum cc_err err = before->proven_ms != 0 ? mail_queue(service, &mail, now_ms) : CC_OK;
    secret_wipe(&mail, sizeof(mail));
    return err;
}

/* before: with an empty address where there was none. */
static enum cc_err replace(struct service *service, const struct email_row *before,
                           const struct email *address, enum text_lang lang, int64_t now_ms)
{
    enum cc_err err =
        mails_withdraw(service->store, before->owner, MAIL_TOWN_PENDING, MAIL_KINDS, now_ms);
    if (err == CC_OK)
        err = tell_before(service, before, lang, now_ms);
    if (err != CC_OK || address->text[0] == '\0')
        return err != CC_OK ? err : emails_delete(service->store, before->owner);
    err = mail_record(service, before->owner, address, now_ms);
    return err == CC_OK ? mail_send_link(service, before->owner, MAIL_PROVE, lang, now_ms) : err;
}

static enum cc_err send_again(struct service *service, const struct email_row *row,
                              enum text_lang lang, int64_t now_ms, int64_t *ret_wait_s)
{
    int64_t left_ms = row->link_ms + MAIL_LINK_GAP_MS - now_ms;
    if (left_ms > 0 && row->link_ms != 0) {
        *ret_wait_s = (left_ms + 999) / 1000;
        return CC_ERR_RATE_LIMITED;
    }
    return mail_reaches_citizens(service)
               ? mail_send_link(service, row->owner, MAIL_PROVE, lang, now_ms)
               : CC_ERR_NOT_CONFIGURED;
}

static enum cc_err apply_address(struct service *service, const struct citizen *citizen,
                                 const struct email *address, int64_t now_ms, int64_t *ret_wait_s)
{
    struct email_row before = {.address = {""}};
    enum cc_err err = citizen->state == LIFE_GONE ? CC_ERR_LIFE_STATE
                                                  : mail_find(service, &citizen->nif, &before);
    if (err == CC_ERR_NOT_FOUND) {
        emails_owner(service->store, &citizen->nif, before.owner);
        err = CC_OK;
    }
    if (err == CC_OK)
        err = address->text[0] != '\0' && strcmp(address->text, before.address.text) == 0
                  ? send_again(service, &before, citizen->lang, now_ms, ret_wait_s)
                  : replace(service, &before, address, citizen->lang, now_ms);
    secret_wipe(&before, sizeof(before));
    return err;
}

enum cc_err mail_change(struct service *service, const struct nif *nif, const struct email *address,
                        const struct caller *caller, int64_t now_ms, int64_t *ret_wait_s)
{
    struct citizen citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    if (err == CC_OK)
        err = apply_address(service, &citizen, address, now_ms, ret_wait_s);
    secret_wipe(&citizen, sizeof(citizen));
    return err == CC_OK ? service_audit(service, caller,
                                        AUDIT_ACT(.event = "correo", .subject = nif), now_ms)
                        : err;
}

/* ---- addresses that do not exist ------------------------------------------------------------- */

struct dead_list {
    struct service *service;
    mail_dead_fn visit;
    void *user;
    enum cc_err err;
};

static enum cc_err tell_citizen(const struct dead_list *list, const struct email_row *row)
{
    struct citizen citizen = {.id = 0};
    enum cc_err err = citizens_find_owner(list->service->store, row->owner, &citizen);
    if (err == CC_OK)
        list->visit(
            &(struct mail_dead){&citizen.nif, &citizen.name, &row->address, row->dead_ms, false},
            list->user);
    secret_wipe(&citizen, sizeof(citizen));
    return err;
}

static enum cc_err tell_applicant(const struct dead_list *list, const struct email_row *row)
{
    struct application application = {.id = 0};
    enum cc_err err = applications_find(list->service->store, row->owner, &application);
    if (err == CC_OK && application.ended_ms == 0)
        list->visit(&(struct mail_dead){&application.nif, &application.name, &row->address,
                                        row->dead_ms, true},
                    list->user);
    secret_wipe(&application, sizeof(application));
    return err;
}

/* A row that was changed without the key is nobody's. */
static void tell_dead(const struct email_row *row, void *user)
{
    struct dead_list *list = user;
    enum cc_err err = tell_citizen(list, row);
    if (err == CC_ERR_NOT_FOUND)
        err = tell_applicant(list, row);
    if (err != CC_ERR_CORRUPT && err_allow_altered(err) != CC_OK)
        list->err = err;
}

enum cc_err mail_each_dead(struct service *service, mail_dead_fn visit, void *user)
{
    struct dead_list list = {service, visit, user, CC_OK};
    enum cc_err err = emails_each_dead(service->store, MAIL_DEAD_MAX, tell_dead, &list);
    return err == CC_OK ? list.err : err;
}
