/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * People who log in: passwords and codes, sessions, the first account, and what an administrator
 * does to the accounts. All of it is audited. What writes runs in a turn.
 */
#ifndef CC_SERVICE_PEOPLE_H
#define CC_SERVICE_PEOPLE_H

#include "domain/throttle.h"
#include "service/passwords.h"
#include "service/service.h"
#include "store/operators.h"
#include "store/sessions.h"

struct people;
struct caller;

enum {
    PEOPLE_NONCE_CHARS = 22,
    PEOPLE_MARK_SIZE = PEOPLE_NONCE_CHARS + 2 * SECRET_TAG_BYTES + 1,
    PEOPLE_URL_SIZE = 288, /* scheme, name and port */
    PEOPLE_LINK_SIZE = PEOPLE_URL_SIZE + 80
};

/* Ends the program without memory: at its start only. */
struct people *people_new(struct service *service);
/* Takes NULL. */
void people_free(struct people *people);
/* The queue for the passwords of citizens, apart from that of staff and at a cost of its own. */
struct passwords *people_citizens_queue(struct people *people);
/* Before the end: answers all jobs that wait for a password, and any later one, with
 * CC_ERR_SHUTTING_DOWN. */
void people_stop(struct people *people);
/* For the configuration: where the pages are reached, "http://127.0.0.1:8024". */
void people_set_address(struct people *people, const char *url);
/* Prints a set-up link where there is no active operator yet. */
enum cc_err people_greet(struct people *people, int64_t now_ms) CC_MUST_CHECK;

/* A request that waits for a password. Wiped by its owner. */
struct people_job {
    struct people *people;
    struct throttle_who who;
    int64_t operator_id;                  /* 0 = nobody of that name */
    char code[16];                        /* one-time or recovery code; "" = none */
    char mark[PEOPLE_MARK_SIZE];          /* of the browser, from a log-in before; "" = none */
    char hash[SECRET_PASSWORD_HASH_SIZE]; /* of people_begin_hash() */
    char address[SESSION_ADDRESS_SIZE];   /* the caller's; "" = not known */
    void (*done)(enum cc_err err, void *user);
    void *user;
};

struct people_entry {
    const char *name, *password, *code; /* code: NULL = none */
};

/*
 * Compares name, password and code outside the loop; job->done is called with CC_OK, CC_ERR_LOGIN
 * (audited) or what the box lacks. Errors: CC_ERR_RATE_LIMITED (*ret_wait_s), CC_ERR_LOGIN_BUSY.
 */
enum cc_err people_begin_login(struct people *people, struct people_job *job,
                               const struct people_entry *entry, int64_t *ret_wait_s) CC_MUST_CHECK;
/* After CC_OK: opens the session. Owns: the caller wipes ret_token. */
enum cc_err people_open_session(struct people *people, const struct people_job *job, int64_t now_ms,
                                char ret_token[SESSION_TOKEN_SIZE]) CC_MUST_CHECK;
/*
 * A mark for the browser by which the person of this job has logged in: with it no wait of others
 * holds up its next log-in (domain/throttle.h), and a place is kept for it in the queue of the
 * passwords. Good for this name.
 */
void people_make_mark(const struct people *people, const struct people_job *job,
                      char ret_mark[PEOPLE_MARK_SIZE]);
/* Judges a new password and hashes it outside the loop, into job->hash. Errors:
 * CC_ERR_PASSWORD_…, CC_ERR_LOGIN_BUSY. */
enum cc_err people_begin_hash(struct people *people, struct people_job *job, const char *name,
                              const char *password) CC_MUST_CHECK;

/* The caller behind a session's cookie. Errors: CC_ERR_UNAUTHENTICATED. */
enum cc_err people_find_session(struct people *people, const char *token, size_t len,
                                int64_t now_ms, struct caller *ret) CC_MUST_CHECK;

/*
 * Whether the caller's session goes on with the scopes that it had; does not count as its use.
 * Errors: CC_ERR_UNAUTHENTICATED.
 */
enum cc_err people_check_session(struct people *people, const struct caller *caller,
                                 int64_t now_ms) CC_MUST_CHECK;
/* The account of a session's caller, with its session. */
enum cc_err people_find_own(struct people *people, const struct caller *caller,
                            struct operator_row *ret) CC_MUST_CHECK;
enum cc_err people_set_language(struct people *people, const struct caller *caller,
                                const char *language, int64_t now_ms) CC_MUST_CHECK;
/* id 0 = the caller's own session. Errors: CC_ERR_NOT_FOUND. */
enum cc_err people_end_session(struct people *people, const struct caller *caller, int64_t id,
                               int64_t now_ms) CC_MUST_CHECK;

enum { PEOPLE_CODE_SIZE = 12 };

/*
 * Before another one-time secret is drawn: an account that has one must give a code of it, so that
 * a session alone, left open somewhere, does not take the second proof off. Outside a turn. Errors:
 * CC_ERR_TOTP_CODE (audited), CC_ERR_RATE_LIMITED (*ret_wait_s).
 */
enum cc_err people_prove_totp(struct people *people, const struct caller *caller, const char *code,
                              int64_t now_ms, int64_t *ret_wait_s) CC_MUST_CHECK;
/* Draws a one-time secret, which counts once a code of it is given. Code: as above, taken now. */
enum cc_err people_start_totp(struct people *people, const struct caller *caller, const char *code,
                              int64_t now_ms, char ret_secret[TOTP_TEXT_SIZE]) CC_MUST_CHECK;
/* ret_codes: "ABCDE-FGHIJ", each good for one log-in, shown once. Errors: CC_ERR_TOTP_CODE. */
enum cc_err people_confirm_totp(struct people *people, const struct caller *caller,
                                const char *code, int64_t now_ms,
                                char ret_codes[OPERATOR_CODES][PEOPLE_CODE_SIZE]) CC_MUST_CHECK;

/* A new set-up link, good for an hour and once. */
enum cc_err people_make_link(struct people *people, const struct caller *caller, int64_t now_ms,
                             char ret_link[PEOPLE_LINK_SIZE],
                             int64_t *ret_expires_ms) CC_MUST_CHECK;
/* The first account, an administrator's, by the token of the link. Errors: CC_ERR_SETUP_LINK. */
enum cc_err people_create_first(struct people *people, const struct caller *caller,
                                const char *token, const char *name, const char *hash,
                                int64_t now_ms) CC_MUST_CHECK;
enum cc_err people_create(struct people *people, const struct caller *caller, const char *name,
                          enum role role, const char *hash, int64_t now_ms) CC_MUST_CHECK;

/* Changes of an account; they end its sessions but for the caller's own. */
struct people_change {
    enum role role;   /* ROLE_NONE = as it is */
    const char *hash; /* a new password's; NULL = as it is. It takes the one-time codes off too */
    int active;       /* 0 or 1; -1 = as it is */
};
/* Errors: CC_ERR_NOT_FOUND, CC_ERR_LAST_ADMIN. */
enum cc_err people_change(struct people *people, const struct caller *caller, const char *name,
                          const struct people_change *change, int64_t now_ms) CC_MUST_CHECK;

/* As operators_each(), sessions_each() and operators_check_setup() of the store. */
enum cc_err people_list_operators(struct service *service,
                                  bool (*visit)(const struct operator_row *, void *user),
                                  void *user) CC_MUST_CHECK;
enum cc_err people_list_sessions(struct service *service, int64_t operator_id, int64_t now_ms,
                                 void (*visit)(const struct session *, void *user),
                                 void *user) CC_MUST_CHECK;
enum cc_err people_check_setup(struct service *service, const char *token,
                               int64_t now_ms) CC_MUST_CHECK;

#endif
