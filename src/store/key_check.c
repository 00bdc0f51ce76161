/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/key_check.h"

#include "base/secret_old.h"
#include "store/old_keys.h"
#include "store/rowtag.h"
#include "store/seal.h"

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
    enum cc_err err = old_keys_load(store);
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
