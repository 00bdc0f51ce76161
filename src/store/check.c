/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/check.h"

#include <string.h>

void check_begin(struct check *check, struct store *store, check_row_fn *on_row, void *user)
{
    *check = (struct check){
        .store = store, .on_row = on_row, .user = user, .table = -1, .sums.is_counted = true};
}

static enum cc_err step_audit(struct check *check, int64_t rows)
{
    bool more = false;
    enum cc_err err = audit_walk(check->store, &check->audit, rows, &more);
    if (err == CC_OK && !more)
        check->table = 0;
    return err;
}

static void take_row(struct check *check, struct db_stmt *st)
{
    enum rowtag_table table = (enum rowtag_table)check->table;
    uint8_t element[SECRET_TAG_BYTES];
    if (!rowtag_measure(check->store, table, st, element)) {
        ++check->altered[table];
        if (check->on_row)
            check->on_row(table, db_column_int(st, 0), check->user);
    }
    for (size_t i = 0; i < sizeof element; ++i)
        check->sums.of[table][i] ^= element[i];
    check->sums.citizens += table == ROWTAG_CITIZENS;
    check->after = db_column_int(st, 0);
}

static enum cc_err step_table(struct check *check, int64_t rows)
{
    int64_t count = 0;
    struct db_stmt *st =
        rowtag_select(check->store, (enum rowtag_table)check->table, check->after, rows);
    for (; db_step(st); ++count)
        take_row(check, st);
    enum cc_err err = db_finish(st);
    if (err == CC_OK && (count < rows || check->table == ROWTAG_META)) {
        ++check->table;
        check->after = 0;
    }
    return err;
}

static void take_dark_row(int64_t id, void *user)
{
    const struct check *check = user;
    if (check->on_row)
        check->on_row(ROWTAG_EVIDENCE, id, check->user);
}

static enum cc_err step_evidence(struct check *check)
{
    bool more = false;
    enum cc_err err =
        evidence_check_step(&check->evidence, check->store, take_dark_row, check, &more);
    check->altered[ROWTAG_EVIDENCE] = check->evidence.altered;
    check->is_missing[ROWTAG_EVIDENCE] = check->evidence.missing > 0;
    check->table += err == CC_OK && !more;
    return err;
}

/* An altered row explains a sum that does not fit: it is named, and refused by itself. */
static enum cc_err compare_sums(struct check *check)
{
    struct head head = {0};
    bool fits = false;
    enum cc_err err = head_read(check->store, check->audit.tail.tag, &head, &fits);
    if (err != CC_OK)
        return err;
    if (!fits) {
        /* a number at the end of its range is not ours */
        int64_t last = check->audit.tail.id;
        audit_walk_mark(&check->audit, last < INT64_MAX ? last + 1 : last);
        return CC_OK;
    }
    for (int table = 0; table < ROWTAG_TABLES; ++table)
        check->is_missing[table] =
            check->altered[table] == 0 &&
            memcmp(head.sums.of[table], check->sums.of[table], SECRET_TAG_BYTES) != 0;
    return CC_OK;
}

enum cc_err check_step(struct check *check, int64_t rows, bool *ret_more)
{
    bool is_behind = check->table == ROWTAG_EVIDENCE;
    enum cc_err err = check->table < 0 ? step_audit(check, rows)
                      : is_behind      ? step_evidence(check)
                                       : step_table(check, rows);
    if (err == CC_OK && !is_behind && check->table == ROWTAG_EVIDENCE)
        err = compare_sums(check);
    if (err == CC_OK)
        *ret_more = check->table < CHECK_TABLES;
    return err;
}

enum cc_err check_run(struct check *check, struct store *store, check_row_fn *on_row, void *user)
{
    enum { ROWS = 1000 };
    bool more = true;
    enum cc_err err = CC_OK;
    check_begin(check, store, on_row, user);
    while (err == CC_OK && check->table < ROWTAG_TABLES)
        err = check_step(check, ROWS, &more);
    return err;
}

static bool is_any_missing(const struct check *check)
{
    for (int table = 0; table < ROWTAG_TABLES; ++table)
        if (check->is_missing[table])
            return true;
    return false;
}

static bool is_whole_table_altered(const struct check *check)
{
    for (int table = 0; table < ROWTAG_TABLES; ++table)
        if (check->altered[table] > 0 && integrity_needs_all_rows((enum rowtag_table)table))
            return true;
    return false;
}

bool check_is_good(const struct check *check)
{
    for (int table = 0; table < CHECK_TABLES; ++table)
        if (check->altered[table] > 0)
            return false;
    return !is_any_missing(check) && !check->is_missing[ROWTAG_EVIDENCE] &&
           !audit_walk_is_broken(&check->audit);
}

void check_tell(const struct check *check, struct store *store)
{
    if (is_any_missing(check) || is_whole_table_altered(check))
        integrity_add(store, INTEGRITY_ROWS);
    if (audit_walk_is_broken(&check->audit))
        integrity_add(store, INTEGRITY_AUDIT);
    if (check->is_missing[ROWTAG_EVIDENCE])
        integrity_add(store, INTEGRITY_EVIDENCE);
}
