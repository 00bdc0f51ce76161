/* SPDX-License-Identifier: EUPL-1.2 */
/* 10 000 random edits of a database without its key: each is told. And what a person accepts. */
#include "tests/unit/test_store_fixture.h"

#include "base/fsx.h"
#include "store/accept.h"
#include "store/audit.h"
#include "store/check.h"
#include "store/clients.h"

enum { EDITS = 10000, PEOPLE = 8 };

static void fill(struct store *store)
{
    char token[CLIENT_TOKEN_SIZE];
    int64_t id = 0;
    assert_ok(clients_create(store, "sede", SCOPE_VERIFICAR, T0 + DAY, T0, token, &id));
    assert_ok(clients_create(store, "otra", SCOPE_SOLICITAR, 0, T0, token, &id));
    assert_ok(clients_revoke(store, "otra", T0 + 1));
    for (int i = 0; i < PEOPLE; ++i) {
        char nif[16], phone[16];
        int number = 10000000 + i;
        (void)snprintf(nif, sizeof nif, "%d%c", number, "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]);
        (void)snprintf(phone, sizeof phone, "+3460012310%d", i);
        int64_t citizen = add_citizen(store, nif, phone);
        int64_t request = add_request(store, citizen, T0, T0 + DAY);
        assert_ok(requests_set_tries(store, request, i % 3));
        (void)add_failure(store, citizen, request, "10.0.0.1", T0 + i);
        const struct audit_entry entry = {
            .event = "verificacion", .actor = "cliente:sede", .result = "rechazado"};
        assert_ok(audit_append(store, &entry, T0 + i, NULL));
    }
    assert_ok(store_raise_time(store, T0));
}

static struct check run_check(struct store *store, int64_t rows)
{
    struct check check;
    bool more = true;
    check_begin(&check, store, NULL, NULL);
    while (more)
        assert_ok(check_step(&check, rows, &more));
    return check;
}

/* The row of the engine's own that a column of this type takes, as an SQL literal or expression. */
static void draw_value(const char *type, const char *column, char out[80])
{
    static const char *const numbers[] = {"0",      "1",   "-1000000",      "%s + 1",
                                          "%s - 1", "127", "%s + 86400000", "9223372036854775807"};
    uint32_t n = secret_random_below(8);
    if (strcmp(type, "INTEGER") == 0)
        (void)snprintf(out, 80, n == 3 || n == 4 || n == 6 ? "%s%s" : "%s", column,
                       n == 3   ? " + 1"
                       : n == 4 ? " - 1"
                                : " + 86400000");
    if (strcmp(type, "INTEGER") == 0 && n != 3 && n != 4 && n != 6)
        (void)snprintf(out, 80, "%s", numbers[n]);
    else if (strcmp(type, "BLOB") == 0)
        (void)snprintf(out, 80, "%s", n < 4 ? "randomblob(16)" : n < 6 ? "x''" : "x'00'");
    else if (strcmp(type, "TEXT") == 0)
        (void)snprintf(out, 80, "'%c' || %s", 'a' + (int)n, column);
}

struct edit {
    char table[32], sql[400];
};

/* One value of one row, one row gone, or one row twice under another number. */
static void draw_edit(struct store *store, struct edit *ret)
{
    static const char *const names[] = {"clients",  "citizens", "requests",
                                        "failures", "meta",     "audit"};
    char value[80], column[64] = "", type[16] = "";
    (void)snprintf(ret->table, sizeof ret->table, "%s", names[secret_random_below(6)]);
    struct db_stmt *st = db_query(store->db, "SELECT name, type FROM pragma_table_info($1)"
                                             " WHERE name <> 'touched' ORDER BY random()"
                                             " LIMIT 1");
    db_bind_text(st, 1, ret->table);
    assert_true(db_step(st));
    (void)snprintf(column, sizeof column, "%s", db_column_text(st, 0));
    (void)snprintf(type, sizeof type, "%s", db_column_text(st, 1));
    assert_ok(db_finish(st));
    const char *key = strcmp(ret->table, "meta") == 0 ? "name" : "id";
    draw_value(type, column, value);
    if (secret_random_below(10) == 0)
        (void)snprintf(ret->sql, sizeof ret->sql,
                       "DELETE FROM %s WHERE %s = (SELECT %s FROM %s ORDER BY random() LIMIT 1)",
                       ret->table, key, key, ret->table);
    else
        (void)snprintf(ret->sql, sizeof ret->sql,
                       "UPDATE OR IGNORE %s SET %s = %s WHERE %s = (SELECT %s FROM %s"
                       " ORDER BY random() LIMIT 1)",
                       ret->table, column, value, key, key, ret->table);
}

/* The rows as one text: an edit that changed nothing is none. */
static uint64_t digest(struct store *store)
{
    static const char *const queries[] = {
        "SELECT * FROM clients ORDER BY id",
        "SELECT * FROM citizens ORDER BY id",
        "SELECT * FROM requests ORDER BY id",
        "SELECT * FROM failures ORDER BY id",
        /* of the head only the sealed bytes say anything */
        ("SELECT name, bytes, CASE name WHEN 'audit_head' THEN NULL ELSE number END,"
         " CASE name WHEN 'audit_head' THEN NULL ELSE row_tag END FROM meta ORDER BY name"),
        "SELECT * FROM audit ORDER BY id",
    };
    uint64_t sum = 1469598103934665603U;
    for (size_t q = 0; q < sizeof queries / sizeof queries[0]; ++q) {
        struct db_stmt *st = db_query(store->db, queries[q]);
        while (db_step(st)) {
            for (int c = 0; c < db_column_count(st); ++c) {
                size_t len = 0;
                int64_t number =
                    db_column_kind(st, c) == DB_INT ? db_column_int(st, c) : (int64_t)len;
                const uint8_t *bytes =
                    db_column_kind(st, c) == DB_INT ? NULL : db_column_blob(st, c, &len);
                sum = (sum ^ (uint64_t)number) * 1099511628211U; /* NULL, 0, empty: the same */
                for (size_t i = 0; i < len; ++i)
                    sum = (sum ^ bytes[i]) * 1099511628211U;
                sum = (sum ^ len) * 1099511628211U;
            }
        }
        assert_ok(db_finish(st));
    }
    return sum;
}

static void test_ten_thousand_edits(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    int made = 0;
    fill(store);
    fixture_reopen(f);
    struct check before = run_check(store, 3);
    assert_true(check_is_good(&before));
    uint64_t whole = digest(store);
    assert_ok(db_exec(store->db, "PRAGMA foreign_keys = OFF"));
    while (made < EDITS) {
        struct edit edit;
        draw_edit(store, &edit);
        assert_ok(db_begin(store->db));
        assert_ok(db_exec(store->db, edit.sql));
        if (digest(store) != whole) {
            struct check check = run_check(store, 100);
            ++made;
            if (check_is_good(&check))
                fail_msg("edit %d is not told: %s", made, edit.sql);
        }
        db_rollback(store->db);
    }
}

/* A break is told until a person accepts it, and again when there is a new one. */
static void test_what_is_accepted_is_known(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    fill(store);
    assert_ok(db_exec(store->db, "UPDATE audit SET at_ms = 1 WHERE id = 3;"
                                 "DELETE FROM failures WHERE id = 2;"
                                 "UPDATE requests SET tries = -5 WHERE id = 1;"
                                 "UPDATE citizens SET locked = 1"
                                 " WHERE id = (SELECT min(id) FROM citizens)"));
    fixture_reopen(f);
    assert_true(integrity_is_in_doubt(store));
    assert_ok(db_begin(store->db));
    assert_ok(store_accept(store, "control:uid 0", T0));
    db_rollback(store->db);
    assert_true(integrity_is_in_doubt(store)); /* not committed, not accepted */
    assert_ok(db_begin(store->db));
    assert_ok(store_accept(store, "control:uid 0", T0));
    assert_ok(store_commit(store));
    assert_false(integrity_is_in_doubt(store));
    fixture_reopen(f);
    assert_int_equal(store->integrity.facts, INTEGRITY_ROW); /* the citizen stays refused */
    struct check check = run_check(store, 100);
    assert_int_equal(check.audit.first_bad, 3);
    assert_false(audit_walk_is_broken(&check.audit));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM requests WHERE id = 1"), 0);
    assert_ok(db_exec(store->db, "UPDATE audit SET at_ms = 1"
                                 " WHERE id = (SELECT max(id) FROM audit) - 0"));
    assert_ok(db_exec(store->db, "DELETE FROM failures WHERE id = 3"));
    fixture_reopen(f);
    assert_true(integrity_is_in_doubt(store));
}

static void copy_file(const char *from, const char *to)
{
    static uint8_t bytes[1 << 22];
    size_t len = 0;
    (void)unlink(to);
    assert_ok(fsx_read(from, bytes, sizeof bytes, &len));
    assert_ok(fsx_create(to, bytes, len, 0600));
}

/* An older copy of the same database, another database of the same key, and no anchor. */
static void test_the_anchor_knows_the_last(void **state)
{
    struct fixture *f = *state;
    char old[340], anchor[340];
    (void)snprintf(old, sizeof old, "%s.old", f->db_path);
    (void)snprintf(anchor, sizeof anchor, "%s.ancla", f->key_path);
    fill(&f->store);
    store_close(&f->store);
    copy_file(f->db_path, old);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, 0);
    assert_ok(clients_revoke(&f->store, "sede", T0 + 2));
    const struct audit_entry entry = {.event = "e", .actor = "a", .result = "r"};
    assert_ok(audit_append(&f->store, &entry, T0, NULL));
    store_close(&f->store);
    copy_file(old, f->db_path);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, INTEGRITY_OLD);
    store_close(&f->store);
    assert_ok(store_open(f->db_path, f->key_path, &f->store)); /* it is not forgotten */
    assert_int_equal(f->store.integrity.facts, INTEGRITY_OLD);
    store_close(&f->store);
    assert_ok(store_accept_file(f->db_path, f->key_path, "contraclavectl restaura", T0));
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, 0);
    store_close(&f->store);
    assert_int_equal(unlink(anchor), 0);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, INTEGRITY_NO_ANCHOR);
    store_close(&f->store);
    assert_ok(store_accept_file(f->db_path, f->key_path, "contraclavectl restaura", T0));
    assert_int_equal(unlink(f->db_path), 0);
    assert_ok(store_open(f->db_path, f->key_path, &f->store)); /* an empty one in its place */
    assert_int_equal(f->store.integrity.facts, INTEGRITY_SWAPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_ten_thousand_edits),
        fixture_test(test_what_is_accepted_is_known),
        fixture_test(test_the_anchor_knows_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
