/* SPDX-License-Identifier: EUPL-1.2 */
/* Canaries planted in every table must not be readable in any file of the database. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/clients.h"
#include "store/db_fault.h"
#include "store/idempotency.h"
#include "store/simpin.h"

#define NIF "12345678Z"
#define PHONE "+34600123123"

struct haystack {
    char *bytes;
    size_t len;
};

static void add_file(struct haystack *hay, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return; /* -wal and -shm are gone after closing */
    char chunk[4096];
    for (size_t got = fread(chunk, 1, sizeof chunk, file); got > 0;
         got = fread(chunk, 1, sizeof chunk, file)) {
        hay->bytes = realloc(hay->bytes, hay->len + got);
        assert_non_null(hay->bytes);
        memcpy(hay->bytes + hay->len, chunk, got);
        hay->len += got;
    }
    (void)fclose(file);
}

static struct haystack read_all(const struct fixture *f)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    struct haystack hay = {0};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; ++i) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s%s", f->db_path, suffixes[i]);
        add_file(&hay, path);
    }
    return hay;
}

static bool holds(const struct haystack *hay, const char *needle)
{
    return memmem(hay->bytes, hay->len, needle, strlen(needle)) != NULL;
}

static void plant_messages(struct store *store)
{
    int64_t sent = add_message(store, PHONE, T0), queued = add_message(store, PHONE, T0);
    assert_ok(outbox_claim(store, sent, "principal", T0));
    assert_ok(outbox_sent(store, sent, 1, T0));
    assert_int_not_equal(queued, sent);
}

static void plant(struct store *store, char token[CLIENT_TOKEN_SIZE])
{
    int64_t id = 0, citizen = add_citizen(store, NIF, PHONE);
    struct request request = make_request(store, citizen, T0, T0 + HOUR);
    const struct nif nif = {NIF, NIF_KIND_DNI};
    const struct audit_entry entry = {.event = "verificacion",
                                      .actor = "cliente:sede",
                                      .subject = &nif,
                                      .result = "correcto",
                                      .reference = 1};
    assert_ok(requests_insert(store, &request, 1, "198.51.100.77", &id));
    (void)add_failure(store, citizen, id, "198.51.100.77", T0);
    assert_ok(ip_requests_insert(store, "198.51.100.77", T0));
    plant_messages(store);
    assert_ok(clients_create(store, "sede", SCOPE_ALTA, 0, T0, token, &id));
    assert_ok(idempotency_keep(store, 1, "clave-repetida", "{\"nif\":\"" NIF "\"}", 19, T0, 201,
                               "{\"nombre\":\"Begoña\"}"));
    assert_ok(simpin_trying(store, "8934071100000000001", "5829", T0));
    assert_ok(audit_append(store, &entry, T0, NULL));
}

static void search(const struct fixture *f, const char *token, const char *when)
{
    const char *const canaries[] = {
        "12345678",      NIF,       "600123123",      PHONE,
        "34600123123",   "Bego",    "Ibáñez",         "7391",
        "0481",          "5829",    "su contraclave", "8934071100000000001",
        "198.51.100.77", token + 3, "clave-repetida", "nombre",
    };
    struct haystack hay = read_all(f);
    if (!holds(&hay, "verificacion")) /* else the search itself is blind */
        fail_msg("%s: nothing found at all", when);
    for (size_t i = 0; i < sizeof canaries / sizeof canaries[0]; ++i)
        if (holds(&hay, canaries[i]))
            fail_msg("%s: \"%s\" is readable", when, canaries[i]);
    free(hay.bytes);
}

static void test_nothing_personal_in_the_files(void **state)
{
    struct fixture *f = *state;
    char token[CLIENT_TOKEN_SIZE];
    plant(&f->store, token);
    search(f, token, "in the write-ahead log");
    assert_ok(db_exec(f->store.db, "PRAGMA wal_checkpoint(FULL)"));
    search(f, token, "after a checkpoint");
    assert_ok(outbox_expire(&f->store, T0 + DAY, &(int64_t){0}));
    assert_ok(store_sweep(&f->store, T0 + 40 * DAY));
    purge_all(&f->store, T0 + 40 * DAY);
    search(f, token, "after the sweep");
    store_close(&f->store);
    search(f, token, "after closing");
}

enum { WIPED = 40 };

struct sealed {
    int64_t id;
    uint8_t bytes[OUTBOX_TEXT_SIZE + SECRET_SEAL_OVERHEAD];
    size_t len;
};

static void queue_message(struct store *store, struct sealed *ret)
{
    ret->id = add_message(store, PHONE, T0);
    struct db_stmt *st = db_query(store->db, "SELECT text FROM outbox WHERE id = $1");
    db_bind_int(st, 1, ret->id);
    assert_true(db_step(st));
    const void *bytes = db_column_blob(st, 0, &ret->len);
    assert_in_range(ret->len, 40, sizeof ret->bytes);
    memcpy(ret->bytes, bytes, ret->len);
    assert_ok(db_finish(st));
}

/* How many of the texts are found in the files, by a part of each that lies in one page. */
static int count_found(const struct fixture *f, const struct sealed texts[WIPED])
{
    int found = 0;
    struct haystack hay = read_all(f);
    for (int i = 0; i < WIPED; i++)
        found += memmem(hay.bytes, hay.len, texts[i].bytes + texts[i].len / 2, 32) != NULL;
    free(hay.bytes);
    return found;
}

/* A text that was wiped, even sealed, must not lie in the files for somebody who gets the key. */
static void test_a_wiped_text_leaves_the_files(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    static struct sealed texts[WIPED];
    for (int i = 0; i < WIPED; i++)
        queue_message(store, &texts[i]);
    assert_ok(db_empty_log(store->db)); /* now they are in the database itself */
    for (int i = 0; i < WIPED; i++) {
        assert_ok(outbox_claim(store, texts[i].id, "principal", T0));
        assert_ok(outbox_sent(store, texts[i].id, 1, T0));
    }
    assert_in_range(count_found(f, texts), WIPED / 2, WIPED);
    assert_ok(db_empty_log(store->db));
    assert_int_equal(count_found(f, texts), 0);
}

/* While another process reads nothing can be cut: it is an error at once, and no fault. */
static void test_the_log_of_a_database_that_is_being_read(void **state)
{
    struct fixture *f = *state;
    struct db *reader = NULL;
    db_fail_fast(f->store.db);
    assert_ok(store_open_sealed(f->db_path, &reader));
    struct db_stmt *st = db_query(reader, "SELECT name FROM meta");
    assert_true(db_step(st));
    (void)add_message(&f->store, PHONE, T0);
    assert_int_equal(db_empty_log(f->store.db), CC_ERR_DB_BUSY);
    assert_int_equal(db_fault(f->store.db), DB_FAULT_NONE);
    assert_ok(db_finish(st));
    db_close(reader);
    assert_ok(db_empty_log(f->store.db));
}

int main(void)
{
    const struct CMUnitTest tests[] = {fixture_test(test_nothing_personal_in_the_files),
                                       fixture_test(test_a_wiped_text_leaves_the_files),
                                       fixture_test(test_the_log_of_a_database_that_is_being_read)};
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
