/* SPDX-License-Identifier: EUPL-1.2 */
/* Operators and their sessions: what is found, what ends, and what a changed row is worth. */
#include "tests/unit/test_store_fixture.h"

#include "store/operators.h"
#include "store/sessions.h"

static struct operator_row make_operator(const char *name, enum role role)
{
    struct operator_row row = {.role = role, .language = "eu"};
    (void)snprintf(row.name, sizeof(row.name), "%s", name);
    (void)snprintf(row.hash, sizeof(row.hash), "hash of %s", name);
    return row;
}

static int64_t add_operator(struct store *store, const char *name, enum role role)
{
    struct operator_row row = make_operator(name, role);
    assert_ok(operators_insert(store, &row, T0));
    return row.id;
}

/* Changes what no function of the store would. */
static void run_sql(struct store *store, const char *sql)
{
    assert_ok(exec_sql(store, sql));
}

/* ---- operators --------------------------------------------------------------------------------*/

static void test_names(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        enum cc_err err;
        const char *kept;
    } rows[] = {
        {"Begoña", CC_OK, "Begoña"},
        {"  Ana   María ", CC_OK, "Ana María"},
        {"BEGOÑA", CC_ERR_OPERATOR_EXISTS, NULL},
        {"begona", CC_ERR_OPERATOR_EXISTS, NULL},
        {"ana maria", CC_ERR_OPERATOR_EXISTS, NULL},
        {"", CC_ERR_NAME_FORMAT, NULL},
        {"   ", CC_ERR_NAME_FORMAT, NULL},
        {"..", CC_ERR_NAME_FORMAT, NULL},
        {"a\nb", CC_ERR_NAME_FORMAT, NULL},
        {"\xff", CC_ERR_NAME_FORMAT, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct operator_row row = make_operator(rows[i].name, ROLE_LECTOR), found;
        enum cc_err err = operators_insert(&f->store, &row, T0);
        if (err != rows[i].err)
            fail_msg("\"%s\": %s", rows[i].name, err_token(err));
        if (err != CC_OK)
            continue;
        assert_ok(operators_find(&f->store, rows[i].kept, &found));
        assert_string_equal(found.name, rows[i].kept);
        assert_int_equal(found.id, row.id);
    }
}

static void test_an_operator_comes_back_whole(void **state)
{
    struct fixture *f = *state;
    struct operator_row row = make_operator("Begoña", ROLE_SUPERVISOR), found;
    assert_ok(operators_insert(&f->store, &row, T0));
    fixture_reopen(f);
    assert_ok(operators_find(&f->store, "BEGOÑA", &found));
    assert_int_equal(found.role, ROLE_SUPERVISOR);
    assert_true(found.is_active);
    assert_string_equal(found.hash, "hash of Begoña");
    assert_string_equal(found.language, "eu");
    assert_int_equal(found.totp_state, TOTP_NONE);
    assert_int_equal(found.created_ms, T0);
    found.role = ROLE_TECNICO;
    found.is_active = false;
    found.totp_state = TOTP_ACTIVE;
    found.totp_step = 7;
    memset(found.totp, 0x5A, sizeof(found.totp));
    memset(found.codes[OPERATOR_CODES - 1], 0xA5, SECRET_TAG_BYTES);
    (void)snprintf(found.hash, sizeof(found.hash), "another");
    assert_ok(operators_update(&f->store, &found, T0 + 1));
    fixture_reopen(f);
    struct operator_row again;
    assert_ok(operators_find_id(&f->store, row.id, &again));
    assert_int_equal(again.changed_ms, T0 + 1);
    again.changed_ms = found.changed_ms;
    assert_int_equal(again.role, ROLE_TECNICO);
    assert_false(again.is_active);
    assert_string_equal(again.hash, "another");
    assert_int_equal(again.totp_step, 7);
    assert_memory_equal(again.totp, found.totp, sizeof(found.totp));
    assert_memory_equal(again.codes, found.codes, sizeof(found.codes));
    assert_int_equal(operators_find(&f->store, "nadie", &again), CC_ERR_NOT_FOUND);
    assert_int_equal(operators_find_id(&f->store, row.id + 1, &again), CC_ERR_NOT_FOUND);
}

static void test_secrets_are_not_on_the_disk(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char hash[] = "$argon2id$v=19$canary";
    char token[SESSION_TOKEN_SIZE], setup[SETUP_TOKEN_SIZE];
    struct operator_row row = make_operator("Begoña", ROLE_LECTOR);
    int64_t id = 0;
    (void)snprintf(row.hash, sizeof(row.hash), "%s", hash);
    assert_ok(operators_insert(&f->store, &row, T0));
    char address[SESSION_ADDRESS_SIZE + 2] = "";
    memset(address, 'a', sizeof(address) - 1);
    assert_int_equal(sessions_create(&f->store, row.id, address, T0, token, &id), CC_ERR_NO_SPACE);
    assert_ok(sessions_create(&f->store, row.id, "192.0.2.77", T0, token, &id));
    assert_ok(operators_make_setup(&f->store, T0 + HOUR, setup));
    store_close(&f->store);
    static char bytes[1 << 20];
    FILE *file = fopen(f->db_path, "r");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    assert_in_range(len, 1, sizeof(bytes) - 1);
    const char *const canaries[] = {hash, token, setup, "192.0.2.77"};
    for (size_t i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++)
        if (memmem(bytes, len, canaries[i], strlen(canaries[i])) != NULL)
            fail_msg("canary %zu is in the file", i);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
}

static void test_a_changed_operator_is_not_believed(void **state)
{
    struct fixture *f = *state;
    static const char *const changes[] = {
        "UPDATE operators SET role = role + 1",  "UPDATE operators SET active = 1 - active",
        "UPDATE operators SET password = x'00'", "UPDATE operators SET codes = x'00'",
        "UPDATE operators SET totp_step = 9",    "UPDATE operators SET row_tag = NULL",
    };
    struct operator_row found;
    int64_t active = -1, admins = -1;
    int64_t id = add_operator(&f->store, "uno", ROLE_LECTOR);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        run_sql(&f->store, "BEGIN");
        run_sql(&f->store, changes[i]);
        enum cc_err err = operators_find(&f->store, "uno", &found);
        if (err != CC_ERR_ALTERED)
            fail_msg("%s: %s", changes[i], err_token(err));
        assert_int_equal(operators_find_id(&f->store, id, &found), CC_ERR_ALTERED);
        assert_ok(operators_count(&f->store, &active, &admins));
        assert_int_equal(active, 0);
        run_sql(&f->store, "ROLLBACK");
    }
    assert_ok(operators_find(&f->store, "uno", &found));
}

static bool stop_at_two(const struct operator_row *row, void *user)
{
    unsigned *count = user;
    assert_true(row->name[0] != '\0' && row->hash[0] == '\0');
    return ++*count < 2;
}

static void test_count_and_list(void **state)
{
    struct fixture *f = *state;
    int64_t active = -1, admins = -1;
    unsigned count = 0;
    struct operator_row found;
    assert_ok(operators_count(&f->store, &active, &admins));
    assert_int_equal(active + admins, 0);
    (void)add_operator(&f->store, "uno", ROLE_ADMINISTRADOR);
    (void)add_operator(&f->store, "dos", ROLE_LECTOR);
    (void)add_operator(&f->store, "tres", ROLE_ADMINISTRADOR);
    assert_ok(operators_find(&f->store, "tres", &found));
    found.is_active = false;
    assert_ok(operators_update(&f->store, &found, T0));
    assert_ok(operators_count(&f->store, &active, &admins));
    assert_int_equal(active, 2);
    assert_int_equal(admins, 1);
    assert_ok(operators_each(&f->store, stop_at_two, &count));
    assert_int_equal(count, 2);
}

static void test_there_is_an_end_to_operators(void **state)
{
    struct fixture *f = *state;
    struct operator_row row;
    char name[16];
    assert_ok(db_begin(f->store.db));
    for (int i = 0; i < OPERATORS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "persona %d", i);
        (void)add_operator(&f->store, name, ROLE_LECTOR);
    }
    row = make_operator("una más", ROLE_LECTOR);
    assert_int_equal(operators_insert(&f->store, &row, T0), CC_ERR_TOO_MANY);
    assert_ok(db_commit(f->store.db));
}

static void test_the_setup_link(void **state)
{
    struct fixture *f = *state;
    char first[SETUP_TOKEN_SIZE], second[SETUP_TOKEN_SIZE];
    assert_int_equal(operators_check_setup(&f->store, "", T0), CC_ERR_SETUP_LINK);
    assert_ok(operators_make_setup(&f->store, T0 + HOUR, first));
    assert_int_equal(strlen(first), SETUP_TOKEN_CHARS);
    assert_ok(operators_check_setup(&f->store, first, T0));
    fixture_reopen(f);
    assert_ok(operators_check_setup(&f->store, first, T0 + HOUR - 1));
    assert_int_equal(operators_check_setup(&f->store, first, T0 + HOUR), CC_ERR_SETUP_LINK);
    assert_ok(operators_make_setup(&f->store, T0 + HOUR, second));
    assert_int_equal(operators_check_setup(&f->store, first, T0), CC_ERR_SETUP_LINK);
    assert_ok(operators_check_setup(&f->store, second, T0));
    run_sql(&f->store, "UPDATE meta SET number = number + 1 WHERE name = 'setup_link'");
    assert_int_equal(operators_check_setup(&f->store, second, T0), CC_ERR_SETUP_LINK);
    assert_ok(operators_make_setup(&f->store, T0 + HOUR, second));
    assert_ok(operators_end_setup(&f->store));
    assert_int_equal(operators_check_setup(&f->store, second, T0), CC_ERR_SETUP_LINK);
}

/* ---- sessions ---------------------------------------------------------------------------------*/

static int64_t open_session(struct store *store, int64_t operator_id, int64_t at_ms,
                            char token[SESSION_TOKEN_SIZE])
{
    int64_t id = 0;
    assert_ok(sessions_create(store, operator_id, "192.0.2.1", at_ms, token, &id));
    return id;
}

static void test_how_long_a_session_lasts(void **state)
{
    static const struct {
        int64_t created_ms, used_ms, now_ms;
        bool is_live;
    } rows[] = {
        {T0, T0, T0, true},
        {T0, T0, T0 + 30 * MINUTE - 1, true},
        {T0, T0, T0 + 30 * MINUTE, false},
        {T0, T0 + 29 * MINUTE, T0 + 58 * MINUTE, true},
        {T0, T0 + 10 * HOUR - MINUTE, T0 + 10 * HOUR - 1, true},
        {T0, T0 + 10 * HOUR - MINUTE, T0 + 10 * HOUR, false},
        {T0, T0, T0 - 1, true}, /* a clock that was corrected by a little */
        {T0, T0, T0 - DAY, false},
        {T0, T0 + DAY, T0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct session session = {.created_ms = rows[i].created_ms,
                                        .used_ms = rows[i].used_ms};
        if (session_is_live(&session, rows[i].now_ms) != rows[i].is_live)
            fail_msg("row %zu", i);
    }
}

static void test_a_session_is_found_by_its_token(void **state)
{
    struct fixture *f = *state;
    char token[SESSION_TOKEN_SIZE], other[SESSION_TOKEN_SIZE];
    struct session found;
    int64_t id = open_session(&f->store, 5, T0, token),
            second = open_session(&f->store, 6, T0, other);
    assert_string_not_equal(token, other);
    fixture_reopen(f);
    assert_ok(sessions_find(&f->store, token, SESSION_TOKEN_CHARS, &found));
    assert_int_equal(found.id, id);
    assert_int_equal(found.operator_id, 5);
    assert_int_equal(found.created_ms, T0);
    assert_ok(sessions_find_id(&f->store, second, &found));
    assert_int_equal(found.operator_id, 6);
    assert_ok(sessions_touch(&f->store, id, T0 + MINUTE));
    assert_ok(sessions_find(&f->store, token, SESSION_TOKEN_CHARS, &found));
    assert_int_equal(found.used_ms, T0 + MINUTE);
    assert_int_equal(sessions_find(&f->store, token, SESSION_TOKEN_CHARS - 1, &found),
                     CC_ERR_UNAUTHENTICATED);
    assert_int_equal(sessions_find(&f->store, "", 0, &found), CC_ERR_UNAUTHENTICATED);
    token[0] = token[0] == 'a' ? 'b' : 'a';
    assert_int_equal(sessions_find(&f->store, token, SESSION_TOKEN_CHARS, &found),
                     CC_ERR_UNAUTHENTICATED);
    assert_int_equal(sessions_find_id(&f->store, 99, &found), CC_ERR_UNAUTHENTICATED);
}

static void test_a_changed_session_is_none(void **state)
{
    struct fixture *f = *state;
    static const char *const changes[] = {
        "UPDATE sessions SET operator_id = operator_id + 1",
        "UPDATE sessions SET used_ms = used_ms + 60000",
        "UPDATE sessions SET created_ms = created_ms + 1",
        "UPDATE sessions SET row_tag = NULL",
    };
    char token[SESSION_TOKEN_SIZE];
    struct session found;
    int64_t id = open_session(&f->store, 5, T0, token);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        run_sql(&f->store, "BEGIN");
        run_sql(&f->store, changes[i]);
        enum cc_err err = sessions_find(&f->store, token, SESSION_TOKEN_CHARS, &found);
        if (err != CC_ERR_UNAUTHENTICATED)
            fail_msg("%s: %s", changes[i], err_token(err));
        assert_int_equal(sessions_find_id(&f->store, id, &found), CC_ERR_UNAUTHENTICATED);
        run_sql(&f->store, "ROLLBACK");
    }
    assert_ok(sessions_find(&f->store, token, SESSION_TOKEN_CHARS, &found));
}

static void test_the_oldest_gives_way(void **state)
{
    struct fixture *f = *state;
    char tokens[SESSIONS_PER_OPERATOR + 2][SESSION_TOKEN_SIZE], other[SESSION_TOKEN_SIZE];
    struct session found;
    (void)open_session(&f->store, 6, T0, other);
    for (int i = 0; i < SESSIONS_PER_OPERATOR + 2; i++)
        (void)open_session(&f->store, 5, T0 + i, tokens[i]);
    for (int i = 0; i < SESSIONS_PER_OPERATOR + 2; i++) {
        enum cc_err err = sessions_find(&f->store, tokens[i], SESSION_TOKEN_CHARS, &found);
        assert_int_equal(err, i < 2 ? CC_ERR_UNAUTHENTICATED : CC_OK);
    }
    assert_ok(sessions_find(&f->store, other, SESSION_TOKEN_CHARS, &found)); /* another's */
}

static void test_sessions_end(void **state)
{
    struct fixture *f = *state;
    char tokens[4][SESSION_TOKEN_SIZE];
    int64_t ids[4];
    struct session found;
    for (int i = 0; i < 4; i++)
        ids[i] = open_session(&f->store, i < 3 ? 5 : 6, T0, tokens[i]);
    assert_int_equal(sessions_end(&f->store, 5, ids[3]), CC_ERR_NOT_FOUND); /* another's */
    assert_ok(sessions_end(&f->store, 5, ids[0]));
    assert_int_equal(sessions_end(&f->store, 5, ids[0]), CC_ERR_NOT_FOUND);
    assert_ok(sessions_end_others(&f->store, 5, ids[1]));
    assert_ok(sessions_find_id(&f->store, ids[1], &found));
    assert_int_equal(sessions_find_id(&f->store, ids[2], &found), CC_ERR_UNAUTHENTICATED);
    assert_ok(sessions_end_others(&f->store, 5, 0));
    assert_ok(sessions_end_others(&f->store, 5, 0));
    assert_int_equal(sessions_find_id(&f->store, ids[1], &found), CC_ERR_UNAUTHENTICATED);
    assert_ok(sessions_find_id(&f->store, ids[3], &found));
}

struct seen {
    int64_t ids[8];
    size_t count;
};

static void note_session(const struct session *session, void *user)
{
    struct seen *seen = user;
    assert_string_equal(session->address, "192.0.2.1");
    seen->ids[seen->count++] = session->id;
}

static void test_the_list_of_live_sessions(void **state)
{
    struct fixture *f = *state;
    char token[SESSION_TOKEN_SIZE];
    struct seen seen = {.count = 0};
    int64_t old = open_session(&f->store, 5, T0 - HOUR, token);
    int64_t first = open_session(&f->store, 5, T0, token);
    int64_t second = open_session(&f->store, 5, T0 + 1, token);
    (void)open_session(&f->store, 6, T0, token);
    assert_ok(sessions_each(&f->store, 5, T0 + 2, note_session, &seen));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.ids[0], second);
    assert_int_equal(seen.ids[1], first);
    assert_int_not_equal(seen.ids[1], old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_names),
        fixture_test(test_an_operator_comes_back_whole),
        fixture_test(test_secrets_are_not_on_the_disk),
        fixture_test(test_a_changed_operator_is_not_believed),
        fixture_test(test_count_and_list),
        fixture_test(test_there_is_an_end_to_operators),
        fixture_test(test_the_setup_link),
        cmocka_unit_test(test_how_long_a_session_lasts),
        fixture_test(test_a_session_is_found_by_its_token),
        fixture_test(test_a_changed_session_is_none),
        fixture_test(test_the_oldest_gives_way),
        fixture_test(test_sessions_end),
        fixture_test(test_the_list_of_live_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
