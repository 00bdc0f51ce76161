/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail.h"

#include "base/log.h"
#include "service/mailer.h"
#include "store/applications.h"
#include "store/audit.h"
#include "store/citizens.h"

#include <stdio.h>
#include <string.h>

bool mail_has_server(const struct service *service)
{
    const struct alert_settings *by = &service->settings->alerts;
    return by->server[0] != '\0' && by->sender[0] != '\0';
}

bool mail_reaches_citizens(const struct service *service)
{
    return mail_has_server(service) && service->settings->mail.link[0] != '\0';
}

void mail_fill_value(const struct service *service, const struct mail *mail,
                     char ret[MAIL_LINK_SIZE])
{
    bool is_link = mail->kind == MAIL_WAITING || mail->kind == MAIL_PROVE;
    (void)snprintf(ret, MAIL_LINK_SIZE, "%s%s", is_link ? service->settings->mail.link : "",
                   mail->value);
}

enum cc_err mail_note_dead(struct service *service, const struct mail *mail, int64_t now_ms)
{
    CC_WIPED(email_row) row;
    enum cc_err err = emails_find(service->store, mail->owner, &row);
    if (err == CC_OK && strcmp(row.address.text, mail->to.text) == 0) {
        row.dead_ms = now_ms;
        row.proven_ms = 0;
        row.link_ms = 0;
        err = emails_put(service->store, &row);
    }
    return err_allow_altered(err);
}

enum cc_err mail_queue(struct service *service, struct mail *mail, int64_t now_ms)
{
    mail->state = MAIL_QUEUED;
    mail->created_ms = mail->not_before_ms = now_ms;
    mail->expires_ms = now_ms + mail_life_ms(mail->kind);
    enum cc_err err = mails_insert(service->store, mail);
    if (err == CC_OK)
        mailer_wake(service->senders.mailer);
    return err;
}

enum cc_err mail_tell_town(struct service *service, enum mail_kind kind, int64_t now_ms)
{
    struct mail mail = {.kind = kind, .lang = TEXT_LANG_ES};
    const char *town = service->settings->mail.town;
    bool is_waiting = false;
    if (town[0] == '\0' || !mail_has_server(service))
        return CC_OK;
    enum cc_err err = mails_find_waiting(service->store, kind, &is_waiting);
    if (err != CC_OK || is_waiting)
        return err;
    (void)snprintf(mail.to.text, sizeof(mail.to.text), "%s", town);
    err = mail_queue(service, &mail, now_ms);
    if (err == CC_ERR_MAILS_WAITING)
        log_warning("hay demasiados correos en espera: no se avisa al ayuntamiento");
    return err == CC_ERR_MAILS_WAITING ? CC_OK : err;
}

enum cc_err mail_record(struct service *service, const uint8_t owner[EMAIL_OWNER_BYTES],
                        const struct email *address, int64_t now_ms)
{
    CC_WIPED(email_row) row = {.address = *address, .created_ms = now_ms};
    if (!mail_reaches_citizens(service))
        return CC_ERR_NOT_CONFIGURED;
    memcpy(row.owner, owner, EMAIL_OWNER_BYTES);
    return emails_put(service->store, &row);
}

enum cc_err mail_send_link(struct service *service, const uint8_t owner[EMAIL_OWNER_BYTES],
                           enum mail_kind kind, enum text_lang lang, int64_t now_ms)
{
    CC_WIPED(email_row) row;
    CC_WIPED(mail) mail = {.kind = kind, .lang = lang};
    enum cc_err err = emails_find(service->store, owner, &row);
    if (err != CC_OK)
        return err;
    emails_draw_link(service->store, &row, now_ms, mail.value);
    memcpy(mail.owner, owner, sizeof(mail.owner));
    mail.to = row.address;
    err = emails_put(service->store, &row);
    if (err == CC_OK) /* with a link that is dead now */
        err = mails_withdraw(service->store, owner, MAIL_WAITING, MAIL_PROVE, now_ms);
    return err == CC_OK ? mail_queue(service, &mail, now_ms) : err;
}

/* The subject of an online alta is its NIF; a person's row has the index of it. */
static enum cc_err audit_proof(struct service *service, const struct email_row *row,
                               const struct caller *caller, int64_t now_ms)
{
    CC_WIPED(application) application;
    enum cc_err err = applications_find(service->store, row->owner, &application);
    const struct audit_entry act = {
        .event = "correo_probado",
        .subject = err == CC_OK ? &application.nif : NULL,
        .subject_index = err == CC_OK ? NULL : row->owner,
    };
    if (err == CC_OK || err == CC_ERR_NOT_FOUND)
        err = service_audit(service, caller, &act, now_ms);
    return err;
}

enum cc_err mail_prove(struct service *service, const char *token, size_t len,
                       const struct caller *caller, int64_t now_ms)
{
    CC_WIPED(email_row) row;
    enum cc_err err = service_check_clock(service);
    if (err != CC_OK)
        return err;
    err = emails_find_link(service->store, token, len, &row);
    if (err == CC_ERR_NOT_FOUND || (err == CC_OK && now_ms - row.link_ms >= MAIL_LINK_LIFE_MS))
        err = CC_ERR_EMAIL_LINK;
    row.proven_ms = now_ms;
    row.link_ms = 0;
    row.dead_ms = 0;
    if (err == CC_OK)
        err = emails_put(service->store, &row);
    return err == CC_OK ? audit_proof(service, &row, caller, now_ms) : err;
}

enum cc_err mail_move(struct service *service, const uint8_t from[EMAIL_OWNER_BYTES],
                      const struct nif *to)
{
    CC_WIPED(email_row) row;
    enum cc_err err = emails_find(service->store, from, &row);
    if (err == CC_OK)
        err = emails_delete(service->store, from);
    if (err == CC_OK) {
        emails_owner(service->store, to, row.owner);
        err = emails_put(service->store, &row);
    }
    if (err == CC_OK)
        err = mails_move(service->store, from, row.owner);
    return err_allow_absent(err);
}

/* ---- the address of a person in the registry: what staff do with it -------------------------- */

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

/* before: with an empty address where there was none. */
static enum cc_err replace(struct service *service, const struct email_row *before,
                           const struct email *address, enum text_lang lang, int64_t now_ms)
{
    enum cc_err err =
        mails_withdraw(service->store, before->owner, MAIL_TOWN_PENDING, MAIL_KINDS, now_ms);
    if (err == CC_OK && before->proven_ms != 0) {
        CC_WIPED(mail) mail = {.kind = MAIL_CHANGED, .lang = lang, .to = before->address};
        memcpy(mail.owner, before->owner, sizeof(mail.owner));
        err = mail_queue(service, &mail, now_ms);
    }
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
    CC_WIPED(email_row) before = {.address = {""}};
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
    return err;
}

enum cc_err mail_change(struct service *service, const struct nif *nif, const struct email *address,
                        const struct caller *caller, int64_t now_ms, int64_t *ret_wait_s)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    if (err == CC_OK)
        err = apply_address(service, &citizen, address, now_ms, ret_wait_s);
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
    CC_WIPED(citizen) citizen = {.id = 0};
    enum cc_err err = citizens_find_owner(list->service->store, row->owner, &citizen);
    if (err == CC_OK)
        list->visit(
            &(struct mail_dead){&citizen.nif, &citizen.name, &row->address, row->dead_ms, false},
            list->user);
    return err;
}

static enum cc_err tell_applicant(const struct dead_list *list, const struct email_row *row)
{
    CC_WIPED(application) application = {.id = 0};
    enum cc_err err = applications_find(list->service->store, row->owner, &application);
    if (err == CC_OK && application.ended_ms == 0)
        list->visit(&(struct mail_dead){&application.nif, &application.name, &row->address,
                                        row->dead_ms, true},
                    list->user);
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
