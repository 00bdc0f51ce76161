/* SPDX-License-Identifier: EUPL-1.2 */
/* What kind of trouble the engine's errors are, when it began and when it is over. */
#include "store/db_internal.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

enum {
    FIRST_WAIT_US = 50 * 1000,
    LONGEST_WAIT_US = 1000 * 1000,
    CHECK_STEPS = 10000, /* of the engine's machine between two looks at the clock: about 1 ms */
    US_PER_S = 1000 * 1000,
};

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

/* What an error of reading or writing was for the system. */
static const struct {
    int number;
    enum db_fault fault;
} reasons[] = {
    {EROFS, DB_FAULT_READ_ONLY},
    {ENOSPC, DB_FAULT_FULL},
    {EDQUOT, DB_FAULT_FULL},
    {EIO, DB_FAULT_DISK},
};

static const char *const sentences[] = {
    [DB_FAULT_BUSY] = "otro programa la tiene ocupada: ciérrelo",
    [DB_FAULT_FULL] = "el disco está lleno: libere espacio",
    [DB_FAULT_READ_ONLY] = "el disco está en solo lectura: mire «dmesg»",
    [DB_FAULT_DISK] = "el disco falla: mire «dmesg»",
    [DB_FAULT_DAMAGED] = "está dañada: restaure la última copia (contraclavectl restaura)",
};

static int last_errno(struct db *db, int which_file)
{
    sqlite3_file *file = NULL;
    int number = 0;
    if (sqlite3_file_control(db->handle, "main", which_file, &file) == SQLITE_OK && file != NULL &&
        file->pMethods != NULL)
        (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

/* The engine's own number is often that of what it tried afterwards; the files keep theirs. */
static enum db_fault reason_of(struct db *db)
{
    const int numbers[] = {
        sqlite3_system_errno(db->handle),
        last_errno(db, SQLITE_FCNTL_JOURNAL_POINTER),
        last_errno(db, SQLITE_FCNTL_FILE_POINTER),
    };
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; ++n)
        for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; ++i)
            if (numbers[n] == reasons[i].number)
                return reasons[i].fault;
    return DB_FAULT_DISK;
}

static enum db_fault fault_of(struct db *db, int rc)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i)
        if ((rc & 0xFF) == kinds[i].kind)
            return kinds[i].fault == DB_FAULT_DISK ? reason_of(db) : kinds[i].fault;
    return DB_FAULT_NONE;
}

static void begin_trouble(struct db *db, enum db_fault fault, int rc)
{
    log_error("base de datos: %s (%s, %d); hasta entonces se rechazan las peticiones",
              sentences[fault], sqlite3_errmsg(db->handle), rc);
    db->trouble.fault = fault;
    db->trouble.since_us = clock_mono_us();
    db->trouble.wait_us = 0;
    db->trouble.retry_us = 0;
}

static void end_trouble(struct db *db)
{
    int64_t seconds = (clock_mono_us() - db->trouble.since_us) / US_PER_S;
    log_notice("base de datos: vuelve a funcionar, después de %" PRId64 " s", seconds);
    db->trouble.fault = DB_FAULT_NONE;
    db->trouble.retry_us = 0;
}

static void wait_longer(struct db_trouble *trouble)
{
    trouble->wait_us = trouble->wait_us == 0 ? FIRST_WAIT_US : 2 * trouble->wait_us;
    if (trouble->wait_us > LONGEST_WAIT_US)
        trouble->wait_us = LONGEST_WAIT_US;
    trouble->retry_us = clock_mono_us() + trouble->wait_us;
}

enum cc_err db_fault_note(struct db *db, int rc, const char *sql)
{
    enum db_fault fault = fault_of(db, rc);
    if (fault == DB_FAULT_NONE) {
        log_error("base de datos: %s (%d), en: %s", sqlite3_errmsg(db->handle), rc, sql);
        return CC_ERR_DB;
    }
    /* damage outlasts what comes and goes beside it */
    if (db->trouble.fault != fault && db->trouble.fault != DB_FAULT_DAMAGED)
        begin_trouble(db, fault, rc);
    db->trouble.changes = sqlite3_total_changes64(db->handle);
    if (fault == DB_FAULT_BUSY && db->trouble.fails_fast)
        wait_longer(&db->trouble);
    return fault == DB_FAULT_BUSY      ? CC_ERR_DB_BUSY
           : fault == DB_FAULT_DAMAGED ? CC_ERR_DB_DAMAGED
                                       : CC_ERR_DB;
}

bool db_fault_must_wait(const struct db *db)
{
    return db->trouble.retry_us != 0 && clock_mono_us() < db->trouble.retry_us;
}

void db_fault_begun(struct db *db)
{
    db->trouble.retry_us = 0;
    if (db->trouble.fault == DB_FAULT_BUSY)
        end_trouble(db);
}

void db_fault_committed(struct db *db)
{
    bool can_end = db->trouble.fault != DB_FAULT_NONE && db->trouble.fault != DB_FAULT_DAMAGED;
    if (can_end && sqlite3_total_changes64(db->handle) > db->trouble.changes)
        end_trouble(db);
}

enum db_fault db_fault(const struct db *db)
{
    return db->trouble.fault;
}

void db_fail_fast(struct db *db)
{
    db->trouble.fails_fast = true;
    (void)sqlite3_busy_timeout(db->handle, 0);
}

static int is_over(void *user)
{
    const int64_t *deadline_us = user;
    return clock_mono_us() > *deadline_us;
}

/* "ok" in the first row, or a sentence for each fault; SQLITE_INTERRUPT when the time was up. */
static int check(struct db *db)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(st, 0);
        rc = found && strcmp(found, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    }
    (void)sqlite3_finalize(st);
    return rc;
}

void db_check(struct db *db, int64_t limit_ms)
{
    int64_t deadline_us = clock_mono_us() + limit_ms * 1000;
    sqlite3_progress_handler(db->handle, CHECK_STEPS, is_over, &deadline_us);
    int rc = check(db);
    sqlite3_progress_handler(db->handle, 0, NULL, NULL);
    (void)sqlite3_db_release_memory(db->handle); /* the whole file must not stay in memory */
    if (rc != SQLITE_OK && rc != SQLITE_INTERRUPT)
        (void)db_fault_note(db, rc, "PRAGMA quick_check");
}
