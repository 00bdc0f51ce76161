/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/citizens.h"

#include "base/log.h"
#include "store/citizens_row.h"
#include "store/seal.h"

#include <string.h>

/* Finds which of the two unique columns conflicted. */
static enum cc_err conflict_of(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "SELECT id FROM citizens WHERE id = $1");
    db_bind_int(st, 1, id);
    enum cc_err err = db_run_int(st, &id);
    if (err == CC_OK)
        return CC_ERR_ALREADY_REGISTERED;
    return err == CC_ERR_NOT_FOUND ? CC_ERR_PHONE_IN_USE : err;
}

struct storage {
    uint8_t phone_index[SECRET_TAG_BYTES], sealed[CITIZEN_SEALED_MAX];
    uint8_t contrast[CITIZEN_SEALED_CONTRAST];
};

/* $1 to $10, as both statements have them. */
static void bind_values(const struct store *store, struct db_stmt *st,
                        const struct citizen *citizen, const uint8_t row[SECRET_TAG_BYTES],
                        struct storage *storage)
{
    citizen_row_index_phone(store, citizen, row, storage->phone_index);
    DB_BIND(st, 1, db_blob(storage->phone_index, SECRET_TAG_BYTES),
            citizen_row_seal(store, row, citizen, storage->sealed), db_int(citizen->state),
            db_int(citizen->grade), db_int(citizen->channel), db_int(citizen->locked),
            db_int(citizen->contrast_locked), db_int(citizen->created_ms),
            citizen_row_seal_contrast(store, row, &citizen->contrast, storage->contrast),
            db_int(citizen_row_id(row)));
}

enum cc_err citizens_insert(struct store *store, const struct citizen *citizen, int64_t *ret_id)
{
    uint8_t row[SECRET_TAG_BYTES];
    struct storage storage;
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO citizens (phone_index, sealed, state, level, channel,"
                            " locked, contrast_locked, created_ms, contrast, id, nif_index)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                            " ON CONFLICT DO NOTHING RETURNING " CITIZENS_TAGGED);
    seal_nif_index(store, &citizen->nif, row);
    bind_values(store, st, citizen, row, &storage);
    db_bind_blob(st, 11, row, sizeof row);
    enum cc_err err = rowtag_run(store, ROWTAG_CITIZENS, st, ret_id);
    if (err == CC_OK)
        head_count_citizen(store, 1);
    return err == CC_ERR_NOT_FOUND ? conflict_of(store, citizen_row_id(row)) : err;
}

/* A phone belongs to a single NIF (DOMAIN 5), among the citizens who have not left; but_id is left
 * out. */
static enum cc_err find_phone(struct store *store, const uint8_t phone_index[SECRET_TAG_BYTES],
                              int64_t but_id, bool *ret)
{
    int64_t owner = 0;
    struct db_stmt *st = db_query(
        store->db, "SELECT id FROM citizens WHERE phone_index = $1 AND (state < 2 OR state = 4)"
                   " AND id <> $2");
    DB_BIND(st, 1, db_blob(phone_index, SECRET_TAG_BYTES), db_int(but_id));
    enum cc_err err = err_allow_absent(db_run_int(st, &owner));
    if (err == CC_OK)
        *ret = owner != 0;
    return err;
}

enum cc_err citizens_find_phone(struct store *store, const struct phone *phone, bool *ret)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, phone->e164, phone_index);
    return find_phone(store, phone_index, 0, ret);
}

/* Who has left, and is blocked later, does not keep it. */
static enum cc_err check_phone(struct store *store, const struct citizen *citizen,
                               const uint8_t row[SECRET_TAG_BYTES])
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    bool is_taken = false;
    if (citizen->state == LIFE_GONE || citizen->state == LIFE_BLOCKED)
        return CC_OK;
    citizen_row_index_phone(store, citizen, row, phone_index);
    enum cc_err err = find_phone(store, phone_index, citizen->id, &is_taken);
    return err == CC_OK && is_taken ? CC_ERR_PHONE_IN_USE : err;
}

enum cc_err citizens_update(struct store *store, const struct citizen *citizen)
{
    uint8_t row[SECRET_TAG_BYTES];
    struct storage storage;
    seal_nif_index(store, &citizen->nif, row);
    enum cc_err err = check_phone(store, citizen, row);
    if (err != CC_OK)
        return err;
    struct db_stmt *st =
        db_query(store->db, "UPDATE citizens SET phone_index = $1, sealed = $2, state = $3,"
                            " level = $4, channel = $5, locked = $6, contrast_locked = $7,"
                            " created_ms = $8, contrast = $9 WHERE id = $10"
                            " RETURNING " CITIZENS_TAGGED);
    bind_values(store, st, citizen, row, &storage);
    return rowtag_run(store, ROWTAG_CITIZENS, st, NULL);
}

enum { ENTERED = 11 }; /* its column, behind CITIZENS_TAGGED */

/*
 * Finds the row at the id, or, where none is, the one behind it, whose tag is looked at in its
 * place: an unknown NIF costs what a registered one does.
 */
static struct db_stmt *query_from(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "SELECT " CITIZENS_TAGGED ", entered_ms FROM citizens"
                                             " WHERE id >= $1 ORDER BY id LIMIT 1");
    db_bind_int(st, 1, id);
    return st;
}

static enum cc_err read_row_of(struct store *store, struct db_stmt *st,
                               const uint8_t row[SECRET_TAG_BYTES], const struct nif *nif,
                               bool with_contrast, struct citizen *ret)
{
    char masked[NIF_MASK_SIZE];
    enum cc_err err = citizen_row_read(store, st, row, with_contrast, ret);
    if (err == CC_OK && strncmp(ret->nif.text, nif->text, NIF_KEY_CHARS) != 0)
        err = CC_ERR_CORRUPT;
    ret->nif.kind = nif->kind; /* the prefix says it, and the index covers the prefix */
    if (err == CC_ERR_CORRUPT) {
        nif_mask(nif, masked);
        log_error("la ficha de %s no se puede descifrar", masked);
    }
    return err;
}

static enum cc_err find_citizen(struct store *store, const struct nif *nif, bool with_contrast,
                                bool is_blocked, struct citizen *ret)
{
    struct citizen read = {0};
    uint8_t row[SECRET_TAG_BYTES];
    seal_nif_index(store, nif, row);
    struct db_stmt *st = query_from(store, citizen_row_id(row));
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        if (db_column_int(st, 0) == citizen_row_id(row))
            err = read_row_of(store, st, row, nif, with_contrast, &read);
        else
            (void)rowtag_fits_at(store, ROWTAG_CITIZENS, st, ENTERED - 1);
        read.entered_ms = db_column_int(st, ENTERED);
    }
    if (err == CC_OK && (read.state == LIFE_BLOCKED) != is_blocked)
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK)
        *ret = read;
    secret_wipe(&read, sizeof read);
    memcpy(ret->nif_index, row, sizeof row);
    seal_nif_root(store, nif, row, ret->nif_root);
    enum cc_err end = db_finish(st);
    if (err == CC_ERR_NOT_FOUND) {
        citizen_row_seal_for_show(store, row, CITIZEN_PLAIN_USUAL);
        if (with_contrast)
            citizen_row_seal_for_show(store, row, CONTRASTE_SIZE);
    }
    return end == CC_OK ? err : end;
}

enum cc_err citizens_find(struct store *store, const struct nif *nif, struct citizen *ret)
{
    return find_citizen(store, nif, true, false, ret);
}

enum cc_err citizens_find_without_contrast(struct store *store, const struct nif *nif,
                                           struct citizen *ret)
{
    return find_citizen(store, nif, false, false, ret);
}

enum cc_err citizens_find_blocked(struct store *store, const struct nif *nif, struct citizen *ret)
{
    return find_citizen(store, nif, true, true, ret);
}

enum cc_err citizens_set_locks(struct store *store, int64_t id, bool locked, bool contrast_locked)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE citizens SET locked = $1, contrast_locked = $2 WHERE id = $3"
                            " RETURNING " CITIZENS_TAGGED);
    DB_BIND(st, 1, db_int(locked), db_int(contrast_locked), db_int(id));
    return rowtag_run(store, ROWTAG_CITIZENS, st, NULL);
}

enum cc_err citizens_set_contrast(struct store *store, const struct nif *nif,
                                  const struct contraste *contrast)
{
    uint8_t row[SECRET_TAG_BYTES], sealed[CITIZEN_SEALED_CONTRAST];
    struct citizen found;
    enum cc_err err = citizens_find(store, nif, &found); /* its tag must fit before a new one */
    if (err != CC_OK)
        return err;
    seal_nif_index(store, nif, row);
    struct db_stmt *st = db_query(
        store->db, "UPDATE citizens SET contrast = $1 WHERE id = $2 RETURNING " CITIZENS_TAGGED);
    DB_BIND(st, 1, citizen_row_seal_contrast(store, row, contrast, sealed),
            db_int(citizen_row_id(row)));
    return rowtag_run(store, ROWTAG_CITIZENS, st, NULL);
}

enum cc_err citizens_find_by_index(struct store *store, int64_t id,
                                   const uint8_t row[SECRET_TAG_BYTES], struct citizen *ret)
{
    struct db_stmt *st = query_from(store, id);
    enum cc_err err = db_finish_with(st, db_step(st) ? citizen_row_read(store, st, row, true, ret)
                                                     : CC_ERR_CORRUPT);
    if (err != CC_OK || ret->id != id)
        return err != CC_OK ? err : CC_ERR_CORRUPT;
    return nif_parse(ret->nif.text, strlen(ret->nif.text), &ret->nif);
}

enum cc_err citizens_find_id(struct store *store, int64_t id, struct citizen *ret)
{
    uint8_t row[SECRET_TAG_BYTES];
    struct db_stmt *st = db_query(store->db, "SELECT nif_index FROM citizens WHERE id = $1"
                                             " AND state <> 3");
    db_bind_int(st, 1, id);
    enum cc_err err = seal_run_tag(st, row);
    return err == CC_OK ? citizens_find_by_index(store, id, row, ret) : err;
}

enum cc_err citizens_find_owner(struct store *store, const uint8_t nif_index[SECRET_TAG_BYTES],
                                struct citizen *ret)
{
    return citizens_find_id(store, citizen_row_id(nif_index), ret);
}

enum cc_err citizens_each(struct store *store, int64_t after, int64_t max, citizens_visit_fn visit,
                          void *user, int64_t *ret_last)
{
    int64_t count = 0;
    uint8_t row[SECRET_TAG_BYTES];
    enum cc_err err = CC_OK;
    struct db_stmt *st = db_query(store->db, "SELECT id, nif_index FROM citizens WHERE id > $1"
                                             " AND state <> 3 ORDER BY id LIMIT $2");
    DB_BIND(st, 1, db_int(after), db_int(max));
    *ret_last = 0;
    for (; err == CC_OK && db_step(st); count++) {
        struct citizen citizen = {0};
        *ret_last = db_column_int(st, 0);
        seal_copy_tag(st, 1, row);
        err = citizens_find_by_index(store, *ret_last, row, &citizen);
        if (err == CC_OK || err == CC_ERR_CORRUPT || err == CC_ERR_ALTERED) {
            visit(err == CC_OK ? &citizen : NULL, user);
            err = CC_OK;
        }
        secret_wipe(&citizen, sizeof citizen);
    }
    if (count < max)
        *ret_last = 0;
    return db_finish_with(st, err);
}

enum cc_err citizens_count(struct store *store, int64_t *ret)
{
    if (head_tell_citizens(store, ret))
        return CC_OK;
    return db_run_int(db_query(store->db, "SELECT count(*) FROM citizens"), ret);
}

/* An index outside its table (a row of a later version) is no reason to read beyond it. */
#define TOKEN(tokens, index)                                                                       \
    ((size_t)(index) < sizeof(tokens) / sizeof((tokens)[0]) ? (tokens)[(size_t)(index)]            \
                                                            : "desconocido")

enum citizen_grade citizen_grade_of(enum citizen_channel channel)
{
    return channel == CITIZEN_CHANNEL_IN_PERSON || channel == CITIZEN_CHANNEL_CERTIFICATE
               ? CITIZEN_GRADE_ADVANCED
               : CITIZEN_GRADE_BASIC;
}

const char *citizen_grade_token(enum citizen_grade grade)
{
    static const char *const tokens[] = {"basico", "avanzado"};
    return TOKEN(tokens, grade);
}

const char *citizen_channel_token(enum citizen_channel channel)
{
    static const char *const tokens[] = {"presencial", "en_linea", "certificado", "telefono",
                                         "identidad"};
    return TOKEN(tokens, channel);
}
