/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/verify.h"

#include "service/contrast.h"
#include "service/evidence.h"
#include "service/sms.h"
#include "service/town.h"
#include "store/ahead.h"
#include "store/audit.h"
#include "store/failures.h"
#include "store/refusals.h"
#include "store/requests.h"

#include <string.h>

enum { NO_FAILURE = 0 }; /* the id of no row: discarding it takes as long as one that is there */

/* The live requests of one citizen against what was typed. */
struct comparison {
    const struct limits *limits; /* what makes a request live, and compares it */
    struct limits_citizen counted;
    uint8_t subject[SECRET_TAG_BYTES]; /* of the refusals */
    int64_t recent_ms;                 /* the last entry, where it was of late */
    struct request requests[REQUEST_LIVE_MAX];
    bool is_compared[REQUEST_LIVE_MAX]; /* its clave was right, and its code was looked at */
    size_t count;
    size_t compared;
    size_t shown;                /* of those that were read for show: how many had this clave */
    const struct request *match; /* all was right; NULL = none */
};

static bool is_code_right(const struct service *service, const struct verify_input *input,
                          const struct request_owner *owner, const struct request *request)
{
    uint8_t tag[SECRET_TAG_BYTES];
    request_code_tag(service->store, owner, input->clave, input->contraclave, tag);
    return secret_tag_equal(tag, request->code_tag);
}

static bool is_clave_right(const struct service *service, const struct verify_input *input,
                           const struct request_owner *owner, const struct request *request)
{
    uint8_t tag[SECRET_TAG_BYTES];
    request_clave_tag(service->store, owner, input->clave, tag);
    return secret_tag_equal(tag, request->clave_tag);
}

/* Counts the citizen's failures, with one more for each request that this call has compared so
 * far. */
static struct limits_citizen count_with(const struct comparison *c)
{
    struct limits_citizen counted = c->counted;
    counted.failures_in_a_row += (int64_t)c->compared;
    counted.town_failures_day += (int64_t)c->compared;
    return counted;
}

/* Every request is compared, also behind a match, so that the time tells nothing. */
static void compare_requests(const struct service *service, const struct verify_input *input,
                             const struct citizen *citizen, struct comparison *c, int64_t now_ms)
{
    const struct limits *limits = c->limits;
    bool reads = limits_reads(&limits->citizen, &c->counted);
    for (size_t i = 0; i < c->count; i++) {
        const struct request *request = &c->requests[i];
        const struct request_owner owner = {request->public_id, citizen->nif_root,
                                            request->expires_ms};
        const struct limits_citizen counted = count_with(c);
        bool code_right = is_code_right(service, input, &owner, request);
        bool clave_right = is_clave_right(service, input, &owner, request);
        c->is_compared[i] = reads && clave_right &&
                            limits_request_is_alive(&limits->code, request->tries, request->uses,
                                                    request->expires_ms, now_ms) &&
                            limits_compares_request(limits, &counted, request->with_contrast);
        c->compared += c->is_compared[i];
        if (c->is_compared[i] && code_right && c->counted.contrast != LIMITS_CONTRAST_WRONG &&
            c->match == NULL)
            c->match = request;
    }
}

/*
 * Where fewer requests were alive than a citizen can have, so many of the newest are read and
 * compared for nothing: the time of a refusal does not tell how many there are, or whether the NIF
 * can have any. A success tells that anyway, and takes no longer. What was asked for an unknown NIF
 * in the last minute is among them (store/withheld.h), with its clave.
 */
static enum cc_err compare_for_show(const struct service *service, const struct verify_input *input,
                                    const struct citizen *citizen, struct comparison *c)
{
    struct request *others = c->requests + c->count; /* room for the rest of REQUEST_LIVE_MAX */
    size_t most = limits_most_alive(&c->limits->citizen, REQUEST_LIVE_MAX), count = 0;
    size_t missing = most > c->count ? most - c->count : 0;
    enum cc_err err = requests_newest(service->store, missing, others, &count);
    for (size_t i = 0; i < count; i++) {
        const struct request_owner owner = {others[i].public_id, citizen->nif_root,
                                            others[i].expires_ms};
        (void)is_code_right(service, input, &owner, &others[i]);
        c->shown += is_clave_right(service, input, &owner, &others[i]);
    }
    return err;
}

static enum cc_err look_up(struct service *service, const struct verify_input *input,
                           const struct contrast_call *call, int64_t now_ms,
                           struct citizen *citizen, struct comparison *c)
{
    enum cc_err err = contrast_find_citizen(service, &input->nif, call, citizen);
    if (err == CC_OK)
        err = requests_live_and_used(service->store, citizen->id, c->limits, now_ms, c->requests,
                                     &c->count, &c->recent_ms);
    if (err == CC_OK)
        err = contrast_count(service, citizen, call, now_ms, &c->counted);
    refusals_subject(citizen->nif_index, citizen->id != 0, c->subject);
    if (err == CC_OK)
        err = refusals_count(service->store, c->subject, now_ms, &c->counted.refusals_hour,
                             &c->counted.refusals_minute);
    return err;
}

static enum cc_err charge_request(struct service *service, const struct verify_input *input,
                                  const struct citizen *citizen, const struct request *request,
                                  int64_t now_ms)
{
    const struct failure failure = {FAILURE_CODE, citizen->id, request->id, input->from->narrow,
                                    input->from->wide};
    int64_t id = 0;
    enum cc_err err = requests_set_tries(service->store, request->id, request->tries + 1,
                                         service->settings->limits.code.tries);
    if (err == CC_OK)
        err = failures_insert(service->store, &failure, now_ms, &id);
    return err == CC_OK ? err_allow_absent(failures_discard(service->store, NO_FAILURE)) : err;
}

/* Writes the same as charge_request() and changes nothing: a known and an unknown NIF must take the
 * same time. */
static enum cc_err charge_nothing(struct service *service, const struct verify_input *input,
                                  int64_t now_ms)
{
    const struct failure failure = {FAILURE_CODE, 0, 0, input->from->narrow, input->from->wide};
    int64_t id = 0;
    enum cc_err err = err_allow_absent(requests_touch(service->store));
    if (err == CC_OK)
        err = failures_insert(service->store, &failure, now_ms, &id);
    return err == CC_OK ? failures_discard(service->store, id) : err;
}

/* The failure that reaches the limit locks, and tells. */
static enum cc_err lock_after(struct service *service, const struct citizen *citizen,
                              int64_t failures, int64_t now_ms)
{
    int64_t limit = service->settings->limits.citizen.lock_after;
    if (limit == 0 || failures < limit)
        return CC_OK;
    enum cc_err err =
        citizens_set_locks(service->store, citizen->id, true, citizen->contrast_locked);
    if (err == CC_OK)
        err = notice_tell(service, citizen, NOTICE_LOCKED, true, now_ms);
    return err;
}

/* Charges a failure for each request that was compared: each was a guess at its code. */
static enum cc_err charge_failures(struct service *service, const struct verify_input *input,
                                   const struct citizen *citizen, const struct comparison *c,
                                   int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < c->count && err == CC_OK; i++) {
        if (c->is_compared[i])
            err = charge_request(service, input, citizen, &c->requests[i], now_ms);
    }
    for (size_t i = 0; c->compared == 0 && (i == 0 || i < c->shown) && err == CC_OK; i++)
        err = charge_nothing(service, input, now_ms);
    if (err == CC_OK)
        err = town_look(service, now_ms);
    if (err == CC_OK && c->compared > 0)
        err = lock_after(service, citizen, c->counted.failures_in_a_row + (int64_t)c->compared,
                         now_ms);
    return err;
}

static enum cc_err refuse_entry(struct service *service, const struct verify_input *input,
                                const struct citizen *citizen, struct comparison *c, int64_t now_ms)
{
    const struct refusal refusal = {
        .subject = c->subject,
        .actor = input->caller->name,
        .is_compared = c->compared > 0,
    };
    enum cc_err err = compare_for_show(service, input, citizen, c);
    if (err == CC_OK)
        err = charge_failures(service, input, citizen, c, now_ms);
    return err == CC_OK ? refusals_add(service->store, &refusal, now_ms) : err;
}

/* An entry leaves its instant in the row of its request or, without one, in the person's. */
static enum cc_err find_entry_before(struct store *store, const struct comparison *c,
                                     struct verify_output *out)
{
    int64_t other_ms = out->citizen.entered_ms;
    if (c->recent_ms == 0)
        return requests_last_use(store, out->citizen.id, &out->entered_before_ms);
    out->entered_before_ms = other_ms > c->recent_ms ? other_ms : c->recent_ms;
    return CC_OK;
}

/* A success settles the failures of its own request, and no others: an attacker's stay. */
static enum cc_err accept_entry(struct service *service, const struct verify_input *input,
                                const struct comparison *c, int64_t now_ms,
                                struct verify_output *out)
{
    const struct request *match = c->match;
    const struct audit_entry entry = {
        .event = "verificacion",
        .actor = input->caller->name,
        .address = caller_address(input->caller),
        .subject_index = out->citizen.nif_index,
        .result = "correcto",
        .reference = match->id,
    };
    struct evidence_entry known = {.method = METHOD_PIN24H,
                                   .request = match,
                                   .with_contrast = c->counted.contrast == LIMITS_CONTRAST_RIGHT};
    enum cc_err err = find_entry_before(service->store, c, out);
    if (err == CC_OK)
        err = requests_add_use(service->store, match, now_ms, c->limits->code.uses);
    if (err == CC_OK && match->tries > 0)
        err = failures_settle_request(service->store, out->citizen.id, match->id);
    if (err == CC_OK && match->tries > 0)
        err = town_look(service, now_ms);
    out->expires_ms = match->expires_ms;
    out->is_substantial = service->settings->grants_substantial &&
                          out->citizen.grade == CITIZEN_GRADE_ADVANCED &&
                          (match->with_contrast || known.with_contrast);
    if (err == CC_OK)
        err = audit_append(service->store, &entry, now_ms, &known.audit_id);
    return err == CC_OK ? evidence_keep(service, input, &known, now_ms, out) : err;
}

static void ask_ahead(struct service *service, const struct verify_input *input, int64_t now_ms)
{
    const struct ahead_wish wish = {
        .nif = &input->nif,
        .contrast_ip = input->contrast.text[0] != '\0' ? input->from->narrow : NULL,
        .ip = input->from->narrow,
        .ip_wide = input->from->wide,
        .limits = &service->settings->limits,
        .now_ms = now_ms,
    };
    ahead_ask(service->store, &wish);
}

static enum cc_err decide_entry(struct service *service, const struct verify_input *input,
                                int64_t now_ms, struct verify_output *ret, int64_t *ret_wait_s)
{
    struct comparison c = {.limits = &service->settings->limits};
    const struct contrast_call call = {&input->contrast, input->from->narrow, input->caller};
    enum cc_err err = service_check_clock(service);
    *ret = (struct verify_output){0};
    if (err == CC_OK)
        ask_ahead(service, input, now_ms);
    if (err == CC_OK)
        err = visitor_check_failures(service, input->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = look_up(service, input, &call, now_ms, &ret->citizen, &c);
    if (err != CC_OK)
        return err;
    compare_requests(service, input, &ret->citizen, &c, now_ms);
    ret->correct = c.match != NULL;
    if (input->contrast.text[0] != '\0')
        err = contrast_charge(service, &ret->citizen, &c.counted, &call, now_ms);
    if (err == CC_OK)
        err = ret->correct ? accept_entry(service, input, &c, now_ms, ret)
                           : refuse_entry(service, input, &ret->citizen, &c, now_ms);
    return err;
}

enum cc_err verify_pin(struct service *service, const struct verify_input *input, int64_t now_ms,
                       struct verify_output *ret, int64_t *ret_wait_s)
{
    enum cc_err err = decide_entry(service, input, now_ms, ret, ret_wait_s);
    metrics_count_verification(&service->metrics, err, err == CC_OK && ret->correct);
    return err;
}

enum cc_err verify_still_holds(struct service *service, const struct verify_input *input,
                               int64_t now_ms, bool *ret)
{
    CC_WIPED(citizen) citizen = {0};
    struct limits limits = service->settings->limits;
    struct comparison c = {.limits = &limits};
    const struct contrast_call call = {&input->contrast, input->from->narrow, input->caller};
    if (limits.code.uses == 1)
        limits.code.uses = 2; /* the only use is the one that was answered */
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = look_up(service, input, &call, now_ms, &citizen, &c);
    if (err == CC_OK)
        compare_requests(service, input, &citizen, &c, now_ms);
    *ret = err == CC_OK && c.match != NULL;
    return err;
}
