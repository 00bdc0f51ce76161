/* SPDX-License-Identifier: EUPL-1.2 */
/* The schema that a new database begins with is the one that the migrations lead to. */
#include "tests/unit/test_store_fixture.h"

#include "store/engines.h"
#include "store/schema.h"
#include "store/schema_texts.h"

enum { TEXT_SIZE = 65536 };

/* SQLite keeps the statements themselves, with names in quotes where a table was renamed. */
static const char in_file[] =
    "SELECT type || ' ' || tbl_name || ' ' || name || ' ' ||"
    " replace(replace(coalesce(sql, ''), '\"', ''), '( ', '(') FROM sqlite_schema"
    " UNION ALL SELECT 'month ' || month || ' ' || kind || ' ' || count FROM monthly ORDER BY 1";

/*
 * A column that was dropped leaves its number behind: only the order of the others counts. The
 * server's own names of keys are those of the table before it was renamed; nothing asks for them.
 */
static const char on_server[] =
    "SELECT table_name || ': ' || string_agg(concat_ws(' ', column_name, data_type, is_nullable,"
    " replace(coalesce(column_default, ''), current_schema(), ''), is_identity,"
    " identity_generation, collation_name), ', ' ORDER BY ordinal_position)"
    " FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name"
    " UNION ALL SELECT replace(indexdef, current_schema() || '.', '') FROM pg_indexes"
    " WHERE schemaname = current_schema() AND to_regclass(indexname) NOT IN"
    " (SELECT conindid FROM pg_constraint)"
    " UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = current_schema()::regnamespace"
    " UNION ALL SELECT 'month ' || month || ' ' || kind || ' ' || count FROM monthly ORDER BY 1";

static void describe(struct db *db, char *out)
{
    struct buf text;
    buf_init(&text, out, TEXT_SIZE);
    struct db_stmt *st = db_query(db, fixture_server() != NULL ? on_server : in_file);
    while (db_step(st))
        buf_fmt(&text, "%s\n", db_column_text(st, 0));
    assert_ok(db_finish(st));
    assert_non_null(buf_cstr(&text));
    assert_true(text.len > 6000);
}

/* A new database, brought to these versions one after the other (0 ends them). */
static void describe_after(const int64_t *versions, char *out)
{
    void *state = NULL;
    assert_int_equal(fixture_empty(&state), 0);
    struct fixture *f = state;
    const struct db_identity ours = schema_identity();
    struct db *db = NULL;
    assert_ok(db_open(store_engine_of(f->db_path), f->db_path, &ours, &db));
    for (; *versions != 0; versions++) {
        assert_ok(schema_migrate_to(db, *versions));
        assert_int_equal(db_user_version(db), *versions);
    }
    describe(db, out);
    db_close(db);
    assert_int_equal(fixture_close(&state), 0);
}

static void test_the_same_as_step_by_step(void **state)
{
    static char whole[TEXT_SIZE], steps[TEXT_SIZE];
    (void)state;
    describe_after((const int64_t[]){SCHEMA_WHOLE, 0}, whole);
    describe_after((const int64_t[]){SCHEMA_WHOLE - 1, SCHEMA_WHOLE, 0}, steps);
    assert_string_equal(whole, steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_same_as_step_by_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
