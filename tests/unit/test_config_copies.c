/* SPDX-License-Identifier: EUPL-1.2 */
/* The section copias: each value; and which files of a folder are copies of this box. */
#include "app/copies.h"
#include "tests/unit/test_config_fixture.h"

static void test_bad_values(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"sello = \"frase\"", "sello: escriba el texto que hace"},
        {"sello = \"clave:AAAA\"", "sello: "},
        {"destino = \"copias\"", "destino: escriba una carpeta"},
        {"destino = \"http://example.org/\"", "destino: "},
        {"destino = \"ftp://example.org/\"", "destino: "},
        {"destino = \"sftp://u:c@example.org/\"", "destino: "},
        {"destino = \"https://example.org/?a=1\"", "destino: "},
        {"guardar = 0", "guardar: escriba un número entero entre 1 y 366"},
        {"guardar = 367", "guardar: "},
        {"otro_disco = quiza", "otro_disco: escriba si o no"},
        {"sftp_conocidos = \"\"", "sftp_conocidos: escriba la ruta"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = *state;
        struct config *config = NULL;
        char text[800];
        snprintf(text, sizeof(text), GOOD "copias { %s }\n", rows[i].text);
        enum cc_err err = load_text(f, text, &config);
        if (err != CC_ERR_CONFIG || strstr(f->said, rows[i].says) == NULL)
            fail_msg("%s: err %d, said: %s", rows[i].text, (int)err, f->said);
    }
}

static void test_good_values(void **state)
{
    struct config *config = NULL;
    assert_int_equal(load_text(*state, GOOD, &config), CC_OK);
    assert_string_equal(config->copies.seal, "");
    assert_string_equal(config->copies.target, "");
    assert_int_equal(config->copies.keep, 14);
    assert_true(config->copies.other_disk);
    config_free(config);
    config = NULL;
    assert_int_equal(
        load_text(*state,
                  GOOD "copias { destino = \"sftp://example.org/srv/copias/\" guardar = 366 "
                       "otro_disco = no usuario = 'u' contrasena = 'c' sftp_clave = '/k' "
                       "sftp_conocidos = '/h' autoridad = '/a' sello = "
                       "\"clave:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" }\n",
                  &config),
        CC_OK);
    assert_string_equal(config->copies.target, "sftp://example.org/srv/copias/");
    assert_int_equal(config->copies.keep, 366);
    assert_false(config->copies.other_disk);
    assert_string_equal(config->copies.user, "u");
    assert_string_equal(config->copies.password, "c");
    assert_string_equal(config->copies.ssh_key, "/k");
    assert_string_equal(config->copies.known_hosts, "/h");
    assert_string_equal(config->copies.authority, "/a");
    config_free(config);
}

static void test_names_of_copies(void **state)
{
    static const struct {
        const char *name;
        bool is_ours;
    } rows[] = {
        {"contraclaved-sede.1-20261128T023000Z.copia", true},
        {"contraclaved-sede.1-20261128T023000Z.copia.clave", false},
        {"contraclaved-sede.1-20261128T023000Z.copia.parte", false},
        {"contraclaved-sede.10-20261128T023000Z.copia", false},
        {"contraclaved-sede-20261128T023000Z.copia", false},
        {"contraclaved-sede.1-20261128-023000Z.copia", false},
        {"contraclaved-sede.1-2026112", false},
        {"contraclaved-sede.1-", false},
        {"contraclaved-sede.1", false},
        {"contraclaved.db", false},
        {"", false},
    };
    static const struct {
        const char *name;
        bool is_left;
    } parts[] = {
        {"contraclaved-sede.1-20261128T023000Z.copia.parte", true},
        {"contraclaved-sede.1-20261128T023000Z.copia.parte-journal", true},
        {"contraclaved-sede.1-20261128T023000Z.copia", false},
        {"contraclaved-sede.1-20261128T023000Z.copia.backup", false},
        {"contraclaved-sede.10-20261128T023000Z.copia.parte", false},
        {"otra.parte", false},
        {".parte", false},
        {"", false},
    };
    char box[COPIES_BOX_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_int_equal(copies_is_leftover(parts[i].name, "sede.1"), parts[i].is_left);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(copies_is_named(rows[i].name, "sede.1"), rows[i].is_ours);
    copies_name_box("se/de ñ.1", box);
    assert_string_equal(box, "se-de---.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bad_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_good_values, setup, teardown),
        cmocka_unit_test(test_names_of_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
