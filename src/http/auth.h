/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who may ask. On TCP: bearer clients, kept in memory with their token buckets and read again from
 * the store after a change. On the control socket: the peer's credentials.
 */
#ifndef CC_HTTP_AUTH_H
#define CC_HTTP_AUTH_H

#include "domain/limits.h"
#include "store/clients.h"

#include <sys/types.h>

struct auth;

/* Errors: CC_ERR_DB, CC_ERR_MEMORY. store stays the caller's. */
enum cc_err auth_new(struct store *store, struct auth **ret) CC_MUST_CHECK;
void auth_free(struct auth *auth);
/*
 * Reads the clients again; buckets go on. Errors: CC_ERR_DB, CC_ERR_MEMORY: then no client is
 * served until a later call of auth_current() could read them.
 */
enum cc_err auth_reload(struct auth *auth) CC_MUST_CHECK;
/* Repeats a reload that failed. Errors: as auth_reload(). */
enum cc_err auth_current(struct auth *auth) CC_MUST_CHECK;
/*
 * The client of an Authorization header (NULL = none): known, not revoked, not expired. Every
 * client is compared, in constant time. NULL if there is none. The pointer is valid until
 * auth_reload(), so no caller may keep it beyond its own callback: keep the id.
 */
const struct client *auth_find(const struct auth *auth, const char *authorization, int64_t now_ms);
/*
 * Whether the client with this id may use one of the scopes now. Errors: CC_ERR_UNAUTHENTICATED
 * (revoked or expired since its token was read), CC_ERR_FORBIDDEN (its scopes do not include one).
 */
enum cc_err auth_check(const struct auth *auth, int64_t client_id, unsigned scopes,
                       int64_t now_ms) CC_MUST_CHECK;
/* Takes a token from the client's bucket. Errors: CC_ERR_RATE_LIMITED (*ret_wait_s, at least 1),
 * CC_ERR_UNAUTHENTICATED (no such client). */
enum cc_err auth_take(struct auth *auth, int64_t client_id, const struct limits *limits,
                      int64_t now_us, int64_t *ret_wait_s) CC_MUST_CHECK;
/* Gives the token back; nothing when the client has been revoked meanwhile. */
void auth_return(struct auth *auth, int64_t client_id);
/* Whether the client must give the end user's address; false for id 0, the control socket. */
bool auth_needs_ip(const struct auth *auth, int64_t client_id);
/* The id behind the name of a valid client; 0 if there is none. */
int64_t auth_client_id(const struct auth *auth, const char *name);
/* Whether the peer of a Unix socket is root or our own user. Errors: CC_ERR_FORBIDDEN. */
enum cc_err auth_peer(int fd, uid_t *ret_uid) CC_MUST_CHECK;

#endif
