/* SPDX-License-Identifier: EUPL-1.2 */
/* How values are written in the configuration: quotes, escapes, variables, comments, lists. */
#include "tests/unit/test_config_fixture.h"

#include "app/config_keys.h"
#include "app/config_values.h"

static void test_texts(void **state)
{
    static const struct {
        const char *written, *read;
    } rows[] = {
        {"palabra", "palabra"},
        {"a#b", "a#b"},
        {"tcp://x/*y", "tcp://x/*y"},
        {"'a \"b\" ${NADA} \\w \\\\ \\''", "a \"b\" ${NADA} \\w \\ '"},
        {"\"a 'b' \\\" \\\\ \\. \\$\"", "a 'b' \" \\ . $"},
        {"\"\\\\d\\\\\\\\\"", "\\d\\\\"},
        {"'\\\\d'", "\\d"},
        {"\"${CONFIG_TEST_VALUE}/${CONFIG_TEST_UNSET}x\"", "/srv/cc/x"},
        {"\"\\${CONFIG_TEST_VALUE} ${sin fin $\"", "${CONFIG_TEST_VALUE} ${sin fin $"},
        {"\"# no // es /* nota */\"", "# no // es /* nota */"},
        {"/* nota \" ' { */ \"a\" // otra \"", "a"},
        {"\r\n\t\"á € 😀\"", "á € 😀"},
    };
    assert_int_equal(setenv("CONFIG_TEST_VALUE", "/srv/cc", 1), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400];
        struct config *c = NULL;
        (void)snprintf(text, sizeof(text), GOOD "sello_certificado = %s\nperfil=reforzado\n",
                       rows[i].written);
        enum cc_err err = load_text(*state, text, &c);
        if (err != CC_OK || strcmp(c->seal_certificate, rows[i].read) != 0 ||
            strcmp(c->profile, "reforzado") != 0)
            fail_msg("%s: %s %s", rows[i].written, ((struct fixture *)*state)->said,
                     c != NULL ? c->seal_certificate : "");
        config_free(c);
    }
}

/* A list is the same as its items with commas between, for the keys that take several. */
static void test_lists(void **state)
{
    static const struct {
        const char *written, *read;
    } rows[] = {
        {"{ \"10.0.0.0/8\", ::1 }", "10.0.0.0/8, ::1"},
        {"{ \"10.0.0.0/8\",\n # nota\n '::1', }", "10.0.0.0/8, ::1"},
        {"{ ::1 }", "::1"},
        {"{}", ""},
        {"\"::1\"", "::1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400];
        struct config *c = NULL;
        (void)snprintf(text, sizeof(text), GOOD "limites { redes_exentas = %s ip_rafaga = 7 }\n",
                       rows[i].written);
        if (load_text(*state, text, &c) != CC_OK ||
            strcmp(c->settings.exempt_networks, rows[i].read) != 0)
            fail_msg("%s: %s", rows[i].written, ((struct fixture *)*state)->said);
        assert_int_equal(c->settings.limits.address.burst, 7);
        config_free(c);
    }
}

/* Each is refused at its line, and no text that may be part of a PIN is repeated. */
static void test_refusals(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } rows[] = {
        {"modem a {\n pin_sim = \"7391\" 7392\n}\n", 2, "sobra '…'; escriba"},
        {"modem a {\n pin_sim = 7391\n \"7392\" }\n", 3, "sobra '…'; escriba"},
        {"modem a {\n pin_sim \"7391\"\n}\n", 2, "falta el signo = detrás de 'pin_sim'"},
        {"modem a {\n pin_sim = { 7391 } }\n", 2, "sobra '{'"},
        {"modem a {\n pin_sim = \"7391\n }\n", 2, "pin_sim: falta cerrar las comillas"},
        {"modem a {\n pin_sim = \"\\d7391\" }\n", 2, "pin_sim: entre comillas dobles, \\ solo"},
        {"perfil = = pin24h\n", 1, "sobra '='"},
        {"perfil = pin24h )\n", 1, "sobra ')'"},
        {"perfil (\n", 1, "falta el signo ="},
        {"perfil =\n\nzona_horaria = \"Europe/Madrid\"\n", 1, "perfil: falta el valor detrás de ="},
        {"base_datos = \"postgresql:/bd/x\"\n", 1, "base_datos: escriba la ruta"},
        {"base_datos = \"mysql://bd/x\"\n", 1, "base_datos: escriba la ruta"},
        {"perfil = /* a\n\n", 1, "perfil: falta cerrar con */ el comentario que empieza aquí"},
        {"http {\n proxies = { ::1\n control = a }\n", 3, "sobra 'control'"},
        {"http {\n proxies = { ::1,\n", 3, "termina a medias"},
        {"http {\n proxies = { ::1, equipo } }\n", 2, "proxies: escriba hasta 16 direcciones"},
        {"http a {\n}\n", 1, "falta { detrás de la sección 'http'"},
        {"root {\n}\n", 1, "no se conoce la clave 'root'"},
        {"modem a\n= 3\n", 2, "falta { detrás de la sección 'modem'"},
        {"http { plazo_cuerpo_s = 1 }\nhttp { plazo_inactiva_s = 1 }\n", 2, "sección está repet"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config *config = NULL;
        char where[200];
        enum cc_err err = load_text(f, rows[i].text, &config);
        snprintf(where, sizeof(where), "%s:%d: ", f->file, rows[i].line);
        if (err != CC_ERR_CONFIG || strncmp(f->said, where, strlen(where)) != 0 ||
            strstr(f->said + strlen(where), rows[i].says) == NULL || strstr(f->said, "739") != NULL)
            fail_msg("row %zu, wanted line %d \"%s\": %s", i, rows[i].line, rows[i].says, f->said);
    }
}

static void test_bounds(void **state)
{
    struct fixture *f = *state;
    struct config *config = NULL;
    static char text[4000] = "perfil = pin24h\nbase_datos = \"";
    memset(text + strlen(text), 'a', 3000);
    memcpy(text + strlen(text), "\"\n", 3);
    assert_int_equal(load_text(f, text, &config), CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, "c.conf:2: base_datos: el valor es demasiado largo"));
    assert_int_equal(setenv("CONFIG_TEST_VALUE", text, 1), 0);
    assert_int_equal(load_text(f, "\nbase_datos = \"${CONFIG_TEST_VALUE}\"\n", &config),
                     CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, "c.conf:2: base_datos: el valor es demasiado largo"));
    assert_int_equal(setenv("CONFIG_TEST_VALUE", "a\nb", 1), 0);
    assert_int_equal(load_text(f, "base_datos = \"${CONFIG_TEST_VALUE}\"\n", &config),
                     CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, "c.conf:1: base_datos: escriba la ruta"));
}

/* A text that is not in the file is "" or what the manual says, and never missing. */
static void test_every_text_has_a_default(void **state)
{
    struct config *c = NULL;
    assert_int_equal(load_text(*state, GOOD, &c), CC_OK);
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        bool is_modem = strcmp(key->section, "modem") == 0;
        const char *at = (is_modem ? (const char *)&c->modems[0] : (const char *)c) + key->offset;
        if (key->read == config_read_text && *(const char *const *)(const void *)at == NULL)
            fail_msg("%s.%s", key->section, key->name);
    }
    config_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_text_has_a_default, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
