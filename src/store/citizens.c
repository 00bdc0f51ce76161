/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/citizens.h"

#include "base/log.h"
#include "store/seal.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_SEALED = CITIZEN_NAME_SIZE + SECRET_SEAL_OVERHEAD };

struct sealed_citizen {
    uint8_t nif_index[SECRET_TAG_BYTES];
    uint8_t phone_index[SECRET_TAG_BYTES];
    uint8_t nif[NIF_CHARS + SECRET_SEAL_OVERHEAD];
    uint8_t name[NAME_SEALED];
    uint8_t phone[PHONE_SIZE + SECRET_SEAL_OVERHEAD];
};

/* Which of the two unique columns stood in the way. */
static enum cc_err conflict_of(struct store *store, const uint8_t nif_index[SECRET_TAG_BYTES])
{
    struct db_stmt *st = db_query(store->db, "SELECT id FROM citizens WHERE nif_index = $1");
    int64_t id = 0;
    db_bind_blob(st, 1, nif_index, SECRET_TAG_BYTES);
    enum cc_err err = db_run_int(st, &id);
    if (err == CC_OK)
        return CC_ERR_ALREADY_REGISTERED;
    return err == CC_ERR_NOT_FOUND ? CC_ERR_PHONE_IN_USE : err;
}

static bool bind_personal(const struct store *store, struct db_stmt *st,
                          const struct citizen *citizen, struct sealed_citizen *sealed)
{
    const uint8_t *row = sealed->nif_index;
    seal_nif_index(store, &citizen->nif, sealed->nif_index);
    seal_phone_index(store, citizen->phone.e164, sealed->phone_index);
    db_bind_blob(st, 1, sealed->nif_index, SECRET_TAG_BYTES);
    db_bind_blob(st, 2, sealed->phone_index, SECRET_TAG_BYTES);
    return seal_bind(store, st, 3, "citizens.nif", row, citizen->nif.text, sealed->nif,
                     sizeof sealed->nif) &&
           seal_bind(store, st, 4, "citizens.name", row, citizen->name, sealed->name,
                     sizeof sealed->name) &&
           seal_bind(store, st, 5, "citizens.phone", row, citizen->phone.e164, sealed->phone,
                     sizeof sealed->phone);
}

enum cc_err citizens_insert(struct store *store, const struct citizen *citizen, int64_t *ret_id)
{
    struct sealed_citizen sealed;
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO citizens (nif_index, phone_index, nif, name, phone, state, level,"
                   " channel, failures_in_a_row, locked, created_ms)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                   " ON CONFLICT DO NOTHING RETURNING id");
    bool fits = bind_personal(store, st, citizen, &sealed);
    db_bind_int(st, 6, (int64_t)citizen->state);
    db_bind_int(st, 7, (int64_t)citizen->level);
    db_bind_int(st, 8, (int64_t)citizen->channel);
    db_bind_int(st, 9, citizen->failures_in_a_row);
    db_bind_int(st, 10, citizen->locked);
    db_bind_int(st, 11, citizen->created_ms);
    if (!fits) {
        enum cc_err err = db_finish(st);
        return err == CC_OK ? CC_ERR_NO_SPACE : err;
    }
    enum cc_err err = db_run_int(st, ret_id);
    return err == CC_ERR_NOT_FOUND ? conflict_of(store, sealed.nif_index) : err;
}

static enum cc_err open_personal(const struct store *store, struct db_stmt *st,
                                 const uint8_t row[SECRET_TAG_BYTES], struct citizen *out)
{
    enum cc_err err =
        seal_column(store, st, 1, "citizens.nif", row, out->nif.text, sizeof out->nif.text);
    if (err == CC_OK)
        err = seal_column(store, st, 2, "citizens.name", row, out->name, sizeof out->name);
    if (err == CC_OK)
        err = seal_column(store, st, 3, "citizens.phone", row, out->phone.e164,
                          sizeof out->phone.e164);
    return err;
}

static enum cc_err read_row(const struct store *store, struct db_stmt *st,
                            const uint8_t row[SECRET_TAG_BYTES], const struct nif *nif,
                            struct citizen *ret)
{
    struct citizen read = {
        .id = db_column_int(st, 0),
        .nif.kind = nif->kind, /* the prefix says it, and the index covers the prefix */
        .state = (enum citizen_state)db_column_int(st, 4),
        .level = (enum citizen_level)db_column_int(st, 5),
        .channel = (enum citizen_channel)db_column_int(st, 6),
        .failures_in_a_row = db_column_int(st, 7),
        .locked = db_column_int(st, 8) != 0,
        .created_ms = db_column_int(st, 9),
    };
    enum cc_err err = open_personal(store, st, row, &read);
    if (err == CC_OK && strncmp(read.nif.text, nif->text, NIF_KEY_CHARS) != 0)
        err = CC_ERR_CORRUPT;
    if (err == CC_OK)
        *ret = read;
    else
        log_error("la ficha %" PRId64 " no se puede descifrar", read.id);
    return err;
}

enum cc_err citizens_find(struct store *store, const struct nif *nif, struct citizen *ret)
{
    uint8_t row[SECRET_TAG_BYTES];
    seal_nif_index(store, nif, row);
    struct db_stmt *st = db_query(store->db, "SELECT id, nif, name, phone, state, level, channel,"
                                             " failures_in_a_row, locked, created_ms"
                                             " FROM citizens WHERE nif_index = $1");
    db_bind_blob(st, 1, row, sizeof row);
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st))
        err = read_row(store, st, row, nif, ret);
    memcpy(ret->nif_index, row, sizeof row);
    enum cc_err end = db_finish(st);
    return end == CC_OK ? err : end;
}

enum cc_err citizens_set_failures(struct store *store, int64_t id, int64_t failures_in_a_row,
                                  bool locked)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE citizens SET failures_in_a_row = $1, locked = $2 WHERE id = $3");
    db_bind_int(st, 1, failures_in_a_row);
    db_bind_int(st, 2, locked);
    db_bind_int(st, 3, id);
    return db_run_one(st);
}

enum cc_err citizens_count(struct store *store, int64_t *ret)
{
    return db_run_int(db_query(store->db, "SELECT count(*) FROM citizens"), ret);
}

/* An index outside its table (a row of a later version) is no reason to read beyond it. */
#define TOKEN(tokens, index)                                                                       \
    ((size_t)(index) < sizeof(tokens) / sizeof((tokens)[0]) ? (tokens)[(size_t)(index)]            \
                                                            : "desconocido")

const char *citizen_state_token(enum citizen_state state)
{
    static const char *const tokens[] = {"activa", "suspendida", "baja"};
    return TOKEN(tokens, state);
}

const char *citizen_level_token(enum citizen_level level)
{
    static const char *const tokens[] = {"low", "substantial"};
    return TOKEN(tokens, level);
}

const char *citizen_channel_token(enum citizen_channel channel)
{
    static const char *const tokens[] = {"presencial", "en_linea", "certificado", "telefono"};
    return TOKEN(tokens, channel);
}
