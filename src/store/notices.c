/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/notices.h"

#define DAY_MS INT64_C(86400000)

enum cc_err notices_mark(struct store *store, int64_t citizen_id, enum notice_kind kind,
                         int64_t now_ms, bool *ret_is_first)
{
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO notices (citizen_id, kind, told_ms) VALUES ($1, $2, $3)"
                   " ON CONFLICT (citizen_id, kind) DO UPDATE SET told_ms = excluded.told_ms"
                   " WHERE notices.told_ms <= excluded.told_ms - $4");
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, (int64_t)kind);
    db_bind_int(st, 3, now_ms);
    db_bind_int(st, 4, DAY_MS);
    enum cc_err err = db_run(st);
    if (err == CC_OK)
        *ret_is_first = db_changes(store->db) > 0;
    return err;
}
