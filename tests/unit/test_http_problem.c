/* SPDX-License-Identifier: EUPL-1.2 */
/* Problems as the sede reads them. */
#include "http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/problem_words.h"

#include <jansson.h>
#include <string.h>

struct row {
    struct problem problem;
    int status;
    const char *type;
    const char *detail; /* NULL = the title again */
    const char *field;  /* NULL = no `campo` */
};

static const struct row rows[] = {
    {{.err = CC_ERR_NIF_LENGTH, .field = "nif"},
     422,
     "nif_length",
     "Revise el campo «nif».",
     "nif"},
    {{.err = CC_ERR_FIELD_TYPE, .field = "clave"},
     400,
     "field_type",
     "El campo «clave» debe ser un texto, entre comillas.",
     "clave"},
    {{.err = CC_ERR_FIELD_MISSING, .field = "movil"},
     400,
     "field_missing",
     "Falta el campo «movil».",
     "movil"},
    {{.err = CC_ERR_FIELD_UNKNOWN, .field = "telefono"},
     400,
     "field_unknown",
     "Sobra el campo «telefono».",
     "telefono"},
    {{.err = CC_ERR_WAY_CLOSED, .sentence = "Cerrada. Puede hacerse en el Registro."},
     403,
     "way_closed",
     "Cerrada. Puede hacerse en el Registro.",
     NULL},
    {{.err = CC_ERR_FIELD_UNKNOWN}, 400, "field_unknown", NULL, NULL},
    {{.err = CC_ERR_FIELD_LENGTH, .field = "nif"},
     422,
     "field_length",
     "El campo «nif» es demasiado largo.",
     "nif"},
    {{.err = CC_ERR_JSON_DUPLICATE, .field = "nif"},
     400,
     "json_duplicate",
     "El campo «nif» aparece más de una vez.",
     "nif"},
    {{.err = CC_ERR_JSON_DUPLICATE}, 400, "json_duplicate", NULL, NULL},
    {{.err = CC_ERR_JSON_SYNTAX}, 400, "json_syntax", NULL, NULL},
    {{.err = CC_ERR_METHOD, .allow = "GET, HEAD"},
     405,
     "method_not_allowed",
     "Métodos admitidos: GET, HEAD.",
     NULL},
    /* methods of other rows of the path, which were met before the one that was asked for */
    {{.err = CC_ERR_MEMORY, .allow = "PATCH"}, 500, "out_of_memory", NULL, NULL},
    {{.err = CC_ERR_RATE_LIMITED, .allow = "GET, HEAD", .wait_s = 7},
     429,
     "rate_limited",
     "Vuelva a intentarlo dentro de 7 s.",
     NULL},
    {{.err = CC_ERR_RATE_LIMITED, .wait_s = 7},
     429,
     "rate_limited",
     "Vuelva a intentarlo dentro de 7 s.",
     NULL},
    {{.err = CC_ERR_RATE_LIMITED}, 429, "rate_limited", NULL, NULL},
    {{.err = CC_ERR_UNAUTHENTICATED}, 401, "unauthenticated", NULL, NULL},
    {{.err = CC_ERR_FORBIDDEN}, 403, "forbidden", NULL, NULL},
    {{.err = CC_ERR_NOT_FOUND}, 404, "not_found", NULL, NULL},
    {{.err = CC_ERR_ALREADY_REGISTERED, .field = "nif"},
     409,
     "already_registered",
     "Revise el campo «nif».",
     "nif"},
    {{.err = CC_ERR_BODY_TOO_LARGE}, 413, "body_too_large", NULL, NULL},
    {{.err = CC_ERR_CONTENT_TYPE}, 415, "content_type_unsupported", NULL, NULL},
    {{.err = CC_ERR_SHUTTING_DOWN}, 503, "shutting_down", NULL, NULL},
    {{.err = CC_ERR_SHUTTING_DOWN, .lang = TEXT_LANG_EU}, 503, "shutting_down", NULL, NULL},
    {{.err = CC_ERR_FIELD_MISSING, .lang = TEXT_LANG_CA, .field = "movil"},
     400,
     "field_missing",
     "Falta el camp «movil».",
     "movil"},
    {{.err = CC_ERR_METHOD, .lang = TEXT_LANG_EU, .allow = "GET, HEAD"},
     405,
     "method_not_allowed",
     "Onartutako metodoak: GET, HEAD.",
     NULL},
    {{.err = CC_ERR_RATE_LIMITED, .lang = TEXT_LANG_GL, .wait_s = 7},
     429,
     "rate_limited",
     "Volva intentalo dentro de 7 s.",
     NULL},
    {{.err = CC_ERR_NIF_TEST, .lang = TEXT_LANG_EN, .field = "nif"},
     422,
     "nif_test",
     "Check the field «nif».",
     "nif"},
};

static void check_text(size_t i, const json_t *problem, const char *key, const char *expected)
{
    const char *got = json_string_value(json_object_get(problem, key));
    if ((got == NULL) != (expected == NULL) || (got != NULL && strcmp(got, expected) != 0))
        fail_msg("row %zu: %s is %s, not %s", i, key, got, expected);
}

static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[1024];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        problem_render(&rows[i].problem, &out);
        assert_true(buf_ok(&out));
        json_t *problem = json_loadb(storage, out.len, 0, NULL);
        const char *title = problem_title(rows[i].problem.lang, rows[i].problem.err);
        check_text(i, problem, "type", rows[i].type);
        check_text(i, problem, "title", title);
        check_text(i, problem, "detail", rows[i].detail != NULL ? rows[i].detail : title);
        check_text(i, problem, "campo", rows[i].field);
        assert_int_equal(json_integer_value(json_object_get(problem, "status")), rows[i].status);
        json_decref(problem);
    }
}

/* Every error of the house fits the space that an answer gives it, in each language. */
static void test_every_error_fits(void **state)
{
    (void)state;
    for (unsigned i = 1; i < TEXT_LANG_COUNT * CC_ERR_COUNT; i++) {
        char storage[1024];
        struct buf out;
        struct problem problem = {.err = (enum cc_err)(i % CC_ERR_COUNT),
                                  .lang = (enum text_lang)(i / CC_ERR_COUNT),
                                  .field = "abcdefghijklmnopqrstuvwxyzabcdef"};
        buf_init(&out, storage, sizeof(storage));
        problem_render(&problem, &out);
        if (!buf_ok(&out))
            fail_msg("%s does not fit", err_token(problem.err));
    }
}

/* Short sentences are the same in neighbouring languages by right; nothing long is. */
static void test_every_language_has_its_own(void **state)
{
    enum { OWN_FROM = 48 }; /* bytes */
    (void)state;
    for (unsigned i = 0; i < CC_ERR_COUNT; i++)
        assert_string_equal(problem_title(TEXT_LANG_ES, (enum cc_err)i), err_text((enum cc_err)i));
    for (unsigned i = 0; i < TEXT_LANG_COUNT * CC_ERR_COUNT; i++) {
        enum cc_err err = (enum cc_err)(i % CC_ERR_COUNT);
        enum text_lang lang = (enum text_lang)(i / CC_ERR_COUNT);
        const char *text = problem_title(lang, err);
        if (text == NULL || text[0] == '\0' || text[strlen(text) - 1] != '.')
            fail_msg("%s is no sentence in %s", err_token(err), text_lang_token(lang));
        if (lang != TEXT_LANG_ES && strlen(text) > OWN_FROM && strcmp(text, err_text(err)) == 0)
            fail_msg("%s is Spanish in %s", err_token(err), text_lang_token(lang));
    }
    for (unsigned i = 0; i < TEXT_LANG_COUNT * PROBLEM_PHRASES; i++)
        assert_non_null(problem_phrase((enum text_lang)(i / PROBLEM_PHRASES),
                                       (enum problem_phrase)(i % PROBLEM_PHRASES)));
    assert_string_equal(problem_title(TEXT_LANG_EN, CC_ERR_COUNT), err_text(CC_ERR_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_every_error_fits),
        cmocka_unit_test(test_every_language_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
