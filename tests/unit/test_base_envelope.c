/* SPDX-License-Identifier: EUPL-1.2 */
/* Who opens a sealed copy: texts, a phrase that must derive the same for ever, changed heads. */
#include "base/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char phrase[] = "cuatro gatos verdes en la azotea";
static const char of_phrase[] =
    "frase:AAECAwQFBgcICQoLDA0OD5QneQSkiafUgc6cnmYwg0wSyb_I1Z4iDK-3M_-qldpU";

static void test_texts(void **state)
{
    static const char *const bad[] = {"",          "frase:",  "clave:",       "clave:AAAA",
                                      "otra:AAAA", "frase:*", "clave:AAAA AA"};
    uint8_t private_key[ENVELOPE_PRIVATE_BYTES], again[ENVELOPE_PRIVATE_BYTES];
    char text[ENVELOPE_TEXT_SIZE], longer[ENVELOPE_TEXT_SIZE + 2];
    struct envelope envelope, read;
    (void)state;
    envelope_new_pair(&envelope, private_key);
    envelope_write(&envelope, text);
    assert_true(envelope_parse(text, &read));
    assert_memory_equal(&read, &envelope, sizeof(read));
    (void)snprintf(longer, sizeof(longer), "%sA", text);
    assert_false(envelope_parse(longer, &read));
    assert_false(envelope_parse_private(text, again));
    envelope_write_private(private_key, text);
    assert_false(envelope_parse(text, &read));
    assert_true(envelope_parse_private(text, again));
    assert_memory_equal(again, private_key, sizeof(again));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(envelope_parse(bad[i], &read));
}

/* Copies of years ago must open: neither the salt's place nor the cost may change. */
static void test_a_phrase_of_before(void **state)
{
    uint8_t private_key[ENVELOPE_PRIVATE_BYTES];
    struct envelope envelope;
    (void)state;
    assert_true(envelope_parse(of_phrase, &envelope));
    assert_int_equal(envelope_private_of_phrase(&envelope, phrase, private_key), CC_OK);
    assert_int_equal(envelope_private_of_phrase(&envelope, "otra", private_key),
                     CC_ERR_COPY_SECRET);
    envelope_new_pair(&envelope, private_key);
    assert_int_equal(envelope_private_of_phrase(&envelope, phrase, private_key),
                     CC_ERR_COPY_SECRET);
}

static void test_heads(void **state)
{
    uint8_t key[ENVELOPE_FILE_KEY_BYTES] = {1, 2, 3}, opened[ENVELOPE_FILE_KEY_BYTES];
    uint8_t mine[ENVELOPE_PRIVATE_BYTES], other[ENVELOPE_PRIVATE_BYTES];
    uint8_t head[ENVELOPE_HEAD_BYTES];
    struct envelope envelope, read;
    (void)state;
    envelope_new_pair(&read, other);
    envelope_new_pair(&envelope, mine);
    envelope_close(&envelope, key, head);
    assert_true(envelope_is_head(head));
    assert_int_equal(envelope_read(head, &read), CC_OK);
    assert_memory_equal(&read, &envelope, sizeof(read));
    assert_int_equal(envelope_open(head, other, opened), CC_ERR_COPY_SECRET);
    assert_int_equal(envelope_open(head, mine, opened), CC_OK);
    assert_memory_equal(opened, key, sizeof(key));
    for (size_t i = 0; i < sizeof(head); i++) {
        head[i] ^= 0x40;
        assert_int_equal(envelope_read(head, &read), CC_ERR_COPY_BROKEN);
        assert_int_equal(envelope_open(head, mine, opened), CC_ERR_COPY_BROKEN);
        head[i] ^= 0x40;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_a_phrase_of_before),
        cmocka_unit_test(test_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
