/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/key_check.h"

#include "base/buf.h"
#include "base/secret_old.h"
#include "store/rowtag.h"
#include "store/schema.h"
#include "store/seal.h"

#include <string.h>

/* ---- the keys of before --------------------------------------------------------------------- */

enum { SEALED_BYTES = SECRET_KEPT_BYTES + SECRET_SEAL_OVERHEAD };

static const char sealed_column[] = "old_keys.sealed";

static enum cc_err take_old_key(struct store *store, struct db_stmt *st)
{
    uint8_t binding[SEAL_ROW_BYTES], kept[SECRET_KEPT_BYTES];
    seal_make_row(db_column_int(st, 0), db_column_int(st, 1), binding);
    if (db_column_int(st, 0) != (int64_t)secret_keys_generation(store->keys) ||
        seal_open_fixed(store, st, 2, sealed_column, binding, sizeof binding, kept, sizeof kept) !=
            CC_OK)
        return CC_ERR_KEY_WRONG;
    enum cc_err err = secret_keys_add_old(store->keys, kept);
    secret_wipe(kept, sizeof kept);
    return err;
}

/* Adds the keys of before to store->keys; there are none in a database from before them. */
static enum cc_err load_old_keys(struct store *store)
{
    enum cc_err err = CC_OK;
    if (store->keys == NULL || db_user_version(store->db) < SCHEMA_OLD_KEYS)
        return CC_OK;
    struct db_stmt *st =
        db_query(store->db, "SELECT number, ended_ms, sealed FROM old_keys ORDER BY number");
    while (err == CC_OK && db_step(st))
        err = take_old_key(store, st);
    return db_finish_with(st, err);
}

static enum cc_err write_old_key(struct store *to, int64_t number, int64_t ended_ms,
                                 const uint8_t kept[SECRET_KEPT_BYTES])
{
    uint8_t binding[SEAL_ROW_BYTES], sealed[SEALED_BYTES];
    seal_make_row(number, ended_ms, binding);
    secret_seal(to->keys, sealed_column, binding, sizeof binding, kept, SECRET_KEPT_BYTES, sealed);
    struct db_stmt *st =
        db_query(to->db, "INSERT INTO old_keys (number, ended_ms, sealed) VALUES ($1, $2, $3)");
    DB_BIND(st, 1, db_int(number), db_int(ended_ms), db_blob(sealed, sizeof sealed));
    return db_run(st);
}

static enum cc_err find_end(struct store *from, int64_t number, int64_t now_ms, int64_t *ret_ms)
{
    struct db_stmt *st = db_query(from->db, "SELECT ended_ms FROM old_keys WHERE number = $1");
    db_bind_int(st, 1, number);
    *ret_ms = now_ms; /* the newest ends now */
    return err_allow_absent(db_run_int(st, ret_ms));
}

enum cc_err key_check_write_old(struct store *to, struct store *from, int64_t now_ms)
{
    uint8_t kept[SECRET_KEPT_BYTES];
    enum cc_err err = CC_OK;
    size_t count = secret_keys_generation(from->keys) + 1;
    for (size_t i = 0; i < count && err == CC_OK; i++) {
        int64_t ended_ms = 0;
        secret_keys_keep(from->keys, i, kept);
        err = find_end(from, (int64_t)i, now_ms, &ended_ms);
        if (err == CC_OK)
            err = write_old_key(to, (int64_t)i, ended_ms, kept);
        if (err == CC_OK)
            err = secret_keys_add_old(to->keys, kept);
    }
    secret_wipe(kept, sizeof kept);
    return err;
}

/* ---- the proof ------------------------------------------------------------------------------ */

/* Covers how many keys there were before it: without one of them, tags would find nothing. */
static void key_check_tag(const struct store *store, uint8_t out[SECRET_TAG_BYTES])
{
    static const char text[] = "contraclaved";
    uint8_t generation = (uint8_t)secret_keys_generation(store->keys);
    secret_tag(store->keys, SECRET_USE_CHECK, text, sizeof text - 1, &generation, generation > 0,
               out);
}

static enum cc_err compare_key(struct store *store)
{
    uint8_t stored[SECRET_TAG_BYTES], expected[SECRET_TAG_BYTES];
    key_check_tag(store, expected);
    enum cc_err err = seal_run_tag(
        db_query(store->db, "SELECT bytes FROM meta WHERE name = 'key_check'"), stored);
    bool is_wrong = err == CC_OK && !secret_tag_equal(stored, expected);
    return is_wrong || err == CC_ERR_NOT_FOUND ? CC_ERR_KEY_WRONG : err;
}

enum cc_err key_check_compare(struct store *store)
{
    enum cc_err err = load_old_keys(store);
    return err == CC_OK ? compare_key(store) : err;
}

enum cc_err key_check_write(struct store *store, bool *ret_is_new)
{
    uint8_t tag[SECRET_TAG_BYTES];
    key_check_tag(store, tag);
    struct db_stmt *st = db_query(store->db, "INSERT INTO meta (name, bytes)"
                                             " VALUES ('key_check', $1)"
                                             " ON CONFLICT (name) DO NOTHING"
                                             " RETURNING " META_TAGGED);
    db_bind_blob(st, 1, tag, sizeof tag);
    enum cc_err err = rowtag_run(store, ROWTAG_META, st, NULL);
    *ret_is_new = err == CC_OK;
    return err_allow_absent(err);
}

enum cc_err key_check_renew(struct store *store)
{
    uint8_t tag[SECRET_TAG_BYTES];
    key_check_tag(store, tag);
    struct db_stmt *st = db_query(store->db, "UPDATE meta SET bytes = $1 WHERE name = 'key_check'"
                                             " RETURNING " META_TAGGED);
    db_bind_blob(st, 1, tag, sizeof tag);
    return rowtag_run(store, ROWTAG_META, st, NULL);
}
