/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * No existence oracle in the work that is done (DOMAIN 5): whatever becomes of a request or a
 * refused verification, the same statements run, as much is hashed and as many pages reach the
 * journal. The linker puts __wrap_secret_tag() and __wrap_secret_short_tag() in front of the real
 * ones, so that hashes are counted (see the Makefile).
 */
#include "tests/unit/test_store_fixture.h"

#include "base/fsx.h"
#include "base/hex.h"
#include "base/loop.h"
#include "service/application.h"
#include "service/request.h"
#include "service/verify.h"
#include "store/refusals.h"
#include "store/sqlite/private.h"

static const struct address_keys nowhere = {"", ""};
static const struct caller sede = {.kind = CALLER_CLIENT, .id = 1, .name = "cliente:sede"};

static int hashes;

void __real_secret_tag(const struct secret_keys *keys, enum secret_use use, const void *a,
                       size_t a_len, const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES]);
void __wrap_secret_tag(const struct secret_keys *keys, enum secret_use use, const void *a,
                       size_t a_len, const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES]);
void __real_secret_short_tag(const struct secret_keys *keys, enum secret_use use, const void *bytes,
                             size_t len, uint8_t out[SECRET_TAG_BYTES]);
void __wrap_secret_short_tag(const struct secret_keys *keys, enum secret_use use, const void *bytes,
                             size_t len, uint8_t out[SECRET_TAG_BYTES]);

void __wrap_secret_tag(const struct secret_keys *keys, enum secret_use use, const void *a,
                       size_t a_len, const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES])
{
    hashes++;
    __real_secret_tag(keys, use, a, a_len, b, b_len, out);
}

void __wrap_secret_short_tag(const struct secret_keys *keys, enum secret_use use, const void *bytes,
                             size_t len, uint8_t out[SECRET_TAG_BYTES])
{
    hashes++;
    __real_secret_short_tag(keys, use, bytes, len, out);
}

#define PHONE "+34600123123"
#define CLAVE "4821"

static const struct settings settings = {.entity_sms = "Ayto.",
                                         .mail = {.town = "", .link = "", .bounces = ""},
                                         .origin = "",
                                         .clause = "",
                                         .neutral_if_registered = true,
                                         .limits = {.code = {.digits = 4, .tries = 3}}};

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

/* Cost of a call: statements, hashes (tags of rows, codes and indexes), and pages in the journal of
 * its commit. */
struct cost {
    int statements;
    int hashes;
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
    hashes = 0;
    call(w, what);
    cost.hashes = hashes;
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

static void verify_at(struct work *w, const char *nif, int64_t now_ms)
{
    struct verify_output out;
    int64_t wait_s = 0;
    const struct verify_input input = {.nif = nif_of(nif),
                                       .clave = CLAVE,
                                       .contraclave = "none",
                                       .from = &nowhere,
                                       .caller = &sede};
    assert_ok(verify_pin(&w->service, &input, now_ms, &out, &wait_s));
    assert_false(out.correct);
}

static void verify(struct work *w, const void *nif)
{
    verify_at(w, nif, T0);
}

static void verify_in_next_minute(struct work *w, const void *nif)
{
    verify_at(w, nif, T0 + MINUTE);
}

/* ---- the same database for each ---- */

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
        if (cost.statements != first.statements || cost.hashes != first.hashes ||
            cost.pages != first.pages)
            fail_msg("%s of %s: %d statements, %d hashes, %d pages; of %s: %d, %d, %d", what,
                     nifs[i], cost.statements, cost.hashes, cost.pages, nifs[0], first.statements,
                     first.hashes, first.pages);
    }
}

/* Unknown (see add_all()), active, locked, suspended. */
static char unknown[NIF_CHARS + 1];
static const char *const nifs[] = {unknown, "12345678Z", "11111111H", "22222222J"};
enum { NIFS = sizeof(nifs) / sizeof(nifs[0]) };

static void add_all(struct store *store)
{
    (void)add_citizen(store, nifs[1], PHONE);
    (void)add_citizen(store, "33333333P", "+34600123126");
    int64_t locked = add_citizen(store, nifs[2], "+34600123124");
    assert_ok(citizens_set_locks(store, locked, true, true));
    struct citizen suspended = make_citizen(nifs[3], "+34600123125");
    suspended.state = LIFE_SUSPENDED;
    assert_ok(citizens_insert(store, &suspended, &locked));
    find_unknown(store, 87654321, unknown);
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
    for (int i = 0; i < REQUEST_LIVE_MAX; i++) /* so many are compared */
        (void)measure(w, ask, "33333333P");
    for (size_t i = 0; i < NIFS; i++) {
        (void)measure(w, ask, nifs[i]);
        (void)measure(w, verify, nifs[i]);
    }
    expect_same("refusal", nifs, NIFS, w, verify);
    (void)measure(w, verify, nifs[1]);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM failures"), 2);
}

/* A stranger has asked three times, and guesses with his own clave: each guess at a request is
 * charged, and for an unknown NIF as much is done. */
static void test_guesses(void **state)
{
    struct work *w = *state;
    add_all(w->service.store);
    for (int i = 0; i < REQUEST_LIVE_MAX; i++)
        (void)measure(w, ask, "33333333P");
    for (int i = 0; i < 3; i++) {
        (void)measure(w, ask, unknown);
        (void)measure(w, ask, nifs[1]);
    }
    for (int i = 0; i < REQUEST_LIVE_MAX; i++) /* newer ones, of others */
        (void)measure(w, ask, "33333333P");
    struct cost nobodys = measure(w, verify, unknown), citizens = measure(w, verify, nifs[1]);
    assert_int_equal(ask_int(w->service.store, "SELECT count(*) FROM failures"), 3);
    assert_int_equal(nobodys.statements, citizens.statements);
    assert_int_equal(nobodys.hashes, citizens.hashes);
}

static char last_id[REQUEST_ID_TEXT];

static void ask_for_id(struct work *w, const void *nif)
{
    struct request_output out;
    int64_t wait_s = 0;
    const struct request_input input = {
        .nif = nif_of(nif), .clave = CLAVE, .from = &nowhere, .caller = &sede};
    assert_ok(request_create(&w->service, &input, T0, &out, &wait_s));
    (void)snprintf(last_id, sizeof(last_id), "%s", out.id);
}

static void resend(struct work *w, const void *id)
{
    struct request_output out;
    int64_t wait_s = 0;
    assert_ok(request_resend(&w->service, id, &nowhere, &sede, T0, &out, &wait_s));
    assert_string_equal(out.id, id);
}

static void cancel(struct work *w, const void *id)
{
    assert_ok(request_cancel(&w->service, id, &sede, T0));
}

static void look(struct work *w, const void *id)
{
    struct request_status status;
    assert_ok(request_tell(&w->service, id, &sede, T0, &status));
    assert_false(status.is_over);
}

/* What the modem has taken so far is sent. */
static void finish_sending(struct store *store)
{
    int64_t id = 0;
    while ((id = ask_int(store, "SELECT coalesce(min(id), 0) FROM outbox WHERE state = 1")) != 0)
        assert_ok(outbox_sent(store, id, 1, T0));
}

/* Whether a citizen's row stands behind the place of the NIF that erased requests are looked up by:
 * the search finds one, as in any town. */
static bool has_row_behind_nobody(struct store *store)
{
    struct citizen nobody;
    const struct nif nif = nif_of("---------");
    int64_t behind = 0;
    assert_int_equal(citizens_find(store, &nif, &nobody), CC_ERR_NOT_FOUND);
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof(bits); i++)
        bits = bits << 8 | nobody.nif_index[i];
    struct db_stmt *st = db_query(store->db, "SELECT count(*) FROM citizens WHERE id > $1");
    db_bind_int(st, 1, (int64_t)(bits >> 2) + 1);
    assert_ok(db_run_int(st, &behind));
    return behind > 0;
}

/* What is done with an id costs the same, whether its request was sent or withheld, and why; and,
 * for a resend, also where the request was replaced since. */
static void test_ids(void **state)
{
    enum { IDS = NIFS + 1 };
    static char ids[IDS][REQUEST_ID_TEXT];
    struct work *w = *state;
    const char *texts[IDS];
    add_all(w->service.store);
    while (!has_row_behind_nobody(w->service.store)) { /* with another key */
        (void)tear_down(state);
        (void)set_up(state);
        w = *state;
        add_all(w->service.store);
    }
    for (size_t i = 0; i < IDS; i++) {
        (void)measure(w, ask_for_id, i < NIFS ? nifs[i] : "33333333P");
        (void)snprintf(ids[i], sizeof(ids[i]), "%s", last_id);
        texts[i] = ids[i];
    }
    struct citizen replaced;
    struct nif nif = nif_of("33333333P");
    assert_ok(citizens_find(w->service.store, &nif, &replaced));
    assert_ok(requests_end(w->service.store, replaced.id, T0));
    for (size_t i = 0; i < IDS; i++)
        (void)measure(w, resend, texts[i]);
    /* as long as each index fits into one page: where a number lies in it is chance */
    for (int fullness = 0; fullness < 6; fullness++) {
        finish_sending(w->service.store);
        expect_same("resend", texts, IDS, w, resend);
        (void)measure(w, fullness % 2 == 0 ? ask : resend,
                      fullness % 2 == 0 ? "33333333P" : texts[0]);
    }
    finish_sending(w->service.store);
    expect_same("status", texts, IDS, w, look);
    expect_same("cancellation", texts, NIFS, w, cancel);
}

/* An online alta whose mobile got this code. */
static void add_application(struct store *store, const char *nif, char ret_id[APPLICATION_ID_SIZE])
{
    struct application application = {.client_id = sede.id,
                                      .nif = nif_of(nif),
                                      .phone = {"+34600999999"},
                                      .created_ms = T0,
                                      .code = {.sent_ms = T0, .sends = 1}};
    secret_random(application.public_id, sizeof(application.public_id));
    applications_code_tag(store, &application, "123456", application.code_tag);
    assert_ok(applications_insert(store, &application, &nowhere, &application.id));
    hex_encode_lower(application.public_id, sizeof(application.public_id), ret_id);
}

static void prove(struct work *w, const void *id)
{
    struct application_output out;
    enum cc_err verdict = CC_ERR_DB;
    assert_ok(application_prove(&w->service, id, "123456", &sede, T0, &out, &verdict));
    assert_int_equal(verdict, CC_OK);
}

/* The town wants neutral words: the right code tells nothing either. */
static void test_proven_mobiles(void **state)
{
    static char ids[NIFS + 1][APPLICATION_ID_SIZE];
    const char *const texts[] = {ids[0], ids[1], ids[2], ids[3]};
    struct work *w = *state;
    add_all(w->service.store);
    for (size_t i = 0; i <= NIFS; i++)
        add_application(w->service.store, i < NIFS ? nifs[i] : "33333333P", ids[i]);
    (void)measure(w, prove, ids[NIFS]);
    expect_same("proof of a mobile", texts, NIFS, w, prove);
}

static void find_subject(struct store *store, const char *text, uint8_t ret[SECRET_TAG_BYTES])
{
    const struct nif nif = nif_of(text);
    struct citizen citizen;
    assert_int_equal(citizens_find(store, &nif, &citizen), CC_ERR_NOT_FOUND);
    refusals_subject(citizen.nif_index, false, ret);
}

/* Another NIF that nobody has, which does not share a row of refusals with the first. */
static void find_other_unknown(struct store *store, char ret[NIF_CHARS + 1])
{
    uint8_t subject[SECRET_TAG_BYTES], other[SECRET_TAG_BYTES];
    bool is_apart = false;
    find_subject(store, unknown, subject);
    for (int i = 0; i < 10 && !is_apart; i++) {
        find_unknown(store, 1000 * i, ret);
        find_subject(store, ret, other);
        is_apart = memcmp(subject, other, sizeof(other)) != 0;
    }
}

/* The first refusal of a NIF in a minute in which other NIFs had theirs. */
static void test_first_refusals_of_a_minute(void **state)
{
    struct work *w = *state;
    char other[NIF_CHARS + 1];
    add_all(w->service.store);
    find_other_unknown(w->service.store, other);
    for (int i = 0; i < REQUEST_LIVE_MAX; i++)
        (void)measure(w, ask, "33333333P");
    (void)measure(w, verify_in_next_minute, other);
    (void)measure(w, verify_in_next_minute, "33333333P");
    expect_same("first refusal", nifs, NIFS, w, verify_in_next_minute);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_contrasts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_guesses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_proven_mobiles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_refusals_of_a_minute, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
