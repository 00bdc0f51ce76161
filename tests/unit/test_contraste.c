/* SPDX-License-Identifier: EUPL-1.2 */
/* The contrast datum as people write it, for each kind of NIF. */
#include "domain/contraste.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void as_written(void **state)
{
    (void)state;
    static const struct {
        enum nif_kind kind;
        const char *text;
        enum cc_err err;
        const char *expected;
    } rows[] = {
        {NIF_KIND_DNI, "31/12/2030", CC_OK, "2030-12-31"},
        {NIF_KIND_DNI, "31-12-2030", CC_OK, "2030-12-31"},
        {NIF_KIND_DNI, "31.12.2030", CC_OK, "2030-12-31"},
        {NIF_KIND_DNI, "31 12 2030", CC_OK, "2030-12-31"},
        {NIF_KIND_DNI, " 2030-12-31 ", CC_OK, "2030-12-31"},
        {NIF_KIND_DNI, "9/4/2031", CC_OK, "2031-04-09"},
        {NIF_KIND_KLM, "29/02/2028", CC_OK, "2028-02-29"},
        {NIF_KIND_DNI, "29/02/2000", CC_OK, "2000-02-29"},
        {NIF_KIND_DNI, "29/02/2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31/04/2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "00/04/2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "01/00/2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "01/13/2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "01/01/1939", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "01/01/1940", CC_OK, "1940-01-01"},
        {NIF_KIND_DNI, "31/12/2099", CC_OK, "2099-12-31"},
        {NIF_KIND_DNI, "01/01/9999", CC_ERR_CONTRAST_DATE, NULL}, /* printed on permanent ones */
        {NIF_KIND_DNI, "31/12/30", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31/12-2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31//2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31122030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31/12/20301", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31/12/2030/", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "31/12", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "600123123", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "E12345678", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_DNI, "\xEF\xBC\x93\xEF\xBC\x91/12/2030", CC_ERR_CONTRAST_DATE, NULL},
        {NIF_KIND_NIE, "E12345678", CC_OK, "E12345678"},
        {NIF_KIND_NIE, " e 1234-5678 ", CC_OK, "E12345678"},
        {NIF_KIND_NIE, "E00000000", CC_OK, "E00000000"},
        {NIF_KIND_NIE, "E1234567", CC_OK, "E01234567"},
        {NIF_KIND_NIE, "c 123 456", CC_OK, "C00123456"},
        {NIF_KIND_NIE, "E1", CC_OK, "E00000001"},
        {NIF_KIND_NIE, "E", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "1234567E", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "E123456789", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "112345678", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "EE2345678", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "E12345_78", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE,
         "\xC3\x89"
         "12345678",
         CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "31/12/2030", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_NIE, "", CC_ERR_CONTRAST_SUPPORT, NULL},
        {NIF_KIND_LEGAL, "31/12/2030", CC_ERR_CONTRAST_NONE, NULL},
        {NIF_KIND_LEGAL, "E12345678", CC_ERR_CONTRAST_NONE, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct contraste got = {.text = "as it was"}, expected = {0};
        enum cc_err err = contraste_parse(rows[i].text, strlen(rows[i].text), rows[i].kind, &got);
        if (err != rows[i].err)
            fail_msg("row %zu \"%s\": %s", i, rows[i].text, err_token(err));
        memcpy(expected.text, rows[i].expected != NULL ? rows[i].expected : "as it was",
               strlen(rows[i].expected != NULL ? rows[i].expected : "as it was"));
        if (memcmp(&got, &expected, sizeof(got)) != 0)
            fail_msg("row %zu \"%s\": %s", i, rows[i].text, got.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
