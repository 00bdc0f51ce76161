/* SPDX-License-Identifier: EUPL-1.2 */
/* Work on whole files: backup, thorough check, lock, the emptying of the log. */
#include "store/sqlite/private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 10000, /* a lock that is held for a moment */
    LOCK_LOOKS = 50,
    LOCK_LOOK_MS = 20,
    BESIDE_SIZE = 1024, /* of the path of a file beside the database */
};

/* The words of an engine's result; a full disk is what a copy fails of most. */
static enum cc_err say_fault(const char *path, int rc)
{
    log_error("no se puede copiar a %s: %s", path,
              (rc & 0xFF) == SQLITE_FULL ? "no queda sitio en ese disco" : sqlite3_errstr(rc));
    return (rc & 0xFF) == SQLITE_CORRUPT ? CC_ERR_DB_DAMAGED : CC_ERR_IO;
}

static int open_quietly(const char *path, int flags, sqlite3 **ret)
{
    int rc = sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(*ret, PATIENCE_MS);
    if (rc == SQLITE_OK)
        (void)sqlite3_extended_result_codes(*ret, 1);
    return rc;
}

/* In one step: it then holds one snapshot of the source, and no write there starts it over. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == NULL)
        return sqlite3_extended_errcode(to);
    int rc = sqlite3_backup_step(backup, -1);
    int end = sqlite3_backup_finish(backup);
    return rc == SQLITE_DONE ? end : rc;
}

/* A copy is one file: it needs no log beside it until the daemon opens it. */
static int leave_wal(sqlite3 *db)
{
    return sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

enum cc_err sqlite_backup(const char *from_path, const char *to_path)
{
    sqlite3 *from = NULL, *to = NULL;
    int rc = open_quietly(from_path, SQLITE_OPEN_READONLY, &from);
    if (rc == SQLITE_OK)
        rc = open_quietly(to_path, SQLITE_OPEN_READWRITE, &to);
    if (rc == SQLITE_OK)
        rc = copy_pages(from, to);
    if (rc == SQLITE_OK)
        rc = leave_wal(to);
    (void)sqlite3_close(to);
    (void)sqlite3_close(from);
    return rc == SQLITE_OK ? CC_OK : say_fault(to_path, rc);
}

enum cc_err sqlite_empty_log(struct db *db)
{
    int rc = sqlite3_wal_checkpoint_v2(sqlite_handle(db), "main", SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                       NULL);
    if ((rc & 0xFF) == SQLITE_BUSY || (rc & 0xFF) == SQLITE_LOCKED)
        return CC_ERR_DB_BUSY;
    return rc == SQLITE_OK ? CC_OK : sqlite_note(db, rc, "wal_checkpoint");
}

enum cc_err sqlite_check_whole(struct db *db)
{
    struct db_stmt *st = db_query(db, "PRAGMA integrity_check(1)");
    bool is_whole = db_step(st) && strcmp(db_column_text(st, 0), "ok") == 0;
    enum cc_err err = db_finish(st);
    return err == CC_OK && !is_whole ? CC_ERR_DB_DAMAGED : err;
}

static bool name_beside(const char *path, const char *suffix, char ret[BESIDE_SIZE])
{
    int len = snprintf(ret, BESIDE_SIZE, "%s%s", path, suffix);
    return len > 0 && len < BESIDE_SIZE;
}

bool sqlite_move_log(const char *path, const char *aside)
{
    char from[BESIDE_SIZE], to[BESIDE_SIZE], index[BESIDE_SIZE];
    errno = ENAMETOOLONG;
    if (!name_beside(path, "-wal", from) || !name_beside(aside, "-wal", to) ||
        !name_beside(path, "-shm", index))
        return false;
    bool moved = rename(from, to) == 0 || errno == ENOENT;
    return moved && (unlink(index) == 0 || errno == ENOENT);
}

/* A child of a daemon that was killed keeps its lock until it has run: it is looked for again. */
enum cc_err sqlite_lock_file(const char *path, int *ret_fd)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        *ret_fd = -1;
        return CC_OK;
    }
    *ret_fd = fd;
    bool is_locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    for (int i = 0; i < LOCK_LOOKS && fd >= 0 && !is_locked && errno == EWOULDBLOCK; i++) {
        (void)poll(NULL, 0, LOCK_LOOK_MS);
        is_locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    }
    if (is_locked)
        return CC_OK;
    enum cc_err err = fd >= 0 && errno == EWOULDBLOCK ? CC_ERR_DB_IN_USE : CC_ERR_IO;
    log_error("no se puede reservar la base de datos %s: %s", path,
              err == CC_ERR_DB_IN_USE ? "la usa un contraclaved en marcha"
                                      : err_system_text(errno));
    return err;
}
