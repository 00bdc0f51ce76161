/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/contrast.h"

#include "service/sms.h"
#include "service/town.h"
#include "store/audit.h"
#include "store/failures.h"
#include "store/requests.h"

enum { NO_ROW = 0 }; /* the id of none: taking it back takes as long */

_Static_assert((int)CONTRASTE_SIZE == (int)SECRET_TAG_BYTES, "compared as a tag is");

static enum limits_contrast compare_contrast(const struct limits *limits,
                                             const struct limits_citizen *counted,
                                             const struct citizen *citizen,
                                             const struct contraste *given)
{
    bool is_equal =
        secret_tag_equal((const uint8_t *)given->text, (const uint8_t *)citizen->contrast.text);
    bool is_recorded = citizen->contrast.text[0] != '\0';
    bool is_compared = counted->registered && !counted->locked && is_recorded &&
                       limits_compares_contrast(&limits->citizen, counted);
    if (given->text[0] == '\0' || !is_compared)
        return LIMITS_CONTRAST_NONE;
    return is_equal ? LIMITS_CONTRAST_RIGHT : LIMITS_CONTRAST_WRONG;
}

enum cc_err contrast_count(struct service *service, const struct citizen *citizen,
                           const struct contrast_call *call, int64_t now_ms,
                           struct limits_citizen *ret)
{
    const struct limits *limits = &service->settings->limits;
    struct limits_citizen counted = {
        .registered = citizen->id != 0 && citizen->state == LIFE_ACTIVE,
        .locked = citizen->locked,
        .contrast_locked = citizen->contrast_locked,
    };
    enum cc_err err = failures_count_for(service->store, citizen->id, limits, now_ms, &counted);
    if (err == CC_OK && call->given->text[0] != '\0')
        err = failures_count_contrasts(service->store, citizen->id, limits, call->ip, now_ms,
                                       &counted);
    if (err == CC_OK)
        err = town_asks_now(service, now_ms, &counted.town_asks);
    if (err != CC_OK)
        return err;
    counted.town_failures_day = service->town.counted.failures_day;
    counted.contrast = compare_contrast(limits, &counted, citizen, call->given);
    *ret = counted;
    return CC_OK;
}

enum cc_err contrast_find_citizen(struct service *service, const struct nif *nif,
                                  const struct contrast_call *call, struct citizen *ret)
{
    enum cc_err err = call->given->text[0] != '\0'
                          ? citizens_find(service->store, nif, ret)
                          : citizens_find_without_contrast(service->store, nif, ret);
    return err_allow_altered(err);
}

static bool is_last(int64_t limit, int64_t counted)
{
    return limit > 0 && counted + 1 >= limit;
}

static enum cc_err lock_contrast(struct service *service, const struct citizen *citizen,
                                 const struct caller *caller, int64_t now_ms)
{
    enum cc_err err = citizens_set_locks(service->store, citizen->id, citizen->locked, true);
    return err == CC_OK
               ? service_audit(service, caller,
                               AUDIT_ACT(.event = "contraste", .subject_index = citizen->nif_index,
                                         .result = "bloqueado"),
                               now_ms)
               : err;
}

enum cc_err contrast_charge(struct service *service, const struct citizen *citizen,
                            const struct limits_citizen *counted, const struct contrast_call *call,
                            int64_t now_ms)
{
    const struct limits *limits = &service->settings->limits;
    const struct failure failure = {FAILURE_CONTRAST, citizen->id, 0, call->ip, ""};
    bool is_wrong = counted->contrast == LIMITS_CONTRAST_WRONG;
    bool locks = is_wrong &&
                 (is_last(limits->citizen.wrong_contrasts_day, counted->wrong_contrasts_day) ||
                  is_last(limits->citizen.wrong_contrasts_month, counted->wrong_contrasts_month));
    bool is_told =
        is_wrong && is_last(limits->citizen.wrong_contrasts_here, counted->wrong_contrasts_here);
    int64_t id = 0;
    enum cc_err err = failures_insert(service->store, &failure, now_ms, &id);
    if (err == CC_OK)
        err = failures_discard(service->store, is_wrong ? NO_ROW : id);
    if (err == CC_OK || err == CC_ERR_NOT_FOUND)
        err = notice_tell(service, citizen, NOTICE_WITHHELD, is_told, now_ms);
    if (err == CC_OK)
        err = notice_tell(service, citizen, NOTICE_CONTRAST_LOCKED, locks, now_ms);
    return err == CC_OK && locks ? lock_contrast(service, citizen, call->caller, now_ms) : err;
}

/* ---- the limits per address ------------------------------------------------------------------ */

enum { WAIT_S = 60 }; /* Retry-After of an address over its limit */

typedef enum cc_err (*counter)(struct store *store, const char *key, int64_t now_ms, int64_t limit,
                               int64_t *ret);

static enum cc_err check_key(struct service *service, counter count, const char *key, int64_t limit,
                             int64_t now_ms, int64_t *ret_wait_s)
{
    int64_t counted = 0;
    if (limit == 0 || key[0] == '\0')
        return CC_OK;
    enum cc_err err = count(service->store, key, now_ms, limit, &counted);
    if (err != CC_OK || counted < limit)
        return err;
    *ret_wait_s = WAIT_S;
    return CC_ERR_RATE_LIMITED;
}

static enum cc_err check_counts(struct service *service, counter count,
                                const struct address_keys *from, int64_t limit, int64_t now_ms,
                                int64_t *ret_wait_s)
{
    int64_t times = service->settings->limits.address.wide_times;
    enum cc_err err = check_key(service, count, from->narrow, limit, now_ms, ret_wait_s);
    return err == CC_OK ? check_key(service, count, from->wide, limit * times, now_ms, ret_wait_s)
                        : err;
}

enum cc_err visitor_take_request(struct service *service, const struct address_keys *from,
                                 int64_t now_ms, int64_t *ret_wait_s)
{
    int64_t limit = service->settings->limits.address.requests_hour;
    enum cc_err err = check_counts(service, requests_count_ip, from, limit, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = ip_requests_insert(service->store, from->narrow, now_ms);
    return err == CC_OK ? ip_requests_insert(service->store, from->wide, now_ms) : err;
}

enum cc_err visitor_check_failures(struct service *service, const struct address_keys *from,
                                   int64_t now_ms, int64_t *ret_wait_s)
{
    int64_t limit = service->settings->limits.address.failures_hour;
    return check_counts(service, failures_count_ip, from, limit, now_ms, ret_wait_s);
}
