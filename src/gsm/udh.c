/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/udh.h"

enum {
    IEI_CONCAT8 = 0x00,
    IEI_CONCAT16 = 0x08,
    IEI_SINGLE_SHIFT = 0x24,
    IEI_LOCKING_SHIFT = 0x25,
    CONCAT8_LEN = 3,
    CONCAT16_LEN = 4,
    LANGUAGE_LEN = 1,
};

void gsm_udh_encode_concat8(const struct gsm_concat *concat, struct buf *out)
{
    const uint8_t header[GSM_UDH_CONCAT8_BYTES] = {
        GSM_UDH_CONCAT8_BYTES - 1,           IEI_CONCAT8,   CONCAT8_LEN,
        (uint8_t)(concat->reference & 0xFF), concat->total, concat->index};
    buf_put(out, header, sizeof(header));
}

static void read_concat(const uint8_t *data, size_t len, struct gsm_concat *ret)
{
    const uint8_t total = data[len - 2];
    const uint8_t index = data[len - 1];
    if (index >= 1 && index <= total) {
        const unsigned reference = len == CONCAT16_LEN ? (unsigned)data[0] << 8 | data[1] : data[0];
        *ret = (struct gsm_concat){true, (uint16_t)reference, total, index};
    }
}

static void read_element(uint8_t id, const uint8_t *data, size_t len, struct gsm_udh *udh)
{
    const bool is_concat =
        (id == IEI_CONCAT8 && len == CONCAT8_LEN) || (id == IEI_CONCAT16 && len == CONCAT16_LEN);
    if (is_concat)
        read_concat(data, len, &udh->concat);
    else if (id == IEI_SINGLE_SHIFT && len == LANGUAGE_LEN)
        udh->language.shift = gsm_language_known(data[0]);
    else if (id == IEI_LOCKING_SHIFT && len == LANGUAGE_LEN)
        udh->language.locking = gsm_language_known(data[0]);
}

bool gsm_udh_decode(const uint8_t *bytes, size_t len, struct gsm_udh *ret)
{
    if (len == 0 || bytes[0] > len - 1)
        return false;
    const size_t end = 1 + (size_t)bytes[0];
    struct gsm_udh udh = {.bytes = end, .is_odd = end == 1};
    for (size_t pos = 1; pos < end;) {
        if (end - pos < 2 || bytes[pos + 1] > end - pos - 2) {
            udh.is_odd = true;
            break;
        }
        read_element(bytes[pos], bytes + pos + 2, bytes[pos + 1], &udh);
        pos += 2 + (size_t)bytes[pos + 1];
    }
    *ret = udh;
    return true;
}
