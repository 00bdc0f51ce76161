/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/imports.h"

#include "base/buf.h"
#include "store/seal.h"

#include <string.h>

enum { BINDING_BYTES = IMPORTS_ID_BYTES + 8, DELETED_AT_ONCE = 32 };

static const char sealed_column[] = "import_parts.sealed";

static void make_binding(const uint8_t id[IMPORTS_ID_BYTES], int64_t part,
                         uint8_t ret[BINDING_BYTES])
{
    struct buf b;
    buf_init(&b, ret, BINDING_BYTES);
    buf_put(&b, id, IMPORTS_ID_BYTES);
    buf_le64(&b, (uint64_t)part);
}

enum cc_err imports_insert(struct store *store, const uint8_t id[IMPORTS_ID_BYTES], int64_t part,
                           const void *bytes, size_t len)
{
    uint8_t sealed[IMPORTS_PART_MAX + SECRET_SEAL_OVERHEAD];
    uint8_t binding[BINDING_BYTES];
    if (len > IMPORTS_PART_MAX)
        return CC_ERR_NO_SPACE;
    make_binding(id, part, binding);
    secret_seal(store->keys, sealed_column, binding, sizeof binding, bytes, len, sealed);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO import_parts (part, sealed) VALUES ($1, $2)");
    DB_BIND(st, 1, db_int(part), db_blob(sealed, len + SECRET_SEAL_OVERHEAD));
    return db_run(st);
}

enum cc_err imports_find_next(struct store *store, const uint8_t id[IMPORTS_ID_BYTES],
                              int64_t after, int64_t *ret_part, void *out, size_t *ret_len)
{
    uint8_t binding[BINDING_BYTES];
    enum cc_err err = CC_ERR_NOT_FOUND;
    struct db_stmt *st = db_query(store->db, "SELECT part, sealed FROM import_parts WHERE part > $1"
                                             " ORDER BY part LIMIT 1");
    db_bind_int(st, 1, after);
    if (db_step(st)) {
        *ret_part = db_column_int(st, 0);
        make_binding(id, *ret_part, binding);
        err = seal_open(store, st, 1, sealed_column, binding, sizeof binding, out, IMPORTS_PART_MAX,
                        ret_len) == CC_OK
                  ? CC_OK
                  : CC_ERR_ALTERED;
    }
    return db_finish_with(st, err);
}

enum cc_err imports_delete(struct store *store, int64_t part)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM import_parts WHERE part = $1");
    db_bind_int(st, 1, part);
    return db_run_one(st);
}

enum cc_err imports_delete_some(struct store *store, bool *ret_more)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM import_parts WHERE part IN"
                            " (SELECT part FROM import_parts ORDER BY part LIMIT $1)");
    db_bind_int(st, 1, DELETED_AT_ONCE);
    int64_t count = 0;
    enum cc_err err = db_run_count(st, &count);
    *ret_more = count == DELETED_AT_ONCE;
    return err;
}
