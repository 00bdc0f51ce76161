/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sessions of the people who have logged in: 258 random bits in a cookie, of which only a keyed tag
 * is stored. A session ends 30 minutes after its last use, and 10 hours after its beginning.
 */
#ifndef CC_STORE_SESSIONS_H
#define CC_STORE_SESSIONS_H

#include "store/store.h"

enum {
    SESSION_TOKEN_CHARS = 43,
    SESSION_ADDRESS_SIZE = 46, /* INET6_ADDRSTRLEN */
    SESSION_TOKEN_SIZE = SESSION_TOKEN_CHARS + 1,
    SESSIONS_PER_OPERATOR = 8, /* the oldest ends when there are more */
    SESSION_IDLE_MS = 30 * 60 * 1000,
    SESSION_LONGEST_MS = 10 * 60 * 60 * 1000,
    SESSION_TOUCH_MS = 60 * 1000, /* the last use is written as often */
};

struct session {
    int64_t id, operator_id;
    int64_t created_ms, used_ms;
    char address[SESSION_ADDRESS_SIZE]; /* of the log-in; only sessions_each() reads it */
};

/* Whether it lasts at now_ms; one that is dated in the future does not. Pure. */
bool session_is_live(const struct session *session, int64_t now_ms);
int64_t session_ends_ms(const struct session *session);

/* address: sealed in the row. Owns: the caller wipes ret_token, which is shown once. */
enum cc_err sessions_create(struct store *store, int64_t operator_id, const char *address,
                            int64_t now_ms, char ret_token[SESSION_TOKEN_SIZE],
                            int64_t *ret_id) CC_MUST_CHECK;
/* The session of a token, live or not. Errors: CC_ERR_UNAUTHENTICATED (none, or its row altered).
 */
enum cc_err sessions_find(struct store *store, const char *token, size_t len,
                          struct session *ret) CC_MUST_CHECK;
/* A session by its id, likewise. Errors: CC_ERR_UNAUTHENTICATED. */
enum cc_err sessions_find_id(struct store *store, int64_t id, struct session *ret) CC_MUST_CHECK;
enum cc_err sessions_touch(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/* Ends one of this operator's. Errors: CC_ERR_NOT_FOUND. */
enum cc_err sessions_end(struct store *store, int64_t operator_id, int64_t id) CC_MUST_CHECK;
/* Ends all of this operator's but one (0 = all). */
enum cc_err sessions_end_others(struct store *store, int64_t operator_id,
                                int64_t but_id) CC_MUST_CHECK;
/* An operator's live sessions, newest first. */
enum cc_err sessions_each(struct store *store, int64_t operator_id, int64_t now_ms,
                          void (*visit)(const struct session *, void *user),
                          void *user) CC_MUST_CHECK;

#endif
