/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/credential.h"

#include "service/contrast.h"
#include "service/entry_code.h"
#include "service/mail.h"
#include "service/sms.h"
#include "store/audit.h"
#include "store/failures.h"
#include "store/outbox.h"

#include <stdio.h>
#include <string.h>

enum { PENDING_MAX = 100 };

static enum cc_err audit_secret(struct service *service, const struct caller *caller,
                                const struct nif *nif, const char *event, const char *result,
                                int64_t now_ms)
{
    return service_audit(service, caller,
                         AUDIT_ACT(.event = event, .subject = nif, .result = result), now_ms);
}

enum cc_err credential_keep_pending(struct service *service, const struct nif *nif,
                                    const char *hash, const struct caller *caller, int64_t now_ms)
{
    struct credential credential = {.citizen_id = credentials_owner(service->store, nif),
                                    .kind = CREDENTIAL_PASSWORD,
                                    .state = CREDENTIAL_PENDING,
                                    .created_ms = now_ms};
    memcpy(credential.hash, hash, sizeof(credential.hash));
    enum cc_err err = credentials_put(service->store, &credential);
    if (err == CC_OK)
        err = audit_secret(service, caller, nif, "contrasena_alta", "sin_autorizar", now_ms);
    secret_wipe(&credential, sizeof(credential));
    return err;
}

enum cc_err credential_register(struct service *service, const struct verify_input *proof,
                                const struct entry_proof *secret, int64_t now_ms, bool *ret_done,
                                int64_t *ret_wait_s)
{
    CC_WIPED(verify_output) verdict = {0};
    enum cc_err err = verify_pin(service, proof, now_ms, &verdict, ret_wait_s);
    *ret_done = err == CC_OK && verdict.correct;
    if (*ret_done)
        err = entry_check_own(&verdict.citizen, secret->new_secret, secret->new_len);
    if (err == CC_OK && *ret_done)
        err = credential_keep_pending(service, &proof->nif, secret->hash, proof->caller, now_ms);
    return err;
}

static enum cc_err find_both(struct service *service, const struct credential_order *order,
                             struct citizen *citizen, struct credential *credential)
{
    enum cc_err err = citizens_find_without_contrast(service->store, &order->nif, citizen);
    return err == CC_OK ? credentials_find(service->store, citizen->id, order->kind, credential)
                        : err;
}

enum cc_err credential_authorise(struct service *service, const struct credential_order *order,
                                 int64_t now_ms)
{
    CC_WIPED(citizen) citizen = {.id = 0};
    CC_WIPED(credential) credential = {.id = 0};
    int64_t message_id = 0;
    enum cc_err err = find_both(service, order, &citizen, &credential);
    if (err == CC_OK && (citizen.state != LIFE_ACTIVE || credential.state != CREDENTIAL_PENDING))
        err = CC_ERR_LIFE_STATE;
    credential.state = CREDENTIAL_ACTIVE;
    if (err == CC_OK)
        err = credentials_update(service->store, &credential);
    if (err == CC_OK)
        err = notice_send(service, &citizen, TEXT_AUTHORISED, now_ms, &message_id);
    if (err == CC_OK)
        err = audit_secret(service, order->caller, &order->nif, "contrasena_autorizacion",
                           order->document, now_ms);
    return err;
}

enum cc_err credential_withdraw(struct service *service, const struct credential_order *order,
                                int64_t now_ms)
{
    CC_WIPED(citizen) citizen = {.id = 0};
    CC_WIPED(credential) credential = {.id = 0};
    enum cc_err err = find_both(service, order, &citizen, &credential);
    if (err == CC_OK)
        err = outbox_withdraw(service->store, -credential.id, citizen.phone.e164, now_ms);
    if (err == CC_OK)
        err = credentials_delete_one(service->store, credential.id);
    if (err == CC_OK)
        err = audit_secret(service, order->caller, &order->nif, "contrasena_retirada", "correcto",
                           now_ms);
    return err;
}

/* ---- recovery -------------------------------------------------------------------------------- */

static enum cc_err send_recovery(struct service *service, const struct citizen *citizen,
                                 struct credential *credential, int64_t now_ms)
{
    enum cc_err err = entry_code_send(service, citizen, credential, CREDENTIAL_RECOVERY, now_ms);
    credential->code.with_contrast = true;
    if (err == CC_OK)
        err = credentials_update(service->store, credential);
    credential->code.sent_ms = now_ms; /* the answer does not depend on the code of before */
    return err;
}

/* A person who has just typed the secret has not forgotten it: nobody takes his code. */
static bool is_recoverable(const struct credential *credential, int64_t now_ms)
{
    const struct credential_code *code = &credential->code;
    bool is_entering = code->purpose == CREDENTIAL_ENTRY &&
                       credential_code_is_alive(code->purpose, code->sent_ms, code->tries, now_ms);
    return credential->id != 0 && credential->state == CREDENTIAL_ACTIVE && !is_entering;
}

enum cc_err credential_recover(struct service *service, const struct entry_input *input,
                               int64_t now_ms, struct entry_output *ret, int64_t *ret_wait_s)
{
    const struct contrast_call call = {&input->contrast, input->from->narrow, input->caller};
    CC_WIPED(citizen) citizen = {.id = 0};
    CC_WIPED(credential) credential = {.id = 0};
    struct limits_citizen counted = {0};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = visitor_take_request(service, input->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = contrast_find_citizen(service, &input->nif, &call, &citizen);
    if (err == CC_OK)
        err = contrast_count(service, &citizen, &call, now_ms, &counted);
    if (err == CC_OK)
        err = contrast_charge(service, &citizen, &counted, &call, now_ms);
    if (err == CC_OK)
        err = err_allow_altered(
            credentials_find(service->store, credentials_owner(service->store, &input->nif),
                             method_rows[input->method].credential, &credential));
    bool may_recover = err == CC_OK && counted.contrast == LIMITS_CONTRAST_RIGHT &&
                       is_recoverable(&credential, now_ms);
    if (may_recover) {
        err = send_recovery(service, &citizen, &credential, now_ms);
    } else { /* the id of no code: the answer to a wrong contrast */
        credential.code = (struct credential_code){.sent_ms = now_ms};
        secret_random(credential.code.id, sizeof(credential.code.id));
    }
    if (err == CC_OK)
        err = may_recover ? audit_secret(service, input->caller, &input->nif,
                                         "contrasena_recuperacion", "enviada", now_ms)
                          : entry_refuse(service, input, now_ms);
    *ret = (struct entry_output){.needs_code = true,
                                 .resend_from_ms = now_ms + CREDENTIAL_CODE_GAP_MS,
                                 .expires_ms = now_ms + CREDENTIAL_CODE_LIFE_MS};
    entry_code_name(&credential.code, ret->id);
    return err;
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct listing {
    struct service *service;
    credential_visit_fn visit;
    void *user;
    enum cc_err err;
};

/* A row of a person who is not registered, or whose row does not open, is left out. */
static void tell_row(const struct credential *credential, void *user)
{
    struct listing *listing = user;
    CC_WIPED(citizen) citizen = {.id = 0};
    if (listing->err != CC_OK)
        return;
    enum cc_err err = citizens_find_id(listing->service->store, credential->citizen_id, &citizen);
    if (err == CC_OK)
        listing->visit(&citizen, credential, listing->user);
    else if (err != CC_ERR_CORRUPT)
        listing->err = err_allow_altered(err);
}

enum cc_err credential_each_pending(struct service *service, credential_visit_fn visit, void *user)
{
    struct listing listing = {service, visit, user, CC_OK};
    int64_t last = 0;
    enum cc_err err = credentials_each(service->store, CREDENTIAL_PENDING, 0, PENDING_MAX, tell_row,
                                       &listing, &last);
    return err == CC_OK ? listing.err : err;
}

enum cc_err credential_each_citizen(struct service *service, const struct citizen *citizen,
                                    credential_visit_fn visit, void *user)
{
    CC_WIPED(credential) credential = {.id = 0};
    enum cc_err err = CC_OK;
    for (enum credential_kind kind = CREDENTIAL_NONE + 1; kind < CREDENTIAL_KINDS && err == CC_OK;
         kind++) {
        enum cc_err found = credentials_find(service->store, citizen->id, kind, &credential);
        if (found == CC_OK)
            visit(citizen, &credential, user);
        err = err_allow_absent(found);
    }
    return err;
}

enum cc_err credential_each_of(struct service *service, const struct nif *nif,
                               credential_visit_fn visit, void *user)
{
    CC_WIPED(citizen) citizen = {.id = 0};
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    return err == CC_OK ? credential_each_citizen(service, &citizen, visit, user) : err;
}

/* ---- the clave that the town mails to a person whose identity it has verified ---------------- */

void credential_draw_key(struct entry_job *job)
{
    uint32_t numbers[CREDENTIAL_KEY_CHARS];
    for (size_t i = 0; i < CREDENTIAL_KEY_CHARS; i++)
        numbers[i] = secret_random_below(CREDENTIAL_KEY_LETTERS);
    credential_write_key(numbers, job->drawn);
    secret_wipe(numbers, sizeof(numbers));
}

/* Guesses at the one before say nothing about the new one. */
static enum cc_err keep_key(struct service *service, int64_t citizen_id, const char *hash,
                            int64_t now_ms)
{
    struct credential credential = {.citizen_id = citizen_id,
                                    .kind = CREDENTIAL_TOWN_KEY,
                                    .state = CREDENTIAL_ACTIVE,
                                    .must_change = true,
                                    .expires_ms = now_ms + CREDENTIAL_KEY_LIFE_MS,
                                    .created_ms = now_ms};
    memcpy(credential.hash, hash, sizeof(credential.hash));
    enum cc_err err = credentials_put(service->store, &credential);
    if (err == CC_OK)
        err = failures_settle_request(service->store, citizen_id, -credential.id);
    secret_wipe(&credential, sizeof(credential));
    return err;
}

/* A mail that waits still, with the clave of before, does not go. */
static enum cc_err mail_key(struct service *service, const struct email_row *row,
                            enum text_lang lang, const char *key, int64_t now_ms)
{
    CC_WIPED(mail) mail = {.kind = MAIL_KEY, .lang = lang, .to = row->address};
    memcpy(mail.owner, row->owner, sizeof(mail.owner));
    (void)snprintf(mail.value, sizeof(mail.value), "%s", key);
    enum cc_err err = mails_withdraw(service->store, row->owner, MAIL_KEY, MAIL_KEY, now_ms);
    return err == CC_OK ? mail_queue(service, &mail, now_ms) : err;
}

enum cc_err credential_send_key(struct service *service, const struct life_order *order,
                                const struct entry_job *job, int64_t now_ms)
{
    CC_WIPED(email_row) row = {.proven_ms = 0};
    CC_WIPED(citizen) citizen = {.id = 0};
    enum cc_err err = life_perform(service, order, now_ms);
    if (err == CC_OK)
        err = citizens_find_without_contrast(service->store, &order->nif, &citizen);
    if (err == CC_OK)
        err = mail_find(service, &order->nif, &row);
    if (err == CC_ERR_NOT_FOUND && citizen.id != 0)
        err = CC_ERR_EMAIL_UNPROVEN;
    if (err == CC_OK && row.proven_ms == 0)
        err = CC_ERR_EMAIL_UNPROVEN;
    if (err == CC_OK)
        err = keep_key(service, citizen.id, job->hash, now_ms);
    return err == CC_OK ? mail_key(service, &row, citizen.lang, job->drawn, now_ms) : err;
}
