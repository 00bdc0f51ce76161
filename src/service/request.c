/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/request.h"

#include "base/hex.h"
#include "base/span.h"
#include "domain/expiry.h"
#include "service/contrast.h"
#include "service/sms.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/requests.h"
#include "store/requests_id.h"
#include "store/withheld.h"

#include <string.h>

enum {
    NO_ROW = 0, /* the id of none: marking it takes as long */
    /* The shortest TP-VP there is: a message handed over later than this before caduca would
       outlive it. */
    SHORTEST_VALIDITY_MS = 5 * MINUTE_MS,
};

/* All that a request needs to be carried out, whether it will be or not. */
struct draft {
    int64_t now_ms;
    struct citizen citizen;
    struct limits_citizen counted;
    enum limits_verdict verdict;
    bool is_sent;
    struct request request; /* as it is, or will be, in the database */
    char contraclave[CODE_SIZE];
};
CC_WIPER(draft)

/* ---- who it is for, what the limits say, and its SMS ----------------------------------------- */

static struct contrast_call contrast_of(const struct request_input *input)
{
    return (struct contrast_call){&input->contrast, input->from->narrow, input->caller};
}

/*
 * Finds the person of input->nif, counts, and decides: draft->citizen, counted and verdict.
 * is_proven: the contrast was given before, and was right. An unknown NIF takes as long.
 */
static enum cc_err draft_look_up(struct service *service, const struct request_input *input,
                                 bool is_proven, struct draft *draft)
{
    const struct limits *limits = &service->settings->limits;
    const struct contrast_call call = contrast_of(input);
    struct limits_citizen *counted = &draft->counted;
    enum cc_err err = contrast_find_citizen(service, &input->nif, &call, &draft->citizen);
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

/* Queues the SMS of draft->request, or, where nothing is sent, one that stays: nobody's, as
 * store/withheld.h tells. */
static enum cc_err draft_queue(struct service *service, enum text_lang lang, struct draft *draft)
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

/* Tells the phone of a contrast that was wrong, and of a contraclave that was not sent. */
static enum cc_err draft_tell(struct service *service, const struct request_input *input,
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

/* From when on its contraclave may be sent again. Units: UTC ms. */
static int64_t request_resend_from(const struct service *service, const struct request *request)
{
    int64_t last_ms =
        request->resent_ms > request->created_ms ? request->resent_ms : request->created_ms;
    return last_ms + service->settings->limits.citizen.gap_s * MS_PER_S;
}

static void draft_answer(const struct service *service, const struct draft *draft,
                         struct request_output *ret)
{
    const struct request *request = &draft->request;
    hex_encode_lower(request->public_id, REQUEST_ID_BYTES, ret->id);
    ret->expires_ms = request->expires_ms;
    ret->resend_from_ms = request_resend_from(service, request);
    ret->asks_contrast =
        draft->counted.town_asks || service->settings->limits.citizen.contrast_always != 0;
}

/* ---- a new request --------------------------------------------------------------------------- */

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
    int64_t life_ms = settings->limits.code.life_minutes * MINUTE_MS;
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
    request->with_contrast = draft->is_sent && draft->counted.contrast == LIMITS_CONTRAST_RIGHT;
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

static enum cc_err audit_request(struct service *service, const struct request_input *input,
                                 const struct request *request, const char *event,
                                 const char *result, int64_t now_ms)
{
    return service_audit(
        service, input->caller,
        AUDIT_ACT(.event = event, .subject = &input->nif, .result = result,
                  .reference = request->citizen_id != WITHHELD_CITIZEN ? request->id : 0),
        now_ms);
}

enum cc_err request_create(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct request_output *ret, int64_t *ret_wait_s)
{
    CC_WIPED(draft) draft = {.now_ms = now_ms};
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = visitor_take_request(service, input->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = draft_look_up(service, input, false, &draft);
    if (err == CC_OK && service->settings->reveal_registration && !draft.counted.registered)
        err = CC_ERR_NOT_FOUND;
    /* a request that will not be carried out is written all the same, as nobody's
     * (store/withheld.h), so that its answer takes as long: no clock tells a registered NIF from
     * another */
    draft.is_sent = draft.verdict == LIMITS_SEND;
    if (err == CC_OK) {
        draw_request(service, input, &draft);
        err = replace_oldest(service, &draft);
    }
    if (err == CC_OK)
        err = insert_request(service, input, &draft);
    if (err == CC_OK)
        err = draft_queue(service, lang_of(input, &draft), &draft);
    if (err == CC_OK)
        err = draft_tell(service, input, &draft);
    if (err == CC_OK)
        err = audit_request(service, input, &draft.request, "solicitud",
                            limits_verdict_token(draft.verdict), now_ms);
    if (err == CC_OK)
        draft_answer(service, &draft, ret);
    return err;
}

/*
 * ---- acts on a request that was made -----------------------------------------------------------
 *
 * Those of a request that was withheld run the same statements, and the answer depends on what was
 * done with its id alone.
 */

/* No NIF can be this: the work for a request whose contraclave is erased is done with it. */
static const struct nif nobodys_nif = {.text = "---------"};
static const struct address_keys nowhere = {"", ""};

/* The request of this client with this id, and who it was asked for. */
struct known {
    struct request request;
    struct request_secret secret;
    bool is_open; /* its contraclave is still kept */
};
CC_WIPER(known)

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
    return err == CC_OK ? audit_request(service, input, &draft->request, "reenvio",
                                        result_of(known, draft), draft->now_ms)
                        : err;
}

/* The same for both kinds of request: what refuses it here is told. */
static enum cc_err check_resend(struct service *service, const struct request *request,
                                const struct address_keys *from, int64_t now_ms,
                                int64_t *ret_wait_s)
{
    int64_t wait_ms = request_resend_from(service, request) - now_ms;
    if (is_over(service, request, now_ms))
        return CC_ERR_REQUEST_OVER;
    if (wait_ms <= 0)
        return visitor_take_request(service, from, now_ms, ret_wait_s);
    *ret_wait_s = (wait_ms + 999) / 1000; /* it depends on this request alone */
    return CC_ERR_RATE_LIMITED;
}

enum cc_err request_resend(struct service *service, const char *id, const struct address_keys *from,
                           const struct caller *caller, int64_t now_ms, struct request_output *ret,
                           int64_t *ret_wait_s)
{
    CC_WIPED(known) known;
    CC_WIPED(draft) draft = {.now_ms = now_ms};
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
    }
    if (err == CC_OK)
        draft_answer(service, &draft, ret);
    return err;
}

static enum cc_err end_request(struct service *service, const struct request_input *input,
                               const struct request *request, int64_t now_ms)
{
    const struct contrast_call call = contrast_of(input);
    CC_WIPED(citizen) citizen = {0};
    enum cc_err err = contrast_find_citizen(service, &input->nif, &call, &citizen);
    if (err == CC_OK)
        err = requests_cancel(service->store, request->id, now_ms);
    if (err == CC_OK)
        err = outbox_withdraw(service->store, request->id, citizen.phone.e164, now_ms);
    return err == CC_OK ? audit_request(service, input, request, "cancelacion", "correcto", now_ms)
                        : err;
}

enum cc_err request_cancel(struct service *service, const char *id, const struct caller *caller,
                           int64_t now_ms)
{
    CC_WIPED(known) known;
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = find_request(service, id, caller, now_ms, &known.request);
    if (err != CC_OK || is_over(service, &known.request, now_ms))
        return err;
    err = open_request(service, &known);
    const struct request_input input = {
        .nif = known.secret.nif, .from = &nowhere, .caller = caller};
    return err == CC_OK ? end_request(service, &input, &known.request, now_ms) : err;
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
