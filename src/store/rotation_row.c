/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/rotation_row.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/secret_old.h"
#include "store/citizens_row.h"
#include "store/head.h"
#include "store/seal.h"

#include <inttypes.h>
#include <string.h>

enum { BINDING_MAX = 128 };

struct row {
    int count;
    struct db_value old[ROTATION_COLUMNS_MAX], new[ROTATION_COLUMNS_MAX];
};

static const struct {
    char letter;
    enum secret_use use;
} uses[] = {
    {'N', SECRET_USE_NIF_INDEX},  {'P', SECRET_USE_PHONE_INDEX}, {'C', SECRET_USE_CLAVE_TAG},
    {'D', SECRET_USE_CODE_TAG},   {'T', SECRET_USE_TOKEN},       {'I', SECRET_USE_IP_INDEX},
    {'M', SECRET_USE_SIM_PIN},    {'K', SECRET_USE_IDEMPOTENCY}, {'X', SECRET_USE_INBOX},
    {'S', SECRET_USE_SESSION},    {'U', SECRET_USE_SETUP},       {'R', SECRET_USE_RECOVERY},
    {'V', SECRET_USE_VALIDATION}, {'L', SECRET_USE_LINK},
};

static enum secret_use use_of(char letter)
{
    size_t i = 0;
    while (i < sizeof(uses) / sizeof(uses[0]) - 1 && uses[i].letter != letter)
        i++;
    return uses[i].use;
}

/* ---- values --------------------------------------------------------------------------------- */

static uint8_t *take_room(struct rotation_pair *pair, size_t len)
{
    if (len > ROTATION_ROOM - pair->used)
        return NULL;
    uint8_t *at = pair->room + pair->used;
    pair->used += len;
    return at;
}

/* The statement's own bytes are gone at its next step. */
static bool read_value(struct rotation_pair *pair, struct db_stmt *st, int column,
                       struct db_value *ret)
{
    db_column_read(st, column, ret);
    if (ret->kind != DB_BLOB && ret->kind != DB_TEXT)
        return true;
    uint8_t *copy = take_room(pair, ret->len + 1);
    if (copy == NULL)
        return false;
    if (ret->len > 0)
        memcpy(copy, ret->bytes, ret->len);
    copy[ret->len] = '\0';
    ret->bytes = copy;
    return true;
}

/* The id of a citizen under the new key; 0 and less stay. */
static int64_t new_citizen_id(const struct rotation_pair *pair, int64_t id)
{
    uint8_t index[SECRET_TAG_BYTES] = {0};
    if (id <= 0)
        return id;
    uint64_t bits = (uint64_t)(id - 1) << 2; /* see citizen_row_id() */
    for (size_t i = 0; i < sizeof bits; i++)
        index[i] = (uint8_t)(bits >> (8 * (sizeof bits - 1 - i)));
    secret_next_tag(pair->to->keys, SECRET_USE_NIF_INDEX, index, index);
    return citizen_row_id(index);
}

/* Tags one after another; zeros stand for none. */
static enum cc_err renew_tags(struct rotation_pair *pair, enum secret_use use,
                              struct db_value *value)
{
    static const uint8_t none[SECRET_TAG_BYTES];
    if (value->kind != DB_BLOB)
        return CC_OK;
    const uint8_t *tags = value->bytes;
    uint8_t *made = take_room(pair, value->len + 1);
    if (made == NULL || value->len % SECRET_TAG_BYTES != 0)
        return CC_ERR_NO_SPACE;
    for (size_t at = 0; at < value->len; at += SECRET_TAG_BYTES) {
        if (memcmp(tags + at, none, sizeof none) == 0)
            memcpy(made + at, none, sizeof none);
        else
            secret_next_tag(pair->to->keys, use, tags + at, made + at);
    }
    value->bytes = made;
    return CC_OK;
}

static enum cc_err renew_meta(struct rotation_pair *pair, struct row *row)
{
    bool is_setup = strcmp((const char *)row->old[0].bytes, "setup_link") == 0;
    return is_setup ? renew_tags(pair, SECRET_USE_SETUP, &row->new[2]) : CC_OK;
}

/* The owner of an address: a person by the index of the NIF, or an online alta by its id. */
static enum cc_err renew_owner(struct rotation_pair *pair, struct db_value *value)
{
    int64_t altas = 0;
    struct db_stmt *st =
        db_query(pair->from->db, "SELECT count(*) FROM applications WHERE public_id = $1");
    db_bind_blob(st, 1, value->bytes, value->len);
    enum cc_err err = db_run_int(st, &altas);
    return err == CC_OK && altas == 0 ? renew_tags(pair, SECRET_USE_NIF_INDEX, value) : err;
}

/* ---- sealed columns ------------------------------------------------------------------------- */

static bool find_key(struct rotation_pair *pair, const char *sql, int64_t id,
                     uint8_t ret[SECRET_TAG_BYTES])
{
    struct db_stmt *st = db_query(pair->from->db, sql);
    db_bind_int(st, 1, id);
    return seal_run_tag(st, ret) == CC_OK;
}

/* The index of the person, as it was or as it is now; of the id as it was. */
static bool put_person(struct rotation_pair *pair, int64_t id, bool is_new, struct buf *b)
{
    uint8_t index[SECRET_TAG_BYTES];
    if (!find_key(pair, "SELECT nif_index FROM citizens WHERE id = $1", id, index))
        return false;
    if (is_new)
        secret_next_tag(pair->to->keys, SECRET_USE_NIF_INDEX, index, index);
    buf_put(b, index, sizeof index);
    return true;
}

static bool put_group(struct rotation_pair *pair, int64_t id, struct buf *b)
{
    uint8_t key[SECRET_TAG_BYTES];
    if (!find_key(pair, "SELECT row_key FROM inbox_groups WHERE id = $1", id, key))
        return false;
    buf_put(b, key, sizeof key);
    return true;
}

/* False: what it is bound to is not there. */
static bool make_binding(struct rotation_pair *pair, const struct rotation_sealed *sealed,
                         const struct row *row, bool is_new, struct buf *b)
{
    bool is_whole = true;
    for (int i = 0; i < ROTATION_PIECES_MAX && sealed->pieces[i].kind != PIECE_NONE; i++) {
        int column = sealed->pieces[i].column;
        const struct db_value *value = is_new ? &row->new[column] : &row->old[column];
        enum rotation_piece_kind kind = sealed->pieces[i].kind;
        if (kind == PIECE_BYTES)
            buf_put(b, value->bytes, value->len);
        else if (kind == PIECE_NUMBER)
            buf_le64(b, (uint64_t)value->number);
        else if (kind == PIECE_BYTE)
            buf_byte(b, (uint8_t)value->number);
        else if (kind == PIECE_PERSON)
            is_whole &= put_person(pair, row->old[column].number, is_new, b);
        else
            is_whole &= put_group(pair, value->number, b);
    }
    return is_whole && buf_ok(b);
}

/* What an older program sealed as long as it was. */
static size_t pad_plain(const struct rotation_sealed *sealed, uint8_t *plain, size_t len)
{
    if (sealed->pad == 0)
        return len;
    size_t padded = SEAL_PADDED(len, sealed->pad);
    memset(plain + len, 0, padded - len);
    return padded;
}

static enum cc_err seal_again(struct rotation_pair *pair, const struct rotation_sealed *sealed,
                              struct row *row)
{
    uint8_t before[BINDING_MAX], after[BINDING_MAX];
    struct buf was, is;
    const struct db_value *old = &row->old[sealed->column];
    struct db_value *new = &row->new[sealed->column];
    size_t len = 0;
    if (old->kind != DB_BLOB || old->len == 0)
        return CC_OK;
    size_t room = old->len + sealed->pad;
    uint8_t *plain = take_room(pair, room), *made = take_room(pair, room);
    if (plain == NULL || made == NULL)
        return CC_ERR_NO_SPACE;
    buf_init(&was, before, sizeof before);
    buf_init(&is, after, sizeof after);
    bool is_read = make_binding(pair, sealed, row, false, &was) &&
                   make_binding(pair, sealed, row, true, &is) &&
                   secret_open(pair->from->keys, sealed->where, was.data, was.len, old->bytes,
                               old->len, plain, old->len, &len) == CC_OK;
    if (is_read) {
        len = pad_plain(sealed, plain, len);
        secret_seal(pair->to->keys, sealed->where, is.data, is.len, plain, len, made);
        new->len = len + SECRET_SEAL_OVERHEAD;
    } else {
        secret_random(made, old->len); /* it opens under no key, as before */
    }
    pair->unread += !is_read;
    secret_wipe(plain, room);
    new->bytes = made;
    return CC_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static enum cc_err renew_column(struct rotation_pair *pair, char kind, int column, struct row *row)
{
    struct db_value *new = &row->new[column];
    *new = row->old[column];
    switch (kind) {
    case '.':
    case 's':
        return CC_OK;
    case '-':
        *new = db_null();
        return CC_OK;
    case 'c':
        new->number = new_citizen_id(pair, new->number);
        return CC_OK;
    case 'm':
        return renew_meta(pair, row);
    case 'o':
        return renew_owner(pair, new);
    default:
        return renew_tags(pair, use_of(kind), new);
    }
}

/* A person who could not be found any more is worse than the old key. */
static enum cc_err check_person(const struct rotation_table *table, bool is_unread)
{
    if (!is_unread || !table->is_tagged || table->table != ROWTAG_CITIZENS)
        return CC_OK;
    log_error("una ficha de ciudadanos no se puede descifrar: no se cambia la clave maestra");
    return CC_ERR_CORRUPT;
}

static enum cc_err renew_row(struct rotation_pair *pair, const struct rotation_table *table,
                             struct row *row)
{
    enum cc_err err = CC_OK;
    int64_t unread = pair->unread;
    for (int i = 0; i < row->count && err == CC_OK; i++)
        err = renew_column(pair, table->kinds[i], i, row);
    for (int i = 0; i < ROTATION_SEALED_MAX && table->sealed[i].where != NULL && err == CC_OK; i++)
        err = seal_again(pair, &table->sealed[i], row);
    return err == CC_OK ? check_person(table, pair->unread > unread) : err;
}

static enum cc_err insert_row(struct rotation_pair *pair, const struct rotation_table *table,
                              const struct row *row, bool *ret_fits)
{
    struct db_stmt *st = db_query(pair->to->db, table->insert);
    db_bind_values(st, 1, row->new, row->count);
    enum cc_err err =
        table->is_tagged ? rowtag_run(pair->to, table->table, st, NULL) : db_run_one(st);
    if (err == CC_OK && table->is_tagged && table->table == ROWTAG_CITIZENS)
        head_count_citizen(pair->to, 1);
    *ret_fits = err != CC_ERR_NOT_FOUND;
    return err_allow_absent(err);
}

static enum cc_err copy_row(struct rotation_pair *pair, const struct rotation_table *table,
                            struct db_stmt *st, bool *ret_fits)
{
    struct row row = {.count = db_column_count(st)};
    pair->used = 0;
    for (int i = 0; i < row.count; i++)
        if (!read_value(pair, st, i, &row.old[i]))
            return CC_ERR_NO_SPACE;
    enum cc_err err = renew_row(pair, table, &row);
    return err == CC_OK ? insert_row(pair, table, &row, ret_fits) : err;
}

/* A row that was changed without the key is not made good under the next one. */
static enum cc_err check_tags(struct rotation_pair *pair, const struct rotation_table *table,
                              int64_t slot)
{
    bool fits = true;
    if (!table->is_tagged)
        return CC_OK;
    bool is_meta = table->table == ROWTAG_META;
    struct db_stmt *st =
        rowtag_select(pair->from, table->table, is_meta ? 0 : slot - 1, is_meta ? INT64_MAX : 1);
    while (fits && db_step(st))
        fits = rowtag_fits(pair->from, table->table, st);
    enum cc_err err = db_finish(st);
    return err == CC_OK && !fits ? CC_ERR_ALTERED : err;
}

enum cc_err rotation_erase_slot(struct rotation_pair *pair, const struct rotation_table *table,
                                int64_t slot)
{
    struct db_stmt *st = db_query(pair->to->db, table->erase);
    bool is_by_citizen = table->kinds[0] == 'c' && strcmp(table->slot, "0") != 0;
    db_bind_int(st, 1, is_by_citizen ? new_citizen_id(pair, slot) : slot);
    if (!table->is_tagged)
        return db_run(st);
    enum cc_err err = rowtag_run_delete(pair->to, table->table, st);
    if (err == CC_OK && table->table == ROWTAG_CITIZENS)
        head_count_citizen(pair->to, -1);
    return err_allow_absent(err);
}

enum cc_err rotation_copy_slot(struct rotation_pair *pair, const struct rotation_table *table,
                               int64_t slot, bool *ret_fits)
{
    bool fits = true;
    enum cc_err err = check_tags(pair, table, slot);
    if (err == CC_OK)
        err = rotation_erase_slot(pair, table, slot);
    if (err != CC_OK)
        return err;
    struct db_stmt *st = db_query(pair->from->db, table->select);
    db_bind_int(st, 1, slot);
    while (err == CC_OK && fits && db_step(st))
        err = copy_row(pair, table, st, &fits);
    err = db_finish_with(st, err);
    if (err == CC_OK && !fits)
        err = rotation_erase_slot(pair, table, slot);
    *ret_fits = fits;
    return err;
}
