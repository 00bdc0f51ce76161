/* SPDX-License-Identifier: EUPL-1.2 */
/* The SMS as the citizen reads it, in five languages, and that it fits one part. */
#include "domain/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OUT_SIZE = 256, TUESDAY_S = 1795482000, DAY_S = 86400 };

#define TUESDAY_MS (TUESDAY_S * INT64_C(1000)) /* 2026-11-24 01:00 UTC, 02:00 in Madrid */

static const struct text_values alpedrete = {
    .entity = "Ayto. de Alpedrete", .code = "0481", .expires_ms = TUESDAY_MS};

static int start(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Madrid", 1);
    tzset();
    return 0;
}

static const char *render(enum text_lang lang, enum text_id id, const struct text_values *values)
{
    static char storage[OUT_SIZE];
    struct buf out;
    buf_init(&out, storage, sizeof(storage));
    assert_int_equal(text_render(lang, id, values, &out), CC_OK);
    return buf_cstr(&out);
}

static void words(void **state)
{
    (void)state;
    static const struct {
        enum text_lang lang;
        enum text_id id;
        const char *text;
    } rows[] = {
        {TEXT_LANG_ES, TEXT_CONTRACLAVE,
         "Ayto. de Alpedrete: su contraclave PIN24H es 0481 (4 cifras). "
         "Caduca a las 02:00 del mar 24/11."},
        {TEXT_LANG_CA, TEXT_CONTRACLAVE,
         "Ayto. de Alpedrete: la seva contraclau PIN24H és 0481 (4 xifres). "
         "Caduca a les 02:00 del dt 24/11."},
        {TEXT_LANG_EU, TEXT_CONTRACLAVE,
         "Ayto. de Alpedrete: zure PIN24H kontragakoa 0481 da (4 zifra). "
         "Indarrean ar 24/11 02:00 arte."},
        {TEXT_LANG_GL, TEXT_CONTRACLAVE,
         "Ayto. de Alpedrete: contraclave PIN24H 0481 (4 cifras). Caduca o mar 24/11, 02:00 h."},
        {TEXT_LANG_EN, TEXT_CONTRACLAVE,
         "Ayto. de Alpedrete: your PIN24H contraclave is 0481 (4 digits). "
         "It expires at 02:00 on Tue 24/11."},
        {TEXT_LANG_ES, TEXT_LOCKED,
         "Ayto. de Alpedrete: su PIN24H ha quedado bloqueado por demasiados intentos fallidos. "
         "Si no ha sido usted, avise al Registro."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *text = render(rows[i].lang, rows[i].id, &alpedrete);
        if (strcmp(text, rows[i].text) != 0)
            fail_msg("row %zu: %s", i, text);
    }
}

/* Each language names all seven days; the code and the date stand in each text. */
static void days(void **state)
{
    (void)state;
    static const char *const week[TEXT_LANG_COUNT][7] = {
        [TEXT_LANG_ES] = {" mar 24/11", " mie 25/11", " jue 26/11", " vie 27/11", " sab 28/11",
                          " dom 29/11", " lun 30/11"},
        [TEXT_LANG_CA] = {" dt 24/11", " dc 25/11", " dj 26/11", " dv 27/11", " ds 28/11",
                          " dg 29/11", " dl 30/11"},
        [TEXT_LANG_EU] = {" ar 24/11", " az 25/11", " og 26/11", " or 27/11", " lr 28/11",
                          " ig 29/11", " al 30/11"},
        [TEXT_LANG_GL] = {" mar 24/11", " mer 25/11", " xov 26/11", " ven 27/11", " sab 28/11",
                          " dom 29/11", " lun 30/11"},
        [TEXT_LANG_EN] = {" Tue 24/11", " Wed 25/11", " Thu 26/11", " Fri 27/11", " Sat 28/11",
                          " Sun 29/11", " Mon 30/11"},
    };
    for (unsigned lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        for (int day = 0; day < 7; day++) {
            struct text_values values = alpedrete;
            values.expires_ms += (int64_t)day * DAY_S * 1000;
            const char *text = render((enum text_lang)lang, TEXT_CONTRACLAVE, &values);
            if (strstr(text, week[lang][day]) == NULL || strstr(text, "0481") == NULL)
                fail_msg("language %u: %s", lang, text);
        }
    }
}

/* The local clock as it will be: on the night of the change there is no 02:00. */
static void clock_of_the_zone(void **state)
{
    (void)state;
    struct text_values values = alpedrete;
    values.expires_ms = INT64_C(1774746000000); /* 2026-03-29 01:00 UTC */
    assert_non_null(strstr(render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &values),
                           "Caduca a las 03:00 del dom 29/03."));
    setenv("TZ", "Atlantic/Canary", 1);
    tzset();
    assert_non_null(strstr(render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &values),
                           "Caduca a las 02:00 del dom 29/03."));
    start(NULL);
    values.expires_ms = INT64_C(1795480680000); /* 2026-11-24 00:38 UTC */
    assert_non_null(strstr(render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &values),
                           "Caduca a la 01:38 del mar 24/11."));
    assert_non_null(
        strstr(render(TEXT_LANG_CA, TEXT_CONTRACLAVE, &values), "Caduca a la 01:38 del dt 24/11."));
}

static void origin_line(void **state)
{
    (void)state;
    static const struct {
        enum text_id id;
        const char *code;
        const char *origin;
        const char *end; /* of the text */
    } rows[] = {
        {TEXT_CONTRACLAVE, "0481", "sede.alpedrete.es", "24/11.\n@sede.alpedrete.es #0481"},
        {TEXT_CONTRACLAVE, "0481", "", "24/11."},
        {TEXT_CONTRACLAVE, "0481", NULL, "24/11."},
        {TEXT_LOCKED, NULL, "sede.alpedrete.es", "avise al Registro."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text_values values = alpedrete;
        values.code = rows[i].code;
        values.origin = rows[i].origin;
        const char *text = render(TEXT_LANG_ES, rows[i].id, &values);
        size_t len = strlen(text);
        size_t end = strlen(rows[i].end);
        if (len < end || strcmp(text + len - end, rows[i].end) != 0)
            fail_msg("row %zu: %s", i, text);
    }
}

/* The contract of the header: an entity of 30 fits every template in one part. */
static void thirty_characters_fit(void **state)
{
    (void)state;
    struct text_values values = alpedrete;
    values.entity = "Ayto. de Alpedrete y Cercedill";
    assert_int_equal(strlen(values.entity), 30);
    for (unsigned lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        for (unsigned id = 0; id < TEXT_COUNT; id++) {
            size_t septets = 0;
            const char *text = render((enum text_lang)lang, (enum text_id)id, &values);
            assert_int_equal(text_fits_gsm7(text, strlen(text), &septets, NULL), CC_OK);
            if (septets > 160)
                fail_msg("language %u, text %u: %zu septets", lang, id, septets);
        }
        values.origin = "sede.alpedrete.es";
        (void)render((enum text_lang)lang, TEXT_CONTRACLAVE, &values);
        values.origin = NULL;
    }
}

static void refuses(void **state)
{
    (void)state;
    static char endless[1001];
    memset(endless, 'a', sizeof(endless) - 1);
    static const struct {
        const char *entity;
        const char *origin;
        enum cc_err err;
    } rows[] = {
        {"Ayuntamiento de Alcalá", NULL, CC_ERR_TEXT_NOT_GSM7},
        {"Ajuntament de València", NULL, CC_OK},
        {"Ayto. 😀", NULL, CC_ERR_TEXT_NOT_GSM7},
        {"Ayto. \xff", NULL, CC_ERR_TEXT_NOT_GSM7},
        {"Ayto.", "sede.alcalá.es", CC_ERR_TEXT_NOT_GSM7},
        {"A{hora}", NULL, CC_OK},
        {"Excelentisimo Ayuntamiento Constitucional de la Villa de Alpedrete de la Sierra de "
         "Guadarrama",
         NULL, CC_ERR_TEXT_TOO_LONG},
        {endless, NULL, CC_ERR_TEXT_TOO_LONG},
        {"Ayto.", endless, CC_ERR_TEXT_TOO_LONG},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[OUT_SIZE];
        struct buf out;
        struct text_values values = alpedrete;
        values.entity = rows[i].entity;
        values.origin = rows[i].origin;
        buf_init(&out, storage, sizeof(storage));
        enum cc_err err = text_render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &values, &out);
        if (err != rows[i].err)
            fail_msg("row %zu: %s", i, err_token(err));
        if ((out.len == 0) != (err != CC_OK))
            fail_msg("row %zu: %zu bytes written", i, out.len);
    }
    char storage[20];
    struct buf out;
    buf_init(&out, storage, sizeof(storage));
    assert_int_equal(text_render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &alpedrete, &out), CC_OK);
    assert_false(buf_ok(&out));
}

static void entity_is_not_a_template(void **state)
{
    (void)state;
    struct text_values values = alpedrete;
    values.entity = "A{hora}%s";
    assert_ptr_equal(strstr(render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &values), "A{hora}%s: su "),
                     strstr(render(TEXT_LANG_ES, TEXT_CONTRACLAVE, &values), "A{"));
}

static void languages(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum text_lang lang; /* TEXT_LANG_COUNT = refused */
    } rows[] = {
        {"es", TEXT_LANG_ES},    {"ca", TEXT_LANG_CA},     {"eu", TEXT_LANG_EU},
        {"gl", TEXT_LANG_GL},    {"en", TEXT_LANG_EN},     {"", TEXT_LANG_COUNT},
        {"e", TEXT_LANG_COUNT},  {"esp", TEXT_LANG_COUNT}, {"ES", TEXT_LANG_COUNT},
        {"fr", TEXT_LANG_COUNT}, {"es ", TEXT_LANG_COUNT}, {"es-ES", TEXT_LANG_COUNT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum text_lang lang = TEXT_LANG_COUNT;
        enum cc_err err = text_lang_parse(rows[i].code, strlen(rows[i].code), &lang);
        bool known = rows[i].lang != TEXT_LANG_COUNT;
        if (err != (known ? CC_OK : CC_ERR_LANG_UNKNOWN) || lang != rows[i].lang)
            fail_msg("'%s': %s", rows[i].code, err_token(err));
    }
}

static void fitting(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        size_t times;
        enum cc_err err;
        size_t value; /* septets, or the offset of the character that does not fit */
    } rows[] = {
        {"", 0, CC_OK, 0},
        {"a", 160, CC_OK, 160},
        {"a", 161, CC_ERR_TEXT_TOO_LONG, 0},
        {"ñ", 160, CC_OK, 160},
        {"@", 160, CC_OK, 160},
        {"€", 80, CC_OK, 160},
        {"€", 81, CC_ERR_TEXT_TOO_LONG, 0},
        {"a", 400, CC_ERR_TEXT_TOO_LONG, 0},
        {"ñá", 1, CC_ERR_TEXT_NOT_GSM7, 2},
        {"abcí", 1, CC_ERR_TEXT_NOT_GSM7, 3},
        {"ç", 1, CC_ERR_TEXT_NOT_GSM7, 0},
        {"Ç¿¡èéùìòàäöüÄÖÜÑñ", 1, CC_OK, 17},
        {"ab\xff", 1, CC_ERR_TEXT_NOT_GSM7, 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[512];
        size_t septets = 0;
        size_t offset = 0;
        struct buf b;
        buf_init(&b, text, sizeof(text));
        for (size_t n = 0; n < rows[i].times; n++)
            buf_str(&b, rows[i].piece);
        enum cc_err err = text_fits_gsm7(text, b.len, &septets, &offset);
        if (err != rows[i].err || septets + offset != rows[i].value)
            fail_msg("row %zu: %s, %zu", i, err_token(err), septets + offset);
        assert_int_equal(text_fits_gsm7(text, b.len, NULL, NULL), err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(days),
        cmocka_unit_test(clock_of_the_zone),
        cmocka_unit_test(origin_line),
        cmocka_unit_test(thirty_characters_fit),
        cmocka_unit_test(refuses),
        cmocka_unit_test(entity_is_not_a_template),
        cmocka_unit_test(languages),
        cmocka_unit_test(fitting),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
