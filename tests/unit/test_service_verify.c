/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who enters, and how many guesses are compared. The linker puts __wrap_secret_tag_equal() in front
 * of secret_tag_equal(), so that comparisons are counted (see the Makefile).
 */
#include "tests/unit/test_store_fixture.h"

#include "service/verify.h"

static const struct address_keys nowhere = {"", ""};
static const struct caller sede = {.kind = CALLER_CLIENT, .id = 1, .name = "cliente:sede"};

#define NIF "12345678Z"
#define CLAVE "4821"
#define CODE "0481"

static int comparisons;

bool __real_secret_tag_equal(const uint8_t a[SECRET_TAG_BYTES], const uint8_t b[SECRET_TAG_BYTES]);
bool __wrap_secret_tag_equal(const uint8_t a[SECRET_TAG_BYTES], const uint8_t b[SECRET_TAG_BYTES]);

bool __wrap_secret_tag_equal(const uint8_t a[SECRET_TAG_BYTES], const uint8_t b[SECRET_TAG_BYTES])
{
    comparisons++;
    return __real_secret_tag_equal(a, b);
}

struct box {
    struct loop *loop;
    struct fixture *store;
    struct settings settings;
    struct service service;
    struct citizen citizen;
    int64_t before_ms; /* the entry before, as the last one told it */
};

static int set_up(void **state)
{
    static struct box b;
    void *fixture = NULL;
    (void)fixture_open(&fixture);
    b = (struct box){
        .loop = loop_new(),
        .store = fixture,
        .settings = {.entity_sms = "Ayto.", .origin = "", .clause = "", .limits = limits_pin24h}};
    b.service = (struct service){.loop = b.loop, .store = &b.store->store, .settings = &b.settings};
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    void *fixture = ((struct box *)*state)->store;
    loop_free(((struct box *)*state)->loop);
    return fixture_close(&fixture);
}

static void enrol(struct box *b, enum life_state life_state)
{
    struct citizen citizen = make_citizen(NIF, "+34600123123");
    citizen.state = life_state;
    assert_ok(citizens_insert(&b->store->store, &citizen, &citizen.id));
    assert_ok(citizens_find(&b->store->store, &citizen.nif, &b->citizen));
}

/* A live request with this clave and contraclave, as if asked for and sent. */
static void add(struct box *b, const char *clave, const char *code)
{
    struct store *store = &b->store->store;
    struct request request = make_request(store, b->citizen.id, T0, T0 + 20 * HOUR);
    const struct request_owner owner = {request.public_id, b->citizen.nif_root, request.expires_ms};
    int64_t id = 0;
    request_clave_tag(store, &owner, clave, request.clave_tag);
    request_code_tag(store, &owner, clave, code, request.code_tag);
    assert_ok(requests_insert(store, &request, 1, "", &id));
}

static bool enter(struct box *b, const char *clave, const char *code)
{
    struct verify_output out = {.correct = false};
    struct verify_input input = {.nif = b->citizen.nif, .from = &nowhere, .caller = &sede};
    int64_t wait_s = 0;
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    (void)snprintf(input.contraclave, sizeof(input.contraclave), "%s", code);
    comparisons = 0;
    assert_ok(db_begin(b->store->store.db));
    assert_ok(verify_pin(&b->service, &input, T0 + MINUTE, &out, &wait_s));
    assert_ok(store_commit(&b->store->store));
    b->before_ms = out.entered_before_ms;
    return out.correct;
}

static int64_t failures(struct box *b)
{
    return ask_int(&b->store->store, "SELECT count(*) FROM failures");
}

static void test_only_an_active_citizen_enters(void **state)
{
    static const enum life_state states[] = {LIFE_ACTIVE, LIFE_SUSPENDED, LIFE_GONE};
    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        void *box = NULL;
        (void)set_up(&box);
        enrol(box, states[i]);
        add(box, CLAVE, CODE);
        assert_int_equal(enter(box, CLAVE, CODE), states[i] == LIFE_ACTIVE);
        (void)tear_down(&box);
    }
}

/* Told whether it was by a request or not, and though the clock stands. */
static void test_the_entry_before(void **state)
{
    struct box *b = *state;
    struct store *store = &b->store->store;
    enrol(b, LIFE_ACTIVE);
    add(b, CLAVE, CODE);
    assert_true(enter(b, CLAVE, CODE));
    assert_int_equal(b->before_ms, 0);
    assert_true(enter(b, CLAVE, CODE));
    assert_int_equal(b->before_ms, T0 + MINUTE);
    assert_ok(requests_set_last_use(store, b->citizen.id, T0 + MINUTE + 1));
    assert_true(enter(b, CLAVE, CODE));
    assert_int_equal(b->before_ms, T0 + MINUTE + 1);
    assert_ok(requests_set_last_use(store, b->citizen.id, T0 + MINUTE - 1));
    assert_true(enter(b, CLAVE, CODE));
    assert_int_equal(b->before_ms, T0 + MINUTE);
}

/* Every live request is compared, before and behind a match, so that the time tells nothing. */
static void test_a_match_ends_no_comparing(void **state)
{
    needs_file(); /* on a server the head is compared once more */
    struct box *b = *state;
    enrol(b, LIFE_ACTIVE);
    static const char *const live[] = {"1111", "2222", "3333", "4444", "5555", "6666"};
    assert_int_equal(sizeof(live) / sizeof(live[0]),
                     limits_most_alive(&b->settings.limits.citizen, REQUEST_LIVE_MAX));
    for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
        add(b, live[i], CODE);
    assert_false(enter(b, CLAVE, CODE));
    int without_match = comparisons;
    assert_true(without_match >= 3 * 2);
    static const char *const claves[] = {"3333", "1111", "2222"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(enter(b, claves[i], CODE));
        assert_int_equal(comparisons, without_match);
    }
}

/* However many requests are alive, and whether the NIF is registered. */
static void test_a_refusal_compares_as_much_for_each(void **state)
{
    struct box *b = *state;
    struct citizen citizen = make_citizen("87654321X", "+34600123124");
    char unknown[NIF_CHARS + 1];
    enrol(b, LIFE_ACTIVE);
    const struct nif known = b->citizen.nif;
    assert_ok(citizens_insert(&b->store->store, &citizen, &citizen.id));
    for (int i = 0; i < REQUEST_LIVE_MAX; i++)
        (void)add_request(&b->store->store, citizen.id, T0, T0 + 20 * HOUR);
    find_unknown(&b->store->store, 1, unknown);
    b->citizen.nif = make_citizen(unknown, "").nif;
    assert_false(enter(b, CLAVE, CODE));
    int expected = comparisons;
    assert_true(expected >= 6 * 3); /* the row's own tag, the clave's and the code's */
    b->citizen.nif = known;
    for (int live = 0; live < 6; live++) {
        assert_false(enter(b, CLAVE, CODE));
        assert_int_equal(comparisons, expected);
        add(b, "1111", CODE);
    }
}

/* Three requests with one clave: each guess is compared with three codes, and is three failures. At
 * the bound only so many are compared as are left. */
static void test_no_comparison_beyond_the_bound(void **state)
{
    struct box *b = *state;
    enrol(b, LIFE_ACTIVE);
    b->settings.limits.citizen.contrast_after = 5;
    for (int i = 0; i < 3; i++)
        add(b, CLAVE, CODE);
    assert_false(enter(b, CLAVE, "0000"));
    assert_int_equal(failures(b), 3);
    assert_false(enter(b, CLAVE, "0001"));
    assert_int_equal(failures(b), 5);
    assert_false(enter(b, CLAVE, CODE)); /* it needs the contrast now */
    assert_int_equal(failures(b), 5);
}

static void test_tries_of_a_request(void **state)
{
    struct box *b = *state;
    enrol(b, LIFE_ACTIVE);
    add(b, CLAVE, CODE);
    assert_false(enter(b, CLAVE, "0000"));
    assert_false(enter(b, CLAVE, "0001"));
    assert_true(enter(b, CLAVE, CODE));
    assert_int_equal(ask_int(&b->store->store, "SELECT count(*) FROM failures WHERE settled = 0"),
                     0);
    assert_false(enter(b, CLAVE, "0002"));
    assert_false(enter(b, CLAVE, CODE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_an_active_citizen_enters),
        cmocka_unit_test_setup_teardown(test_the_entry_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_match_ends_no_comparing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refusal_compares_as_much_for_each, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_comparison_beyond_the_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tries_of_a_request, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
