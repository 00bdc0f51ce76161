/* SPDX-License-Identifier: EUPL-1.2 */
/* HMAC-SHA-1 against the vectors of RFC 2202. */
#include "base/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_vectors(void **state)
{
    (void)state;
    uint8_t key[80], bytes[50], tag[HMAC_SHA1_BYTES];
    static const struct {
        int key_byte; /* repeated; -1 = "Jefe" */
        size_t key_len;
        const char *text; /* NULL = 50 times 0xdd */
        uint8_t tag[HMAC_SHA1_BYTES];
    } rows[] = {
        {0x0b, 20, "Hi There", {0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
                                0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00}},
        {-1, 4, "what do ya want for nothing?", {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f,
                                                 0xa2, 0xd2, 0x74, 0x16, 0xd5, 0xf1, 0x84,
                                                 0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79}},
        {0xaa, 20, NULL, {0x12, 0x5d, 0x73, 0x42, 0xb9, 0xac, 0x11, 0xcd, 0x91, 0xa3,
                          0x9a, 0xf4, 0x8a, 0xa1, 0x7b, 0x4f, 0x63, 0xf1, 0x75, 0xd3}},
        /* a key longer than a block of the hash */
        {0xaa,
         80,
         "Test Using Larger Than Block-Size Key - Hash Key First",
         {0xaa, 0x4a, 0xe5, 0xe1, 0x52, 0x72, 0xd0, 0x0e, 0x95, 0x70,
          0x56, 0x37, 0xce, 0x8a, 0x3b, 0x55, 0xed, 0x40, 0x21, 0x12}},
    };
    memset(bytes, 0xdd, sizeof(bytes));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *text = rows[i].text;
        memset(key, rows[i].key_byte, sizeof(key));
        if (rows[i].key_byte < 0)
            memcpy(key, "Jefe", 4);
        hmac_sha1(key, rows[i].key_len, text != NULL ? (const void *)text : bytes,
                  text != NULL ? strlen(text) : sizeof(bytes), tag);
        assert_memory_equal(tag, rows[i].tag, sizeof(tag));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
