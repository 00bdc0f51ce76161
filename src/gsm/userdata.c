/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/userdata.h"

#include "gsm/gsm7.h"

#include <string.h>

enum { SEPTETS_MAX = 160 };

static size_t header_bytes(const struct gsm_concat *concat)
{
    return concat->present ? GSM_UDH_CONCAT8_BYTES : 0;
}

/* The septets whose room a header takes, filler included. */
static size_t header_septets(size_t bytes)
{
    return (bytes * 8 + 6) / 7;
}

/* The bits between a header and the first septet behind it. */
static unsigned fill_bits(size_t bytes)
{
    return (unsigned)(header_septets(bytes) * 7 - bytes * 8);
}

static bool is_concat_in_range(const struct gsm_concat *concat)
{
    return !concat->present ||
           (concat->reference <= UINT8_MAX && concat->index >= 1 && concat->index <= concat->total);
}

bool gsm_userdata_fits(const struct gsm_part *part)
{
    const size_t header = header_bytes(&part->concat);
    if (!is_concat_in_range(&part->concat)) {
        return false;
    }
    if (part->alphabet == GSM_ALPHABET_7BIT) {
        return part->data_len <= SEPTETS_MAX - header_septets(header);
    }
    const bool is_half = part->alphabet == GSM_ALPHABET_UCS2 && part->data_len % 2 != 0;
    return !is_half && part->data_len <= GSM_UD_MAX - header;
}

void gsm_userdata_encode(const struct gsm_part *part, struct buf *out)
{
    const size_t header = header_bytes(&part->concat);
    const bool is_packed = part->alphabet == GSM_ALPHABET_7BIT;
    buf_byte(out, (uint8_t)(part->data_len + (is_packed ? header_septets(header) : header)));
    if (part->concat.present) {
        gsm_udh_encode_concat8(&part->concat, out);
    }
    if (is_packed) {
        gsm7_pack(part->data, part->data_len, fill_bits(header), out);
    } else {
        buf_put(out, part->data, part->data_len);
    }
}

/* The user data alone: `units` septets or octets, of which `header` octets are the header. */
static bool read_data(const uint8_t *octets, size_t octets_len, size_t units, size_t header,
                      struct gsm_part *part)
{
    if (part->alphabet != GSM_ALPHABET_7BIT) {
        part->data_len = octets_len - header;
        memcpy(part->data, octets + header, part->data_len);
        return true;
    }
    if (header_septets(header) > units) {
        return false;
    }
    part->data_len = units - header_septets(header);
    return gsm7_unpack(octets + header, octets_len - header, fill_bits(header), part->data_len,
                       part->data);
}

bool gsm_userdata_decode(const uint8_t *bytes, size_t len, size_t *pos, bool has_header,
                         struct gsm_part *part)
{
    if (*pos >= len) {
        return false;
    }
    const size_t units = bytes[*pos];
    const uint8_t *octets = bytes + *pos + 1;
    const size_t octets_len = part->alphabet == GSM_ALPHABET_7BIT ? (units * 7 + 7) / 8 : units;
    if (octets_len > GSM_UD_MAX || octets_len > len - *pos - 1) {
        return false;
    }
    size_t header = 0;
    part->concat = (struct gsm_concat){0};
    if (has_header && !gsm_udh_decode(octets, octets_len, &part->concat, &header)) {
        return false;
    }
    if (!read_data(octets, octets_len, units, header, part)) {
        return false;
    }
    *pos += 1 + octets_len;
    return true;
}

void gsm_userdata_text(enum gsm_alphabet alphabet, const uint8_t *data, size_t len, struct buf *out)
{
    if (alphabet == GSM_ALPHABET_7BIT) {
        gsm7_to_utf8(data, len, out);
    } else if (alphabet == GSM_ALPHABET_UCS2) {
        ucs2_to_utf8(data, len, out);
    } else {
        buf_hex(out, data, len);
    }
}
