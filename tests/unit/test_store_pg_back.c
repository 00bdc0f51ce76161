/* SPDX-License-Identifier: EUPL-1.2 */
/* Limits, statements and the name of a connection that was made again. */
#include "tests/unit/test_pg_fixture.h"

#include "store/boxes.h"
#include "store/db_fault.h"
#include "store/pg/private.h"

#include <signal.h>
#include <sys/wait.h>

static void end_others(struct db *db)
{
    assert_ok(db_exec(db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                          " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"));
}

static void begin_again(struct db *db)
{
    int64_t begun_us = clock_mono_us();
    while (db_begin(db) != CC_OK && ms_since(begun_us) < 10000)
        (void)usleep(10000);
    assert_true(db_in_transaction(db));
}

static void assert_limited(struct db *db)
{
    int64_t count = 0;
    assert_ok(db_run_int(db_query(db, "SELECT count(*) FROM pg_settings WHERE name || setting IN"
                                      " ('statement_timeout800', 'lock_timeout500',"
                                      " 'idle_in_transaction_session_timeout5000')"),
                         &count));
    assert_int_equal(count, 3);
}

static void test_limits_of_the_next_connection(void **state)
{
    struct fixture *f = *state;
    struct store other = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    assert_ok(store_open_place(&place, &other));
    db_fail_fast(f->store.db);
    assert_limited(f->store.db);
    assert_ok(db_begin(f->store.db));
    end_others(other.db);
    assert_int_not_equal(store_raise_time(&f->store, T0), CC_OK);
    db_rollback(f->store.db);
    begin_again(f->store.db);
    assert_limited(f->store.db);
    db_rollback(f->store.db);
    store_close(&other);
}

static void test_prepared_statements_that_are_gone(void **state)
{
    struct fixture *f = *state;
    db_fail_fast(f->store.db);
    assert_ok(db_begin(f->store.db));
    assert_ok(store_touch(&f->store, 1));
    assert_ok(store_commit(&f->store));
    assert_ok(db_exec(f->store.db, "DEALLOCATE ALL"));
    assert_ok(db_begin(f->store.db));
    assert_true(store_touch(&f->store, 2) != CC_OK || store_commit(&f->store) != CC_OK);
    db_rollback(f->store.db);
    begin_again(f->store.db);
    assert_ok(store_touch(&f->store, 3));
    assert_ok(store_commit(&f->store));
}

/* A server is not asked again and again by a box whose name another has taken meanwhile. */
static void test_a_name_that_is_taken_meanwhile(void **state)
{
    struct fixture *f = *state;
    struct store one = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    assert_ok(store_open_place(&place, &one));
    db_fail_fast(one.db);
    end_others(f->store.db);
    assert_ok(db_exec(f->store.db, "SELECT pg_advisory_lock(1128483927,"
                                   " hashtext(current_schema() || '/b'))"));
    uint64_t generation = pg_of(one.db)->generation;
    for (int64_t begun_us = clock_mono_us(); ms_since(begun_us) < 2000; (void)usleep(5000))
        assert_int_not_equal(db_begin(one.db), CC_OK);
    assert_in_range(pg_of(one.db)->generation - generation, 1, 8);
    assert_int_equal(db_fault(one.db), DB_FAULT_AWAY);
    assert_ok(db_exec(f->store.db, "SELECT pg_advisory_unlock_all()"));
    begin_again(one.db);
    db_rollback(one.db);
    store_close(&one);
}

static void pause_for(pid_t pid, unsigned ms)
{
    (void)usleep(200 * 1000);
    (void)kill(pid, SIGSTOP);
    (void)usleep(ms * 1000);
    (void)kill(pid, SIGCONT);
    _exit(0);
}

/* The machine is paused while the server answers: what has come in time is taken. */
static void test_a_machine_that_is_paused(void **state)
{
    struct fixture *f = *state;
    uint64_t generation = pg_of(f->store.db)->generation;
    int64_t begun_us = clock_mono_us();
    db_fail_fast(f->store.db);
    assert_ok(db_begin(f->store.db));
    pid_t other = fork();
    if (other == 0)
        pause_for(getppid(), 1300);
    assert_ok(db_exec(f->store.db, "SELECT pg_sleep(0.6)"));
    assert_int_equal(waitpid(other, NULL, 0), other);
    assert_true(ms_since(begun_us) > 1300);
    assert_ok(store_touch(&f->store, 1));
    assert_ok(store_commit(&f->store));
    assert_int_equal(pg_of(f->store.db)->generation, generation);
}

/* Another version of the program would write what this one brings up to date. */
static void test_a_box_of_the_version_before(void **state)
{
    struct fixture *f = *state;
    struct store one = {0}, other = {0};
    struct box_state sends = {.can_send = true};
    struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    assert_ok(store_open_place(&place, &one));
    assert_ok(db_exec(one.db, "UPDATE contraclaved SET version = version - 1"));
    assert_ok(boxes_beat(&one, clock_wall_ms(), &sends));
    place.box = "c";
    assert_int_equal(store_open_place(&place, &other), CC_ERR_DB_IN_USE);
    assert_ok(boxes_beat(&one, clock_wall_ms() - BOXES_GONE_MS, &sends)); /* has its lock alone */
    assert_int_not_equal(store_open_place(&place, &other), CC_ERR_DB_IN_USE);
    /* beats with a clock that is a minute behind */
    assert_ok(db_exec(one.db, "ALTER TABLE boxes RENAME TO kept"));
    assert_ok(db_exec(one.db, "CREATE VIEW boxes AS SELECT box, (extract(epoch FROM"
                              " clock_timestamp()) * 1000)::bigint - 60000 AS seen_ms FROM kept"));
    assert_int_equal(store_open_place(&place, &other), CC_ERR_DB_IN_USE);
    assert_ok(db_exec(one.db, "DROP VIEW boxes"));
    assert_ok(db_exec(one.db, "ALTER TABLE kept RENAME TO boxes"));
    assert_ok(boxes_beat(&one, clock_wall_ms(), &sends));
    store_close(&one); /* was here a moment ago */
    assert_int_not_equal(store_open_place(&place, &other), CC_ERR_DB_IN_USE);
    assert_ok(db_exec(f->store.db, "UPDATE contraclaved SET version = version + 1"));
    assert_ok(store_open_place(&place, &other));
    store_close(&other);
}

/* libpq is given each place whole, or not at all. */
static void test_many_places(void **state)
{
    enum { SOCKETS = 7, PLACES = SOCKETS + 1 };
    char folder[201], place[2048];
    const char *wrap = getenv("CC_WRAP");
    (void)state;
    if (wrap != NULL && wrap[0] != '\0') /* valgrind frees what the resolver's thread still has */
        skip();
    struct pg_db *pg = calloc(1, sizeof(*pg));
    struct buf b;
    assert_non_null(pg);
    (void)memset(folder, 'f', sizeof(folder) - 1);
    folder[0] = '/';
    folder[sizeof(folder) - 1] = '\0';
    buf_init(&b, place, sizeof(place));
    buf_str(&b, "postgresql:///base?host=localhost");
    for (int i = 0; i < SOCKETS; i++)
        buf_fmt(&b, ",%s", folder);
    assert_non_null(buf_cstr(&b));
    assert_ok(pg_address_read(place, &pg->address));
    assert_true(pg_names_read(pg));
    pg_names_ask(pg);
    pg_names_wait(pg, 10000);
    struct pg_address address = pg->address;
    assert_true(pg_names_apply(pg, &address));
    const char *host = pg_address_value(&address, "host");
    size_t places = 1;
    for (const char *c = host; *c != '\0'; c++)
        places += *c == ',';
    assert_true(places >= PLACES); /* a name may have several addresses */
    assert_string_equal(strrchr(host, ',') + 1, folder);
    pg_names_free(pg);
    pg_address_done(&pg->address);
    free(pg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_limits_of_the_next_connection),
        fixture_test(test_prepared_statements_that_are_gone),
        fixture_test(test_a_name_that_is_taken_meanwhile),
        fixture_test(test_a_machine_that_is_paused),
        fixture_test(test_a_box_of_the_version_before),
        cmocka_unit_test(test_many_places),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
