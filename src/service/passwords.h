/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Passwords hashed and compared outside the loop: by a child, one at a time,
 * and a short queue behind it. A child that the system ends for want of memory takes nothing else
 * with it.
 */
#ifndef CC_SERVICE_PASSWORDS_H
#define CC_SERVICE_PASSWORDS_H

#include "base/loop.h"
#include "base/secret.h"
#include "base/secret_password.h"

struct passwords;

enum {
    PASSWORDS_QUEUE = 8, /* jobs that wait behind the one that runs */
    /* Places more for those that are known, who go before the others: strangers at many addresses
       may keep the others full for as long as they like. */
    PASSWORDS_KEPT = 4,
    PASSWORDS_EACH = 2, /* guesses at one subject that are taken at once */
    PASSWORDS_NEW = 4,  /* new ones of strangers, likewise */
};

/*
 * From the loop, once for each job that was taken. err: CC_OK; CC_ERR_LOGIN (it is not the
 * password); CC_ERR_MEMORY (the child could not do it); CC_ERR_LOGIN_BUSY (nor in a minute);
 * CC_ERR_SHUTTING_DOWN. hash: of passwords_hash(); of a right password whose hash is of another
 * cost than that of now, the one to keep in its place; else "". Valid during the call.
 */
typedef void (*password_fn)(enum cc_err err, const char *hash, void *user);

/* Ends the program without memory: at its start only. */
struct passwords *passwords_new(struct loop *loop);
/*
 * From now on hashes at a cost of its own, about wanted_ms on this box and a sixteenth of its
 * memory at most, which is measured before the next job; a comparison then never takes less time
 * than one at that cost. A second call does nothing. It is not called: the interactive cost of
 * libsodium.
 */
void passwords_measure(struct passwords *passwords, int64_t wanted_ms);
/* Takes NULL. No job may wait: passwords_stop(). */
void passwords_free(struct passwords *passwords);
/* password: normalised (domain/password.h); it is copied, and wiped. is_known: asked for by a
 * person who has been let in, takes a kept place too; those of strangers leave places for who
 * enters. Errors: CC_ERR_LOGIN_BUSY. */
enum cc_err passwords_hash(struct passwords *passwords, const char *password, bool is_known,
                           password_fn fn, void *user) CC_MUST_CHECK;
/* hash: NULL stands for nobody's, and takes the same time. is_known: as above. Errors:
 * CC_ERR_LOGIN_BUSY. */
enum cc_err passwords_compare(struct passwords *passwords, const char *hash, const char *password,
                              bool is_known, password_fn fn, void *user) CC_MUST_CHECK;
/* A comparison by a stranger at this subject: guesses at one subject without pause leave places
 * for the others. Errors: CC_ERR_LOGIN_BUSY, for the subject alone too. */
enum cc_err passwords_compare_of(struct passwords *passwords, int64_t subject, const char *hash,
                                 const char *password, password_fn fn, void *user) CC_MUST_CHECK;
/* Answers all that wait with CC_ERR_SHUTTING_DOWN, and takes no more. */
void passwords_stop(struct passwords *passwords);

#endif
