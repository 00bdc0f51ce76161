/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/rowtag.h"

#include "base/buf.h"
#include "store/db_ahead.h"
#include "store/head.h"
#include "store/integrity.h"
#include "store/seal.h"

#include <string.h>

/* Room for the columns of one row: the longest is a client's, under 1200 bytes. */
enum { ROW_BYTES_MAX = 1536 };

#define TABLE(name, columns)                                                                       \
    {                                                                                              \
        name, "SELECT " columns " FROM " name " WHERE id > $1 ORDER BY id LIMIT $2",               \
            "UPDATE " name " SET row_tag = $1 WHERE id = $2"                                       \
    }

static const struct {
    const char *name;
    const char *select; /* $1 the id behind which it begins, $2 how many */
    const char *set;    /* $1 the tag, $2 the id */
} tables[ROWTAG_TABLES] = {
    [ROWTAG_META] = {"meta",
                     /* the head carries its own seal; 'touched' decides nothing */
                     "SELECT " META_TAGGED
                     " FROM meta WHERE $1 = 0 AND name NOT IN ('audit_head', 'touched')"
                     " ORDER BY name LIMIT $2",
                     "UPDATE meta SET row_tag = $1 WHERE name = $2"},
    [ROWTAG_CLIENTS] = TABLE("clients", CLIENTS_TAGGED),
    [ROWTAG_CITIZENS] = TABLE("citizens", CITIZENS_TAGGED),
    [ROWTAG_REQUESTS] = TABLE("requests", REQUESTS_TAGGED),
    [ROWTAG_FAILURES] = TABLE("failures", FAILURES_TAGGED),
    [ROWTAG_OPERATORS] = TABLE("operators", OPERATORS_TAGGED),
    [ROWTAG_SESSIONS] = TABLE("sessions", SESSIONS_TAGGED),
    [ROWTAG_NOTICES] = TABLE("notices", NOTICES_TAGGED),
    [ROWTAG_SIM_PINS] = TABLE("sim_pins", SIM_PINS_TAGGED),
    [ROWTAG_CREDENTIALS] = TABLE("credentials", CREDENTIALS_TAGGED),
};

const char *rowtag_table_name(enum rowtag_table table)
{
    return table == ROWTAG_EVIDENCE ? "evidence" : tables[table].name;
}

static void put_head(struct buf *b, int column, enum db_kind kind, uint64_t value)
{
    uint8_t head[10] = {(uint8_t)column, (uint8_t)kind};
    for (size_t i = 0; i < 8; i++)
        head[2 + i] = (uint8_t)(value >> (8 * i));
    buf_put(b, head, sizeof head);
}

/* NULL, 0 and empty are left out, or a column that a later version adds would end every tag. */
static void put_column(struct buf *b, struct db_stmt *st, int column)
{
    struct db_value read;
    db_column_read(st, column, &read);
    uint64_t value = read.kind == DB_INT ? (uint64_t)read.number : read.len;
    if (value == 0)
        return;
    put_head(b, column, read.kind, value);
    buf_put(b, read.bytes, read.len);
}

/* The tag that the row under st must carry. False: it is too long to be a row of ours. */
static bool make_tag(const struct store *store, enum rowtag_table table, struct db_stmt *st,
                     int tag_column, uint8_t out[SECRET_TAG_BYTES])
{
    uint8_t bytes[ROW_BYTES_MAX];
    struct buf b;
    buf_init(&b, bytes, sizeof bytes);
    buf_byte(&b, (uint8_t)table);
    for (int column = 0; column < tag_column; ++column)
        put_column(&b, st, column);
    if (!buf_ok(&b))
        return false;
    secret_short_tag(store->keys, SECRET_USE_ROW, b.data, b.len, out);
    return true;
}

/* Computes the summand of a row with this tag. The tag itself would not do: it is not secret. */
static void make_element(const struct store *store, const uint8_t tag[SECRET_TAG_BYTES],
                         uint8_t out[SECRET_TAG_BYTES])
{
    secret_short_tag(store->keys, SECRET_USE_ROW_SUM, tag, SECRET_TAG_BYTES, out);
}

bool rowtag_measure(const struct store *store, enum rowtag_table table, struct db_stmt *st,
                    uint8_t sum[SECRET_TAG_BYTES])
{
    uint8_t stored[SECRET_TAG_BYTES], expected[SECRET_TAG_BYTES];
    int tag_column = db_column_count(st) - 1;
    seal_copy_tag(st, tag_column, stored);
    make_element(store, stored, sum);
    return !db_column_is_null(st, tag_column) && make_tag(store, table, st, tag_column, expected) &&
           secret_tag_equal(stored, expected);
}

bool rowtag_fits_at(struct store *store, enum rowtag_table table, struct db_stmt *st,
                    int tag_column)
{
    uint8_t stored[SECRET_TAG_BYTES], expected[SECRET_TAG_BYTES];
    seal_copy_tag(st, tag_column, stored);
    if (make_tag(store, table, st, tag_column, expected) && secret_tag_equal(stored, expected))
        return true;
    integrity_add_row(store, table, db_column_int(st, 0));
    return false;
}

bool rowtag_fits(struct store *store, enum rowtag_table table, struct db_stmt *st)
{
    return rowtag_fits_at(store, table, st, db_column_count(st) - 1);
}

static void make_image(enum rowtag_table table, struct db_stmt *st, int tag_column, int counter,
                       struct rowtag_image *ret, bool *ret_fits)
{
    struct buf b;
    buf_init(&b, ret->bytes, sizeof ret->bytes);
    buf_byte(&b, (uint8_t)table);
    for (int column = 0; column < tag_column; ++column)
        if (column == counter)
            ret->cut = (uint8_t)b.len;
        else
            put_column(&b, st, column);
    seal_copy_tag(st, tag_column, ret->tag);
    ret->column = (uint8_t)counter;
    ret->len = (uint8_t)b.len;
    *ret_fits = buf_ok(&b);
}

void rowtag_next(const struct store *store, const struct rowtag_image *image, int64_t count,
                 uint8_t ret_tag[SECRET_TAG_BYTES])
{
    uint8_t bytes[ROWTAG_IMAGE_BYTES + 10];
    struct buf b;
    buf_init(&b, bytes, sizeof bytes);
    buf_put(&b, image->bytes, image->cut);
    if (count != 0)
        put_head(&b, image->column, DB_INT, (uint64_t)count);
    buf_put(&b, image->bytes + image->cut, (size_t)image->len - image->cut);
    secret_short_tag(store->keys, SECRET_USE_ROW, b.data, b.len, ret_tag);
}

bool rowtag_fits_image(struct store *store, enum rowtag_table table, struct db_stmt *st,
                       int tag_column, int column, struct rowtag_image *ret)
{
    uint8_t expected[SECRET_TAG_BYTES];
    bool fits = false;
    make_image(table, st, tag_column, column, ret, &fits);
    if (fits) {
        rowtag_next(store, ret, db_column_int(st, column), expected);
        fits = secret_tag_equal(ret->tag, expected);
    }
    if (!fits)
        integrity_add_row(store, table, db_column_int(st, 0));
    return fits;
}

/*
 * A row and the head that covers it are one commit. SQLite's one box writes the head of rows that
 * were written alone when it closes; of a shared database the next commit, by any box, needs it.
 */
static enum cc_err begin_alone(struct store *store, bool *ret_is_alone)
{
    return db_is_shared(store->db) ? store_begin_alone(store, ret_is_alone) : CC_OK;
}

enum cc_err rowtag_run_next(struct store *store, enum rowtag_table table, struct db_stmt *st,
                            const struct rowtag_image *image, const uint8_t tag[SECRET_TAG_BYTES])
{
    uint8_t element[SECRET_TAG_BYTES];
    bool is_alone = false;
    enum cc_err err = begin_alone(store, &is_alone);
    if (err == CC_OK)
        err = is_alone ? db_run_one(st) : db_run_one_later(st);
    if (err != CC_OK)
        return store_end_alone(store, is_alone, err);
    make_element(store, image->tag, element);
    head_toggle(store, table, element);
    make_element(store, tag, element);
    head_toggle(store, table, element);
    return store_end_alone(store, is_alone, CC_OK);
}

static void toggle_tag(struct store *store, enum rowtag_table table, struct db_stmt *st, int column)
{
    uint8_t tag[SECRET_TAG_BYTES], element[SECRET_TAG_BYTES];
    if (db_column_is_null(st, column))
        return;
    seal_copy_tag(st, column, tag);
    make_element(store, tag, element);
    head_toggle(store, table, element);
}

static enum cc_err write_tag(struct store *store, enum rowtag_table table, struct db_stmt *st,
                             const uint8_t tag[SECRET_TAG_BYTES])
{
    struct db_stmt *set = db_query(store->db, tables[table].set);
    db_bind_blob(set, 1, tag, SECRET_TAG_BYTES);
    if (table == ROWTAG_META)
        db_bind_text(set, 2, db_column_text(st, 0));
    else
        db_bind_int(set, 2, db_column_int(st, 0));
    return db_run_one_later(set);
}

static enum cc_err tag_row(struct store *store, enum rowtag_table table, struct db_stmt *st)
{
    uint8_t tag[SECRET_TAG_BYTES], element[SECRET_TAG_BYTES];
    if (!make_tag(store, table, st, db_column_count(st) - 1, tag))
        return CC_ERR_NO_SPACE;
    enum cc_err err = write_tag(store, table, st, tag);
    if (err != CC_OK)
        return err;
    toggle_tag(store, table, st, db_column_count(st) - 1);
    make_element(store, tag, element);
    head_toggle(store, table, element);
    return CC_OK;
}

enum cc_err rowtag_run(struct store *store, enum rowtag_table table, struct db_stmt *st,
                       int64_t *ret_id)
{
    int64_t id = 0;
    bool any = false, is_alone = false;
    enum cc_err err = begin_alone(store, &is_alone);
    while (err == CC_OK && db_step(st)) {
        any = true;
        id = db_column_int(st, 0);
        err = tag_row(store, table, st);
    }
    err = db_finish_with(st, err);
    err = store_end_alone(store, is_alone, err == CC_OK && !any ? CC_ERR_NOT_FOUND : err);
    if (err == CC_OK && ret_id)
        *ret_id = id;
    return err;
}

enum cc_err rowtag_run_idle(struct store *store, enum rowtag_table table, struct db_stmt *st)
{
    uint8_t stored[SECRET_TAG_BYTES], made[SECRET_TAG_BYTES], unused[SECRET_TAG_BYTES];
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        int tag_column = db_column_count(st) - 1;
        seal_copy_tag(st, tag_column, stored);
        make_element(store, stored, unused); /* the old summand and the new one */
        make_element(store, stored, unused);
        err = make_tag(store, table, st, tag_column, made) ? write_tag(store, table, st, stored)
                                                           : CC_ERR_NO_SPACE;
    }
    enum cc_err end = db_run(st);
    return end == CC_OK ? err : end;
}

enum cc_err rowtag_run_delete(struct store *store, enum rowtag_table table, struct db_stmt *st)
{
    static const uint8_t none[SECRET_TAG_BYTES];
    uint8_t unused[SECRET_TAG_BYTES];
    bool any = false, is_alone = false;
    enum cc_err err = begin_alone(store, &is_alone);
    while (err == CC_OK && db_step(st)) {
        any = true;
        toggle_tag(store, table, st, 0);
    }
    if (!any)
        make_element(store, none, unused); /* to delete a row that is not there takes as long */
    err = db_finish_with(st, err);
    return store_end_alone(store, is_alone, err == CC_OK && !any ? CC_ERR_NOT_FOUND : err);
}

struct db_stmt *rowtag_select(struct store *store, enum rowtag_table table, int64_t after,
                              int64_t limit)
{
    struct db_stmt *st = db_query(store->db, tables[table].select);
    DB_BIND(st, 1, db_int(after), db_int(limit));
    return st;
}

static enum cc_err tag_table(struct store *store, enum rowtag_table table)
{
    enum cc_err err = CC_OK;
    struct db_stmt *st = rowtag_select(store, table, 0, INT64_MAX);
    while (err == CC_OK && db_step(st))
        if (db_column_is_null(st, db_column_count(st) - 1))
            err = tag_row(store, table, st);
    return db_finish_with(st, err);
}

enum cc_err rowtag_tag_untagged(struct store *store, enum rowtag_table first)
{
    enum cc_err err = CC_OK;
    for (int table = (int)first; table < ROWTAG_TABLES && err == CC_OK; ++table)
        err = tag_table(store, (enum rowtag_table)table);
    return err;
}
