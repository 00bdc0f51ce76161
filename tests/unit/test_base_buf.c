/* SPDX-License-Identifier: EUPL-1.2 */
/* The bounded builder: what fits is there, what does not fit leaves nothing and is remembered. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { ROOM = 8 };

static void appends_in_order(void **state)
{
    (void)state;
    uint8_t storage[64];
    struct buf b;
    buf_init(&b, storage, sizeof(storage));
    buf_put(&b, "ab", 2);
    buf_byte(&b, 'c');
    buf_str(&b, "de");
    buf_fmt(&b, "%d-%s", 42, "f");
    buf_hex(&b, (const uint8_t *)"\x00\xAF", 2);
    buf_put(&b, NULL, 0);
    assert_true(buf_ok(&b));
    assert_string_equal(buf_cstr(&b), "abcde42-f00AF");
    assert_int_equal(b.len, 13);
}

static void put_bytes(struct buf *b, size_t n)
{
    buf_put(b, "xxxxxxxxx", n);
}

static void put_string(struct buf *b, size_t n)
{
    buf_str(b, &"xxxxxxxxx"[9 - n]);
}

static void put_format(struct buf *b, size_t n)
{
    buf_fmt(b, "%s", &"xxxxxxxxx"[9 - n]);
}

static void put_hex(struct buf *b, size_t n)
{
    buf_hex(b, (const uint8_t *)"xxxxxxxxx", n);
}

static void put_byte(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(b, 'x');
}

/* Each kind of append into 8 bytes of which 2 are used: the last that fits, the first that not. */
static void bounds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*put)(struct buf *b, size_t n);
        size_t n;
        size_t len; /* afterwards */
        bool ok;
    } rows[] = {
        {"put fits", put_bytes, 6, 8, true},
        {"put too long", put_bytes, 7, 2, false},
        {"str fits", put_string, 6, 8, true},
        {"str too long", put_string, 7, 2, false},
        {"fmt fits with its NUL", put_format, 5, 7, true},
        {"fmt without room for its NUL", put_format, 6, 2, false},
        {"fmt too long", put_format, 9, 2, false},
        {"hex fits", put_hex, 3, 8, true},
        {"hex too long", put_hex, 4, 2, false},
        {"hex absurd", put_hex, SIZE_MAX, 2, false},
        {"byte fits", put_byte, 6, 8, true},
        {"byte too many", put_byte, 7, 8, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t storage[ROOM + 4];
        memset(storage, 0x55, sizeof(storage));
        struct buf b;
        buf_init(&b, storage, ROOM);
        buf_str(&b, "ab");
        rows[i].put(&b, rows[i].n);
        if (b.len != rows[i].len || buf_ok(&b) != rows[i].ok)
            fail_msg("%s: length %zu, ok %d", rows[i].name, b.len, (int)buf_ok(&b));
        if (memcmp(storage + ROOM, "\x55\x55\x55\x55", 4) != 0)
            fail_msg("%s: written beyond the storage", rows[i].name);
    }
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    uint8_t storage[ROOM];
    struct buf b;
    buf_init(&b, storage, sizeof(storage));
    buf_str(&b, "123456789");
    buf_str(&b, "a");
    buf_fmt(&b, "b");
    buf_hex(&b, storage, 1);
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, 0);
    assert_null(buf_cstr(&b));
}

static void terminator_needs_room(void **state)
{
    (void)state;
    uint8_t storage[ROOM];
    struct buf b;
    buf_init(&b, storage, sizeof(storage));
    buf_str(&b, "1234567");
    assert_string_equal(buf_cstr(&b), "1234567");
    buf_byte(&b, '8');
    assert_true(buf_ok(&b));
    assert_null(buf_cstr(&b));
    buf_fmt(&b, "%s", "");
    assert_false(buf_ok(&b));
}

static void no_storage(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, NULL, 0);
    buf_put(&b, NULL, 0);
    assert_true(buf_ok(&b));
    assert_null(buf_cstr(&b));
    buf_byte(&b, 'a');
    assert_false(buf_ok(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_in_order),   cmocka_unit_test(bounds),
        cmocka_unit_test(overflow_is_sticky), cmocka_unit_test(terminator_needs_room),
        cmocka_unit_test(no_storage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
