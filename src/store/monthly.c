/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/monthly.h"

#include "store/db.h"

#include <string.h>
#include <time.h>

static const struct {
    const char *event;
    const char *result; /* NULL = any */
    enum monthly_kind kind;
    bool is_many; /* the row's reference says how many it stands for */
} rules[] = {
    {"verificacion", "correcto", MONTHLY_ENTERED, false},
    {"verificacion", "rechazado", MONTHLY_REFUSED, true},
    {"verificacion", "sin_coincidencia", MONTHLY_REFUSED, true},
    {"solicitud", NULL, MONTHLY_REQUESTS, false},
    {"alta", "presencial", MONTHLY_IN_PERSON, false},
    {"alta", "en_linea", MONTHLY_ONLINE, false},
    {"alta", "certificado", MONTHLY_CERTIFICATE, false},
    {"alta", "telefono", MONTHLY_PHONE, false},
    {"alta", "identidad", MONTHLY_ASSERTED, false},
    {"renuncia", "correcto", MONTHLY_LEFT, false},
    {"defuncion", "correcto", MONTHLY_LEFT, false},
    {"anulacion", "correcto", MONTHLY_LEFT, false},
    {"cambio_nif", "correcto", MONTHLY_LEFT, false},
};

int64_t monthly_month_of(int64_t at_ms)
{
    struct tm tm = {0};
    time_t at_s = (time_t)(at_ms / 1000);
    (void)localtime_r(&at_s, &tm);
    return (tm.tm_year + INT64_C(1900)) * 12 + tm.tm_mon;
}

/* No row of the box stands for more in a minute; a number beyond would end the sum at its range. */
enum { MANY_MAX = 1000 * 1000 };

bool monthly_counts_as(const char *event, const char *result, int64_t reference,
                       enum monthly_kind *ret, int64_t *ret_count)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcmp(rules[i].event, event) != 0 ||
            (rules[i].result != NULL && strcmp(rules[i].result, result) != 0))
            continue;
        *ret = rules[i].kind;
        *ret_count = rules[i].is_many && reference > 0 && reference <= MANY_MAX ? reference : 1;
        return true;
    }
    return false;
}

static enum cc_err add_count(struct store *store, int64_t month, enum monthly_kind kind,
                             int64_t count)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO monthly (month, kind, count) VALUES ($1, $2, $3)"
                            " ON CONFLICT (month, kind)"
                            " DO UPDATE SET count = monthly.count + excluded.count");
    DB_BIND(st, 1, db_int(month), db_int(kind), db_int(count));
    return db_run(st);
}

enum cc_err monthly_add(struct store *store, enum monthly_kind kind, int64_t count, int64_t now_ms)
{
    return add_count(store, monthly_month_of(now_ms), kind, count);
}

/* ---- what the trail tells -------------------------------------------------------------------- */

typedef enum cc_err take_fn(struct store *store, int64_t month, const int64_t *counts, void *user);

/* Rows of one month that follow each other, before they are taken. */
struct tally {
    int64_t month;
    int64_t counts[MONTHLY_KINDS];
};

static void count_row(struct tally *tally, struct db_stmt *st)
{
    enum monthly_kind kind;
    int64_t count;
    if (monthly_counts_as(db_column_text(st, 2), db_column_text(st, 3), db_column_int(st, 4), &kind,
                          &count))
        tally->counts[kind] += count;
}

/* Reads a number that stands under month 0. */
static enum cc_err read_before(struct store *store, enum monthly_kind kind, int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT coalesce((SELECT count FROM monthly"
                                             " WHERE month = 0 AND kind = $1), 0) AS n");
    db_bind_int(st, 1, (int64_t)kind);
    return db_run_int(st, ret);
}

enum cc_err monthly_last_folded(struct store *store, int64_t *ret_id)
{
    return read_before(store, MONTHLY_FOLDED, ret_id);
}

/* Gives `take` the rows behind *id_io month by month; *id_io is the last of them. */
static enum cc_err walk_trail(struct store *store, int64_t *id_io, int64_t *ret_rows, take_fn *take,
                              void *user)
{
    struct tally tally = {.month = 0};
    enum cc_err err = CC_OK;
    struct db_stmt *st =
        db_query(store->db, "SELECT id, at_ms, event, result, reference FROM audit WHERE id > $1"
                            " ORDER BY id LIMIT $2");
    DB_BIND(st, 1, db_int(*id_io), db_int(MONTHLY_FOLD_ROWS));
    for (*ret_rows = 0; err == CC_OK && db_step(st); ++*ret_rows) {
        int64_t month = monthly_month_of(db_column_int(st, 1));
        if (month != tally.month && *ret_rows > 0)
            err = take(store, tally.month, tally.counts, user);
        if (month != tally.month)
            tally = (struct tally){.month = month};
        count_row(&tally, st);
        *id_io = db_column_int(st, 0);
    }
    err = db_finish_with(st, err);
    return err == CC_OK && *ret_rows > 0 ? take(store, tally.month, tally.counts, user) : err;
}

static enum cc_err keep_counts(struct store *store, int64_t month, const int64_t *counts,
                               void *user)
{
    (void)user;
    for (int kind = MONTHLY_FOLDED + 1; kind < MONTHLY_KINDS; kind++) {
        if (counts[kind] == 0)
            continue;
        enum cc_err err = add_count(store, month, (enum monthly_kind)kind, counts[kind]);
        if (err != CC_OK)
            return err;
    }
    return CC_OK;
}

enum cc_err monthly_fold(struct store *store, bool *ret_more)
{
    int64_t before = 0, rows = 0;
    enum cc_err err = monthly_last_folded(store, &before);
    int64_t last = before;
    if (err == CC_OK)
        err = walk_trail(store, &last, &rows, keep_counts, NULL);
    if (err == CC_OK && rows > 0)
        err = add_count(store, 0, MONTHLY_FOLDED, last - before);
    if (err == CC_OK)
        *ret_more = rows == MONTHLY_FOLD_ROWS;
    return err;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* While the table is filled. A month of the future, which a bad clock has written, is not in it. */
struct reading {
    struct monthly_table *table;
    int64_t last;                    /* month */
    int64_t first;                   /* month with any figure; 0 = none yet */
    int64_t first_sms, first_active; /* the same of these */
    int64_t people, active;          /* before the months of the table */
};

static int64_t change_of_people(const int64_t *counts)
{
    int64_t change = -counts[MONTHLY_LEFT];
    for (int kind = MONTHLY_IN_PERSON; kind <= MONTHLY_ASSERTED; kind++)
        change += counts[kind];
    return change;
}

static void note_first(int64_t *first_io, int64_t month)
{
    if (*first_io == 0 || month < *first_io)
        *first_io = month;
}

static enum cc_err take_counts(struct store *store, int64_t month, const int64_t *counts,
                               void *user)
{
    struct reading *reading = user;
    (void)store;
    if (month > reading->last)
        return CC_OK;
    note_first(&reading->first, month);
    if (counts[MONTHLY_SMS_SENT] != 0 || counts[MONTHLY_SMS_FAILED] != 0)
        note_first(&reading->first_sms, month);
    if (counts[MONTHLY_ACTIVE] != 0)
        note_first(&reading->first_active, month);
    if (month <= reading->last - MONTHLY_SHOWN) {
        reading->people += change_of_people(counts);
        reading->active += counts[MONTHLY_ACTIVE];
        return CC_OK;
    }
    struct monthly_row *row = &reading->table->rows[month - (reading->last - MONTHLY_SHOWN) - 1];
    for (int kind = 0; kind < MONTHLY_KINDS; kind++)
        row->counts[kind] += counts[kind];
    return CC_OK;
}

static enum cc_err read_stored(struct store *store, struct reading *reading)
{
    enum cc_err err = CC_OK;
    struct db_stmt *st = db_query(store->db, "SELECT month, kind, count FROM monthly"
                                             " WHERE month > 0 AND kind > 0 AND kind < $1"
                                             " ORDER BY month, kind");
    db_bind_int(st, 1, MONTHLY_KINDS);
    while (err == CC_OK && db_step(st)) {
        int64_t counts[MONTHLY_KINDS] = {0};
        counts[db_column_int(st, 1)] = db_column_int(st, 2);
        err = take_counts(store, db_column_int(st, 0), counts, reading);
    }
    return db_finish_with(st, err);
}

/* Sums up, and leaves out the months before the first figure. */
static void finish_table(const struct reading *reading)
{
    struct monthly_table *table = reading->table;
    int64_t people = reading->people, active = reading->active;
    int64_t before = reading->last - MONTHLY_SHOWN;
    for (int64_t i = 0; i < MONTHLY_SHOWN; i++) {
        struct monthly_row *row = &table->rows[i];
        row->month = before + 1 + i;
        people += change_of_people(row->counts);
        row->people = people;
        active += row->counts[MONTHLY_ACTIVE];
        row->active = active;
        row->knows_active = reading->first_active != 0 ? row->month >= reading->first_active
                                                       : row->month == reading->last;
        row->knows_sms = reading->first_sms != 0 && row->month >= reading->first_sms;
    }
    int64_t empty = reading->first > before + 1 ? reading->first - before - 1 : 0;
    if (reading->first == 0)
        empty = MONTHLY_SHOWN - 1;
    table->count = (size_t)(MONTHLY_SHOWN - empty);
    memmove(table->rows, table->rows + empty, table->count * sizeof(table->rows[0]));
}

enum cc_err monthly_read(struct store *store, int64_t now_ms, struct monthly_table *ret)
{
    struct reading reading = {.table = ret, .last = monthly_month_of(now_ms)};
    int64_t folded = 0, rows = 0;
    *ret = (struct monthly_table){.count = 0};
    enum cc_err err = monthly_last_folded(store, &folded);
    if (err == CC_OK)
        err = read_before(store, MONTHLY_ACTIVE, &reading.active);
    if (err == CC_OK)
        err = read_stored(store, &reading);
    if (err == CC_OK)
        err = walk_trail(store, &folded, &rows, take_counts, &reading);
    if (err != CC_OK)
        return err;
    ret->is_whole = rows < MONTHLY_FOLD_ROWS;
    finish_table(&reading);
    return CC_OK;
}
