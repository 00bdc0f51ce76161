/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/operators.h"

#include "base/utf8.h"
#include "store/meta.h"
#include "store/rowtag.h"
#include "store/seal.h"

#include <stdio.h>
#include <string.h>

enum {
    SEALED_HASH = OPERATOR_HASH_SIZE + SECRET_SEAL_OVERHEAD,
    SEALED_TOTP = TOTP_SECRET_BYTES + SECRET_SEAL_OVERHEAD,
    CODES_BYTES = OPERATOR_CODES * SECRET_TAG_BYTES,
};

/* In the order of OPERATORS_TAGGED. */
enum {
    C_ID,
    C_ROW_KEY,
    C_NAME,
    C_FOLDED,
    C_ROLE,
    C_ACTIVE,
    C_PASSWORD,
    C_LANGUAGE,
    C_TOTP_STATE,
    C_TOTP,
    C_TOTP_STEP,
    C_CODES,
    C_CREATED,
    C_CHANGED,
};

static const char password_column[] = "operators.password";
static const char totp_column[] = "operators.totp";

/* At its full size, as the other secret: the length tells nothing. */
static struct db_value seal_hash(const struct store *store, const struct operator_row *row,
                                 uint8_t sealed[SEALED_HASH])
{
    secret_seal(store->keys, password_column, row->row_key, SECRET_TAG_BYTES, row->hash,
                OPERATOR_HASH_SIZE, sealed);
    return db_blob(sealed, SEALED_HASH);
}

static struct db_value seal_totp(const struct store *store, const struct operator_row *row,
                                 uint8_t sealed[SEALED_TOTP])
{
    if (row->totp_state == TOTP_NONE)
        return db_null();
    secret_seal(store->keys, totp_column, row->row_key, SECRET_TAG_BYTES, row->totp,
                TOTP_SECRET_BYTES, sealed);
    return db_blob(sealed, SEALED_TOTP);
}

static enum cc_err open_column(const struct store *store, struct db_stmt *st, int column,
                               const char *where, const struct operator_row *row, void *out,
                               size_t size)
{
    if (column == C_TOTP && row->totp_state == TOTP_NONE)
        return CC_OK;
    return seal_open_fixed(store, st, column, where, row->row_key, SECRET_TAG_BYTES, out, size);
}

static void read_plain(struct store *store, struct db_stmt *st, struct operator_row *ret)
{
    size_t len = 0;
    *ret = (struct operator_row){
        .id = db_column_int(st, C_ID),
        .role = (enum role)db_column_int(st, C_ROLE),
        .is_active = db_column_int(st, C_ACTIVE) != 0,
        .totp_state = (enum totp_state)db_column_int(st, C_TOTP_STATE),
        .totp_step = db_column_int(st, C_TOTP_STEP),
        .created_ms = db_column_int(st, C_CREATED),
        .changed_ms = db_column_int(st, C_CHANGED),
        .is_altered = !rowtag_fits(store, ROWTAG_OPERATORS, st),
    };
    seal_copy_tag(st, C_ROW_KEY, ret->row_key);
    (void)snprintf(ret->name, sizeof(ret->name), "%s", db_column_text(st, C_NAME));
    (void)snprintf(ret->language, sizeof(ret->language), "%s", db_column_text(st, C_LANGUAGE));
    const void *codes = db_column_blob(st, C_CODES, &len);
    if (len == CODES_BYTES)
        memcpy(ret->codes, codes, len);
}

static enum cc_err read_whole(struct store *store, struct db_stmt *st, struct operator_row *ret)
{
    struct operator_row row;
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        read_plain(store, st, &row);
        err = row.is_altered ? CC_ERR_ALTERED : CC_OK;
        if (err == CC_OK)
            err = open_column(store, st, C_PASSWORD, password_column, &row, row.hash,
                              OPERATOR_HASH_SIZE);
        if (err == CC_OK)
            err = open_column(store, st, C_TOTP, totp_column, &row, row.totp, TOTP_SECRET_BYTES);
        if (err == CC_OK)
            *ret = row;
        secret_wipe(&row, sizeof(row));
    }
    return db_finish_with(st, err);
}

static enum cc_err count_rows(struct store *store, int64_t *ret)
{
    return db_run_int(db_query(store->db, "SELECT count(*) FROM operators"), ret);
}

bool operators_make_key(const char *name, char ret_key[OPERATOR_KEY_SIZE])
{
    char normal[OPERATOR_NAME_SIZE];
    return utf8_normalize_name(name, strlen(name), normal, sizeof(normal)) == CC_OK &&
           utf8_fold(normal, strlen(normal), ret_key, OPERATOR_KEY_SIZE) && ret_key[0] != '\0';
}

enum cc_err operators_insert(struct store *store, struct operator_row *row, int64_t now_ms)
{
    char name[OPERATOR_NAME_SIZE], folded[OPERATOR_KEY_SIZE];
    uint8_t hash[SEALED_HASH], totp[SEALED_TOTP];
    int64_t count = 0;
    if (utf8_normalize_key_name(row->name, name, sizeof(name)) != CC_OK ||
        !operators_make_key(name, folded))
        return CC_ERR_NAME_FORMAT;
    enum cc_err err = count_rows(store, &count);
    if (err != CC_OK || count >= OPERATORS_MAX)
        return err != CC_OK ? err : CC_ERR_TOO_MANY;
    memcpy(row->name, name, sizeof(name));
    secret_random(row->row_key, SECRET_TAG_BYTES);
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO operators (row_key, name, folded, role, active, password, language,"
                   " totp_state, totp_step, created_ms, changed_ms, totp)"
                   " VALUES ($1, $2, $3, $4, 1, $5, $6, 0, 0, $7, $8, $9)"
                   " ON CONFLICT DO NOTHING RETURNING " OPERATORS_TAGGED);
    DB_BIND(st, 1, db_blob(row->row_key, SECRET_TAG_BYTES), db_text(name), db_text(folded),
            db_int(row->role), seal_hash(store, row, hash), db_text(row->language), db_int(now_ms),
            db_int(now_ms), seal_totp(store, row, totp));
    err = rowtag_run(store, ROWTAG_OPERATORS, st, &row->id);
    return err == CC_ERR_NOT_FOUND ? CC_ERR_OPERATOR_EXISTS : err;
}

enum cc_err operators_find(struct store *store, const char *name, struct operator_row *ret)
{
    char folded[OPERATOR_KEY_SIZE];
    if (!operators_make_key(name, folded))
        return CC_ERR_NOT_FOUND;
    struct db_stmt *st =
        db_query(store->db, "SELECT " OPERATORS_TAGGED " FROM operators WHERE folded = $1");
    db_bind_text(st, 1, folded);
    return read_whole(store, st, ret);
}

enum cc_err operators_find_id(struct store *store, int64_t id, struct operator_row *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " OPERATORS_TAGGED " FROM operators WHERE id = $1");
    db_bind_int(st, 1, id);
    return read_whole(store, st, ret);
}

enum cc_err operators_update(struct store *store, const struct operator_row *row, int64_t now_ms)
{
    uint8_t hash[SEALED_HASH], totp[SEALED_TOTP];
    struct db_stmt *st =
        db_query(store->db, "UPDATE operators SET role = $1, active = $2, password = $3,"
                            " language = $4, totp_state = $5, totp = $6, totp_step = $7,"
                            " codes = $8, changed_ms = $9 WHERE id = $10"
                            " RETURNING " OPERATORS_TAGGED);
    DB_BIND(st, 1, db_int(row->role), db_int(row->is_active), seal_hash(store, row, hash),
            db_text(row->language), db_int(row->totp_state), seal_totp(store, row, totp),
            db_int(row->totp_step), db_blob(row->codes, CODES_BYTES), db_int(now_ms),
            db_int(row->id));
    return rowtag_run(store, ROWTAG_OPERATORS, st, NULL);
}

enum cc_err operators_each(struct store *store,
                           bool (*visit)(const struct operator_row *, void *user), void *user)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " OPERATORS_TAGGED " FROM operators ORDER BY folded");
    bool more = true;
    while (more && db_step(st)) {
        struct operator_row row;
        read_plain(store, st, &row);
        more = visit(&row, user);
    }
    return db_finish(st);
}

struct counts {
    int64_t active, admins;
};

static bool count_one(const struct operator_row *row, void *user)
{
    struct counts *counts = user;
    if (row->is_altered || !row->is_active)
        return true;
    counts->active++;
    counts->admins += row->role == ROLE_ADMINISTRADOR;
    return true;
}

enum cc_err operators_count(struct store *store, int64_t *ret_active, int64_t *ret_admins)
{
    struct counts counts = {0};
    enum cc_err err = operators_each(store, count_one, &counts);
    if (err != CC_OK)
        return err;
    *ret_active = counts.active;
    *ret_admins = counts.admins;
    return CC_OK;
}

static void tag_setup(const struct store *store, const char *token, uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_SETUP, token, strlen(token), NULL, 0, out);
}

static const char setup_name[] = "setup_link";

enum cc_err operators_make_setup(struct store *store, int64_t expires_ms,
                                 char ret_token[SETUP_TOKEN_SIZE])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz";
    uint8_t tag[SECRET_TAG_BYTES];
    for (size_t i = 0; i < SETUP_TOKEN_CHARS; i++)
        ret_token[i] = letters[secret_random_below(sizeof(letters) - 1)];
    ret_token[SETUP_TOKEN_CHARS] = '\0';
    tag_setup(store, ret_token, tag);
    return meta_write(store, setup_name, expires_ms, tag);
}

enum cc_err operators_end_setup(struct store *store)
{
    static const uint8_t none[SECRET_TAG_BYTES];
    return meta_write(store, setup_name, 0, none);
}

enum cc_err operators_check_setup(struct store *store, const char *token, int64_t now_ms)
{
    uint8_t given[SECRET_TAG_BYTES];
    struct meta_row link;
    tag_setup(store, token, given);
    enum cc_err err = meta_read(store, setup_name, &link);
    if (err != CC_OK)
        return err;
    return secret_tag_equal(link.tag, given) && now_ms < link.number ? CC_OK : CC_ERR_SETUP_LINK;
}
