/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/transfer.h"

#include "base/fsx.h"
#include "base/log.h"
#include "store/applications.h"
#include "store/audit.h"
#include "store/citizens.h"
#include "store/copy.h"
#include "store/engine.h"
#include "store/engines.h"
#include "store/schema.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TABLES_MAX = 96, TEXT_SIZE = 1024, DELETE_SIZE = 128 };

/* A table of both databases. */
struct pass {
    struct engine_table table;
    char *read_from, *read_to; /* all of its rows, in the order of the primary key */
};

struct transfer {
    const struct transfer_ends *ends;
    const struct engine_transfer *reads, *writes;
    struct store from;
    struct db *to;
    int lock_fd;               /* of a source that is a file */
    char part[COPY_PATH_SIZE]; /* the target while it is filled; "" = it is on a server */
    struct pass passes[TABLES_MAX];
    size_t count;
    int64_t rows;
};

/* ---- tables --------------------------------------------------------------------------------- */

/* Statements of a table as its columns are told. */
struct draft {
    char name[64], columns[TEXT_SIZE], marks[TEXT_SIZE], order[2][TEXT_SIZE];
    int count;
    bool is_full; /* one of the texts is too short */
};

static void add_word(struct draft *draft, char text[TEXT_SIZE], const char *word, const char *more)
{
    size_t len = strlen(text);
    int added = snprintf(text + len, TEXT_SIZE - len, "%s%s%s", len > 0 ? ", " : "", word, more);
    draft->is_full |= added < 0 || (size_t)added >= TEXT_SIZE - len;
}

static void add_column(struct draft *draft, const struct transfer *transfer, struct db_stmt *st)
{
    char name[64], mark[16];
    (void)snprintf(name, sizeof(name), "%s", db_column_text(st, 1));
    (void)snprintf(mark, sizeof(mark), "$%d", ++draft->count);
    bool is_text = db_column_int(st, 2) != 0;
    add_word(draft, draft->columns, name, "");
    add_word(draft, draft->marks, mark, "");
    if (db_column_int(st, 3) == 0)
        return;
    add_word(draft, draft->order[0], name, is_text ? transfer->reads->text_order : "");
    add_word(draft, draft->order[1], name, is_text ? transfer->writes->text_order : "");
}

static enum cc_err end_table(struct transfer *transfer, const struct draft *draft)
{
    struct pass *pass = &transfer->passes[transfer->count];
    struct engine_table *table = &pass->table;
    if (draft->count == 0)
        return CC_OK;
    if (transfer->count == TABLES_MAX || draft->is_full || draft->order[0][0] == '\0')
        return CC_ERR_NO_SPACE;
    transfer->count++;
    table->name = strdup(draft->name);
    table->columns = strdup(draft->columns);
    bool is_made = table->name != NULL && table->columns != NULL;
    is_made &= asprintf(&table->insert, "INSERT INTO %s (%s) VALUES (%s)", draft->name,
                        draft->columns, draft->marks) > 0;
    is_made &= asprintf(&pass->read_from, "SELECT %s FROM %s ORDER BY %s", draft->columns,
                        draft->name, draft->order[0]) > 0;
    is_made &= asprintf(&pass->read_to, "SELECT %s FROM %s ORDER BY %s", draft->columns,
                        draft->name, draft->order[1]) > 0;
    return is_made ? CC_OK : CC_ERR_MEMORY;
}

/* Of the engine that can list them; both were made by the same migrations. */
static enum cc_err list_tables(struct transfer *transfer)
{
    bool is_source = transfer->reads->columns != NULL;
    struct db_stmt *st = db_query(is_source ? transfer->from.db : transfer->to,
                                  is_source ? transfer->reads->columns : transfer->writes->columns);
    struct draft *draft = calloc(1, sizeof(*draft));
    enum cc_err err = draft != NULL ? CC_OK : CC_ERR_MEMORY;
    while (err == CC_OK && db_step(st)) {
        if (strcmp(draft->name, db_column_text(st, 0)) != 0) {
            err = end_table(transfer, draft);
            *draft = (struct draft){0};
            (void)snprintf(draft->name, sizeof(draft->name), "%s", db_column_text(st, 0));
        }
        add_column(draft, transfer, st);
    }
    err = db_finish_with(st, err);
    if (err == CC_OK)
        err = end_table(transfer, draft);
    free(draft);
    return err;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static enum cc_err load_rows(struct transfer *transfer, const struct pass *pass)
{
    enum cc_err err = transfer->writes->load_begin(transfer->to, &pass->table);
    struct db_stmt *st = transfer->reads->read(transfer->from.db, pass->read_from);
    while (err == CC_OK && db_step(st)) {
        err = transfer->writes->load_row(transfer->to, &pass->table, st);
        transfer->rows++;
    }
    err = db_finish_with(st, err);
    return err == CC_OK ? transfer->writes->load_end(transfer->to, &pass->table) : err;
}

/* The migrations of a new database may have written rows of their own. */
static enum cc_err copy_table(struct transfer *transfer, const struct pass *pass)
{
    char sql[DELETE_SIZE];
    const char *name = pass->table.name;
    int64_t last = 0;
    (void)snprintf(sql, sizeof(sql), "DELETE FROM %s", name);
    enum cc_err err = db_exec(transfer->to, sql);
    if (err == CC_OK)
        err = load_rows(transfer, pass);
    if (err == CC_OK)
        err = transfer->reads->last_number(transfer->from.db, name, &last);
    return err == CC_OK ? transfer->writes->set_last_number(transfer->to, name, last) : err;
}

static bool is_same_value(struct db_stmt *one, struct db_stmt *other, int column)
{
    struct db_value a, b;
    db_column_read(one, column, &a);
    db_column_read(other, column, &b);
    return a.kind == b.kind && a.number == b.number && a.len == b.len &&
           (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

static bool is_same_row(struct db_stmt *one, struct db_stmt *other)
{
    int columns = db_column_count(one);
    bool is_same = columns == db_column_count(other);
    for (int i = 0; i < columns && is_same; i++)
        is_same = is_same_value(one, other, i);
    return is_same;
}

/* Both in the order of the primary key, side by side to the end. */
static enum cc_err compare_table(struct transfer *transfer, const struct pass *pass)
{
    struct db_stmt *from = transfer->reads->read(transfer->from.db, pass->read_from);
    struct db_stmt *to = transfer->writes->read(transfer->to, pass->read_to);
    int64_t row = 0;
    bool is_same = true, more = true;
    while (is_same && more) {
        more = db_step(from);
        is_same = db_step(to) == more && (!more || is_same_row(from, to));
        row++;
    }
    enum cc_err err = db_finish_with(from, db_finish(to));
    if (err == CC_OK && !is_same) {
        log_error("la fila %" PRId64 " de la tabla %s no es la misma en los dos lados: no se "
                  "traslada nada",
                  row, pass->table.name);
        err = CC_ERR_DB;
    }
    return err;
}

static enum cc_err take_rows(struct transfer *transfer)
{
    enum cc_err err = list_tables(transfer);
    for (size_t i = 0; i < transfer->count && err == CC_OK; i++)
        err = copy_table(transfer, &transfer->passes[i]);
    for (size_t i = 0; i < transfer->count && err == CC_OK; i++)
        err = compare_table(transfer, &transfer->passes[i]);
    return err;
}

/* ---- the source ----------------------------------------------------------------------------- */

static enum cc_err check_version(struct transfer *transfer)
{
    if (db_user_version(transfer->from.db) == schema_newest())
        return CC_OK;
    log_error("%s es de una versión anterior: arranque el servicio una vez con este programa, que "
              "la pone al día, y párelo",
              transfer->ends->from);
    return CC_ERR_NOT_CONFIGURED;
}

static enum cc_err open_source(struct transfer *transfer)
{
    const struct transfer_ends *ends = transfer->ends;
    const struct store_engine *engine = store_engine_of(ends->from);
    enum cc_err err = CC_OK;
    if (engine->files != NULL && !fsx_exists(ends->from)) {
        log_error("no existe la base de datos %s", ends->from);
        return CC_ERR_NOT_FOUND;
    }
    if (engine->files != NULL)
        err = engine->files->lock_file(ends->from, &transfer->lock_fd);
    if (err == CC_OK)
        err = store_open_to_read(ends->from, ends->key_path, &transfer->from);
    if (err == CC_OK)
        err = check_version(transfer);
    if (err == CC_OK && transfer->reads->keep_out != NULL)
        err = transfer->reads->keep_out(transfer->from.db);
    return err == CC_OK ? db_begin_snapshot(transfer->from.db) : err;
}

/* ---- the target ----------------------------------------------------------------------------- */

static enum cc_err tell_not_empty(const struct transfer *transfer)
{
    log_error("%s ya tiene datos: no se toca. Elija otro sitio, o vacíelo antes",
              transfer->part[0] != '\0' ? transfer->ends->to : "la base de datos del servidor");
    return CC_ERR_COPY_EXISTS;
}

/* Tables that a transfer left which did not end have no row in meta, where a start writes first. */
static enum cc_err check_empty_target(struct transfer *transfer)
{
    int64_t rows = 0;
    enum cc_err err = db_run_int(db_query(transfer->to, "SELECT count(*) FROM meta"), &rows);
    return err == CC_OK && rows > 0 ? tell_not_empty(transfer) : err;
}

static enum cc_err open_server(struct transfer *transfer)
{
    const struct db_identity ours = schema_identity();
    const char *place = transfer->ends->to;
    enum cc_err err = db_open(store_engine_of(place), place, &ours, &transfer->to);
    if (err == CC_OK)
        err = schema_migrate(transfer->to);
    if (err == CC_OK)
        err = transfer->writes->keep_out(transfer->to);
    if (err == CC_OK)
        err = db_begin(transfer->to);
    return err == CC_OK ? check_empty_target(transfer) : err;
}

static enum cc_err open_file(struct transfer *transfer)
{
    const struct db_identity ours = schema_identity();
    const struct store_engine *engine = store_engine_of(transfer->ends->to);
    enum cc_err err = copy_make_part(transfer->ends->to, transfer->part);
    if (err == CC_OK && fsx_exists(transfer->ends->to))
        return tell_not_empty(transfer);
    if (err == CC_OK)
        err = db_open(engine, transfer->part, &ours, &transfer->to);
    if (err == CC_OK)
        err = schema_migrate(transfer->to);
    return err == CC_OK ? engines_find_rotation(engine)->relax(transfer->to) : err;
}

/* The service must be able to open it: it is given to the owner of its folder. */
static void give_to_service(const char *path)
{
    char folder[COPY_PATH_SIZE];
    struct stat st;
    (void)snprintf(folder, sizeof(folder), "%s", path);
    if (geteuid() == 0 && stat(dirname(folder), &st) == 0 && chown(path, st.st_uid, st.st_gid) != 0)
        log_warning("%s no se ha podido dar al usuario del servicio: %s", path,
                    err_system_text(errno));
}

/* The file gets its name: from then on any program may open it. */
static enum cc_err name_file(struct transfer *transfer)
{
    const char *to = transfer->ends->to;
    enum cc_err err = db_empty_log(transfer->to);
    db_close(transfer->to);
    transfer->to = NULL;
    give_to_service(transfer->part);
    if (err == CC_OK)
        err = fsx_sync(transfer->part);
    if (err == CC_OK && fsx_move_new(transfer->part, to) != CC_OK) {
        log_error("no se puede terminar %s: %s", to, err_system_text(errno));
        err = CC_ERR_IO;
    }
    return err;
}

/* Word of it in the trail, which goes on there; the anchor does too, and the source is then older
 * than it: a daemon that starts with that one again is told. */
static enum cc_err leave_word(const struct transfer_ends *ends, int64_t now_ms,
                              struct transfer_facts *facts)
{
    struct store store;
    struct application_load load = {0};
    const struct audit_entry entry = {
        .event = "trasladar_base", .actor = "contraclavectl", .result = "correcto"};
    enum cc_err err = store_open(ends->to, ends->key_path, &store);
    if (err != CC_OK)
        return err;
    err = db_begin(store.db);
    if (err == CC_OK)
        err = audit_append(&store, &entry, now_ms, NULL);
    if (err == CC_OK)
        err = store_commit(&store);
    if (err == CC_OK)
        err = citizens_count(&store, &facts->citizens);
    if (err == CC_OK)
        err = applications_measure(&store, &load);
    facts->applications = load.open;
    store_close(&store);
    return err;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void close_ends(struct transfer *transfer)
{
    db_close(transfer->to);
    store_close(&transfer->from);
    if (transfer->lock_fd >= 0)
        close(transfer->lock_fd);
    if (transfer->part[0] != '\0')
        (void)unlink(transfer->part);
    for (size_t i = 0; i < transfer->count; i++) {
        struct pass *pass = &transfer->passes[i];
        free(pass->table.name);
        free(pass->table.columns);
        free(pass->table.insert);
        free(pass->read_from);
        free(pass->read_to);
    }
    free(transfer);
}

static enum cc_err move_all(struct transfer *transfer)
{
    bool to_file = store_engine_of(transfer->ends->to)->files != NULL;
    enum cc_err err = open_source(transfer);
    if (err == CC_OK)
        err = to_file ? open_file(transfer) : open_server(transfer);
    if (err == CC_OK)
        err = take_rows(transfer);
    if (err != CC_OK)
        return err;
    return to_file ? name_file(transfer) : db_commit(transfer->to);
}

enum cc_err transfer_run(const struct transfer_ends *ends, int64_t now_ms,
                         struct transfer_facts *ret)
{
    const struct store_engine *from = store_engine_of(ends->from), *to = store_engine_of(ends->to);
    struct transfer_facts facts = {0};
    if (from == to) {
        log_error("%s: se traslada de un fichero a un servidor o al revés; entre ficheros, "
                  "contraclavectl copia; entre servidores, pg_dump",
                  from->name);
        return CC_ERR_NOT_CONFIGURED;
    }
    struct transfer *transfer = calloc(1, sizeof(*transfer));
    if (transfer == NULL)
        return CC_ERR_MEMORY;
    *transfer = (struct transfer){.ends = ends,
                                  .reads = engines_find_transfer(from),
                                  .writes = engines_find_transfer(to),
                                  .from = {.anchor.fd = -1},
                                  .lock_fd = -1};
    enum cc_err err = move_all(transfer);
    facts.tables = (int64_t)transfer->count;
    facts.rows = transfer->rows;
    close_ends(transfer);
    if (err == CC_OK)
        err = leave_word(ends, now_ms, &facts);
    if (err == CC_OK)
        *ret = facts;
    return err;
}
