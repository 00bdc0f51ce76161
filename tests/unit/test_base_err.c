/* SPDX-License-Identifier: EUPL-1.2 */
/* The one list of errors: every row complete, every token its own and findable. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

static void every_error_is_complete(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CC_ERR_COUNT; i++) {
        enum cc_err err = (enum cc_err)i;
        if (err_token(err)[0] == '\0' || err_text(err)[0] == '\0')
            fail_msg("row %u has no token or no text", i);
        if (err_from_token(err_token(err)) != err)
            fail_msg("%s: the token is not this error's alone", err_token(err));
        int http = err_http_status(err);
        if (i != 0 && (http < 400 || http > 599))
            fail_msg("%s: HTTP status %d is no error", err_token(err), http);
        int code = err_exit_code(err);
        if (i != 0 && (code < 64 || code > 78))
            fail_msg("%s: exit code %d is not of sysexits.h", err_token(err), code);
    }
}

/* A type is part of the contract with other programs: English, so it holds the name of its row. */
static void every_type_is_english(void **state)
{
    (void)state;
    static const struct {
        const char *name, *token;
    } rows[] = {
#define ERR_ROW(name, token, http, code) {#name, token},
#include "base/err.inc"
#undef ERR_ROW
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcasestr(rows[i].token, rows[i].name) == NULL ||
            strspn(rows[i].token, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(rows[i].token))
            fail_msg("%s: the type of %s does not hold its name", rows[i].token, rows[i].name);
}

static void known_rows(void **state)
{
    (void)state;
    static const struct {
        enum cc_err err;
        const char *token;
        int http;
        int code;
    } rows[] = {
        {CC_OK, "ok", 200, 0},
        {CC_ERR_NIF_LENGTH, "nif_length", 422, 65},
        {CC_ERR_RATE_LIMITED, "rate_limited", 429, 75},
        {CC_ERR_UNAUTHENTICATED, "unauthenticated", 401, 77},
        {CC_ERR_CONFIG, "config_invalid", 500, 78},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(err_token(rows[i].err), rows[i].token);
        assert_int_equal(err_http_status(rows[i].err), rows[i].http);
        assert_int_equal(err_exit_code(rows[i].err), rows[i].code);
    }
}

static void outside_the_table(void **state)
{
    (void)state;
    assert_string_equal(err_token(CC_ERR_COUNT), "unknown");
    assert_string_equal(err_text(CC_ERR_COUNT), "Error desconocido.");
    assert_int_equal(err_http_status(CC_ERR_COUNT), 500);
    assert_int_equal(err_exit_code(CC_ERR_COUNT), 70);
    assert_int_equal(err_from_token("nif_inventado"), CC_ERR_COUNT);
    assert_int_equal(err_from_token(""), CC_ERR_COUNT);
}

static void an_error_of_the_system_is_told_in_spanish(void **state)
{
    (void)state;
    assert_string_equal(err_system_text(ENOENT), "no existe");
    assert_string_equal(err_system_text(EROFS), "el disco es de solo lectura");
    assert_string_equal(err_system_text(ETIMEDOUT), "no ha contestado a tiempo");
    assert_string_equal(err_system_text(EILSEQ), strerror(EILSEQ)); /* nobody meets that one */
}

static void absence_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(err_allow_absent(CC_ERR_NOT_FOUND), CC_OK);
    assert_int_equal(err_allow_absent(CC_ERR_ALTERED), CC_ERR_ALTERED);
    assert_int_equal(err_allow_altered(CC_ERR_NOT_FOUND), CC_OK);
    assert_int_equal(err_allow_altered(CC_ERR_ALTERED), CC_OK);
    assert_int_equal(err_allow_altered(CC_ERR_DB), CC_ERR_DB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_is_complete),
        cmocka_unit_test(absence_is_allowed),
        cmocka_unit_test(every_type_is_english),
        cmocka_unit_test(known_rows),
        cmocka_unit_test(outside_the_table),
        cmocka_unit_test(an_error_of_the_system_is_told_in_spanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
