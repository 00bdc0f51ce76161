/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/test_store_fixture.h"

#include "store/retention.h"
#include "store/sqlite/private.h"

#include <inttypes.h>

static void test_what_goes_in_comes_out(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *nif, *phone;
        enum nif_kind kind;
        enum life_state state;
        enum citizen_channel channel;
    } rows[] = {
        {"12345678Z", "+34600123123", NIF_KIND_DNI, LIFE_ACTIVE, CITIZEN_CHANNEL_IN_PERSON},
        {"X1234567L", "+34711123123", NIF_KIND_NIE, LIFE_SUSPENDED, CITIZEN_CHANNEL_ONLINE},
        {"A58818501", "+351912345678", NIF_KIND_LEGAL, LIFE_GONE, CITIZEN_CHANNEL_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct citizen in = make_citizen(rows[i].nif, rows[i].phone), out;
        int64_t id = 0;
        in.nif.kind = rows[i].kind;
        in.state = rows[i].state;
        in.channel = rows[i].channel;
        in.contrast_locked = i == 2;
        in.locked = i == 1;
        in.lang = (enum text_lang)i;
        in.shares_phone = i == 2;
        assert_ok(citizens_insert(store, &in, &id));
        assert_ok(citizens_find(store, &in.nif, &out));
        if (out.id != id || strcmp(out.nif.text, in.nif.text) != 0 || out.nif.kind != in.nif.kind ||
            memcmp(&out.name, &in.name, sizeof in.name) != 0 || out.lang != in.lang ||
            out.shares_phone != in.shares_phone || strcmp(out.phone.e164, in.phone.e164) != 0 ||
            out.state != in.state || out.grade != in.grade || out.channel != in.channel ||
            out.contrast_locked != in.contrast_locked || out.locked != in.locked ||
            out.created_ms != in.created_ms)
            fail_msg("row %zu", i);
    }
    int64_t count = 0;
    assert_ok(citizens_count(store, &count));
    assert_int_equal(count, 3);
}

static void test_unknown_is_not_found(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen asked = make_citizen("12345678Z", ""), out = {.id = 77};
    assert_int_equal(citizens_find(store, &asked.nif, &out), CC_ERR_NOT_FOUND);
    assert_int_equal(out.id, 77);
}

static void test_conflicts_are_told_apart(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *nif, *phone;
        enum cc_err expected;
    } rows[] = {
        {"12345678Z", "+34600123123", CC_ERR_ALREADY_REGISTERED},
        {"12345678Z", "+34600999999", CC_ERR_ALREADY_REGISTERED},
        {"12345678X", "+34600999999", CC_ERR_ALREADY_REGISTERED}, /* the control does not count */
        {"87654321X", "+34600123123", CC_ERR_PHONE_IN_USE},
        {"87654321X", "+34600999999", CC_OK},
    };
    (void)add_citizen(store, "12345678Z", "+34600123123");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct citizen citizen = make_citizen(rows[i].nif, rows[i].phone);
        int64_t id = -1;
        enum cc_err err = citizens_insert(store, &citizen, &id);
        if (err != rows[i].expected || (err != CC_OK && id != -1))
            fail_msg("row %zu: %s", i, err_token(err));
    }
    assert_int_equal(ask_int(store, "SELECT count(*) FROM citizens"), 2);
}

static void test_phone_of_who_left_is_free(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen gone = make_citizen("12345678Z", "+34600123123");
    int64_t id = 0;
    gone.state = LIFE_GONE;
    assert_ok(citizens_insert(store, &gone, &id));
    (void)add_citizen(store, "87654321X", "+34600123123");
    assert_ok(citizens_find(store, &gone.nif, &gone));
    gone.state = LIFE_BLOCKED; /* at the end of its term, whoever has the phone by then */
    assert_ok(citizens_update(store, &gone));
}

/* Each of the others needs a supervisor's word; the first one keeps the phone to itself. */
static void test_a_phone_that_is_shared(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen other = make_citizen("87654321X", "+34600123123"), out;
    int64_t id = 0;
    (void)add_citizen(store, "12345678Z", "+34600123123");
    assert_int_equal(citizens_insert(store, &other, &id), CC_ERR_PHONE_IN_USE);
    other.shares_phone = true;
    assert_ok(citizens_insert(store, &other, &id));
    assert_ok(citizens_find(store, &other.nif, &out));
    assert_string_equal(out.phone.e164, other.phone.e164);
    out.shares_phone = false;
    assert_int_equal(citizens_update(store, &out), CC_ERR_PHONE_IN_USE);
    struct citizen third = make_citizen("X1234567L", "+34600123123");
    assert_int_equal(citizens_insert(store, &third, &id), CC_ERR_PHONE_IN_USE);
    third.shares_phone = true;
    assert_ok(citizens_insert(store, &third, &id));
}

static void test_name_of_every_length(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen citizen = make_citizen("12345678Z", "+34600123123"), out;
    int64_t id = 0;
    memset(citizen.name.given, 'n', NAME_PART_SIZE - 1);
    memset(citizen.name.first_surname, 'a', NAME_PART_SIZE - 1);
    memset(citizen.name.second_surname, 'b', NAME_PART_SIZE - 1);
    assert_ok(citizens_insert(store, &citizen, &id));
    assert_ok(citizens_find(store, &citizen.nif, &out));
    assert_memory_equal(&out.name, &citizen.name, sizeof out.name);
}

static void test_locks_are_kept(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen asked = make_citizen("12345678Z", ""), out;
    int64_t id = add_citizen(store, "12345678Z", "+34600123123");
    for (int i = 0; i < 4; i++) {
        assert_ok(citizens_set_locks(store, id, (i & 1) != 0, (i & 2) != 0));
        assert_ok(citizens_find(store, &asked.nif, &out));
        assert_int_equal(out.locked, (i & 1) != 0);
        assert_int_equal(out.contrast_locked, (i & 2) != 0);
    }
    assert_int_equal(citizens_set_locks(store, id + 1, true, true), CC_ERR_NOT_FOUND);
}

static void assert_altered(struct store *store, const char *sql, const struct nif *nif)
{
    struct citizen out = {.id = 77};
    assert_ok(db_begin(store->db));
    assert_ok(exec_sql(store, sql));
    enum cc_err err = citizens_find(store, nif, &out);
    if (err != CC_ERR_ALTERED || out.id != 77)
        fail_msg("%s: %s", sql, err_token(err));
    db_rollback(store->db);
}

/* The contrast datum: recorded with the alta or later, taken away, and bound to its row. */
static void test_contrast_is_kept_sealed(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen in = make_citizen("12345678Z", "+34600123123"), out;
    struct citizen other = make_citizen("87654321X", "+34600999999");
    static const struct contraste none, date = {"2031-04-09"}, later = {"2029-01-31"};
    int64_t id = 0, other_id = 0;
    char move[128];
    in.contrast = date;
    assert_ok(citizens_insert(store, &in, &id));
    assert_ok(citizens_insert(store, &other, &other_id));
    assert_ok(citizens_find(store, &in.nif, &out));
    assert_memory_equal(&out.contrast, &date, sizeof date);
    assert_ok(citizens_find(store, &other.nif, &out));
    assert_memory_equal(&out.contrast, &none, sizeof none);
    assert_ok(citizens_set_contrast(store, &other.nif, &later));
    assert_ok(citizens_find(store, &other.nif, &out));
    assert_memory_equal(&out.contrast, &later, sizeof later);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM citizens WHERE"
                                    " length(replace(CAST(contrast AS TEXT), '2029', '')) <"
                                    " length(CAST(contrast AS TEXT))"),
                     0);
    struct nif nobody = make_citizen("11111111H", "").nif;
    assert_int_equal(citizens_set_contrast(store, &nobody, &date), CC_ERR_NOT_FOUND);
    (void)snprintf(
        move, sizeof move,
        "UPDATE citizens SET contrast = (SELECT contrast FROM citizens WHERE id = %" PRId64
        ") WHERE id = %" PRId64,
        other_id, id);
    assert_altered(store, move, &in.nif);
    assert_altered(store, "UPDATE citizens SET contrast = x'00'", &in.nif);
    assert_ok(citizens_set_contrast(store, &in.nif, &none));
    assert_ok(citizens_find(store, &in.nif, &out));
    assert_memory_equal(&out.contrast, &none, sizeof none);
}

/* A writer without the key must not be able to put a person's data under another's NIF, neither the
 * sealed part alone nor the whole row. */
static void test_moved_ciphertexts_do_not_open(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const char *const moves[] = {
        "UPDATE citizens SET sealed = (SELECT sealed FROM citizens WHERE locked = 1)",
        "UPDATE citizens SET sealed = phone_index",
        "UPDATE citizens SET sealed = CAST(sealed || x'00' AS BLOB)",
        "UPDATE citizens SET sealed = x'00'",
        "UPDATE citizens SET sealed = x''",
    };
    char swap[160];
    struct citizen out, asked = make_citizen("12345678Z", "");
    int64_t id = add_citizen(store, "12345678Z", "+34600123123");
    int64_t other = add_citizen(store, "87654321X", "+34600999999");
    assert_ok(citizens_set_locks(store, other, true, false));
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; ++i)
        assert_altered(store, moves[i], &asked.nif);
    (void)snprintf(swap, sizeof swap,
                   "DELETE FROM citizens WHERE id = %" PRId64 "; UPDATE citizens SET id = %" PRId64
                   " WHERE id = %" PRId64,
                   id, id, other);
    assert_altered(store, swap, &asked.nif);
    assert_ok(citizens_find(store, &asked.nif, &out));
}

/* Sealed and tagged with the right key for the right row, and yet not what we would have written.
 */
static void test_what_is_inside_is_checked(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
#define LONG_NAME                                                                                  \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"     \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define ROW(text, expected)                                                                        \
    {                                                                                              \
        text, sizeof(text) - 1, expected                                                           \
    }
    static const struct {
        const char *plain;
        size_t len;
        enum cc_err expected;
    } rows[] = {
        ROW("12345678Z\0Ana\0+34600123123", CC_OK),
        ROW("12345678Z\0\0", CC_OK),
        ROW("12345678Z\0Ana\0+34600123123\0Gil\0\0eu\0"
            "1",
            CC_OK),
        ROW("12345678Z\0Ana\0+34600123123\0Gil\0Gil\0xx\0", CC_ERR_CORRUPT),
        ROW("12345678Z\0Ana\0+34600123123\0Gil\0Gil\0es\0"
            "1\0\0\0",
            CC_OK),
        ROW("12345678Z\0Ana\0+34600123123\0Gil\0Gil\0es\0"
            "1\0\0x",
            CC_ERR_CORRUPT),
        ROW("12345678Z\0Ana\0+34600123123\0Gil\0Gil", CC_ERR_CORRUPT),
        ROW("87654321X\0Ana\0+34600123123", CC_ERR_CORRUPT),
        ROW("12345678Z\0Ana", CC_ERR_CORRUPT),
        ROW("12345678Z", CC_ERR_CORRUPT),
        ROW("", CC_ERR_CORRUPT),
        ROW("12345678Z\0Ana\0+34600123123\0\0\0", CC_OK),
        ROW("12345678Z\0Ana\0+34600123123\0\0\0\0x", CC_ERR_CORRUPT),
        ROW("12345678ZZ\0Ana\0+34600123123", CC_ERR_CORRUPT),
        ROW("12345678Z\0Ana\0+3460012312345678", CC_ERR_CORRUPT),
        ROW("12345678Z\0" LONG_NAME "\0+34", CC_ERR_CORRUPT),
        ROW("12345678Z\0" LONG_NAME "\0+346001231234567890", CC_ERR_CORRUPT),
    };
    struct citizen asked = make_citizen("12345678Z", ""), out;
    (void)add_citizen(store, "12345678Z", "+34600123123");
    assert_ok(citizens_find(store, &asked.nif, &out));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        uint8_t sealed[256];
        secret_seal(store->keys, "citizens.sealed", out.nif_index, SECRET_TAG_BYTES, rows[i].plain,
                    rows[i].len, sealed);
        struct db_stmt *st =
            db_query(store->db, "UPDATE citizens SET sealed = $1 RETURNING " CITIZENS_TAGGED);
        db_bind_blob(st, 1, sealed, rows[i].len + SECRET_SEAL_OVERHEAD);
        assert_ok(rowtag_run(store, ROWTAG_CITIZENS, st, NULL));
        enum cc_err err = citizens_find(store, &asked.nif, &out);
        if (err != rows[i].expected)
            fail_msg("row %zu: %s", i, err_token(err));
    }
}

static int on_statement(unsigned kind, void *user, void *statement, void *sql)
{
    (void)kind, (void)statement, (void)sql;
    ++*(int *)user;
    return 0;
}

static int64_t count_citizens(struct store *store)
{
    int64_t count = -1;
    int statements = 0;
    sqlite3 *file = fixture_server() == NULL ? sqlite_handle(store->db) : NULL;
    if (file != NULL)
        (void)sqlite3_trace_v2(file, SQLITE_TRACE_STMT, on_statement, &statements);
    assert_ok(citizens_count(store, &count));
    if (file != NULL)
        (void)sqlite3_trace_v2(file, 0, NULL, NULL);
    assert_int_equal(statements, 0);
    assert_int_equal(count, ask_int(store, "SELECT count(*) FROM citizens"));
    return count;
}

/* The count is kept beside the rows, and follows whatever is taken back. */
static void test_count_without_reading(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    struct citizen gone = make_citizen("12345678Z", "+34600123123");
    gone.id = add_citizen(store, gone.nif.text, "+34600123123");
    assert_int_equal(count_citizens(store), 1);
    assert_ok(db_begin(store->db));
    assert_ok(head_savepoint(store));
    (void)add_citizen(store, "11111111H", "+34600123124");
    assert_ok(db_release(store->db));
    assert_ok(head_savepoint(store));
    (void)add_citizen(store, "22222222J", "+34600123125");
    assert_int_equal(count_citizens(store), 3);
    head_rollback_to_savepoint(store);
    assert_int_equal(count_citizens(store), 2);
    assert_ok(store_commit(store));
    assert_ok(db_begin(store->db));
    assert_ok(retention_destroy(store, &gone));
    assert_int_equal(count_citizens(store), 1);
    db_rollback(store->db);
    assert_int_equal(count_citizens(store), 2);
    assert_ok(retention_destroy(store, &gone));
    fixture_reopen(f);
    assert_int_equal(count_citizens(store), 1);
}

static void test_tokens(void **state)
{
    (void)state;
    assert_string_equal(life_state_token(LIFE_ACTIVE), "activa");
    assert_string_equal(life_state_token(LIFE_SUSPENDED), "suspendida");
    assert_string_equal(life_state_token(LIFE_GONE), "baja");
    assert_string_equal(citizen_grade_token(CITIZEN_GRADE_BASIC), "basico");
    assert_string_equal(citizen_grade_token(CITIZEN_GRADE_ADVANCED), "avanzado");
    assert_string_equal(citizen_channel_token(CITIZEN_CHANNEL_IN_PERSON), "presencial");
    assert_string_equal(citizen_channel_token(CITIZEN_CHANNEL_PHONE), "telefono");
    assert_string_equal(life_state_token((enum life_state)9), "desconocido");
    assert_string_equal(citizen_channel_token((enum citizen_channel) - 1), "desconocido");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_what_goes_in_comes_out),
        fixture_test(test_unknown_is_not_found),
        fixture_test(test_conflicts_are_told_apart),
        fixture_test(test_phone_of_who_left_is_free),
        fixture_test(test_a_phone_that_is_shared),
        fixture_test(test_name_of_every_length),
        fixture_test(test_locks_are_kept),
        fixture_test(test_contrast_is_kept_sealed),
        fixture_test(test_moved_ciphertexts_do_not_open),
        fixture_test(test_what_is_inside_is_checked),
        fixture_test(test_count_without_reading),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
