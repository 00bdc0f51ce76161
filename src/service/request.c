/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/request.h"

#include "base/buf.h"
#include "domain/expiry.h"
#include "store/audit.h"
#include "store/citizens.h"
#include "store/outbox.h"
#include "store/requests.h"

#include <stdio.h>
#include <string.h>

enum {
    IP_WAIT_S = 60, /* Retry-After of an IP over its limit */
    /* The shortest TP-VP there is: a message handed over later than this before caduca would
       outlive it. */
    SHORTEST_VALIDITY_MS = 5 * 60 * 1000,
};

/* All that a request needs to be carried out, whether it will be or not. */
struct draft {
    struct citizen citizen;
    struct limits_citizen counted;
    struct request request;
    char contraclave[CLAVE_SIZE];
};

static enum cc_err check_ip(struct service *service, const char *ip, int64_t now_ms,
                            int64_t *ret_wait_s)
{
    int64_t limit = service->settings->limits.requests_per_ip_hour;
    int64_t count = 0;
    if (ip[0] == '\0')
        return CC_OK;
    if (limit > 0) {
        enum cc_err err = requests_count_ip(service->store, ip, now_ms, limit, &count);
        if (err != CC_OK)
            return err;
        if (count >= limit) {
            *ret_wait_s = IP_WAIT_S;
            return CC_ERR_RATE_LIMITED;
        }
    }
    return ip_requests_insert(service->store, ip, now_ms);
}

static bool contrast_is_right(const char *contrast, const struct citizen *citizen)
{
    struct phone phone;
    return phone_parse(contrast, strlen(contrast), &phone) == CC_OK &&
           strcmp(phone.e164, citizen->phone.e164) == 0;
}

static enum cc_err look_up(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct draft *draft)
{
    enum cc_err err = citizens_find(service->store, &input->nif, &draft->citizen);
    bool found = err == CC_OK;
    if (!found && err != CC_ERR_NOT_FOUND)
        return err;
    err = requests_count_for(service->store, draft->citizen.id, draft->citizen.phone.e164,
                             &service->settings->limits, now_ms, &draft->counted);
    draft->counted.registered = found && draft->citizen.state == CITIZEN_ACTIVE;
    draft->counted.locked = draft->citizen.locked;
    draft->counted.failures_in_a_row = draft->citizen.failures_in_a_row;
    draft->counted.contrast_given = contrast_is_right(input->contrast, &draft->citizen);
    return err;
}

static void draw(const struct service *service, const struct request_input *input, int64_t now_ms,
                 struct draft *draft)
{
    struct request *request = &draft->request;
    clave_from_number(secret_random_below(CLAVE_COUNT), draft->contraclave);
    secret_random(request->public_id, sizeof(request->public_id));
    request->citizen_id = draft->citizen.id;
    request->created_ms = now_ms;
    request->expires_ms = expiry_of_request(now_ms);
    const struct request_owner owner = {request->public_id, draft->citizen.nif_index,
                                        request->expires_ms};
    request_clave_tag(service->store, &owner, input->clave, request->clave_tag);
    request_code_tag(service->store, &owner, input->clave, draft->contraclave, request->code_tag);
}

static enum cc_err compose(const struct service *service, const struct request_input *input,
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
        .phone = draft->citizen.phone,
        .created_ms = draft->request.created_ms,
        .not_before_ms = draft->request.created_ms,
        .expires_ms = draft->request.expires_ms - SHORTEST_VALIDITY_MS,
        .reference = -1,
    };
    buf_init(&text, message->text, sizeof(message->text));
    enum cc_err err = text_render(input->lang, TEXT_CONTRACLAVE, &values, &text);
    if (err == CC_OK && buf_cstr(&text) == NULL)
        err = CC_ERR_TEXT_TOO_LONG;
    return err;
}

/*
 * A request that will not be carried out is written all the same and taken back in the same
 * transaction, so that its answer takes as long: no clock tells a registered NIF from another.
 */
static enum cc_err write_down(struct service *service, const struct request_input *input,
                              struct draft *draft, bool send, struct outbox_message *message)
{
    enum cc_err err = requests_insert(service->store, &draft->request, input->client_id, input->ip,
                                      &draft->request.id);
    if (err != CC_OK)
        return err;
    message->request_id = draft->request.id;
    err = outbox_insert(service->store, message, &message->id);
    if (err != CC_OK || send)
        return err;
    err = outbox_discard(service->store, message->id);
    return err == CC_OK ? requests_discard(service->store, draft->request.id) : err;
}

static enum cc_err carry_out(struct service *service, const struct request_input *input,
                             struct draft *draft, bool send)
{
    struct outbox_message message;
    enum cc_err err = compose(service, input, draft, &message);
    if (err == CC_OK)
        err = write_down(service, input, draft, send, &message);
    secret_wipe(&message, sizeof(message));
    return err;
}

static void answer(const struct service *service, const struct request *request,
                   struct request_output *ret)
{
    for (size_t i = 0; i < REQUEST_ID_BYTES; i++)
        (void)snprintf(ret->id + 2 * i, 3, "%02x", request->public_id[i]);
    ret->expires_ms = request->expires_ms;
    ret->resend_from_ms = request->created_ms + service->settings->resend_after_ms;
}

static enum cc_err audit(struct service *service, const struct request_input *input,
                         const struct draft *draft, enum limits_verdict verdict)
{
    const struct audit_entry entry = {
        .event = "solicitud",
        .actor = input->actor,
        .subject = &input->nif,
        .result = limits_verdict_token(verdict),
        .reference = verdict == LIMITS_SEND ? draft->request.id : 0,
    };
    return audit_append(service->store, &entry, draft->request.created_ms, NULL);
}

enum cc_err request_create(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct request_output *ret, int64_t *ret_wait_s)
{
    struct draft draft = {0};
    enum cc_err err = service_check_clock(service, now_ms);
    if (err == CC_OK)
        err = check_ip(service, input->ip, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = look_up(service, input, now_ms, &draft);
    if (err != CC_OK)
        return err;
    if (service->settings->reveal_registration && !draft.counted.registered)
        return CC_ERR_NOT_FOUND;
    enum limits_verdict verdict =
        limits_request(&service->settings->limits, &draft.counted, now_ms);
    draw(service, input, now_ms, &draft);
    err = carry_out(service, input, &draft, verdict == LIMITS_SEND);
    if (verdict != LIMITS_SEND)
        decoys_add(&service->decoys, now_ms);
    if (err == CC_OK)
        err = audit(service, input, &draft, verdict);
    if (err == CC_OK)
        answer(service, &draft.request, ret);
    secret_wipe(&draft, sizeof(draft));
    return err;
}
