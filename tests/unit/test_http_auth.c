/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/auth.h"
#include "test_store_fixture.h"

static int64_t add_client(struct fixture *f, const char *name, unsigned scopes, int64_t expires_ms,
                          char header[CLIENT_TOKEN_SIZE + 8])
{
    char token[CLIENT_TOKEN_SIZE];
    int64_t id = 0;
    assert_ok(clients_create(&f->store, name, scopes, expires_ms, T0, token, &id));
    (void)snprintf(header, CLIENT_TOKEN_SIZE + 8, "Bearer %s", token);
    return id;
}

static void test_a_caller_is_checked_by_id_at_each_use(void **state)
{
    struct fixture *f = *state;
    char sede[CLIENT_TOKEN_SIZE + 8], other[CLIENT_TOKEN_SIZE + 8];
    struct auth *auth = NULL;
    int64_t id = add_client(f, "sede", SCOPE_SOLICITAR, T0 + HOUR, sede);
    int64_t admin = add_client(f, "otra", SCOPE_ADMIN, 0, other);
    assert_ok(auth_new(&f->store, &auth));
    assert_int_equal(auth_find(auth, sede, T0)->id, id);
    assert_null(auth_find(auth, sede, T0 + HOUR));
    assert_null(auth_find(auth, NULL, T0));
    assert_ok(auth_check(auth, id, SCOPE_SOLICITAR, T0 + HOUR - 1));
    assert_int_equal(auth_check(auth, id, SCOPE_SOLICITAR, T0 + HOUR), CC_ERR_UNAUTHENTICATED);
    assert_int_equal(auth_check(auth, id, SCOPE_VERIFICAR, T0), CC_ERR_FORBIDDEN);
    assert_ok(auth_check(auth, admin, SCOPE_VERIFICAR, T0 + DAY));
    assert_ok(db_exec(f->store.db, "DELETE FROM clients WHERE name = 'otra'"));
    assert_ok(clients_revoke(&f->store, "sede", T0));
    assert_ok(auth_check(auth, id, SCOPE_SOLICITAR, T0)); /* the list is read by auth_reload() */
    assert_ok(auth_reload(auth));
    assert_int_equal(auth_check(auth, id, SCOPE_SOLICITAR, T0), CC_ERR_UNAUTHENTICATED);
    assert_int_equal(auth_check(auth, admin, SCOPE_ADMIN, T0), CC_ERR_UNAUTHENTICATED);
    assert_null(auth_find(auth, sede, T0));
    auth_free(auth);
}

static void test_a_bucket_survives_a_reload_and_a_revoked_client_has_none(void **state)
{
    struct fixture *f = *state;
    const struct limits limits = {.client_per_second = 1, .client_burst = 2};
    char sede[CLIENT_TOKEN_SIZE + 8], other[CLIENT_TOKEN_SIZE + 8];
    struct auth *auth = NULL;
    int64_t wait_s = 0, id = add_client(f, "sede", SCOPE_SOLICITAR, 0, sede);
    assert_ok(auth_new(&f->store, &auth));
    assert_ok(auth_take(auth, id, &limits, 1000, &wait_s));
    assert_ok(auth_take(auth, id, &limits, 1000, &wait_s));
    for (int i = 0; i < 40; i++)
        (void)add_client(f, (char[]){'a', (char)('0' + i), '\0'}, SCOPE_ALTA, 0, other);
    assert_ok(auth_reload(auth));
    assert_int_equal(auth_take(auth, id, &limits, 1000, &wait_s), CC_ERR_RATE_LIMITED);
    assert_int_equal(wait_s, 1);
    auth_return(auth, id);
    assert_ok(auth_take(auth, id, &limits, 1000, &wait_s));
    assert_ok(clients_revoke(&f->store, "sede", T0));
    assert_ok(auth_reload(auth));
    auth_return(auth, id);
    assert_int_equal(auth_take(auth, id, &limits, 1000, &wait_s), CC_ERR_UNAUTHENTICATED);
    auth_free(auth);
}

static void test_a_failed_reload_is_repeated_before_anybody_is_served(void **state)
{
    struct fixture *f = *state;
    char sede[CLIENT_TOKEN_SIZE + 8];
    struct auth *auth = NULL;
    (void)add_client(f, "sede", SCOPE_SOLICITAR, 0, sede);
    assert_ok(auth_new(&f->store, &auth));
    assert_ok(clients_revoke(&f->store, "sede", T0));
    assert_ok(db_exec(f->store.db, "ALTER TABLE clients RENAME TO gone"));
    assert_int_equal(auth_reload(auth), CC_ERR_DB);
    assert_int_equal(auth_current(auth), CC_ERR_DB);
    assert_ok(db_exec(f->store.db, "ALTER TABLE gone RENAME TO clients"));
    assert_ok(auth_current(auth));
    assert_null(auth_find(auth, sede, T0));
    auth_free(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_a_caller_is_checked_by_id_at_each_use),
        fixture_test(test_a_bucket_survives_a_reload_and_a_revoked_client_has_none),
        fixture_test(test_a_failed_reload_is_repeated_before_anybody_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
