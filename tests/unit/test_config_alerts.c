/* SPDX-License-Identifier: EUPL-1.2 */
/* The section avisos: each value, and what does not go together. */
#include "tests/unit/test_config_fixture.h"

#define LONG "01234567890123456789012345678901234567890123456789"
#define MAIL                                                                                       \
    "correo = \"a@example.org\" remitente = \"b@example.org\" smtp_servidor = \"c.org:25\" "

static void test_bad_values(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"correo = \"tecnico\"", "correo: escriba hasta 10 direcciones"},
        {"correo = \"@example.org\"", "correo: "},
        {"correo = \"a@\"", "correo: "},
        {"correo = \"a@b.\"", "correo: "},
        {"correo = \"a@b c@d\"", "correo: "},
        {"correo = \"a@b,\"", "correo: "},
        {"correo = \"<a@b>\"", "correo: "},
        {"correo = { a@b1, a@b2, a@b3, a@b4, a@b5, a@b6, a@b7, a@b8, a@b9, a@b10, a@b11 }",
         "correo: "},
        {"remitente = \"a@b, c@d\"", "remitente: escriba una dirección"},
        {"smtp_servidor = \"smtp.example.org\"", "smtp_servidor: escriba nombre y puerto"},
        {"smtp_servidor = \"smtp.example.org:0\"", "smtp_servidor: "},
        {"smtp_servidor = \"smtp.example.org:65536\"", "smtp_servidor: "},
        {"smtp_servidor = \"smtp.example.org/x:25\"", "smtp_servidor: "},
        {"smtp_servidor = \"u@smtp.example.org:25\"", "smtp_servidor: "},
        {"smtp_servidor = \":25\"", "smtp_servidor: "},
        {"smtp_seguridad = \"ssl\"", "smtp_seguridad: escriba \"starttls\""},
        {"webhook = \"example.org\"", "webhook: escriba una dirección"},
        {"webhook = \"file:///etc/passwd\"", "webhook: "},
        {"webhook = \"https://a:b@example.org/\"", "webhook: "},
        {"webhook = \"https:///x\"", "webhook: "},
        {"webhook = \"https://example.org/a b\"", "webhook: "},
        {"webhook_secreto = \"corto\"", "webhook_secreto: escriba un texto al azar"},
        {"tras_minutos = 1441", "tras_minutos: escriba minutos entre 0 y 1440"},
        {"cola_minutos = 0", "cola_minutos: escriba minutos entre 1 y 1440"},
        {"correo = \"a@b\"", "smtp_servidor: con correo hace falta"},
        {"correo = \"a@b\" smtp_servidor = \"c:25\"", "remitente: con correo hace falta"},
        {"webhook = \"https://example.org/x\"", "webhook_secreto: con webhook hace falta"},
        {MAIL "} correo { ayuntamiento = \"registro\"", "ayuntamiento: escriba una dirección"},
        {MAIL "} correo { enlace = \"sede.example.org\"", "enlace: escriba la página de la sede"},
        {MAIL "} correo { enlace = \"https://sede.example.org/" LONG LONG LONG LONG "\"",
         "enlace: escriba la página de la sede"},
        {MAIL "} correo { rebotes = \"rebotes\"", "rebotes: escriba la ruta entera"},
        {"} correo { rebotes = \"/var/mail/rebotes\"", "correo: hacen falta también"},
        {"} correo { ayuntamiento = \"a@example.org\"", "correo: hacen falta también"},
        {"smtp_servidor = \"c:25\" } correo { enlace = \"https://c.org/?p=\"",
         "correo: hacen falta también"},
        {MAIL "smtp_clave = \"x\" smtp_seguridad = \"ninguna\"", "la clave iría sin cifrar"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = *state;
        struct config *config = NULL;
        char text[800];
        snprintf(text, sizeof(text), GOOD "avisos { %s }\n", rows[i].text);
        enum cc_err err = load_text(f, text, &config);
        if (err != CC_ERR_CONFIG || strstr(f->said, rows[i].says) == NULL)
            fail_msg("%s: err %d, said: %s", rows[i].text, (int)err, f->said);
    }
}

static void test_good_values(void **state)
{
    struct config *config = NULL;
    assert_int_equal(
        load_text(*state,
                  GOOD "avisos { correo = { \"a@example.org\", \"b.c+d@example.org\" } remitente = "
                       "\"e@f.es\" smtp_servidor = \"127.0.0.1:25\" smtp_seguridad = \"ninguna\" "
                       "smtp_usuario = \"u\" smtp_clave = \"x\" webhook = "
                       "\"https://h.example.org:8443/t/abc?x=1\" webhook_secreto = "
                       "\"0123456789abcdef\" tras_minutos = 0 cola_minutos = 30 }\n",
                  &config),
        CC_OK);
    const struct alert_settings *alerts = &config->settings.alerts;
    assert_string_equal(alerts->recipients, "a@example.org, b.c+d@example.org");
    assert_int_equal(alerts->security, ALERT_PLAIN);
    assert_int_equal(alerts->after_ms, 0);
    assert_int_equal(alerts->queue_ms, 1800000);
    config_free(config);
    assert_int_equal(load_text(*state, GOOD, &config), CC_OK);
    assert_string_equal(config->settings.alerts.recipients, "");
    assert_int_equal(config->settings.alerts.security, ALERT_STARTTLS);
    assert_int_equal(config->settings.alerts.after_ms, 600000);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bad_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_good_values, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
