/* SPDX-License-Identifier: EUPL-1.2 */
/* The limits in the configuration: the profiles, and each key at its bounds. */
#include "tests/unit/test_config_fixture.h"

#include "domain/limits_table.h"

/* A profile is a set of defaults: what `limites` says holds, wherever the profile is named. */
static void test_profile(void **state)
{
    struct config *c = NULL;
    struct limits wanted = limits_reforzado;
    assert_int_equal(load_text(*state, GOOD "perfil = \"reforzado\"\n", &c), CC_OK);
    assert_memory_equal(&c->settings.limits, &wanted, sizeof(wanted));
    config_free(c);
    wanted.code.digits = 8;
    wanted.citizen.lock_after = 0;
    assert_int_equal(load_text(*state,
                               GOOD
                               "limites { cifras_contraclave = 8 fallos_seguidos_bloqueo = 0 }\n"
                               "perfil = reforzado\n",
                               &c),
                     CC_OK);
    assert_memory_equal(&c->settings.limits, &wanted, sizeof(wanted));
    config_free(c);
}

/* Each limit at its bounds and one beyond. */
static void test_bounds_of_limits(void **state)
{
    static const struct {
        const char *key;
        long long min, max;
    } narrow[] = {{"cifras_contraclave", 4, 8},
                  {"minutos_de_vida", 0, 1440},
                  {"vivas_por_nif", 0, 8},
                  {"contraste_siempre", 0, 1}};
    for (size_t i = 0; i < limits_rows_count; i++) {
        const char *key = limits_rows[i].key;
        long long min = 0, max = 1000000;
        for (size_t j = 0; j < sizeof(narrow) / sizeof(narrow[0]); j++) {
            if (strcmp(narrow[j].key, key) == 0) {
                min = narrow[j].min;
                max = narrow[j].max;
            }
        }
        const long long values[] = {min - 1, min, max, max + 1};
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            char text[300];
            struct config *c = NULL;
            bool is_good = values[j] >= min && values[j] <= max;
            (void)snprintf(text, sizeof(text), GOOD "limites { %s = %lld }\n", key, values[j]);
            enum cc_err err = load_text(*state, text, &c);
            if ((err == CC_OK) != is_good)
                fail_msg("%s = %lld: %s", key, values[j], err_token(err));
            if (is_good)
                assert_int_equal(limits_row_value(&c->settings.limits, &limits_rows[i]), values[j]);
            config_free(c);
        }
    }
}

static void expect_number(struct fixture *f, const char *text, size_t offset, int64_t number)
{
    struct config *c = NULL;
    assert_int_equal(load_text(f, text, &c), CC_OK);
    assert_int_equal(*(const int64_t *)(const void *)((const char *)c + offset), number);
    config_free(c);
}

#define TERM(kind) offsetof(struct config, settings.terms.days[PURGE_##kind])

/* Terms, the cost of a password and the difficulty of a challenge. */
static void test_numbers(void **state)
{
    static const struct {
        const char *key;
        size_t offset;
        int standard, least;
    } rows[] = {
        {"pendiente_movil_dias", TERM(PENDING), 30, 7},
        {"baja_dias", TERM(BLOCKED), 30, 1},
        {"bloqueo_dias", TERM(PEOPLE), 1095, 1},
        {"evidencias_dias", TERM(EVIDENCE), 1095, 30},
        {"ip_dias", TERM(ADDRESSES), 90, 31},
        {"solicitudes_dias", TERM(REQUESTS), 30, 2},
        {"mensajes_dias", TERM(MESSAGES), 30, 2},
        {"buzon_dias", TERM(INBOX), 90, 1},
        {"auditoria_dias", TERM(AUDIT), 730, 365},
        {"contrasena_ms", offsetof(struct config, settings.secret_ms), 300, 20},
        {"reto_dificultad", offsetof(struct config, settings.challenge_bits), 18, 0},
    };
    struct config *c = NULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[300];
        expect_number(*state, GOOD, rows[i].offset, rows[i].standard);
        (void)snprintf(text, sizeof(text), GOOD "%s = %d\n", rows[i].key, rows[i].least);
        expect_number(*state, text, rows[i].offset, rows[i].least);
        (void)snprintf(text, sizeof(text), GOOD "%s = %d\n", rows[i].key, rows[i].least - 1);
        assert_int_equal(load_text(*state, text, &c), CC_ERR_CONFIG);
    }
    assert_int_equal(load_text(*state, GOOD "reto_dificultad = 25\n", &c), CC_ERR_CONFIG);
}

/* A front: several boxes share a registry, and one of them sends by the modems of the others. */
static void test_a_box_without_a_modem(void **state)
{
    static const struct {
        const char *database;
        enum cc_err expected;
    } rows[] = {
        {"base_datos = \"postgresql:///contraclaved\"\n", CC_OK},
        {"base_datos = \"/var/lib/contraclaved/contraclaved.db\"\n", CC_ERR_CONFIG},
        {"", CC_ERR_CONFIG},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[256];
        struct config *config = NULL;
        (void)snprintf(text, sizeof(text), TOWN "%s", rows[i].database);
        assert_int_equal(load_text(*state, text, &config), rows[i].expected);
        if (config != NULL)
            assert_int_equal(config->modem_count, 0);
        config_free(config);
    }
}

static void test_control_questions(void **state)
{
    static const char *const bad[] = {"\",\"",     "\"a,\"", "\"a,,b\"",
                                      "\"a, ,b\"", "\" \"",  "\"a\tb\""};
    char text[400];
    struct config *c = NULL;
    assert_int_equal(load_text(*state, GOOD, &c), CC_OK);
    assert_string_equal(c->settings.desk.questions, "");
    config_free(c);
    assert_int_equal(load_text(*state, GOOD "preguntas_control = { \"Su calle\", \"Año\" }\n", &c),
                     CC_OK);
    assert_string_equal(c->settings.desk.questions, "Su calle, Año");
    config_free(c);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(text, sizeof(text), GOOD "preguntas_control = %s\n", bad[i]);
        assert_int_equal(load_text(*state, text, &c), CC_ERR_CONFIG);
    }
    for (int len = 180; len <= 181; len++) { /* all of them are one reason of the history */
        (void)snprintf(text, sizeof(text), GOOD "preguntas_control = \"%0*d\"\n", len, 0);
        assert_int_equal(load_text(*state, text, &c), len == 180 ? CC_OK : CC_ERR_CONFIG);
        if (len == 180)
            config_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_profile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounds_of_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_box_without_a_modem, setup, teardown),
        cmocka_unit_test_setup_teardown(test_control_questions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
