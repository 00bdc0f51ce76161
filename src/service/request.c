/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/request.h"

#include "domain/expiry.h"
#include "service/request_private.h"
#include "service/visitor.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/withheld.h"

#include <string.h>

enum { MS_PER_MINUTE = 60 * 1000 };

static bool has_contrast(const struct draft *draft)
{
    return draft->counted.contrast == LIMITS_CONTRAST_RIGHT;
}

/* The language of the SMS: the one asked for, or the person's. */
static enum text_lang lang_of(const struct request_input *input, const struct draft *draft)
{
    return input->lang == TEXT_LANG_COUNT ? draft->citizen.lang : input->lang;
}

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The profile's life, and never beyond DOMAIN 4's 02:00 or the last day of the method. */
static int64_t expiry_at(const struct settings *settings, int64_t now_ms)
{
    int64_t expires_ms = expiry_of_request(now_ms), last_day;
    int64_t life_ms = settings->limits.code.life_minutes * MS_PER_MINUTE;
    if (life_ms > 0)
        expires_ms = min_of(expires_ms, now_ms + life_ms);
    if (period_last_day(&settings->methods[METHOD_PIN24H], &last_day))
        expires_ms = min_of(expires_ms, expiry_day_start(last_day + 1));
    return expires_ms;
}

static void draw_request(const struct service *service, const struct request_input *input,
                         struct draft *draft)
{
    const struct limits *limits = &service->settings->limits;
    struct request *request = &draft->request;
    size_t digits = (size_t)limits->code.digits;
    clave_from_number(secret_random_below(clave_count(digits)), digits, draft->contraclave);
    secret_random(request->public_id, sizeof(request->public_id));
    request->citizen_id = draft->is_sent ? draft->citizen.id : WITHHELD_CITIZEN;
    request->with_contrast = draft->is_sent && has_contrast(draft);
    request->created_ms = draft->now_ms;
    request->expires_ms = expiry_at(service->settings, draft->now_ms);
    const struct request_owner owner = {request->public_id, draft->citizen.nif_root,
                                        request->expires_ms};
    request_clave_tag(service->store, &owner, input->clave, request->clave_tag);
    request_code_tag(service->store, &owner, input->clave, draft->contraclave, request->code_tag);
}

/* The oldest live ones make room for the new one, and their SMS that still wait are withdrawn; of
 * nobody where nothing is sent. */
static enum cc_err replace_oldest(struct service *service, const struct draft *draft)
{
    const struct request *request = &draft->request;
    int64_t citizen_id = draft->is_sent ? request->citizen_id : 0;
    enum cc_err err = requests_replace(service->store, citizen_id, request->with_contrast,
                                       &service->settings->limits, request->created_ms);
    if (err != CC_OK)
        return err;
    return outbox_withdraw_replaced(service->store, citizen_id, draft->citizen.phone.e164,
                                    request->created_ms);
}

static enum cc_err insert_request(struct service *service, const struct request_input *input,
                                  struct draft *draft)
{
    struct request_secret secret = {.nif = input->nif, .lang = lang_of(input, draft)};
    memcpy(secret.contraclave, draft->contraclave, sizeof(secret.contraclave));
    draft->request.secret = &secret;
    enum cc_err err =
        requests_insert(service->store, &draft->request, caller_client_id(input->caller),
                        input->from->narrow, &draft->request.id);
    draft->request.secret = NULL;
    secret_wipe(&secret, sizeof(secret));
    return err;
}

/* A request that will not be carried out is written all the same, as nobody's (store/withheld.h),
 * so that its answer takes as long: no clock tells a registered NIF from another. */
static enum cc_err carry_out(struct service *service, const struct request_input *input,
                             struct draft *draft)
{
    enum cc_err err = replace_oldest(service, draft);
    if (err == CC_OK)
        err = insert_request(service, input, draft);
    return err == CC_OK ? draft_queue(service, lang_of(input, draft), draft) : err;
}

static enum cc_err audit_request(struct service *service, const struct request_input *input,
                                 const struct draft *draft)
{
    return service_audit(service, input->caller,
                         AUDIT_ACT(.event = "solicitud", .subject = &input->nif,
                                   .result = limits_verdict_token(draft->verdict),
                                   .reference = draft->is_sent ? draft->request.id : 0),
                         draft->now_ms);
}

enum cc_err request_create(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct request_output *ret, int64_t *ret_wait_s)
{
    struct draft draft = {.now_ms = now_ms};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = visitor_take_request(service, input->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = draft_look_up(service, input, false, &draft);
    if (err == CC_OK && service->settings->reveal_registration && !draft.counted.registered)
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK) {
        draft.is_sent = draft.verdict == LIMITS_SEND;
        draw_request(service, input, &draft);
        err = carry_out(service, input, &draft);
    }
    if (err == CC_OK)
        err = draft_tell(service, input, &draft);
    if (err == CC_OK)
        err = audit_request(service, input, &draft);
    if (err == CC_OK)
        draft_answer(service, &draft, ret);
    secret_wipe(&draft, sizeof(draft));
    return err;
}
