/* SPDX-License-Identifier: EUPL-1.2 */
/* Compressed answers: the same bytes come out again. */
#include "http/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

enum { PLAIN_SIZE = 256 * 1024 };

/* By zlib's own reader, which takes a gzip header and checks the sum. */
static void assert_unpacks(const void *packed, size_t packed_len, const char *plain, size_t len)
{
    static char out[PLAIN_SIZE + 1];
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed,
                  .avail_in = (uInt)packed_len,
                  .next_out = (Bytef *)out,
                  .avail_out = sizeof(out)};
    assert_int_equal(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, len);
    assert_int_equal(inflateEnd(&z), Z_OK);
    assert_memory_equal(out, plain, len);
}

static void test_what_comes_out_is_what_went_in(void **state)
{
    (void)state;
    static const size_t lens[] = {1024, 5000, PLAIN_SIZE};
    static char plain[PLAIN_SIZE];
    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = "{\"hora_s\":1795893480,-78}"[(i * i / 7 + i) % 24];
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        void *packed = NULL;
        size_t len = 0;
        assert_true(pack_gzip(plain, lens[i], &packed, &len));
        assert_true(len < lens[i]);
        assert_unpacks(packed, len, plain, lens[i]);
        free(packed);
    }
}

static void test_what_gains_nothing_stays_as_it_is(void **state)
{
    (void)state;
    static uint8_t noise[4096];
    uint32_t seed = 1;
    void *packed = NULL;
    size_t len = 0;
    for (size_t i = 0; i < sizeof(noise); i++) {
        seed = seed * 1664525u + 1013904223u;
        noise[i] = (uint8_t)(seed >> 24);
    }
    assert_false(pack_gzip("", 0, &packed, &len));
    assert_false(pack_gzip("{\"listo\":true}", 14, &packed, &len));
    assert_false(pack_gzip(noise, sizeof(noise), &packed, &len));
    assert_null(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_comes_out_is_what_went_in),
        cmocka_unit_test(test_what_gains_nothing_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
