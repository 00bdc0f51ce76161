/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Random edits, cuts, swaps and reorderings of the audit trail without its key: each is told, and
 * the first row that is not as it was written is named. EDITS says how many (400; 10000: a long
 * run), SEED repeats a run.
 */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/check.h"
#include "store/monthly.h"

#include <inttypes.h>
#include <time.h>

enum { ROWS = 120, TRIMMED = 20, SQL_SIZE = 512 };

struct dice {
    uint64_t state;
};

/* xorshift64* */
static int64_t roll(struct dice *dice, int64_t sides)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (int64_t)((dice->state * UINT64_C(2685821657736338717)) >> 33) % sides;
}

static int64_t any_row(struct dice *dice)
{
    return TRIMMED + 1 + roll(dice, ROWS - TRIMMED);
}

/* Each writes the statements of an edit and returns the row that must be named. */
typedef int64_t edit_fn(struct dice *dice, char sql[SQL_SIZE]);

static int64_t change_column(struct dice *dice, char sql[SQL_SIZE])
{
    static const char *const changes[] = {
        "at_ms = at_ms + 1",
        "at_ms = at_ms - 86400000",
        "event = event || 'x'",
        "event = ''",
        "actor = 'cliente:otro'",
        "actor = event, event = actor",
        "subject = randomblob(16)",
        "subject = CASE WHEN subject IS NULL THEN zeroblob(16) END",
        "result = 'nada'",
        "reference = reference + 1",
        "reference = -reference - 1",
        "tag = randomblob(16)",
        "tag = zeroblob(16)",
        "tag = x''",
    };
    int64_t row = any_row(dice);
    (void)snprintf(sql, SQL_SIZE, "UPDATE audit SET %s WHERE id = %" PRId64,
                   changes[roll(dice, sizeof changes / sizeof changes[0])], row);
    return row;
}

static int64_t cut(struct dice *dice, char sql[SQL_SIZE])
{
    int64_t row = any_row(dice), count = 1 + roll(dice, 9);
    (void)snprintf(sql, SQL_SIZE, "DELETE FROM audit WHERE id >= %" PRId64 " AND id < %" PRId64,
                   row, row + count);
    return row;
}

static int64_t cut_end(struct dice *dice, char sql[SQL_SIZE])
{
    int64_t row = any_row(dice);
    (void)snprintf(sql, SQL_SIZE, "DELETE FROM audit WHERE id >= %" PRId64, row);
    return row;
}

static int64_t cut_beginning(struct dice *dice, char sql[SQL_SIZE])
{
    (void)snprintf(sql, SQL_SIZE, "DELETE FROM audit WHERE id <= %" PRId64, any_row(dice));
    return TRIMMED + 1;
}

/* The rows from one on take each other's places, `shift` further; two of them are a swap. */
static int64_t rotate(char sql[SQL_SIZE], int64_t row, int64_t count, int64_t shift)
{
    (void)snprintf(sql, SQL_SIZE,
                   "UPDATE audit SET id = -id WHERE id >= %" PRId64 " AND id < %" PRId64 ";"
                   "UPDATE audit SET id = %" PRId64 " + (-id - %" PRId64 " + %" PRId64
                   ") %% %" PRId64 " WHERE id < 0",
                   row, row + count, row, row, shift, count);
    return row;
}

static int64_t reorder(struct dice *dice, char sql[SQL_SIZE])
{
    int64_t count = 2 + roll(dice, 6), shift = 1 + roll(dice, count - 1);
    int64_t row = TRIMMED + 1 + roll(dice, ROWS - TRIMMED - count);
    return rotate(sql, row, count, shift);
}

static int64_t swap(struct dice *dice, char sql[SQL_SIZE])
{
    int64_t one = any_row(dice), other = any_row(dice);
    if (one == other)
        return reorder(dice, sql);
    (void)snprintf(sql, SQL_SIZE,
                   "UPDATE audit SET id = -1 WHERE id = %" PRId64 "; UPDATE audit SET id = %" PRId64
                   " WHERE id = %" PRId64 "; UPDATE audit SET id = %" PRId64 " WHERE id = -1",
                   one, one, other, other);
    return one < other ? one : other;
}

/* A row's words and tag, written over another's. */
static int64_t replay(struct dice *dice, char sql[SQL_SIZE])
{
    int64_t row = any_row(dice), from = any_row(dice);
    if (row == from)
        return change_column(dice, sql);
    (void)snprintf(sql, SQL_SIZE,
                   "UPDATE audit SET (at_ms, event, actor, subject, result, reference, tag) ="
                   " (SELECT at_ms, event, actor, subject, result, reference, tag FROM audit"
                   " WHERE id = %" PRId64 ") WHERE id = %" PRId64,
                   from, row);
    return row;
}

static int64_t move_away(struct dice *dice, char sql[SQL_SIZE])
{
    int64_t row = any_row(dice);
    (void)snprintf(sql, SQL_SIZE, "UPDATE audit SET id = %" PRId64 " WHERE id = %" PRId64,
                   ROWS + 1 + roll(dice, 1000), row);
    return row;
}

static int64_t forge(struct dice *dice, char sql[SQL_SIZE])
{
    (void)snprintf(sql, SQL_SIZE,
                   "INSERT INTO audit SELECT %d, at_ms, event, actor, subject, result, reference,"
                   " tag, ip FROM audit WHERE id = %" PRId64,
                   ROWS + 1, any_row(dice));
    return ROWS + 1;
}

static edit_fn *const edits[] = {change_column, change_column, cut,    cut_end,   cut_beginning,
                                 reorder,       swap,          replay, move_away, forge};

static void fill(struct store *store)
{
    int64_t count = 0;
    bool more = true;
    assert_ok(db_begin(store->db));
    for (int i = 0; i < ROWS; i++) {
        struct nif nif = {.text = "12345678Z"};
        nif.text[0] = (char)('0' + i % 10);
        const struct audit_entry entry = {.event = i % 3 == 0 ? "alta" : "solicitud",
                                          .actor = i % 2 == 0 ? "cliente:sede" : "operador:ana",
                                          .subject = i % 5 == 0 ? NULL : &nif,
                                          .result = "enviar",
                                          .reference = i};
        assert_ok(audit_append(store, &entry, T0 + i, NULL));
    }
    while (more)
        assert_ok(monthly_fold(store, &more));
    assert_ok(audit_trim(store, T0 + TRIMMED, T0 + DAY, ROWS, &count));
    assert_int_equal(count, TRIMMED);
    assert_ok(store_commit(store));
}

static int64_t named(struct store *store)
{
    struct check check;
    bool more = true;
    check_begin(&check, store, NULL, NULL);
    while (more)
        assert_ok(check_step(&check, 100, &more));
    return check.audit.first_bad;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void test_each_edit_names_its_row(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    uint64_t seed = number_of("SEED", (uint64_t)time(NULL)), count = number_of("EDITS", 400);
    struct dice dice = {seed * 2 + 1};
    char sql[SQL_SIZE];
    fill(store);
    assert_int_equal(named(store), 0);
    for (uint64_t i = 0; i < count; i++) {
        edit_fn *edit = edits[roll(&dice, sizeof edits / sizeof edits[0])];
        int64_t expected = edit(&dice, sql);
        assert_ok(db_begin(store->db));
        assert_ok(db_exec(store->db, sql));
        int64_t found = named(store);
        db_rollback(store->db);
        if (found != expected)
            fail_msg("SEED=%" PRIu64 ", edit %" PRIu64 ", %s: row %" PRId64
                     " is named, not %" PRId64,
                     seed, i, sql, found, expected);
    }
    assert_int_equal(named(store), 0);
    print_message("SEED=%" PRIu64 ": %" PRIu64 " edits, each one told\n", seed, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_edit_names_its_row, fixture_open, fixture_close),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
