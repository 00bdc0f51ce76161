/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/segment.h"

#include "gsm/gsm7.h"

#include <string.h>

/* Capacity of a PDU, alone and behind the header; in septets or octets. */
enum {
    SEPTETS_ALONE = 160,
    SEPTETS_JOINED = 153,
    UCS2_ALONE = 140,
    UCS2_JOINED = 134,
};

struct text {
    enum gsm_alphabet alphabet;
    size_t alone;
    size_t joined;
    size_t len;
    uint8_t data[GSM_PARTS_MAX * SEPTETS_JOINED];
};

/* False if the text is not UTF-8 or longer than all parts together. */
static bool convert_text(const char *utf8, size_t len, struct text *text)
{
    size_t bad;
    text->alphabet = GSM_ALPHABET_7BIT;
    text->alone = SEPTETS_ALONE;
    text->joined = SEPTETS_JOINED;
    if (gsm7_from_utf8(utf8, len, text->data, sizeof(text->data), &text->len, &bad))
        return true;
    struct buf ucs2;
    buf_init(&ucs2, text->data, sizeof(text->data));
    text->alphabet = GSM_ALPHABET_UCS2;
    text->alone = UCS2_ALONE;
    text->joined = UCS2_JOINED;
    if (!ucs2_from_utf8(utf8, len, &ucs2))
        return false;
    text->len = ucs2.len;
    return true;
}

/* How much of the text from pos on goes into one part: a pair at its end moves to the next. */
static size_t next_cut(const struct text *text, size_t pos)
{
    const size_t rest = text->len - pos;
    const size_t most = text->len <= text->alone ? text->alone : text->joined;
    if (rest <= most)
        return rest;
    const uint8_t *end = text->data + pos + most;
    if (text->alphabet == GSM_ALPHABET_7BIT)
        return end[-1] == GSM7_ESCAPE ? most - 1 : most;
    return (end[-2] & 0xFC) == 0xD8 ? most - 2 : most;
}

static size_t count_parts(const struct text *text)
{
    size_t count = 0;
    for (size_t pos = 0; pos < text->len; count++)
        pos += next_cut(text, pos);
    return count;
}

bool gsm_segment(const char *utf8, size_t len, uint8_t reference,
                 struct gsm_part parts[GSM_PARTS_MAX], size_t *ret_count)
{
    struct text text;
    if (len == 0 || !convert_text(utf8, len, &text))
        return false;
    const size_t count = count_parts(&text);
    if (count > GSM_PARTS_MAX)
        return false;
    size_t pos = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t part_len = next_cut(&text, pos);
        parts[i] = (struct gsm_part){.alphabet = text.alphabet, .data_len = part_len};
        if (count > 1) {
            parts[i].concat =
                (struct gsm_concat){true, reference, (uint8_t)count, (uint8_t)(i + 1)};
        }
        memcpy(parts[i].data, text.data + pos, part_len);
        pos += part_len;
    }
    *ret_count = count;
    return true;
}
