/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/box.h"

#include "base/log.h"
#include "store/rowtag.h"

#include <string.h>

/* Notes the name in meta, so that later starts need not look at every row. */
static enum cc_err note_name(struct store *store, bool *ret_is_new)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO meta (name, bytes) VALUES ('box', $1)"
                            " ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes"
                            " WHERE meta.bytes IS DISTINCT FROM excluded.bytes"
                            " RETURNING " META_TAGGED);
    db_bind_blob(st, 1, store->box, strlen(store->box));
    enum cc_err err = rowtag_run(store, ROWTAG_META, st, NULL);
    *ret_is_new = err == CC_OK;
    return err_allow_absent(err);
}

/*
 * A file that has been a server's has the rows of all the boxes. Of rows that would be the same one
 * under one name, this box's own stays, or else that of one other: what goes is history, and what a
 * box keeps for itself.
 */
static enum cc_err rename_rows(struct store *store)
{
    static const char *const statements[] = {
        "DELETE FROM inbox_seen WHERE box <> $1 AND EXISTS (SELECT 1 FROM inbox_seen AS kept WHERE "
        "kept.tag = inbox_seen.tag AND (kept.box = $1 OR kept.box < inbox_seen.box))",
        "DELETE FROM balances WHERE box <> $1 AND EXISTS (SELECT 1 FROM balances AS kept WHERE "
        "kept.modem = balances.modem AND (kept.box = $1 OR kept.box < balances.box))",
        "DELETE FROM samples WHERE box <> $1 AND EXISTS (SELECT 1 FROM samples AS kept WHERE "
        "kept.grade = samples.grade AND kept.start_ms = samples.start_ms AND kept.modem = "
        "samples.modem AND (kept.box = $1 OR kept.box < samples.box))",
        "DELETE FROM box_samples WHERE box <> $1 AND EXISTS (SELECT 1 FROM box_samples AS kept "
        "WHERE kept.grade = box_samples.grade AND kept.start_ms = box_samples.start_ms AND "
        "(kept.box = $1 OR kept.box < box_samples.box))",
        "DELETE FROM deliveries WHERE box <> $1 AND EXISTS (SELECT 1 FROM deliveries AS kept WHERE "
        "kept.grade = deliveries.grade AND kept.start_ms = deliveries.start_ms AND kept.seconds = "
        "deliveries.seconds AND (kept.box = $1 OR kept.box < deliveries.box))",
        "DELETE FROM pauses WHERE box <> $1 AND EXISTS (SELECT 1 FROM pauses AS kept WHERE "
        "(kept.box = $1 OR kept.box < pauses.box))",
        "DELETE FROM alerts WHERE box <> $1 AND EXISTS (SELECT 1 FROM alerts AS kept WHERE "
        "kept.kind = alerts.kind AND (kept.box = $1 OR kept.box < alerts.box))",
        "DELETE FROM alert_results WHERE box <> $1 AND EXISTS (SELECT 1 FROM alert_results AS kept "
        "WHERE kept.channel = alert_results.channel AND (kept.box = $1 OR kept.box < "
        "alert_results.box))",
        "UPDATE outbox SET box = $1 WHERE box <> $1",
        "UPDATE inbox SET box = $1 WHERE box <> $1",
        "UPDATE inbox_groups SET box = $1 WHERE box <> $1",
        "UPDATE inbox_seen SET box = $1 WHERE box <> $1",
        "UPDATE balances SET box = $1 WHERE box <> $1",
        "UPDATE samples SET box = $1 WHERE box <> $1",
        "UPDATE box_samples SET box = $1 WHERE box <> $1",
        "UPDATE deliveries SET box = $1 WHERE box <> $1",
        "UPDATE recoveries SET box = $1 WHERE box <> $1",
        "UPDATE events SET box = $1 WHERE box <> $1",
        "UPDATE mails SET box = $1 WHERE box <> $1",
        "UPDATE pauses SET box = $1 WHERE box <> $1",
        "UPDATE alerts SET box = $1 WHERE box <> $1",
        "UPDATE alert_results SET box = $1 WHERE box <> $1",
    };
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]) && err == CC_OK; i++) {
        struct db_stmt *st = db_query(store->db, statements[i]);
        db_bind_text(st, 1, store->box);
        err = db_run(st);
    }
    return err;
}

enum cc_err box_adopt_rows(struct store *store)
{
    bool is_new = false;
    if (store->box[0] == '\0' || db_is_shared(store->db))
        return CC_OK;
    enum cc_err err = db_begin(store->db);
    if (err == CC_OK)
        err = note_name(store, &is_new);
    if (err == CC_OK && is_new)
        err = rename_rows(store);
    if (err == CC_OK)
        err = store_commit(store);
    if (err != CC_OK)
        db_rollback(store->db);
    else if (is_new)
        log_info("base de datos: este equipo se llama %s", store->box);
    return err;
}
