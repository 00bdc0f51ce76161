/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail.h"

#include "base/log.h"
#include "service/mailer.h"
#include "store/applications.h"
#include "store/audit.h"

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
    struct email_row row;
    enum cc_err err = emails_find(service->store, mail->owner, &row);
    if (err == CC_OK && strcmp(row.address.text, mail->to.text) == 0) {
        row.dead_ms = now_ms;
        row.proven_ms = 0;
        row.link_ms = 0;
        err = emails_put(service->store, &row);
    }
    secret_wipe(&row, sizeof(row));
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
    struct email_row row = {.address = *address, .created_ms = now_ms};
    if (!mail_reaches_citizens(service))
        return CC_ERR_NOT_CONFIGURED;
    memcpy(row.owner, owner, EMAIL_OWNER_BYTES);
    enum cc_err err = emails_put(service->store, &row);
    secret_wipe(&row, sizeof(row));
    return err;
}

enum cc_err mail_send_link(struct service *service, const uint8_t owner[EMAIL_OWNER_BYTES],
                           enum mail_kind kind, enum text_lang lang, int64_t now_ms)
{
    struct email_row row;
    struct mail mail = {.kind = kind, .lang = lang};
    enum cc_err err = emails_find(service->store, owner, &row);
    if (err != CC_OK)
        return err;
    emails_draw_link(service->store, &row, now_ms, mail.value);
    memcpy(mail.owner, owner, sizeof(mail.owner));
    mail.to = row.address;
    err = emails_put(service->store, &row);
    if (err == CC_OK) /* with a link that is dead now */
        err = mails_withdraw(service->store, owner, MAIL_WAITING, MAIL_PROVE, now_ms);
    if (err == CC_OK)
        err = mail_queue(service, &mail, now_ms);
    secret_wipe(&row, sizeof(row));
    secret_wipe(&mail, sizeof(mail));
    return err;
}

/* The subject of an online alta is its NIF; a person's row has the index of it. */
static enum cc_err audit_proof(struct service *service, const struct email_row *row,
                               const struct caller *caller, int64_t now_ms)
{
    struct application application;
    enum cc_err err = applications_find(service->store, row->owner, &application);
    const struct audit_entry act = {
        .event = "correo_probado",
        .subject = err == CC_OK ? &application.nif : NULL,
        .subject_index = err == CC_OK ? NULL : row->owner,
    };
    if (err == CC_OK || err == CC_ERR_NOT_FOUND)
        err = service_audit(service, caller, &act, now_ms);
    secret_wipe(&application, sizeof(application));
    return err;
}

enum cc_err mail_prove(struct service *service, const char *token, size_t len,
                       const struct caller *caller, int64_t now_ms)
{
    struct email_row row;
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
    if (err == CC_OK)
        err = audit_proof(service, &row, caller, now_ms);
    secret_wipe(&row, sizeof(row));
    return err;
}

enum cc_err mail_move(struct service *service, const uint8_t from[EMAIL_OWNER_BYTES],
                      const struct nif *to)
{
    struct email_row row;
    enum cc_err err = emails_find(service->store, from, &row);
    if (err == CC_OK)
        err = emails_delete(service->store, from);
    if (err == CC_OK) {
        emails_owner(service->store, to, row.owner);
        err = emails_put(service->store, &row);
    }
    if (err == CC_OK)
        err = mails_move(service->store, from, row.owner);
    secret_wipe(&row, sizeof(row));
    return err_allow_absent(err);
}
