/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening: database and key together, what is refused, and that a refusal changes nothing. */
#include "tests/unit/test_store_fixture.h"

#include "store/clock.h"

#include "store/refusals.h"

#include "base/fsx.h"
#include "store/clients.h"
#include "store/engines.h"
#include "store/idempotency.h"
#include "store/notices.h"
#include "store/schema.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static enum cc_err open_store(struct fixture *f)
{
    return store_open(f->db_path, f->key_path, &f->store);
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static size_t read_file(const char *path, void *out, size_t cap)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, cap, file);
    (void)fclose(file);
    return len;
}

static void test_first_start_makes_both(void **state)
{
    needs_file();
    struct fixture *f = *state;
    struct stat info;
    assert_ok(open_store(f));
    assert_int_equal(stat(f->key_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0400);
    assert_int_equal(info.st_size, SECRET_KEY_BYTES);
    assert_int_equal(stat(f->db_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(db_user_version(f->store.db), schema_newest());
    static const char *const tables[] = {"citizens", "requests", "failures", "ip_requests",
                                         "outbox",   "clients",  "audit",    "idempotency",
                                         "sim_pins", "meta"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; ++i) {
        struct db_stmt *st = db_query(f->store.db, "SELECT count(*) FROM sqlite_schema"
                                                   " WHERE type = 'table' AND name = $1"
                                                   " AND sql LIKE '%STRICT%'");
        int64_t found = 0;
        db_bind_text(st, 1, tables[i]);
        assert_ok(db_run_int(st, &found));
        if (found != 1)
            fail_msg("table %s", tables[i]);
    }
}

static void test_data_survives_a_restart(void **state)
{
    struct fixture *f = *state;
    struct citizen found;
    assert_ok(open_store(f));
    int64_t id = add_citizen(&f->store, "12345678Z", "+34600123123");
    fixture_reopen(f);
    struct citizen asked = make_citizen("12345678Z", "");
    assert_ok(citizens_find(&f->store, &asked.nif, &found));
    assert_int_equal(found.id, id);
    assert_ok(schema_migrate(f->store.db)); /* nothing left to do */
}

static void test_wrong_key(void **state)
{
    struct fixture *f = *state;
    uint8_t other[SECRET_KEY_BYTES];
    memset(other, 0x5A, sizeof other);
    assert_ok(open_store(f));
    store_close(&f->store);
    assert_int_equal(unlink(f->key_path), 0);
    assert_ok(fsx_create(f->key_path, other, sizeof other, 0400));
    assert_int_equal(open_store(f), CC_ERR_KEY_WRONG);
    assert_null(f->store.db);
}

static void test_missing_key_of_a_used_database(void **state)
{
    struct fixture *f = *state;
    char saved[340];
    (void)snprintf(saved, sizeof saved, "%s.saved", f->key_path);
    assert_ok(open_store(f));
    (void)add_citizen(&f->store, "12345678Z", "+34600123123");
    store_close(&f->store);
    assert_int_equal(rename(f->key_path, saved), 0);
    assert_int_equal(open_store(f), CC_ERR_KEY_MISSING);
    assert_false(fsx_exists(f->key_path));
    assert_int_equal(rename(saved, f->key_path), 0);
    assert_ok(open_store(f)); /* and all is well again */
}

/* Each alone is enough to refuse, also where somebody took the check row away. */
static void test_what_counts_as_used(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char *const uses[] = {
        "",
        "INSERT INTO citizens (id, phone_index, sealed, state, level, channel, locked,"
        " created_ms) VALUES (1,x'00',x'00',0,0,0,0,0);",
        "INSERT INTO clients (id, name, scopes, token_tag, created_ms, expires_ms, revoked_ms)"
        " VALUES (1,'n',1,x'00',0,0,0);",
        "INSERT INTO outbox (id, row_key, request_id, class, state, phone_index, phone, created_ms,"
        " not_before_ms, expires_ms, attempts, refusals, is_repeat, modem, reference, sent_ms,"
        " window_ends_ms, done_ms, cause_kind, cause_code)"
        " VALUES (1,x'00',0,0,0,x'00',x'00',0,0,0,0,0,0,'',0,0,0,0,0,0);",
    };
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; ++i) {
        char sql[600];
        (void)unlink(f->key_path);
        (void)unlink(f->db_path);
        assert_ok(open_store(f));
        (void)snprintf(sql, sizeof sql, "%s%s", uses[i], i ? "DELETE FROM meta;" : "");
        assert_ok(exec_sql(&f->store, sql));
        store_close(&f->store);
        enum cc_err with_key = open_store(f);
        if (with_key != (i ? CC_ERR_KEY_WRONG : CC_OK))
            fail_msg("row %zu, with key: %s", i, err_token(with_key));
        store_close(&f->store);
        assert_int_equal(unlink(f->key_path), 0);
        enum cc_err without = open_store(f);
        if (without != CC_ERR_KEY_MISSING || fsx_exists(f->key_path))
            fail_msg("row %zu, without key: %s", i, err_token(without));
    }
}

static void test_unusable_key_leaves_no_database(void **state)
{
    struct fixture *f = *state;
    write_file(f->key_path, "short", 5);
    assert_int_equal(chmod(f->key_path, 0400), 0);
    assert_int_equal(open_store(f), CC_ERR_KEY_FORMAT);
    assert_false(fsx_exists(f->db_path));
}

/* A crash between making the key and noting it down must not lock us out. */
static void test_key_without_check_in_an_empty_database(void **state)
{
    struct fixture *f = *state;
    assert_ok(open_store(f));
    assert_ok(exec_sql(&f->store, "DELETE FROM meta"));
    fixture_reopen(f);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM meta WHERE name = 'key_check'"), 1);
}

static void test_newer_database_is_left_alone(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static uint8_t before[1 << 18], after[1 << 18];
    assert_ok(open_store(f));
    assert_ok(db_set_user_version(f->store.db, schema_newest() + 1));
    store_close(&f->store);
    size_t len = read_file(f->db_path, before, sizeof before);
    assert_int_equal(open_store(f), CC_ERR_DB_NEWER);
    assert_int_equal(read_file(f->db_path, after, sizeof after), len);
    assert_memory_equal(before, after, len);
    assert_int_equal(unlink(f->key_path), 0);
    assert_int_equal(open_store(f), CC_ERR_DB_NEWER);
    assert_false(fsx_exists(f->key_path));
}

static void test_foreign_files_are_left_alone(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char *const texts[] = {
        "x",
        "una nota cualquiera\n",
        "SQLite format 4, almost",
        "a text longer than the header of a database: 0123456789012345678901234567890123456789\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
        char after[400] = "";
        write_file(f->db_path, texts[i], strlen(texts[i]));
        enum cc_err err = open_store(f);
        if (err != CC_ERR_DB_NOT_OURS)
            fail_msg("row %zu: %s", i, err_token(err));
        (void)read_file(f->db_path, after, sizeof after - 1);
        assert_string_equal(after, texts[i]);
        assert_false(fsx_exists(f->key_path));
    }
}

static void test_foreign_database_is_left_alone(void **state)
{
    struct fixture *f = *state;
    const struct db_identity theirs = {1, 1};
    struct db *db = NULL;
    assert_ok(db_open(store_engine_of(f->db_path), f->db_path, &theirs, &db));
    assert_ok(db_exec(db, "CREATE TABLE recipes (name TEXT)"));
    db_close(db);
    assert_int_equal(open_store(f), CC_ERR_DB_NOT_OURS);
    assert_false(fsx_exists(f->key_path));
}

static void test_empty_file_is_a_new_database(void **state)
{
    needs_file();
    struct fixture *f = *state;
    write_file(f->db_path, "", 0);
    assert_ok(open_store(f));
}

static void test_folder_missing(void **state)
{
    struct fixture *f = *state;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/nowhere/contraclaved.db", f->dir);
    assert_int_equal(store_open(path, f->key_path, &f->store), CC_ERR_IO);
    assert_false(fsx_exists(f->key_path));
    assert_int_equal(store_open(f->dir, f->key_path, &f->store), CC_ERR_IO);
    (void)snprintf(path, sizeof path, "%s/nowhere/clave", f->dir);
    assert_int_equal(store_open(f->db_path, path, &f->store), CC_ERR_IO);
    assert_ok(open_store(f)); /* the second try, with a good path, works */
}

static void test_close_takes_anything(void **state)
{
    (void)state;
    struct store never_opened = {0};
    store_close(&never_opened);
    store_close(NULL);
}

/* A child has what the daemon had open until it runs. */
static void test_a_child_keeps_no_database_reserved(void **state)
{
    needs_file();
    struct fixture *f = *state;
    int status = 0;
    assert_ok(open_store(f));
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(EXIT_SUCCESS);
    }
    assert_true(child > 0);
    store_close(&f->store);
    enum cc_err err = open_store(f);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_ok(err);
}

static void test_highest_time_only_rises(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int64_t raise, expected;
    } rows[] = {{T0, T0}, {T0 - 1, T0}, {T0, T0}, {T0 + 5, T0 + 5}, {0, T0 + 5}};
    int64_t highest = -1;
    assert_ok(open_store(f));
    assert_ok(store_highest_time(&f->store, &highest));
    assert_int_equal(highest, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        assert_ok(store_raise_time(&f->store, rows[i].raise));
        assert_ok(store_highest_time(&f->store, &highest));
        if (highest != rows[i].expected)
            fail_msg("row %zu: %lld", i, (long long)highest);
    }
    fixture_reopen(f);
    assert_ok(store_highest_time(&f->store, &highest));
    assert_int_equal(highest, T0 + 5);
}

static void test_sweep(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    assert_ok(open_store(f));
    int64_t citizen = add_citizen(store, "12345678Z", "+34600123123");
    static const uint8_t stranger[SECRET_TAG_BYTES];
    const int64_t ages[] = {31 * DAY, 49 * HOUR, 25 * HOUR, 61 * MINUTE, MINUTE};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; ++i) {
        int64_t then = T0 - ages[i];
        char key[16];
        (void)snprintf(key, sizeof key, "k%zu", i);
        (void)add_request(store, citizen, then - HOUR, then);
        (void)add_failure(store, citizen, 1, "10.0.0.1", then - 6 * DAY);
        assert_ok(refusals_add(store, &(struct refusal){stranger, "cliente:sede", false}, then));
        assert_ok(ip_requests_insert(store, "10.0.0.1", then));
        assert_ok(idempotency_keep(store, 1, key, "{}", 2, then, 202, "{}"));
        int64_t id = add_message(store, "+34600123123", then);
        assert_ok(outbox_claim(store, id, "principal", then));
        assert_ok(outbox_sent(store, id, 1, then));
    }
    (void)add_message(store, "+34600123123", T0 - 31 * DAY); /* never finished: stays */
    assert_ok(store_sweep(store, T0));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM failures"), 4); /* 31 days */
    assert_int_equal(ask_int(store, "SELECT count(*) FROM refusals"), 5); /* not audited yet */
    assert_ok(refusals_audit(store, T0, false));
    assert_ok(store_sweep(store, T0));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM refusals"), 2);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM ip_requests"), 1);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM idempotency"), 2);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM citizens"), 1);
    assert_int_equal(purge_kind(store, PURGE_REQUESTS, T0), 1); /* 30 days */
    assert_int_equal(purge_kind(store, PURGE_MESSAGES, T0), 1);
}

/* Rows dated by a clock that was ahead stay until a person has looked (DOMAIN 7). */
static void test_rows_of_the_future(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    static const char rows_sql[] = "SELECT (SELECT count(*) FROM requests) * 100"
                                   " + (SELECT count(*) FROM outbox) * 10"
                                   " + (SELECT count(*) FROM failures)";
    static const char queued_sql[] = "SELECT count(*) FROM outbox WHERE done_ms = 0";
    static struct request live[REQUEST_LIVE_MAX];
    size_t count = 0;
    assert_ok(open_store(f));
    int64_t citizen = add_citizen(store, "12345678Z", "+34600123123");
    const int64_t dates[] = {T0 - HOUR, T0 + 6 * MINUTE, T0 + 40 * DAY};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; ++i) {
        (void)add_request(store, citizen, dates[i], dates[i] + DAY);
        (void)add_failure(store, citizen, 1, "", dates[i]);
        (void)add_message(store, "+34600123123", dates[i]);
    }
    assert_ok(store_sweep(store, T0));
    purge_all(store, T0);
    assert_int_equal(ask_int(store, rows_sql), 333);
    assert_ok(clock_void_future(store, T0, T0 + 40 * DAY));
    assert_int_equal(ask_int(store, rows_sql), 333);
    assert_int_equal(ask_int(store, queued_sql), 1); /* the others are not sent */
    fixture_reopen(f);
    assert_ok(requests_live(store, citizen, &limits_pin24h, T0, live, &count));
    assert_int_equal(count, 1);
    assert_ok(requests_live(store, citizen, &limits_pin24h, T0 + 40 * DAY, live, &count));
    assert_int_equal(count, 0); /* nor when its time has come */
    assert_ok(clock_forget_future(store, T0));
    assert_int_equal(ask_int(store, rows_sql), 111);
}

/* A notice that was given while the clock was ahead keeps no later one back. */
static void test_a_notice_of_the_future(void **state)
{
    struct fixture *f = *state;
    bool is_first = false;
    assert_ok(open_store(f));
    const int64_t dates[] = {T0 + 365 * DAY, T0, T0 + DAY};
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        assert_ok(notices_mark(&f->store, 1, NOTICE_LOCKED, dates[i], &is_first));
        assert_true(is_first);
    }
    assert_ok(notices_mark(&f->store, 1, NOTICE_LOCKED, T0 + DAY - MINUTE, &is_first));
    assert_false(is_first); /* a step back of the clock is no other day */
}

/* The text of a message that was refused is of no use after its end. */
static void test_sweep_wipes_refused_texts(void **state)
{
    struct fixture *f = *state;
    static const char texts_sql[] = "SELECT count(*) FROM outbox WHERE text IS NOT NULL";
    assert_ok(open_store(f));
    int64_t id = add_message(&f->store, "+34600123123", T0);
    int64_t expires_ms = ask_int(&f->store, "SELECT expires_ms FROM outbox");
    assert_int_equal(id, 1);
    assert_ok(exec_sql(&f->store, "UPDATE outbox SET state = 6, done_ms = 1"));
    assert_ok(store_sweep(&f->store, expires_ms));
    assert_int_equal(ask_int(&f->store, texts_sql), 1);
    assert_ok(store_sweep(&f->store, expires_ms + 1));
    assert_int_equal(ask_int(&f->store, texts_sql), 0);
}

static void test_sweep_is_bounded(void **state)
{
    struct fixture *f = *state;
    assert_ok(open_store(f));
    assert_ok(db_begin(f->store.db));
    for (int i = 0; i < 700; ++i)
        (void)add_failure(&f->store, 1, 1, "", T0 - 32 * DAY);
    assert_ok(db_commit(f->store.db));
    assert_ok(store_sweep(&f->store, T0));
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM failures"), 200);
    assert_ok(store_sweep(&f->store, T0));
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM failures"), 0);
}

#define open_test(test) cmocka_unit_test_setup_teardown(test, fixture_empty, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        open_test(test_first_start_makes_both),
        open_test(test_data_survives_a_restart),
        open_test(test_wrong_key),
        open_test(test_missing_key_of_a_used_database),
        open_test(test_what_counts_as_used),
        open_test(test_unusable_key_leaves_no_database),
        open_test(test_key_without_check_in_an_empty_database),
        open_test(test_newer_database_is_left_alone),
        open_test(test_foreign_files_are_left_alone),
        open_test(test_foreign_database_is_left_alone),
        open_test(test_empty_file_is_a_new_database),
        open_test(test_folder_missing),
        cmocka_unit_test(test_close_takes_anything),
        open_test(test_a_child_keeps_no_database_reserved),
        open_test(test_highest_time_only_rises),
        open_test(test_sweep),
        open_test(test_rows_of_the_future),
        open_test(test_a_notice_of_the_future),
        open_test(test_sweep_wipes_refused_texts),
        open_test(test_sweep_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
