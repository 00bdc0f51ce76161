/* SPDX-License-Identifier: EUPL-1.2 */
/* The pure rules of people who log in: roles, passwords, one-time codes, the pace of log-ins. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/password.h"
#include "domain/roles.h"
#include "domain/scopes.h"
#include "domain/throttle.h"
#include "domain/totp.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000)
#define MIN (60 * S)

static void test_roles(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *scopes;
    } rows[] = {
        {"lector", "estado"},
        {"registro", "registro,estado"},
        {"supervisor", "alta,registro,estado,supervision"},
        {"tecnico", "tecnico,buzon,metricas,estado"},
        {"auditor", "auditoria,estado,evidencia"},
        {"administrador", "solicitar,verificar,alta,registro,tecnico,auditoria,admin,buzon,"
                          "metricas,estado,operadores,supervision,certificado,identidad,evidencia"},
    };
    enum role role = ROLE_NONE;
    char scopes[SCOPES_SIZE];
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), ROLE_COUNT - 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(roles_parse(rows[i].name, &role), CC_OK);
        assert_int_equal(role, i + 1);
        assert_string_equal(roles_name(role), rows[i].name);
        scopes_format(roles_scopes(role), scopes);
        assert_string_equal(scopes, rows[i].scopes);
    }
    role = ROLE_LECTOR;
    assert_int_equal(roles_parse("", &role), CC_ERR_ROLE_UNKNOWN);
    assert_int_equal(roles_parse("Lector", &role), CC_ERR_ROLE_UNKNOWN);
    assert_int_equal(role, ROLE_LECTOR);
    assert_int_equal(roles_scopes(ROLE_NONE), 0);
    assert_int_equal(roles_scopes((enum role)ROLE_COUNT), 0);
    assert_string_equal(roles_name((enum role)99), "");
}

static void test_passwords(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cc_err err;
    } rows[] = {
        {"caballo pila grapa", CC_OK},
        {"Perro.verde.12", CC_OK},
        {"839201748263", CC_OK},
        {"ñandúes árboles", CC_OK},
        {"a1b2c3d4e5f6g7", CC_OK},
        {"8f3K!q2Zp#0x", CC_OK},
        {"", CC_ERR_PASSWORD_FORMAT},
        {"corta", CC_ERR_PASSWORD_SHORT},
        {"once letras", CC_ERR_PASSWORD_SHORT},
        {"ñññññññññññ", CC_ERR_PASSWORD_SHORT}, /* 22 bytes, 11 characters */
        {"password1234", CC_ERR_PASSWORD_COMMON},
        {"Contraseña123", CC_ERR_PASSWORD_COMMON},
        {"CONTRASENYA-2026", CC_ERR_PASSWORD_COMMON},
        {"admin.admin.admin", CC_ERR_PASSWORD_COMMON},
        {"Ayuntamiento2026!", CC_ERR_PASSWORD_COMMON},
        {"qwertyuiop12", CC_ERR_PASSWORD_COMMON},
        {"123456789012", CC_ERR_PASSWORD_COMMON},
        {"987654321098", CC_ERR_PASSWORD_COMMON},
        {"abcdefghijklmn", CC_ERR_PASSWORD_COMMON},
        {"zzzzzzzzzzzz", CC_ERR_PASSWORD_COMMON},
        {"luzluzluzluz", CC_ERR_PASSWORD_COMMON},
        {"solsal1solsal1", CC_OK},
        {"!!??..,,--__//", CC_ERR_PASSWORD_COMMON},
        {"begona.Begoña1", CC_ERR_PASSWORD_COMMON}, /* the person's own name */
        {"12345678z begoña", CC_ERR_PASSWORD_COMMON},
        {"600.123.123 600123123", CC_ERR_PASSWORD_COMMON},
        {"mi móvil 600123123", CC_OK}, /* seven letters beside it */
        {"🐎🐎🔋📎 caballo", CC_OK},
        {"caballo\tpila grapa", CC_ERR_PASSWORD_FORMAT},
        {"caballo\xE2\x80\xAEpila grapa", CC_ERR_PASSWORD_FORMAT},
        {"caballo \xFF\xFE pila", CC_ERR_PASSWORD_FORMAT},
    };
    const struct password_own own = {{"Begoña del Mar", "12345678Z", "12345678", "600123123"}};
    char normal[PASSWORD_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum cc_err err = password_normalize(rows[i].text, strlen(rows[i].text), normal);
        if (err == CC_OK)
            err = password_check(normal, &own);
        if (err != rows[i].err)
            fail_msg("«%s»: %s", rows[i].text, err_token(err));
    }
}

static void test_password_forms(void **state)
{
    (void)state;
    static char composed[PASSWORD_SIZE], decomposed[PASSWORD_SIZE], longest[PASSWORD_SIZE + 1];
    assert_int_equal(password_normalize("ñandú azul", strlen("ñandú azul"), composed), CC_OK);
    static const char apart[] = "n\xCC\x83"
                                "andu\xCC\x81 azul";
    assert_int_equal(password_normalize(apart, sizeof(apart) - 1, decomposed), CC_OK);
    assert_string_equal(composed, decomposed);
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(password_normalize(longest, PASSWORD_MOST, composed), CC_OK);
    assert_int_equal(password_normalize(longest, PASSWORD_MOST + 1, composed),
                     CC_ERR_PASSWORD_FORMAT);
    assert_int_equal(composed[0], '\0');
    for (size_t i = 0; i < PASSWORD_MOST; i++)
        memcpy(longest + 4 * i, "🐎", 4);
    assert_int_equal(password_normalize(longest, PASSWORD_SIZE - 1, composed), CC_OK);
    assert_int_equal(password_check(composed, &(struct password_own){{NULL}}),
                     CC_ERR_PASSWORD_COMMON);
    assert_int_equal(password_normalize("caballo\0pila grapa", 18, composed),
                     CC_ERR_PASSWORD_FORMAT);
}

static void test_password_cost(void **state)
{
    (void)state;
    static const struct {
        int64_t pass_us, memory_kib;
        struct password_cost cost;
    } rows[] = {
        {50000, 1 << 20, {6, 64 * 1024}},    /* this year's processors */
        {100000, 64 * 1024, {3, 64 * 1024}}, /* 1 GiB of memory */
        {100000, 32 * 1024, {6, 32 * 1024}}, /* 512 MiB */
        {400000, 64 * 1024, {1, 64 * 1024}},
        {700000, 64 * 1024, {2, 32 * 1024}}, /* the slowest box: 0.7 s with two passes */
        {100000, 8 * 1024, {10, 19 * 1024}}, /* never less memory than OWASP asks for */
        {10, 1 << 20, {40, 64 * 1024}},
        {0, 1 << 20, {40, 64 * 1024}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct password_cost cost =
            password_choose_cost(rows[i].pass_us, rows[i].memory_kib, 300 * 1000);
        assert_int_equal(cost.passes, rows[i].cost.passes);
        assert_int_equal(cost.kib, rows[i].cost.kib);
    }
}

/* Source: RFC 6238 appendix B, its last six digits; RFC 4226 appendix D. */
static void test_totp_vectors(void **state)
{
    (void)state;
    static const uint8_t secret[TOTP_SECRET_BYTES] = "12345678901234567890";
    static const struct {
        int64_t at_s;
        uint32_t code;
    } rows[] = {
        {59, 287082},       {1111111109, 81804},  {1111111111, 50471},
        {1234567890, 5924}, {2000000000, 279037}, {20000000000, 353130},
        {0, 755224},        {30, 287082},         {270, 520489},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(totp_code(secret, rows[i].at_s / 30), rows[i].code);
    char text[TOTP_TEXT_SIZE];
    totp_secret_text(secret, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"); /* RFC 4648 */
}

static void test_totp_window(void **state)
{
    (void)state;
    static const uint8_t secret[TOTP_SECRET_BYTES] = "12345678901234567890";
    const int64_t now_ms = INT64_C(1111111111) * 1000, now = 1111111111 / 30;
    static const struct {
        int64_t of, last; /* steps from now; last = the one used before */
        bool accepted;
    } rows[] = {
        {0, -100, true}, {-1, -100, true}, {1, -100, true}, {-2, -100, false}, {2, -100, false},
        {0, 0, false},   {-1, 0, false},   {1, 0, true},    {1, 1, false},     {0, -1, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[TOTP_DIGITS + 1];
        int64_t step = 0;
        (void)snprintf(text, sizeof(text), "%06u", totp_code(secret, now + rows[i].of) % 1000000);
        bool accepted = totp_accepts(secret, text, now_ms, now + rows[i].last, &step);
        if (accepted != rows[i].accepted || step != (accepted ? now + rows[i].of : 0))
            fail_msg("row %zu", i);
    }
    static const char *const wrong[] = {"", "50471", "0050471", "05047 ", "abcdef", "-50471"};
    int64_t step = 0;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(totp_accepts(secret, wrong[i], now_ms, 0, &step));
}

static struct throttle throttle;
static const struct throttle_who owner = {1, 100, 0}, neighbour = {2, 100, 0},
                                 stranger = {1, 200, 0};

/* Fails as often as it is let; returns the wait that it then meets. */
static int64_t fail_times(struct throttle_who who, unsigned times, int64_t now_us)
{
    int64_t wait_s = 0;
    for (unsigned i = 0; i < times; i++)
        assert_true(throttle_begin(&throttle, &who, now_us, &wait_s));
    return throttle_begin(&throttle, &who, now_us, &wait_s) ? 0 : wait_s;
}

/* Makes an attempt that succeeds, or returns its wait. */
static int64_t enter(struct throttle_who who, int64_t now_us)
{
    int64_t wait_s = 0;
    if (!throttle_begin(&throttle, &who, now_us, &wait_s))
        return wait_s;
    throttle_end(&throttle, &who, now_us, THROTTLE_SUCCEEDED);
    return 0;
}

static void test_five_failures_then_waits_that_double(void **state)
{
    (void)state;
    static const int64_t waits_min[] = {1, 2, 4, 8, 15, 15, 15};
    int64_t now = S;
    memset(&throttle, 0, sizeof(throttle));
    assert_int_equal(fail_times(owner, 5, now), 60);
    for (size_t i = 1; i < sizeof(waits_min) / sizeof(waits_min[0]); i++) {
        now += waits_min[i - 1] * MIN;
        assert_int_equal(fail_times(owner, 1, now), waits_min[i] * 60);
    }
    /* a wait does not grow while it lasts, and an attempt in it counts for nothing */
    for (int i = 0; i < 100; i++)
        assert_int_equal(fail_times(owner, 0, now + 14 * MIN), 60);
    assert_int_equal(enter(owner, now + 15 * MIN), 0);
    assert_int_equal(fail_times(owner, 5, now + 15 * MIN), 60); /* success wiped the count */
}

static void test_failures_are_forgotten(void **state)
{
    (void)state;
    memset(&throttle, 0, sizeof(throttle));
    assert_int_equal(fail_times(owner, 5, S), 60);
    assert_int_equal(fail_times(owner, 5, S + 16 * MIN), 60);
}

static void test_addresses_and_names_are_counted_apart(void **state)
{
    (void)state;
    memset(&throttle, 0, sizeof(throttle));
    assert_int_equal(fail_times(owner, 5, S), 60);
    assert_int_equal(enter(neighbour, S), 0); /* another name from there */
    assert_int_equal(enter(stranger, S), 0);  /* the name from elsewhere */
    /* an address that tries many names */
    for (uint64_t name = 10; name < 25; name++)
        assert_int_equal(enter((struct throttle_who){name, 100, 0}, S), 0);
    for (uint64_t name = 30; name < 45; name++) {
        int64_t wait_s;
        struct throttle_who who = {name, 100, 0};
        assert_true(throttle_begin(&throttle, &who, S, &wait_s));
    }
    assert_int_equal(enter(neighbour, S), 60);
    assert_int_equal(enter(neighbour, S + MIN), 0);
}

static void test_a_stranger_does_not_lock_the_owner_out(void **state)
{
    (void)state;
    int64_t wait_s, now = S;
    memset(&throttle, 0, sizeof(throttle));
    assert_int_equal(enter(owner, now), 0);
    /* the name is tried from a thousand addresses: held, but not where it is known */
    for (uint64_t address = 1000; address < 2000; address++) {
        struct throttle_who who = {owner.name, address, 0};
        (void)throttle_begin(&throttle, &who, now, &wait_s);
    }
    assert_in_range(enter(stranger, now), 1, 15 * 60);
    assert_int_equal(enter(owner, now), 0);
    /* the owner in a new place waits, and never more than 15 minutes */
    assert_int_equal(enter(stranger, now + 15 * MIN), 0);
    /* known for 30 days */
    assert_int_equal(enter(owner, now + INT64_C(29) * 24 * 60 * MIN), 0);
}

/* Attempts with the owner's name from the owner's address, one as soon as each wait ends. */
static void test_a_neighbour_does_not_hold_up_a_browser_that_is_known(void **state)
{
    (void)state;
    const struct throttle_who marked = {owner.name, owner.address, 7}, other = {9, 100, 8};
    int64_t now = S;
    memset(&throttle, 0, sizeof(throttle));
    assert_int_equal(enter(owner, now), 0);
    assert_int_equal(fail_times(owner, 5, now), 60);
    for (int i = 0; i < 100; i++) {
        now += 15 * MIN;
        assert_true(fail_times(owner, 1, now) > 0);
        assert_true(enter(owner, now) > 0);
        assert_int_equal(enter(marked, now), 0);
    }
    /* the success of the marked browser forgives nobody else, and its own failures count */
    assert_true(enter(owner, now) > 0);
    assert_int_equal(fail_times(marked, 5, now), 60);
    assert_int_equal(enter(marked, now), 60);
    assert_int_equal(enter(other, now), 0);
    assert_int_equal(enter(marked, now + MIN), 0);
    /* nor do its failures hold up the rest of its address */
    assert_int_equal(enter(neighbour, now), 0);
}

static void test_undecided_counts_for_nothing(void **state)
{
    (void)state;
    int64_t wait_s;
    memset(&throttle, 0, sizeof(throttle));
    for (int i = 0; i < 100; i++) {
        assert_true(throttle_begin(&throttle, &owner, S, &wait_s));
        throttle_end(&throttle, &owner, S, THROTTLE_UNDECIDED);
    }
    assert_int_equal(fail_times(owner, 5, S), 60);
}

static void test_a_full_table_keeps_the_worst(void **state)
{
    (void)state;
    int64_t wait_s;
    memset(&throttle, 0, sizeof(throttle));
    assert_int_equal(fail_times(owner, 5, S), 60);
    for (uint64_t i = 0; i < 5000; i++) {
        struct throttle_who who = {10 + i, 10000 + i, 0};
        assert_true(throttle_begin(&throttle, &who, S, &wait_s));
    }
    assert_int_equal(fail_times(owner, 0, S), 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_password_forms),
        cmocka_unit_test(test_password_cost),
        cmocka_unit_test(test_totp_vectors),
        cmocka_unit_test(test_totp_window),
        cmocka_unit_test(test_five_failures_then_waits_that_double),
        cmocka_unit_test(test_failures_are_forgotten),
        cmocka_unit_test(test_addresses_and_names_are_counted_apart),
        cmocka_unit_test(test_a_stranger_does_not_lock_the_owner_out),
        cmocka_unit_test(test_a_neighbour_does_not_hold_up_a_browser_that_is_known),
        cmocka_unit_test(test_undecided_counts_for_nothing),
        cmocka_unit_test(test_a_full_table_keeps_the_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
