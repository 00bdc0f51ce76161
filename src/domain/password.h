/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rules for the passwords of people: 12 to 1024 characters, of which something is left when common
 * words, what is known of the person, short numbers and signs are taken out. Pure. Source: NIST SP
 * 800-63B 5.1.1.2: length and a list of common ones, no rules of composition.
 */
#ifndef CC_DOMAIN_PASSWORD_H
#define CC_DOMAIN_PASSWORD_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    PASSWORD_LEAST = 12,
    PASSWORD_MOST = 1024,
    PASSWORD_SIZE = 4 * PASSWORD_MOST + 1,
    PASSWORD_OWN_MAX = 6
};

/* Words that are no secret of this person: names, NIF, telephone; NULL behind the last one. */
struct password_own {
    const char *words[PASSWORD_OWN_MAX];
};

/* The form in which a password is hashed and compared: NFC. Owns: the caller wipes out. Errors:
 * CC_ERR_PASSWORD_FORMAT (too long, empty, invalid UTF-8, or characters that show nothing). */
enum cc_err password_normalize(const char *text, size_t len, char out[PASSWORD_SIZE]) CC_MUST_CHECK;
/* password: normalised. Errors: CC_ERR_PASSWORD_SHORT, CC_ERR_PASSWORD_COMMON. */
enum cc_err password_check(const char *password, const struct password_own *own) CC_MUST_CHECK;

/*
 * The cost at which a password is hashed here, as passes over so much memory: about wanted_us where
 * one pass over PASSWORD_COST_KIB takes pass_us, and up to two thirds more; never more than
 * memory_kib, nor less than OWASP's least (19 MiB, of which two passes are as good as one of 46).
 * Units: KiB.
 */
enum { PASSWORD_COST_KIB = 64 * 1024 };
struct password_cost {
    int64_t passes, kib;
};
struct password_cost password_choose_cost(int64_t pass_us, int64_t memory_kib, int64_t wanted_us);

#endif
