/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/emails.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/seal.h"

#include <string.h>

#define COLUMNS "owner, created_ms, proven_ms, dead_ms, link_ms, sends, link_tag, sealed"

enum {
    SEALED_BYTES = EMAIL_SIZE + SECRET_SEAL_OVERHEAD, /* whole, so that the length tells nothing */
    BINDING_BYTES = EMAIL_OWNER_BYTES + SECRET_TAG_BYTES + 5 * 8,
};

static const char sealed_column[] = "emails.sealed";

static void make_binding(const struct email_row *row, uint8_t ret[BINDING_BYTES])
{
    struct buf b;
    buf_init(&b, ret, BINDING_BYTES);
    buf_put(&b, row->owner, EMAIL_OWNER_BYTES);
    buf_put(&b, row->link_tag, SECRET_TAG_BYTES);
    buf_le64(&b, (uint64_t)row->created_ms);
    buf_le64(&b, (uint64_t)row->proven_ms);
    buf_le64(&b, (uint64_t)row->dead_ms);
    buf_le64(&b, (uint64_t)row->link_ms);
    buf_le64(&b, (uint64_t)row->sends);
}

static void tag_token(const struct store *store, const char *token, size_t len,
                      uint8_t ret[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_LINK, token, len, NULL, 0, ret);
}

void emails_owner(const struct store *store, const struct nif *nif, uint8_t ret[EMAIL_OWNER_BYTES])
{
    seal_nif_index(store, nif, ret);
}

void emails_draw_link(const struct store *store, struct email_row *row, int64_t now_ms,
                      char ret_token[EMAIL_TOKEN_SIZE])
{
    secret_random_text(ret_token, EMAIL_TOKEN_SIZE - 1);
    tag_token(store, ret_token, EMAIL_TOKEN_SIZE - 1, row->link_tag);
    row->link_ms = now_ms;
    row->sends++;
}

static enum cc_err read_row(struct store *store, struct db_stmt *st, struct email_row *ret)
{
    struct email_row read = {
        .created_ms = db_column_int(st, 1),
        .proven_ms = db_column_int(st, 2),
        .dead_ms = db_column_int(st, 3),
        .link_ms = db_column_int(st, 4),
        .sends = db_column_int(st, 5),
    };
    uint8_t binding[BINDING_BYTES];
    seal_copy_tag(st, 0, read.owner);
    seal_copy_tag(st, 6, read.link_tag);
    make_binding(&read, binding);
    if (seal_open_fixed(store, st, 7, sealed_column, binding, sizeof(binding), read.address.text,
                        EMAIL_SIZE) != CC_OK ||
        read.address.text[EMAIL_SIZE - 1] != '\0') {
        log_error("una dirección de correo ha sido cambiada sin la clave maestra y no se usa");
        return CC_ERR_ALTERED;
    }
    *ret = read;
    return CC_OK;
}

static enum cc_err read_one(struct store *store, struct db_stmt *st, struct email_row *ret)
{
    return db_finish_with(st, db_step(st) ? read_row(store, st, ret) : CC_ERR_NOT_FOUND);
}

enum cc_err emails_find(struct store *store, const uint8_t owner[EMAIL_OWNER_BYTES],
                        struct email_row *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT " COLUMNS " FROM emails WHERE owner = $1");
    db_bind_blob(st, 1, owner, EMAIL_OWNER_BYTES);
    return read_one(store, st, ret);
}

enum cc_err emails_find_link(struct store *store, const char *token, size_t len,
                             struct email_row *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    tag_token(store, token, len, tag);
    struct db_stmt *st = db_query(store->db, "SELECT " COLUMNS " FROM emails"
                                             " WHERE link_tag = $1 AND link_ms > 0");
    db_bind_blob(st, 1, tag, sizeof(tag));
    return read_one(store, st, ret);
}

enum cc_err emails_each_dead(struct store *store, int64_t max, emails_visit_fn visit, void *user)
{
    struct db_stmt *st = db_query(store->db, "SELECT " COLUMNS " FROM emails WHERE dead_ms > 0"
                                             " ORDER BY dead_ms LIMIT $1");
    struct email_row row;
    db_bind_int(st, 1, max);
    while (db_step(st))
        if (read_row(store, st, &row) == CC_OK)
            visit(&row, user);
    secret_wipe(&row, sizeof(row));
    return db_finish(st);
}

enum cc_err emails_put(struct store *store, const struct email_row *row)
{
    uint8_t sealed[SEALED_BYTES], binding[BINDING_BYTES];
    make_binding(row, binding);
    secret_seal(store->keys, sealed_column, binding, sizeof(binding), row->address.text, EMAIL_SIZE,
                sealed);
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO emails (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                   " ON CONFLICT (owner) DO UPDATE SET created_ms = excluded.created_ms,"
                   " proven_ms = excluded.proven_ms, dead_ms = excluded.dead_ms,"
                   " link_ms = excluded.link_ms, sends = excluded.sends,"
                   " link_tag = excluded.link_tag, sealed = excluded.sealed");
    DB_BIND(st, 1, db_blob(row->owner, EMAIL_OWNER_BYTES), db_int(row->created_ms),
            db_int(row->proven_ms), db_int(row->dead_ms), db_int(row->link_ms), db_int(row->sends),
            db_blob(row->link_tag, SECRET_TAG_BYTES), db_blob(sealed, sizeof(sealed)));
    return db_run(st);
}

enum cc_err emails_delete(struct store *store, const uint8_t owner[EMAIL_OWNER_BYTES])
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM emails WHERE owner = $1");
    db_bind_blob(st, 1, owner, EMAIL_OWNER_BYTES);
    return db_run(st);
}
