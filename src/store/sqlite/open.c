/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening: nothing is written to a file before it is known to be ours. */
#include "store/sqlite/private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Before anybody is served: a reader of another process may hold a lock for a moment. */
enum { OPENING_TIMEOUT_MS = 2000 };

/*
 * page_size (of a new file): a request and a verification change single rows here and there, and
 * each changed page goes whole into the log and, before that, into the copy that a savepoint
 * returns to. secure_delete: what is deleted is sealed already, but a wiped text must not come back
 * to a thief who gets the key later. SQLITE_LOG_PAGES: each checkpoint writes and syncs the
 * database itself; 16 MiB of log is little to read at a restart, and more than most towns fill in a
 * day.
 */
static const char connection_sql[] = "PRAGMA page_size = 1024;"
                                     "PRAGMA synchronous = FULL;"
                                     "PRAGMA foreign_keys = ON;"
                                     "PRAGMA secure_delete = ON;"
                                     "PRAGMA temp_store = MEMORY;";

static enum cc_err not_ours(const char *path)
{
    log_error("%s no es una base de datos de contraclaved; no se toca", path);
    return CC_ERR_DB_NOT_OURS;
}

/* Looked at before SQLite does, which writes over a file of one byte as if it were empty. */
static enum cc_err check_header(int fd, const char *path)
{
    static const char magic[16] = "SQLite format 3";
    char header[sizeof(magic)];
    ssize_t len = pread(fd, header, sizeof(header), 0);
    if (len == 0 || (len == sizeof(magic) && memcmp(header, magic, sizeof(magic)) == 0))
        return CC_OK;
    return not_ours(path);
}

/* SQLite makes its files 0644; -wal and -shm then take the mode of the database. */
static enum cc_err make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_error("no se puede abrir la base de datos %s: %s", path, err_system_text(errno));
        return CC_ERR_IO;
    }
    enum cc_err err = check_header(fd, path);
    close(fd);
    return err;
}

static void count_rollback(void *user)
{
    struct db *db = user;
    ++db->rollbacks;
}

/* A file without its name is gone with the process, and so would be what is committed to it. */
static int refuse_if_moved(void *user)
{
    int has_moved = 0;
    struct sqlite_db *db = user;
    (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return has_moved;
}

static enum cc_err open_handle(struct sqlite_db *db, const char *path, int flags)
{
    db->lock_fd = -1;
    /* A single thread uses SQLite: its mutexes would only cost time. The call is refused,
     * harmlessly, once SQLite is initialized. */
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite_install_cache();
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int rc = sqlite3_open_v2(path, &db->handle, flags, sqlite_install_log());
    if (rc != SQLITE_OK) {
        log_error("no se puede abrir la base de datos %s: %s", path, sqlite3_errstr(rc));
        return CC_ERR_DB;
    }
    static const struct {
        int option, value;
    } configs[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++)
        (void)sqlite3_db_config(db->handle, configs[i].option, configs[i].value, (int *)NULL);
    (void)sqlite3_extended_result_codes(db->handle, 1);
    (void)sqlite3_busy_timeout(db->handle, OPENING_TIMEOUT_MS);
    (void)sqlite3_rollback_hook(db->handle, count_rollback, &db->db);
    (void)sqlite3_commit_hook(db->handle, refuse_if_moved, db);
    return CC_OK;
}

struct identity {
    int64_t tables;
    int64_t application_id;
    int64_t version;
};

static enum cc_err read_identity(struct db *db, struct identity *ret)
{
    enum cc_err err = db_run_int(db_query(db, "SELECT count(*) FROM sqlite_schema"), &ret->tables);
    if (err == CC_OK)
        err = db_run_int(db_query(db, "PRAGMA application_id"), &ret->application_id);
    if (err == CC_OK)
        err = db_run_int(db_query(db, "PRAGMA user_version"), &ret->version);
    /* a schema that cannot be read fails before there is a statement to tell why */
    return err == CC_ERR_DB && db_fault(db) == DB_FAULT_DAMAGED ? CC_ERR_DB_DAMAGED : err;
}

static enum cc_err recognise_file(struct db *db, const char *path, const struct db_identity *ours)
{
    struct identity is = {0};
    ((struct sqlite_db *)db)->application_id = ours->application_id;
    enum cc_err err = read_identity(db, &is);
    if (err != CC_OK)
        return err;
    bool fresh = is.tables == 0 && is.application_id == 0 && is.version == 0;
    if (!fresh && is.application_id != ours->application_id)
        return not_ours(path);
    if (is.version > ours->newest_version) {
        log_error(
            "%s es de la versión %" PRId64 " y este programa conoce hasta la %" PRId64
            ": instale otra vez el programa más nuevo, o restaure la copia %s.version-%" PRId64
            " de antes de actualizar, si está",
            path, is.version, ours->newest_version, path, ours->newest_version);
        return CC_ERR_DB_NEWER;
    }
    return CC_OK;
}

/* The answer tells the mode that holds: some file systems cannot share memory and stay as is. */
static enum cc_err enter_wal(struct db *db, const char *path)
{
    struct db_stmt *st = db_query(db, "PRAGMA journal_mode = WAL");
    bool is_wal = db_step(st) && strcmp(db_column_text(st, 0), "wal") == 0;
    enum cc_err err = db_finish(st);
    if (err == CC_OK && !is_wal) {
        log_error("el sistema de ficheros de %s no admite el modo WAL", path);
        err = CC_ERR_DB;
    }
    return err;
}

enum cc_err sqlite_open(struct db *db, const char *path, const struct db_identity *ours)
{
    enum cc_err err = make_file(path);
    if (err == CC_OK)
        err = open_handle((struct sqlite_db *)db, path, SQLITE_OPEN_READWRITE);
    if (err == CC_OK)
        err = recognise_file(db, path, ours);
    if (err == CC_OK)
        err = db_exec(db, connection_sql);
    if (err == CC_OK)
        (void)sqlite3_wal_autocheckpoint(sqlite_handle(db), SQLITE_LOG_PAGES);
    return err == CC_OK ? enter_wal(db, path) : err;
}

enum cc_err sqlite_open_to_read(struct db *db, const char *path, const struct db_identity *ours)
{
    enum cc_err err = open_handle((struct sqlite_db *)db, path, SQLITE_OPEN_READONLY);
    return err == CC_OK ? recognise_file(db, path, ours) : err;
}

void sqlite_close(struct db *db)
{
    struct sqlite_db *s = (struct sqlite_db *)db;
    (void)sqlite3_close(s->handle);
    /* The lock goes last: closing a descriptor of the file drops SQLite's own locks on it. A child
     * that has not run yet has the descriptor too, and would keep the lock. */
    if (s->handle != NULL && s->lock_fd >= 0) {
        (void)flock(s->lock_fd, LOCK_UN);
        close(s->lock_fd);
    }
}

/* flock() does not meet the locks that SQLite takes, which are of the other kind. */
enum cc_err sqlite_lock(struct db *db, const char *box)
{
    (void)box;
    struct sqlite_db *s = (struct sqlite_db *)db;
    return sqlite_lock_file(sqlite3_db_filename(s->handle, "main"), &s->lock_fd);
}
