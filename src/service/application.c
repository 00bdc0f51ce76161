/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/application.h"

#include "base/hex.h"
#include "base/span.h"
#include "domain/clave.h"
#include "service/credential.h"
#include "service/enrol.h"
#include "service/mail.h"
#include "service/sms.h"
#include "store/audit.h"
#include "store/citizens.h"
#include "store/outbox.h"
#include "store/phone_codes.h"
#include "store/requests.h"

#include <stdio.h>
#include <string.h>

enum { ROOM_TRIES = 16, SWEPT_PER_CALL = 32 };

static enum cc_err application_find(struct service *service, const char *id,
                                    struct application *ret)
{
    uint8_t public_id[APPLICATION_ID_BYTES];
    size_t len = 0;
    if (!hex_decode(id, strlen(id), public_id, sizeof(public_id), &len) || len != sizeof(public_id))
        return CC_ERR_NOT_FOUND;
    return applications_find(service->store, public_id, ret);
}

static enum cc_err application_audit(struct service *service, const struct application *application,
                                     const char *event, const char *result,
                                     const struct caller *caller, int64_t now_ms)
{
    return service_audit(service, caller,
                         AUDIT_ACT(.event = event, .subject = &application->nif, .result = result,
                                   .reference = application->id),
                         now_ms);
}

static enum cc_err application_finish(struct service *service, struct application *application,
                                      enum application_act act, enum application_reason reason,
                                      int64_t now_ms)
{
    enum cc_err err = application_next(act, application->state, &application->state);
    if (err != CC_OK)
        return err;
    application->ended_ms = now_ms;
    application->reason = reason;
    application->document_count = 0;
    secret_wipe(application->documents, sizeof(application->documents));
    secret_wipe(&application->name, sizeof(application->name));
    secret_wipe(&application->phone, sizeof(application->phone));
    secret_wipe(&application->contrast, sizeof(application->contrast));
    secret_wipe(application->secret_hash, sizeof(application->secret_hash));
    err = applications_update(service->store, application);
    if (err == CC_OK) /* an accepted one's is the person's already: application_accept() */
        err = emails_delete(service->store, application->public_id);
    return err == CC_OK ? application_files_drop(service, application->public_id) : err;
}

/* ---- bounds ---------------------------------------------------------------------------------- */

/* A person passes by with a reto what a stranger with many addresses uses up. */
static enum cc_err check_pace(struct service *service, const struct application_input *input,
                              int64_t now_ms, int64_t *ret_wait_s)
{
    const struct address_keys *from = input->from;
    bool is_worked_for = input->has_worked && service->settings->challenge_bits != 0;
    int64_t most = is_worked_for ? APPLICATION_TOWN_HOUR_WORKED : APPLICATION_TOWN_HOUR;
    int64_t narrow = 0, wide = 0, town = 0;
    int64_t wide_times = service->settings->limits.address.wide_times;
    enum cc_err err =
        applications_count_from(service->store, from, now_ms - DAY_MS, &narrow, &wide);
    if (err == CC_OK)
        err = applications_count_since(service->store, now_ms - HOUR_MS, &town);
    if (err != CC_OK)
        return err;
    if (narrow < APPLICATION_ADDRESS_DAY && town < most &&
        (wide_times == 0 || wide < APPLICATION_ADDRESS_DAY * wide_times))
        return CC_OK;
    *ret_wait_s = HOUR_S;
    return CC_ERR_RATE_LIMITED;
}

static enum cc_err delete_one(struct service *service, int64_t id,
                              const uint8_t public_id[APPLICATION_ID_BYTES])
{
    enum cc_err err = applications_delete(service->store, id);
    if (err == CC_OK)
        err = emails_delete(service->store, public_id);
    return err == CC_OK ? application_files_drop(service, public_id) : err;
}

/* Deletes the oldest of those whose code is dead and whose mobile was not proven. */
static enum cc_err make_room(struct service *service, int64_t bytes, int64_t now_ms)
{
    uint8_t public_id[APPLICATION_ID_BYTES];
    struct application_load load = {0};
    int64_t id = 0, dead_ms = now_ms - APPLICATION_CODE_LIFE_MS;
    for (int i = 0; i < ROOM_TRIES; i++) {
        enum cc_err err = applications_measure(service->store, &load);
        if (err != CC_OK ||
            (load.open < APPLICATION_OPEN_MAX && load.bytes + bytes <= APPLICATION_OPEN_BYTES_MAX))
            return err;
        err = applications_oldest(service->store, APPLICATION_REQUESTED, dead_ms, dead_ms, &id,
                                  public_id);
        if (err == CC_OK)
            err = delete_one(service, id, public_id);
        if (err != CC_OK)
            return err == CC_ERR_NOT_FOUND ? CC_ERR_APPLICATIONS_FULL : err;
    }
    return CC_ERR_APPLICATIONS_FULL;
}

static enum cc_err sweep_state(struct service *service, enum application_state state,
                               int64_t before_ms, int64_t last_ms)
{
    uint8_t public_id[APPLICATION_ID_BYTES];
    int64_t id = 0;
    enum cc_err err = CC_OK;
    for (int i = 0; err == CC_OK && i < SWEPT_PER_CALL; i++) {
        err = applications_oldest(service->store, state, before_ms, last_ms, &id, public_id);
        if (err == CC_OK)
            err = delete_one(service, id, public_id);
    }
    return err_allow_absent(err);
}

enum cc_err application_sweep(struct service *service, int64_t now_ms)
{
    enum cc_err err =
        sweep_state(service, APPLICATION_REQUESTED, now_ms - APPLICATION_UNPROVEN_MS, INT64_MAX);
    if (err == CC_OK)
        err = sweep_state(service, APPLICATION_ACCEPTED, INT64_MAX, now_ms - APPLICATION_KEPT_MS);
    if (err == CC_OK)
        err = sweep_state(service, APPLICATION_REJECTED, INT64_MAX, now_ms - APPLICATION_KEPT_MS);
    if (err == CC_OK)
        err = phone_codes_sweep(service->store, now_ms - APPLICATION_LONG_CODE_LIFE_MS);
    return err;
}

/* ---- the code of the mobile ------------------------------------------------------------------ */

/* A mobile that had its SMS of the day gets none: nobody is told that it did. */
static enum cc_err send_code(struct service *service, const struct application *application,
                             const char *code)
{
    int64_t now_ms = application->code.sent_ms, id = 0;
    bool may_send = false;
    const struct sms sms = {.class = OUTBOX_VALIDATION,
                            .phone = &application->phone,
                            .lang = application->lang,
                            .text = TEXT_VALIDATION,
                            .values.code = code,
                            .expires_ms = now_ms + APPLICATION_CODE_LIFE_MS};
    enum cc_err err = requests_check_phone(service->store, application->phone.e164, REQUESTS_ALL,
                                           service->settings->limits.citizen.sms_per_phone_day,
                                           now_ms, &may_send);
    return err == CC_OK && may_send ? sms_queue(service, &sms, now_ms, &id) : err;
}

static void draw_code(const struct service *service, struct application *application,
                      int64_t now_ms, char ret_code[CODE_SIZE])
{
    clave_from_number(secret_random_below(clave_count(APPLICATION_CODE_DIGITS)),
                      APPLICATION_CODE_DIGITS, ret_code);
    application->code.sent_ms = now_ms;
    application->code.tries = 0;
    application->code.sends++;
    applications_code_tag(service->store, application, ret_code, application->code_tag);
}

static void fill_output(const struct application *application, struct application_output *ret)
{
    hex_encode_lower(application->public_id, APPLICATION_ID_BYTES, ret->id);
    ret->state = application->state;
    ret->resend_from_ms = application->code.sent_ms + APPLICATION_RESEND_MS;
}

/* ---- the person ------------------------------------------------------------------------------ */

static enum cc_err take_on(struct service *service, const struct application_input *input,
                           struct application *application, int64_t now_ms)
{
    char code[CODE_SIZE];
    int64_t bytes = 0;
    application_upload_fill(input->upload, application);
    for (size_t i = 0; i < application->document_count; i++)
        bytes += application->documents[i].size;
    enum cc_err err = make_room(service, bytes, now_ms);
    if (err != CC_OK)
        return err;
    draw_code(service, application, now_ms, code);
    err = applications_insert(service->store, application, input->from, &application->id);
    if (err == CC_OK && input->email.text[0] != '\0')
        err = mail_record(service, application->public_id, &input->email, now_ms);
    if (err == CC_OK)
        err = send_code(service, application, code);
    secret_wipe(code, sizeof(code));
    return err;
}

enum cc_err application_request(struct service *service, const struct application_input *input,
                                int64_t now_ms, struct application_output *ret, int64_t *ret_wait_s)
{
    struct application application = {
        .client_id = caller_client_id(input->caller),
        .state = APPLICATION_REQUESTED,
        .created_ms = now_ms,
        .nif = input->nif,
        .name = input->name,
        .phone = input->phone,
        .contrast = input->contrast,
        .lang = input->lang,
    };
    if (input->secret_hash != NULL)
        memcpy(application.secret_hash, input->secret_hash, sizeof(application.secret_hash));
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = check_pace(service, input, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = take_on(service, input, &application, now_ms);
    if (err == CC_OK)
        err = application_audit(service, &application, "alta_solicitada", "correcto", input->caller,
                                now_ms);
    if (err == CC_OK)
        fill_output(&application, ret);
    secret_wipe(&application, sizeof(application));
    return err;
}

static enum cc_err find_own(struct service *service, const char *id, const struct caller *caller,
                            struct application *ret)
{
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = application_find(service, id, ret);
    if (err == CC_OK && ret->client_id != caller_client_id(caller))
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK && ret->state != APPLICATION_REQUESTED)
        err = CC_ERR_APPLICATION_STATE;
    return err;
}

/* Seed 004: the two messages of an alta that waits for the verification of the identity. */
static enum cc_err tell_of_waiting(struct service *service, const struct application *application,
                                   int64_t now_ms)
{
    enum cc_err err =
        mail_send_link(service, application->public_id, MAIL_WAITING, application->lang, now_ms);
    if (err == CC_ERR_NOT_FOUND || err == CC_ERR_MAILS_WAITING)
        err = CC_OK; /* no address; or the alta waits all the same */
    return err == CC_OK ? mail_tell_town(service, MAIL_TOWN_PENDING, now_ms) : err;
}

/* The mobile is proven: only now may it matter who is registered. */
static enum cc_err go_on(struct service *service, struct application *application, int64_t now_ms,
                         enum cc_err *ret_verdict)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, &application->nif, &citizen);
    bool is_registered = err == CC_OK && citizen.state != LIFE_GONE;
    if (err != CC_OK && err != CC_ERR_NOT_FOUND)
        return err;
    if (is_registered && !service->settings->neutral_if_registered) {
        *ret_verdict = CC_ERR_ALREADY_REGISTERED;
        return application_finish(service, application, APPLICATION_CLOSE, APPLICATION_REGISTERED,
                                  now_ms);
    }
    err = application_next(APPLICATION_PROVE, application->state, &application->state);
    if (err == CC_OK)
        err = applications_update(service->store, application);
    return err == CC_OK ? tell_of_waiting(service, application, now_ms) : err;
}

static enum cc_err compare_code(struct service *service, struct application *application,
                                const char *code, int64_t now_ms, enum cc_err *ret_verdict)
{
    uint8_t tag[SECRET_TAG_BYTES];
    enum cc_err err = application_check_code(&application->code, APPLICATION_CODE_LIFE_MS, now_ms);
    if (err != CC_OK)
        return err;
    applications_code_tag(service->store, application, code, tag);
    *ret_verdict = secret_tag_equal(tag, application->code_tag) ? CC_OK : CC_ERR_CODE_WRONG;
    if (*ret_verdict == CC_OK)
        return go_on(service, application, now_ms, ret_verdict);
    application->code.tries++;
    return applications_update(service->store, application);
}

enum cc_err application_prove(struct service *service, const char *id, const char *code,
                              const struct caller *caller, int64_t now_ms,
                              struct application_output *ret, enum cc_err *ret_verdict)
{
    CC_WIPED(application) application = {0};
    enum cc_err err = find_own(service, id, caller, &application);
    if (err == CC_OK)
        err = compare_code(service, &application, code, now_ms, ret_verdict);
    if (err == CC_OK)
        err = application_audit(service, &application, "alta_movil",
                                *ret_verdict == CC_OK ? "correcto" : err_token(*ret_verdict),
                                caller, now_ms);
    if (err == CC_OK)
        fill_output(&application, ret);
    return err;
}

enum cc_err application_resend(struct service *service, const char *id, const struct caller *caller,
                               int64_t now_ms, struct application_output *ret, int64_t *ret_wait_s)
{
    char code[CODE_SIZE];
    CC_WIPED(application) application = {0};
    enum cc_err err = find_own(service, id, caller, &application);
    if (err == CC_OK)
        err = application_check_resend(&application.code, now_ms, ret_wait_s);
    if (err == CC_OK) {
        draw_code(service, &application, now_ms, code);
        err = applications_update(service->store, &application);
    }
    if (err == CC_OK)
        err = send_code(service, &application, code);
    if (err == CC_OK)
        err = application_audit(service, &application, "alta_reenvio", "correcto", caller, now_ms);
    if (err == CC_OK)
        fill_output(&application, ret);
    secret_wipe(code, sizeof(code));
    return err;
}

/* ---- a clerk decides ------------------------------------------------------------------------- */

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
    CC_WIPED(application) application = {0};
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
    return err;
}

static enum cc_err enrol_applicant(struct service *service, const struct application *application,
                                   const char *verified, const struct caller *caller,
                                   int64_t now_ms)
{
    CC_WIPED(citizen) citizen;
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
