/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entry by a secret that the person keeps (seeds 002 to 004): the secret is compared outside the
 * loop, at the same cost for every NIF, and where the method says so a code by SMS follows. A
 * failure is counted before the comparison, so that no number of guesses at once passes the limit,
 * and taken back when it was none.
 */
#ifndef CC_SERVICE_ENTRY_H
#define CC_SERVICE_ENTRY_H

#include "domain/method.h"
#include "service/passwords.h"
#include "service/verify.h"
#include "store/credentials.h"

/* At the start: measures the cost of a hash, if the town admits a method that has one. */
void entry_prepare(struct service *service);

/* A call that waits for its comparison or hash. Wiped by its owner. */
struct entry_job {
    struct service *service;
    int64_t failure_id; /* counted until the comparison is done */
    int64_t created_ms; /* of the secret that is compared */
    bool is_compared;   /* else with nobody's: the answer is a refusal */
    bool is_right;
    bool with_contrast;                   /* the right one */
    char hash[SECRET_PASSWORD_HASH_SIZE]; /* of a new secret, or in place of the one compared */
    char drawn[CREDENTIAL_KEY_SIZE];      /* new secret that the box has drawn */
    void (*done)(enum cc_err err, void *user);
    void *user;
};

struct entry_input {
    struct nif nif;
    enum method method;
    const char *secret; /* as it was typed, secret_len bytes */
    size_t secret_len;
    struct contraste contrast;       /* "" = not given */
    const struct address_keys *from; /* the end user; empty keys = not given, or not counted */
    const struct caller *caller;
    const char *address;        /* of the end user, as it was given; NULL = not given */
    const char *client_address; /* of who calls; NULL = not known */
};
CC_WIPER(entry_input)

struct entry_output {
    bool correct;       /* entered: verdict is set */
    enum method method; /* by which */
    bool needs_code;    /* the secret was right, and a code is on its way */
    struct verify_output verdict;
    char id[CREDENTIAL_CODE_ID_SIZE]; /* to give the code with */
    int64_t resend_from_ms, expires_ms;
};
CC_WIPER(entry_output)

/*
 * Begins the comparison; job->done is called with CC_OK, for either result, or with what the box
 * lacks. Outside a turn. Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_RATE_LIMITED (by address;
 * *ret_wait_s), CC_ERR_LOGIN_BUSY, CC_ERR_DB.
 */
enum cc_err entry_begin(struct service *service, struct entry_job *job,
                        const struct entry_input *input, int64_t *ret_wait_s) CC_MUST_CHECK;
/* After job->done: enters, sends the code or refuses. Inside a turn. Errors: CC_ERR_DB, those of
 * text_render(). */
enum cc_err entry_finish(struct service *service, const struct entry_job *job,
                         const struct entry_input *input, int64_t now_ms,
                         struct entry_output *ret) CC_MUST_CHECK;
/* In place of entry_finish(), where an answer of before is given again. Inside a turn. */
enum cc_err entry_abandon(struct service *service, const struct entry_job *job) CC_MUST_CHECK;

struct entry_secret {
    const char *text; /* as it was typed */
    size_t len;
    const struct address_keys *from; /* of a person who has proven nothing yet; NULL = of staff */
};

/*
 * Judges a new secret and hashes it into job->hash; a person's waits its turn behind those who
 * enter, and counts as a request of the address. Outside a turn. Errors: CC_ERR_PASSWORD_…,
 * CC_ERR_LOGIN_BUSY, CC_ERR_RATE_LIMITED (*ret_wait_s), CC_ERR_DB.
 */
enum cc_err entry_begin_hash(struct service *service, struct entry_job *job,
                             const struct entry_secret *secret, int64_t *ret_wait_s) CC_MUST_CHECK;
/* Whether a new secret is made of what is known of the person. Errors: CC_ERR_PASSWORD_COMMON. */
enum cc_err entry_check_own(const struct citizen *person, const char *secret,
                            size_t len) CC_MUST_CHECK;

struct entry_proof {
    const char *id; /* of entry_output */
    const char *digits;
    const char *new_secret; /* new_len bytes, whose hash is `hash`; NULL = it stays */
    size_t new_len;
    const char *hash;
};

/*
 * The code by SMS, and with it the entry, or the new secret, or both; after a recovery a new secret
 * must be given. Inside a turn. Errors: CC_ERR_PASSWORD_COMMON (the code is not used up),
 * CC_ERR_FIELD_MISSING (likewise: a new secret must be given), CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB.
 */
enum cc_err entry_prove(struct service *service, const struct entry_input *input,
                        const struct entry_proof *proof, int64_t now_ms,
                        struct entry_output *ret) CC_MUST_CHECK;
/* Counts a refusal, aggregated, for the audit trail. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err entry_refuse(struct service *service, const struct entry_input *input,
                         int64_t now_ms) CC_MUST_CHECK;
/* Whether the person may still enter as an answer of before said, by a secret of this kind;
 * CREDENTIAL_NONE = of any. Reads only. Inside a turn. */
enum cc_err entry_still_holds(struct service *service, const struct nif *nif,
                              enum credential_kind kind, int64_t now_ms, bool *ret) CC_MUST_CHECK;

#endif
