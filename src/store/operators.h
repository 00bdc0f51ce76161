/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The people who log in: name, role, the Argon2id string of their password, and the one-time codes
 * of their telephone if they have enrolled one. Password and one-time secret are sealed, recovery
 * codes are tags, and the row carries its tag (rowtag.h). Also the link of the first start.
 */
#ifndef CC_STORE_OPERATORS_H
#define CC_STORE_OPERATORS_H

#include "domain/roles.h"
#include "domain/totp.h"
#include "store/store.h"

enum {
    OPERATOR_NAME_SIZE = 65,
    OPERATOR_HASH_SIZE = 128, /* crypto_pwhash_STRBYTES */
    OPERATOR_KEY_SIZE = 4 * OPERATOR_NAME_SIZE,
    OPERATOR_LANGUAGE_SIZE = 3,
    OPERATOR_CODES = 10,
    OPERATORS_MAX = 500,
};

enum totp_state { TOTP_NONE, TOTP_PENDING, TOTP_ACTIVE };

struct operator_row {
    int64_t id;
    uint8_t row_key[SECRET_TAG_BYTES];
    char name[OPERATOR_NAME_SIZE];
    enum role role;
    bool is_active;
    char hash[OPERATOR_HASH_SIZE];
    char language[OPERATOR_LANGUAGE_SIZE]; /* "" = the browser's */
    enum totp_state totp_state;
    uint8_t totp[TOTP_SECRET_BYTES];
    int64_t totp_step;                               /* the last one that was used */
    uint8_t codes[OPERATOR_CODES][SECRET_TAG_BYTES]; /* zeros = used or none */
    int64_t created_ms, changed_ms;
    bool is_altered; /* its tag does not fit: nothing in it is to be believed */
};
CC_WIPER(operator_row)

/* The form under which a name is looked for, the same for all its spellings (case, accents,
 * spaces); false when no operator can have the name. */
bool operators_make_key(const char *name, char ret_key[OPERATOR_KEY_SIZE]);
/* Writes a new row: name, role, hash and language of it. Errors: CC_ERR_NAME_FORMAT,
 * CC_ERR_OPERATOR_EXISTS (in any case, with or without accents), CC_ERR_TOO_MANY. */
enum cc_err operators_insert(struct store *store, struct operator_row *row,
                             int64_t now_ms) CC_MUST_CHECK;
/* By name, in any case, or by id. Owns: the caller wipes *ret. Errors: CC_ERR_NOT_FOUND,
 * CC_ERR_ALTERED, CC_ERR_CORRUPT. */
enum cc_err operators_find(struct store *store, const char *name,
                           struct operator_row *ret) CC_MUST_CHECK;
enum cc_err operators_find_id(struct store *store, int64_t id,
                              struct operator_row *ret) CC_MUST_CHECK;
/* Writes all that may change of a row that was found in this transaction. */
enum cc_err operators_update(struct store *store, const struct operator_row *row,
                             int64_t now_ms) CC_MUST_CHECK;
/* All of them by name, without hash and secrets; visit returns false to stop. */
enum cc_err operators_each(struct store *store,
                           bool (*visit)(const struct operator_row *, void *user),
                           void *user) CC_MUST_CHECK;
/* How many active operators there are, and of them administrators. */
enum cc_err operators_count(struct store *store, int64_t *ret_active,
                            int64_t *ret_admins) CC_MUST_CHECK;

/* 24 letters, 110 bits: short enough for a person to type, and for the log to show. */
enum { SETUP_TOKEN_CHARS = 24, SETUP_TOKEN_SIZE = SETUP_TOKEN_CHARS + 1 };

/* Draws the token of a new set-up link, which replaces the one before. */
enum cc_err operators_make_setup(struct store *store, int64_t expires_ms,
                                 char ret_token[SETUP_TOKEN_SIZE]) CC_MUST_CHECK;
/* Whether token is the set-up link's, and still valid. Errors: CC_ERR_SETUP_LINK. */
enum cc_err operators_check_setup(struct store *store, const char *token,
                                  int64_t now_ms) CC_MUST_CHECK;
/* Ends the link. */
enum cc_err operators_end_setup(struct store *store) CC_MUST_CHECK;

#endif
