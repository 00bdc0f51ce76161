/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/request.h"

#include "base/buf.h"
#include "domain/expiry.h"
#include "service/contrast.h"
#include "service/notice.h"
#include "service/visitor.h"
#include "store/audit.h"
#include "store/citizens.h"
#include "store/failures.h"
#include "store/outbox.h"
#include "store/requests.h"
#include "store/withheld.h"

#include <stdio.h>
#include <string.h>

enum {
    NO_ROW = 0, /* the id of none: marking it takes as long */
    MS_PER_MINUTE = 60 * 1000,
    /* The shortest TP-VP there is: a message handed over later than this before caduca would
       outlive it. */
    SHORTEST_VALIDITY_MS = 5 * MS_PER_MINUTE,
};

/* All that a request needs to be carried out, whether it will be or not. */
struct draft {
    struct citizen citizen;
    struct limits_citizen counted;
    enum limits_verdict verdict;
    struct request request;
    char contraclave[CODE_SIZE];
};

static bool is_sent(const struct draft *draft)
{
    return draft->verdict == LIMITS_SEND;
}

static bool has_contrast(const struct draft *draft)
{
    return draft->counted.contrast == LIMITS_CONTRAST_RIGHT;
}

static struct contrast_call contrast_of(const struct request_input *input)
{
    return (struct contrast_call){&input->contrast, input->from->narrow, input->caller};
}

static enum cc_err look_up(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct draft *draft)
{
    const struct limits *limits = &service->settings->limits;
    const struct contrast_call call = contrast_of(input);
    enum cc_err err = contrast_find_citizen(service, &input->nif, &call, &draft->citizen);
    /* a row that was altered is nobody's: the same answer and the same work */
    if (err == CC_OK || err == CC_ERR_NOT_FOUND || err == CC_ERR_ALTERED)
        err = contrast_count(service, &draft->citizen, &call, now_ms, &draft->counted);
    if (err == CC_OK)
        err = requests_count_for(service->store, draft->citizen.id, draft->citizen.phone.e164,
                                 has_contrast(draft), limits, now_ms, &draft->counted);
    if (err == CC_OK)
        draft->verdict = limits_request(limits, &draft->counted, now_ms);
    return err;
}

/* The profile's life, and never beyond DOMAIN 4's 02:00. */
static int64_t expiry_at(const struct limits *limits, int64_t now_ms)
{
    int64_t expires_ms = expiry_of_request(now_ms);
    int64_t short_ms = now_ms + limits->code.life_minutes * MS_PER_MINUTE;
    return limits->code.life_minutes > 0 && short_ms < expires_ms ? short_ms : expires_ms;
}

static void draw_request(const struct service *service, const struct request_input *input,
                         int64_t now_ms, struct draft *draft)
{
    const struct limits *limits = &service->settings->limits;
    struct request *request = &draft->request;
    size_t digits = (size_t)limits->code.digits;
    clave_from_number(secret_random_below(clave_count(digits)), digits, draft->contraclave);
    secret_random(request->public_id, sizeof(request->public_id));
    request->citizen_id = is_sent(draft) ? draft->citizen.id : WITHHELD_CITIZEN;
    request->with_contrast = is_sent(draft) && has_contrast(draft);
    request->created_ms = now_ms;
    request->expires_ms = expiry_at(limits, now_ms);
    const struct request_owner owner = {request->public_id, draft->citizen.nif_index,
                                        request->expires_ms};
    request_clave_tag(service->store, &owner, input->clave, request->clave_tag);
    request_code_tag(service->store, &owner, input->clave, draft->contraclave, request->code_tag);
}

static enum cc_err compose_message(const struct service *service, const struct request_input *input,
                                   const struct draft *draft, struct outbox_message *message)
{
    struct buf text;
    const struct text_values values = {
        .entity = service->settings->entity_sms,
        .code = draft->contraclave,
        .expires_ms = draft->request.expires_ms,
        .origin = service->settings->origin,
    };
    *message = (struct outbox_message){
        .class = OUTBOX_CONTRACLAVE,
        .phone = is_sent(draft) ? draft->citizen.phone : withheld_phone,
        .created_ms = draft->request.created_ms,
        .not_before_ms = draft->request.created_ms,
        .expires_ms = draft->request.expires_ms - SHORTEST_VALIDITY_MS,
        .reference = -1,
    };
    buf_init(&text, message->text, sizeof(message->text));
    enum text_lang lang = input->lang == TEXT_LANG_COUNT ? draft->citizen.lang : input->lang;
    enum cc_err err = text_render(lang, TEXT_CONTRACLAVE, &values, &text);
    if (err == CC_OK && buf_cstr(&text) == NULL)
        err = CC_ERR_TEXT_TOO_LONG;
    return err;
}

/* The oldest live ones make room for the new one, and their SMS that still wait are withdrawn; of
 * nobody where nothing is sent. */
static enum cc_err replace_oldest(struct service *service, const struct draft *draft)
{
    const struct request *request = &draft->request;
    int64_t citizen_id = is_sent(draft) ? request->citizen_id : 0;
    enum cc_err err = requests_replace(service->store, citizen_id, request->with_contrast,
                                       &service->settings->limits, request->created_ms);
    if (err != CC_OK)
        return err;
    return outbox_withdraw_replaced(service->store, citizen_id, draft->citizen.phone.e164,
                                    request->created_ms);
}

/* A request that will not be carried out is written all the same, as nobody's (store/withheld.h),
 * so that its answer takes as long: no clock tells a registered NIF from another. */
static enum cc_err write_down(struct service *service, const struct request_input *input,
                              struct draft *draft, struct outbox_message *message)
{
    int64_t now_ms = draft->request.created_ms;
    enum cc_err err = replace_oldest(service, draft);
    if (err == CC_OK)
        err = requests_insert(service->store, &draft->request, caller_client_id(input->caller),
                              input->from->narrow, &draft->request.id);
    if (err != CC_OK)
        return err;
    message->request_id = draft->request.id;
    err = outbox_insert(service->store, message, &message->id);
    if (err == CC_OK)
        err = withheld_mark(service->store, is_sent(draft) ? NO_ROW : message->id, now_ms);
    if (err == CC_OK)
        err = withheld_forget(service->store, now_ms, WITHHELD_PER_REQUEST);
    return err;
}

static enum cc_err carry_out(struct service *service, const struct request_input *input,
                             struct draft *draft)
{
    struct outbox_message message;
    enum cc_err err = compose_message(service, input, draft, &message);
    if (err == CC_OK)
        err = write_down(service, input, draft, &message);
    secret_wipe(&message, sizeof(message));
    return err;
}

/* Of a contrast that was wrong, and of a contraclave that was not sent. */
static enum cc_err tell_phone(struct service *service, const struct request_input *input,
                              const struct draft *draft)
{
    int64_t now_ms = draft->request.created_ms;
    const struct contrast_call call = contrast_of(input);
    enum notice_kind kind = draft->verdict == LIMITS_LOCKED ? NOTICE_LOCKED : NOTICE_WITHHELD;
    enum cc_err err = CC_OK;
    if (input->contrast.text[0] != '\0')
        err = contrast_charge(service, &draft->citizen, &draft->counted, &call, now_ms);
    if (err == CC_OK)
        err = notice_tell(service, &draft->citizen, kind, limits_is_told(draft->verdict), now_ms);
    return err;
}

static void fill_answer(const struct service *service, const struct draft *draft,
                        struct request_output *ret)
{
    const struct request *request = &draft->request;
    for (size_t i = 0; i < REQUEST_ID_BYTES; i++)
        (void)snprintf(ret->id + 2 * i, 3, "%02x", request->public_id[i]);
    ret->expires_ms = request->expires_ms;
    ret->resend_from_ms = request->created_ms + service->settings->resend_after_ms;
    ret->asks_contrast =
        draft->counted.town_asks || service->settings->limits.citizen.contrast_always != 0;
}

static enum cc_err audit_request(struct service *service, const struct request_input *input,
                                 const struct draft *draft)
{
    const struct audit_entry entry = {
        .event = "solicitud",
        .actor = input->caller->name,
        .subject = &input->nif,
        .result = limits_verdict_token(draft->verdict),
        .reference = is_sent(draft) ? draft->request.id : 0,
    };
    return audit_append(service->store, &entry, draft->request.created_ms, NULL);
}

enum cc_err request_create(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct request_output *ret, int64_t *ret_wait_s)
{
    struct draft draft = {0};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = visitor_take_request(service, input->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = look_up(service, input, now_ms, &draft);
    if (err == CC_OK && service->settings->reveal_registration && !draft.counted.registered)
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK) {
        draw_request(service, input, now_ms, &draft);
        err = carry_out(service, input, &draft);
        if (!is_sent(&draft))
            decoys_add(&service->decoys, now_ms);
    }
    if (err == CC_OK)
        err = tell_phone(service, input, &draft);
    if (err == CC_OK)
        err = audit_request(service, input, &draft);
    if (err == CC_OK)
        fill_answer(service, &draft, ret);
    secret_wipe(&draft, sizeof(draft));
    return err;
}
