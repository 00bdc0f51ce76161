/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The hourly limits per address of an end user (DOMAIN 5), of IPv6 per /64 and at ip_red48_veces
 * times the figure per /48. They count calls and not what became of them, except that of failures
 * only compared ones count: an address is refused for its own calls, and no NIF is.
 */
#ifndef CC_SERVICE_VISITOR_H
#define CC_SERVICE_VISITOR_H

#include "domain/address.h"
#include "service/service.h"

/* Counts a request. Errors: CC_ERR_RATE_LIMITED (*ret_wait_s is set), CC_ERR_DB. */
enum cc_err visitor_take_request(struct service *service, const struct address_keys *from,
                                 int64_t now_ms, int64_t *ret_wait_s) CC_MUST_CHECK;
/* Whether one more verification is looked at. Errors: as above. */
enum cc_err visitor_check_failures(struct service *service, const struct address_keys *from,
                                   int64_t now_ms, int64_t *ret_wait_s) CC_MUST_CHECK;

#endif
