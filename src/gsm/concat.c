/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/concat.h"

#include "gsm/gsm7.h"
#include "gsm/userdata.h"

#include <string.h>

enum { CARRY_MAX = 2 };

/* The first half of a character whose second half the next part may bring. */
struct joint {
    enum gsm_alphabet alphabet;
    struct gsm_language language;
    size_t len;
    uint8_t bytes[CARRY_MAX];
};

void gsm_concat_init(struct gsm_concat_set *set, uint8_t total, struct gsm_concat_part *storage,
                     size_t cap)
{
    *set = (struct gsm_concat_set){.parts = storage, .cap = cap, .total = total};
}

static bool is_same(const struct gsm_concat_part *a, const struct gsm_concat_part *b)
{
    return a->alphabet == b->alphabet && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

enum gsm_concat_verdict gsm_concat_add(struct gsm_concat_set *set,
                                       const struct gsm_concat_part *part)
{
    size_t at = 0;
    if (part->index == 0 || part->index > set->total || part->len > GSM_CONCAT_DATA_MAX)
        return GSM_CONCAT_REFUSED;
    while (at < set->count && set->parts[at].index < part->index)
        at++;
    if (at < set->count && set->parts[at].index == part->index)
        return is_same(&set->parts[at], part) ? GSM_CONCAT_AGAIN : GSM_CONCAT_OTHER;
    if (set->count == set->cap)
        return GSM_CONCAT_REFUSED;
    memmove(&set->parts[at + 1], &set->parts[at], (set->count - at) * sizeof(set->parts[0]));
    set->parts[at] = *part;
    set->count++;
    return GSM_CONCAT_NEW;
}

bool gsm_concat_is_complete(const struct gsm_concat_set *set)
{
    return set->total > 0 && set->count == set->total;
}

/* How many bytes at the end are half a character. */
static size_t open_tail(enum gsm_alphabet alphabet, const uint8_t *data, size_t len)
{
    if (alphabet == GSM_ALPHABET_UCS2)
        return len >= 2 && len % 2 == 0 && data[len - 2] >> 2 == 0xD8 >> 2 ? 2 : 0;
    if (alphabet != GSM_ALPHABET_7BIT)
        return 0;
    size_t escapes = 0; /* an escape behind an escape is a character of its own */
    while (escapes < len && data[len - 1 - escapes] == GSM7_ESCAPE)
        escapes++;
    return escapes % 2;
}

/* Bytes that are left over stand alone: their other half does not come. */
static void flush_joint(struct joint *joint, struct buf *out)
{
    gsm_userdata_text(joint->alphabet, joint->language, joint->bytes, joint->len, out);
    joint->len = 0;
}

static void put_part(struct joint *joint, const struct gsm_concat_part *part, struct buf *out)
{
    uint8_t data[CARRY_MAX + GSM_CONCAT_DATA_MAX];
    if (joint->alphabet != part->alphabet)
        flush_joint(joint, out);
    memcpy(data, joint->bytes, joint->len);
    memcpy(data + joint->len, part->data, part->len);
    size_t len = joint->len + part->len;
    size_t tail = open_tail(part->alphabet, data, len);
    gsm_userdata_text(part->alphabet, part->language, data, len - tail, out);
    joint->alphabet = part->alphabet;
    joint->language = part->language;
    joint->len = tail;
    memcpy(joint->bytes, data + len - tail, tail);
}

void gsm_concat_text(const struct gsm_concat_set *set, struct buf *out)
{
    struct joint joint = {.alphabet = GSM_ALPHABET_7BIT};
    unsigned expected = 1;
    for (size_t i = 0; i < set->count; i++) {
        if (set->parts[i].index != expected) {
            flush_joint(&joint, out);
            buf_str(out, GSM_CONCAT_GAP);
        }
        put_part(&joint, &set->parts[i], out);
        expected = set->parts[i].index + 1U;
    }
    flush_joint(&joint, out);
    if (expected <= set->total)
        buf_str(out, GSM_CONCAT_GAP);
}
