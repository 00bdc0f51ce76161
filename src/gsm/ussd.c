/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/ussd.h"

#include "base/hex.h"
#include "gsm/gsm7.h"
#include "gsm/userdata.h"

#include <string.h>

enum {
    BYTES_MAX = 512,
    SEPTETS_MAX = BYTES_MAX * 8 / 7,
    CODE_MAX = 182, /* of one USSD string, 23.038 6.1.2.3 */
    SHORTEST_HEX = 8,
    SURELY_HEX = 16,   /* digits alone, and so many: no amount is that long */
    SURELY_PLAIN = 8,  /* so many bytes of packed septets are not all below 0x80 by chance */
    PADDING = 0x0D,    /* fills the last seven bits */
    LANGUAGE_CHARS = 3 /* two letters and a carriage return, 23.038 5 group 0001 */
};

#define HEX_DIGITS "0123456789ABCDEFabcdef"

enum coding { CODING_7BIT, CODING_8BIT, CODING_UCS2 };

struct scheme {
    enum coding coding;
    bool has_language; /* in front of the text */
};

static struct scheme scheme_of(int dcs)
{
    static const enum coding general[] = {CODING_7BIT, CODING_8BIT, CODING_UCS2, CODING_7BIT};
    if (dcs < 0 || dcs > 0xFF)
        return (struct scheme){.coding = CODING_7BIT};
    switch (dcs >> 4) {
    case 1:
        return (struct scheme){(dcs & 0x0F) == 1 ? CODING_UCS2 : CODING_7BIT, (dcs & 0x0F) <= 1};
    case 4:
    case 5:
    case 6:
    case 7:
    case 9: /* with a user data header: bits 3 and 2 mean the same */
        return (struct scheme){.coding = general[dcs >> 2 & 3]};
    case 0xF:
        return (struct scheme){.coding = dcs & 0x04 ? CODING_8BIT : CODING_7BIT};
    default:
        return (struct scheme){.coding = CODING_7BIT};
    }
}

/* An amount is digits too: short ones are hexadecimal only if they look like nothing else. */
static bool looks_like_hex(const char *text, size_t len)
{
    bool has_letter = strcspn(text, "ABCDEFabcdef") < len;
    return len >= SHORTEST_HEX && len % 2 == 0 && (has_letter || len >= SURELY_HEX) &&
           strspn(text, "0123456789ABCDEFabcdef") == len;
}

/* Every other byte is the 00 of a Latin letter: UCS-2 in spite of the coding scheme, in either
 * order of its octets. */
static bool looks_like_ucs2(const uint8_t *bytes, size_t len)
{
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < len; i++)
        zeros[i % 2] += bytes[i] == 0;
    return len % 2 == 0 && (zeros[0] * 4 >= len || zeros[1] * 4 >= len);
}

static void put_packed(const uint8_t *bytes, size_t len, bool has_language, struct buf *out)
{
    uint8_t septets[SEPTETS_MAX];
    size_t count = len * 8 / 7;
    if (!gsm7_unpack(bytes, len, 0, count, septets))
        return;
    if (len % 7 == 0 && count > 0 && (septets[count - 1] == PADDING || septets[count - 1] == 0))
        count--;
    size_t skip = has_language && count >= LANGUAGE_CHARS ? LANGUAGE_CHARS : 0;
    gsm7_to_utf8(septets + skip, count - skip, out);
}

/* Up to a U+0000: behind it modems give what was in their memory. */
static size_t ucs2_length(const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (at + 1 < len && (bytes[at] != 0 || bytes[at + 1] != 0))
        at += 2;
    return at + 1 < len ? at : len;
}

static void put_bytes(const uint8_t *bytes, size_t len, struct scheme scheme, struct buf *out)
{
    size_t language = scheme.coding == CODING_UCS2 && scheme.has_language && len >= 2 ? 2 : 0;
    if (scheme.coding == CODING_UCS2 || looks_like_ucs2(bytes, len))
        ucs2_to_utf8(bytes + language, ucs2_length(bytes + language, len - language), out);
    else if ((len >= SURELY_PLAIN || scheme.coding == CODING_8BIT) &&
             gsm_userdata_is_plain(bytes, len)) /* the letters themselves */
        buf_put(out, bytes, len);
    else if (scheme.coding == CODING_8BIT)
        buf_hex(out, bytes, len);
    else
        put_packed(bytes, len, scheme.has_language, out);
}

bool gsm_ussd_text(const char *text, int dcs, struct buf *out)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = strlen(text), count = 0;
    struct scheme scheme = scheme_of(dcs);
    bool is_hex = looks_like_hex(text, len) || scheme.coding == CODING_UCS2;
    if (scheme.coding == CODING_UCS2) /* half a character at its end is cut */
        len -= strspn(text, HEX_DIGITS) == len ? len % 4 : 0;
    if (is_hex && hex_decode(text, len, bytes, sizeof(bytes), &count))
        put_bytes(bytes, count, scheme, out);
    else
        buf_put(out, text, len);
    return buf_ok(out);
}

bool gsm_ussd_pack(const char *code, struct buf *out)
{
    uint8_t septets[CODE_MAX + 1], bytes[CODE_MAX];
    size_t count = 0, bad = 0;
    struct buf packed;
    if (!gsm7_from_utf8(code, strlen(code), septets, CODE_MAX, &count, &bad))
        return false;
    if (count % 8 == 7) /* else its last seven bits would be one more '@' */
        septets[count++] = PADDING;
    buf_init(&packed, bytes, sizeof(bytes));
    gsm7_pack(septets, count, 0, &packed);
    buf_hex(out, bytes, packed.len);
    return buf_ok(&packed) && buf_ok(out);
}
