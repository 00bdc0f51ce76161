/* SPDX-License-Identifier: EUPL-1.2 */
/* A database of an older program is upgraded with all that is in it. */
#include "tests/unit/test_store_fixture.h"

#include "store/engines.h"
#include "store/integrity.h"
#include "store/operators.h"
#include "store/schema.h"
#include "store/sessions.h"

/* Versions from this one on have row tags and the names of boxes; this one has no people yet. */
enum { BEFORE_PEOPLE = 10 };

enum { NAMES_SIZE = 4096, COLUMNS_SIZE = 1024 };

/* Columns of the table in both databases, ", " between. */
static void list_columns(struct db *db, const char *table, char *out, size_t cap)
{
    struct db_stmt *st = db_query(db, "SELECT name FROM pragma_table_info($1)"
                                      " WHERE name IN (SELECT name FROM pragma_table_info($2,"
                                      " 'newer'))");
    struct buf columns;
    buf_init(&columns, out, cap);
    db_bind_text(st, 1, table);
    db_bind_text(st, 2, table);
    while (db_step(st))
        buf_fmt(&columns, "%s%s", columns.len > 0 ? ", " : "", db_column_text(st, 0));
    assert_ok(db_finish(st));
    assert_non_null(buf_cstr(&columns));
}

/* Copies what an older program would have written too, over what its migrations wrote; table: its
 * name. */
static void copy_table(struct db *db, const char *table)
{
    char columns[COLUMNS_SIZE], *sql = NULL;
    list_columns(db, table, columns, sizeof(columns));
    assert_true(asprintf(&sql, "INSERT OR REPLACE INTO %s (%s) SELECT %s FROM newer.%s", table,
                         columns, columns, table) > 0);
    assert_ok(db_exec(db, sql));
    free(sql);
}

static void copy_tables(struct db *db)
{
    static char names[NAMES_SIZE];
    char *rest = NULL;
    struct buf list;
    buf_init(&list, names, sizeof(names));
    struct db_stmt *st = db_query(db, "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                      " AND name NOT LIKE 'sqlite%' ORDER BY name");
    while (db_step(st))
        buf_fmt(&list, "%s ", db_column_text(st, 0));
    assert_ok(db_finish(st));
    assert_non_null(buf_cstr(&list));
    for (char *name = strtok_r(names, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
        copy_table(db, name);
}

/* Turns the closed database into one that a program with fewer tables has left. */
static void make_older(struct fixture *f, int64_t version)
{
    const struct db_identity ours = schema_identity();
    char newer[400], sql[600];
    struct db *db = NULL;
    (void)snprintf(newer, sizeof(newer), "%s/newer.db", f->dir);
    assert_int_equal(rename(f->db_path, newer), 0);
    assert_ok(db_open(store_engine_of(f->db_path), f->db_path, &ours, &db));
    assert_ok(schema_migrate_to(db, version));
    assert_int_equal(db_user_version(db), version);
    (void)snprintf(sql, sizeof(sql), "ATTACH '%s' AS newer", newer);
    assert_ok(db_exec(db, sql));
    copy_tables(db);
    assert_ok(db_exec(db, "DETACH newer"));
    db_close(db);
}

static void add_person(struct store *store)
{
    char token[SESSION_TOKEN_SIZE];
    struct operator_row row = {.name = "Begoña", .role = ROLE_TECNICO, .hash = "hash"};
    struct session session;
    int64_t id = 0;
    assert_ok(operators_insert(store, &row, T0));
    assert_ok(sessions_create(store, row.id, "192.0.2.1", T0, token, &id));
    assert_ok(sessions_find(store, token, SESSION_TOKEN_CHARS, &session));
}

static void assert_found(struct store *store, int64_t id)
{
    struct citizen found;
    struct nif nif = {.text = "12345678Z"};
    assert_ok(citizens_find(store, &nif, &found));
    assert_int_equal(found.id, id);
}

static void check_upgrade(struct fixture *f, int64_t version)
{
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    int64_t id = add_citizen(&f->store, "12345678Z", "+34600123123");
    (void)add_request(&f->store, id, T0, T0 + HOUR);
    (void)add_failure(&f->store, id, 1, "192.0.2.1", T0);
    store_close(&f->store);
    make_older(f, version);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(db_user_version(f->store.db), schema_newest());
    assert_false(integrity_is_in_doubt(&f->store));
    assert_found(&f->store, id);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM requests"), 1);
    add_person(&f->store);
    fixture_reopen(f);
    assert_false(integrity_is_in_doubt(&f->store));
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM operators"), 1);
}

static void test_every_older_version(void **state)
{
    (void)state;
    for (int64_t version = BEFORE_PEOPLE; version < schema_newest(); version++) {
        void *own = NULL;
        (void)fixture_empty(&own);
        check_upgrade(own, version);
        (void)fixture_close(&own);
    }
}

/* A step that fails takes back those before it: no program knows what lies between. */
static void test_an_upgrade_is_whole_or_nothing(void **state)
{
    struct fixture *f = *state;
    const struct db_identity ours = schema_identity();
    struct db *db = NULL;
    assert_ok(db_open(store_engine_of(f->db_path), f->db_path, &ours, &db));
    assert_ok(schema_migrate_to(db, BEFORE_PEOPLE));
    assert_ok(db_exec(db, "CREATE TABLE credentials (in_the_way INTEGER)"));
    assert_int_not_equal(schema_migrate(db), CC_OK);
    assert_int_equal(db_user_version(db), BEFORE_PEOPLE);
    assert_ok(db_exec(db, "DROP TABLE credentials"));
    assert_ok(schema_migrate(db));
    assert_int_equal(db_user_version(db), schema_newest());
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_older_version),
        cmocka_unit_test_setup_teardown(test_an_upgrade_is_whole_or_nothing, fixture_empty,
                                        fixture_close),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
