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
    if (!is_concat_in_range(&part->concat))
        return false;
    if (part->alphabet == GSM_ALPHABET_7BIT)
        return part->data_len <= SEPTETS_MAX - header_septets(header);
    const bool is_half = part->alphabet == GSM_ALPHABET_UCS2 && part->data_len % 2 != 0;
    return !is_half && part->data_len <= GSM_UD_MAX - header;
}

void gsm_userdata_encode(const struct gsm_part *part, struct buf *out)
{
    const size_t header = header_bytes(&part->concat);
    const bool is_packed = part->alphabet == GSM_ALPHABET_7BIT;
    buf_byte(out, (uint8_t)(part->data_len + (is_packed ? header_septets(header) : header)));
    if (part->concat.present)
        gsm_udh_encode_concat8(&part->concat, out);
    if (is_packed)
        gsm7_pack(part->data, part->data_len, fill_bits(header), out);
    else
        buf_put(out, part->data, part->data_len);
}

/* The user data alone: `units` septets or octets, of which `header` octets are the header. */
static void read_data(const uint8_t *octets, size_t octets_len, size_t units, size_t header,
                      struct gsm_part *part)
{
    if (part->alphabet != GSM_ALPHABET_7BIT) {
        part->data_len = octets_len - header;
        memcpy(part->data, octets + header, part->data_len);
        return;
    }
    part->is_cut |= header_septets(header) > units;
    part->data_len = header_septets(header) > units ? 0 : units - header_septets(header);
    part->is_cut |= !gsm7_unpack(octets + header, octets_len - header, fill_bits(header),
                                 part->data_len, part->data);
}

/* How many of the octets that TP-UDL tells are there; *units then counts no more than they hold. */
static size_t read_length(const struct gsm_part *part, size_t available, size_t *units)
{
    const bool is_packed = part->alphabet == GSM_ALPHABET_7BIT;
    const size_t wanted = is_packed ? (*units * 7 + 7) / 8 : *units;
    const size_t room = available < GSM_UD_MAX ? available : GSM_UD_MAX;
    if (wanted <= room)
        return wanted;
    *units = is_packed ? room * 8 / 7 : room;
    return room;
}

bool gsm_userdata_decode(const uint8_t *bytes, size_t len, size_t *pos, bool has_header,
                         struct gsm_part *part)
{
    if (*pos >= len)
        return false;
    size_t units = bytes[*pos];
    const uint8_t *octets = bytes + *pos + 1;
    const size_t octets_len = read_length(part, len - *pos - 1, &units);
    struct gsm_udh udh = {0};
    part->is_cut = units != bytes[*pos];
    if (has_header && octets_len > 0 && !gsm_udh_decode(octets, octets_len, &udh))
        return false;
    part->concat = udh.concat;
    part->language = udh.language;
    part->is_cut |= udh.is_odd || (has_header && octets_len == 0);
    read_data(octets, octets_len, units, udh.bytes, part);
    *pos += 1 + octets_len;
    return true;
}

bool gsm_userdata_is_plain(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((bytes[i] < 0x20 && bytes[i] != '\n' && bytes[i] != '\r') || bytes[i] > 0x7E)
            return false;
    return true;
}

void gsm_userdata_text(enum gsm_alphabet alphabet, struct gsm_language language,
                       const uint8_t *data, size_t len, struct buf *out)
{
    if (alphabet == GSM_ALPHABET_7BIT)
        gsm7_to_utf8_in(language, data, len, out);
    else if (alphabet == GSM_ALPHABET_UCS2)
        ucs2_to_utf8(data, len, out);
    else if (gsm_userdata_is_plain(data, len)) /* senders mean letters by it */
        buf_put(out, data, len);
    else
        buf_hex(out, data, len);
}
