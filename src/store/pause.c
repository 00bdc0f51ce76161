/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/pause.h"

#include <stdio.h>

enum cc_err pause_load(struct store *store, struct pause *ret)
{
    struct pause pause = {0};
    struct db_stmt *st = db_query(
        store->db, "SELECT since_ms, actor, reason FROM pauses ORDER BY since_ms, box LIMIT 1");
    if (db_step(st)) {
        pause.since_ms = db_column_int(st, 0);
        (void)snprintf(pause.actor, sizeof(pause.actor), "%s", db_column_text(st, 1));
        (void)snprintf(pause.reason, sizeof(pause.reason), "%s", db_column_text(st, 2));
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret = pause;
    return err;
}

enum cc_err pause_save(struct store *store, const struct pause *pause)
{
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO pauses (box, since_ms, actor, reason) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (box) DO UPDATE SET since_ms = excluded.since_ms,"
                   " actor = excluded.actor, reason = excluded.reason");
    DB_BIND(st, 1, db_text(store->box), db_int(pause->since_ms), db_text(pause->actor),
            db_text(pause->reason));
    return db_run(st);
}

enum cc_err pause_delete(struct store *store)
{
    return db_run(db_query(store->db, "DELETE FROM pauses"));
}
