/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Secrets that a person is known by for longer than a day (seeds 002 to 004): their kinds, their
 * states, and the rules of guessing and of the codes that go with them. Pure.
 */
#ifndef CC_DOMAIN_CREDENTIAL_H
#define CC_DOMAIN_CREDENTIAL_H

#include "base/err.h"
#include "domain/limits_values.h"

#include <stdbool.h>
#include <stdint.h>

/* Stored: append only. */
enum credential_kind {
    CREDENTIAL_NONE,
    CREDENTIAL_PASSWORD, /* chosen by the person (seed 002) */
    CREDENTIAL_TOWN_KEY, /* drawn by the box and mailed (seeds 003, 004), until it is changed */
    CREDENTIAL_KINDS
};

/* Stored: append only. */
enum credential_state {
    CREDENTIAL_PENDING, /* dado de alta pero sin autorizar: staff have not seen the document */
    CREDENTIAL_ACTIVE,
    CREDENTIAL_STATES
};

/* Purposes of a code by SMS. Stored: append only. */
enum credential_purpose {
    CREDENTIAL_NO_CODE,
    CREDENTIAL_ENTRY,    /* the second factor of an entry, and of a change */
    CREDENTIAL_RECOVERY, /* a new secret, in place of one that is forgotten */
    CREDENTIAL_PURPOSES
};

enum {
    CREDENTIAL_CODE_DIGITS = 6,
    CREDENTIAL_CODE_TRIES = 3,
    CREDENTIAL_CODE_LIFE_MS = 10 * 60 * 1000,
    CREDENTIAL_CODE_GAP_MS = 60 * 1000, /* before another one is sent */
    CREDENTIAL_KEY_LETTERS = 30,        /* 58 bits in 12 characters */
    CREDENTIAL_KEY_CHARS = 12,
    CREDENTIAL_KEY_SIZE = CREDENTIAL_KEY_CHARS + 3,
};
/* Until when a clave of the town must have been used, and changed (seed 004). */
#define CREDENTIAL_KEY_LIFE_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

/* Compared failures of 24 h: without the contrast datum, and with the right one. */
struct credential_failures {
    int64_t open, with_contrast;
};

/*
 * Whether one more guess is compared. What a stranger uses up, the owner passes by with the
 * contrast datum, which has a budget of its own (DOMAIN 5).
 */
bool credential_compares(const struct limits_per_citizen *limits,
                         const struct credential_failures *counted, bool has_contrast);
/* Whether a code that was sent then, with so many wrong tries, is compared. */
bool credential_code_is_alive(enum credential_purpose purpose, int64_t sent_ms, int64_t tries,
                              int64_t now_ms);

const char *credential_kind_token(enum credential_kind kind); /* "contrasena", … */
/* Errors: CC_ERR_RANGE. */
enum cc_err credential_parse_kind(const char *token, enum credential_kind *ret) CC_MUST_CHECK;
/* Whether it names a document by which staff may have identified the person: "dni", "nie",
 * "pasaporte", "permiso_conducir", "otro". */
bool credential_is_document(const char *token);
/* "k7mq-3xvd-9tfw", of numbers below CREDENTIAL_KEY_LETTERS: no letter of it is taken for another.
 */
void credential_write_key(const uint32_t numbers[CREDENTIAL_KEY_CHARS],
                          char ret[CREDENTIAL_KEY_SIZE]);
const char *credential_state_token(enum credential_state state); /* "sin_autorizar", "activa" */

#endif
