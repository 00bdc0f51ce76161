/* SPDX-License-Identifier: EUPL-1.2 */
/* The log of the database is written in few pieces, all of them before a commit is told; a piece
 * that cannot be written fails what is in it, and nothing else: store/sqlite/log.c. */
#include "tests/unit/test_store_fixture.h"

#include <errno.h>
#include <sqlite3.h>

enum { ROWS = 400, ROW_BYTES = 600, SPILLED_ROWS = 2000 };

static struct {
    int log_writes;
    bool fails; /* a disk that is full */
} disk;

/* Stands in for the system's: the log is all that is written here. */
static ssize_t count_write(int fd, const void *bytes, size_t len, off_t at)
{
    if (disk.fails) {
        errno = ENOSPC;
        return -1;
    }
    disk.log_writes++;
    return pwrite(fd, bytes, len, at);
}

static void add_rows(struct store *store, int first, int count)
{
    static uint8_t bytes[ROW_BYTES];
    for (int n = first; n < first + count; n++) {
        struct db_stmt *st =
            db_query(store->db, "INSERT INTO import_parts (part, sealed) VALUES ($1, $2)");
        db_bind_int(st, 1, n);
        memset(bytes, n & 0xFF, sizeof(bytes));
        db_bind_blob(st, 2, bytes, sizeof(bytes));
        assert_ok(db_run(st));
    }
}

/* Of another connection, as `contraclavectl` has one. */
static int64_t count_as_other(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM import_parts", -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return count;
}

static int64_t count_rows(struct store *store)
{
    return ask_int(store, "SELECT count(*) FROM import_parts");
}

static void test_a_commit_is_written_in_few_pieces(void **state)
{
    struct fixture *f = *state;
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 0, ROWS);
    assert_int_equal(count_as_other(f->db_path), 0);
    disk.log_writes = 0;
    assert_ok(store_commit(&f->store));
    assert_true(disk.log_writes >= ROWS * ROW_BYTES / (64 * 1024));
    assert_true(disk.log_writes <= ROWS * ROW_BYTES / (16 * 1024));
    assert_int_equal(count_as_other(f->db_path), ROWS);
}

/* More than the cache holds goes into the log before its commit, and is read from there. */
static void test_what_no_commit_has_yet_is_read_again(void **state)
{
    struct fixture *f = *state;
    assert_ok(db_exec(f->store.db, "PRAGMA cache_size = 10"));
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 0, SPILLED_ROWS);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM import_parts"
                                        " WHERE sealed = zeroblob(600)"),
                     SPILLED_ROWS / 256 + 1);
    assert_int_equal(count_as_other(f->db_path), 0);
    db_rollback(f->store.db);
    assert_int_equal(count_rows(&f->store), 0);
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 0, ROWS);
    assert_ok(store_commit(&f->store));
    fixture_reopen(f);
    assert_int_equal(count_rows(&f->store), ROWS);
    assert_ok(db_check_whole(f->store.db));
}

static void fail_commit(struct fixture *f, int first)
{
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, first, ROWS);
    disk.fails = true;
    assert_int_not_equal(store_commit(&f->store), CC_OK);
    db_rollback(f->store.db);
    disk.fails = false;
}

static void test_a_commit_that_is_not_written_fails_alone(void **state)
{
    struct fixture *f = *state;
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 0, ROWS);
    assert_ok(store_commit(&f->store));
    fail_commit(f, ROWS);
    assert_int_equal(count_rows(&f->store), ROWS);
    fail_commit(f, ROWS);
    assert_int_equal(count_as_other(f->db_path), ROWS);
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 2 * ROWS, ROWS);
    assert_ok(store_commit(&f->store));
    assert_int_equal(count_as_other(f->db_path), 2 * ROWS);
    fixture_reopen(f);
    assert_int_equal(count_rows(&f->store), 2 * ROWS);
    assert_ok(db_check_whole(f->store.db));
}

/* The disk has room again before the transaction ends, which has lost a piece for good. */
static void test_a_piece_that_is_lost_ends_its_transaction(void **state)
{
    struct fixture *f = *state;
    assert_ok(db_exec(f->store.db, "PRAGMA cache_size = 10"));
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 0, ROWS);
    disk.fails = true;
    enum cc_err err = CC_OK;
    for (int i = 0; err == CC_OK && i < SPILLED_ROWS; i++)
        err = db_exec(f->store.db, "UPDATE import_parts SET sealed = zeroblob(601)");
    disk.fails = false;
    assert_int_not_equal(err, CC_OK);
    if (db_in_transaction(f->store.db))
        assert_int_not_equal(db_commit(f->store.db), CC_OK);
    db_rollback(f->store.db);
    assert_int_equal(count_rows(&f->store), 0);
    assert_ok(db_begin(f->store.db));
    add_rows(&f->store, 0, ROWS);
    assert_ok(store_commit(&f->store));
    fixture_reopen(f);
    assert_int_equal(count_rows(&f->store), ROWS);
    assert_ok(db_check_whole(f->store.db));
}

/* As no version of SQLite that we know goes on, but as its interface would let it. */
static void test_nothing_follows_what_is_lost(void **state)
{
    struct fixture *f = *state;
    char path[400], got[8], bytes[8] = "a frame";
    const int flags = SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3_vfs *vfs = sqlite3_vfs_find("contraclaved");
    sqlite3_file *log = calloc(1, (size_t)vfs->szOsFile);
    (void)snprintf(path, sizeof(path), "%s-log", f->db_path);
    assert_non_null(log);
    assert_int_equal(vfs->xOpen(vfs, path, log, flags, NULL), SQLITE_OK);
    const sqlite3_io_methods *methods = log->pMethods;
    assert_int_equal(methods->xWrite(log, bytes, sizeof(bytes), 0), SQLITE_OK);
    disk.fails = true;
    assert_int_equal(methods->xSync(log, SQLITE_SYNC_NORMAL), SQLITE_FULL);
    disk.fails = false;
    assert_int_equal(methods->xWrite(log, bytes, sizeof(bytes), 8), SQLITE_IOERR_WRITE);
    assert_int_equal(methods->xRead(log, got, sizeof(got), 0), SQLITE_IOERR_READ);
    assert_int_equal(methods->xWrite(log, bytes, sizeof(bytes), 0), SQLITE_OK);
    assert_int_equal(methods->xWrite(log, bytes, sizeof(bytes), 8), SQLITE_OK);
    assert_int_equal(methods->xRead(log, got, sizeof(got), 8), SQLITE_OK);
    assert_memory_equal(got, bytes, sizeof(got));
    assert_int_equal(methods->xClose(log), SQLITE_OK);
    free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_a_commit_is_written_in_few_pieces),
        fixture_test(test_what_no_commit_has_yet_is_read_again),
        fixture_test(test_a_commit_that_is_not_written_fails_alone),
        fixture_test(test_a_piece_that_is_lost_ends_its_transaction),
        fixture_test(test_nothing_follows_what_is_lost),
    };
    fixture_use_files();
    static const char *const names[] = {"pwrite", "pwrite64"};
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)vfs->xSetSystemCall(vfs, names[i], (sqlite3_syscall_ptr)count_write);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
