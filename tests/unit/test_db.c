/* SPDX-License-Identifier: EUPL-1.2 */
/* The engine behind the store: statements, their cache, transactions, and what files it refuses. */
#include "tests/unit/test_store_fixture.h"

#include "base/clock.h"
#include "store/db_fault.h"
#include "store/engines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum { OUR_ID = 4242 };

struct engine {
    struct fixture *f;
    struct db *db;
};

static enum cc_err open_file(const struct engine *e, int64_t application_id, int64_t newest_version,
                             struct db **ret)
{
    const struct db_identity ours = {application_id, newest_version};
    return db_open(store_engine_of(e->f->db_path), e->f->db_path, &ours, ret);
}

static int engine_open(void **state)
{
    struct engine *e = calloc(1, sizeof *e);
    assert_non_null(e);
    (void)fixture_empty((void **)&e->f);
    assert_ok(open_file(e, OUR_ID, 1, &e->db));
    assert_ok(db_exec(e->db, "PRAGMA application_id = 4242;"
                             "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE,"
                             " raw BLOB, n INTEGER CHECK (n < 100)) STRICT"));
    *state = e;
    return 0;
}

static int engine_close(void **state)
{
    struct engine *e = *state;
    db_close(e->db);
    void *f = e->f;
    free(e);
    return fixture_close(&f);
}

#define engine_test(test) cmocka_unit_test_setup_teardown(test, engine_open, engine_close)

static enum cc_err add_word(struct db *db, const char *word)
{
    struct db_stmt *st = db_query(db, "INSERT INTO t (word) VALUES ($1)");
    db_bind_text(st, 1, word);
    return db_run(st);
}

static int64_t count_words(struct db *db)
{
    int64_t count = -1;
    assert_ok(db_run_int(db_query(db, "SELECT count(*) FROM t"), &count));
    return count;
}

static void test_values_come_back(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const uint8_t raw[] = {0, 1, 0xFF, 0};
    struct db_stmt *st =
        db_query(db, "INSERT INTO t (word, raw, n) VALUES ($1, $2, $3) RETURNING id");
    int64_t id = 0;
    db_bind_text(st, 1, "ñu");
    db_bind_blob(st, 2, raw, sizeof raw);
    db_bind_int(st, 3, -7);
    assert_ok(db_run_int(st, &id));
    assert_int_equal(id, 1);

    st = db_query(db, "SELECT word, raw, n FROM t WHERE id = $1");
    db_bind_int(st, 1, id);
    assert_true(db_step(st));
    size_t len = 0;
    assert_string_equal(db_column_text(st, 0), "ñu");
    assert_memory_equal(db_column_blob(st, 1, &len), raw, sizeof raw);
    assert_int_equal(len, sizeof raw);
    assert_int_equal(db_column_int(st, 2), -7);
    assert_false(db_column_is_null(st, 2));
    assert_false(db_step(st));
    assert_false(db_step(st)); /* does not start again by itself */
    assert_ok(db_finish(st));
}

static void test_null_is_null(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    struct db_stmt *st = db_query(db, "INSERT INTO t (word) VALUES ($1)");
    DB_BIND(st, 1, db_null());
    assert_ok(db_run(st));
    st = db_query(db, "SELECT word FROM t");
    assert_true(db_step(st));
    assert_true(db_column_is_null(st, 0));
    assert_string_equal(db_column_text(st, 0), "");
    assert_ok(db_finish(st));
}

static void test_statement_is_prepared_once(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const char sql[] = "SELECT count(*) FROM t WHERE n = $1";
    struct db_stmt *first = db_query(db, sql);
    assert_non_null(first);
    assert_ok(db_run(first));
    assert_ptr_equal(db_query(db, sql), first);
}

static void test_bindings_do_not_survive(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const char sql[] = "SELECT $1 IS NULL";
    int64_t is_null = -1;
    struct db_stmt *st = db_query(db, sql);
    db_bind_int(st, 1, 5);
    assert_ok(db_run_int(st, &is_null));
    assert_int_equal(is_null, 0);
    assert_ok(db_run_int(db_query(db, sql), &is_null));
    assert_int_equal(is_null, 1);
}

static void test_bad_statements_fail_once_at_the_end(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const char *const bad[] = {
        "SELEC 1",
        "SELECT word FROM nowhere",
        "SELECT $2, $1", /* numbered otherwise by the two engines */
        "SELECT ?",      /* not in the subset */
        "SELECT \"word\" FROM t t2 WHERE t2.nothing = 1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        struct db_stmt *st = db_query(db, bad[i]);
        int64_t value = 77;
        if (st)
            fail_msg("accepted: %s", bad[i]);
        db_bind_int(st, 1, 1);
        db_bind_text(st, 1, "x");
        db_bind_blob(st, 1, "x", 1);
        DB_BIND(st, 1, db_null());
        assert_false(db_step(st));
        assert_int_equal(db_finish(st), CC_ERR_DB);
        assert_int_equal(db_run(st), CC_ERR_DB);
        assert_int_equal(db_run_one(st), CC_ERR_DB);
        assert_int_equal(db_run_int(st, &value), CC_ERR_DB);
        assert_int_equal(value, 77);
    }
    assert_ok(add_word(db, "still works"));
}

static void test_bad_index_is_an_error(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    struct db_stmt *st = db_query(db, "INSERT INTO t (n) VALUES ($1)");
    db_bind_int(st, 1, 1);
    db_bind_int(st, 2, 1);
    assert_int_equal(db_run(st), CC_ERR_DB);
    assert_int_equal(count_words(db), 0);
}

static void test_statement_inside_itself_is_refused(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const char sql[] = "SELECT id FROM t";
    assert_ok(add_word(db, "a"));
    assert_ok(add_word(db, "b"));
    struct db_stmt *st = db_query(db, sql);
    assert_true(db_step(st));
    assert_null(db_query(db, sql));
    assert_true(db_step(st)); /* the outer one goes on unharmed */
    assert_ok(db_finish(st));
    assert_non_null(db_query(db, sql));
}

static void test_many_statements_then_a_clear_end(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static char sql[600][32];
    int prepared = 0;
    for (int i = 0; i < 600; i++) {
        (void)snprintf(sql[i], sizeof sql[i], "SELECT %d", i);
        int64_t value = -1;
        struct db_stmt *st = db_query(db, sql[i]);
        if (!st)
            continue;
        assert_ok(db_run_int(st, &value));
        assert_int_equal(value, i);
        ++prepared;
    }
    assert_in_range(prepared, 500, 512);
    int64_t value = -1;
    assert_ok(db_run_int(db_query(db, sql[7]), &value)); /* the kept ones still answer */
    assert_int_equal(value, 7);
}

/* The words of the schema: {id} is never given twice, {row} may be; an unknown one runs nothing. */
static void test_words_of_the_schema(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const struct {
        const char *make, *insert, *remove;
        int64_t second;
    } tables[] = {
        {"CREATE TABLE u (id {id}, n {int}, raw {bytes}){table}",
         "INSERT INTO u (n) VALUES (1) RETURNING id", "DELETE FROM u", 2},
        {"CREATE TABLE v (id {row}, n {int}){table};"
         "CREATE TABLE w (word TEXT NOT NULL PRIMARY KEY){keyed}",
         "INSERT INTO v (n) VALUES (1) RETURNING id", "DELETE FROM v", 1},
    };
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        int64_t id = 0;
        assert_ok(db_exec_schema(db, tables[i].make));
        assert_ok(db_run_int(db_query(db, tables[i].insert), &id));
        assert_int_equal(id, 1);
        assert_ok(db_exec(db, tables[i].remove));
        assert_ok(db_run_int(db_query(db, tables[i].insert), &id));
        assert_int_equal(id, tables[i].second);
    }
    assert_int_equal(db_exec_schema(db, "CREATE TABLE x (n {money})"), CC_ERR_DB);
    assert_int_equal(db_exec_schema(db, "CREATE TABLE x (n {int"), CC_ERR_DB);
    assert_int_equal(db_exec_schema(db, "CREATE TABLE x (n {})"), CC_ERR_DB);
}

static void test_constraints(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    assert_ok(add_word(db, "uno"));
    assert_int_equal(add_word(db, "uno"), CC_ERR_ALREADY_REGISTERED);
    assert_int_equal(db_run(db_query(db, "INSERT INTO t (id) VALUES (1)")),
                     CC_ERR_ALREADY_REGISTERED);
    assert_int_equal(db_run(db_query(db, "INSERT INTO t (n) VALUES (100)")), CC_ERR_DB);
    assert_int_equal(db_run(db_query(db, "INSERT INTO t (n) VALUES ('x')")), CC_ERR_DB);
    assert_int_equal(count_words(db), 1);
}

static void test_run_one_counts(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const char sql[] = "UPDATE t SET n = 1 WHERE word = $1";
    assert_ok(add_word(db, "uno"));
    struct db_stmt *st = db_query(db, sql);
    db_bind_text(st, 1, "dos");
    assert_int_equal(db_run_one(st), CC_ERR_NOT_FOUND);
    st = db_query(db, sql);
    db_bind_text(st, 1, "uno");
    assert_ok(db_run_one(st));
    assert_int_equal(db_changes(db), 1);
}

/* A statement that failed before it ran is not run, and keeps nothing for its next use. */
static void test_a_statement_that_fails_while_it_is_bound(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    static const char sql[] = "INSERT INTO t (word, n) VALUES ($1, $2)";
    int64_t count = 0;
    struct db_stmt *st = db_query(db, sql);
    DB_BIND(st, 1, (struct db_value){.kind = DB_OTHER});
    db_bind_text(st, 1, "uno");
    assert_false(db_step(st));
    assert_int_equal(db_finish_with(st, CC_ERR_NOT_FOUND), CC_ERR_NO_SPACE);
    assert_int_equal(count_words(db), 0);
    assert_ok(db_run_count(db_query(db, sql), &count)); /* all of them NULL */
    assert_int_equal(count, 1);
    st = db_query(db, "SELECT word FROM t");
    assert_true(db_step(st) && db_column_is_null(st, 0));
    assert_int_equal(db_finish_with(st, CC_ERR_NOT_FOUND), CC_ERR_NOT_FOUND);
}

static void test_transactions(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    assert_ok(db_begin(db));
    assert_ok(add_word(db, "a"));
    assert_ok(db_commit(db));
    assert_int_equal(count_words(db), 1);

    uint64_t before = db_rollbacks(db);
    assert_ok(db_begin(db));
    assert_ok(add_word(db, "b"));
    db_rollback(db);
    assert_int_equal(count_words(db), 1);
    assert_true(db_rollbacks(db) > before);

    before = db_rollbacks(db);
    db_rollback(db); /* nothing open: nothing happens */
    assert_int_equal(db_rollbacks(db), before);
    assert_int_equal(db_commit(db), CC_ERR_DB);
    assert_ok(db_begin(db));
    assert_int_equal(db_begin(db), CC_ERR_DB);
    assert_ok(db_commit(db));
}

static void test_savepoint_spoils_only_its_own_work(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    assert_ok(db_begin(db));
    assert_ok(db_savepoint(db));
    assert_ok(add_word(db, "first"));
    assert_ok(db_release(db));

    uint64_t before = db_rollbacks(db);
    assert_ok(db_savepoint(db));
    assert_ok(add_word(db, "second"));
    assert_int_equal(add_word(db, "first"), CC_ERR_ALREADY_REGISTERED);
    db_rollback_to_savepoint(db);
    assert_true(db_rollbacks(db) > before);
    assert_int_equal(db_release(db), CC_ERR_DB); /* it is gone, not left open */

    assert_ok(db_savepoint(db));
    assert_ok(add_word(db, "third"));
    assert_ok(db_release(db));
    assert_ok(db_commit(db));
    assert_int_equal(count_words(db), 2);
    int64_t third = 0;
    assert_ok(db_run_int(db_query(db, "SELECT count(*) FROM t WHERE word = 'third'"), &third));
    assert_int_equal(third, 1);
}

static void test_commit_now(void **state)
{
    struct engine *e = *state;
    assert_ok(db_commit_now(e->db)); /* nothing open */
    assert_ok(db_begin(e->db));
    assert_ok(add_word(e->db, "durable"));
    assert_ok(db_commit_now(e->db));
    assert_ok(add_word(e->db, "not yet"));
    db_rollback(e->db);
    assert_int_equal(count_words(e->db), 1);
}

/* The wait between two tries is part of what is tested: until it is over no try is made. */
static enum cc_err begin_within_a_second(struct db *db)
{
    int64_t end_us = clock_mono_us() + INT64_C(1000000);
    enum cc_err err = db_begin(db);
    while (err == CC_ERR_DB_BUSY && clock_mono_us() < end_us)
        err = db_begin(db);
    return err;
}

/* A thousand requests meet a lock that another process holds: few of them try, none waits. */
static void test_a_held_lock_costs_no_time(void **state)
{
    struct engine *e = *state;
    struct db *other = NULL;
    assert_ok(open_file(e, OUR_ID, 1, &other));
    db_fail_fast(e->db);
    assert_ok(db_begin(other));
    int64_t start_us = clock_mono_us();
    clock_t begin_work = clock(); /* us, by POSIX: no part of the wait, and long where emulated */
    for (int i = 0; i < 1000; i++)
        assert_int_equal(db_begin(e->db), CC_ERR_DB_BUSY);
    int64_t took_us = clock_mono_us() - start_us - (clock() - begin_work);
    if (took_us > 50000)
        fail_msg("a thousand refusals waited %lld us", (long long)took_us);
    db_rollback(other);
    assert_ok(begin_within_a_second(e->db));
    db_rollback(e->db);
    db_close(other);
}

static void test_second_writer_gets_an_error(void **state)
{
    struct engine *e = *state;
    struct db *other = NULL;
    assert_ok(open_file(e, OUR_ID, 1, &other));
    assert_ok(db_begin(e->db));
    db_fail_fast(other);
    assert_int_equal(db_begin(other), CC_ERR_DB_BUSY);
    assert_int_equal(db_fault(other), DB_FAULT_BUSY);
    assert_ok(db_commit(e->db));
    assert_ok(begin_within_a_second(other));
    assert_int_equal(db_fault(other), DB_FAULT_NONE);
    db_rollback(other);
    db_close(other);
}

static void test_only_one_holds_the_lock(void **state)
{
    struct engine *e = *state;
    for (int i = 0; i < 2; i++) {
        struct db *other = NULL;
        if (i == 0)
            assert_ok(db_lock(e->db, ""));
        assert_ok(open_file(e, OUR_ID, 1, &other));
        assert_int_equal(db_lock(other, ""), CC_ERR_DB_IN_USE);
        assert_int_equal(count_words(other), 0); /* a reader is not kept out */
        db_close(other);
    }
    assert_ok(db_begin(e->db));
    assert_ok(add_word(e->db, "still ours"));
    assert_ok(db_commit(e->db));
}

static void test_version(void **state)
{
    struct engine *e = *state;
    assert_int_equal(db_user_version(e->db), 0);
    assert_ok(db_set_user_version(e->db, 3));
    assert_int_equal(db_user_version(e->db), 3);
    db_close(e->db);
    assert_int_equal(open_file(e, OUR_ID, 2, &e->db), CC_ERR_DB_NEWER);
    assert_int_equal(open_file(e, OUR_ID + 1, 3, &e->db), CC_ERR_DB_NOT_OURS);
    assert_ok(open_file(e, OUR_ID, 3, &e->db));
}

static void test_modes_and_pragmas(void **state)
{
    struct engine *e = *state;
    static const struct {
        const char *sql;
        int64_t expected;
    } rows[] = {
        {"PRAGMA synchronous", 2},    {"PRAGMA foreign_keys", 1},    {"PRAGMA secure_delete", 1},
        {"PRAGMA trusted_schema", 0}, {"PRAGMA busy_timeout", 2000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        int64_t value = -1;
        assert_ok(db_run_int(db_query(e->db, rows[i].sql), &value));
        if (value != rows[i].expected)
            fail_msg("%s is %lld", rows[i].sql, (long long)value);
    }
    struct stat info;
    assert_int_equal(stat(e->f->db_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    char wal[400];
    (void)snprintf(wal, sizeof wal, "%s-wal", e->f->db_path);
    assert_int_equal(stat(wal, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static enum cc_err fill_up(struct db *db)
{
    enum cc_err err = db_begin(db);
    if (err == CC_OK)
        err = db_exec(db, "INSERT INTO t (raw) VALUES (zeroblob(1000000))");
    if (err == CC_OK)
        return db_commit(db);
    db_rollback(db);
    return err;
}

/* Until something has been written again: a commit of nothing proves nothing. */
static void test_a_full_disk_is_known(void **state)
{
    struct db *db = ((struct engine *)*state)->db;
    assert_int_equal(db_fault(db), DB_FAULT_NONE);
    assert_ok(db_exec(db, "PRAGMA max_page_count = 20"));
    assert_int_equal(fill_up(db), CC_ERR_DB);
    assert_int_equal(db_fault(db), DB_FAULT_FULL);
    assert_ok(db_begin(db));
    assert_ok(db_commit(db));
    assert_int_equal(db_fault(db), DB_FAULT_FULL);
    assert_ok(db_exec(db, "PRAGMA max_page_count = 100000"));
    assert_ok(fill_up(db));
    assert_int_equal(db_fault(db), DB_FAULT_NONE);
    assert_int_equal(db_exec(db, "SELECT nonsense"), CC_ERR_DB);
    assert_int_equal(db_fault(db), DB_FAULT_NONE); /* a mistake of ours, not of the disk */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        engine_test(test_values_come_back),
        engine_test(test_null_is_null),
        engine_test(test_statement_is_prepared_once),
        engine_test(test_bindings_do_not_survive),
        engine_test(test_bad_statements_fail_once_at_the_end),
        engine_test(test_bad_index_is_an_error),
        engine_test(test_statement_inside_itself_is_refused),
        engine_test(test_many_statements_then_a_clear_end),
        engine_test(test_words_of_the_schema),
        engine_test(test_constraints),
        engine_test(test_run_one_counts),
        engine_test(test_a_statement_that_fails_while_it_is_bound),
        engine_test(test_transactions),
        engine_test(test_savepoint_spoils_only_its_own_work),
        engine_test(test_commit_now),
        engine_test(test_second_writer_gets_an_error),
        engine_test(test_a_held_lock_costs_no_time),
        engine_test(test_only_one_holds_the_lock),
        engine_test(test_a_full_disk_is_known),
        engine_test(test_version),
        engine_test(test_modes_and_pragmas),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
