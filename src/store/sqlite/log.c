/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Fewer writes to the log. SQLite writes each page of it, and the few bytes before each page, by a
 * call of its own: hundreds for a commit of many verifications. Here what follows on is gathered,
 * and written by one call when something else is asked of the log. That is its sync at the latest,
 * which with `synchronous = FULL` comes before anybody, also of another process, is told of the
 * commit. Source: sqlite.org/vfs.html; SQLite 3.40, wal.c sqlite3WalFrames().
 */
#include "store/sqlite/private.h"

#include <stdint.h>
#include <string.h>

enum { GATHERED_MAX = 64 * 1024 };

#define NOTHING INT64_MAX /* is lost */

/* The system's own file lies behind it. */
struct log {
    sqlite3_file file;
    int64_t begin; /* of what is gathered, in the log */
    int len;
    /* What was gathered from here on could not be written. SQLite was told, and must write it
     * again before it goes on behind it. */
    int64_t lost;
    uint8_t *gathered;
};

/* As SQLite has it. A process has one, taken before its first connection. */
static sqlite3_vfs *system_vfs;

static struct log *log_of(sqlite3_file *file)
{
    return (struct log *)(void *)file;
}

static sqlite3_file *inner_of(sqlite3_file *file)
{
    return (sqlite3_file *)(void *)(log_of(file) + 1);
}

static int write_gathered(sqlite3_file *file)
{
    struct log *log = log_of(file);
    sqlite3_file *inner = inner_of(file);
    if (log->len == 0)
        return SQLITE_OK;
    int rc = inner->pMethods->xWrite(inner, log->gathered, log->len, log->begin);
    if (rc != SQLITE_OK)
        log->lost = log->begin;
    log->len =
        0; /* also after a failure: what was told as failed must not get into the log later */
    return rc;
}

static int log_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    struct log *log = log_of(file);
    sqlite3_file *inner = inner_of(file);
    bool follows = at == log->begin + log->len && len <= GATHERED_MAX - log->len;
    int rc = follows ? SQLITE_OK : write_gathered(file);
    if (rc != SQLITE_OK)
        return rc;
    if (at > log->lost)
        return SQLITE_IOERR_WRITE;
    log->lost = NOTHING;
    if (len > GATHERED_MAX)
        return inner->pMethods->xWrite(inner, bytes, len, at);
    if (log->len == 0)
        log->begin = at;
    memcpy(log->gathered + log->len, bytes, (size_t)len);
    log->len += len;
    return SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *ret, int len, sqlite3_int64 at)
{
    sqlite3_file *inner = inner_of(file);
    int rc = write_gathered(file);
    if (rc != SQLITE_OK)
        return rc;
    if (at + len > log_of(file)->lost)
        return SQLITE_IOERR_READ;
    return inner->pMethods->xRead(inner, ret, len, at);
}

static int log_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *inner = inner_of(file);
    int rc = write_gathered(file);
    return rc == SQLITE_OK ? inner->pMethods->xSync(inner, flags) : rc;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *inner = inner_of(file);
    int rc = write_gathered(file);
    return rc == SQLITE_OK ? inner->pMethods->xTruncate(inner, size) : rc;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    sqlite3_file *inner = inner_of(file);
    int rc = write_gathered(file);
    return rc == SQLITE_OK ? inner->pMethods->xFileSize(inner, ret) : rc;
}

/* Bytes that are gathered then belong to no commit. */
static int log_close(sqlite3_file *file)
{
    sqlite3_file *inner = inner_of(file);
    sqlite3_free(log_of(file)->gathered);
    return inner->pMethods->xClose(inner);
}

static int log_lock(sqlite3_file *file, int lock)
{
    return inner_of(file)->pMethods->xLock(inner_of(file), lock);
}

static int log_unlock(sqlite3_file *file, int lock)
{
    return inner_of(file)->pMethods->xUnlock(inner_of(file), lock);
}

static int log_check_reserved(sqlite3_file *file, int *ret)
{
    return inner_of(file)->pMethods->xCheckReservedLock(inner_of(file), ret);
}

static int log_control(sqlite3_file *file, int operation, void *argument)
{
    return inner_of(file)->pMethods->xFileControl(inner_of(file), operation, argument);
}

static int log_sector_size(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xSectorSize(inner_of(file));
}

static int log_traits(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xDeviceCharacteristics(inner_of(file));
}

static const sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_check_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector_size,
    .xDeviceCharacteristics = log_traits,
};

static int open_log(const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
    struct log *log = log_of(file);
    *log = (struct log){.lost = NOTHING, .gathered = sqlite3_malloc(GATHERED_MAX)};
    if (log->gathered == NULL)
        return SQLITE_NOMEM;
    int rc = system_vfs->xOpen(system_vfs, path, inner_of(file), flags, ret_flags);
    if (rc != SQLITE_OK) {
        sqlite3_free(log->gathered);
        return rc; /* without methods, it is not closed either */
    }
    file->pMethods = &log_methods;
    return SQLITE_OK;
}

/* A file that is no log is the system's own, in the same memory. */
static int open_file(sqlite3_vfs *unused, const char *path, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)unused;
    return (flags & SQLITE_OPEN_WAL) != 0
               ? open_log(path, file, flags, ret_flags)
               : system_vfs->xOpen(system_vfs, path, file, flags, ret_flags);
}

const char *sqlite_install_log(void)
{
    static sqlite3_vfs vfs;
    if (system_vfs == NULL) {
        system_vfs = sqlite3_vfs_find(NULL);
        vfs = *system_vfs;
        vfs.zName = "contraclaved";
        vfs.szOsFile += (int)sizeof(struct log);
        vfs.xOpen = open_file;
        (void)sqlite3_vfs_register(&vfs, 0);
    }
    return vfs.zName;
}
