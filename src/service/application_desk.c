/* SPDX-License-Identifier: EUPL-1.2 */
/* A clerk decides on an online alta. */
#include "service/application.h"
#include "service/credential.h"
#include "service/enrol.h"
#include "service/mail.h"
#include "service/sms.h"

#include <stdio.h>
#include <string.h>

enum cc_err application_list(struct service *service, enum application_state state,
                             int64_t after_id, application_visit_fn visit, void *user)
{
    return applications_each(service->store, state, after_id, APPLICATION_LIST_MAX, visit, user);
}

enum cc_err application_look(struct service *service, const char *id, const struct caller *caller,
                             int64_t now_ms, struct application *ret)
{
    enum cc_err err = application_find(service, id, ret);
    return err == CC_OK
               ? application_audit(service, ret, "alta_consulta", "correcto", caller, now_ms)
               : err;
}

enum cc_err application_read(struct service *service, const char *id, size_t index,
                             const struct caller *caller, int64_t now_ms,
                             struct application_document *ret, struct sealed_reader **ret_reader)
{
    struct application application = {0};
    struct sealed_reader *reader = NULL;
    enum cc_err err = application_find(service, id, &application);
    if (err == CC_OK)
        err = application_files_read(service, &application, index, &reader);
    if (err == CC_OK)
        err =
            application_audit(service, &application, "alta_documento", "correcto", caller, now_ms);
    if (err == CC_OK) {
        *ret = application.documents[index];
        *ret_reader = reader;
    } else {
        sealed_reader_free(reader);
    }
    secret_wipe(&application, sizeof(application));
    return err;
}

static enum cc_err enrol_applicant(struct service *service, const struct application *application,
                                   const char *verified, const struct caller *caller,
                                   int64_t now_ms)
{
    struct citizen citizen;
    struct enrol_input input = {
        .nif = application->nif,
        .name = application->name,
        .phone = application->phone,
        .contrast = application->contrast,
        .lang = application->lang,
        .channel = CITIZEN_CHANNEL_ONLINE,
        .caller = caller,
    };
    (void)snprintf(input.reason, sizeof(input.reason), "%s", verified);
    enum cc_err err = enrol_person(service, &input, now_ms, &citizen);
    secret_wipe(&input, sizeof(input));
    secret_wipe(&citizen, sizeof(citizen));
    return err;
}

enum cc_err application_accept(struct service *service, const char *id, const char *verified,
                               const struct caller *caller, int64_t now_ms, struct application *ret)
{
    enum application_state unused;
    enum cc_err err = application_find(service, id, ret);
    if (err == CC_OK)
        err = application_next(APPLICATION_ACCEPT, ret->state, &unused);
    if (err == CC_OK)
        err = enrol_applicant(service, ret, verified, caller, now_ms);
    if (err == CC_OK)
        err = mail_move(service, ret->public_id, &ret->nif);
    if (err == CC_OK && ret->secret_hash[0] != '\0')
        err = credential_keep_pending(service, &ret->nif, ret->secret_hash, caller, now_ms);
    return err == CC_OK
               ? application_finish(service, ret, APPLICATION_ACCEPT, APPLICATION_NO_REASON, now_ms)
               : err;
}

/* Who applied is no citizen yet: only the mobile and the language are told. */
static enum cc_err tell_applicant(struct service *service, const struct application *application,
                                  enum text_id text, int64_t now_ms)
{
    const struct citizen addressee = {.phone = application->phone, .lang = application->lang};
    int64_t message_id = 0;
    return notice_send(service, &addressee, text, now_ms, &message_id);
}

enum cc_err application_preview(const struct service *service,
                                const struct application *application,
                                enum application_reason reason, struct buf *out)
{
    const struct text_values values = {.entity = service->settings->entity_sms};
    return text_render(application->lang, application_reason_text(reason), &values, out);
}

enum cc_err application_reject(struct service *service, const char *id,
                               enum application_reason reason, const struct caller *caller,
                               int64_t now_ms, struct application *ret)
{
    enum application_state unused;
    enum cc_err err = application_find(service, id, ret);
    if (err == CC_OK)
        err = application_next(APPLICATION_REJECT, ret->state, &unused);
    if (err == CC_OK)
        err = tell_applicant(service, ret, application_reason_text(reason), now_ms);
    if (err == CC_OK)
        err = application_audit(service, ret, "alta_rechazada", application_reason_token(reason),
                                caller, now_ms);
    return err == CC_OK ? application_finish(service, ret, APPLICATION_REJECT, reason, now_ms)
                        : err;
}
