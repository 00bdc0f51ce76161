/* SPDX-License-Identifier: EUPL-1.2 */
/* Online altas: the edges of their states, the code of the mobile, and the types of documents. */
#include "domain/application.h"
#include "domain/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define T0 INT64_C(1795478400000)
#define SECOND_MS INT64_C(1000)

static void each_edge(void **state)
{
    /* by the state before: the one after, "-" where there is no edge */
    static const char *const rows[APPLICATION_ACTS][APPLICATION_STATES] = {
        [APPLICATION_PROVE] = {"pendiente", "-", "-", "-"},
        [APPLICATION_CLOSE] = {"rechazada", "-", "-", "-"},
        [APPLICATION_ACCEPT] = {"-", "activa", "-", "-"},
        [APPLICATION_REJECT] = {"-", "rechazada", "-", "-"},
    };
    (void)state;
    for (unsigned act = 0; act < APPLICATION_ACTS; act++) {
        for (unsigned from = 0; from < APPLICATION_STATES; from++) {
            enum application_state to = APPLICATION_STATES, again = APPLICATION_STATES;
            enum cc_err err =
                application_next((enum application_act)act, (enum application_state)from, &to);
            assert_string_equal(err == CC_OK ? application_state_token(to) : "-", rows[act][from]);
            assert_int_equal(err, to == APPLICATION_STATES ? CC_ERR_APPLICATION_STATE : CC_OK);
            if (err == CC_OK)
                assert_int_equal(application_parse_state(application_state_token(to), &again),
                                 CC_OK);
            assert_int_equal(again, to);
        }
    }
    enum application_state none = APPLICATION_STATES;
    assert_int_equal(application_next(APPLICATION_ACTS, APPLICATION_PENDING, &none),
                     CC_ERR_APPLICATION_STATE);
    assert_int_equal(application_parse_state("otra", &none), CC_ERR_RANGE);
    assert_string_equal(application_state_token(APPLICATION_STATES), "desconocido");
}

static void a_code_lives_30_minutes_and_5_tries(void **state)
{
    static const struct {
        int64_t after_ms, tries;
        enum cc_err err;
    } rows[] = {
        {0, 0, CC_OK},
        {0, 4, CC_OK},
        {0, 5, CC_ERR_CODE_EXPIRED},
        {1800 * SECOND_MS - 1, 4, CC_OK},
        {1800 * SECOND_MS, 0, CC_ERR_CODE_EXPIRED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct application_code code = {.sent_ms = T0, .tries = rows[i].tries, .sends = 1};
        assert_int_equal(
            application_check_code(&code, APPLICATION_CODE_LIFE_MS, T0 + rows[i].after_ms),
            rows[i].err);
    }
}

static void another_code_after_60_s_and_four_in_all(void **state)
{
    static const struct {
        int64_t sends, after_ms, wait_s; /* wait_s 0: another one may be sent */
    } rows[] = {
        {1, 0, 60},
        {1, 1, 60},
        {1, 59 * SECOND_MS, 1},
        {1, 60 * SECOND_MS - 1, 1},
        {1, 60 * SECOND_MS, 0},
        {3, 60 * SECOND_MS, 0},
        {4, 60 * SECOND_MS, 86340},
        {4, 86400 * SECOND_MS, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct application_code code = {.sent_ms = T0, .sends = rows[i].sends};
        int64_t wait_s = 0;
        enum cc_err err = application_check_resend(&code, T0 + rows[i].after_ms, &wait_s);
        assert_int_equal(err, rows[i].wait_s > 0 ? CC_ERR_RATE_LIMITED : CC_OK);
        assert_int_equal(wait_s, rows[i].wait_s);
    }
}

/* The clock was ahead by a year when the code was sent, or went back a little. */
static void a_code_of_the_future_is_over(void **state)
{
    static const struct {
        int64_t ahead_ms;
        enum cc_err code, resend;
    } rows[] = {
        {INT64_C(365) * 24 * 3600 * SECOND_MS, CC_ERR_CODE_EXPIRED, CC_OK},
        {60 * SECOND_MS, CC_OK, CC_ERR_RATE_LIMITED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct application_code code = {.sent_ms = T0 + rows[i].ahead_ms,
                                              .sends = APPLICATION_SENDS_MAX};
        int64_t wait_s = 0;
        assert_int_equal(application_check_code(&code, APPLICATION_CODE_LIFE_MS, T0), rows[i].code);
        assert_int_equal(application_check_resend(&code, T0, &wait_s), rows[i].resend);
    }
}

static void each_reason(void **state)
{
    static const char *const given[] = {"documento_ilegible", "documento_caducado",
                                        "documento_incompleto", "datos_distintos", "otro"};
    enum application_reason reason = APPLICATION_REASONS;
    (void)state;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        assert_int_equal(application_parse_reason(given[i], &reason), CC_OK);
        assert_string_equal(application_reason_token(reason), given[i]);
        assert_int_equal(application_reason_text(reason), TEXT_REJECTED_ILLEGIBLE + i);
    }
    assert_int_equal(application_parse_reason("registrado", &reason), CC_ERR_REASON);
    assert_int_equal(application_parse_reason("", &reason), CC_ERR_REASON);
    assert_int_equal(application_parse_reason("porque no", &reason), CC_ERR_REASON);
    assert_string_equal(application_reason_token(APPLICATION_NO_REASON), "");
    assert_string_equal(application_reason_token(APPLICATION_REASONS), "desconocido");
}

static void types_are_told_by_content(void **state)
{
#define BYTES(text) (text), sizeof(text) - 1
    static const struct {
        const char *bytes;
        size_t len;
        enum cc_err err;
        const char *media_type;
    } rows[] = {
        {BYTES("%PDF-1.7\n"), CC_OK, "application/pdf"},
        {BYTES("%PDF-"), CC_OK, "application/pdf"},
        {BYTES("\xFF\xD8\xFF\xE0"), CC_OK, "image/jpeg"},
        {BYTES("\xFF\xD8\xFF"), CC_OK, "image/jpeg"},
        {BYTES("\x89PNG\r\n\x1A\n\0\0"), CC_OK, "image/png"},
        {BYTES(""), CC_ERR_FILE_EMPTY, NULL},
        {BYTES("%PDF"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("%pdf-1.7"), CC_ERR_FILE_TYPE, NULL},
        {BYTES(" %PDF-1.7"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("\xFF\xD8"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("\x89PNG\n\x1A\n"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("GIF89a"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("PK\x03\x04"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("<svg onload=alert(1)>"), CC_ERR_FILE_TYPE, NULL},
        {BYTES("MZ\x90"), CC_ERR_FILE_TYPE, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum document_type type = DOCUMENT_TYPES;
        assert_int_equal(document_sniff(rows[i].bytes, rows[i].len, &type), rows[i].err);
        if (rows[i].err != CC_OK)
            continue;
        assert_string_equal(document_media_type(type), rows[i].media_type);
    }
    assert_string_equal(document_media_type(DOCUMENT_TYPES), "application/octet-stream");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_edge),
        cmocka_unit_test(a_code_lives_30_minutes_and_5_tries),
        cmocka_unit_test(another_code_after_60_s_and_four_in_all),
        cmocka_unit_test(a_code_of_the_future_is_over),
        cmocka_unit_test(each_reason),
        cmocka_unit_test(types_are_told_by_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
