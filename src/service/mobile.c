/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mobile.h"

#include "base/span.h"
#include "domain/clave.h"
#include "service/sms.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/phone_codes.h"
#include "store/requests.h"

#include <string.h>

enum { TRIAL_GAP_MS = MINUTE_MS };

/* A code for the clerk who waits, and one for a person who calls within the week. */
static const struct kind {
    enum text_id text;
    int64_t life_ms;
} desk = {TEXT_DESK_CODE, APPLICATION_CODE_LIFE_MS},
  pending = {TEXT_PENDING_CODE, APPLICATION_LONG_CODE_LIFE_MS};

struct addressee {
    const struct nif *nif;
    const struct phone *phone;
    enum text_lang lang;
    const struct caller *caller;
};

static enum cc_err audit_phone(struct service *service, const struct addressee *to,
                               const char *event, const char *result, int64_t reference,
                               int64_t now_ms)
{
    return service_audit(
        service, to->caller,
        AUDIT_ACT(.event = event, .subject = to->nif, .result = result, .reference = reference),
        now_ms);
}

/* ---- sending --------------------------------------------------------------------------------- */

static enum cc_err check_phone_day(struct service *service, const struct phone *phone,
                                   int64_t now_ms, int64_t *ret_wait_s)
{
    bool may_send = false;
    enum cc_err err = requests_check_phone(service->store, phone->e164, REQUESTS_ALL,
                                           service->settings->limits.citizen.sms_per_phone_day,
                                           now_ms, &may_send);
    if (err != CC_OK || may_send)
        return err;
    *ret_wait_s = HOUR_S;
    return CC_ERR_RATE_LIMITED;
}

/* The code of before, which another one ends; zeros where there is none that still counts. */
static enum cc_err find_before(struct service *service, const struct nif *nif, int64_t now_ms,
                               struct phone_code *ret)
{
    *ret = (struct phone_code){0};
    enum cc_err err = phone_codes_find(service->store, nif, ret);
    if (err == CC_OK && now_ms - ret->code.sent_ms >= APPLICATION_UNPROVEN_MS)
        ret->code.sends = 0;
    return err_allow_altered(err);
}

/* Draws a code over the one of `before`, whose message is not sent any more. */
static enum cc_err send_code(struct service *service, const struct addressee *to,
                             const struct kind *kind, const struct phone_code *before,
                             int64_t now_ms, struct mobile_sent *ret)
{
    char digits[CODE_SIZE];
    const struct sms sms = {.class = OUTBOX_VALIDATION,
                            .phone = to->phone,
                            .lang = to->lang,
                            .text = kind->text,
                            .values.code = digits,
                            .expires_ms = now_ms + kind->life_ms};
    enum cc_err err = CC_OK;
    struct phone_code code = {.code = {.sent_ms = now_ms, .sends = before->code.sends + 1},
                              .phone = *to->phone};
    clave_from_number(secret_random_below(clave_count(APPLICATION_CODE_DIGITS)),
                      APPLICATION_CODE_DIGITS, digits);
    phone_codes_tag(service->store, to->nif, now_ms, digits, code.tag);
    if (before->message_id != 0)
        err =
            outbox_withdraw_message(service->store, before->message_id, before->phone.e164, now_ms);
    if (err == CC_OK)
        err = sms_queue(service, &sms, now_ms, &code.message_id);
    if (err == CC_OK)
        err = phone_codes_put(service->store, to->nif, &code);
    if (err == CC_OK)
        err = audit_phone(service, to, "codigo_movil", "correcto", code.message_id, now_ms);
    if (err == CC_OK)
        *ret =
            (struct mobile_sent){code.message_id, now_ms + APPLICATION_RESEND_MS, sms.expires_ms};
    secret_wipe(digits, sizeof(digits));
    return err;
}

static enum cc_err send_in_turn(struct service *service, const struct addressee *to,
                                const struct kind *kind, int64_t now_ms, struct mobile_sent *ret,
                                int64_t *ret_wait_s)
{
    struct phone_code before;
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = find_before(service, to->nif, now_ms, &before);
    if (err == CC_OK)
        err = application_check_resend(&before.code, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = check_phone_day(service, to->phone, now_ms, ret_wait_s);
    return err == CC_OK ? send_code(service, to, kind, &before, now_ms, ret) : err;
}

/* Who is pendiente_movil has a code already, and gets one for another mobile when it is changed. */
static enum cc_err check_new_phone(const struct citizen *citizen, const struct phone *phone)
{
    enum life_state unused;
    if (life_next(LIFE_ENROL, citizen->state, &unused) == CC_OK)
        return CC_OK;
    if (citizen->state == LIFE_PENDING)
        return CC_ERR_ALREADY_REGISTERED;
    return strcmp(citizen->phone.e164, phone->e164) == 0 ? CC_ERR_PHONE_SAME : CC_OK;
}

enum cc_err mobile_send_code(struct service *service, const struct enrol_input *input,
                             int64_t now_ms, struct mobile_sent *ret, int64_t *ret_wait_s)
{
    CC_WIPED(citizen) citizen = {0};
    const struct addressee to = {&input->nif, &input->phone, input->lang, input->caller};
    enum cc_err err = citizens_find_without_contrast(service->store, &input->nif, &citizen);
    if (err == CC_OK)
        err = check_new_phone(&citizen, &input->phone);
    if (err != CC_OK && err != CC_ERR_NOT_FOUND)
        return err;
    return send_in_turn(service, &to, &desk, now_ms, ret, ret_wait_s);
}

/* Errors: CC_ERR_LIFE_STATE: the act does not lead from where the person is. */
static enum cc_err find_for(struct service *service, const struct nif *nif, enum life_act act,
                            struct citizen *ret)
{
    enum life_state unused;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, ret);
    return err == CC_OK ? life_next(act, ret->state, &unused) : err;
}

enum cc_err mobile_send_again(struct service *service, const struct nif *nif,
                              const struct caller *caller, int64_t now_ms, struct mobile_sent *ret,
                              int64_t *ret_wait_s)
{
    CC_WIPED(citizen) citizen = {0};
    enum cc_err err = find_for(service, nif, LIFE_PROVE_PHONE, &citizen);
    const struct addressee to = {nif, &citizen.phone, citizen.lang, caller};
    return err == CC_OK ? send_in_turn(service, &to, &pending, now_ms, ret, ret_wait_s) : err;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* A wrong one is counted; a right one is used up. */
static enum cc_err compare_code(struct service *service, const struct addressee *to,
                                const struct kind *kind, const char *digits, int64_t now_ms,
                                enum cc_err *ret_verdict)
{
    struct phone_code code;
    uint8_t tag[SECRET_TAG_BYTES];
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = phone_codes_find(service->store, to->nif, &code);
    if (err == CC_ERR_NOT_FOUND || (err == CC_OK && strcmp(code.phone.e164, to->phone->e164) != 0))
        return CC_ERR_CODE_EXPIRED;
    if (err == CC_OK)
        err = application_check_code(&code.code, kind->life_ms, now_ms);
    if (err != CC_OK)
        return err;
    phone_codes_tag(service->store, to->nif, code.code.sent_ms, digits, tag);
    bool is_right = secret_tag_equal(tag, code.tag);
    *ret_verdict = is_right ? CC_OK : CC_ERR_CODE_WRONG;
    code.code.tries += !is_right;
    err = is_right ? phone_codes_delete(service->store, to->nif)
                   : phone_codes_put(service->store, to->nif, &code);
    return err == CC_OK ? audit_phone(service, to, "alta_movil",
                                      *ret_verdict == CC_OK ? NULL : err_token(*ret_verdict),
                                      code.message_id, now_ms)
                        : err;
}

/* No clerk waits for this code, so the pace of the others does not hold it up. Where the phone has
 * had its messages of the day, another code can be sent from the file tomorrow. */
static enum cc_err send_to_pending(struct service *service, const struct addressee *to,
                                   int64_t now_ms)
{
    struct phone_code before;
    struct mobile_sent sent;
    int64_t unused_s = 0;
    enum cc_err err = find_before(service, to->nif, now_ms, &before);
    if (err == CC_OK)
        err = check_phone_day(service, to->phone, now_ms, &unused_s);
    if (err == CC_OK)
        err = send_code(service, to, &pending, &before, now_ms, &sent);
    return err == CC_ERR_RATE_LIMITED ? CC_OK : err;
}

enum cc_err mobile_enrol(struct service *service, struct enrol_input *input, const char *code,
                         int64_t now_ms, struct citizen *ret, enum cc_err *ret_verdict)
{
    const struct addressee to = {&input->nif, &input->phone, input->lang, input->caller};
    enum cc_err err = service_check_clock(service); /* an alta is dated, DOMAIN 7 */
    *ret_verdict = CC_OK;
    if (err != CC_OK || code == NULL)
        return err != CC_OK ? err : enrol_person(service, input, now_ms, ret);
    if (code[0] == '\0') {
        input->phone_proof = ENROL_PHONE_PENDING;
        err = enrol_person(service, input, now_ms, ret);
        return err == CC_OK ? send_to_pending(service, &to, now_ms) : err;
    }
    input->phone_proof = ENROL_PHONE_PROVEN;
    err = compare_code(service, &to, &desk, code, now_ms, ret_verdict);
    return err == CC_OK && *ret_verdict == CC_OK ? enrol_person(service, input, now_ms, ret) : err;
}

enum cc_err mobile_prove(struct service *service, struct life_order *order, const char *code,
                         int64_t now_ms, enum cc_err *ret_verdict)
{
    CC_WIPED(citizen) citizen = {0};
    enum cc_err err = find_for(service, &order->nif, LIFE_PROVE_PHONE, &citizen);
    const struct addressee to = {&order->nif, &citizen.phone, citizen.lang, order->caller};
    if (err == CC_OK)
        err = compare_code(service, &to, &pending, code, now_ms, ret_verdict);
    order->act = LIFE_PROVE_PHONE;
    return err == CC_OK && *ret_verdict == CC_OK ? life_perform(service, order, now_ms) : err;
}

/* The code of a person who has left is of no use to him; and the mobile of an alta by mistake is a
 * stranger's. */
static enum cc_err withdraw_code(struct service *service, const struct nif *nif, int64_t now_ms)
{
    struct phone_code before;
    enum cc_err err = find_before(service, nif, now_ms, &before);
    if (err != CC_OK || before.message_id == 0)
        return err;
    return outbox_withdraw_message(service->store, before.message_id, before.phone.e164, now_ms);
}

enum cc_err mobile_perform(struct service *service, const struct life_order *order, int64_t now_ms)
{
    CC_WIPED(citizen) citizen = {0};
    enum cc_err err = life_perform(service, order, now_ms);
    if (err == CC_OK && life_ends_codes(order->act))
        err = withdraw_code(service, &order->nif, now_ms);
    if (err != CC_OK || !life_changes_phone(order->act))
        return err;
    err = citizens_find_without_contrast(service->store, &order->nif, &citizen);
    const struct addressee to = {&order->nif, &citizen.phone, citizen.lang, order->caller};
    if (err == CC_OK && citizen.state == LIFE_PENDING)
        err = send_to_pending(service, &to, now_ms);
    return err;
}

enum cc_err mobile_change(struct service *service, struct life_order *order, const char *code,
                          int64_t now_ms, enum cc_err *ret_verdict)
{
    const struct addressee to = {&order->nif, &order->phone, order->lang, order->caller};
    enum cc_err err = CC_OK;
    *ret_verdict = CC_OK;
    order->act = code != NULL && code[0] == '\0' ? LIFE_CHANGE_PHONE_PENDING : LIFE_CHANGE_PHONE;
    order->phone_proven = code != NULL && code[0] != '\0';
    if (order->phone_proven)
        err = compare_code(service, &to, &desk, code, now_ms, ret_verdict);
    return err == CC_OK && *ret_verdict == CC_OK ? mobile_perform(service, order, now_ms) : err;
}

/* ---- do they arrive? ------------------------------------------------------------------------- */

static enum cc_err check_trial(struct service *service, const struct citizen *citizen,
                               int64_t now_ms, int64_t *ret_wait_s)
{
    int64_t newest_ms = 0;
    if (citizen->state == LIFE_GONE)
        return CC_ERR_LIFE_STATE;
    enum cc_err err = outbox_newest_to(service->store, citizen->phone.e164, &newest_ms);
    int64_t wait_ms = newest_ms + TRIAL_GAP_MS - now_ms;
    if (err != CC_OK || wait_ms <= 0 || wait_ms > TRIAL_GAP_MS)
        return err;
    *ret_wait_s = (wait_ms + MS_PER_S - 1) / MS_PER_S;
    return CC_ERR_RATE_LIMITED;
}

enum cc_err mobile_try(struct service *service, const struct nif *nif, const struct caller *caller,
                       int64_t now_ms, int64_t *ret_message_id, int64_t *ret_wait_s)
{
    CC_WIPED(citizen) citizen = {0};
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    const struct addressee to = {nif, &citizen.phone, citizen.lang, caller};
    if (err == CC_OK)
        err = check_trial(service, &citizen, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = notice_send(service, &citizen, TEXT_TEST, now_ms, ret_message_id);
    if (err == CC_OK)
        err = audit_phone(service, &to, "sms_prueba", "correcto", *ret_message_id, now_ms);
    return err;
}

enum cc_err mobile_find_message(struct service *service, int64_t id, struct outbox_fate *ret)
{
    return outbox_find_fate(service->store, id, ret);
}
