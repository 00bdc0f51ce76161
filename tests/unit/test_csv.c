/* SPDX-License-Identifier: EUPL-1.2 */
/* CSV as spreadsheets write it, and Windows-1252. */
#include "domain/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { LINE_SIZE = 256, SHOWN_SIZE = 512 };

/* Lines as "[a][b]". */
static void show_lines(const char *text, size_t len, char *out)
{
    struct csv_field line;
    size_t pos = 0;
    out[0] = '\0';
    while (csv_next_line(text, len, &pos, &line)) {
        strcat(out, "[");
        strncat(out, line.text, line.len);
        strcat(out, "]");
    }
}

static void each_end_of_a_line(void **state)
{
    static const struct {
        const char *text, *lines;
    } rows[] = {
        {"", ""},
        {"a", "[a]"},
        {"a\n", "[a]"},
        {"a\r\n", "[a]"},
        {"a\r", "[a]"},
        {"a\nb", "[a][b]"},
        {"a\r\nb\r\n", "[a][b]"},
        {"a\rb\r", "[a][b]"},
        {"a\n\nb", "[a][][b]"},
        {"a\n\r\nb", "[a][][b]"},
        {"\n", "[]"},
        {"a\r\r\n", "[a][]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char shown[SHOWN_SIZE];
        show_lines(rows[i].text, strlen(rows[i].text), shown);
        assert_string_equal(shown, rows[i].lines);
    }
}

static void each_separator(void **state)
{
    static const struct {
        const char *line;
        char separator;
    } rows[] = {{"nif;nombre,apellidos", ';'},
                {"nif,nombre;x", ','},
                {"nif\tnombre", '\t'},
                {"nif", ','},
                {"", ','}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct csv_field line = {rows[i].line, strlen(rows[i].line)};
        assert_int_equal(csv_find_separator(&line), rows[i].separator);
    }
}

/* Fields as "[a][b]". */
static enum cc_err split(const char *text, char separator, char *ret)
{
    char line[LINE_SIZE];
    struct csv_row row;
    size_t len = strlen(text);
    memcpy(line, text, len); /* not terminated */
    ret[0] = '\0';
    enum cc_err err = csv_split(line, len, separator, &row);
    for (size_t i = 0; err == CC_OK && i < row.count; i++) {
        strcat(ret, "[");
        strncat(ret, row.fields[i].text, row.fields[i].len);
        strcat(ret, "]");
    }
    return err;
}

static void each_line(void **state)
{
    static const struct {
        const char *line;
        char separator;
        enum cc_err err;
        const char *fields;
    } rows[] = {
        {"", ',', CC_OK, "[]"},
        {"a", ',', CC_OK, "[a]"},
        {"a,b", ',', CC_OK, "[a][b]"},
        {"a;b,c", ';', CC_OK, "[a][b,c]"},
        {",", ',', CC_OK, "[][]"},
        {"a,,b,", ',', CC_OK, "[a][][b][]"},
        {"  a b \t, c ", ',', CC_OK, "[a b][c]"},
        {"a\t\tb", '\t', CC_OK, "[a][][b]"},
        {" a \t b", '\t', CC_OK, "[a][b]"},
        {"\"a,b\",c", ',', CC_OK, "[a,b][c]"},
        {" \"a\" , \"b\" ", ',', CC_OK, "[a][b]"},
        {"\" a \"", ',', CC_OK, "[ a ]"},
        {"\"\"", ',', CC_OK, "[]"},
        {"\"a\"\"b\"", ',', CC_OK, "[a\"b]"},
        {"\"\"\"\"", ',', CC_OK, "[\"]"},
        {"a\"b", ',', CC_OK, "[a\"b]"},
        {"\"", ',', CC_ERR_CSV_QUOTES, ""},
        {"\"a", ',', CC_ERR_CSV_QUOTES, ""},
        {"\"a\"\"", ',', CC_ERR_CSV_QUOTES, ""},
        {"\"a\"b", ',', CC_ERR_CSV_QUOTES, ""},
        {"a,\"b", ',', CC_ERR_CSV_QUOTES, ""},
        /* an apostrophe goes where the export puts one */
        {"'=1+1,'+34600123123,'-1,'@a", ',', CC_OK, "[=1+1][+34600123123][-1][@a]"},
        {"\"'=a\"", ',', CC_OK, "[=a]"},
        {"',''=a,'a,d'Or", ',', CC_OK, "['][''=a]['a][d'Or]"},
        {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24", ',', CC_OK,
         "[1][2][3][4][5][6][7][8][9][10][11][12][13][14][15][16][17][18][19][20][21][22][23][24]"},
        {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,", ',', CC_ERR_CSV_COUNT,
         ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char shown[SHOWN_SIZE];
        if (split(rows[i].line, rows[i].separator, shown) != rows[i].err ||
            strcmp(shown, rows[i].fields) != 0)
            fail_msg("'%s' is %s, not %s", rows[i].line, shown, rows[i].fields);
    }
}

static void windows_1252(void **state)
{
    static const struct {
        const char *text, *utf8;
    } rows[] = {
        {"", ""},
        {"Ana", "Ana"},
        {"I\xF1iguez", "Iñiguez"},
        {"\x80 \x92 \x9F \xFF", "€ ’ Ÿ ÿ"},
        {"\x81\xA0", "\xC2\x81\xC2\xA0"}, /* a control, as in Latin-1; a no-break space */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[SHOWN_SIZE];
        size_t text_len = strlen(rows[i].text), len = strlen(rows[i].utf8), got = 999;
        assert_true(csv_decode_1252(rows[i].text, text_len, out, len, &got));
        assert_int_equal(got, len);
        assert_memory_equal(out, rows[i].utf8, len);
        if (len > 0)
            assert_false(csv_decode_1252(rows[i].text, text_len, out, len - 1, &got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_of_a_line),
        cmocka_unit_test(each_separator),
        cmocka_unit_test(each_line),
        cmocka_unit_test(windows_1252),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
