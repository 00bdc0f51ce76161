/* SPDX-License-Identifier: EUPL-1.2 */
/* Row tags: what was edited without the key is refused and told; what we write keeps fitting. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/clients.h"
#include "store/failures.h"
#include "store/notices.h"
#include "store/schema.h"
#include "store/simpin.h"
#include "store/withheld.h"

static int64_t citizen, request;
static const struct limits no_limits = {0};

static enum cc_err fail_once(struct store *store, int64_t of_request, int64_t now_ms)
{
    const struct failure failure = {FAILURE_CODE, citizen, of_request, "10.0.0.1",
                                    "2001:db8:1::/48"};
    int64_t id = 0;
    return failures_insert(store, &failure, now_ms, &id);
}

/* Writes a row of each tagged table, with every column set. */
static void fill(struct store *store)
{
    char token[CLIENT_TOKEN_SIZE];
    int64_t id = 0;
    struct client client;
    assert_ok(clients_create(store, "sede", SCOPE_VERIFICAR, T0 + DAY, T0, token, &id));
    assert_ok(clients_find(store, "sede", &client));
    (void)snprintf(client.networks, sizeof client.networks, "192.0.2.0/24");
    (void)snprintf(client.certificates, sizeof client.certificates, "autoridad");
    memcpy(client.old_token_tag, client.token_tag, sizeof client.old_token_tag);
    client.old_ends_ms = client.used_ms = client.token_used_ms = T0;
    client_draw_token(store, &client, token);
    assert_ok(clients_save(store, &client));
    citizen = add_citizen(store, "12345678Z", "+34600123123");
    assert_ok(citizens_set_locks(store, citizen, true, true));
    const struct contraste contrast = {"2030-01-01"};
    const struct citizen asked = make_citizen("12345678Z", "");
    assert_ok(citizens_set_contrast(store, &asked.nif, &contrast));
    struct request made = make_request(store, citizen, T0, T0 + DAY);
    assert_ok(requests_insert(store, &made, 1, "10.0.0.1", &request));
    assert_ok(requests_set_tries(store, request, 1, 3));
    assert_ok(set_uses(store, request, 1));
    assert_ok(fail_once(store, request, T0));
    assert_ok(notices_mark(store, citizen, NOTICE_LOCKED, T0, &(bool){0}));
    assert_ok(simpin_trying(store, "8934", "1234", T0));
    assert_ok(store_raise_time(store, T0));
}

static size_t count_altered(struct store *store)
{
    size_t altered = 0;
    for (int table = 0; table < ROWTAG_TABLES; ++table) {
        struct db_stmt *st = rowtag_select(store, (enum rowtag_table)table, 0, 100);
        while (db_step(st)) {
            uint8_t element[SECRET_TAG_BYTES];
            altered += !rowtag_measure(store, (enum rowtag_table)table, st, element);
        }
        assert_ok(db_finish(st));
    }
    return altered;
}

/* The sums over all rows, as they are and as the head says. */
static bool sums_fit(struct store *store)
{
    struct head_sums sums = {0};
    for (int table = 0; table < ROWTAG_TABLES; ++table) {
        struct db_stmt *st = rowtag_select(store, (enum rowtag_table)table, 0, 100);
        while (db_step(st)) {
            uint8_t element[SECRET_TAG_BYTES];
            (void)rowtag_measure(store, (enum rowtag_table)table, st, element);
            for (size_t i = 0; i < sizeof element; ++i)
                sums.of[table][i] ^= element[i];
        }
        assert_ok(db_finish(st));
    }
    return memcmp(sums.of, store->head.sums.of, sizeof(sums.of)) == 0;
}

static void test_what_we_write_fits(void **state)
{
    struct fixture *f = *state;
    fill(&f->store);
    assert_int_equal(count_altered(&f->store), 0);
    assert_true(sums_fit(&f->store));
    assert_ok(clients_revoke(&f->store, "sede", T0 + 1));
    (void)add_request(&f->store, WITHHELD_CITIZEN, T0, T0 + HOUR);
    assert_int_equal(count_altered(&f->store), 0);
    assert_ok(withheld_forget(&f->store, T0 + MINUTE, 1));
    assert_ok(store_sweep(&f->store, T0 + 90 * DAY));
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM failures"), 0);
    assert_int_equal(count_altered(&f->store), 0);
    assert_true(sums_fit(&f->store));
    fixture_reopen(f);
    assert_true(sums_fit(&f->store));
    assert_int_equal(f->store.integrity.facts, 0);
}

/* Every security column of every table, by an edit that would help somebody. */
static void test_each_edit_is_seen(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const char *const edits[] = {
        "UPDATE clients SET id = 9",
        "UPDATE clients SET name = 'otra'",
        "UPDATE clients SET scopes = 127",
        "UPDATE clients SET token_tag = x'00112233445566778899AABBCCDDEEFF'",
        "UPDATE clients SET created_ms = 1",
        "UPDATE clients SET expires_ms = 0",
        "UPDATE clients SET revoked_ms = 1",
        "UPDATE clients SET networks = '10.0.0.0/8'",
        "UPDATE clients SET networks = NULL",
        "UPDATE clients SET old_token_tag = x'00112233445566778899AABBCCDDEEFF'",
        "UPDATE clients SET old_ends_ms = old_ends_ms + 1",
        "UPDATE clients SET used_ms = 1",
        "UPDATE clients SET certificates = ''",
        "UPDATE clients SET token_used_ms = 0",
        "UPDATE clients SET row_tag = NULL",
        "UPDATE clients SET row_tag = x''",
        "UPDATE clients SET row_tag = (SELECT row_tag FROM citizens)",
        "UPDATE citizens SET id = 9",
        "UPDATE citizens SET phone_index = x'00'",
        "UPDATE citizens SET sealed = x'00'",
        "UPDATE citizens SET state = 1",
        "UPDATE citizens SET level = 0",
        "UPDATE citizens SET channel = 1",
        "UPDATE citizens SET locked = 0",
        "UPDATE citizens SET contrast_locked = 0",
        "UPDATE citizens SET contrast = NULL",
        "UPDATE citizens SET created_ms = 0",
        "UPDATE requests SET id = 9",
        "UPDATE requests SET public_id = x'00112233445566778899AABBCCDDEEFF'",
        "UPDATE requests SET citizen_id = 1",
        "UPDATE requests SET client_id = 2",
        "UPDATE requests SET ip_tag = NULL",
        "UPDATE requests SET clave_tag = x'00'",
        "UPDATE requests SET code_tag = clave_tag",
        "UPDATE requests SET created_ms = 0",
        "UPDATE requests SET expires_ms = expires_ms + 1",
        "UPDATE requests SET tries = 0",
        "UPDATE requests SET tries = -1000000",
        "UPDATE requests SET uses = 0",
        "UPDATE requests SET with_contrast = 1",
        "UPDATE requests SET replaced_ms = 1",
        "UPDATE failures SET id = 9",
        "UPDATE failures SET citizen_id = 1",
        "UPDATE failures SET request_id = 0",
        "UPDATE failures SET ip_tag = NULL",
        "UPDATE failures SET ip_wide_tag = NULL",
        "UPDATE failures SET created_ms = 0",
        "UPDATE failures SET kind = 1",
        "UPDATE failures SET settled = 1",
        "UPDATE notices SET id = 9",
        "UPDATE notices SET citizen_id = 1",
        "UPDATE notices SET kind = 0",
        "UPDATE notices SET told_ms = told_ms + 1",
        "UPDATE sim_pins SET id = 9",
        "UPDATE sim_pins SET pair_tag = x'00112233445566778899AABBCCDDEEFF'",
        "UPDATE sim_pins SET tried_ms = 0",
        "INSERT INTO notices (citizen_id, kind, told_ms) VALUES (7, 0, 1795000000000)",
        "UPDATE meta SET number = 1 WHERE name = 'highest_time'",
        "UPDATE meta SET name = 'other' WHERE name = 'highest_time'",
        "UPDATE meta SET bytes = x'00112233445566778899AABBCCDDEEFF' WHERE name = 'key_check'",
        "INSERT INTO failures (citizen_id, request_id, created_ms) VALUES (1, 0, 1)",
        ("INSERT INTO clients (name, scopes, token_tag, created_ms, expires_ms, revoked_ms)"
         " VALUES ('mia', 127, x'00', 1, 0, 0)"),
    };
    fill(store);
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; ++i) {
        assert_ok(db_begin(store->db));
        assert_ok(exec_sql(store, edits[i]));
        if (count_altered(store) != 1)
            fail_msg("not seen: %s", edits[i]);
        db_rollback(store->db);
    }
    assert_int_equal(count_altered(store), 0);
}

/* A notice that somebody wrote down as given is given all the same, and told of. */
static void test_an_altered_notice_is_given(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    bool is_first = false;
    fill(store);
    assert_ok(notices_mark(store, citizen, NOTICE_LOCKED, T0 + HOUR, &is_first));
    assert_false(is_first);
    assert_ok(exec_sql(store, "UPDATE notices SET told_ms = 1995000000000"));
    assert_ok(notices_mark(store, citizen, NOTICE_LOCKED, T0 + HOUR, &is_first));
    assert_true(is_first);
    assert_int_equal(store->integrity.count, 1);
    assert_int_equal(store->integrity.rows[0].table, ROWTAG_NOTICES);
    assert_ok(notices_mark(store, citizen, NOTICE_LOCKED, T0 + 2 * HOUR, &is_first));
    assert_false(is_first);
    assert_ok(notices_mark(store, citizen, NOTICE_LOCKED, T0 + 26 * HOUR, &is_first));
    assert_true(is_first);
    assert_int_equal(count_altered(store), 0);
    assert_true(sums_fit(store));
}

/* A PIN that worked is forgotten with its tag; one that was tried twice is one row. */
static void test_pins_keep_their_sum(void **state)
{
    struct fixture *f = *state;
    bool tried = false;
    fill(&f->store);
    assert_ok(simpin_trying(&f->store, "8934", "1234", T0 + 1));
    assert_ok(simpin_trying(&f->store, "8935", "1234", T0 + 1));
    assert_ok(simpin_worked(&f->store, "8935", "1234"));
    assert_ok(simpin_worked(&f->store, "8935", "1234"));
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
    assert_ok(simpin_was_tried(&f->store, "8934", "1234", &tried));
    assert_true(tried);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM sim_pins"), 1);
}

static void set_version(struct store *store, int64_t version)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", (int)version);
    assert_ok(exec_sql(store, sql));
}

/* The rows of a database from before their tables had tags: once, and never on a person's word that
 * the version is an older one. */
static void test_rows_from_before_their_tags(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char strip[] = "UPDATE notices SET row_tag = NULL; UPDATE sim_pins"
                                " SET row_tag = NULL";
    fill(&f->store);
    assert_ok(exec_sql(&f->store, strip));
    memset(f->store.head.sums.of[ROWTAG_NOTICES], 0, sizeof f->store.head.sums.of[0]);
    memset(f->store.head.sums.of[ROWTAG_SIM_PINS], 0, sizeof f->store.head.sums.of[0]);
    f->store.head.committed = f->store.head.sums;
    set_version(&f->store, SCHEMA_MORE_TAGS - 1);
    f->store.anchor.schema = 0; /* follows the version at the commit */
    assert_ok(db_begin(f->store.db));
    assert_ok(store_raise_time(&f->store, T0 + 1));
    assert_ok(store_commit(&f->store));
    set_version(&f->store, schema_newest());
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
    assert_int_equal(count_altered(&f->store), 0);
    assert_true(sums_fit(&f->store));
    assert_ok(exec_sql(&f->store, strip));
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.count, 2);
    assert_int_equal(count_altered(&f->store), 2);
}

/* A tag hashes the number of each column: those of the first version keep theirs for ever. */
static void test_columns_keep_their_numbers(void **state)
{
    static const struct {
        const char *now, *first;
    } rows[] = {
        {CLIENTS_TAGGED, "id, name, scopes, token_tag, created_ms, expires_ms, revoked_ms, "},
        {CITIZENS_TAGGED, "id, phone_index, sealed, state, level, channel, locked, created_ms,"
                          " contrast, contrast_locked, "},
        {REQUESTS_TAGGED, "id, public_id, citizen_id, client_id, ip_tag, clave_tag, code_tag,"
                          " created_ms, expires_ms, tries, uses, with_contrast, replaced_ms, "},
        {FAILURES_TAGGED, "id, citizen_id, request_id, ip_tag, created_ms, kind, settled, "},
        {META_TAGGED, "name, number, bytes, "},
        {NOTICES_TAGGED, "id, citizen_id, kind, told_ms, "},
        {SIM_PINS_TAGGED, "id, pair_tag, tried_ms, "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (strncmp(rows[i].now, rows[i].first, strlen(rows[i].first)) != 0)
            fail_msg("%s", rows[i].now);
}

/* Rows that fit, each by itself: one is gone, or an older one was put back. */
static void test_each_loss_breaks_the_sum(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const char *const losses[] = {
        "DELETE FROM failures",
        "DELETE FROM requests",
        "DELETE FROM clients",
        "DELETE FROM notices",
        "DELETE FROM sim_pins",
        "DELETE FROM meta WHERE name = 'highest_time'",
        "DELETE FROM requests; INSERT INTO requests SELECT * FROM old",
    };
    fill(store);
    assert_ok(exec_sql(store, "CREATE TABLE old AS SELECT * FROM requests"));
    assert_ok(requests_set_tries(store, request, 3, 3));
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; ++i) {
        assert_ok(db_begin(store->db));
        assert_ok(exec_sql(store, losses[i]));
        if (count_altered(store) != 0 || sums_fit(store))
            fail_msg("not missed: %s", losses[i]);
        db_rollback(store->db);
    }
    assert_true(sums_fit(store));
}

/* Undone rows leave the sum, alone or with their transaction; the other rows remain. */
static void test_sums_follow_rollbacks(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    fill(store);
    assert_ok(db_begin(store->db));
    assert_ok(head_savepoint(store));
    assert_ok(fail_once(store, request, T0));
    assert_ok(db_release(store->db));
    assert_ok(head_savepoint(store));
    assert_ok(fail_once(store, request, T0 + 1));
    head_rollback_to_savepoint(store);
    assert_true(sums_fit(store));
    assert_ok(store_commit(store));
    assert_true(sums_fit(store));
    assert_ok(db_begin(store->db));
    assert_ok(fail_once(store, request, T0 + 2));
    db_rollback(store->db);
    assert_ok(fail_once(store, request, T0 + 3));
    assert_true(sums_fit(store));
    fixture_reopen(f);
    assert_true(sums_fit(store));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM failures"), 3);
}

static bool note(const struct client *client, void *user)
{
    struct client *seen = user;
    *seen = *client;
    return true;
}

/* Refused where it is read, told once a row, and never made good by the next write. */
static void test_altered_rows_are_refused(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen out, asked = make_citizen("12345678Z", "");
    static struct request live[REQUEST_LIVE_MAX];
    struct client client = {0};
    size_t count = 9;
    int64_t highest = -1;
    fill(store);
    assert_ok(exec_sql(store, "UPDATE citizens SET locked = 0; UPDATE clients SET scopes = 127;"
                              "UPDATE requests SET tries = -1000000;"
                              "UPDATE meta SET number = 1 WHERE name = 'highest_time'"));
    for (int k = 0; k < 2; ++k) {
        assert_int_equal(citizens_find(store, &asked.nif, &out), CC_ERR_ALTERED);
        assert_ok(requests_live(store, citizen, &no_limits, T0 + 1, live, &count));
        assert_int_equal(count, 0);
        assert_ok(clients_each(store, note, &client));
        assert_true(client.is_altered);
        assert_ok(store_highest_time(store, &highest));
        assert_int_equal(highest, 0);
    }
    assert_int_equal(store->integrity.facts, INTEGRITY_ROW | INTEGRITY_ROWS); /* the time too */
    assert_int_equal(store->integrity.count, 4);
    assert_ok(clients_revoke(store, "sede", T0 + 1)); /* a person may end it, and it is then dead */
    assert_ok(clients_each(store, note, &client));
    assert_true(!client.is_altered && client.revoked_ms == T0 + 1);
}

/* Our own number, written again, is good again, also where it is the one of the edit. */
static void test_a_number_is_renewed(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (int64_t to_ms = T0; to_ms <= T0 + 1; to_ms++) {
        int64_t highest_ms = -1;
        assert_ok(store_set_time(store, T0));
        assert_ok(exec_sql(
            store,
            "UPDATE meta SET number = number + 1, row_tag = x'00112233445566778899AABBCCDDEEFF'"
            " WHERE name = 'highest_time'"));
        assert_ok(store_highest_time(store, &highest_ms));
        assert_int_equal(highest_ms, 0);
        assert_ok(store_set_time(store, to_ms));
        assert_ok(store_highest_time(store, &highest_ms));
        assert_int_equal(highest_ms, to_ms);
    }
}

/* Beyond the list they are counted, so that nobody fills the memory or the log. */
static void test_many_altered_rows(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (int64_t id = 1; id <= 100; ++id)
        integrity_add_row(store, ROWTAG_CITIZENS, id);
    assert_int_equal(store->integrity.count, INTEGRITY_ROWS_MAX);
    assert_int_equal(store->integrity.more, 100 - INTEGRITY_ROWS_MAX);
    assert_false(integrity_is_in_doubt(store));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_what_we_write_fits),
        fixture_test(test_each_edit_is_seen),
        fixture_test(test_an_altered_notice_is_given),
        fixture_test(test_pins_keep_their_sum),
        fixture_test(test_rows_from_before_their_tags),
        fixture_test(test_each_loss_breaks_the_sum),
        fixture_test(test_sums_follow_rollbacks),
        cmocka_unit_test(test_columns_keep_their_numbers),
        fixture_test(test_altered_rows_are_refused),
        fixture_test(test_a_number_is_renewed),
        fixture_test(test_many_altered_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
