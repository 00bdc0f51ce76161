/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/evidence_check.h"

#include "store/evidence.h"
#include "store/evidence_group.h"
#include "store/purge.h"

enum { ROWS = 100 };
/* The shortest term that the configuration takes, less a moment: the entries of one row have one
 * date. Longer terms are the town's, and may have been changed. */
#define KEPT_MS (INT64_C(30) * 24 * 3600 * 1000 - 3600 * 1000)

/* Entries of the trail, by their numbers. */
struct entries {
    size_t count;
    struct {
        int64_t id, at_ms;
        bool is_found;
    } of[ROWS];
};

static enum cc_err find_kept(struct evidence_check *check, struct store *store)
{
    int64_t run_ms = 0;
    if (check->kept_ms != 0)
        return CC_OK;
    enum cc_err err = purge_last_run(store, &run_ms);
    if (err == CC_OK)
        check->kept_ms = run_ms > 0 ? run_ms - KEPT_MS : INT64_MAX; /* soon; see service/purge.c */
    return err;
}

static enum cc_err read_entries(struct evidence_check *check, struct store *store,
                                struct entries *ret, bool *ret_more)
{
    int64_t read = 0;
    struct db_stmt *st = db_query(store->db, "SELECT id, at_ms, event, result FROM audit"
                                             " WHERE id > $1 ORDER BY id LIMIT $2");
    DB_BIND(st, 1, db_int(check->after), db_int(ROWS));
    ret->count = 0;
    for (; db_step(st); read++) {
        check->after = db_column_int(st, 0);
        if (!evidence_is_entry(db_column_text(st, 2), db_column_text(st, 3)))
            continue;
        ret->of[ret->count].id = check->after;
        ret->of[ret->count].at_ms = db_column_int(st, 1);
        ret->of[ret->count++].is_found = false;
    }
    *ret_more = read == ROWS;
    return db_finish(st);
}

static void mark_entries(struct entries *entries, int64_t from, int64_t until)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->of[i].id >= from && entries->of[i].id < until)
            entries->of[i].is_found = true;
}

/* Marks those that the row has. Errors: CC_ERR_ALTERED, CC_ERR_MEMORY. */
static enum cc_err mark_row(struct entries *entries, struct evidence_row *row)
{
    struct evidence evidence;
    int64_t id = 0;
    enum cc_err err;
    while ((err = evidence_row_next(row, &id, &evidence)) == CC_OK)
        mark_entries(entries, id, id + 1);
    secret_wipe(&evidence, sizeof evidence);
    return err_allow_absent(err);
}

/* Marks what is there. Of a row that does not open it is not known whose it is: those up to the
 * next. */
static enum cc_err mark_found(struct evidence_check *check, struct store *store,
                              struct entries *entries, void (*on_altered)(int64_t id, void *user),
                              void *user)
{
    int64_t first = entries->of[0].id, last = entries->of[entries->count - 1].id, dark = 0;
    enum cc_err err = CC_OK;
    struct db_stmt *st = db_query(
        store->db, "SELECT id, at_ms, sealed FROM evidence WHERE id >= (SELECT coalesce(max(id), 0)"
                   " FROM evidence WHERE id <= $1) AND id <= $2 ORDER BY id");
    DB_BIND(st, 1, db_int(first), db_int(last));
    while (err == CC_OK && db_step(st)) {
        struct evidence_row row = {.id = 0};
        err = evidence_row_open(store, st, &row);
        if (dark != 0)
            mark_entries(entries, dark, row.id);
        if (err == CC_OK)
            err = mark_row(entries, &row);
        evidence_row_done(&row);
        dark = err == CC_ERR_ALTERED ? row.id : 0;
        if (err != CC_ERR_ALTERED)
            continue;
        err = CC_OK;
        if (row.id == check->altered_id) /* at the end of the step before too */
            continue;
        check->altered_id = row.id;
        check->altered++;
        on_altered(row.id, user);
    }
    if (dark != 0)
        mark_entries(entries, dark, INT64_MAX);
    return db_finish_with(st, err);
}

enum cc_err evidence_check_step(struct evidence_check *check, struct store *store,
                                void (*on_altered)(int64_t id, void *user), void *user,
                                bool *ret_more)
{
    struct entries entries;
    bool more = false;
    enum cc_err err = find_kept(check, store);
    if (err == CC_OK)
        err = read_entries(check, store, &entries, &more);
    if (err == CC_OK && entries.count > 0)
        err = mark_found(check, store, &entries, on_altered, user);
    if (err != CC_OK)
        return err;
    for (size_t i = 0; i < entries.count; i++)
        check->missing += !entries.of[i].is_found && entries.of[i].at_ms >= check->kept_ms;
    *ret_more = more;
    return CC_OK;
}
