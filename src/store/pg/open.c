/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening: nothing is written to a database before it is known to be ours. */
#include "store/pg/identity.h"
#include "store/pg/pipeline.h"

#include "base/log.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum cc_err check_server(struct pg_db *pg)
{
    int version = PQserverVersion(pg->conn);
    const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
    if (version < PG_OLDEST_SERVER) {
        log_error("base_datos: el servidor es PostgreSQL %d y hace falta el 15 o uno más nuevo",
                  version / 10000);
        return CC_ERR_DB;
    }
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
        log_error("base_datos: la base de datos está en %s: créela con ENCODING 'UTF8'",
                  encoding != NULL ? encoding : "una codificación desconocida");
        return CC_ERR_DB;
    }
    return CC_OK;
}

enum cc_err pg_read_identity(struct db *db, struct pg_identity *ret)
{
    struct pg_identity is = {0};
    struct db_stmt *st = db_query(db, "SELECT count(*), coalesce(max(CASE WHEN relname ="
                                      " 'contraclaved' THEN 1 ELSE 0 END), 0) FROM pg_class"
                                      " WHERE relnamespace = current_schema()::regnamespace"
                                      " AND relkind IN ('r', 'p', 'v')");
    if (db_step(st)) {
        is.tables = db_column_int(st, 0);
        is.is_marked = db_column_int(st, 1);
    }
    enum cc_err err = db_finish(st);
    if (err != CC_OK || !is.is_marked) {
        *ret = is;
        return err;
    }
    st = db_query(db, "SELECT application_id, version FROM contraclaved");
    if (db_step(st)) {
        is.application_id = db_column_int(st, 0);
        is.version = db_column_int(st, 1);
    }
    *ret = is;
    return db_finish(st);
}

static enum cc_err check_identity(struct db *db, const struct db_identity *ours)
{
    struct pg_identity is = {0};
    pg_of(db)->mark.application_id = ours->application_id;
    enum cc_err err = pg_read_identity(db, &is);
    if (err != CC_OK)
        return err;
    if (is.tables > 0 && is.application_id != ours->application_id) {
        log_error(
            "base_datos: en el servidor hay otra base de datos, que no es de contraclaved; no "
            "se toca");
        return CC_ERR_DB_NOT_OURS;
    }
    if (is.version > ours->newest_version) {
        log_error("base_datos: la del servidor es de la versión %" PRId64 " y este programa conoce "
                  "hasta la %" PRId64 ": instale otra vez el programa más nuevo",
                  is.version, ours->newest_version);
        return CC_ERR_DB_NEWER;
    }
    return CC_OK;
}

enum cc_err pg_open(struct db *db, const char *place, const struct db_identity *ours)
{
    struct pg_db *pg = pg_of(db);
    enum cc_err err = pg_address_read(place, &pg->address);
    pg->pipeline = pg_pipeline_new();
    if (err == CC_OK && (pg->pipeline == NULL || !pg_names_read(pg)))
        err = CC_ERR_MEMORY;
    if (err == CC_OK)
        err = pg_connect(pg);
    if (err == CC_OK)
        err = check_server(pg);
    return err == CC_OK ? check_identity(db, ours) : err;
}

enum cc_err pg_open_to_read(struct db *db, const char *place, const struct db_identity *ours)
{
    enum cc_err err = pg_open(db, place, ours);
    pg_of(db)->only_reads = true;
    return err == CC_OK ? pg_exec(pg_of(db), "SET default_transaction_read_only = on") : err;
}

/* Locks that a connection has until its end: of a box's name, and of the lead. */
static enum cc_err take_lock(struct pg_db *pg, const char *number, const char *name,
                             bool *ret_taken)
{
    static const char sql[] = "SELECT pg_try_advisory_lock($1,"
                              " hashtext(current_schema() || '/' || $2))";
    const char *const values[] = {number, name};
    PGresult *result = NULL;
    enum cc_err err = pg_pipeline_settle(pg);
    if (err != CC_OK)
        return err;
    if (PQsendQueryParams(pg->conn, sql, 2, NULL, values, NULL, NULL, 0) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), sql);
    err = pg_receive(pg, sql, &result);
    if (err == CC_OK)
        *ret_taken = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    return err;
}

enum cc_err pg_take_name(struct pg_db *pg, bool *ret_taken)
{
    return take_lock(pg, "1128483927", pg->box, ret_taken);
}

bool pg_leads(const struct db *db)
{
    const struct pg_db *pg = (const struct pg_db *)db;
    return pg->state == PG_UP && pg->lead == pg->generation;
}

enum cc_err pg_take_lead(struct db *db)
{
    struct pg_db *pg = pg_of(db);
    bool is_taken = false;
    if (pg_leads(db) || pg->state != PG_UP)
        return CC_OK;
    enum cc_err err = take_lock(pg, "1128483928", "", &is_taken);
    if (err == CC_OK && is_taken)
        pg->lead = pg->generation;
    return err;
}

enum { NAME_MS = 3000, NAME_LOOK_MS = 100 };

enum cc_err pg_lock(struct db *db, const char *box)
{
    struct pg_db *pg = pg_of(db);
    bool is_taken = false;
    if (box[0] == '\0')
        return CC_OK;
    (void)snprintf(pg->box, sizeof(pg->box), "%s", box);
    enum cc_err err = pg_take_name(pg, &is_taken);
    /* of a daemon that was killed the server learns a moment later */
    for (int left_ms = NAME_MS; err == CC_OK && !is_taken && left_ms > 0; left_ms -= NAME_LOOK_MS) {
        (void)poll(NULL, 0, NAME_LOOK_MS);
        err = pg_take_name(pg, &is_taken);
    }
    if (err != CC_OK || is_taken)
        return err;
    log_error(
        "base_datos: otro equipo en marcha se llama también «%s»: ponga otro en nombre_equipo",
        box);
    return CC_ERR_DB_IN_USE;
}

enum { BOXES_SIZE = 256, BEAT_MS = 4000 }; /* longer than from one beat to the next */

/* Boxes but for this one that hold the lock of their name; also one that has just begun does, which
 * does not beat yet, and for the server one that was switched off a while ago. */
struct others {
    char names[BOXES_SIZE]; /* "" = there are none */
    int64_t beats;          /* their sum: a box that beats changes it, whatever its clock says */
    bool is_fresh;          /* one has beaten of late by the server's clock */
};

static enum cc_err look_at_others(struct db *db, struct others *ret)
{
    struct db_stmt *st = db_query(
        db, "SELECT coalesce(string_agg(box, ', ' ORDER BY box), ''),"
            " coalesce(sum(seen_ms), 0)::bigint, CASE WHEN max(seen_ms) >"
            " extract(epoch FROM clock_timestamp()) * 1000 - 15000 THEN 1 ELSE 0 END"
            " FROM boxes WHERE box <> $1"
            " AND EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = 1128483927"
            " AND objid::bigint = hashtext(current_schema() || '/' || box)::bigint & 4294967295)");
    db_bind_text(st, 1, pg_of(db)->box);
    if (db_step(st)) {
        (void)snprintf(ret->names, sizeof(ret->names), "%s", db_column_text(st, 0));
        ret->beats = db_column_int(st, 1);
        ret->is_fresh = db_column_int(st, 2) != 0;
    }
    return db_finish(st);
}

/* Two that begin at once are of one version: neither beats yet. */
static enum cc_err find_running(struct db *db, struct others *others, bool *ret_runs)
{
    enum cc_err err = look_at_others(db, others);
    int64_t beats = others->beats;
    if (err == CC_OK && others->names[0] != '\0' && !others->is_fresh) {
        (void)poll(NULL, 0, BEAT_MS);
        err = look_at_others(db, others);
    }
    *ret_runs = others->is_fresh || others->beats != beats;
    return err;
}

enum cc_err pg_check_alone(struct db *db)
{
    struct others others = {.beats = 0};
    int64_t has_boxes = 0;
    bool runs = false;
    enum cc_err err =
        db_run_int(db_query(db, "SELECT count(*) FROM pg_class WHERE relname = 'boxes'"
                                " AND relnamespace = current_schema()::regnamespace"),
                   &has_boxes);
    if (err != CC_OK || has_boxes == 0)
        return err;
    err = find_running(db, &others, &runs);
    if (err == CC_OK && runs)
        log_error("base_datos: hay que ponerla al día, y el equipo «%s» sigue en marcha con la "
                  "versión anterior: pare todos los equipos, y arranque primero uno",
                  others.names);
    return err == CC_OK && runs ? CC_ERR_DB_IN_USE : err;
}

void pg_close(struct db *db)
{
    struct pg_db *pg = pg_of(db);
    if (pg->conn != NULL)
        PQfinish(pg->conn);
    pg_pipeline_free(pg->pipeline);
    pg_names_free(pg);
    pg_address_done(&pg->address);
    free(pg->load);
}
