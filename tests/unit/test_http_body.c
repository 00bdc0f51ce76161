/* SPDX-License-Identifier: EUPL-1.2 */
/* Bodies of requests: kept whole, up to their limit. */
#include "http/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void pieces_make_one_body(void **state)
{
    (void)state;
    struct body body = {.cap = 10};
    assert_int_equal(body_keep(&body, "{\"a\"", 4), CC_OK);
    assert_int_equal(body_keep(&body, "", 0), CC_OK);
    assert_int_equal(body_keep(&body, ":1234}", 6), CC_OK);
    assert_int_equal(body.len, 10);
    assert_memory_equal(body.bytes, "{\"a\":1234}", 10);
    body_done(&body);
    assert_null(body.bytes);
    body_done(&body);
}

static void bytes_beyond_the_limit_change_nothing(void **state)
{
    (void)state;
    static const size_t lengths[] = {5, 100, SIZE_MAX};
    struct body body = {.cap = 8};
    assert_int_equal(body_keep(&body, "1234", 4), CC_OK);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        assert_int_equal(body_keep(&body, "abcde", lengths[i]), CC_ERR_BODY_TOO_LARGE);
    assert_int_equal(body.len, 4);
    assert_int_equal(body_keep(&body, "5678", 4), CC_OK);
    assert_memory_equal(body.bytes, "12345678", 8);
    body_done(&body);
}

static void without_a_limit_nothing_is_kept(void **state)
{
    (void)state;
    struct body body = {0};
    assert_int_equal(body_keep(&body, "1", 1), CC_ERR_BODY_TOO_LARGE);
    assert_null(body.bytes);
    body_done(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_one_body),
        cmocka_unit_test(bytes_beyond_the_limit_change_nothing),
        cmocka_unit_test(without_a_limit_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
