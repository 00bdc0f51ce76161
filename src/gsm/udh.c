/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/udh.h"

enum {
    IEI_CONCAT8 = 0x00,
    IEI_CONCAT16 = 0x08,
    CONCAT8_LEN = 3,
    CONCAT16_LEN = 4,
};

void gsm_udh_encode_concat8(const struct gsm_concat *concat, struct buf *out)
{
    const uint8_t header[GSM_UDH_CONCAT8_BYTES] = {
        GSM_UDH_CONCAT8_BYTES - 1,           IEI_CONCAT8,   CONCAT8_LEN,
        (uint8_t)(concat->reference & 0xFF), concat->total, concat->index};
    buf_put(out, header, sizeof(header));
}

static void read_element(uint8_t id, const uint8_t *data, size_t len, struct gsm_concat *ret)
{
    const bool is_wide = id == IEI_CONCAT16 && len == CONCAT16_LEN;
    if (!is_wide && !(id == IEI_CONCAT8 && len == CONCAT8_LEN)) {
        return;
    }
    const uint8_t total = data[len - 2];
    const uint8_t index = data[len - 1];
    if (index >= 1 && index <= total) {
        const unsigned reference = is_wide ? (unsigned)data[0] << 8 | data[1] : data[0];
        *ret = (struct gsm_concat){true, (uint16_t)reference, total, index};
    }
}

bool gsm_udh_decode(const uint8_t *bytes, size_t len, struct gsm_concat *ret,
                    size_t *ret_header_bytes)
{
    if (len == 0 || bytes[0] > len - 1) {
        return false;
    }
    const size_t end = 1 + (size_t)bytes[0];
    struct gsm_concat concat = {0};
    for (size_t pos = 1; pos < end;) {
        if (end - pos < 2 || bytes[pos + 1] > end - pos - 2) {
            return false;
        }
        read_element(bytes[pos], bytes + pos + 2, bytes[pos + 1], &concat);
        pos += 2 + (size_t)bytes[pos + 1];
    }
    *ret = concat;
    *ret_header_bytes = end;
    return true;
}
