/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/citizens.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/rowtag.h"
#include "store/seal.h"

#include <string.h>

enum {
    LANG_SIZE = 4,
    PLAIN_MAX = NIF_CHARS + 1 + 3 * NAME_PART_SIZE + PHONE_SIZE + LANG_SIZE + 1,
    PLAIN_USUAL = 48, /* of a short name with two surnames */
    SEALED_MAX = PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    SEALED_CONTRAST = CONTRASTE_SIZE + SECRET_SEAL_OVERHEAD
};

static const char sealed_column[] = "citizens.sealed";
static const char contrast_column[] = "citizens.contrast";

/*
 * A row is found by its number, so the number is made of the NIF's blind index: one search, in the
 * table itself. That any two of 100 000 citizens share 62 bits is a chance in a thousand million;
 * the second could not enrol, and never reads the first's, which is sealed with the whole index.
 * Never 0 or less: those stand for nobody.
 */
static int64_t id_of(const uint8_t nif_index[SECRET_TAG_BYTES])
{
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof bits; ++i)
        bits = bits << 8 | nif_index[i];
    return (int64_t)(bits >> 2) + 1;
}

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

static void put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text) + 1);
}

/* Personal data, parted by NUL and sealed as one: they are always read together. Rows from before
 * the surnames end with the phone. */
static void bind_sealed(const struct store *store, struct db_stmt *st, int index,
                        const uint8_t row[SECRET_TAG_BYTES], const struct citizen *citizen,
                        uint8_t sealed[SEALED_MAX])
{
    char plain[PLAIN_MAX];
    struct buf b;
    buf_init(&b, plain, sizeof plain);
    put_text(&b, citizen->nif.text);
    put_text(&b, citizen->name.given);
    put_text(&b, citizen->phone.e164);
    put_text(&b, citizen->name.first_surname);
    put_text(&b, citizen->name.second_surname);
    put_text(&b, text_lang_token(citizen->lang));
    buf_str(&b, citizen->shares_phone ? "1" : "");
    secret_seal(store->keys, sealed_column, row, SECRET_TAG_BYTES, plain, b.len, sealed);
    secret_wipe(plain, sizeof plain);
    db_bind_blob(st, index, sealed, b.len + SECRET_SEAL_OVERHEAD);
}

/* Sealed at its full size, so that the length does not tell the kind of document. */
static void bind_contrast(const struct store *store, struct db_stmt *st, int index,
                          const uint8_t row[SECRET_TAG_BYTES], const struct contraste *contrast,
                          uint8_t sealed[SEALED_CONTRAST])
{
    if (contrast->text[0] == '\0') {
        db_bind_null(st, index);
        return;
    }
    secret_seal(store->keys, contrast_column, row, SECRET_TAG_BYTES, contrast->text, CONTRASTE_SIZE,
                sealed);
    db_bind_blob(st, index, sealed, SEALED_CONTRAST);
}

/* Where there is nothing to open, sealing as much takes as long: the time does not tell who is
 * registered, nor who has a contrast datum. */
static void seal_for_show(const struct store *store, const uint8_t row[SECRET_TAG_BYTES],
                          size_t len)
{
    static const char plain[PLAIN_MAX];
    uint8_t sealed[SEALED_MAX];
    secret_seal(store->keys, sealed_column, row, SECRET_TAG_BYTES, plain, len, sealed);
}

static enum cc_err open_contrast(const struct store *store, struct db_stmt *st, int column,
                                 const uint8_t row[SECRET_TAG_BYTES], struct contraste *ret)
{
    struct contraste read = {0};
    size_t sealed_len = 0, len = 0;
    if (db_column_is_null(st, column)) {
        seal_for_show(store, row, CONTRASTE_SIZE);
        *ret = read;
        return CC_OK;
    }
    const uint8_t *sealed = db_column_blob(st, column, &sealed_len);
    if (secret_open(store->keys, contrast_column, row, SECRET_TAG_BYTES, sealed, sealed_len,
                    read.text, CONTRASTE_SIZE, &len) != CC_OK ||
        len != CONTRASTE_SIZE || read.text[CONTRASTE_SIZE - 1] != '\0')
        return CC_ERR_CORRUPT;
    *ret = read;
    return CC_OK;
}

/* The index that keeps a phone to a single NIF. A phone that is shared has one for each person who
 * shares it; the first one's stays as it was. */
static void index_phone(const struct store *store, const struct citizen *citizen,
                        const uint8_t row[SECRET_TAG_BYTES], uint8_t ret[SECRET_TAG_BYTES])
{
    const char *phone = citizen->phone.e164;
    if (citizen->shares_phone)
        secret_tag(store->keys, SECRET_USE_PHONE_INDEX, phone, strlen(phone), row, SECRET_TAG_BYTES,
                   ret);
    else
        seal_phone_index(store, phone, ret);
}

enum cc_err citizens_insert(struct store *store, const struct citizen *citizen, int64_t *ret_id)
{
    uint8_t row[SECRET_TAG_BYTES], phone_index[SECRET_TAG_BYTES], sealed[SEALED_MAX];
    uint8_t contrast[SEALED_CONTRAST];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO citizens (id, phone_index, sealed, state, level, channel,"
                            " locked, contrast_locked, created_ms, contrast, nif_index)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                            " ON CONFLICT DO NOTHING RETURNING " CITIZENS_TAGGED);
    seal_nif_index(store, &citizen->nif, row);
    index_phone(store, citizen, row, phone_index);
    db_bind_int(st, 1, id_of(row));
    db_bind_blob(st, 2, phone_index, sizeof phone_index);
    bind_sealed(store, st, 3, row, citizen, sealed);
    db_bind_int(st, 4, (int64_t)citizen->state);
    db_bind_int(st, 5, (int64_t)citizen->grade);
    db_bind_int(st, 6, (int64_t)citizen->channel);
    db_bind_int(st, 7, citizen->locked);
    db_bind_int(st, 8, citizen->contrast_locked);
    db_bind_int(st, 9, citizen->created_ms);
    bind_contrast(store, st, 10, row, &citizen->contrast, contrast);
    db_bind_blob(st, 11, row, sizeof row);
    enum cc_err err = rowtag_run(store, ROWTAG_CITIZENS, st, ret_id);
    return err == CC_ERR_NOT_FOUND ? conflict_of(store, id_of(row)) : err;
}

/* A phone belongs to a single NIF (DOMAIN 5), among the citizens who have not left. */
static enum cc_err check_phone(struct store *store, const struct citizen *citizen,
                               const uint8_t phone_index[SECRET_TAG_BYTES])
{
    int64_t owner = 0;
    struct db_stmt *st = db_query(
        store->db, "SELECT id FROM citizens WHERE phone_index = $1 AND state < 2 AND id <> $2");
    db_bind_blob(st, 1, phone_index, SECRET_TAG_BYTES);
    db_bind_int(st, 2, citizen->id);
    enum cc_err err = db_run_int(st, &owner);
    if (err == CC_OK)
        return citizen->state == LIFE_GONE ? CC_OK : CC_ERR_PHONE_IN_USE;
    return err == CC_ERR_NOT_FOUND ? CC_OK : err;
}

enum cc_err citizens_update(struct store *store, const struct citizen *citizen)
{
    uint8_t row[SECRET_TAG_BYTES], phone_index[SECRET_TAG_BYTES], sealed[SEALED_MAX];
    uint8_t contrast[SEALED_CONTRAST];
    seal_nif_index(store, &citizen->nif, row);
    index_phone(store, citizen, row, phone_index);
    enum cc_err err = check_phone(store, citizen, phone_index);
    if (err != CC_OK)
        return err;
    struct db_stmt *st =
        db_query(store->db, "UPDATE citizens SET phone_index = $1, sealed = $2, state = $3,"
                            " level = $4, channel = $5, locked = $6, contrast_locked = $7,"
                            " created_ms = $8, contrast = $9 WHERE id = $10"
                            " RETURNING " CITIZENS_TAGGED);
    db_bind_blob(st, 1, phone_index, sizeof phone_index);
    bind_sealed(store, st, 2, row, citizen, sealed);
    db_bind_int(st, 3, (int64_t)citizen->state);
    db_bind_int(st, 4, (int64_t)citizen->grade);
    db_bind_int(st, 5, (int64_t)citizen->channel);
    db_bind_int(st, 6, citizen->locked);
    db_bind_int(st, 7, citizen->contrast_locked);
    db_bind_int(st, 8, citizen->created_ms);
    bind_contrast(store, st, 9, row, &citizen->contrast, contrast);
    db_bind_int(st, 10, id_of(row));
    return rowtag_run(store, ROWTAG_CITIZENS, st, NULL);
}

static bool take_later_texts(const char **text, const char *end, struct citizen *ret)
{
    char lang[LANG_SIZE], shared[2];
    bool fits = seal_take_text(text, end, ret->name.first_surname, NAME_PART_SIZE) &&
                seal_take_text(text, end, ret->name.second_surname, NAME_PART_SIZE) &&
                seal_take_text(text, end, lang, sizeof lang) &&
                seal_take_text(text, end, shared, sizeof shared);
    if (!fits || text_lang_parse(lang, strlen(lang), &ret->lang) != CC_OK)
        return false;
    ret->shares_phone = shared[0] != '\0';
    return true;
}

static enum cc_err open_sealed(const struct store *store, struct db_stmt *st, int column,
                               const uint8_t row[SECRET_TAG_BYTES], struct citizen *out)
{
    char plain[PLAIN_MAX + 1]; /* with an end for the last */
    size_t sealed_len = 0, len = 0;
    const uint8_t *sealed = db_column_blob(st, column, &sealed_len);
    if (secret_open(store->keys, sealed_column, row, SECRET_TAG_BYTES, sealed, sealed_len, plain,
                    PLAIN_MAX, &len) != CC_OK)
        return CC_ERR_CORRUPT;
    plain[len] = '\0';
    const char *text = plain, *end = plain + len + 1;
    bool fits = seal_take_text(&text, end, out->nif.text, sizeof out->nif.text) &&
                seal_take_text(&text, end, out->name.given, NAME_PART_SIZE) &&
                seal_take_text(&text, end, out->phone.e164, sizeof out->phone.e164) &&
                (text == end || take_later_texts(&text, end, out)) && text == end;
    secret_wipe(plain, len);
    return fits ? CC_OK : CC_ERR_CORRUPT;
}

/* A row's tag covers the nonce of what is sealed, so that it never comes back. */
static uint64_t version_of(struct db_stmt *st)
{
    uint8_t tag[SECRET_TAG_BYTES];
    uint64_t version;
    seal_copy_tag(st, db_column_count(st) - 1, tag);
    memcpy(&version, tag, sizeof version);
    return version;
}

static enum cc_err read_row(struct store *store, struct db_stmt *st,
                            const uint8_t row[SECRET_TAG_BYTES], bool with_contrast,
                            struct citizen *ret)
{
    struct citizen read = {
        .id = id_of(row),
        .state = (enum life_state)db_column_int(st, 3),
        .grade = (enum citizen_grade)db_column_int(st, 4),
        .channel = (enum citizen_channel)db_column_int(st, 5),
        .locked = db_column_int(st, 6) != 0,
        .created_ms = db_column_int(st, 7),
        .contrast_locked = db_column_int(st, 9) != 0,
    };
    if (!rowtag_fits(store, ROWTAG_CITIZENS, st))
        return CC_ERR_ALTERED;
    read.version = version_of(st);
    enum cc_err err = open_sealed(store, st, 2, row, &read);
    if (err == CC_OK && with_contrast)
        err = open_contrast(store, st, 8, row, &read.contrast);
    if (err == CC_OK)
        *ret = read;
    return err;
}

/*
 * Finds the row at the id, or, where none is, the one behind it, whose tag is looked at in its
 * place: an unknown NIF costs what a registered one does.
 */
static struct db_stmt *query_from(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "SELECT " CITIZENS_TAGGED " FROM citizens"
                                             " WHERE id >= $1 ORDER BY id LIMIT 1");
    db_bind_int(st, 1, id);
    return st;
}

static enum cc_err read_row_of(struct store *store, struct db_stmt *st,
                               const uint8_t row[SECRET_TAG_BYTES], const struct nif *nif,
                               bool with_contrast, struct citizen *ret)
{
    char masked[NIF_MASK_SIZE];
    enum cc_err err = read_row(store, st, row, with_contrast, ret);
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
    struct db_stmt *st = query_from(store, id_of(row));
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        if (db_column_int(st, 0) == id_of(row))
            err = read_row_of(store, st, row, nif, with_contrast, &read);
        else
            (void)rowtag_fits(store, ROWTAG_CITIZENS, st);
    }
    if (err == CC_OK && (read.state == LIFE_BLOCKED) != is_blocked)
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK)
        *ret = read;
    secret_wipe(&read, sizeof read);
    memcpy(ret->nif_index, row, sizeof row);
    enum cc_err end = db_finish(st);
    if (err == CC_ERR_NOT_FOUND) {
        seal_for_show(store, row, PLAIN_USUAL);
        if (with_contrast)
            seal_for_show(store, row, CONTRASTE_SIZE);
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
    db_bind_int(st, 1, locked);
    db_bind_int(st, 2, contrast_locked);
    db_bind_int(st, 3, id);
    return rowtag_run(store, ROWTAG_CITIZENS, st, NULL);
}

enum cc_err citizens_set_contrast(struct store *store, const struct nif *nif,
                                  const struct contraste *contrast)
{
    uint8_t row[SECRET_TAG_BYTES], sealed[SEALED_CONTRAST];
    struct citizen found;
    enum cc_err err = citizens_find(store, nif, &found); /* its tag must fit before a new one */
    if (err != CC_OK)
        return err;
    seal_nif_index(store, nif, row);
    struct db_stmt *st = db_query(
        store->db, "UPDATE citizens SET contrast = $1 WHERE id = $2 RETURNING " CITIZENS_TAGGED);
    bind_contrast(store, st, 1, row, contrast, sealed);
    db_bind_int(st, 2, id_of(row));
    return rowtag_run(store, ROWTAG_CITIZENS, st, NULL);
}

enum cc_err citizens_lock(struct store *store, const struct nif *nif)
{
    uint8_t nif_index[SECRET_TAG_BYTES];
    if (!db_is_shared(store->db))
        return CC_OK; /* the transaction keeps every other one out */
    seal_nif_index(store, nif, nif_index);
    return db_lock_number(store->db, DB_CITIZENS, id_of(nif_index));
}

enum cc_err citizens_find_by_index(struct store *store, int64_t id,
                                   const uint8_t row[SECRET_TAG_BYTES], struct citizen *ret)
{
    struct db_stmt *st = query_from(store, id);
    enum cc_err err = db_step(st) ? read_row(store, st, row, true, ret) : CC_ERR_CORRUPT;
    enum cc_err end = db_finish(st);
    if (end != CC_OK || err != CC_OK)
        return end != CC_OK ? end : err;
    if (ret->id != id)
        return CC_ERR_CORRUPT;
    return nif_parse(ret->nif.text, strlen(ret->nif.text), &ret->nif);
}

enum cc_err citizens_each(struct store *store, int64_t after, int64_t max, citizens_visit_fn visit,
                          void *user, int64_t *ret_last)
{
    int64_t count = 0;
    uint8_t row[SECRET_TAG_BYTES];
    enum cc_err err = CC_OK;
    struct db_stmt *st = db_query(store->db, "SELECT id, nif_index FROM citizens WHERE id > $1"
                                             " AND state < 3 ORDER BY id LIMIT $2");
    db_bind_int(st, 1, after);
    db_bind_int(st, 2, max);
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
    enum cc_err end = db_finish(st);
    return err == CC_OK ? end : err;
}

enum cc_err citizens_count(struct store *store, int64_t *ret)
{
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
