/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/notices.h"

#include "base/span.h"
#include "domain/clock_trust.h"
#include "store/rowtag.h"

/* A row that was altered is told (store/integrity.h), and counts as none: the notice is given. So
 * does one that a clock which was ahead has dated. */
static enum cc_err find_told(struct store *store, int64_t citizen_id, enum notice_kind kind,
                             int64_t now_ms, bool *ret_is_recent)
{
    int64_t told_ms = 0;
    struct db_stmt *st = db_query(store->db, "SELECT " NOTICES_TAGGED " FROM notices"
                                             " WHERE citizen_id = $1 AND kind = $2");
    DB_BIND(st, 1, db_int(citizen_id), db_int(kind));
    if (db_step(st) && rowtag_fits(store, ROWTAG_NOTICES, st))
        told_ms = db_column_int(st, 3);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_is_recent = told_ms > now_ms - DAY_MS && told_ms <= now_ms + CLOCK_FUTURE_MS;
    return err;
}

enum cc_err notices_mark(struct store *store, int64_t citizen_id, enum notice_kind kind,
                         int64_t now_ms, bool *ret_is_first)
{
    bool is_recent = false;
    enum cc_err err = find_told(store, citizen_id, kind, now_ms, &is_recent);
    if (err != CC_OK)
        return err;
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO notices (citizen_id, kind, told_ms) VALUES ($1, $2, $3)"
                            " ON CONFLICT (citizen_id, kind) DO UPDATE SET told_ms = $3"
                            " WHERE $4 <> 0 RETURNING " NOTICES_TAGGED);
    DB_BIND(st, 1, db_int(citizen_id), db_int(kind), db_int(now_ms), db_int(!is_recent));
    err = rowtag_run(store, ROWTAG_NOTICES, st, NULL);
    if (err != CC_OK && err != CC_ERR_NOT_FOUND)
        return err;
    *ret_is_first = !is_recent;
    return CC_OK;
}
