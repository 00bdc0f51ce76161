/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a change of the master key needs of the engine. Changes to a database are noted by triggers
 * of this connection alone, in a table of it, in memory: they are undone with the transaction, and
 * nothing of them is left when the process ends.
 */
#include "store/sqlite/engine.h"
#include "store/sqlite/private.h"

#include <inttypes.h>
#include <stdio.h>

enum { SQL_SIZE = 512 };

/* NOT EXISTS: a conflict clause of the statement that fires a trigger would hold in it too. */
static const char note_sql[] =
    "CREATE TEMP TRIGGER watch_%" PRId64 "_%s AFTER %s ON main.%s BEGIN"
    " INSERT INTO changed SELECT %" PRId64 ", %s%s WHERE NOT EXISTS"
    " (SELECT 1 FROM changed WHERE number = %" PRId64 " AND slot = %s%s); END";

static enum cc_err add_trigger(struct db *db, const struct engine_watched *watched,
                               const char *name, const char *event, const char *side)
{
    char sql[SQL_SIZE];
    const char *from = watched->slot[0] == '0' ? "" : side;
    int len = snprintf(sql, sizeof(sql), note_sql, watched->number, name, event, watched->table,
                       watched->number, from, watched->slot, watched->number, from, watched->slot);
    return len > 0 && len < SQL_SIZE ? db_exec(db, sql) : CC_ERR_NO_SPACE;
}

static enum cc_err watch_table(struct db *db, const struct engine_watched *watched)
{
    static const struct {
        const char *name, *event, *side;
    } triggers[] = {
        {"i", "INSERT", "NEW."},
        {"d", "DELETE", "OLD."},
        {"u", "UPDATE", "OLD."},
        {"n", "UPDATE", "NEW."},
    };
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]) && err == CC_OK; i++)
        err = add_trigger(db, watched, triggers[i].name, triggers[i].event, triggers[i].side);
    return err;
}

static enum cc_err rotation_watch(struct db *db, const struct engine_watched *watched, size_t count)
{
    enum cc_err err =
        db_exec(db, "CREATE TEMP TABLE changed (number INTEGER NOT NULL, slot INTEGER NOT NULL,"
                    " PRIMARY KEY (number, slot)) WITHOUT ROWID");
    for (size_t i = 0; i < count && err == CC_OK; i++)
        err = watch_table(db, &watched[i]);
    return err;
}

static void rotation_unwatch(struct db *db, const struct engine_watched *watched, size_t count)
{
    char sql[SQL_SIZE];
    for (size_t i = 0; i < count; i++)
        for (const char *name = "idun"; *name != '\0'; name++) {
            (void)snprintf(sql, sizeof(sql), "DROP TRIGGER IF EXISTS temp.watch_%" PRId64 "_%c",
                           watched[i].number, *name);
            (void)!db_exec(db, sql);
        }
    (void)!db_exec(db, "DROP TABLE IF EXISTS temp.changed");
}

static enum cc_err rotation_take(struct db *db, int64_t *ret_number, int64_t *ret_slot)
{
    struct db_stmt *st = db_query(db, "SELECT number, slot FROM temp.changed LIMIT 1");
    bool found = db_step(st);
    if (found) {
        *ret_number = db_column_int(st, 0);
        *ret_slot = db_column_int(st, 1);
    }
    enum cc_err err = db_finish_with(st, found ? CC_OK : CC_ERR_NOT_FOUND);
    if (err != CC_OK)
        return err;
    st = db_query(db, "DELETE FROM temp.changed WHERE number = $1 AND slot = $2");
    DB_BIND(st, 1, db_int(*ret_number), db_int(*ret_slot));
    return db_run(st);
}

static enum cc_err rotation_give_back(struct db *db, int64_t number, int64_t slot)
{
    struct db_stmt *st = db_query(db, "INSERT OR IGNORE INTO temp.changed VALUES ($1, $2)");
    DB_BIND(st, 1, db_int(number), db_int(slot));
    return db_run(st);
}

static enum cc_err rotation_count(struct db *db, int64_t *ret)
{
    return db_run_int(db_query(db, "SELECT count(*) FROM temp.changed"), ret);
}

/* Rows come in no order of what they refer to; and the log is written back little by little, so
 * that its end takes no time. */
static enum cc_err rotation_relax(struct db *db)
{
    return db_exec(db, "PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 200");
}

/* The numbers that AUTOINCREMENT has given: none is given twice, though its row is gone. */
static enum cc_err rotation_copy_numbers(struct db *from, struct db *to)
{
    enum cc_err err = db_run(db_query(to, "DELETE FROM sqlite_sequence"));
    struct db_stmt *st = db_query(from, "SELECT name, seq FROM sqlite_sequence");
    while (err == CC_OK && db_step(st)) {
        struct db_stmt *put =
            db_query(to, "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)");
        DB_BIND(put, 1, db_text(db_column_text(st, 0)), db_int(db_column_int(st, 1)));
        err = db_run(put);
    }
    return db_finish_with(st, err);
}

const struct engine_rotation sqlite_rotation = {
    .watch = rotation_watch,
    .unwatch = rotation_unwatch,
    .take = rotation_take,
    .give_back = rotation_give_back,
    .count = rotation_count,
    .relax = rotation_relax,
    .copy_numbers = rotation_copy_numbers,
};
