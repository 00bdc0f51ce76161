/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who calls: one function for each way in, which makes x->caller from what the request carries. The
 * gate asks for it once the headers are read, and again when the body is complete.
 */
#ifndef CC_HTTP_IDENTIFY_H
#define CC_HTTP_IDENTIFY_H

#include "http/exchange.h"

/*
 * On the control socket: its peer, which must be root or the daemon's own user. Elsewhere: the
 * client whose token comes in Authorization, or the session whose cookie comes, whose changes must
 * come from our own pages (CC_ERR_ORIGIN). Errors: CC_ERR_FORBIDDEN, CC_ERR_UNAUTHENTICATED,
 * CC_ERR_DB, CC_ERR_MEMORY.
 */
enum cc_err identify_caller(struct exchange *x) CC_MUST_CHECK;
/* Whether x->caller is still valid for its route: a body may take long to come. Errors: as above.
 */
enum cc_err identify_again(struct exchange *x) CC_MUST_CHECK;

/* Of the session: its prefix makes a browser keep it to TLS and to this host. Source: RFC 6265bis.
 */
const char *identify_cookie_name(const struct exchange *x);
/* Likewise, of the mark of a browser (people_make_mark()). */
const char *identify_mark_name(const struct exchange *x);

/*
 * Whether the caller of an answer that goes on may still have it: the session lasts, the client was
 * not revoked. Does not count as a use of the session. Errors: CC_ERR_UNAUTHENTICATED and others.
 */
enum cc_err identify_still(struct service *service, const struct caller *caller,
                           const struct route *route, int64_t now_ms) CC_MUST_CHECK;

#endif
