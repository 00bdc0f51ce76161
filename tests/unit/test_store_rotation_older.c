/* SPDX-License-Identifier: EUPL-1.2 */
/* Databases of before that lie beside: they go with the old key, however the process ends. */
#include "tests/unit/test_rotation_fixture.h"

#include "store/audit.h"
#include "store/requests.h"

#include <sys/stat.h>

static const char *const older[] = {".version-30", ".version-31.parte", ".20260102-030405",
                                    ".20260102-030405-wal", ".parte"};
static const char *const others[] = {"-copia", ".version-x", ".2026", ".antes"};

enum { OLDER = sizeof(older) / sizeof(older[0]), OTHERS = sizeof(others) / sizeof(others[0]) };

static void name_beside(const struct fixture *f, const char *suffix, char ret[400])
{
    (void)snprintf(ret, 400, "%s%s", f->db_path, suffix);
}

static void put_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0400), 0);
}

static void put_beside(const struct fixture *f)
{
    char path[400];
    for (size_t i = 0; i < OLDER + OTHERS; i++) {
        name_beside(f, i < OLDER ? older[i] : others[i - OLDER], path);
        put_file(path, "x", 1);
    }
}

static void assert_left(const struct fixture *f, bool has_older)
{
    char path[400];
    for (size_t i = 0; i < OLDER + OTHERS; i++) {
        name_beside(f, i < OLDER ? older[i] : others[i - OLDER], path);
        bool is_there = access(path, F_OK) == 0, is_older = i < OLDER;
        if (is_there != (has_older || !is_older))
            fail_msg("%s: %d", path, is_there);
    }
}

static void rotate(struct fixture *f)
{
    const struct audit_entry entry = {
        .event = "clave_cambiada", .actor = "sistema", .result = "correcto"};
    struct rotation *rotation = rotation_copied(f);
    assert_left(f, true);
    assert_ok(rotation_finish(rotation, &entry, T0));
    rotation_free(rotation);
}

static int64_t count_told(struct store *store)
{
    return ask_int(store, "SELECT sum(reference) FROM audit WHERE event = 'copias_destruidas'");
}

static void they_go_with_the_old_key(void **state)
{
    struct fixture *f = *state;
    (void)add_citizen(&f->store, "12345678Z", "+34600123123");
    put_beside(f);
    rotate(f);
    assert_left(f, false);
    assert_int_equal(count_told(&f->store), OLDER);
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
}

/* The database took the other's place, and the power went before the key did. */
static void the_start_removes_what_a_kill_has_left(void **state)
{
    struct fixture *f = *state;
    uint8_t old[SECRET_KEY_BYTES], new[SECRET_KEY_BYTES];
    char next[400];
    assert_ok(secret_key_read(f->key_path, old));
    put_beside(f);
    rotate(f);
    assert_ok(secret_key_read(f->key_path, new));
    store_close(&f->store);
    (void)snprintf(next, sizeof(next), "%s.nueva", f->key_path);
    assert_int_equal(rename(f->key_path, next), 0);
    put_file(f->key_path, old, sizeof(old));
    put_beside(f);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_left(f, false);
    assert_ok(secret_key_read(f->key_path, old));
    assert_memory_equal(old, new, sizeof(old));
    assert_int_equal(f->store.integrity.facts, 0);
}

/* Of another owner, or on a disk that refuses: told, and the key changes all the same. */
static void one_that_cannot_be_removed(void **state)
{
    struct fixture *f = *state;
    char path[400];
    name_beside(f, ".version-30", path);
    assert_int_equal(mkdir(path, 0700), 0); /* unlink(2) refuses it */
    uint8_t old[SECRET_KEY_BYTES], new[SECRET_KEY_BYTES];
    assert_ok(secret_key_read(f->key_path, old));
    struct rotation *rotation = rotation_copied(f);
    const struct audit_entry entry = {.event = "clave_cambiada", .actor = "x", .result = "y"};
    assert_ok(rotation_finish(rotation, &entry, T0));
    rotation_free(rotation);
    assert_ok(secret_key_read(f->key_path, new));
    assert_memory_not_equal(old, new, sizeof(old));
    assert_int_equal(access(path, F_OK), 0);
}

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* A large file that goes at once would hold whatever is served. */
static void the_replaced_database_goes_piece_by_piece(void **state)
{
    enum { PIECE = 4 * 1024 * 1024 };
    struct fixture *f = *state;
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path};
    char old[400];
    put_beside(f);
    rotate(f);
    name_beside(f, ".rota-vieja", old);
    assert_true(size_of(old) > 0);
    assert_int_equal(truncate(old, 2 * PIECE + 1), 0);
    assert_false(rotation_forget(&place));
    assert_int_equal(size_of(old), PIECE + 1);
    assert_false(rotation_forget(&place));
    assert_true(rotation_forget(&place));
    assert_int_equal(size_of(old), -1);
    assert_true(rotation_forget(&place));
    put_file(old, "x", 1); /* the process died before */
    fixture_reopen(f);
    assert_int_equal(size_of(old), -1);
}

/* More than the last step takes at once: the next one finds them all, though the first was undone.
 */
static void nothing_is_lost_of_many_changes_at_the_end(void **state)
{
    enum { MANY = 5000 };
    struct fixture *f = *state;
    const struct audit_entry entry = {.event = "clave_cambiada", .actor = "x", .result = "y"};
    struct rotation *rotation = rotation_copied(f);
    assert_ok(db_begin(f->store.db));
    for (int i = 0; i < MANY; i++)
        assert_ok(ip_requests_insert(&f->store, "192.0.2.1", T0 + i));
    assert_ok(store_commit(&f->store));
    assert_int_equal(rotation_finish(rotation, &entry, T0), CC_ERR_DB_BUSY);
    for (bool is_ready = false; !is_ready;)
        assert_ok(rotation_step(rotation, 1000, &is_ready));
    assert_ok(rotation_finish(rotation, &entry, T0));
    rotation_free(rotation);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM ip_requests"), MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(they_go_with_the_old_key),
        fixture_test(the_start_removes_what_a_kill_has_left),
        fixture_test(one_that_cannot_be_removed),
        fixture_test(the_replaced_database_goes_piece_by_piece),
        fixture_test(nothing_is_lost_of_many_changes_at_the_end),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
