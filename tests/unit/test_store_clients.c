/* SPDX-License-Identifier: EUPL-1.2 */
/* API clients, kept answers, and the PINs that were tried: what is stored as tags. */
#include "tests/unit/test_store_fixture.h"

#include "store/clients.h"
#include "store/idempotency.h"
#include "store/simpin.h"

static void test_scopes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned bits; /* 0 = unknown */
        const char *back;
    } rows[] = {
        {"solicitar", SCOPE_SOLICITAR, "solicitar"},
        {"verificar,solicitar", SCOPE_SOLICITAR | SCOPE_VERIFICAR, "solicitar,verificar"},
        {" alta , registro ", SCOPE_ALTA | SCOPE_REGISTRO, "alta,registro"},
        {"admin,admin", SCOPE_ADMIN, "admin"},
        {"solicitar,verificar,alta,registro,tecnico,auditoria,admin,buzon,metricas,estado,"
         "operadores,supervision,certificado,identidad,evidencia",
         SCOPES_ALL,
         "solicitar,verificar,alta,registro,tecnico,auditoria,admin,buzon,metricas,estado,"
         "operadores,supervision,certificado,identidad,evidencia"},
        {"buzon", SCOPE_BUZON, "buzon"},
        {"", 0, NULL},
        {" ", 0, NULL},
        {",", 0, NULL},
        {"alta,", 0, NULL},
        {",alta", 0, NULL},
        {"alta,,registro", 0, NULL},
        {"alta registro", 0, NULL},
        {"Alta", 0, NULL},
        {"alt", 0, NULL},
        {"altas", 0, NULL},
        {"todo", 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        unsigned bits = 0xFFFF;
        char back[SCOPES_SIZE];
        enum cc_err err = scopes_parse(rows[i].text, &bits);
        if (err != (rows[i].bits ? CC_OK : CC_ERR_SCOPE_UNKNOWN) ||
            bits != (rows[i].bits ? rows[i].bits : 0xFFFF))
            fail_msg("\"%s\": %s, %x", rows[i].text, err_token(err), bits);
        if (err != CC_OK)
            continue;
        scopes_format(bits, back);
        assert_string_equal(back, rows[i].back);
    }
}

struct seen {
    struct client clients[4];
    size_t count, stop_after;
};

static bool note(const struct client *client, void *user)
{
    struct seen *seen = user;
    seen->clients[seen->count++] = *client;
    return seen->count < seen->stop_after;
}

static void test_create_and_list(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char token[2][CLIENT_TOKEN_SIZE];
    uint8_t tag[SECRET_TAG_BYTES];
    int64_t id = 0;
    struct seen seen = {.stop_after = 4};
    assert_ok(clients_create(store, "sede", SCOPE_SOLICITAR, 0, T0, token[0], &id));
    assert_int_equal(id, 1);
    assert_ok(
        clients_create(store, "  Mesa   de Núria ", SCOPE_ADMIN, T0 + DAY, T0 + 1, token[1], &id));
    assert_string_not_equal(token[0], token[1]);
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(strlen(token[i]), 46);
        assert_memory_equal(token[i], "cc_", 3);
        assert_int_equal(strspn(token[i] + 3, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789-_"),
                         43);
    }
    assert_ok(clients_each(store, note, &seen));
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.clients[0].name, "sede");
    assert_int_equal(seen.clients[0].scopes, SCOPE_SOLICITAR);
    assert_int_equal(seen.clients[0].created_ms, T0);
    assert_int_equal(seen.clients[0].expires_ms, 0);
    assert_int_equal(seen.clients[0].revoked_ms, 0);
    assert_string_equal(seen.clients[1].name, "Mesa de Núria");
    assert_int_equal(seen.clients[1].expires_ms, T0 + DAY);
    for (size_t i = 0; i < 2; ++i) {
        client_token_tag(store, token[i], strlen(token[i]), tag);
        assert_memory_equal(seen.clients[i].token_tag, tag, sizeof tag);
    }
    client_token_tag(store, token[0], strlen(token[0]) - 1, tag);
    assert_memory_not_equal(seen.clients[0].token_tag, tag, sizeof tag);

    seen = (struct seen){.stop_after = 1};
    assert_ok(clients_each(store, note, &seen));
    assert_int_equal(seen.count, 1);
}

static void test_names(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char longest[CLIENT_NAME_SIZE], too_long[CLIENT_NAME_SIZE + 1];
    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(too_long, 'n', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    const struct {
        const char *name;
        enum cc_err expected;
    } rows[] = {
        {"sede", CC_OK},
        {"sede", CC_ERR_NAME_IN_USE},
        {" sede ", CC_ERR_NAME_IN_USE},
        {"", CC_ERR_NAME_FORMAT},
        {"   ", CC_ERR_NAME_FORMAT},
        {"se\nde", CC_ERR_NAME_FORMAT},
        {"\xFF", CC_ERR_NAME_FORMAT},
        {longest, CC_OK},
        {too_long, CC_ERR_NAME_FORMAT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        char token[CLIENT_TOKEN_SIZE] = "untouched";
        int64_t id = -1;
        enum cc_err err = clients_create(store, rows[i].name, SCOPE_ALTA, 0, T0, token, &id);
        if (err != rows[i].expected)
            fail_msg("row %zu: %s", i, err_token(err));
        if (err != CC_OK && (strcmp(token, "untouched") != 0 || id != -1))
            fail_msg("row %zu: gave a token", i);
    }
}

static void test_revoke(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char token[CLIENT_TOKEN_SIZE];
    int64_t id = 0;
    struct seen seen = {.stop_after = 4};
    assert_int_equal(clients_revoke(store, "sede", T0), CC_ERR_NOT_FOUND);
    assert_int_equal(clients_revoke(store, "", T0), CC_ERR_NOT_FOUND);
    assert_ok(clients_create(store, "sede", SCOPE_ALTA, 0, T0, token, &id));
    assert_ok(clients_revoke(store, " sede", T0 + 5));
    assert_int_equal(clients_revoke(store, "sede", T0 + 6), CC_ERR_NOT_FOUND);
    assert_ok(clients_create(store, "sede", SCOPE_ALTA, 0, T0 + 7, token, &id)); /* free again */
    assert_ok(clients_each(store, note, &seen));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.clients[0].revoked_ms, T0 + 5);
    assert_int_equal(seen.clients[1].revoked_ms, 0);
}

static void test_what_changes_of_a_client(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char first[CLIENT_TOKEN_SIZE], second[CLIENT_TOKEN_SIZE];
    uint8_t tag[SECRET_TAG_BYTES];
    int64_t id = 0;
    struct client client, again;
    assert_int_equal(clients_find(store, "sede", &client), CC_ERR_NOT_FOUND);
    assert_ok(clients_create(store, "sede", SCOPE_ALTA, T0 + DAY, T0, first, &id));
    assert_ok(clients_find(store, " sede ", &client));
    assert_string_equal(client.networks, "");
    memcpy(client.old_token_tag, client.token_tag, sizeof client.token_tag);
    client_draw_token(store, &client, second);
    (void)snprintf(client.networks, sizeof client.networks, "192.0.2.0/24");
    (void)snprintf(client.certificates, sizeof client.certificates, "autoridad");
    client.expires_ms = 0;
    client.old_ends_ms = T0 + 1;
    client.used_ms = T0 + 2;
    client.token_used_ms = T0 + 3;
    assert_ok(clients_save(store, &client));
    assert_ok(clients_find(store, "sede", &again));
    client_token_tag(store, first, strlen(first), tag);
    assert_memory_equal(again.old_token_tag, tag, sizeof tag);
    client_token_tag(store, second, strlen(second), tag);
    assert_memory_equal(again.token_tag, tag, sizeof tag);
    assert_string_equal(again.networks, "192.0.2.0/24");
    assert_string_equal(again.certificates, "autoridad");
    assert_true(again.expires_ms == 0 && again.old_ends_ms == T0 + 1 && again.used_ms == T0 + 2 &&
                again.token_used_ms == T0 + 3 && again.scopes == SCOPE_ALTA && again.id == id);
    assert_ok(db_exec(store->db, "UPDATE clients SET networks = ''"));
    assert_int_equal(clients_find(store, "sede", &again), CC_ERR_ALTERED);
    assert_ok(clients_revoke(store, "sede", T0));
    assert_int_equal(clients_find(store, "sede", &again), CC_ERR_NOT_FOUND);
}

static void test_kept_answers(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t client;
        const char *key, *request;
        int64_t now;
        enum cc_err expected;
    } rows[] = {
        {1, "k", "POST /v1/solicitudes {}", T0, CC_OK},
        {1, "k", "POST /v1/solicitudes {}", T0 + DAY - 1, CC_OK},
        {1, "k", "POST /v1/solicitudes {}", T0 + DAY, CC_ERR_NOT_FOUND},
        {1, "k", "POST /v1/solicitudes { }", T0, CC_ERR_IDEMPOTENCY_REUSED},
        {1, "k", "", T0, CC_ERR_IDEMPOTENCY_REUSED},
        {1, "j", "POST /v1/solicitudes {}", T0, CC_ERR_NOT_FOUND},
        {2, "k", "POST /v1/solicitudes {}", T0, CC_ERR_NOT_FOUND},
    };
    const char *request = rows[0].request;
    assert_ok(idempotency_keep(store, 1, "k", request, strlen(request), T0, 202, "{\"id\":1}"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        char answer[IDEMPOTENCY_ANSWER_MAX] = "";
        int status = -1;
        enum cc_err err = idempotency_find(store, rows[i].client, rows[i].key, rows[i].request,
                                           strlen(rows[i].request), rows[i].now, &status, answer);
        if (err != rows[i].expected || status != (err == CC_OK ? 202 : -1) ||
            strcmp(answer, err == CC_OK ? "{\"id\":1}" : "") != 0)
            fail_msg("row %zu: %s, %d, %s", i, err_token(err), status, answer);
    }
}

static void test_kept_answer_of_any_length(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static char text[IDEMPOTENCY_ANSWER_MAX + 1], back[IDEMPOTENCY_ANSWER_MAX];
    int status = 0;
    memset(text, 'x', IDEMPOTENCY_ANSWER_MAX);
    assert_int_equal(idempotency_keep(store, 1, "k", "", 0, T0, 200, text), CC_ERR_NO_SPACE);
    text[IDEMPOTENCY_ANSWER_MAX - 1] = '\0';
    assert_ok(idempotency_keep(store, 1, "k", "", 0, T0, 200, text));
    assert_ok(idempotency_find(store, 1, "k", "", 0, T0, &status, back));
    assert_string_equal(back, text);
    assert_ok(idempotency_keep(store, 1, "e", "", 0, T0, 204, ""));
    assert_ok(idempotency_find(store, 1, "e", "", 0, T0, &status, back));
    assert_string_equal(back, "");
    assert_int_equal(status, 204);
}

static void test_key_can_be_used_again_next_day(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char back[IDEMPOTENCY_ANSWER_MAX];
    int status = 0;
    assert_ok(idempotency_keep(store, 1, "k", "a", 1, T0, 200, "one"));
    assert_ok(idempotency_keep(store, 1, "k", "b", 1, T0 + DAY, 201, "two")); /* not swept yet */
    assert_ok(idempotency_find(store, 1, "k", "b", 1, T0 + DAY, &status, back));
    assert_string_equal(back, "two");
    assert_int_equal(status, 201);
    assert_ok(idempotency_sweep(store, T0 + 2 * DAY - 1));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM idempotency"), 1);
    assert_ok(idempotency_sweep(store, T0 + 2 * DAY));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM idempotency"), 0);
}

static void test_spoilt_answer(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    char back[IDEMPOTENCY_ANSWER_MAX];
    int status = 0;
    assert_ok(idempotency_keep(store, 1, "k", "a", 1, T0, 200, "one"));
    assert_ok(exec_sql(store, "UPDATE idempotency SET answer = x'00'"));
    assert_int_equal(idempotency_find(store, 1, "k", "a", 1, T0, &status, back), CC_ERR_CORRUPT);
}

static void test_pin_is_tried_once(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *iccid, *pin;
        bool tried;
    } rows[] = {{"8934071", "1234", true},
                {"8934071", "1235", false},
                {"8934072", "1234", false},
                {"89340711", "234", false}};
    assert_ok(simpin_trying(&f->store, "8934071", "1234", T0));
    assert_ok(simpin_trying(&f->store, "8934071", "1234", T0 + 1));
    fixture_reopen(f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        bool tried = !rows[i].tried;
        assert_ok(simpin_was_tried(&f->store, rows[i].iccid, rows[i].pin, &tried));
        if (tried != rows[i].tried)
            fail_msg("row %zu", i);
    }
    bool tried = true;
    assert_ok(simpin_worked(&f->store, "8934071", "1234"));
    assert_ok(simpin_worked(&f->store, "8934071", "9999")); /* never tried: nothing to forget */
    assert_ok(simpin_was_tried(&f->store, "8934071", "1234", &tried));
    assert_false(tried);
}

/* The try must survive whatever becomes of the turn that it happened in. */
static void test_pin_is_durable_inside_a_turn(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    bool tried = false;
    assert_ok(db_begin(store->db));
    assert_ok(simpin_trying(store, "8934071", "1234", T0));
    (void)add_citizen(store, "12345678Z", "+34600123123");
    db_rollback(store->db);
    assert_ok(simpin_was_tried(store, "8934071", "1234", &tried));
    assert_true(tried);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM citizens"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scopes),
        fixture_test(test_create_and_list),
        fixture_test(test_names),
        fixture_test(test_revoke),
        fixture_test(test_what_changes_of_a_client),
        fixture_test(test_kept_answers),
        fixture_test(test_kept_answer_of_any_length),
        fixture_test(test_key_can_be_used_again_next_day),
        fixture_test(test_spoilt_answer),
        fixture_test(test_pin_is_tried_once),
        fixture_test(test_pin_is_durable_inside_a_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
