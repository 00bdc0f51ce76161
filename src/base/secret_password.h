/* SPDX-License-Identifier: EUPL-1.2 */
/* Passwords as Argon2id keeps them, at a cost that the caller chooses. */
#ifndef CC_BASE_SECRET_PASSWORD_H
#define CC_BASE_SECRET_PASSWORD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { SECRET_PASSWORD_HASH_SIZE = 128 };

/* Cost of an Argon2id: how often it goes over how much memory. */
struct secret_cost {
    int64_t passes, kib;
};

/* libsodium's INTERACTIVE limits: a tenth of a second, 64 MiB. */
extern const struct secret_cost secret_cost_interactive;

/*
 * Argon2id of a password as one text with its parameters and salt, and whether a password is that
 * of a hash. Time: what it costs, a tenth of a second and more; never in the loop, see
 * service/passwords.h. False: no memory, or it does not fit. Source: RFC 9106.
 */
bool secret_hash_password(const char *password, const struct secret_cost *cost,
                          char out[SECRET_PASSWORD_HASH_SIZE]) CC_MUST_CHECK;
bool secret_password_fits(const char *hash, const char *password) CC_MUST_CHECK;
/* Whether a hash was made at this cost. */
bool secret_hash_costs(const char *hash, const struct secret_cost *cost);

#endif
