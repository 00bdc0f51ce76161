/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The clients of the API and how often they and the end users may call. Clients are kept in memory
 * with their token buckets, and read again from the store after a change.
 */
#ifndef CC_SERVICE_ACCESS_H
#define CC_SERVICE_ACCESS_H

#include "domain/address.h"
#include "domain/limits.h"
#include "service/caller.h"

struct access;
struct service;

enum {
    CLIENT_TOUCH_MS = 10 * 60 * 1000,         /* how exactly the last use of a client is known */
    CLIENT_ROTATION_MS = 24 * 60 * 60 * 1000, /* how long two tokens of a client are valid */
};

/* Errors: CC_ERR_DB. store stays the caller's. */
enum cc_err access_new(struct store *store, struct access **ret) CC_MUST_CHECK;
void access_free(struct access *access);
/*
 * Reads the clients again; buckets go on. Errors: CC_ERR_DB, CC_ERR_MEMORY: then no client is
 * served until a later call of access_find_client() or access_check_client() could read them.
 */
enum cc_err access_reload(struct access *access) CC_MUST_CHECK;
/*
 * The client behind a bearer token, its newest or, while that lasts, the one of before: known, not
 * revoked, not expired. Every client is compared, in
 * constant time. Units: now_ms is UTC. Errors: CC_ERR_UNAUTHENTICATED, those of access_reload().
 */
enum cc_err access_find_client(struct access *access, const char *token, size_t len, int64_t now_ms,
                               struct caller *ret) CC_MUST_CHECK;
/*
 * Whether the client is still valid, the token that the caller came with still its own, and one of
 * the scopes is held, if any is wanted (0 = none). Errors: CC_ERR_UNAUTHENTICATED (revoked, expired
 * or given another token since), CC_ERR_FORBIDDEN, those of access_reload().
 */
enum cc_err access_check_client(struct access *access, const struct caller *caller, unsigned scopes,
                                int64_t now_ms) CC_MUST_CHECK;
/*
 * Takes a token from the client's bucket. Units: now_us is monotonic. Errors: CC_ERR_RATE_LIMITED
 * (*ret_wait_s, at least 1), CC_ERR_UNAUTHENTICATED (no such client).
 */
enum cc_err access_take(struct access *access, int64_t client_id, const struct limits *limits,
                        int64_t now_us, int64_t *ret_wait_s) CC_MUST_CHECK;
/* Gives the token back; does nothing when the client has been revoked meanwhile. */
void access_return(struct access *access, int64_t client_id);
/*
 * Whether the client may call from this address, as exchange_address() writes it. A call from
 * elsewhere is logged, once a minute. Units: now_us is monotonic. Errors: CC_ERR_CLIENT_NETWORK,
 * CC_ERR_UNAUTHENTICATED (no such client).
 */
enum cc_err access_check_network(struct access *access, int64_t client_id, const char *address,
                                 int64_t now_us) CC_MUST_CHECK;
/* The certificates that the client must show. False: none, or there is no such client. */
bool access_client_pins(const struct access *access, int64_t client_id, struct pins *ret);
/* Logs, once a minute, that the token came from elsewhere than it should; whence: a phrase. */
void access_log_refusal(struct access *access, int64_t client_id, const char *whence,
                        int64_t now_us);
/*
 * Notes a use that access_find_client() has seen. The client with its use, where that is to be
 * written: the first one of a new token, else once in CLIENT_TOUCH_MS; NULL = not now.
 */
const struct client *access_note_use(struct access *access, int64_t client_id, int64_t now_ms);
enum access_credential { ACCESS_TOKEN, ACCESS_CERTIFICATE };
/* Notes when the certificate ends that the client has shown. Nothing of it is stored. */
void access_note_certificate(struct access *access, int64_t client_id, int64_t ends_ms);
/* When what the client shows ends: its token, or the certificate that was noted; 0 = never, or not
 * known. */
int64_t access_ends_ms(const struct access *access, int64_t client_id, enum access_credential of);
/*
 * Writes the names of the valid clients whose token or certificate ends from from_ms to before
 * to_ms; returns the first of these ends, 0 = there is none. Names that do not fit are "…".
 */
int64_t access_list_ends(const struct access *access, enum access_credential of, int64_t from_ms,
                         int64_t to_ms, struct buf *names);
/* The id behind the name of a valid client; 0 = none. */
int64_t access_client_id(const struct access *access, const char *name);
/* Takes one call of an end user's address: see domain/pace.h. Errors: CC_ERR_RATE_LIMITED. */
enum cc_err access_take_address(struct access *access, const struct address *address,
                                const struct limits *limits, int64_t now_us,
                                int64_t *ret_wait_s) CC_MUST_CHECK;

/*
 * Makes a client, audited. In a turn. *ret_token is shown once: the caller wipes it. Errors:
 * CC_ERR_NAME_FORMAT, CC_ERR_NAME_IN_USE, CC_ERR_DB.
 */
enum cc_err access_create_client(struct service *service, const struct client *client,
                                 const struct caller *caller, int64_t now_ms,
                                 char ret_token[CLIENT_TOKEN_SIZE], int64_t *ret_id) CC_MUST_CHECK;
/* Writes a use where access_note_use() says so. Joins the turn. */
void access_touch_client(struct service *service, int64_t client_id, int64_t now_ms);
/*
 * Changes a client that is valid, audited: `change` edits what the store has of it and may refuse.
 * In a turn. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, those of change.
 */
enum cc_err access_change_client(struct service *service, const char *name,
                                 enum cc_err (*change)(struct client *client, void *user),
                                 void *user, const struct caller *caller,
                                 int64_t now_ms) CC_MUST_CHECK;
/*
 * Gives a client a new token, audited. The one of before stays valid for CLIENT_ROTATION_MS, or is
 * over at once. Of two rotations in a row, the one whose token nobody has used counts for nothing:
 * the token in use stays the one of before. In a turn. *ret_token is shown once: the caller wipes
 * it. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB.
 */
enum cc_err access_rotate_client(struct service *service, const char *name, bool at_once,
                                 const struct caller *caller, int64_t now_ms,
                                 char ret_token[CLIENT_TOKEN_SIZE],
                                 int64_t *ret_old_ends_ms) CC_MUST_CHECK;
/* All of them, oldest first; visit returns false to stop. Errors: CC_ERR_DB. */
enum cc_err access_list_clients(struct service *service,
                                bool (*visit)(const struct client *client, void *user),
                                void *user) CC_MUST_CHECK;
/* Ends a client's token, audited. In a turn. Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err access_revoke_client(struct service *service, const char *name,
                                 const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;
/* A person says that the database that is open is the good one, whatever its anchor says: audited,
 * and the clients are read again from it. In a turn. Errors: those of store_accept(). */
enum cc_err accept_database(struct service *service, const struct caller *caller,
                            int64_t now_ms) CC_MUST_CHECK;

#endif
