/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/phone_codes.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/citizens_row.h"
#include "store/seal.h"

#include <string.h>

enum {
    SEALED_MAX = PHONE_SIZE + SECRET_SEAL_OVERHEAD,
    BINDING_BYTES = 2 * SECRET_TAG_BYTES + 4 * 8,
};

static const char sealed_column[] = "phone_codes.sealed";

/* All of a row that is not sealed. */
static void make_binding(const uint8_t nif_index[SECRET_TAG_BYTES], const struct phone_code *code,
                         uint8_t ret[BINDING_BYTES])
{
    struct buf b;
    buf_init(&b, ret, BINDING_BYTES);
    buf_put(&b, nif_index, SECRET_TAG_BYTES);
    buf_put(&b, code->tag, SECRET_TAG_BYTES);
    buf_le64(&b, (uint64_t)code->code.sent_ms);
    buf_le64(&b, (uint64_t)code->code.tries);
    buf_le64(&b, (uint64_t)code->code.sends);
    buf_le64(&b, (uint64_t)code->message_id);
}

void phone_codes_tag(const struct store *store, const struct nif *nif, int64_t sent_ms,
                     const char *code, uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t owner[SECRET_TAG_BYTES + 8], index[SECRET_TAG_BYTES], root[SECRET_TAG_BYTES];
    struct buf b;
    seal_nif_index(store, nif, index);
    seal_nif_root(store, nif, index, root);
    buf_init(&b, owner, sizeof(owner));
    buf_put(&b, root, sizeof(root));
    buf_le64(&b, (uint64_t)sent_ms);
    secret_tag(store->keys, SECRET_USE_VALIDATION, owner, sizeof(owner), code, strlen(code), ret);
}

static enum cc_err read_row(struct store *store, struct db_stmt *st,
                            const uint8_t nif_index[SECRET_TAG_BYTES], struct phone_code *ret)
{
    struct phone_code read = {
        .code = {db_column_int(st, 0), db_column_int(st, 1), db_column_int(st, 2)},
        .message_id = db_column_int(st, 3),
    };
    uint8_t binding[BINDING_BYTES];
    seal_copy_tag(st, 4, read.tag);
    make_binding(nif_index, &read, binding);
    if (seal_open_fixed(store, st, 5, sealed_column, binding, sizeof(binding), read.phone.e164,
                        sizeof(read.phone.e164)) != CC_OK) {
        log_error("el código de un móvil ha sido cambiado sin la clave maestra y no se usa");
        return CC_ERR_ALTERED;
    }
    *ret = read;
    return CC_OK;
}

enum cc_err phone_codes_find(struct store *store, const struct nif *nif, struct phone_code *ret)
{
    uint8_t nif_index[SECRET_TAG_BYTES];
    seal_nif_index(store, nif, nif_index);
    struct db_stmt *st =
        db_query(store->db, "SELECT code_ms, tries, sends, message_id, code_tag, sealed"
                            " FROM phone_codes WHERE citizen_id = $1");
    db_bind_int(st, 1, citizen_row_id(nif_index));
    return db_finish_with(st, db_step(st) ? read_row(store, st, nif_index, ret) : CC_ERR_NOT_FOUND);
}

enum cc_err phone_codes_put(struct store *store, const struct nif *nif,
                            const struct phone_code *code)
{
    uint8_t nif_index[SECRET_TAG_BYTES], binding[BINDING_BYTES], sealed[SEALED_MAX];
    seal_nif_index(store, nif, nif_index);
    make_binding(nif_index, code, binding);
    secret_seal(store->keys, sealed_column, binding, sizeof(binding), code->phone.e164,
                sizeof(code->phone.e164), sealed);
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO phone_codes (citizen_id, code_ms, tries, sends, message_id,"
                   " code_tag, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                   " ON CONFLICT (citizen_id) DO UPDATE SET code_ms = excluded.code_ms,"
                   " tries = excluded.tries, sends = excluded.sends,"
                   " message_id = excluded.message_id, code_tag = excluded.code_tag,"
                   " sealed = excluded.sealed");
    DB_BIND(st, 1, db_int(citizen_row_id(nif_index)), db_int(code->code.sent_ms),
            db_int(code->code.tries), db_int(code->code.sends), db_int(code->message_id),
            db_blob(code->tag, SECRET_TAG_BYTES), db_blob(sealed, sizeof(sealed)));
    return db_run(st);
}

enum cc_err phone_codes_delete(struct store *store, const struct nif *nif)
{
    uint8_t nif_index[SECRET_TAG_BYTES];
    seal_nif_index(store, nif, nif_index);
    struct db_stmt *st = db_query(store->db, "DELETE FROM phone_codes WHERE citizen_id = $1");
    db_bind_int(st, 1, citizen_row_id(nif_index));
    return db_run(st);
}

enum cc_err phone_codes_sweep(struct store *store, int64_t before_ms)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM phone_codes WHERE code_ms < $1");
    db_bind_int(st, 1, before_ms);
    return db_run(st);
}
