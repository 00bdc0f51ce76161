/* SPDX-License-Identifier: EUPL-1.2 */
/* Maps a result code of SQLite to a kind of fault, and runs the quick check of the file. */
#include "store/sqlite/private.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CHECK_STEPS = 10000 }; /* of SQLite's machine between two looks at the clock: about 1 ms */

/* sqlite.org/rescode.html: the low byte of a result code is its kind. */
static const struct {
    int kind;
    enum db_fault fault;
} kinds[] = {
    {SQLITE_BUSY, DB_FAULT_BUSY},       {SQLITE_LOCKED, DB_FAULT_BUSY},
    {SQLITE_FULL, DB_FAULT_FULL},       {SQLITE_READONLY, DB_FAULT_READ_ONLY},
    {SQLITE_CORRUPT, DB_FAULT_DAMAGED}, {SQLITE_NOTADB, DB_FAULT_DAMAGED},
    {SQLITE_IOERR, DB_FAULT_DISK},      {SQLITE_CANTOPEN, DB_FAULT_DISK},
    {SQLITE_PROTOCOL, DB_FAULT_BUSY},
};

/* The system's error behind an error of reading or writing. */
static const struct {
    int number;
    enum db_fault fault;
} reasons[] = {
    {EROFS, DB_FAULT_READ_ONLY},
    {ENOSPC, DB_FAULT_FULL},
    {EDQUOT, DB_FAULT_FULL},
    {EIO, DB_FAULT_DISK},
};

static int last_errno(sqlite3 *handle, int which_file)
{
    sqlite3_file *file = NULL;
    int number = 0;
    if (sqlite3_file_control(handle, "main", which_file, &file) == SQLITE_OK && file != NULL &&
        file->pMethods != NULL)
        (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

/* sqlite3_system_errno() is often the number of a later call of SQLite; the files keep theirs. */
static enum db_fault reason_of(sqlite3 *handle)
{
    const int numbers[] = {
        sqlite3_system_errno(handle),
        last_errno(handle, SQLITE_FCNTL_JOURNAL_POINTER),
        last_errno(handle, SQLITE_FCNTL_FILE_POINTER),
    };
    for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
        for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
            if (numbers[n] == reasons[i].number)
                return reasons[i].fault;
    return DB_FAULT_DISK;
}

static enum db_fault fault_of(sqlite3 *handle, int rc)
{
    if (rc == SQLITE_CONSTRAINT_COMMITHOOK)
        return DB_FAULT_MOVED; /* refuse_if_moved() has refused the commit */
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if ((rc & 0xFF) == kinds[i].kind)
            return kinds[i].fault == DB_FAULT_DISK ? reason_of(handle) : kinds[i].fault;
    return DB_FAULT_NONE;
}

enum cc_err sqlite_note(struct db *db, int rc, const char *sql)
{
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
        rc == SQLITE_CONSTRAINT_ROWID)
        return CC_ERR_ALREADY_REGISTERED; /* an answer, not a fault: not logged */
    sqlite3 *handle = sqlite_handle(db);
    char code[16];
    snprintf(code, sizeof(code), "%d", rc);
    return db_fault_note(db, fault_of(handle, rc), sqlite3_errmsg(handle), code, sql);
}

static int stop_when_late(void *user)
{
    const int64_t *deadline_us = user;
    return clock_mono_us() > *deadline_us;
}

/* "ok" in the first row, or a sentence for each fault; SQLITE_INTERRUPT when the time was up. */
static int quick_check(sqlite3 *handle)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(st, 0);
        rc = found && strcmp(found, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    }
    (void)sqlite3_finalize(st);
    return rc;
}

void sqlite_check(struct db *db, int64_t limit_ms)
{
    sqlite3 *handle = sqlite_handle(db);
    int64_t deadline_us = clock_mono_us() + limit_ms * 1000;
    sqlite3_progress_handler(handle, CHECK_STEPS, stop_when_late, &deadline_us);
    int rc = quick_check(handle);
    sqlite3_progress_handler(handle, 0, NULL, NULL);
    (void)sqlite3_db_release_memory(handle); /* the whole file must not stay in memory */
    if (rc != SQLITE_OK && rc != SQLITE_INTERRUPT)
        (void)sqlite_note(db, rc, "PRAGMA quick_check");
}
