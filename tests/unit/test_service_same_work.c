/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * No existence oracle in the work that is done (DOMAIN 5): whatever becomes of a request or a
 * refused verification, the same statements run and as many pages reach the journal.
 */
#include "tests/unit/test_store_fixture.h"

#include "base/fsx.h"
#include "base/loop.h"
#include "service/request.h"
#include "service/verify.h"
#include "store/sqlite/private.h"

#include <sqlite3.h>
#include <sys/stat.h>

static const struct address_keys nowhere = {"", ""};
static const struct caller sede = {.kind = CALLER_CLIENT, .id = 1, .name = "cliente:sede"};

#define PHONE "+34600123123"
#define CLAVE "4821"

static const struct settings settings = {
    .entity_sms = "Ayto.", .origin = "", .limits = {.code = {.digits = 4, .tries = 3}}};

struct work {
    struct fixture *store;
    struct loop *loop;
    struct service service;
};

static int set_up(void **state)
{
    struct work *w = calloc(1, sizeof(*w));
    void *fixture = NULL;
    assert_non_null(w);
    (void)fixture_open(&fixture);
    w->store = fixture;
    w->loop = loop_new();
    w->service = (struct service){.loop = w->loop,
                                  .store = &w->store->store,
                                  .turn = turn_new(w->loop, &w->store->store),
                                  .settings = &settings};
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct work *w = *state;
    void *fixture = w->store;
    turn_free(w->service.turn);
    loop_free(w->loop);
    (void)fixture_close(&fixture);
    free(w);
    return 0;
}

static int on_statement(unsigned kind, void *user, void *statement, void *sql)
{
    (void)kind;
    (void)statement;
    (void)sql;
    ++*(int *)user;
    return 0;
}

/* Cost of a call: statements, and pages in the journal of its commit. */
struct cost {
    int statements;
    int pages;
};

static int on_commit(void *user, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    *(int *)user = pages;
    return SQLITE_OK;
}

/* What the dispatcher does before the commit where a modem is idle. */
static void claim_for_idle_modem(struct work *w)
{
    struct outbox_message message;
    struct store *store = w->service.store;
    enum cc_err err = outbox_next(store, T0, "modem", OUTBOX_CONTRACLAVE, &message);
    if (err == CC_OK)
        assert_ok(outbox_claim(store, message.id, "modem", T0));
    else
        assert_int_equal(err, CC_ERR_NOT_FOUND);
}

/* From an empty journal on, so that the pages in it are those of this call. */
static struct cost measure(struct work *w, void (*call)(struct work *w, const void *what),
                           const void *what)
{
    sqlite3 *db = sqlite_handle(w->service.store->db);
    struct cost cost = {0};
    assert_int_equal(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_wal_hook(db, on_commit, &cost.pages);
    assert_ok(db_begin(w->service.store->db));
    (void)sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, &cost.statements);
    call(w, what);
    (void)sqlite3_trace_v2(db, 0, NULL, NULL);
    claim_for_idle_modem(w);
    assert_ok(store_commit(w->service.store));
    (void)sqlite3_wal_hook(db, NULL, NULL);
    return cost;
}

static struct nif nif_of(const char *text)
{
    struct nif nif = {.kind = NIF_KIND_DNI};
    (void)snprintf(nif.text, sizeof(nif.text), "%s", text);
    return nif;
}

static void ask(struct work *w, const void *nif)
{
    struct request_output out;
    int64_t wait_s = 0;
    const struct request_input input = {
        .nif = nif_of(nif), .clave = CLAVE, .from = &nowhere, .caller = &sede};
    assert_ok(request_create(&w->service, &input, T0, &out, &wait_s));
}

/* Only the second of the list has one recorded, and it is another. */
static void ask_with_contrast(struct work *w, const void *nif)
{
    struct request_output out;
    int64_t wait_s = 0;
    const struct request_input input = {.nif = nif_of(nif),
                                        .clave = CLAVE,
                                        .contrast = {"2031-04-09"},
                                        .from = &nowhere,
                                        .caller = &sede};
    assert_ok(request_create(&w->service, &input, T0, &out, &wait_s));
}

static void verify(struct work *w, const void *nif)
{
    struct verify_output out;
    int64_t wait_s = 0;
    const struct verify_input input = {.nif = nif_of(nif),
                                       .clave = CLAVE,
                                       .contraclave = "none",
                                       .from = &nowhere,
                                       .caller = &sede};
    assert_ok(verify_pin(&w->service, &input, T0, &out, &wait_s));
    assert_false(out.correct);
}

/* ---- the same database for each ----------------------------------------------------------------
 */

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 20];
    size_t len = 0;
    (void)unlink(to);
    assert_ok(fsx_read(from, bytes, sizeof(bytes), &len));
    assert_ok(fsx_create(to, bytes, len, 0600));
}

/* Database and anchor as they are now, or as they were then: closed, the log is in the database. */
static void keep_database(struct work *w, bool again)
{
    const struct fixture *f = w->store;
    char kept[400], anchor[400], kept_anchor[410];
    (void)snprintf(kept, sizeof(kept), "%s.kept", f->db_path);
    (void)snprintf(anchor, sizeof(anchor), "%s.ancla", f->key_path);
    (void)snprintf(kept_anchor, sizeof(kept_anchor), "%s.kept", anchor);
    store_close(&w->store->store);
    copy_file(again ? kept : f->db_path, again ? f->db_path : kept);
    copy_file(again ? kept_anchor : anchor, again ? anchor : kept_anchor);
    assert_ok(store_open(f->db_path, f->key_path, &w->store->store));
}

/* How many pages a call changes depends on how full they are: each NIF meets the same database. */
static void expect_same(const char *what, const char *const *nifs, size_t count, struct work *w,
                        void (*call)(struct work *w, const void *what))
{
    struct cost first = {0};
    keep_database(w, false);
    for (size_t i = 0; i < count; i++) {
        keep_database(w, true);
        struct cost cost = measure(w, call, nifs[i]);
        if (i == 0)
            first = cost;
        if (cost.statements != first.statements || cost.pages != first.pages)
            fail_msg("%s of %s: %d statements, %d pages; of %s: %d, %d", what, nifs[i],
                     cost.statements, cost.pages, nifs[0], first.statements, first.pages);
    }
}

/* Unknown, never asked, asked with another clave or this one, suspended, locked. */
static const char *const nifs[] = {"87654321X", "12345678Z", "11111111H", "22222222J"};
enum { NIFS = sizeof(nifs) / sizeof(nifs[0]) };

static void add_all(struct store *store)
{
    (void)add_citizen(store, nifs[1], PHONE);
    (void)add_citizen(store, "33333333P", "+34600123126");
    int64_t locked = add_citizen(store, nifs[2], "+34600123124");
    assert_ok(citizens_set_locks(store, locked, true, true));
    struct citizen suspended = make_citizen(nifs[3], "+34600123125");
    suspended.state = CITIZEN_SUSPENDED;
    assert_ok(citizens_insert(store, &suspended, &locked));
}

/* The first of each kind makes rows and pages that later ones find: it is not measured. */
static void test_requests(void **state)
{
    struct work *w = *state;
    add_all(w->service.store);
    for (size_t i = 0; i < NIFS; i++)
        (void)measure(w, ask, nifs[i]);
    for (int fullness = 0; fullness < 12; fullness++) {
        expect_same("request", nifs, NIFS, w, ask);
        (void)measure(w, ask, fullness % 2 == 0 ? "33333333P" : "44444444A");
    }
}

static void test_wrong_contrasts(void **state)
{
    static const struct contraste recorded = {"2030-12-31"};
    struct work *w = *state;
    struct nif nif = nif_of(nifs[1]);
    add_all(w->service.store);
    assert_ok(citizens_set_contrast(w->service.store, &nif, &recorded));
    for (size_t i = 0; i < NIFS; i++)
        (void)measure(w, ask_with_contrast, nifs[i]);
    expect_same("request with a contrast", nifs, NIFS, w, ask_with_contrast);
    (void)measure(w, ask_with_contrast, nifs[1]);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM failures"), 2);
}

static void test_refusals(void **state)
{
    struct work *w = *state;
    add_all(w->service.store);
    for (size_t i = 0; i < NIFS; i++) {
        (void)measure(w, ask, nifs[i]);
        (void)measure(w, verify, nifs[i]);
    }
    expect_same("refusal", nifs, NIFS, w, verify);
    (void)measure(w, verify, nifs[1]);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM failures"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_contrasts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
