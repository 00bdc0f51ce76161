/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The engine of a PostgreSQL server, with a server of the test's own: what only such an engine can
 * meet. The other tests of the store run against one too: make check ENGINE=pg.
 */
#include "tests/unit/test_pg_fixture.h"

#include "base/fsx.h"
#include "store/accept.h"
#include "store/boxes.h"
#include "store/db_fault.h"
#include "store/db_lead.h"
#include "store/mails.h"
#include "store/pg/private.h"
#include "store/schema.h"

#include <sys/wait.h>

/* Begins a transaction as soon as the server is there again; returns the time that it took. */
static int64_t begin_again(struct db *db)
{
    int64_t begun_us = clock_mono_us();
    while (db_begin(db) != CC_OK && ms_since(begun_us) < 10000)
        (void)usleep(10000);
    assert_true(db_in_transaction(db));
    return ms_since(begun_us);
}

static void test_kinds_of_values(void **state)
{
    struct db *db = ((struct fixture *)*state)->store.db;
    static const char sql[] = "SELECT coalesce($1, 5), $1 IS NULL, sum(n), min(n) FROM"
                              " (SELECT 9000000000000000000 AS n UNION ALL SELECT 12345) AS t";
    for (int64_t value = -2; value < 3; value += 2) {
        struct db_stmt *st = db_query(db, sql);
        DB_BIND(st, 1, value == 0 ? db_null() : db_int(value * INT64_C(3000000000)));
        assert_true(db_step(st));
        assert_int_equal(db_column_int(st, 0), value == 0 ? 5 : value * INT64_C(3000000000));
        assert_int_equal(db_column_kind(st, 1), DB_INT);
        assert_int_equal(db_column_int(st, 1), value == 0);
        assert_int_equal(db_column_int(st, 2), INT64_C(9000000000000012345));
        assert_int_equal(db_column_int(st, 3), 12345);
        assert_ok(db_finish(st));
    }
    assert_int_equal(ask_int(&((struct fixture *)*state)->store,
                             "SELECT sum(n) FROM (SELECT -70000 AS n UNION ALL"
                             " SELECT -50000::bigint) AS t"),
                     -120000);
}

/* A COMMIT that the server turns into a ROLLBACK, and one without a transaction. */
static void test_a_commit_that_is_none(void **state)
{
    struct db *db = ((struct fixture *)*state)->store.db;
    uint64_t rollbacks = db_rollbacks(db);
    assert_int_equal(db_commit(db), CC_ERR_DB);
    assert_ok(db_begin(db));
    assert_ok(store_touch(&((struct fixture *)*state)->store, 1));
    assert_int_equal(db_exec(db, "SELECT nothing"), CC_ERR_DB);
    assert_int_equal(db_commit(db), CC_ERR_DB);
    assert_true(db_rollbacks(db) > rollbacks + 1);
    assert_false(db_in_transaction(db));
    assert_int_equal(ask_int(&((struct fixture *)*state)->store,
                             "SELECT count(*) FROM meta WHERE name = 'touched'"),
                     0);
}

static void test_no_transaction_waits_long(void **state)
{
    struct db *db = ((struct fixture *)*state)->store.db;
    db_fail_fast(db);
    int64_t begun_us = clock_mono_us();
    assert_ok(db_begin(db));
    assert_int_equal(db_exec(db, "SELECT pg_sleep(4)"), CC_ERR_DB_BUSY);
    assert_in_range(ms_since(begun_us), 700, 1500);
    db_rollback(db);
    begun_us = clock_mono_us();
    assert_true(begin_again(db) < 2000);
    begun_us = clock_mono_us();
    while (db_exec(db, "SELECT pg_sleep(0.3)") == CC_OK) /* each alone is short */
        ;
    assert_in_range(ms_since(begun_us), 900, 1500);
    assert_false(db_in_transaction(db));
    assert_int_equal(db_fault(db), DB_FAULT_AWAY);
    db_rollback(db);
    assert_true(begin_again(db) < 2000);
    assert_int_equal(db_fault(db), DB_FAULT_NONE);
    db_rollback(db);
}

/* Of a transaction that ends with its connection nothing is kept, and nothing is written after it
 * by a new one, which would be without the rest. */
static void test_a_connection_that_is_cut(void **state)
{
    struct fixture *f = *state;
    struct store other = {0};
    struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "otra"};
    (void)add_citizen(&f->store, "12345678Z", "+34600123123");
    assert_ok(store_open_place(&place, &other));
    db_fail_fast(f->store.db);
    uint64_t rollbacks = db_rollbacks(f->store.db);
    assert_ok(db_begin(f->store.db));
    (void)add_citizen(&f->store, "87654321X", "+34600999999");
    assert_ok(db_exec(other.db,
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"));
    int64_t begun_us = clock_mono_us();
    do { /* also when the server can be reached again */
        assert_int_not_equal(db_begin(f->store.db), CC_OK);
        assert_int_not_equal(store_raise_time(&f->store, T0), CC_OK);
        assert_int_not_equal(store_commit(&f->store), CC_OK);
        assert_false(db_in_transaction(f->store.db));
    } while (ms_since(begun_us) < 500);
    assert_true(db_rollbacks(f->store.db) > rollbacks + 1);
    assert_int_equal(db_fault(f->store.db), DB_FAULT_AWAY);
    db_rollback(f->store.db);
    (void)begin_again(f->store.db);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM citizens"), 1);
    (void)add_citizen(&f->store, "87654321X", "+34600999999");
    assert_ok(store_commit(&f->store));
    assert_int_equal(ask_int(&other, "SELECT count(*) FROM citizens"), 2);
    assert_int_equal(f->store.integrity.facts, 0);
    store_close(&other);
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
}

static void test_a_server_that_is_away(void **state)
{
    struct fixture *f = *state;
    db_fail_fast(f->store.db);
    take_server("down");
    for (int i = 0; i < 50; i++) {
        int64_t begun_us = clock_mono_us();
        assert_int_equal(db_begin(f->store.db), CC_ERR_DB);
        assert_true(ms_since(begun_us) < 200);
    }
    assert_int_equal(db_fault(f->store.db), DB_FAULT_AWAY);
    struct store other = {0};
    assert_int_equal(store_open(f->db_path, f->key_path, &other), CC_ERR_DB);
    take_server("up");
    assert_true(begin_again(f->store.db) < 3000);
    assert_int_equal(db_fault(f->store.db), DB_FAULT_NONE);
    assert_ok(store_raise_time(&f->store, T0));
    assert_ok(store_commit(&f->store));
}

/* Both find no tables; one makes them. */
static void test_two_boxes_begin_at_once(void **state)
{
    struct fixture *f = *state;
    assert_ok(secret_keys_load(f->key_path, true, &f->store.keys)); /* the same for both */
    secret_keys_free(f->store.keys);
    f->store = (struct store){0};
    pid_t child = fork();
    struct store_place place = {
        .db_path = f->db_path, .key_path = f->key_path, .box = child == 0 ? "alfa" : "beta"};
    enum cc_err err = store_open_place(&place, &f->store);
    if (child == 0) {
        store_close(&f->store);
        _exit(err == CC_OK ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ok(err);
    assert_int_equal(db_user_version(f->store.db), schema_newest());
}

/* Another box has the key, and no anchor yet: a person says that the database is the right one. */
static void test_a_box_joins(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SECRET_KEY_BYTES];
    char key_path[sizeof(f->key_path) + 8];
    size_t len = 0;
    struct store other = {0};
    (void)snprintf(key_path, sizeof(key_path), "%s-beta", f->key_path);
    const struct store_place place = {.db_path = f->db_path, .key_path = key_path, .box = "beta"};
    assert_ok(fsx_read(f->key_path, key, sizeof(key), &len));
    assert_ok(fsx_create(key_path, key, len, 0400));
    (void)add_citizen(&f->store, "12345678Z", "+34600123123");
    assert_ok(store_open_place(&place, &other));
    assert_true(integrity_is_in_doubt(&other));
    assert_ok(db_begin(other.db));
    assert_ok(store_accept(&other, "prueba", NULL, T0));
    assert_ok(store_commit(&other));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(other.integrity.facts, 0);
        assert_int_equal(f->store.integrity.facts, 0);
        assert_ok(store_raise_time(&f->store, T0 + i));
        assert_ok(store_raise_time(&other, T0 + MINUTE + i));
        store_close(&other);
        fixture_reopen(f);
        assert_ok(store_open_place(&place, &other));
    }
    store_close(&other);
}

/* Without it, each box would be in doubt for good: who accepts the database gives it another. */
static void test_a_database_whose_name_was_taken_away(void **state)
{
    static const char *const edits[] = {"DELETE FROM meta WHERE name = 'database_id'",
                                        "UPDATE meta SET bytes = NULL WHERE name = 'database_id'"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        assert_ok(db_exec(f->store.db, edits[i]));
        fixture_reopen(f);
        assert_true(integrity_is_in_doubt(&f->store));
        assert_ok(db_begin(f->store.db));
        assert_ok(store_accept(&f->store, "prueba", NULL, T0));
        assert_ok(store_commit(&f->store));
        fixture_reopen(f);
        assert_int_equal(f->store.integrity.facts, 0);
    }
}

/* A message that waits at a box that cannot send, and one that was in flight when its box went. */
static void test_messages_of_a_box_that_is_gone(void **state)
{
    struct fixture *f = *state;
    struct store other = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    int64_t count = -1;
    assert_ok(store_open_place(&place, &other));
    (void)add_message(&other, "+34600123123", T0);
    int64_t in_flight = add_message(&other, "+34600123124", T0);
    assert_ok(outbox_claim(&other, in_flight, "m", T0));
    static const struct {
        int64_t at_ms; /* of the look, after a beat at T0 */
        int64_t expected;
    } rows[] = {
        {T0, 0},
        {T0 + BOXES_GONE_MS - 1, 0},
        {T0 + BOXES_GONE_MS, 2},
        {T0 + BOXES_GONE_MS, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (i == 0)
            assert_ok(boxes_beat(&other, T0, &(struct box_state){.can_send = true}));
        assert_ok(boxes_take_over(&f->store, rows[i].at_ms - BOXES_GONE_MS, T0 + HOUR, &count));
        assert_int_equal(count, rows[i].expected);
    }
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM outbox WHERE box = ''"), 2);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM outbox WHERE state = 5"), 1);
    (void)add_message(&other, "+34600123125", T0);
    assert_ok(
        boxes_beat(&other, T0 + HOUR, &(struct box_state){0})); /* there, and without a modem */
    assert_ok(boxes_take_over(&f->store, T0 + HOUR - BOXES_GONE_MS, T0 + 2 * HOUR, &count));
    assert_int_equal(count, 1);
    store_close(&other);
}

/* A box that could send more takes of what has waited for a beat, until both have nearly as many.
 */
static void test_messages_of_a_box_that_is_busy(void **state)
{
    struct fixture *f = *state;
    struct store other = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    int64_t count = -1;
    assert_ok(store_open_place(&place, &other));
    for (int i = 0; i < 6; i++)
        (void)add_message(&other, "+34600123123", T0);
    static const struct {
        int64_t at_ms, expected;
    } rows[] = {{T0 + BOXES_BEAT_MS - 1, 0}, {T0 + BOXES_BEAT_MS, 2}, {T0 + HOUR, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(boxes_share(&f->store, rows[i].at_ms, 2, &count));
        assert_int_equal(count, rows[i].expected);
    }
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM outbox WHERE box = 'b'"), 4);
    store_close(&other);
}

/* A mail that waits, and one that was being sent when its box went: it may have arrived. */
static void test_mails_of_a_box_that_is_gone(void **state)
{
    struct fixture *f = *state;
    struct store other = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    struct mail waits = {.kind = MAIL_WAITING,
                         .created_ms = T0,
                         .not_before_ms = T0,
                         .expires_ms = T0 + HOUR,
                         .to.text = "ana@example.org"};
    struct mail goes = waits, found;
    int64_t count = -1;
    assert_ok(store_open_place(&place, &other));
    assert_ok(boxes_beat(&other, T0, &(struct box_state){0}));
    assert_ok(mails_insert(&other, &goes));
    assert_ok(mails_insert(&other, &waits));
    assert_ok(mails_claim(&other, goes.id));
    assert_ok(boxes_take_mails(&f->store, T0 - 1, T0 + MINUTE, &count));
    assert_int_equal(count, 0);
    assert_ok(boxes_take_mails(&f->store, T0, T0 + MINUTE, &count));
    assert_int_equal(count, 2);
    assert_ok(mails_next(&f->store, T0 + BOXES_GONE_MS, &found));
    assert_int_equal(found.id, waits.id);
    assert_ok(mails_claim(&f->store, waits.id));
    assert_int_equal(mails_next(&f->store, T0 + MINUTE - 1, &found), CC_ERR_NOT_FOUND);
    assert_ok(mails_next(&f->store, T0 + MINUTE, &found));
    assert_int_equal(found.id, goes.id);
    store_close(&other);
}

/* A mail that comes back to another box than the one that sent it; one that waits has not left. */
static void test_mails_that_come_back(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    const uint8_t guessed[MAIL_ID_BYTES] = {0};
    struct mail mail = {.kind = MAIL_PROVE,
                        .created_ms = T0,
                        .not_before_ms = T0,
                        .expires_ms = T0 + HOUR,
                        .to.text = "ana@example.org"};
    struct mail found;
    assert_ok(mails_insert(store, &mail));
    assert_int_equal(mails_find(store, guessed, &found), CC_ERR_NOT_FOUND);
    assert_ok(mails_find(store, mail.message_id, &found));
    assert_int_equal(found.id, mail.id);
    assert_int_equal(mails_return(store, mail.id, T0 + MINUTE), CC_ERR_NOT_FOUND);
    assert_ok(mails_claim(store, mail.id));
    mail.state = MAIL_SENT;
    mail.done_ms = T0 + 1;
    assert_ok(mails_settle(store, &mail));
    assert_ok(mails_return(store, mail.id, T0 + MINUTE));
    assert_ok(mails_find(store, mail.message_id, &found));
    assert_int_equal(found.state, MAIL_DEAD);
    assert_int_equal(found.done_ms, T0 + 1);
    assert_int_equal(mails_return(store, mail.id, T0 + MINUTE), CC_ERR_NOT_FOUND);
}

static void test_what_boxes_tell_of_themselves(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct box_row rows[2];
    size_t count = 0;
    const struct box_state able = {.can_send = true, .leads = true, .modems = 2, .ready = 1};
    assert_ok(boxes_beat(store, T0, &able));
    assert_ok(boxes_beat(store, T0 + 1, &(struct box_state){.modems = 2}));
    assert_ok(boxes_list(store, rows, 2, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].seen_ms, T0 + 1);
    assert_int_equal(rows[0].sends_ms, T0);
    assert_int_equal(rows[0].state.modems, 2);
    assert_false(rows[0].state.can_send || rows[0].state.leads || rows[0].state.ready != 0);
    assert_ok(boxes_beat(store, T0 + 2, &able));
    assert_ok(boxes_list(store, rows, 2, &count));
    assert_true(rows[0].state.can_send && rows[0].state.leads && rows[0].state.ready == 1);
    assert_ok(boxes_forget(store, T0 + 2 + BOXES_FORGET_MS));
    assert_ok(boxes_list(store, rows, 2, &count));
    assert_int_equal(count, 1);
    assert_ok(boxes_forget(store, T0 + 3 + BOXES_FORGET_MS));
    assert_ok(boxes_list(store, rows, 2, &count));
    assert_int_equal(count, 0);
}

/* The lead stays where it is, goes with its connection, and comes back to it first. */
static void test_one_box_leads(void **state)
{
    struct fixture *f = *state;
    struct store other = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    assert_ok(store_open_place(&place, &other));
    assert_false(db_leads(f->store.db) || db_leads(other.db));
    for (int i = 0; i < 2; i++) {
        assert_ok(db_take_lead(f->store.db));
        assert_ok(db_take_lead(other.db));
        assert_true(db_leads(f->store.db) && !db_leads(other.db));
    }
    db_fail_fast(f->store.db);
    db_fail_fast(other.db);
    take_server("down");
    assert_int_equal(db_begin(f->store.db), CC_ERR_DB);
    assert_false(db_leads(f->store.db));
    take_server("up");
    (void)begin_again(f->store.db);
    assert_true(db_leads(f->store.db));
    db_rollback(f->store.db);
    (void)begin_again(other.db);
    db_rollback(other.db);
    assert_ok(db_take_lead(other.db));
    assert_false(db_leads(other.db));
    store_close(&f->store);
    int64_t begun_us = clock_mono_us();
    while (!db_leads(other.db) && ms_since(begun_us) < 5000)
        assert_ok(db_take_lead(other.db));
    assert_true(db_leads(other.db));
    store_close(&other);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
}

static void test_a_name_is_of_one_box(void **state)
{
    struct fixture *f = *state;
    struct store one = {0}, other = {0};
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = "b"};
    assert_ok(store_open_place(&place, &one));
    assert_int_equal(store_open_place(&place, &other), CC_ERR_DB_IN_USE);
    store_close(&one);
    assert_ok(store_open_place(&place, &other));
    store_close(&other);
}

static void test_what_is_refused(void **state)
{
    struct fixture *f = *state;
    char address[sizeof(f->db_path) + 64];
    static const struct {
        const char *words;
        enum cc_err expected;
    } rows[] = {
        {"&password=secreta", CC_ERR_CONFIG},
        {"&nothing=1", CC_ERR_CONFIG},
        {"&dbname=nowhere", CC_ERR_DB},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store store = {0};
        (void)snprintf(address, sizeof(address), "%s%s", f->db_path, rows[i].words);
        assert_int_equal(store_open(address, f->key_path, &store), rows[i].expected);
    }
    struct db *db = NULL;
    const struct db_identity ours = schema_identity();
    const struct db_identity theirs = {ours.application_id + 1, ours.newest_version};
    const struct db_identity older = {ours.application_id, ours.newest_version - 1};
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(db_open(store_engine_of(f->db_path), f->db_path, &theirs, &db),
                     CC_ERR_DB_NOT_OURS);
    assert_int_equal(db_open(store_engine_of(f->db_path), f->db_path, &older, &db),
                     CC_ERR_DB_NEWER);
    assert_ok(store_open_sealed(f->db_path, &db));
    assert_int_equal(db_exec(db, "DELETE FROM meta"), CC_ERR_DB);
    db_close(db);
}

/* Whose people are to be told that it is away, and nothing of who logs in there. */
static void test_how_servers_are_told(void **state)
{
    static const struct {
        const char *address, *told;
    } rows[] = {
        {"postgresql://ana@bd.example.es/registro", "bd.example.es:5432"},
        {"postgresql://ana@bd1.example.es:6000,bd2.example.es:6001/registro",
         "bd1.example.es:6000, bd2.example.es:6001"},
        {"postgresql:///registro?host=bd1,bd2&port=6000&user=ana", "bd1:6000, bd2:6000"},
        {"postgresql:///registro?hostaddr=10.0.0.7&user=ana", "10.0.0.7:5432"},
        {"postgresql:///registro?host=/run/postgresql&user=ana", "/run/postgresql"},
        {"postgresql:///registro?user=ana", "localhost:5432"},
        {"postgresql:///registro?service=padron", "padron"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pg_address address;
        assert_ok(pg_address_read(rows[i].address, &address));
        assert_string_equal(address.told, rows[i].told);
        pg_address_done(&address);
    }
    assert_string_equal(db_place(((struct fixture *)*state)->store.db), server_folder);
}

#define empty_test(test) cmocka_unit_test_setup_teardown(test, fixture_empty, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_kinds_of_values),
        fixture_test(test_a_commit_that_is_none),
        fixture_test(test_no_transaction_waits_long),
        fixture_test(test_a_connection_that_is_cut),
        fixture_test(test_a_server_that_is_away),
        fixture_test(test_messages_of_a_box_that_is_gone),
        fixture_test(test_messages_of_a_box_that_is_busy),
        fixture_test(test_mails_of_a_box_that_is_gone),
        fixture_test(test_mails_that_come_back),
        fixture_test(test_what_boxes_tell_of_themselves),
        fixture_test(test_one_box_leads),
        fixture_test(test_a_name_is_of_one_box),
        fixture_test(test_a_box_joins),
        fixture_test(test_a_database_whose_name_was_taken_away),
        fixture_test(test_how_servers_are_told),
        empty_test(test_two_boxes_begin_at_once),
        empty_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
