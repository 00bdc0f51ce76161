/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/secret_old.h"
#include "service/access.h"
#include "service/service.h"
#include "test_store_fixture.h"

static int64_t add_client(struct fixture *f, const char *name, unsigned scopes, int64_t expires_ms,
                          char token[CLIENT_TOKEN_SIZE])
{
    int64_t id = 0;
    assert_ok(clients_create(&f->store, name, scopes, expires_ms, T0, token, &id));
    return id;
}

static struct caller identify(struct access *access, const char *token)
{
    struct caller caller = {0};
    assert_ok(access_find_client(access, token, strlen(token), T0, &caller));
    return caller;
}

/* The id of the client that the token is found to be; 0 if it is refused. */
static int64_t find(struct access *access, const char *token, int64_t now_ms)
{
    struct caller caller = {0};
    enum cc_err err = access_find_client(access, token, strlen(token), now_ms, &caller);
    assert_int_equal(err, caller.id != 0 ? CC_OK : CC_ERR_UNAUTHENTICATED);
    return caller.id;
}

static void test_a_caller_is_checked_at_each_use(void **state)
{
    struct fixture *f = *state;
    char sede[CLIENT_TOKEN_SIZE], other[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    int64_t id = add_client(f, "sede", SCOPE_SOLICITAR, T0 + HOUR, sede);
    (void)add_client(f, "otra", SCOPE_ADMIN, 0, other);
    assert_ok(access_new(&f->store, &access));
    const struct caller caller = identify(access, sede), boss = identify(access, other);
    assert_int_equal(find(access, sede, T0), id);
    assert_int_equal(find(access, sede, T0 + HOUR), 0);
    assert_int_equal(find(access, "", T0), 0);
    assert_ok(access_check_client(access, &caller, SCOPE_SOLICITAR, T0 + HOUR - 1));
    assert_int_equal(access_check_client(access, &caller, SCOPE_SOLICITAR, T0 + HOUR),
                     CC_ERR_UNAUTHENTICATED);
    assert_int_equal(access_check_client(access, &caller, SCOPE_VERIFICAR, T0), CC_ERR_FORBIDDEN);
    assert_ok(access_check_client(access, &caller, 0, T0));
    assert_ok(access_check_client(access, &boss, SCOPE_VERIFICAR, T0 + DAY));
    assert_ok(db_exec(f->store.db, "DELETE FROM clients WHERE name = 'otra'"));
    assert_ok(clients_revoke(&f->store, "sede", T0));
    if (!db_is_shared(f->store.db)) /* the list is read by access_reload() */
        assert_ok(access_check_client(access, &caller, SCOPE_SOLICITAR, T0));
    assert_ok(access_reload(access));
    assert_int_equal(access_check_client(access, &caller, SCOPE_SOLICITAR, T0),
                     CC_ERR_UNAUTHENTICATED);
    assert_int_equal(access_check_client(access, &boss, SCOPE_ADMIN, T0), CC_ERR_UNAUTHENTICATED);
    assert_int_equal(find(access, sede, T0), 0);
    access_free(access);
}

/* By the tag of the token that it came with, which another master key makes into the next one. */
static void test_a_caller_is_checked_by_token_too(void **state)
{
    struct fixture *f = *state;
    char token[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    struct client client;
    (void)add_client(f, "sede", SCOPE_SOLICITAR, 0, token);
    assert_ok(access_new(&f->store, &access));
    const struct caller caller = identify(access, token);
    assert_ok(access_check_client(access, &caller, 0, T0));
    assert_ok(clients_find(&f->store, "sede", &client));
    secret_next_tag(f->store.keys, SECRET_USE_TOKEN, client.token_tag, client.token_tag);
    assert_ok(clients_save(&f->store, &client));
    assert_ok(access_reload(access));
    assert_ok(access_check_client(access, &caller, 0, T0));
    memcpy(client.old_token_tag, caller.token_tag, sizeof(caller.token_tag));
    client.old_ends_ms = T0 + DAY;
    client.token_tag[0] ^= 1;
    assert_ok(clients_save(&f->store, &client));
    assert_ok(access_reload(access));
    assert_ok(access_check_client(access, &caller, 0, T0 + DAY - 1));
    assert_int_equal(access_check_client(access, &caller, 0, T0 + DAY), CC_ERR_UNAUTHENTICATED);
    access_free(access);
}

/* Another box may have given the client a new token, which this one has not seen. */
static void test_a_use_is_of_the_token_that_was_used(void **state)
{
    struct fixture *f = *state;
    char token[CLIENT_TOKEN_SIZE], newest[CLIENT_TOKEN_SIZE];
    static struct service service;
    struct client client;
    service = (struct service){.loop = loop_new(), .store = &f->store};
    int64_t id = add_client(f, "sede", SCOPE_SOLICITAR, 0, token);
    service.turn = turn_new(service.loop, &f->store);
    assert_ok(access_new(&f->store, &service.access));
    assert_int_equal(find(service.access, token, T0), id);
    for (int is_stale = 0; is_stale <= 1; is_stale++) {
        access_touch_client(&service, id, T0 + (is_stale + 1) * HOUR);
        turn_flush(service.turn);
        assert_ok(clients_find(&f->store, "sede", &client));
        assert_int_equal(client.used_ms, T0 + (is_stale + 1) * HOUR);
        assert_int_equal(client.token_used_ms, is_stale ? 0 : T0 + HOUR);
        client.token_used_ms = 0;
        client_draw_token(&f->store, &client, newest);
        assert_ok(clients_save(&f->store, &client));
    }
    access_free(service.access);
    turn_free(service.turn);
    loop_free(service.loop);
}

static void assert_ends(const struct access *access, enum access_credential of, int64_t from_ms,
                        int64_t to_ms, const char *names, int64_t first_ms)
{
    char storage[80];
    struct buf b;
    buf_init(&b, storage, sizeof(storage));
    assert_int_equal(access_list_ends(access, of, from_ms, to_ms, &b), first_ms);
    assert_string_equal(buf_cstr(&b), names);
}

static void test_what_ends_soon_is_listed(void **state)
{
    struct fixture *f = *state;
    char token[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    (void)add_client(f, "nunca", SCOPE_SOLICITAR, 0, token);
    (void)add_client(f, "luego", SCOPE_SOLICITAR, T0 + 2 * DAY, token);
    int64_t sede = add_client(f, "sede", SCOPE_SOLICITAR, T0 + DAY, token);
    (void)add_client(f, "revocada", SCOPE_SOLICITAR, T0 + HOUR, token);
    assert_ok(clients_revoke(&f->store, "revocada", T0));
    assert_ok(access_new(&f->store, &access));
    assert_ends(access, ACCESS_TOKEN, T0, T0 + 3 * DAY, "luego, sede", T0 + DAY);
    assert_ends(access, ACCESS_TOKEN, T0, T0 + 2 * DAY, "sede", T0 + DAY);
    assert_ends(access, ACCESS_TOKEN, T0 + DAY + 1, T0 + 2 * DAY, "", 0);
    assert_ends(access, ACCESS_CERTIFICATE, 0, INT64_MAX, "", 0);
    access_note_certificate(access, sede, T0 + HOUR);
    access_note_certificate(access, 12345, T0 + HOUR);
    assert_ok(access_reload(access));
    assert_ends(access, ACCESS_CERTIFICATE, 0, INT64_MAX, "sede", T0 + HOUR);
    assert_int_equal(access_ends_ms(access, sede, ACCESS_CERTIFICATE), T0 + HOUR);
    for (int i = 0; i < 20; i++) {
        char name[CLIENT_NAME_SIZE];
        (void)snprintf(name, sizeof(name), "un-cliente-con-nombre-%d", i);
        (void)add_client(f, name, SCOPE_SOLICITAR, T0 + 2 * DAY, token);
    }
    assert_ok(access_reload(access));
    assert_ends(access, ACCESS_TOKEN, T0, T0 + 3 * DAY,
                "luego, sede, un-cliente-con-nombre-0, un-cliente-con-nombre-1, …", T0 + DAY);
    access_free(access);
}

static void test_a_bucket_survives_a_reload_and_a_revoked_client_has_none(void **state)
{
    struct fixture *f = *state;
    const struct limits limits = {.client = {.per_second = 1, .burst = 2}};
    char sede[CLIENT_TOKEN_SIZE], other[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    int64_t wait_s = 0, id = add_client(f, "sede", SCOPE_SOLICITAR, 0, sede);
    assert_ok(access_new(&f->store, &access));
    assert_ok(access_take(access, id, &limits, 1000, &wait_s));
    assert_ok(access_take(access, id, &limits, 1000, &wait_s));
    for (int i = 0; i < 40; i++)
        (void)add_client(f, (char[]){'a', (char)('0' + i), '\0'}, SCOPE_ALTA, 0, other);
    assert_ok(access_reload(access));
    assert_int_equal(access_take(access, id, &limits, 1000, &wait_s), CC_ERR_RATE_LIMITED);
    assert_int_equal(wait_s, 1);
    access_return(access, id);
    assert_ok(access_take(access, id, &limits, 1000, &wait_s));
    assert_ok(clients_revoke(&f->store, "sede", T0));
    assert_ok(access_reload(access));
    access_return(access, id);
    assert_int_equal(access_take(access, id, &limits, 1000, &wait_s), CC_ERR_UNAUTHENTICATED);
    access_free(access);
}

static void test_a_failed_reload_is_repeated_before_anybody_is_served(void **state)
{
    struct fixture *f = *state;
    char sede[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    (void)add_client(f, "sede", SCOPE_SOLICITAR, 0, sede);
    assert_ok(access_new(&f->store, &access));
    assert_ok(clients_revoke(&f->store, "sede", T0));
    assert_ok(db_exec(f->store.db, "ALTER TABLE clients RENAME TO gone"));
    assert_int_equal(access_reload(access), CC_ERR_DB);
    struct caller caller = {.id = 1};
    assert_int_equal(access_find_client(access, sede, strlen(sede), T0, &caller), CC_ERR_DB);
    assert_int_equal(access_check_client(access, &caller, SCOPE_SOLICITAR, T0), CC_ERR_DB);
    assert_ok(db_exec(f->store.db, "ALTER TABLE gone RENAME TO clients"));
    assert_int_equal(find(access, sede, T0), 0);
    access_free(access);
}

/* Writes a second token for the client; the first is then the one of before, until that instant. */
static void add_token(struct fixture *f, int64_t old_ends_ms, char token[CLIENT_TOKEN_SIZE])
{
    struct client client;
    assert_ok(clients_find(&f->store, "sede", &client));
    memcpy(client.old_token_tag, client.token_tag, sizeof(client.old_token_tag));
    client.old_ends_ms = old_ends_ms;
    client.token_used_ms = 0;
    client_draw_token(&f->store, &client, token);
    assert_ok(clients_save(&f->store, &client));
}

static void test_two_tokens_for_a_while(void **state)
{
    struct fixture *f = *state;
    char first[CLIENT_TOKEN_SIZE], second[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    int64_t id = add_client(f, "sede", SCOPE_SOLICITAR, 0, first);
    add_token(f, T0 + DAY, second);
    assert_ok(access_new(&f->store, &access));
    assert_int_equal(find(access, first, T0 + DAY - 1), id);
    assert_int_equal(find(access, first, T0 + DAY), 0);
    assert_int_equal(find(access, second, T0 + DAY), id);
    access_free(access);
}

static void test_uses_are_written_now_and_then(void **state)
{
    struct fixture *f = *state;
    char first[CLIENT_TOKEN_SIZE], second[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    int64_t id = add_client(f, "sede", SCOPE_SOLICITAR, 0, first);
    add_token(f, T0 + DAY, second);
    assert_ok(access_new(&f->store, &access));
    assert_int_equal(find(access, first, T0), id);
    const struct client *used = access_note_use(access, id, T0);
    assert_true(used != NULL && used->used_ms == T0 && used->token_used_ms == 0);
    assert_null(access_note_use(access, id, T0 + CLIENT_TOUCH_MS - 1));
    assert_non_null(access_note_use(access, id, T0 + CLIENT_TOUCH_MS));
    assert_non_null(access_note_use(access, id, T0)); /* the clock was set back */
    assert_int_equal(find(access, second, T0 + 1), id);
    used = access_note_use(access, id, T0 + 1);
    assert_true(used != NULL && used->token_used_ms == T0 + 1);
    assert_null(access_note_use(access, id, T0 + 2));
    assert_null(access_note_use(access, id + 1, T0 + DAY));
    access_free(access);
}

static void test_networks(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *networks, *address;
        bool is_good;
    } rows[] = {
        {"", "192.0.2.1", true},
        {"", "", true},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/24, 2001:db8::/32", "2001:db8:1::1", true},
        {"192.0.2.0/24, 2001:db8::/32", "2001:db9::1", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "::ffff:192.0.2.7", true},
        {"192.0.2.7", "", false},
        {"192.0.2.7", "unknown", false},
        {"0.0.0.0/0", "2001:db8::1", false},
    };
    char token[CLIENT_TOKEN_SIZE];
    struct access *access = NULL;
    struct client client;
    int64_t id = add_client(f, "sede", SCOPE_SOLICITAR, 0, token);
    assert_ok(access_new(&f->store, &access));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(clients_find(&f->store, "sede", &client));
        (void)snprintf(client.networks, sizeof(client.networks), "%s", rows[i].networks);
        assert_ok(clients_save(&f->store, &client));
        assert_ok(access_reload(access));
        enum cc_err err = access_check_network(access, id, rows[i].address, 1);
        if (err != (rows[i].is_good ? CC_OK : CC_ERR_CLIENT_NETWORK))
            fail_msg("%s in %s: %s", rows[i].address, rows[i].networks, err_token(err));
    }
    assert_int_equal(access_check_network(access, id + 1, "192.0.2.7", 1), CC_ERR_UNAUTHENTICATED);
    access_free(access);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_a_caller_is_checked_at_each_use),
        fixture_test(test_a_caller_is_checked_by_token_too),
        fixture_test(test_a_use_is_of_the_token_that_was_used),
        fixture_test(test_what_ends_soon_is_listed),
        fixture_test(test_a_bucket_survives_a_reload_and_a_revoked_client_has_none),
        fixture_test(test_a_failed_reload_is_repeated_before_anybody_is_served),
        fixture_test(test_two_tokens_for_a_while),
        fixture_test(test_uses_are_written_now_and_then),
        fixture_test(test_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
