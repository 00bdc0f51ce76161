/* SPDX-License-Identifier: EUPL-1.2 */
/* The name of a box in a database that is a file: whatever it was before, the rows are this box's.
 */
#include "tests/unit/test_store_fixture.h"

#include "store/balance.h"
#include "store/db_fault.h"
#include "store/recoveries.h"
#include "store/samples.h"

static enum cc_err open_as(const struct fixture *f, const char *box, struct store *ret)
{
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path, .box = box};
    return store_open_place(&place, ret);
}

static int64_t next_id(struct store *store)
{
    struct outbox_message message = {0};
    enum cc_err err = outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &message);
    return err == CC_OK ? message.id : -(int64_t)err;
}

static void add_one_of_each(struct store *store)
{
    const struct samples_point point = {.modem = "m"};
    (void)add_message(store, "+34600000001", T0);
    assert_ok(samples_insert(store, &point, T0));
    assert_ok(box_samples_insert(store, 1, T0));
    assert_ok(box_samples_add_delivery(store, 1, T0));
    assert_ok(recoveries_begin(store, "m", "at", "mute", T0));
    assert_ok(balance_asked(store, "m", T0));
}

/* A machine that was given another name, or a copy that was put back on a spare one. */
static void test_a_renamed_box_keeps_its_rows(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char *const names[] = {"alfa", "beta", "beta"};
    add_one_of_each(&f->store); /* without a name, as before the boxes had one */
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct balance balance = {0};
        store_close(&f->store);
        assert_ok(open_as(f, names[i], &f->store));
        assert_int_equal(f->store.integrity.facts, 0);
        assert_int_equal(db_fault(f->store.db), DB_FAULT_NONE);
        assert_true(next_id(&f->store) > 0);
        assert_ok(balance_get(&f->store, "m", &balance));
        assert_int_equal(balance.asked_ms, T0);
        assert_int_equal(ask_int(&f->store,
                                 "SELECT (SELECT count(*) FROM outbox, meta"
                                 " WHERE meta.name = 'box' AND box = CAST(bytes AS TEXT))"
                                 " + (SELECT count(*) FROM samples, meta"
                                 " WHERE meta.name = 'box' AND box = CAST(bytes AS TEXT))"
                                 " + (SELECT count(*) FROM box_samples, meta"
                                 " WHERE meta.name = 'box' AND box = CAST(bytes AS TEXT))"
                                 " + (SELECT count(*) FROM deliveries, meta"
                                 " WHERE meta.name = 'box' AND box = CAST(bytes AS TEXT)) AS n"),
                         1 + 3 + 3 + 3);
    }
}

/* The names in each table where two boxes may have the same row but for them. */
#define ALL_NAMES                                                                                  \
    "(SELECT 1 AS n, box FROM samples UNION SELECT 2, box FROM box_samples UNION SELECT 3, box"    \
    " FROM deliveries UNION SELECT 4, box FROM balances UNION SELECT 5, box FROM pauses UNION"     \
    " SELECT 6, box FROM alerts UNION SELECT 7, box FROM alert_results UNION SELECT 8, box FROM"   \
    " inbox_seen) AS names"

/* A file that was a server's has the rows of each box that it had: one name for all of them. */
static void test_rows_of_several_boxes_become_those_of_one(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char *const tables[] = {"samples", "box_samples", "deliveries",    "balances",
                                         "pauses",  "alerts",      "alert_results", "inbox_seen"};
    static const char *const others[] = {"beta", "alfa", "gamma"};
    char sql[400];
    add_one_of_each(&f->store);
    assert_ok(exec_sql(&f->store,
                       "INSERT INTO pauses VALUES ('', 1, 'a', '');"
                       "INSERT INTO alert_results VALUES ('', 1, 1, 1, '');"
                       "INSERT INTO inbox_seen (tag, seen_ms, box) VALUES (x'00', 1, '');"
                       "INSERT INTO alerts VALUES ('', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, '', '', "
                       "'')"));
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
            bool has_id = strcmp(tables[i], "inbox_seen") == 0;
            (void)snprintf(sql, sizeof(sql),
                           "CREATE TEMP TABLE one AS SELECT * FROM %s WHERE box = '';"
                           "UPDATE one SET box = '%s'%s; INSERT INTO %s SELECT * FROM one;"
                           "DROP TABLE one",
                           tables[i], others[j], has_id ? ", id = NULL" : "", tables[i]);
            assert_ok(exec_sql(&f->store, sql));
        }
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM " ALL_NAMES), 8 * 4);
    store_close(&f->store);
    assert_ok(open_as(f, "beta", &f->store));
    assert_int_equal(f->store.integrity.facts, 0);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM " ALL_NAMES), 8);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM " ALL_NAMES " WHERE box = 'beta'"),
                     8);
}

static void test_a_name_that_is_too_long(void **state)
{
    struct fixture *f = *state;
    char name[STORE_BOX_SIZE + 1];
    memset(name, 'a', sizeof(name));
    name[STORE_BOX_SIZE] = '\0';
    struct store store = {0};
    assert_int_equal(open_as(f, name, &store), CC_ERR_NO_SPACE);
    assert_null(store.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_a_renamed_box_keeps_its_rows),
        fixture_test(test_rows_of_several_boxes_become_those_of_one),
        fixture_test(test_a_name_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
