/* SPDX-License-Identifier: EUPL-1.2 */
/* Import of people on a driven clock: its bound, a database in trouble in the middle, and a file
 * that nobody orders. */
#include "tests/unit/test_house_fixture.h"

#include "service/import.h"
#include "service/import_keys.h"

enum { LINE_SIZE = 32 };

static const char people_sql[] = "SELECT count(*) FROM citizens";

static struct import *start_import(struct house *house)
{
    assert_ok(import_new(&house->service, &house->service.documents.import));
    return house->service.documents.import;
}

static struct import_view look(const struct import *import)
{
    struct import_view view;
    import_look(import, &view);
    return view;
}

static bool is_in(const struct import *import, enum import_state state)
{
    return look(import).state == state;
}

/* A file of so many people comes in, and is looked through. */
static void read_people(struct house *house, struct import *import, int count)
{
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    static const char names[] = "nif,nombre,movil\n";
    void *upload = NULL;
    char line[LINE_SIZE];
    assert_ok(import_upload_open(&house->service, &upload));
    assert_ok(import_upload_begin(upload));
    assert_ok(import_upload_add(upload, names, sizeof(names) - 1));
    for (int i = 20000000; i < 20000000 + count; i++) {
        int len = snprintf(line, sizeof(line), "%d%c,Eva,6%d\n", i, letters[i % 23], i);
        assert_ok(import_upload_add(upload, line, (size_t)len));
    }
    assert_ok(import_upload_end(upload));
    assert_ok(import_begin(import, upload, &house_registro));
    import_upload_close(upload);
    house_await(house, is_in(import, IMPORT_READ), MINUTE);
}

static void order(struct house *house, struct import *import)
{
    assert_ok(turn_enter(house->service.turn));
    assert_ok(import_order(import, look(import).id, &house_registro));
    turn_leave(house->service.turn, true);
}

static int64_t count(struct house *house, const char *sql)
{
    return ask_int(&house->files->store, sql);
}

static void test_as_many_as_may_be(void **state)
{
    struct house *house = house_new_ready();
    struct import *import = start_import(house);
    (void)state;
    read_people(house, import, IMPORT_PEOPLE_MAX + 1);
    struct import_view view = look(import);
    assert_int_equal(view.counts.people, IMPORT_PEOPLE_MAX);
    assert_int_equal(view.counts.faults, 1);
    assert_int_equal(view.faults[0].err, CC_ERR_CSV_ROWS);
    assert_int_equal(view.faults[0].line, IMPORT_PEOPLE_MAX + 2);
    import_free(import);
}

/* The engine refuses in the middle of a part; later it takes it. */
static void test_a_database_in_trouble(void **state)
{
    static const char refuse[] = "CREATE TRIGGER refuse BEFORE INSERT ON life WHEN"
                                 " (SELECT count(*) FROM life) = 24"
                                 " BEGIN SELECT RAISE(ABORT, 'no'); END";
    struct house *house = house_new_ready();
    struct db *db = house->files->store.db;
    struct import *import = start_import(house);
    int64_t before = count(house, people_sql);
    (void)state;
    read_people(house, import, 100);
    order(house, import);
    assert_ok(db_exec(db, refuse));
    house_await(house, look(import).trouble != CC_OK, MINUTE);
    assert_int_equal(look(import).counts.written, 16); /* the part before */
    assert_int_equal(count(house, people_sql), before + 16);
    house_live(house, 10 * SECOND);
    assert_true(is_in(import, IMPORT_WRITING));
    assert_ok(db_exec(db, "DROP TRIGGER refuse"));
    house_await(house, is_in(import, IMPORT_DONE), MINUTE);
    assert_int_equal(look(import).trouble, CC_OK);
    assert_int_equal(count(house, people_sql), before + 100);
    assert_int_equal(count(house, "SELECT count(*) FROM life"), before + 100);
    assert_int_equal(count(house, "SELECT count(*) FROM import_parts"), 0);
    import_free(import);
}

/* As a program that ends: what it has begun is committed. */
static void end_import(struct house *house, struct import *import)
{
    turn_flush(house->service.turn);
    import_free(import);
}

/* A wrong clock dates no alta; and the daemon starts, whatever of an import does not open. */
static void test_a_wrong_clock_and_altered_rows(void **state)
{
    static const char *const rows[] = {
        "UPDATE import_parts SET sealed = x'00' WHERE part = (SELECT max(part) FROM import_parts)",
        "UPDATE import_parts SET sealed = x'00' WHERE part = 0"};
    struct house *house = house_new_ready();
    struct import *import = start_import(house);
    (void)state;
    read_people(house, import, 100);
    order(house, import);
    house_await(house, is_in(import, IMPORT_WRITING), MINUTE);
    loop_drive(house->loop, house_now_ms(house) + HOUR);
    house_await(house, look(import).trouble == CC_ERR_CLOCK_UNRELIABLE, MINUTE);
    int64_t written = count(house, people_sql);
    house_live(house, 10 * SECOND);
    assert_int_equal(count(house, people_sql), written);
    loop_drive(house->loop, house_now_ms(house) - HOUR);
    end_import(house, import);
    assert_ok(db_exec(house->files->store.db, rows[0]));
    import = start_import(house);
    house_await(house, look(import).trouble == CC_ERR_ALTERED, MINUTE);
    end_import(house, import);
    assert_ok(db_exec(house->files->store.db, rows[1]));
    import = start_import(house);
    house_await(house, count(house, "SELECT count(*) FROM import_parts") == 0, MINUTE);
    end_import(house, import);
}

/* Lines that were changed in the database never open again: a person may leave them. */
static void test_the_rest_of_an_altered_one_is_left(void **state)
{
    struct house *house = house_new_ready();
    struct import *import = start_import(house);
    (void)state;
    read_people(house, import, 100);
    order(house, import);
    house_await(house, is_in(import, IMPORT_WRITING), MINUTE);
    assert_int_equal(import_cancel(import), CC_ERR_IMPORT_STATE);
    end_import(house, import);
    assert_ok(db_exec(house->files->store.db, "UPDATE import_parts SET sealed = x'00' WHERE part ="
                                              " (SELECT max(part) FROM import_parts)"));
    import = start_import(house);
    house_await(house, look(import).trouble == CC_ERR_ALTERED, MINUTE);
    assert_ok(import_cancel(import));
    house_await(house, is_in(import, IMPORT_NONE), MINUTE);
    assert_int_equal(count(house, "SELECT count(*) FROM import_parts"), 0);
    end_import(house, import);
}

static void test_a_file_that_nobody_orders(void **state)
{
    struct house *house = house_new_ready();
    struct import *import = start_import(house);
    struct import_person people[IMPORT_SAMPLE_MAX];
    (void)state;
    read_people(house, import, 2);
    house_live(house, 29 * MINUTE);
    assert_int_equal(import_sample(import, people), 2);
    house_live(house, 2 * MINUTE);
    assert_true(is_in(import, IMPORT_NONE));
    assert_int_equal(import_sample(import, people), 0);
    assert_string_equal(look(import).id, "");
    import_free(import);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_as_many_as_may_be),
        house_test(test_a_database_in_trouble),
        house_test(test_a_wrong_clock_and_altered_rows),
        house_test(test_the_rest_of_an_altered_one_is_left),
        house_test(test_a_file_that_nobody_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
