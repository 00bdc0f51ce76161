/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An engine that fails. Every function of the store is run with the first call of the engine
 * failing and all after it, then from the second call on, and so on until the function gets
 * through: each time it must return an error. The engine underneath is SQLite, so that what
 * succeeds is real. A second engine of the test has nothing underneath and fails at every call.
 */
#include "tests/unit/test_store_acts.h"

#include "store/engine.h"
#include "store/schema.h"
#include "store/sqlite/engine.h"
#include "store/sqlite/private.h"

/* ---- the failing engine ---------------------------------------------------------------------- */

enum { NEVER = -1 };
static int64_t calls_left = NEVER; /* before the engine fails */
static bool has_failed;

static bool fails(void)
{
    if (calls_left == NEVER)
        return false;
    if (calls_left > 0) {
        calls_left--;
        return false;
    }
    has_failed = true;
    return true;
}

static enum cc_err failing_prepare(struct db *db, const char *sql, void **ret_handle)
{
    return fails() ? CC_ERR_DB : sqlite_engine.statements->prepare(db, sql, ret_handle);
}

static enum cc_err failing_bind_int(struct db_stmt *st, int index, int64_t value)
{
    return fails() ? CC_ERR_DB : sqlite_engine.statements->bind_int(st, index, value);
}

static enum cc_err failing_bind_text(struct db_stmt *st, int index, const char *text)
{
    return fails() ? CC_ERR_DB : sqlite_engine.statements->bind_text(st, index, text);
}

static enum cc_err failing_bind_blob(struct db_stmt *st, int index, const void *bytes, size_t len)
{
    return fails() ? CC_ERR_DB : sqlite_engine.statements->bind_blob(st, index, bytes, len);
}

static enum cc_err failing_bind_null(struct db_stmt *st, int index)
{
    return fails() ? CC_ERR_DB : sqlite_engine.statements->bind_null(st, index);
}

static enum cc_err failing_step(struct db_stmt *st, bool *ret_row)
{
    *ret_row = false;
    return fails() ? CC_ERR_DB : sqlite_engine.statements->step(st, ret_row);
}

static enum cc_err failing_exec(struct db *db, const char *sql)
{
    return fails() ? CC_ERR_DB : sqlite_engine.exec(db, sql);
}

static enum cc_err failing_set_version(struct db *db, int64_t version)
{
    return fails() ? CC_ERR_DB : sqlite_engine.set_version(db, version);
}

static struct engine_statements failing_statements; /* set in main(), as the next */
static struct store_engine failing_engine;

static int world_open(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    (void)fixture_empty((void **)&w->f);
    w->store = &w->f->store;
    const struct store_place place = {
        .engine = &failing_engine, .db_path = w->f->db_path, .key_path = w->f->key_path};
    assert_ok(store_open_place(&place, w->store));
    assert_ok(db_begin(w->store->db));
    world_fill(w);
    assert_ok(store_commit(w->store));
    *state = w;
    return 0;
}

static int world_close(void **state)
{
    struct world *w = *state;
    void *f = w->f;
    free(w);
    return fixture_close(&f);
}

#define world_test(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)

/* Runs an act in a transaction of its own, with `calls` calls of the engine that succeed. */
static enum cc_err run_act(struct world *w, size_t act, int64_t calls)
{
    assert_ok(db_begin(w->store->db));
    has_failed = false;
    calls_left = calls;
    enum cc_err err = acts[act].run(w);
    calls_left = NEVER;
    db_rollback(w->store->db);
    return err;
}

static void test_every_function_returns_the_error(void **state)
{
    enum { MOST_CALLS = 2000 };
    struct world *w = *state;
    int64_t total = 0;
    for (size_t act = 0; act < ACT_COUNT; act++) {
        int64_t calls = 0;
        enum cc_err err = run_act(w, act, calls);
        while (has_failed && calls < MOST_CALLS) {
            if (err == CC_OK)
                fail_msg("%s says that all is well, with an engine that fails after %d calls",
                         acts[act].name, (int)calls);
            calls++;
            err = run_act(w, act, calls);
        }
        if (err != CC_OK && err != CC_ERR_NOT_FOUND)
            fail_msg("%s: %s, with an engine that works", acts[act].name, err_token(err));
        total += calls;
    }
    assert_true(total > 1000);
    assert_int_equal(w->store->integrity.facts, 0); /* a failing engine is no sign of an edit */
}

/* A step that failed half-way leaves nothing behind: the database is as before, its sums too. */
static void test_nothing_of_it_is_left(void **state)
{
    struct world *w = *state;
    int64_t before = ask_int(w->store, "SELECT count(*) FROM requests, outbox, audit, failures");
    for (size_t act = 0; act < ACT_COUNT; act++)
        for (int64_t calls = 0; calls < 40; calls += 3)
            (void)run_act(w, act, calls);
    assert_int_equal(ask_int(w->store, "SELECT count(*) FROM requests, outbox, audit, failures"),
                     before);
    fixture_reopen(w->f);
    assert_int_equal(w->store->integrity.facts, 0);
}

static void test_the_opening_fails_at_each_call(void **state)
{
    struct world *w = *state;
    const struct store_place place = {.engine = &failing_engine,
                                      .db_path = w->f->db_path,
                                      .key_path = w->f->key_path,
                                      .box = "sede"};
    int64_t calls = 0;
    store_close(w->store);
    do {
        struct store store = {0};
        has_failed = false;
        calls_left = calls++;
        enum cc_err err = store_open_place(&place, &store);
        calls_left = NEVER;
        if (has_failed && err == CC_OK)
            /* the check of all rows ends no start where a page cannot be read */
            assert_non_null(store.db);
        store_close(&store);
    } while (has_failed);
    assert_true(calls > 100);
    assert_ok(store_open_place(&place, w->store));
    assert_int_equal(w->store->integrity.facts, 0);
}

/* ---- the way that SQLite takes to the rows ----------------------------------------------------
 */

/* Tables that grow with the town and its years. */
static const char *const large[] = {
    "citizens", "requests", "outbox",      "audit",    "evidence",    "failures",   "mails",
    "life",     "emails",   "credentials", "refusals", "ip_requests", "idempotency"};

/* Statements that read all of one: by a person who asks for it, or after a clock that was wrong. */
static const char *const may_read_all[] = {
    "SELECT count(*) FROM citizens",
    "SELECT count(*) FROM requests WHERE expires_ms < $1",
    "UPDATE requests SET sealed = NULL WHERE created_ms > $1",
    "DELETE FROM requests WHERE created_ms > $1",
    "DELETE FROM mails WHERE box = $1 AND created_ms > $2",
    "DELETE FROM refusals WHERE minute_ms > $1",
    "DELETE FROM ip_requests WHERE created_ms > $1",
    "DELETE FROM idempotency WHERE created_ms > $1",
};

static bool reads_all(const char *detail)
{
    if (strncmp(detail, "SCAN ", 5) != 0 || strstr(detail, " USING ") != NULL)
        return false;
    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
        if (strcmp(detail + 5, large[i]) == 0)
            return true;
    return false;
}

static bool is_allowed(const char *sql)
{
    for (size_t i = 0; i < sizeof(may_read_all) / sizeof(may_read_all[0]); i++)
        if (strncmp(sql, may_read_all[i], strlen(may_read_all[i])) == 0)
            return true;
    return strstr(sql, " LIMIT ") != NULL;
}

static void check_plan(struct db *db, const char *sql)
{
    char explained[4096];
    sqlite3_stmt *st = NULL;
    int len = snprintf(explained, sizeof(explained), "EXPLAIN QUERY PLAN %s", sql);
    assert_in_range(len, 1, sizeof(explained) - 1);
    assert_int_equal(sqlite3_prepare_v2(sqlite_handle(db), explained, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(st, 3);
        if (reads_all(detail) && !is_allowed(sql))
            fail_msg("%s: %s", detail, sql);
    }
    (void)sqlite3_finalize(st);
}

static void test_no_statement_reads_all_of_a_large_table(void **state)
{
    struct world *w = *state;
    size_t count = 0;
    for (size_t act = 0; act < ACT_COUNT; act++)
        (void)run_act(w, act, NEVER);
    for (size_t i = 0; i < DB_CACHE_SLOTS; i++)
        if (w->store->db->cache[i].sql != NULL) {
            check_plan(w->store->db, w->store->db->cache[i].sql);
            count++;
        }
    assert_true(count > 250);
}

/* ---- an engine with nothing underneath ------------------------------------------------------- */

static enum cc_err nothing_open(struct db *db, const char *place, const struct db_identity *ours)
{
    return db != NULL && place != NULL && ours != NULL ? CC_OK : CC_ERR_DB;
}

static enum cc_err nothing_open_fails(struct db *db, const char *place,
                                      const struct db_identity *ours)
{
    (void)nothing_open(db, place, ours);
    return CC_ERR_DB_NOT_OURS;
}

static void nothing_close(struct db *db)
{
    (void)db;
}

static enum cc_err nothing_exec(struct db *db, const char *sql)
{
    (void)sql;
    return db_fault_note(db, DB_FAULT_DISK, "nothing there", "5", sql);
}

static bool nothing_is_in_transaction(const struct db *db)
{
    (void)db;
    return false;
}

static int64_t nothing_changes(const struct db *db)
{
    (void)db;
    return 0;
}

static enum cc_err nothing_version(struct db *db, int64_t *ret)
{
    (void)ret;
    return nothing_exec(db, "version");
}

static enum cc_err nothing_set_version(struct db *db, int64_t version)
{
    (void)version;
    return nothing_exec(db, "set_version");
}

static enum cc_err nothing_works(struct db *db)
{
    return nothing_exec(db, "");
}

static enum cc_err nothing_locks(struct db *db, const char *box)
{
    return nothing_exec(db, box);
}

static enum cc_err nothing_prepare(struct db *db, const char *sql, void **ret_handle)
{
    (void)ret_handle;
    return nothing_exec(db, sql);
}

static const struct engine_statements nothing_statements = {.prepare = nothing_prepare};
static void nothing_bound(struct db *db, int most)
{
    (void)db;
    (void)most;
}

static const struct store_engine nothing_engine = {
    .name = "nothing",
    .size = sizeof(struct db),
    .begin = "BEGIN",
    .open = nothing_open,
    .close = nothing_close,
    .exec = nothing_exec,
    .is_in_transaction = nothing_is_in_transaction,
    .changes = nothing_changes,
    .total_changes = nothing_changes,
    .version = nothing_version,
    .set_version = nothing_set_version,
    .lock = nothing_locks,
    .empty_log = nothing_works,
    .bound_cache = nothing_bound,
    .check_whole = nothing_works,
    .statements = &nothing_statements,
};

static void test_a_second_engine_that_fails_every_call(void **state)
{
    struct world *w = *state;
    struct store real = *w->store, store = {0};
    struct store_engine closed = nothing_engine;
    closed.open = nothing_open_fails;
    struct store_place place = {
        .engine = &closed, .db_path = "anywhere", .key_path = w->f->key_path};
    assert_int_equal(store_open_place(&place, &store), CC_ERR_DB_NOT_OURS);
    place.engine = &nothing_engine;
    assert_int_equal(store_open_place(&place, &store), CC_ERR_DB);

    const struct db_identity ours = schema_identity();
    assert_ok(db_open(&nothing_engine, "anywhere", &ours, &store.db));
    store.keys = real.keys;
    w->store = &store;
    for (size_t act = 0; act < ACT_COUNT; act++)
        if (acts[act].run(w) == CC_OK)
            fail_msg("%s says that all is well", acts[act].name);
    assert_int_equal(schema_migrate(store.db), CC_ERR_DB);
    assert_int_equal(db_check_whole(store.db), CC_ERR_DB);
    assert_int_equal(db_empty_log(store.db), CC_ERR_DB);
    assert_int_equal(db_fault(store.db), DB_FAULT_DISK);
    db_close(store.db);
    w->store = &w->f->store;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(test_every_function_returns_the_error),
        world_test(test_nothing_of_it_is_left),
        world_test(test_the_opening_fails_at_each_call),
        world_test(test_no_statement_reads_all_of_a_large_table),
        world_test(test_a_second_engine_that_fails_every_call),
    };
    failing_statements = *sqlite_engine.statements;
    failing_statements.prepare = failing_prepare;
    failing_statements.bind_int = failing_bind_int;
    failing_statements.bind_text = failing_bind_text;
    failing_statements.bind_blob = failing_bind_blob;
    failing_statements.bind_null = failing_bind_null;
    failing_statements.step = failing_step;
    failing_engine = sqlite_engine;
    failing_engine.exec = failing_exec;
    failing_engine.set_version = failing_set_version;
    failing_engine.statements = &failing_statements;
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
