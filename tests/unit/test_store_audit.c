/* SPDX-License-Identifier: EUPL-1.2 */
/* The audit trail: appended in any order of transactions, and nothing taken out unseen. */
#include "tests/unit/test_store_fixture.h"

#include "domain/address.h"
#include "store/audit.h"

static int64_t append(struct store *store, const char *result)
{
    static const struct nif who = {"12345678Z", NIF_KIND_DNI};
    static const uint8_t address[ADDRESS_BYTES] = {0x20, 0x01, 0x0d, 0xb8};
    const struct audit_entry entry = {.event = "verificacion",
                                      .actor = "cliente:sede",
                                      .subject = &who,
                                      .result = result,
                                      .reference = 42,
                                      .address = address};
    int64_t id = 0;
    assert_ok(audit_append(store, &entry, T0, &id));
    return id;
}

static int64_t verify(struct store *store)
{
    int64_t bad = -1;
    assert_ok(audit_verify(store, &bad));
    return bad;
}

static void test_rows_count_up(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(verify(&f->store), 0); /* empty is whole */
    assert_int_equal(append(&f->store, "correcto"), 1);
    assert_int_equal(append(&f->store, "rechazado"), 2);
    fixture_reopen(f);
    assert_int_equal(append(&f->store, "correcto"), 3);
    assert_int_equal(verify(&f->store), 0);
}

static void test_entry_without_subject(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    const struct audit_entry entry = {
        .event = "cliente_crear", .actor = "control:uid 0", .result = "correcto"};
    assert_ok(audit_append(store, &entry, T0, NULL));
    assert_int_equal(append(store, "correcto"), 2);
    assert_int_equal(verify(store), 0);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM audit WHERE subject IS NULL"), 1);
}

/* citizens_find() has made the index already, whether it found somebody or not. */
static void test_subject_by_its_index(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct nif who = {"12345678Z", NIF_KIND_DNI};
    struct citizen nobody = {0};
    append(store, "correcto");
    assert_int_equal(citizens_find(store, &who, &nobody), CC_ERR_NOT_FOUND);
    const struct audit_entry entry = {.event = "verificacion",
                                      .actor = "cliente:sede",
                                      .subject_index = nobody.nif_index,
                                      .result = "rechazado"};
    assert_ok(audit_append(store, &entry, T0, NULL));
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT subject) FROM audit"), 1);
    assert_int_equal(verify(store), 0);
}

static void test_entry_too_long_is_refused(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char actor[600];
    memset(actor, 'a', sizeof actor - 1);
    actor[sizeof actor - 1] = '\0';
    const struct audit_entry entry = {.event = "alta", .actor = actor, .result = "correcto"};
    assert_int_equal(audit_append(store, &entry, T0, NULL), CC_ERR_NO_SPACE);
    assert_int_equal(append(store, "correcto"), 1);
    assert_int_equal(verify(store), 0);
}

/* The end of the chain is kept in memory: it must not outlive the rows that it comes from. */
static void test_rollbacks(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    assert_int_equal(append(store, "a"), 1);
    assert_ok(db_begin(store->db));
    assert_int_equal(append(store, "b"), 2);
    assert_ok(db_savepoint(store->db));
    assert_int_equal(append(store, "c"), 3);
    db_rollback_to_savepoint(store->db);
    assert_int_equal(append(store, "d"), 3); /* c is gone, b is not */
    assert_ok(db_savepoint(store->db));
    assert_int_equal(append(store, "e"), 4);
    assert_ok(db_release(store->db));
    assert_ok(store_commit(store));
    assert_int_equal(verify(store), 0);

    assert_ok(db_begin(store->db));
    assert_int_equal(append(store, "f"), 5);
    db_rollback(store->db);
    assert_int_equal(append(store, "g"), 5);
    assert_int_equal(verify(store), 0);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM audit"), 5);
}

static void test_what_was_done_to_it_is_seen(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *sql;
        int64_t bad;
    } rows[] = {
        {"UPDATE audit SET result = 'correcto' WHERE id = 3", 3},
        {"UPDATE audit SET at_ms = at_ms + 1 WHERE id = 2", 2},
        {"UPDATE audit SET actor = 'cliente:otro' WHERE id = 4", 4},
        {"UPDATE audit SET event = 'alta' WHERE id = 1", 1},
        {"UPDATE audit SET reference = 43 WHERE id = 5", 5},
        {"UPDATE audit SET subject = NULL WHERE id = 2", 2},
        {"UPDATE audit SET subject = x'00112233445566778899AABBCCDDEEFF' WHERE id = 2", 2},
        {"UPDATE audit SET tag = x'00' WHERE id = 4", 4},
        {"UPDATE audit SET ip = NULL WHERE id = 2", 2},
        {"UPDATE audit SET ip = (SELECT ip FROM audit WHERE id = 1) WHERE id = 2", 2},
        {"UPDATE audit SET ip = x'00' WHERE id = 3", 3},
        {"UPDATE audit SET ip = x'00112233445566778899AABBCCDDEEFF' WHERE id = 4", 4},
        {"DELETE FROM audit WHERE id = 1", 1},
        {"DELETE FROM audit WHERE id = 3", 3},
        {"DELETE FROM audit WHERE id = 5", 5}, /* the last one */
        {"DELETE FROM audit WHERE id > 2", 3},
        {"DELETE FROM audit", 1},
        {"DELETE FROM audit WHERE id = 3; UPDATE audit SET id = id - 1 WHERE id > 3", 3},
        {"UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
         "UPDATE audit SET id = 3 WHERE id = 9",
         2},
        {"INSERT INTO audit SELECT 6, at_ms, event, actor, subject, result, reference, tag, ip"
         " FROM audit WHERE id = 5",
         6},
        {"DELETE FROM meta WHERE name = 'audit_head'", 6},
    };
    for (int i = 0; i < 5; ++i)
        (void)append(store, i % 2 ? "correcto" : "rechazado");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        assert_ok(db_begin(store->db));
        assert_ok(exec_sql(store, rows[i].sql));
        int64_t bad = verify(store);
        if (bad != rows[i].bad)
            fail_msg("row %zu: %lld", i, (long long)bad);
        db_rollback(store->db);
    }
    assert_int_equal(verify(store), 0);
}

/* The next start must not take what is left for the whole, and go on from there in silence. */
static void test_cut_off_while_we_were_away(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *sql;
        int64_t bad;
    } rows[] = {
        {"", 0},
        {"DELETE FROM audit WHERE id > 3", 4},
        {"DELETE FROM audit", 1},
        {"UPDATE audit SET tag = x'00112233445566778899AABBCCDDEEFF' WHERE id = 5", 5},
        {"DELETE FROM meta WHERE name = 'audit_head'", 6},
        {"DELETE FROM audit; DELETE FROM meta WHERE name = 'audit_head'", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        assert_ok(exec_sql(&f->store,
                           "DELETE FROM audit;"
                           " DELETE FROM meta WHERE name <> 'database_id'")); /* as new */
        fixture_reopen(f);
        for (int k = 0; k < 5; ++k)
            (void)append(&f->store, "correcto");
        assert_ok(exec_sql(&f->store, rows[i].sql));
        fixture_reopen(f);
        (void)append(&f->store, "correcto");
        fixture_reopen(f);
        int64_t bad = verify(&f->store);
        int64_t marks = ask_int(&f->store, "SELECT count(*) FROM audit"
                                           " WHERE event = 'auditoria_rota'");
        if (bad != rows[i].bad || marks != (rows[i].bad ? 1 : 0))
            fail_msg("row %zu: %lld, %lld", i, (long long)bad, (long long)marks);
    }
}

/* Nor may a rollback, which makes us read the end again, take a shortened trail for the whole. */
static void test_cut_off_while_running(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (int k = 0; k < 5; ++k)
        (void)append(store, "correcto");
    assert_ok(exec_sql(store, "DELETE FROM audit WHERE id > 3"));
    assert_ok(db_begin(store->db));
    db_rollback(store->db);
    (void)append(store, "correcto");
    assert_int_equal(verify(store), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_rows_count_up),
        fixture_test(test_entry_without_subject),
        fixture_test(test_subject_by_its_index),
        fixture_test(test_entry_too_long_is_refused),
        fixture_test(test_rollbacks),
        fixture_test(test_what_was_done_to_it_is_seen),
        fixture_test(test_cut_off_while_we_were_away),
        fixture_test(test_cut_off_while_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
