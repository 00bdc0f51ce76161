/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/entry.h"

#include "domain/password.h"
#include "service/contrast.h"
#include "service/entry_code.h"
#include "service/evidence.h"
#include "service/people.h"
#include "store/audit.h"
#include "store/failures.h"
#include "store/refusals.h"
#include "store/requests.h"

#include <string.h>

enum { NO_FAILURE = 0 }; /* the id of no row: discarding it takes as long as one that is there */

void entry_prepare(struct service *service)
{
    for (enum method m = 0; m < METHODS; m++)
        if (method_rows[m].credential != CREDENTIAL_NONE && service->settings->methods[m].last != 0)
            (void)people_citizens_queue(service->people);
}

/* ---- before the comparison ------------------------------------------------------------------- */

/* Facts of one guess. */
struct guess {
    struct citizen citizen; /* zeroed = unknown */
    struct credential credential;
    struct limits_citizen counted;
    struct credential_failures failures;
};

static enum cc_err look_up(struct service *service, const struct entry_input *input,
                           const struct contrast_call *call, int64_t now_ms, struct guess *ret)
{
    const struct limits *limits = &service->settings->limits;
    enum credential_kind kind = method_rows[input->method].credential;
    int64_t owner = credentials_owner(service->store, &input->nif);
    enum cc_err err = contrast_find_citizen(service, &input->nif, call, &ret->citizen);
    if (err == CC_OK)
        err = contrast_count(service, &ret->citizen, call, now_ms, &ret->counted);
    if (err == CC_OK)
        err = failures_count_secrets(service->store, owner, limits, now_ms, &ret->failures);
    if (err == CC_OK)
        err = err_allow_altered(credentials_find(service->store, owner, kind, &ret->credential));
    return err;
}

/* Whether the town admits a method with such a secret at this instant. */
static bool is_admitted(const struct service *service, enum credential_kind kind, int64_t now_ms)
{
    bool is_any = false;
    for (enum method m = 0; m < METHODS; m++)
        is_any = is_any || (method_rows[m].credential == kind &&
                            period_has(&service->settings->methods[m], now_ms));
    return is_any;
}

static bool is_good_credential(const struct credential *credential, int64_t now_ms)
{
    return credential->id != 0 && credential->state == CREDENTIAL_ACTIVE &&
           (credential->expires_ms == 0 || now_ms < credential->expires_ms);
}

static bool is_compared(const struct service *service, const struct guess *guess, int64_t now_ms)
{
    bool has_contrast = guess->counted.contrast == LIMITS_CONTRAST_RIGHT;
    return guess->counted.registered && !guess->counted.locked &&
           guess->counted.contrast != LIMITS_CONTRAST_WRONG &&
           is_good_credential(&guess->credential, now_ms) &&
           credential_compares(&service->settings->limits.citizen, &guess->failures, has_contrast);
}

/* Counts the guess as a failure: of nobody, where it is not compared, and until it is answered. */
static enum cc_err count_guess(struct service *service, const struct guess *guess, int64_t now_ms,
                               struct entry_job *job)
{
    /* by address the calls are counted, and not what became of them */
    const struct failure failure = {
        .kind = job->with_contrast ? FAILURE_SECRET_WITH_CONTRAST : FAILURE_SECRET,
        .citizen_id = job->is_compared ? guess->citizen.id : 0,
        .request_id = job->is_compared ? -guess->credential.id : 0,
        .ip = "",
        .ip_wide = "",
    };
    return failures_insert(service->store, &failure, now_ms, &job->failure_id);
}

static enum cc_err open_guess(struct service *service, struct entry_job *job,
                              const struct entry_input *input, int64_t now_ms, struct guess *guess,
                              int64_t *ret_wait_s)
{
    const struct contrast_call call = {&input->contrast, input->from->narrow, input->caller};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = visitor_take_request(service, input->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = look_up(service, input, &call, now_ms, guess);
    if (err != CC_OK)
        return err;
    job->is_compared = is_compared(service, guess, now_ms);
    job->with_contrast = guess->counted.contrast == LIMITS_CONTRAST_RIGHT;
    job->created_ms = guess->credential.created_ms;
    err = count_guess(service, guess, now_ms, job);
    if (err == CC_OK && input->contrast.text[0] != '\0')
        err = contrast_charge(service, &guess->citizen, &guess->counted, &call, now_ms);
    return err;
}

static enum cc_err take_back(struct service *service, int64_t failure_id)
{
    return err_allow_absent(failures_discard(service->store, failure_id));
}

/* A box that could not tell has compared nothing. */
static void on_compared(enum cc_err err, const char *hash, void *user)
{
    struct entry_job *job = user;
    struct turn *turn = job->service->turn;
    job->is_right = err == CC_OK && job->is_compared;
    memcpy(job->hash, hash, sizeof(job->hash));
    if (err != CC_OK && err != CC_ERR_LOGIN && turn_enter(turn) == CC_OK)
        turn_leave(turn, take_back(job->service, job->failure_id) == CC_OK);
    job->done(err == CC_ERR_LOGIN ? CC_OK : err, job->user);
}

static enum cc_err compare_secret(struct service *service, struct entry_job *job,
                                  const struct entry_input *input, const struct guess *guess)
{
    char secret[PASSWORD_SIZE];
    /* an entry that cannot be a password is compared too, and takes as long */
    if (password_normalize(input->secret, input->secret_len, secret) != CC_OK)
        secret[0] = '\0';
    /* with the contrast the owner has a way of his own, apart from guesses without it */
    int64_t subject =
        2 * credentials_owner(service->store, &input->nif) + (input->contrast.text[0] != '\0');
    enum cc_err err = passwords_compare_of(people_citizens_queue(service->people), subject,
                                           job->is_compared ? guess->credential.hash : NULL, secret,
                                           on_compared, job);
    secret_wipe(secret, sizeof(secret));
    return err;
}

enum cc_err entry_begin(struct service *service, struct entry_job *job,
                        const struct entry_input *input, int64_t *ret_wait_s)
{
    struct guess guess = {.citizen = {.id = 0}};
    job->service = service;
    enum cc_err err = turn_enter(service->turn);
    if (err != CC_OK)
        return err;
    err = open_guess(service, job, input, service_now_ms(service), &guess, ret_wait_s);
    if (err == CC_OK)
        err = compare_secret(service, job, input, &guess);
    turn_leave(service->turn, err == CC_OK);
    secret_wipe(&guess, sizeof(guess));
    return err;
}

static void on_hashed(enum cc_err err, const char *hash, void *user)
{
    struct entry_job *job = user;
    memcpy(job->hash, hash, sizeof(job->hash));
    job->done(err, job->user);
}

static enum cc_err take_request(struct service *service, const struct address_keys *from,
                                int64_t *ret_wait_s)
{
    enum cc_err err = turn_enter(service->turn);
    if (err != CC_OK)
        return err;
    err = visitor_take_request(service, from, service_now_ms(service), ret_wait_s);
    turn_leave(service->turn, err == CC_OK);
    return err;
}

enum cc_err entry_begin_hash(struct service *service, struct entry_job *job,
                             const struct entry_secret *secret, int64_t *ret_wait_s)
{
    char normal[PASSWORD_SIZE];
    job->service = service;
    enum cc_err err = password_normalize(secret->text, secret->len, normal);
    if (err == CC_OK)
        err = password_check(normal, &(struct password_own){{NULL}});
    if (err == CC_OK && secret->from != NULL)
        err = take_request(service, secret->from, ret_wait_s);
    if (err == CC_OK)
        err = passwords_hash(people_citizens_queue(service->people), normal, secret->from == NULL,
                             on_hashed, job);
    secret_wipe(normal, sizeof(normal));
    return err;
}

enum cc_err entry_check_own(const struct citizen *person, const char *secret, size_t len)
{
    enum { PREFIX = 3, DIGITS = 8 }; /* "+34" */
    char normal[PASSWORD_SIZE], digits[DIGITS + 1] = "";
    const struct password_own own = {{person->name.given, person->name.first_surname,
                                      person->name.second_surname, person->nif.text, digits,
                                      person->phone.e164 + PREFIX}};
    memcpy(digits, person->nif.text, DIGITS);
    enum cc_err err = password_normalize(secret, len, normal);
    if (err == CC_OK)
        err = password_check(normal, &own);
    secret_wipe(normal, sizeof(normal));
    return err;
}

/* ---- after it -------------------------------------------------------------------------------- */

enum cc_err entry_refuse(struct service *service, const struct entry_input *input, int64_t now_ms)
{
    uint8_t subject[SECRET_TAG_BYTES];
    CC_WIPED(citizen) citizen = {.id = 0};
    enum cc_err err =
        err_allow_altered(citizens_find_without_contrast(service->store, &input->nif, &citizen));
    refusals_subject(citizen.nif_index, citizen.id != 0, subject);
    /* as compared: what a stranger guesses here does not slow the owner's PIN down */
    const struct refusal refusal = {subject, input->caller->name, true};
    return err == CC_OK ? refusals_add(service->store, &refusal, now_ms) : err;
}

/* The entry of a person whose secret, and code where the method has one, were right. */
static enum cc_err enter_person(struct service *service, const struct entry_input *input,
                                const struct credential *credential, int64_t now_ms,
                                struct verify_output *out)
{
    const struct method_row *method = &method_rows[input->method];
    const struct audit_entry entry = {
        .event = "acceso",
        .actor = input->caller->name,
        .address = caller_address(input->caller),
        .subject_index = out->citizen.nif_index,
        .result = method->token,
        .reference = credential->id,
    };
    const struct credential_code *code = &credential->code;
    const struct request asked = {
        .id = -credential->id,
        .created_ms = method->sends_code ? code->sent_ms : now_ms,
        .expires_ms = method->sends_code ? code->sent_ms + CREDENTIAL_CODE_LIFE_MS : now_ms,
        .tries = method->sends_code ? code->tries : 0,
        .with_contrast = code->with_contrast};
    struct evidence_entry known = {
        .method = input->method, .request = &asked, .with_contrast = code->with_contrast};
    const struct verify_input call = {.nif = input->nif,
                                      .caller = input->caller,
                                      .address = input->address,
                                      .client_address = input->client_address};
    enum cc_err err = requests_last_use(service->store, out->citizen.id, &out->entered_before_ms);
    if (err == CC_OK)
        err = requests_set_last_use(service->store, out->citizen.id, now_ms);
    out->correct = true;
    out->is_substantial = service->settings->grants_substantial && method->sends_code &&
                          out->citizen.grade == CITIZEN_GRADE_ADVANCED;
    if (err == CC_OK)
        err = audit_append(service->store, &entry, now_ms, &known.audit_id);
    return err == CC_OK ? evidence_keep(service, &call, &known, now_ms, out) : err;
}

/* A right secret may have ended while it was compared. */
static enum cc_err find_still_good(struct service *service, const struct entry_input *input,
                                   const struct entry_job *job, int64_t now_ms,
                                   struct citizen *citizen, struct credential *credential,
                                   bool *ret)
{
    int64_t owner = credentials_owner(service->store, &input->nif);
    enum credential_kind kind = method_rows[input->method].credential;
    enum cc_err err =
        err_allow_altered(citizens_find_without_contrast(service->store, &input->nif, citizen));
    if (err == CC_OK)
        err = err_allow_altered(credentials_find(service->store, owner, kind, credential));
    *ret = err == CC_OK && citizen->id != 0 && citizen->state == LIFE_ACTIVE && !citizen->locked &&
           is_good_credential(credential, now_ms) && credential->created_ms == job->created_ms;
    return err;
}

static enum cc_err go_on(struct service *service, const struct entry_job *job,
                         const struct entry_input *input, struct credential *credential,
                         int64_t now_ms, struct entry_output *ret)
{
    bool needs_code = method_rows[input->method].sends_code || credential->must_change;
    if (job->hash[0] != '\0')
        memcpy(credential->hash, job->hash, sizeof(credential->hash));
    if (!needs_code) {
        CC_WIPED(credential) entered = *credential;
        entered.code.with_contrast = job->with_contrast;
        enum cc_err err = enter_person(service, input, &entered, now_ms, &ret->verdict);
        ret->correct = err == CC_OK;
        return err == CC_OK && job->hash[0] != '\0' ? credentials_update(service->store, credential)
                                                    : err;
    }
    enum cc_err err =
        entry_code_send(service, &ret->verdict.citizen, credential, CREDENTIAL_ENTRY, now_ms);
    credential->code.with_contrast = job->with_contrast;
    if (err == CC_OK)
        err = credentials_update(service->store, credential);
    ret->needs_code = err == CC_OK;
    entry_code_name(&credential->code, ret->id);
    ret->resend_from_ms = credential->code.sent_ms + CREDENTIAL_CODE_GAP_MS;
    ret->expires_ms = credential->code.sent_ms + CREDENTIAL_CODE_LIFE_MS;
    return err;
}

enum cc_err entry_finish(struct service *service, const struct entry_job *job,
                         const struct entry_input *input, int64_t now_ms, struct entry_output *ret)
{
    CC_WIPED(credential) credential = {.id = 0};
    bool is_good = false, is_failure = job->is_compared && !job->is_right;
    *ret = (struct entry_output){.method = input->method};
    enum cc_err err = take_back(service, is_failure ? NO_FAILURE : job->failure_id);
    if (err == CC_OK)
        err = find_still_good(service, input, job, now_ms, &ret->verdict.citizen, &credential,
                              &is_good);
    if (err == CC_OK)
        err = job->is_right && is_good ? go_on(service, job, input, &credential, now_ms, ret)
                                       : entry_refuse(service, input, now_ms);
    return err;
}

/* The same guess was counted with its first answer. */
enum cc_err entry_abandon(struct service *service, const struct entry_job *job)
{
    return take_back(service, job->failure_id);
}

/* ---- the code -------------------------------------------------------------------------------- */

/* The secret that was typed with the code takes the place of the one before; failures at that one
 * say nothing about it. */
static enum cc_err change_secret(struct service *service, const struct entry_input *input,
                                 const struct entry_proof *proof, struct credential *credential,
                                 int64_t now_ms)
{
    memcpy(credential->hash, proof->hash, sizeof(credential->hash));
    credential->created_ms = now_ms;
    credential->must_change = false;
    credential->expires_ms = 0;
    enum cc_err err =
        failures_settle_request(service->store, credential->citizen_id, -credential->id);
    return err == CC_OK
               ? service_audit(service, input->caller,
                               AUDIT_ACT(.event = "contrasena_cambio", .subject = &input->nif,
                                         .reference = credential->id),
                               now_ms)
               : err;
}

/* The code was right. */
static enum cc_err use_code(struct service *service, const struct entry_input *input,
                            const struct entry_proof *proof, struct credential *credential,
                            int64_t now_ms, struct entry_output *ret)
{
    bool must_change = credential->must_change || credential->code.purpose == CREDENTIAL_RECOVERY;
    CC_WIPED(credential) used = *credential;
    enum cc_err err = CC_OK;
    if (must_change && proof->new_secret == NULL)
        return CC_ERR_FIELD_MISSING;
    if (proof->new_secret != NULL)
        err = entry_check_own(&ret->verdict.citizen, proof->new_secret, proof->new_len);
    if (err == CC_OK && proof->new_secret != NULL)
        err = change_secret(service, input, proof, credential, now_ms);
    credential->code = (struct credential_code){.sent_ms = credential->code.sent_ms};
    if (err == CC_OK)
        err = credentials_update(service->store, credential);
    if (err == CC_OK)
        err = enter_person(service, input, &used, now_ms, &ret->verdict);
    ret->correct = err == CC_OK;
    return err;
}

enum cc_err entry_prove(struct service *service, const struct entry_input *input,
                        const struct entry_proof *proof, int64_t now_ms, struct entry_output *ret)
{
    CC_WIPED(credential) credential = {.id = 0};
    bool is_right = false;
    int64_t owner = credentials_owner(service->store, &input->nif);
    struct citizen *citizen = &ret->verdict.citizen;
    *ret = (struct entry_output){.correct = false};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err =
            err_allow_altered(citizens_find_without_contrast(service->store, &input->nif, citizen));
    if (err == CC_OK)
        err = entry_code_compare(service, proof->id, owner, proof->digits, now_ms, &credential,
                                 &is_right);
    const struct entry_input entry = {.nif = input->nif,
                                      .method = method_by_code(credential.kind),
                                      .caller = input->caller,
                                      .address = input->address,
                                      .client_address = input->client_address};
    ret->method = entry.method;
    is_right = is_right && citizen->id != 0 && citizen->state == LIFE_ACTIVE && !citizen->locked &&
               is_good_credential(&credential, now_ms) &&
               is_admitted(service, credential.kind, now_ms);
    if (err == CC_OK)
        err = is_right ? use_code(service, &entry, proof, &credential, now_ms, ret)
                       : entry_refuse(service, input, now_ms);
    return err;
}

enum cc_err entry_still_holds(struct service *service, const struct nif *nif,
                              enum credential_kind kind, int64_t now_ms, bool *ret)
{
    CC_WIPED(citizen) citizen = {.id = 0};
    bool has_secret = false;
    enum cc_err err =
        err_allow_altered(citizens_find_without_contrast(service->store, nif, &citizen));
    for (enum credential_kind one = CREDENTIAL_NONE + 1; one < CREDENTIAL_KINDS; one++) {
        CC_WIPED(credential) credential = {.id = 0};
        if (err == CC_OK && (kind == CREDENTIAL_NONE || kind == one))
            err = err_allow_altered(credentials_find(service->store, citizen.id, one, &credential));
        has_secret = has_secret || is_good_credential(&credential, now_ms);
    }
    *ret = citizen.id != 0 && citizen.state == LIFE_ACTIVE && !citizen.locked && has_secret;
    return err;
}
