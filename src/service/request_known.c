/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Acts on a request that was made: resend, cancellation, status. Those of a request that was
 * withheld run the same statements, and the answer depends on what was done with its id alone.
 */
#include "service/request_private.h"
#include "service/visitor.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/requests_id.h"
#include "store/withheld.h"

#include "base/hex.h"

#include <string.h>

/* No NIF can be this: the work for a request whose contraclave is erased is done with it. */
static const struct nif nobodys_nif = {.text = "---------"};
static const struct address_keys nowhere = {"", ""};

/* The request of this client with this id, and who it was asked for. */
struct known {
    struct request request;
    struct request_secret secret;
    bool is_open; /* its contraclave is still kept */
};

static enum cc_err find_request(struct service *service, const char *id,
                                const struct caller *caller, int64_t now_ms, struct request *ret)
{
    uint8_t public_id[REQUEST_ID_BYTES];
    size_t len = 0;
    if (strspn(id, "0123456789abcdef") != REQUEST_ID_TEXT - 1 ||
        !hex_decode(id, strlen(id), public_id, sizeof(public_id), &len))
        return CC_ERR_NOT_FOUND;
    return requests_find(service->store, public_id, caller_client_id(caller), now_ms, ret);
}

static enum cc_err open_request(struct service *service, struct known *known)
{
    enum cc_err err = requests_open(service->store, &known->request, &known->secret);
    known->is_open = err == CC_OK;
    if (!known->is_open)
        known->secret = (struct request_secret){.nif = nobodys_nif};
    return err_allow_absent(err);
}

/*
 * Whether it is over as far as an answer may tell: by its own time, by the acts of who has its id,
 * or by the entries of who has its contraclave. Wrong tries, newer requests and the end of a
 * registration do not show: an unknown NIF has none of them (DOMAIN 5).
 */
static bool is_over(const struct service *service, const struct request *request, int64_t now_ms)
{
    return request->cancelled_ms != 0 || !requests_is_dated_well(service->store, request, now_ms) ||
           !limits_request_is_alive(&service->settings->limits.code, 0, request->uses,
                                    request->expires_ms, now_ms);
}

static bool is_compared(const struct service *service, const struct request *request,
                        int64_t now_ms)
{
    return request->replaced_ms == 0 && !is_over(service, request, now_ms) &&
           limits_request_is_alive(&service->settings->limits.code, request->tries, request->uses,
                                   request->expires_ms, now_ms);
}

/* Errors: CC_ERR_RATE_LIMITED, with the wait; it depends on this request alone. */
static enum cc_err check_cool_down(const struct service *service, const struct request *request,
                                   int64_t now_ms, int64_t *ret_wait_s)
{
    int64_t wait_ms = request_resend_from(service, request) - now_ms;
    if (wait_ms <= 0)
        return CC_OK;
    *ret_wait_s = (wait_ms + 999) / 1000;
    return CC_ERR_RATE_LIMITED;
}

/*
 * Writes a request that is over from the start: the limits so count a resend as they count a
 * request, and one that is withheld writes as much.
 */
static enum cc_err count_resend(struct service *service, const struct request_input *input,
                                const struct draft *draft)
{
    struct request counted = draft->request;
    int64_t id = 0;
    secret_random(counted.public_id, sizeof(counted.public_id));
    counted.created_ms = counted.expires_ms = draft->now_ms;
    if (!draft->is_sent)
        counted.citizen_id = WITHHELD_CITIZEN;
    counted.with_contrast = draft->is_sent && counted.with_contrast;
    return requests_insert(service->store, &counted, caller_client_id(input->caller),
                           input->from->narrow, &id);
}

static enum cc_err send_again(struct service *service, const struct request_input *input,
                              struct draft *draft)
{
    struct store *store = service->store;
    /* a message that still waits would be the second copy */
    enum cc_err err = outbox_withdraw(store, draft->is_sent ? draft->request.id : 0,
                                      draft->citizen.phone.e164, draft->now_ms);
    if (err == CC_OK)
        err = requests_set_resent(store, draft->request.id, draft->now_ms);
    if (err == CC_OK)
        err = count_resend(service, input, draft);
    draft->request.resent_ms = draft->now_ms;
    return err == CC_OK ? draft_queue(service, input->lang, draft) : err;
}

static enum cc_err audit_known(struct service *service, const struct request_input *input,
                               const struct request *request, const char *event, const char *result,
                               int64_t now_ms)
{
    return service_audit(
        service, input->caller,
        AUDIT_ACT(.event = event, .subject = &input->nif, .result = result,
                  .reference = request->citizen_id != WITHHELD_CITIZEN ? request->id : 0),
        now_ms);
}

/* Why it was not sent, the limits' reason where there is one. */
static const char *result_of(const struct known *known, const struct draft *draft)
{
    if (!known->is_open)
        return "anulada";
    if (draft->is_sent || draft->verdict != LIMITS_SEND)
        return limits_verdict_token(draft->verdict);
    return draft->request.citizen_id == WITHHELD_CITIZEN ? "retenida" : "anulada";
}

static enum cc_err carry_out(struct service *service, const struct request_input *input,
                             const struct known *known, struct draft *draft)
{
    enum cc_err err = draft_look_up(service, input, draft->request.with_contrast, draft);
    if (err != CC_OK)
        return err;
    draft->is_sent = draft->verdict == LIMITS_SEND && known->is_open &&
                     draft->request.citizen_id == draft->citizen.id &&
                     is_compared(service, &draft->request, draft->now_ms);
    memcpy(draft->contraclave, known->secret.contraclave, sizeof(draft->contraclave));
    err = send_again(service, input, draft);
    if (err == CC_OK)
        err = draft_tell(service, input, draft);
    return err == CC_OK ? audit_known(service, input, &draft->request, "reenvio",
                                      result_of(known, draft), draft->now_ms)
                        : err;
}

/* The same for both kinds of request: what refuses it here is told. */
static enum cc_err check_resend(struct service *service, const struct request *request,
                                const struct address_keys *from, int64_t now_ms,
                                int64_t *ret_wait_s)
{
    if (is_over(service, request, now_ms))
        return CC_ERR_REQUEST_OVER;
    enum cc_err err = check_cool_down(service, request, now_ms, ret_wait_s);
    return err == CC_OK ? visitor_take_request(service, from, now_ms, ret_wait_s) : err;
}

enum cc_err request_resend(struct service *service, const char *id, const struct address_keys *from,
                           const struct caller *caller, int64_t now_ms, struct request_output *ret,
                           int64_t *ret_wait_s)
{
    struct known known;
    struct draft draft = {.now_ms = now_ms};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = find_request(service, id, caller, now_ms, &known.request);
    if (err == CC_OK)
        err = check_resend(service, &known.request, from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = open_request(service, &known);
    if (err == CC_OK) {
        const struct request_input input = {
            .nif = known.secret.nif, .lang = known.secret.lang, .from = from, .caller = caller};
        draft.request = known.request;
        err = carry_out(service, &input, &known, &draft);
        secret_wipe(&known.secret, sizeof(known.secret));
    }
    if (err == CC_OK)
        draft_answer(service, &draft, ret);
    secret_wipe(&draft, sizeof(draft));
    return err;
}

static enum cc_err end_request(struct service *service, const struct request_input *input,
                               const struct request *request, int64_t now_ms)
{
    const struct contrast_call call = {&input->contrast, "", input->caller};
    struct citizen citizen = {0};
    enum cc_err err =
        err_allow_altered(contrast_find_citizen(service, &input->nif, &call, &citizen));
    if (err == CC_OK)
        err = requests_cancel(service->store, request->id, now_ms);
    if (err == CC_OK)
        err = outbox_withdraw(service->store, request->id, citizen.phone.e164, now_ms);
    secret_wipe(&citizen, sizeof(citizen));
    return err == CC_OK ? audit_known(service, input, request, "cancelacion", "correcto", now_ms)
                        : err;
}

enum cc_err request_cancel(struct service *service, const char *id, const struct caller *caller,
                           int64_t now_ms)
{
    struct known known;
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = find_request(service, id, caller, now_ms, &known.request);
    if (err != CC_OK || is_over(service, &known.request, now_ms))
        return err;
    err = open_request(service, &known);
    const struct request_input input = {
        .nif = known.secret.nif, .from = &nowhere, .caller = caller};
    if (err == CC_OK)
        err = end_request(service, &input, &known.request, now_ms);
    secret_wipe(&known.secret, sizeof(known.secret));
    return err;
}

enum cc_err request_tell(struct service *service, const char *id, const struct caller *caller,
                         int64_t now_ms, struct request_status *ret)
{
    struct request request;
    if (!service_clock_is_good(service))
        return CC_ERR_CLOCK_UNRELIABLE;
    enum cc_err err = find_request(service, id, caller, now_ms, &request);
    if (err != CC_OK)
        return err;
    ret->is_over = is_over(service, &request, now_ms);
    ret->expires_ms = request.expires_ms;
    ret->resend_from_ms = request_resend_from(service, &request);
    return CC_OK;
}
