/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/boxes.h"

#include "base/log.h"
#include "gsm/cause.h"
#include "store/rowtag.h"

#include <stdio.h>
#include <string.h>

enum cc_err boxes_beat(struct store *store, int64_t now_ms, const struct box_state *state)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO boxes (box, seen_ms, sends_ms, modems, ready, leads)"
                            " VALUES ($1, $2, $3, $4, $5, $6)"
                            " ON CONFLICT (box) DO UPDATE SET seen_ms = excluded.seen_ms,"
                            " modems = excluded.modems, ready = excluded.ready,"
                            " leads = excluded.leads,"
                            " sends_ms = CASE WHEN excluded.sends_ms > 0 THEN excluded.sends_ms"
                            " ELSE boxes.sends_ms END");
    DB_BIND(st, 1, db_text(store->box), db_int(now_ms), db_int(state->can_send ? now_ms : 0),
            db_int(state->modems), db_int(state->ready), db_int(state->leads));
    return db_run(st);
}

enum cc_err boxes_list(struct store *store, struct box_row *rows, size_t max, size_t *ret_count)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT box, seen_ms, sends_ms, modems, ready, leads FROM boxes"
                            " ORDER BY box LIMIT $1");
    size_t count = 0;
    db_bind_int(st, 1, (int64_t)max);
    while (db_step(st)) {
        struct box_row *row = &rows[count++];
        *row = (struct box_row){.seen_ms = db_column_int(st, 1),
                                .sends_ms = db_column_int(st, 2),
                                .state = {.modems = db_column_int(st, 3),
                                          .ready = db_column_int(st, 4),
                                          .leads = db_column_int(st, 5) != 0}};
        row->state.can_send = row->sends_ms > 0 && row->sends_ms == row->seen_ms;
        (void)snprintf(row->name, sizeof(row->name), "%s", db_column_text(st, 0));
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_count = count;
    return err;
}

enum cc_err boxes_forget(struct store *store, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM boxes WHERE seen_ms < $1");
    db_bind_int(st, 1, now_ms - BOXES_FORGET_MS);
    return db_run(st);
}

enum cc_err boxes_take_mails(struct store *store, int64_t gone_ms, int64_t not_before_ms,
                             int64_t *ret_count)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE mails SET box = $1,"
                            " not_before_ms = CASE WHEN state = 1 THEN $2 ELSE not_before_ms END,"
                            " state = CASE WHEN state = 1 THEN 3 ELSE state END"
                            " WHERE done_ms = 0 AND box <> $1"
                            " AND box NOT IN (SELECT box FROM boxes WHERE seen_ms > $3)");
    DB_BIND(st, 1, db_text(store->box), db_int(not_before_ms), db_int(gone_ms));
    return db_run_count(st, ret_count);
}

static const char waiting_sql[] =
    "UPDATE outbox SET box = $1 WHERE state = 0 AND box <> $1 AND only_modem = ''"
    " AND box NOT IN (SELECT box FROM boxes WHERE sends_ms > $2)";
static const char unknown_sql[] =
    "UPDATE outbox SET box = $1 WHERE done_ms = 0 AND state = 5 AND box <> $1"
    " AND box NOT IN (SELECT box FROM boxes WHERE seen_ms > $2)";

static enum cc_err take_by(struct store *store, const char *sql, int64_t gone_ms,
                           int64_t *ret_count)
{
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_text(store->box), db_int(gone_ms));
    return db_run_count(st, ret_count);
}

static enum cc_err take_in_flight(struct store *store, int64_t gone_ms, int64_t window_ends_ms,
                                  int64_t *ret_count)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET box = $1, state = 5, crashes = crashes + 1,"
                            " window_ends_ms = $2, cause_kind = $3, cause_code = 0"
                            " WHERE done_ms = 0 AND state = 1 AND box <> $1"
                            " AND box NOT IN (SELECT box FROM boxes WHERE seen_ms > $4)");
    DB_BIND(st, 1, db_text(store->box), db_int(window_ends_ms), db_int(GSM_CAUSE_LOCAL),
            db_int(gone_ms));
    return db_run_count(st, ret_count);
}

enum cc_err boxes_take_over(struct store *store, int64_t gone_ms, int64_t window_ends_ms,
                            int64_t *ret_count)
{
    int64_t unknown = 0, in_flight = 0, waiting = 0;
    enum cc_err err = take_by(store, unknown_sql, gone_ms, &unknown);
    if (err == CC_OK)
        err = take_in_flight(store, gone_ms, window_ends_ms, &in_flight);
    if (err == CC_OK)
        err = take_by(store, waiting_sql, gone_ms, &waiting);
    if (err == CC_OK)
        *ret_count = unknown + in_flight + waiting;
    return err;
}

enum { WORTH_MORE = 4 }; /* a smaller difference is that of the moments at which two boxes look */

/* The box at which most messages wait, and how many more than here. */
static enum cc_err find_busiest(struct store *store, char ret_box[STORE_BOX_SIZE],
                                int64_t *ret_more)
{
    struct db_stmt *st = db_query(store->db, "SELECT box, count(*) FROM outbox WHERE state = 0"
                                             " AND done_ms = 0 AND only_modem = '' GROUP BY box");
    int64_t own = 0, most = 0;
    while (db_step(st)) {
        const char *box = db_column_text(st, 0);
        int64_t count = db_column_int(st, 1);
        if (strcmp(box, store->box) == 0)
            own = count;
        else if (count > most) {
            most = count;
            (void)snprintf(ret_box, STORE_BOX_SIZE, "%s", box);
        }
    }
    *ret_more = most - own;
    return db_finish(st);
}

enum cc_err boxes_share(struct store *store, int64_t now_ms, int64_t most, int64_t *ret_count)
{
    char box[STORE_BOX_SIZE] = "";
    int64_t more = 0;
    enum cc_err err = find_busiest(store, box, &more);
    if (err != CC_OK || more < WORTH_MORE) {
        *ret_count = 0;
        return err;
    }
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET box = $1 WHERE id IN (SELECT id FROM outbox WHERE state = 0"
                   " AND done_ms = 0 AND box = $2 AND only_modem = '' AND not_before_ms <= $3"
                   " AND created_ms <= $4 ORDER BY id LIMIT $5)");
    DB_BIND(st, 1, db_text(store->box), db_text(box), db_int(now_ms),
            db_int(now_ms - BOXES_BEAT_MS), db_int(more / 2 < most ? more / 2 : most));
    return db_run_count(st, ret_count);
}

/* ---- the name of this box ------------------------------------------------------------------- */

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

/* `same`: what is the same in two rows of one key, under any box. */
#define DROP_DOUBLES(table, same)                                                                  \
    "DELETE FROM " table " WHERE box <> $1 AND EXISTS (SELECT 1 FROM " table                       \
    " AS kept WHERE " same " (kept.box = $1 OR kept.box < " table ".box))"
#define RENAME(table) "UPDATE " table " SET box = $1 WHERE box <> $1"

/*
 * A file that has been a server's has the rows of all the boxes. Of rows that would be the same one
 * under one name, this box's own stays, or else that of one other: what goes is history, and what a
 * box keeps for itself.
 */
static enum cc_err rename_rows(struct store *store)
{
    static const char *const statements[] = {
        DROP_DOUBLES("inbox_seen", "kept.tag = inbox_seen.tag AND"),
        DROP_DOUBLES("balances", "kept.modem = balances.modem AND"),
        DROP_DOUBLES("samples", "kept.grade = samples.grade AND kept.start_ms = samples.start_ms"
                                " AND kept.modem = samples.modem AND"),
        DROP_DOUBLES("box_samples", "kept.grade = box_samples.grade AND"
                                    " kept.start_ms = box_samples.start_ms AND"),
        DROP_DOUBLES("deliveries",
                     "kept.grade = deliveries.grade AND kept.start_ms ="
                     " deliveries.start_ms AND kept.seconds = deliveries.seconds AND"),
        DROP_DOUBLES("pauses", ""),
        DROP_DOUBLES("alerts", "kept.kind = alerts.kind AND"),
        DROP_DOUBLES("alert_results", "kept.channel = alert_results.channel AND"),
        RENAME("outbox"),
        RENAME("inbox"),
        RENAME("inbox_groups"),
        RENAME("inbox_seen"),
        RENAME("balances"),
        RENAME("samples"),
        RENAME("box_samples"),
        RENAME("deliveries"),
        RENAME("recoveries"),
        RENAME("events"),
        RENAME("mails"),
        RENAME("pauses"),
        RENAME("alerts"),
        RENAME("alert_results"),
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
    bool is_new = false, is_alone = false;
    if (store->box[0] == '\0' || db_is_shared(store->db))
        return CC_OK;
    enum cc_err err = store_begin_alone(store, &is_alone);
    if (err == CC_OK)
        err = note_name(store, &is_new);
    if (err == CC_OK && is_new)
        err = rename_rows(store);
    err = store_end_alone(store, is_alone, err);
    if (err == CC_OK && is_new)
        log_info("base de datos: este equipo se llama %s", store->box);
    return err;
}
