/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/credentials.h"

#include "base/buf.h"
#include "store/citizens_row.h"
#include "store/rowtag.h"
#include "store/seal.h"

#include <string.h>

enum { SEALED_HASH = SECRET_PASSWORD_HASH_SIZE + SECRET_SEAL_OVERHEAD, BINDING_BYTES = 2 * 8 };

/* In the order of CREDENTIALS_TAGGED. */
enum {
    C_ID,
    C_CITIZEN,
    C_KIND,
    C_STATE,
    C_SECRET,
    C_MUST_CHANGE,
    C_EXPIRES,
    C_CREATED,
    C_CODE_PURPOSE,
    C_CODE_ID,
    C_CODE_TAG,
    C_CODE_SENT,
    C_CODE_TRIES,
    C_CODE_MESSAGE,
    C_CODE_CONTRAST
};

static const char secret_column[] = "credentials.secret";

static void make_binding(int64_t citizen_id, enum credential_kind kind, uint8_t ret[BINDING_BYTES])
{
    struct buf b;
    buf_init(&b, ret, BINDING_BYTES);
    buf_le64(&b, (uint64_t)citizen_id);
    buf_le64(&b, (uint64_t)kind);
}

int64_t credentials_owner(const struct store *store, const struct nif *nif)
{
    uint8_t nif_index[SECRET_TAG_BYTES];
    seal_nif_index(store, nif, nif_index);
    return citizen_row_id(nif_index);
}

void credentials_code_tag(const struct store *store, const struct credential *credential,
                          const char *digits, uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t owner[BINDING_BYTES + SECRET_TAG_BYTES + 8];
    struct buf b;
    /* without the person's id, which a change of the master key changes: the row's tag has it */
    make_binding(0, credential->kind, owner);
    buf_init(&b, owner, sizeof(owner));
    b.len = BINDING_BYTES;
    buf_put(&b, credential->code.id, SECRET_TAG_BYTES);
    buf_le64(&b, (uint64_t)credential->code.sent_ms);
    secret_tag(store->keys, SECRET_USE_VALIDATION, owner, sizeof(owner), digits, strlen(digits),
               ret);
}

static void read_plain(struct db_stmt *st, struct credential *ret)
{
    *ret = (struct credential){
        .id = db_column_int(st, C_ID),
        .citizen_id = db_column_int(st, C_CITIZEN),
        .kind = (enum credential_kind)db_column_int(st, C_KIND),
        .state = (enum credential_state)db_column_int(st, C_STATE),
        .must_change = db_column_int(st, C_MUST_CHANGE) != 0,
        .expires_ms = db_column_int(st, C_EXPIRES),
        .created_ms = db_column_int(st, C_CREATED),
        .code = {.purpose = (enum credential_purpose)db_column_int(st, C_CODE_PURPOSE),
                 .sent_ms = db_column_int(st, C_CODE_SENT),
                 .tries = db_column_int(st, C_CODE_TRIES),
                 .message_id = db_column_int(st, C_CODE_MESSAGE),
                 .with_contrast = db_column_int(st, C_CODE_CONTRAST) != 0},
    };
    seal_copy_tag(st, C_CODE_ID, ret->code.id);
    seal_copy_tag(st, C_CODE_TAG, ret->code.tag);
}

static enum cc_err open_secret(const struct store *store, struct db_stmt *st,
                               struct credential *credential)
{
    uint8_t binding[BINDING_BYTES];
    make_binding(credential->citizen_id, credential->kind, binding);
    return seal_open_fixed(store, st, C_SECRET, secret_column, binding, sizeof(binding),
                           credential->hash, sizeof(credential->hash));
}

static enum cc_err read_whole(struct store *store, struct db_stmt *st, struct credential *ret)
{
    struct credential read = {.id = 0};
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        read_plain(st, &read);
        err = rowtag_fits(store, ROWTAG_CREDENTIALS, st) ? open_secret(store, st, &read)
                                                         : CC_ERR_ALTERED;
    }
    err = db_finish_with(st, err);
    if (err == CC_OK)
        *ret = read;
    secret_wipe(&read, sizeof(read));
    return err;
}

enum cc_err credentials_find(struct store *store, int64_t citizen_id, enum credential_kind kind,
                             struct credential *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT " CREDENTIALS_TAGGED " FROM credentials"
                                             " WHERE citizen_id = $1 AND kind = $2");
    DB_BIND(st, 1, db_int(citizen_id), db_int(kind));
    return read_whole(store, st, ret);
}

/* $1 to $12, as both statements have them. */
static void bind_values(const struct store *store, struct db_stmt *st,
                        const struct credential *credential, uint8_t sealed[SEALED_HASH])
{
    const struct credential_code *code = &credential->code;
    bool has_code = code->purpose != CREDENTIAL_NO_CODE;
    uint8_t binding[BINDING_BYTES];
    make_binding(credential->citizen_id, credential->kind, binding);
    secret_seal(store->keys, secret_column, binding, sizeof(binding), credential->hash,
                sizeof(credential->hash), sealed);
    DB_BIND(st, 1, db_int(credential->state), db_blob(sealed, SEALED_HASH),
            db_int(credential->must_change), db_int(credential->expires_ms),
            db_int(credential->created_ms), db_int(code->purpose),
            has_code ? db_blob(code->id, SECRET_TAG_BYTES) : db_null(),
            has_code ? db_blob(code->tag, SECRET_TAG_BYTES) : db_null(), db_int(code->sent_ms),
            db_int(code->tries), db_int(code->message_id), db_int(code->with_contrast));
}

/* An upsert would leave the sum of the rows' tags with the tag of before: see rowtag.h. */
enum cc_err credentials_put(struct store *store, struct credential *credential)
{
    uint8_t sealed[SEALED_HASH];
    struct credential before;
    enum cc_err err = credentials_find(store, credential->citizen_id, credential->kind, &before);
    secret_wipe(before.hash, sizeof(before.hash));
    if (err == CC_OK) {
        credential->id = before.id;
        return credentials_update(store, credential);
    }
    if (err != CC_ERR_NOT_FOUND)
        return err;
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO credentials (state, secret, must_change, expires_ms,"
                            " created_ms, code_purpose, code_id, code_tag, code_sent_ms,"
                            " code_tries, code_message_id, code_contrast, citizen_id, kind)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
                            " RETURNING " CREDENTIALS_TAGGED);
    bind_values(store, st, credential, sealed);
    DB_BIND(st, 13, db_int(credential->citizen_id), db_int(credential->kind));
    return rowtag_run(store, ROWTAG_CREDENTIALS, st, &credential->id);
}

enum cc_err credentials_update(struct store *store, const struct credential *credential)
{
    uint8_t sealed[SEALED_HASH];
    struct db_stmt *st =
        db_query(store->db, "UPDATE credentials SET state = $1, secret = $2, must_change = $3,"
                            " expires_ms = $4, created_ms = $5, code_purpose = $6, code_id = $7,"
                            " code_tag = $8, code_sent_ms = $9, code_tries = $10,"
                            " code_message_id = $11, code_contrast = $12 WHERE id = $13"
                            " RETURNING " CREDENTIALS_TAGGED);
    bind_values(store, st, credential, sealed);
    db_bind_int(st, 13, credential->id);
    return rowtag_run(store, ROWTAG_CREDENTIALS, st, NULL);
}

enum cc_err credentials_delete_one(struct store *store, int64_t id)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM credentials WHERE id = $1 RETURNING row_tag");
    db_bind_int(st, 1, id);
    return rowtag_run_delete(store, ROWTAG_CREDENTIALS, st);
}

enum cc_err credentials_delete(struct store *store, int64_t citizen_id)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM credentials WHERE citizen_id = $1 RETURNING row_tag");
    db_bind_int(st, 1, citizen_id);
    return err_allow_absent(rowtag_run_delete(store, ROWTAG_CREDENTIALS, st));
}

enum cc_err credentials_each(struct store *store, enum credential_state state, int64_t after,
                             int64_t max, credentials_visit_fn visit, void *user, int64_t *ret_last)
{
    struct db_stmt *st = db_query(store->db, "SELECT " CREDENTIALS_TAGGED " FROM credentials"
                                             " WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3");
    int64_t count = 0, last = 0;
    DB_BIND(st, 1, db_int(state), db_int(after), db_int(max));
    for (; db_step(st); count++) {
        struct credential credential;
        read_plain(st, &credential);
        last = credential.id;
        if (rowtag_fits(store, ROWTAG_CREDENTIALS, st))
            visit(&credential, user);
    }
    *ret_last = count == max ? last : 0;
    return db_finish(st);
}
