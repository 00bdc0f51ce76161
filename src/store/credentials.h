/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The secrets that persons are known by, one of each kind and person: the Argon2id string sealed,
 * and the code by SMS that goes with it as a tag. The row is found by the NIF, whose owner need not
 * be registered yet.
 */
#ifndef CC_STORE_CREDENTIALS_H
#define CC_STORE_CREDENTIALS_H

#include "base/secret_password.h"
#include "domain/credential.h"
#include "domain/nif.h"
#include "store/store.h"

enum { CREDENTIAL_CODE_ID_SIZE = 2 * SECRET_TAG_BYTES + 1 };

/* The code that was sent last. */
struct credential_code {
    enum credential_purpose purpose;
    uint8_t id[SECRET_TAG_BYTES]; /* random; its digits and its public ids are made of it */
    uint8_t tag[SECRET_TAG_BYTES];
    int64_t sent_ms; /* 0 = never */
    int64_t tries;   /* wrong ones */
    int64_t message_id;
    bool with_contrast; /* the right one came with the call that asked for it */
};

struct credential {
    int64_t id;
    int64_t citizen_id; /* as that of the person: made of the NIF */
    enum credential_kind kind;
    enum credential_state state;
    char hash[SECRET_PASSWORD_HASH_SIZE];
    bool must_change;
    int64_t expires_ms; /* 0 = it does not */
    int64_t created_ms; /* of this secret: another one, another instant */
    struct credential_code code;
};
CC_WIPER(credential)

/* Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED (its tag does not fit), CC_ERR_CORRUPT. Owns: the caller
 * wipes *ret. */
enum cc_err credentials_find(struct store *store, int64_t citizen_id, enum credential_kind kind,
                             struct credential *ret) CC_MUST_CHECK;
/* Writes the secret of this person and kind over the one of before. ret->id is set. */
enum cc_err credentials_put(struct store *store, struct credential *credential) CC_MUST_CHECK;
/* Writes all of a row that was found in this transaction. Errors: CC_ERR_NOT_FOUND. */
enum cc_err credentials_update(struct store *store,
                               const struct credential *credential) CC_MUST_CHECK;
/* Errors: CC_ERR_NOT_FOUND. */
enum cc_err credentials_delete_one(struct store *store, int64_t id) CC_MUST_CHECK;
/* All of a person. */
enum cc_err credentials_delete(struct store *store, int64_t citizen_id) CC_MUST_CHECK;
/* The rows of a state behind `after`, oldest first; *ret_last is the last id, 0 when there are no
 * more. Without their hash. */
typedef void (*credentials_visit_fn)(const struct credential *credential, void *user);
enum cc_err credentials_each(struct store *store, enum credential_state state, int64_t after,
                             int64_t max, credentials_visit_fn visit, void *user,
                             int64_t *ret_last) CC_MUST_CHECK;

/* The row id of the person with this NIF, registered or not. */
int64_t credentials_owner(const struct store *store, const struct nif *nif);
/* The tag of a code: another one for each row and each sending. */
void credentials_code_tag(const struct store *store, const struct credential *credential,
                          const char *digits, uint8_t ret[SECRET_TAG_BYTES]);

#endif
