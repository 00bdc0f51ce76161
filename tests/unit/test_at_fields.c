/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines to fields: each row reads one line with a script of readers and writes down what it got. */
#include "at/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { TRACE_SIZE = 512, TEXT_CAP = 24 };

/* readers: i int, h hex, t text, s skip, c count; expect: results with '|' behind, '-' = refused */
struct row {
    const char *line;
    const char *prefix;
    const char *readers;
    const char *expect;
};

static const struct row rows[] = {
    {"+CSQ: 20,99", "+CSQ:", "ciici", "2|20|99|0|-|"},
    {"+CSQ:20,99", "+CSQ:", "iii", "20|99|-|"},
    {"+CSQ:  20 , 99 ", "+CSQ:", "ii", "20|99|"},
    {"+CREG: 2,1,\"00A1\",\"0F3B\",7", "+CREG:", "ciihhi", "5|2|1|A1|F3B|7|"},
    {"+CREG: 2,1,00a1,0f3b", "+CREG:", "iihh", "2|1|A1|F3B|"},
    {"+CREG: \"1\"", "+CREG:", "i", "1|"},
    {"+CPIN: SIM PIN", "+CPIN:", "ctt", "1|SIM PIN|-|"},
    {"+CPIN:", "+CPIN:", "ctish", "0|-|-|-|-|"},
    {"+CPIN: ", "+CPIN:", "c", "0|"},
    /* empty fields are fields */
    {"+CDS: ,25", "+CDS:", "citic", "2|-||25|0|"},
    {"+CDS: 25", "+CDS:", "ci", "1|25|"},
    {"+CMT: \"\",,7", "+CMT:", "ctti", "3|||7|"},
    {"+CNUM: 1,", "+CNUM:", "citt", "2|1||-|"},
    {"+X: ,", "+X:", "cssc", "2|.|.|0|"},
    /* a refusal leaves the field where it was */
    {"+COPS: 0,0,\"vodafone ES\",7", "+COPS:", "iiihti", "0|0|-|-|vodafone ES|7|"},
    {"+X: \"a,b\",2", "+X:", "cti", "2|a,b|2|"},
    {"+X: \"(\",2", "+X:", "cti", "2|(|2|"},
    /* limits of the numbers */
    {"+X: 2147483647,-2147483648", "+X:", "ii", "2147483647|-2147483648|"},
    {"+X: 2147483648", "+X:", "it", "-|2147483648|"},
    {"+X: -2147483649", "+X:", "i", "-|"},
    {"+X: 99999999999999999999999999999999999999", "+X:", "ih", "-|-|"},
    {"+X: 0000000000000000000000000000000000000017", "+X:", "i", "17|"},
    {"+CMTI: ,-1", "+CMTI:", "si", ".|-1|"},
    {"+X: FFFFFFFF,100000000", "+X:", "hh", "FFFFFFFF|-|"},
    {"+X: -1", "+X:", "hi", "-|-1|"},
    {"+X: -,+5,1-2,1x,0x10,1.5", "+X:", "isiisisisi", "-|.|5|-|.|-|.|-|.|-|"},
    {"+X: \"\",\"", "+X:", "ihsih", "-|-|.|-|-|"},
    /* brackets count as one field, whatever they hold */
    {"+CPMS: (\"SM\",\"ME\"),(\"SM\"),2", "+CPMS:", "cssi", "3|.|.|2|"},
    {"+CPMS: ((\"SM\",\"ME\"),(\"SM\")),9", "+CPMS:", "csi", "2|.|9|"},
    {"+CNMI: (0,1,2),(0-3),(0,2)", "+CNMI:", "cttt", "3|(0,1,2)|(0-3)|(0,2)|"},
    {"+X: (\")\",1),2", "+X:", "csi", "2|.|2|"},
    {"(0,1,2)", "(", "ciiii", "3|0|1|2|-|"},
    {"()", "(", "ci", "0|-|"},
    {"+X: (1,(2,3", "+X:", "cts", "1|(1,(2,3|-|"},
    {"+X: 1),2", "+X:", "ciic", "1|1|-|0|"},
    /* broken quotes read to the end of the line */
    {"+X: \"abc,2", "+X:", "ctc", "1|abc,2|0|"},
    {"+X: \"", "+X:", "ct", "1||"},
    {"+X: a\"b,c\"d,3", "+X:", "cti", "2|a\"b,c\"d|3|"},
    /* longer than the reader's room */
    {"+X: \"0123456789012345678901234567\",8", "+X:", "ti", "01234567890123456789012|8|"},
};

static void write_result(char *trace, bool taken, const char *text)
{
    size_t len = strlen(trace);
    int n = snprintf(trace + len, TRACE_SIZE - len, "%s|", taken ? text : "-");

    assert_true(n > 0 && (size_t)n < TRACE_SIZE - len);
}

static void read_one(struct at_fields *f, char reader, char *trace)
{
    char text[TEXT_CAP] = ".";
    int number = 0;
    uint32_t hex = 0;
    bool taken = true;

    switch (reader) {
    case 'i':
        taken = at_fields_int(f, &number);
        (void)snprintf(text, sizeof(text), "%d", number);
        break;
    case 'h':
        taken = at_fields_hex(f, &hex);
        (void)snprintf(text, sizeof(text), "%X", hex);
        break;
    case 't':
        taken = at_fields_text(f, text, sizeof(text));
        break;
    case 's':
        taken = at_fields_skip(f);
        break;
    default:
        (void)snprintf(text, sizeof(text), "%zu", at_fields_count(f));
        break;
    }
    write_result(trace, taken, text);
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        char trace[TRACE_SIZE] = "";
        struct at_fields f;

        assert_true(at_fields_init(&f, row->line, row->prefix));
        for (const char *reader = row->readers; *reader != '\0'; reader++)
            read_one(&f, *reader, trace);
        if (strcmp(trace, row->expect) != 0)
            fail_msg("%s read by %s: %s, not %s", row->line, row->readers, trace, row->expect);
    }
}

static void test_foreign_prefixes_are_refused(void **state)
{
    static const char *const lines[] = {"", "+CRE", "+CREGX: 1", " +CREG: 1", "+CREG 1", "OK"};
    struct at_fields f;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (at_fields_init(&f, lines[i], "+CREG:"))
            fail_msg("taken: %s", lines[i]);
}

static void test_text_without_room_is_refused(void **state)
{
    struct at_fields f;
    char one[1] = {'x'};

    (void)state;
    assert_true(at_fields_init(&f, "+X: abc", "+X:"));
    assert_false(at_fields_text(&f, one, 0));
    assert_int_equal(one[0], 'x');
    assert_true(at_fields_text(&f, one, sizeof(one)));
    assert_string_equal(one, "");
}

static void test_outputs_stay_when_refused(void **state)
{
    struct at_fields f;
    int number = 7;
    uint32_t hex = 7;

    (void)state;
    assert_true(at_fields_init(&f, "+X: zz", "+X:"));
    assert_false(at_fields_int(&f, &number));
    assert_false(at_fields_hex(&f, &hex));
    assert_int_equal(number, 7);
    assert_int_equal(hex, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_foreign_prefixes_are_refused),
        cmocka_unit_test(test_text_without_room_is_refused),
        cmocka_unit_test(test_outputs_stay_when_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
