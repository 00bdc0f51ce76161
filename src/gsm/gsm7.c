/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/gsm7.h"

#include "base/utf8.h"

#include <uchar.h>

enum { BASIC_COUNT = 128, REPLACEMENT = 0xFFFD, BYTE_ORDER_MARK = 0xFEFF, SWAPPED_MARK = 0xFFFE };

/*
 * 23.038 6.2.1, by septet value. In the place of the escape stands what a receiver must show for
 * an escape that leads nowhere: a space.
 */
static const char16_t basic[BASIC_COUNT + 1] = u"@£$¥èéùìòÇ\nØø\rÅå"
                                               u"Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ"
                                               u" !\"#¤%&'()*+,-./"
                                               u"0123456789:;<=>?"
                                               u"¡ABCDEFGHIJKLMNO"
                                               u"PQRSTUVWXYZÄÖÑÜ§"
                                               u"¿abcdefghijklmno"
                                               u"pqrstuvwxyzäöñüà";

/* 23.038 6.2.1.1: what stands behind an escape. */
static const struct {
    uint8_t septet;
    char16_t character;
} extension[] = {
    {0x0A, u'\f'}, {0x14, u'^'}, {0x28, u'{'}, {0x29, u'}'}, {0x2F, u'\\'},
    {0x3C, u'['},  {0x3D, u'~'}, {0x3E, u']'}, {0x40, u'|'}, {0x65, u'€'},
};
enum { EXTENSION_COUNT = sizeof(extension) / sizeof(extension[0]) };

/* The septets of one character into out; how many, 0 if it has none. */
static size_t septets_of(int32_t character, uint8_t out[2])
{
    /* digits, most letters and signs stand at their ASCII place */
    if (character < BASIC_COUNT && character != GSM7_ESCAPE && basic[character] == character) {
        out[0] = (uint8_t)character;
        return 1;
    }
    for (size_t i = 0; i < BASIC_COUNT; i++) {
        if (i != GSM7_ESCAPE && basic[i] == character) {
            out[0] = (uint8_t)i;
            return 1;
        }
    }
    for (size_t i = 0; i < EXTENSION_COUNT; i++) {
        if (extension[i].character == character) {
            out[0] = GSM7_ESCAPE;
            out[1] = extension[i].septet;
            return 2;
        }
    }
    return 0;
}

bool gsm7_from_utf8(const char *utf8, size_t len, uint8_t *out, size_t cap, size_t *ret_septets,
                    size_t *ret_bad)
{
    size_t count = 0;
    for (size_t pos = 0; pos < len;) {
        const size_t start = pos;
        const int32_t character = utf8_next(utf8, len, &pos);
        uint8_t septets[2];
        const size_t n = character < 0 ? 0 : septets_of(character, septets);
        if (n == 0 || n > cap - count) {
            *ret_bad = n == 0 ? start : len;
            return false;
        }
        for (size_t i = 0; i < n; i++)
            out[count++] = septets[i];
    }
    *ret_septets = count;
    return true;
}

static void put_utf8(uint32_t character, struct buf *out)
{
    char bytes[4];
    buf_put(out, bytes, utf8_encode(character, bytes));
}

static char16_t find_plain(struct gsm_language language, uint8_t septet)
{
    char16_t national;
    return gsm_national_locking(language.locking, septet, &national) ? national : basic[septet];
}

static char16_t find_escaped(struct gsm_language language, uint8_t septet)
{
    char16_t national;
    if (gsm_national_shift(language.shift, septet, &national))
        return national;
    for (size_t i = 0; i < EXTENSION_COUNT; i++)
        if (extension[i].septet == septet)
            return extension[i].character;
    return find_plain(language, septet);
}

void gsm7_to_utf8(const uint8_t *septets, size_t count, struct buf *out)
{
    gsm7_to_utf8_in((struct gsm_language){0}, septets, count, out);
}

void gsm7_to_utf8_in(struct gsm_language language, const uint8_t *septets, size_t count,
                     struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t septet = septets[i] & 0x7F;
        if (septet == GSM7_ESCAPE && i + 1 < count) {
            i++;
            put_utf8(find_escaped(language, septets[i] & 0x7F), out);
        } else {
            put_utf8(find_plain(language, septet), out);
        }
    }
}

void gsm7_pack(const uint8_t *septets, size_t count, unsigned fill_bits, struct buf *out)
{
    unsigned pending = 0;
    unsigned bits = fill_bits;
    for (size_t i = 0; i < count; i++) {
        pending |= (septets[i] & 0x7FU) << bits;
        bits += 7;
        if (bits >= 8) {
            buf_byte(out, (uint8_t)(pending & 0xFF));
            pending >>= 8;
            bits -= 8;
        }
    }
    if (bits > 0)
        buf_byte(out, (uint8_t)pending);
}

bool gsm7_unpack(const uint8_t *bytes, size_t len, unsigned fill_bits, size_t count, uint8_t *out)
{
    if (count == 0)
        return true;
    /* Compared this way round nothing can overflow; and no count means no fill bits to find. */
    if (len == 0 || count > (len * 8 - fill_bits) / 7)
        return false;
    for (size_t i = 0; i < count; i++) {
        const size_t bit = fill_bits + 7 * i;
        unsigned window = bytes[bit / 8];
        if (bit % 8 > 1)
            window |= (unsigned)bytes[bit / 8 + 1] << 8;
        out[i] = (window >> (bit % 8)) & 0x7F;
    }
    return true;
}

static void put_unit(uint32_t unit, struct buf *out)
{
    buf_byte(out, (uint8_t)(unit >> 8));
    buf_byte(out, (uint8_t)(unit & 0xFF));
}

bool ucs2_from_utf8(const char *utf8, size_t len, struct buf *out)
{
    for (size_t pos = 0; pos < len;) {
        const int32_t character = utf8_next(utf8, len, &pos);
        if (character < 0)
            return false;
        if (character > 0xFFFF) {
            const uint32_t above = (uint32_t)character - 0x10000;
            put_unit(0xD800 | above >> 10, out);
            put_unit(0xDC00 | (above & 0x3FF), out);
        } else {
            put_unit((uint32_t)character, out);
        }
    }
    return buf_ok(out);
}

static uint32_t unit_at(const uint8_t *bytes, size_t len, size_t pos)
{
    return pos + 1 < len ? (uint32_t)bytes[pos] << 8 | bytes[pos + 1] : 0;
}

static uint32_t letter_at(const uint8_t *bytes, size_t len, size_t pos, bool is_swapped)
{
    const uint32_t unit = unit_at(bytes, len, pos);
    return is_swapped ? (unit & 0xFF) << 8 | unit >> 8 : unit;
}

/*
 * The least octet first, against 23.038 6.2.3: by its mark, or because three letters of four would
 * then be Latin, and none is one now.
 */
static bool is_swapped(const uint8_t *bytes, size_t len)
{
    size_t latin = 0;
    for (size_t pos = 0; pos + 1 < len; pos += 2) {
        if (bytes[pos] == 0)
            return false;
        latin += bytes[pos + 1] == 0 && bytes[pos] >> 3 != 0xD8 >> 3; /* half of a pair */
    }
    return len >= 4 && (unit_at(bytes, len, 0) == SWAPPED_MARK || latin * 4 >= len / 2 * 3);
}

void ucs2_to_utf8(const uint8_t *bytes, size_t len, struct buf *out)
{
    const bool is_odd = is_swapped(bytes, len);
    const uint32_t mark = is_odd ? SWAPPED_MARK : BYTE_ORDER_MARK;
    for (size_t pos = unit_at(bytes, len, 0) == mark ? 2 : 0; pos + 1 < len; pos += 2) {
        const uint32_t unit = letter_at(bytes, len, pos, is_odd);
        const uint32_t next = letter_at(bytes, len, pos + 2, is_odd);
        if (unit >> 10 == 0xD800 >> 10 && next >> 10 == 0xDC00 >> 10) {
            put_utf8(0x10000 + ((unit & 0x3FF) << 10 | (next & 0x3FF)), out);
            pos += 2;
        } else {
            put_utf8(unit == 0 || unit >> 11 == 0xD800 >> 11 ? REPLACEMENT : unit, out);
        }
    }
}
