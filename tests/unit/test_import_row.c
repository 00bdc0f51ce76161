/* SPDX-License-Identifier: EUPL-1.2 */
/* The people that an import reads in the lines of a file. */
#include "service/import_keys.h"
#include "service/import_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct csv_field line_of(const char *text)
{
    return (struct csv_field){text, strlen(text)};
}

static void the_line_of_the_names(void **state)
{
    static const struct {
        const char *line;
        enum cc_err err;
        const char *column;
    } rows[] = {
        {"nif,nombre,movil", CC_OK, ""},
        {"MÓVIL;Nif;\"Nombre\";Apellido1;estado;alta", CC_OK, ""},
        {"nif,nombre,movil,correo,correo_estado,contrasena,clave_ayto", CC_OK, ""},
        {"nif\tnombre\tmovil", CC_OK, ""},
        {"nif", CC_ERR_CSV_COLUMN_MISSING, "nombre"},
        {"nombre,movil", CC_ERR_CSV_COLUMN_MISSING, "nif"},
        {"nif,nombre,movil,nif", CC_ERR_CSV_COLUMN, "nif"},
        {"nif,nombre,movil,edad", CC_ERR_CSV_COLUMN, "edad"},
        {"nif,nombre,movil,", CC_ERR_CSV_COLUMN, ""},
        {"\"nif", CC_ERR_CSV_QUOTES, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct import_columns columns = {0};
        char column[IMPORT_FIELD_SIZE];
        const struct csv_field line = line_of(rows[i].line);
        enum cc_err err = import_columns_parse(&line, &columns, column);
        if (err != rows[i].err || strcmp(column, rows[i].column) != 0)
            fail_msg("%s: %s %s", rows[i].line, err_token(err), column);
    }
}

static void people_of_lines(void **state)
{
    static const struct {
        const char *line;
        enum cc_err err;
        const char *column;
        enum import_fate fate;
    } rows[] = {
        {"12345678Z;Ana;Gil;;600111222;;31/12/2030;eu;I-1;;activa;2020", CC_OK, "", IMPORT_ACTIVE},
        {"X1234567L;Ana;;;600111222;Viven juntos;E12345678;;;Pasaporte;suspendida;", CC_OK, "",
         IMPORT_SUSPENDED},
        {"12345678Z;Ana;;;600111222;;;;;;baja;", CC_OK, "", IMPORT_LEFT_OUT},
        {"12345678Z;Ana;;;600111222;;;;;;pendiente_movil;", CC_OK, "", IMPORT_LEFT_OUT},
        {"", CC_OK, "", IMPORT_EMPTY},
        {";; ;;;;;;;;;", CC_OK, "", IMPORT_EMPTY},
        {"12345678Z;Ana", CC_ERR_CSV_COUNT, "", IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;;;;;;;;", CC_ERR_CSV_COUNT, "", IMPORT_ACTIVE},
        {"12345678Z;;Gil;;600111222;;;;;;;", CC_ERR_FIELD_MISSING, "nombre", IMPORT_ACTIVE},
        {"12345678Z;Ana;;Gil;600111222;;;;;;;", CC_ERR_NAME_FORMAT, "apellido2", IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;;E12345678;;;;;", CC_ERR_CONTRAST_DATE, "contraste",
         IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;;;fr;;;;", CC_ERR_LANG_UNKNOWN, "idioma", IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;;;;\x01;;;", CC_ERR_WORDS_FORMAT, "instancia", IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;;;;;\x01;;", CC_ERR_WORDS_FORMAT, "documento", IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;\x01;;;;;;", CC_ERR_WORDS_FORMAT, "comparte_movil",
         IMPORT_ACTIVE},
        {"12345678Z;Ana;;;600111222;;;;;;muerta;", CC_ERR_STATE_UNKNOWN, "estado", IMPORT_ACTIVE},
        {"00000000T;Ana;;;600111222;;;;;;;", CC_ERR_NIF_TEST, "nif", IMPORT_ACTIVE},
        {"12345678Z;\xd1u;;;600111222;;;;;;;", CC_ERR_NAME_FORMAT, "nombre", IMPORT_ACTIVE},
    };
    const struct csv_field names =
        line_of("nif;nombre;apellido1;apellido2;movil;comparte_movil;contraste;idioma;instancia;"
                "documento;estado;alta");
    struct import_columns columns = {0};
    char column[IMPORT_FIELD_SIZE];
    (void)state;
    assert_int_equal(import_columns_parse(&names, &columns, column), CC_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct import_person person;
        const struct csv_field line = line_of(rows[i].line);
        enum cc_err err = import_row_parse(&columns, &line, false, &person, column);
        if (err != rows[i].err || strcmp(column, rows[i].column) != 0 ||
            (err == CC_OK && person.fate != rows[i].fate))
            fail_msg("%s: %s %s %d", rows[i].line, err_token(err), column, (int)person.fate);
    }
}

static void a_long_line(void **state)
{
    char text[IMPORT_LINE_MAX + 2], column[IMPORT_FIELD_SIZE];
    struct import_columns columns = {.separator = ';', .is_1252 = true, .count = 1};
    struct import_person person;
    (void)state;
    memset(text, 0xd1, sizeof(text)); /* twice as long in UTF-8 */
    struct csv_field line = {text, IMPORT_LINE_MAX + 1};
    assert_int_equal(import_row_parse(&columns, &line, false, &person, column), CC_ERR_CSV_LINE);
    line.len = IMPORT_LINE_MAX;
    assert_int_equal(import_row_parse(&columns, &line, false, &person, column), CC_ERR_CSV_LINE);
    columns.is_1252 = false;
    assert_int_equal(import_row_parse(&columns, &line, false, &person, column), CC_ERR_NIF_FORMAT);
}

/* The history keeps it whole, behind the word of the import. */
static void a_long_reason(void **state)
{
    static const struct csv_field names = {"nif;nombre;movil;comparte_movil", 31};
    struct import_columns columns = {0};
    struct import_person person;
    char text[LIFE_REASON_SIZE + 64], column[IMPORT_FIELD_SIZE];
    (void)state;
    assert_int_equal(import_columns_parse(&names, &columns, column), CC_OK);
    for (int len = IMPORT_WHY_SIZE - 1; len <= LIFE_REASON_SIZE; len++) {
        int at = snprintf(text, sizeof(text), "12345678Z;Ana;600111222;%0*d", len, 0);
        const struct csv_field line = {text, (size_t)at};
        assert_int_equal(import_row_parse(&columns, &line, false, &person, column),
                         len < (int)IMPORT_WHY_SIZE ? CC_OK : CC_ERR_WORDS_FORMAT);
    }
}

static void keys_of_a_whole_file(void **state)
{
    struct import_keys *keys = import_keys_new();
    struct nif nif = {"00000000A", NIF_KIND_DNI};
    struct phone phone;
    (void)state;
    for (int i = 0; i < IMPORT_PEOPLE_MAX; i++) {
        (void)snprintf(nif.text, sizeof(nif.text), "%08dA", i);
        (void)snprintf(phone.e164, sizeof(phone.e164), "+346%08d", i);
        assert_false(import_keys_has_nif(keys, &nif) || import_keys_has_phone(keys, &phone));
        import_keys_add_nif(keys, &nif);
        import_keys_add_phone(keys, &phone);
    }
    nif.text[NIF_KEY_CHARS] = 'B'; /* the control follows from the others */
    assert_true(import_keys_has_nif(keys, &nif) && import_keys_has_phone(keys, &phone));
    assert_false(import_keys_has_nif(NULL, &nif) || import_keys_has_phone(NULL, &phone));
    import_keys_free(keys);
    import_keys_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_of_the_names), cmocka_unit_test(people_of_lines),
        cmocka_unit_test(a_long_line),           cmocka_unit_test(a_long_reason),
        cmocka_unit_test(keys_of_a_whole_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
