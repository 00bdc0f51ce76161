/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/visitor.h"

#include "store/failures.h"
#include "store/requests.h"

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
