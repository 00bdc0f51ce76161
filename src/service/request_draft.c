/* SPDX-License-Identifier: EUPL-1.2 */
/* Who a request is for, what the limits say of it, and the SMS that it comes to. */
#include "service/request_private.h"

#include "base/hex.h"
#include "service/notice.h"
#include "service/sms.h"
#include "store/outbox.h"
#include "store/withheld.h"

enum {
    NO_ROW = 0, /* the id of none: marking it takes as long */
    MS_PER_S = 1000,
    MS_PER_MINUTE = 60 * MS_PER_S,
    /* The shortest TP-VP there is: a message handed over later than this before caduca would
       outlive it. */
    SHORTEST_VALIDITY_MS = 5 * MS_PER_MINUTE,
};

static struct contrast_call contrast_of(const struct request_input *input)
{
    return (struct contrast_call){&input->contrast, input->from->narrow, input->caller};
}

enum cc_err draft_look_up(struct service *service, const struct request_input *input,
                          bool is_proven, struct draft *draft)
{
    const struct limits *limits = &service->settings->limits;
    const struct contrast_call call = contrast_of(input);
    struct limits_citizen *counted = &draft->counted;
    enum cc_err err =
        err_allow_altered(contrast_find_citizen(service, &input->nif, &call, &draft->citizen));
    if (err == CC_OK)
        err = contrast_count(service, &draft->citizen, &call, draft->now_ms, counted);
    if (is_proven)
        counted->contrast = LIMITS_CONTRAST_RIGHT;
    if (err == CC_OK)
        err = requests_count_for(service->store, draft->citizen.id, draft->citizen.phone.e164,
                                 counted->contrast == LIMITS_CONTRAST_RIGHT, limits, draft->now_ms,
                                 counted);
    if (err == CC_OK)
        draft->verdict = limits_request(limits, counted, draft->now_ms);
    return err;
}

enum cc_err draft_queue(struct service *service, enum text_lang lang, struct draft *draft)
{
    struct store *store = service->store;
    int64_t id = 0;
    const struct sms sms = {
        .class = OUTBOX_CONTRACLAVE,
        .phone = draft->is_sent ? &draft->citizen.phone : &withheld_phone,
        .lang = lang,
        .text = TEXT_CONTRACLAVE,
        .values = {.code = draft->contraclave,
                   .expires_ms = draft->request.expires_ms,
                   .origin = service->settings->origin},
        .request_id = draft->request.id,
        .expires_ms = draft->request.expires_ms - SHORTEST_VALIDITY_MS,
    };
    enum cc_err err = sms_queue(service, &sms, draft->now_ms, &id);
    if (err == CC_OK)
        err = withheld_mark(store, draft->is_sent ? NO_ROW : id, draft->now_ms);
    if (err == CC_OK)
        err = withheld_forget(store, draft->now_ms, WITHHELD_PER_REQUEST);
    if (!draft->is_sent)
        decoys_add(&service->decoys, draft->now_ms);
    return err;
}

enum cc_err draft_tell(struct service *service, const struct request_input *input,
                       const struct draft *draft)
{
    const struct contrast_call call = contrast_of(input);
    enum notice_kind kind = draft->verdict == LIMITS_LOCKED ? NOTICE_LOCKED : NOTICE_WITHHELD;
    enum cc_err err = CC_OK;
    if (input->contrast.text[0] != '\0')
        err = contrast_charge(service, &draft->citizen, &draft->counted, &call, draft->now_ms);
    if (err == CC_OK)
        err = notice_tell(service, &draft->citizen, kind, limits_is_told(draft->verdict),
                          draft->now_ms);
    return err;
}

int64_t request_resend_from(const struct service *service, const struct request *request)
{
    int64_t last_ms =
        request->resent_ms > request->created_ms ? request->resent_ms : request->created_ms;
    return last_ms + service->settings->limits.citizen.gap_s * MS_PER_S;
}

void draft_answer(const struct service *service, const struct draft *draft,
                  struct request_output *ret)
{
    const struct request *request = &draft->request;
    hex_encode_lower(request->public_id, REQUEST_ID_BYTES, ret->id);
    ret->expires_ms = request->expires_ms;
    ret->resend_from_ms = request_resend_from(service, request);
    ret->asks_contrast =
        draft->counted.town_asks || service->settings->limits.citizen.contrast_always != 0;
}
