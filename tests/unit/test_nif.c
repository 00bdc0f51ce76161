/* SPDX-License-Identifier: EUPL-1.2 */
/* NIF, NIE, CIF: the vectors of tests/vectors/nif.txt, garbage, kinds, masks. */
#include "domain/nif.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 512 };

/* The number that the hexadecimal digits at text spell. */
static uint32_t hex_number(const char *text, size_t digits)
{
    uint32_t number = 0;
    for (size_t i = 0; i < digits; i++) {
        int value = hex_value(text[i]);
        assert_true(value >= 0);
        number = number << 4 | (uint32_t)value;
    }
    return number;
}

/* Undoes \uXXXX and \xHH in place; returns the bytes that remain. */
static size_t unescape(char *text)
{
    size_t out = 0;
    for (size_t in = 0; text[in] != '\0';) {
        if (strncmp(text + in, "\\u", 2) == 0) {
            char bytes[4];
            size_t n = utf8_encode(hex_number(text + in + 2, 4), bytes);
            memcpy(text + out, bytes, n);
            out += n;
            in += 6;
        } else if (strncmp(text + in, "\\x", 2) == 0) {
            text[out++] = (char)hex_number(text + in + 2, 2);
            in += 4;
        } else {
            text[out++] = text[in++];
        }
    }
    return out;
}

static void check_vector(const char *line, char *input, const char *expected)
{
    struct nif nif = {"untouched", NIF_KIND_DNI};
    size_t len = unescape(input);
    enum cc_err err = nif_parse(input, len, &nif);
    const char *got = err == CC_OK ? nif.text : err_token(err);
    if (strcmp(got, expected) != 0)
        fail_msg("%s: got %s", line, got);
    if (err != CC_OK && strcmp(nif.text, "untouched") != 0)
        fail_msg("%s: written on failure", line);
    struct nif again;
    if (err == CC_OK && nif_parse(nif.text, NIF_CHARS, &again) != CC_OK)
        fail_msg("%s: the canonical form is refused", line);
}

static void vectors(void **state)
{
    (void)state;
    FILE *file = fopen("tests/vectors/nif.txt", "re");
    assert_non_null(file);
    char line[LINE_MAX_BYTES];
    int count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        char copy[LINE_MAX_BYTES];
        line[strcspn(line, "\n")] = '\0';
        memcpy(copy, line, sizeof(line));
        char *tab = strchr(copy, '\t');
        if (line[0] == '#')
            continue;
        assert_non_null(tab);
        *tab = '\0';
        check_vector(line, copy, tab + 1);
        count++;
    }
    fclose(file);
    assert_true(count > 300);
}

/* Of the 26 letters after a number, exactly one is right: the table has no two ways. */
static void one_control_for_each_number(void **state)
{
    (void)state;
    static const char *const stems[] = {"12345678", "X1234567", "Z7654321", "K1234567",
                                        "P4622000", "G4622000", "A0012345"};
    for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
        int letters = 0;
        for (char c = 'A'; c <= 'Z'; c++) {
            char text[NIF_CHARS + 1];
            struct nif nif;
            snprintf(text, sizeof(text), "%s%c", stems[i], c);
            letters += nif_parse(text, NIF_CHARS, &nif) == CC_OK;
        }
        if (letters != 1)
            fail_msg("%s takes %d letters", stems[i], letters);
    }
}

static void survives_a_megabyte(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    static const struct {
        char fill;
        enum cc_err err;
    } rows[] = {
        {'1', CC_ERR_NIF_LENGTH},    {'Z', CC_ERR_NIF_LENGTH},    {' ', CC_ERR_NIF_LENGTH},
        {'-', CC_ERR_NIF_LENGTH},    {'\0', CC_ERR_NIF_FORMAT},   {'\xff', CC_ERR_NIF_FORMAT},
        {'\x80', CC_ERR_NIF_FORMAT}, {'\xc2', CC_ERR_NIF_FORMAT}, {'!', CC_ERR_NIF_FORMAT},
    };
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nif nif;
        memset(text, rows[i].fill, SIZE);
        if (nif_parse(text, SIZE, &nif) != rows[i].err)
            fail_msg("a megabyte of byte %d", rows[i].fill);
    }
    /* a NIF at the end of a megabyte of spaces is still that NIF */
    struct nif nif;
    memset(text, ' ', SIZE);
    memcpy(text + SIZE - NIF_CHARS, "12345678Z", NIF_CHARS);
    assert_int_equal(nif_parse(text, SIZE, &nif), CC_OK);
    assert_string_equal(nif.text, "12345678Z");
    free(text);
}

static void random_bytes_never_break_it(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789XYZKLMABESTRW -./_\xc2\xa0\xef\xbc\x91\x80z";
    uint32_t seed = 20240229;
    for (int round = 0; round < 20000; round++) {
        char text[16];
        struct nif nif;
        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        size_t len = (seed >> 8) % (sizeof(text) + 1);
        if (nif_parse(text, len, &nif) == CC_OK)
            assert_int_equal(strlen(nif.text), NIF_CHARS);
    }
}

static void kinds_and_masks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *kind;
        const char *masked;
        bool is_test;
    } rows[] = {
        {"12345678Z", "dni", "***4567**", false},
        {"00000000T", "dni", "***0000**", true},
        {"00000001R", "dni", "***0000**", true},
        {"99999999R", "dni", "***9999**", true},
        {"X0000000T", "nie", "***0000**", true},
        {"Q0000000J", "persona_juridica", "***0000**", true},
        {"23456783A", "dni", "***5678**", false},
        {"X1234567L", "nie", "***3456**", false},
        {"Y1234567X", "nie", "***3456**", false},
        {"K1234567L", "nif_klm", "***3456**", false},
        {"M1234567L", "nif_klm", "***3456**", false},
        {"A58818501", "persona_juridica", "***8185**", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nif nif;
        char masked[NIF_MASK_SIZE];
        if (nif_parse(rows[i].text, NIF_CHARS, &nif) != CC_OK)
            fail_msg("%s refused", rows[i].text);
        nif_mask(&nif, masked);
        if (strcmp(masked, rows[i].masked) != 0)
            fail_msg("%s is shown as %s", rows[i].text, masked);
        if (strcmp(nif_kind_token(nif.kind), rows[i].kind) != 0)
            fail_msg("%s is a %s", rows[i].text, nif_kind_token(nif.kind));
        if (nif_is_test_number(&nif) != rows[i].is_test)
            fail_msg("%s: test number or not", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(one_control_for_each_number),
        cmocka_unit_test(survives_a_megabyte),
        cmocka_unit_test(random_bytes_never_break_it),
        cmocka_unit_test(kinds_and_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
