/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/test_store_fixture.h"

static void test_what_goes_in_comes_out(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *nif, *phone;
        enum nif_kind kind;
        enum citizen_state state;
        enum citizen_channel channel;
    } rows[] = {
        {"12345678Z", "+34600123123", NIF_KIND_DNI, CITIZEN_ACTIVE, CITIZEN_CHANNEL_IN_PERSON},
        {"X1234567L", "+34700123123", NIF_KIND_NIE, CITIZEN_SUSPENDED, CITIZEN_CHANNEL_ONLINE},
        {"A58818501", "+351912345678", NIF_KIND_LEGAL, CITIZEN_GONE, CITIZEN_CHANNEL_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct citizen in = make_citizen(rows[i].nif, rows[i].phone), out;
        int64_t id = 0;
        in.nif.kind = rows[i].kind;
        in.state = rows[i].state;
        in.channel = rows[i].channel;
        in.failures_in_a_row = (int64_t)i;
        in.locked = i == 1;
        assert_ok(citizens_insert(store, &in, &id));
        assert_ok(citizens_find(store, &in.nif, &out));
        if (out.id != id || strcmp(out.nif.text, in.nif.text) != 0 || out.nif.kind != in.nif.kind ||
            strcmp(out.name, in.name) != 0 || strcmp(out.phone.e164, in.phone.e164) != 0 ||
            out.state != in.state || out.level != in.level || out.channel != in.channel ||
            out.failures_in_a_row != in.failures_in_a_row || out.locked != in.locked ||
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
    gone.state = CITIZEN_GONE;
    assert_ok(citizens_insert(store, &gone, &id));
    (void)add_citizen(store, "87654321X", "+34600123123");
}

static void test_name_of_every_length(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen citizen = make_citizen("12345678Z", "+34600123123"), out;
    int64_t id = 0;
    memset(citizen.name, 'n', sizeof citizen.name - 1);
    assert_ok(citizens_insert(store, &citizen, &id));
    assert_ok(citizens_find(store, &citizen.nif, &out));
    assert_string_equal(out.name, citizen.name);
}

static void test_failures_are_kept(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct citizen out, asked = make_citizen("12345678Z", "");
    int64_t id = add_citizen(store, "12345678Z", "+34600123123");
    assert_ok(citizens_set_failures(store, id, 50, true));
    assert_ok(citizens_find(store, &asked.nif, &out));
    assert_int_equal(out.failures_in_a_row, 50);
    assert_true(out.locked);
    assert_ok(citizens_set_failures(store, id, 0, false));
    assert_ok(citizens_find(store, &asked.nif, &out));
    assert_int_equal(out.failures_in_a_row, 0);
    assert_false(out.locked);
    assert_int_equal(citizens_set_failures(store, id + 1, 0, false), CC_ERR_NOT_FOUND);
}

/* Whoever writes to the file without the key must not be able to put one person's data under
 * another's NIF, nor the phone where the name is. */
static void test_moved_ciphertexts_do_not_open(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const char *const moves[] = {
        "UPDATE citizens SET name = (SELECT name FROM citizens WHERE id = 2) WHERE id = 1",
        "UPDATE citizens SET phone = (SELECT phone FROM citizens WHERE id = 2) WHERE id = 1",
        "UPDATE citizens SET nif = (SELECT nif FROM citizens WHERE id = 2) WHERE id = 1",
        "UPDATE citizens SET name = phone WHERE id = 1",
        "UPDATE citizens SET name = x'00' WHERE id = 1",
        "UPDATE citizens SET name = x'' WHERE id = 1",
    };
    struct citizen out, asked = make_citizen("12345678Z", "");
    (void)add_citizen(store, "12345678Z", "+34600123123");
    (void)add_citizen(store, "87654321X", "+34600999999");
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; ++i) {
        assert_ok(db_begin(store->db));
        assert_ok(db_exec(store->db, moves[i]));
        enum cc_err err = citizens_find(store, &asked.nif, &out);
        if (err != CC_ERR_CORRUPT)
            fail_msg("move %zu: %s", i, err_token(err));
        db_rollback(store->db);
    }
    assert_ok(citizens_find(store, &asked.nif, &out));
}

static void test_tokens(void **state)
{
    (void)state;
    assert_string_equal(citizen_state_token(CITIZEN_ACTIVE), "activa");
    assert_string_equal(citizen_state_token(CITIZEN_SUSPENDED), "suspendida");
    assert_string_equal(citizen_state_token(CITIZEN_GONE), "baja");
    assert_string_equal(citizen_level_token(CITIZEN_LEVEL_LOW), "low");
    assert_string_equal(citizen_level_token(CITIZEN_LEVEL_SUBSTANTIAL), "substantial");
    assert_string_equal(citizen_channel_token(CITIZEN_CHANNEL_IN_PERSON), "presencial");
    assert_string_equal(citizen_channel_token(CITIZEN_CHANNEL_PHONE), "telefono");
    assert_string_equal(citizen_state_token((enum citizen_state)9), "desconocido");
    assert_string_equal(citizen_channel_token((enum citizen_channel) - 1), "desconocido");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_what_goes_in_comes_out),
        fixture_test(test_unknown_is_not_found),
        fixture_test(test_conflicts_are_told_apart),
        fixture_test(test_phone_of_who_left_is_free),
        fixture_test(test_name_of_every_length),
        fixture_test(test_failures_are_kept),
        fixture_test(test_moved_ciphertexts_do_not_open),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
