/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists of online altas: what waits for a clerk is found without passing what was decided. */
#include "tests/unit/test_store_fixture.h"

#include "store/applications.h"
#include "store/sqlite/private.h"

enum { DECIDED = 2000, PENDING = 5, STEPS_A_LOOK = 100, LOOKS_MAX = 20 };

static void add(struct store *store, enum application_state state, int64_t *ret_id)
{
    static const struct address_keys nowhere = {"", ""};
    struct application application = {.state = state, .created_ms = T0};
    secret_random(application.public_id, sizeof(application.public_id));
    assert_ok(applications_insert(store, &application, &nowhere, ret_id));
}

struct seen {
    int64_t ids[PENDING];
    size_t count;
};

static void see(const struct application *application, void *user)
{
    struct seen *seen = user;
    assert_true(seen->count < PENDING);
    seen->ids[seen->count++] = application->id;
}

static int on_look(void *user)
{
    ++*(int *)user;
    return 0;
}

static void test_a_list_passes_no_others(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct seen seen = {0};
    int64_t pending[PENDING], id = 0;
    int looks = 0;
    sqlite3 *file = fixture_server() == NULL ? sqlite_handle(store->db) : NULL;
    assert_ok(db_begin(store->db));
    for (size_t i = 0; i < PENDING; i++) {
        add(store, APPLICATION_PENDING, &pending[i]);
        for (int n = 0; n < DECIDED / PENDING; n++)
            add(store, APPLICATION_ACCEPTED, &id);
    }
    if (file != NULL)
        sqlite3_progress_handler(file, STEPS_A_LOOK, on_look, &looks);
    assert_ok(applications_each(store, APPLICATION_PENDING, 0, 2, see, &seen));
    assert_ok(applications_each(store, APPLICATION_PENDING, pending[1], 50, see, &seen));
    if (file != NULL)
        sqlite3_progress_handler(file, 0, NULL, NULL);
    assert_int_equal(seen.count, PENDING);
    assert_memory_equal(seen.ids, pending, sizeof(pending));
    if (looks > LOOKS_MAX)
        fail_msg("%d steps", looks * STEPS_A_LOOK);
    seen.count = 0;
    assert_ok(applications_each(store, APPLICATION_STATES, pending[0], 3, see, &seen));
    assert_int_equal(seen.ids[2], pending[0] + 3);
}

/* A password, and documents, each with and without the other. */
static void test_what_is_sealed(void **state)
{
    static const struct address_keys nowhere = {"", ""};
    struct store *store = &((struct fixture *)*state)->store;
    for (size_t documents = 0; documents <= DOCUMENTS_MAX; documents++) {
        for (int has_password = 0; has_password < 2; has_password++) {
            struct application application = {.created_ms = T0, .document_count = documents};
            struct application found = {.id = 0};
            secret_random(application.public_id, sizeof(application.public_id));
            for (size_t i = 0; i < documents; i++) {
                application.documents[i].size = 100 + (int64_t)i;
                secret_random(application.documents[i].key, SEALED_FILE_KEY_BYTES);
            }
            if (has_password)
                (void)snprintf(application.secret_hash, sizeof(application.secret_hash), "$argon2");
            assert_ok(applications_insert(store, &application, &nowhere, &application.id));
            assert_ok(applications_find(store, application.public_id, &found));
            assert_string_equal(found.secret_hash, application.secret_hash);
            assert_int_equal(found.document_count, documents);
            for (size_t i = 0; i < documents; i++)
                assert_memory_equal(found.documents[i].key, application.documents[i].key,
                                    SEALED_FILE_KEY_BYTES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {fixture_test(test_a_list_passes_no_others),
                                       fixture_test(test_what_is_sealed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
