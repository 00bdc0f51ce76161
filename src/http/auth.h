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

struct auth_client {
    struct client client;
    struct limits_bucket bucket;
};

/* Errors: CC_ERR_DB, CC_ERR_MEMORY. store stays the caller's. */
enum cc_err auth_new(struct store *store, struct auth **ret) CC_MUST_CHECK;
void auth_free(struct auth *auth);
/* Reads the clients again; buckets go on. On an error the old ones stay. */
enum cc_err auth_reload(struct auth *auth) CC_MUST_CHECK;
/*
 * The client of an Authorization header (NULL = none): known, not revoked, not expired. Every
 * client is compared, in constant time. NULL if there is none. Valid until auth_reload().
 */
struct auth_client *auth_find(struct auth *auth, const char *authorization, int64_t now_ms);
/* The id behind the name of a valid client; 0 if there is none. */
int64_t auth_client_id(const struct auth *auth, const char *name);
/* Whether the peer of a Unix socket is root or our own user. Errors: CC_ERR_FORBIDDEN. */
enum cc_err auth_peer(int fd, uid_t *ret_uid) CC_MUST_CHECK;

#endif
