/* SPDX-License-Identifier: EUPL-1.2 */
/* The end user's address as the counters of DOMAIN 5 want it: one text for one user. Pure. */
#ifndef CC_HTTP_IP_H
#define CC_HTTP_IP_H

#include "base/err.h"

enum { IP_TEXT_SIZE = 50 };

/*
 * IPv4 as it is, also when it came mapped into IPv6; of IPv6 the /64 ("2001:db8:1:2::/64"), since
 * one subscriber draws as many addresses from it as he likes. Errors: CC_ERR_IP_FORMAT.
 */
enum cc_err ip_canonical(const char *text, char ret[IP_TEXT_SIZE]) CC_MUST_CHECK;

#endif
