/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/deliver.h"

#include "gsm/dcs.h"
#include "gsm/scts.h"
#include "gsm/userdata.h"

#include <string.h>

enum {
    MTI_MASK = 0x03,
    MTI_DELIVER = 0x00,
    MTI_RESERVED = 0x03, /* a receiver treats it as a DELIVER (23.040 9.2.3.1) */
    FLAG_NO_MORE = 0x04, /* TP-MMS */
    FLAG_UDHI = 0x40,
};

static bool read_tpdu(const uint8_t *pdu, size_t len, size_t pos, struct gsm_deliver *ret)
{
    if (pos >= len)
        return false;
    const uint8_t first = pdu[pos++];
    const unsigned type = first & MTI_MASK;
    if ((type != MTI_DELIVER && type != MTI_RESERVED) ||
        !gsm_addr_read(pdu, len, &pos, 2, &ret->from) || len - pos < 2)
        return false;
    ret->pid = pdu[pos];
    struct gsm_part part = {.alphabet = gsm_dcs_decode(pdu[pos + 1]).alphabet};
    pos += 2;
    if (!gsm_scts_read(pdu, len, &pos, &ret->sent_ms) ||
        !gsm_userdata_decode(pdu, len, &pos, (first & FLAG_UDHI) != 0, &part))
        return false;
    ret->alphabet = part.alphabet;
    ret->concat = part.concat;
    ret->language = part.language;
    ret->is_cut = part.is_cut;
    ret->data_len = part.data_len;
    memcpy(ret->data, part.data, sizeof(ret->data));
    return true;
}

bool gsm_deliver_decode(const uint8_t *pdu, size_t len, struct gsm_deliver *ret)
{
    struct gsm_deliver deliver = {0};
    size_t pos = 0;
    if (!gsm_sca_skip(pdu, len, &pos, &deliver.smsc) || !read_tpdu(pdu, len, pos, &deliver))
        return false;
    *ret = deliver;
    return true;
}

bool gsm_deliver_encode(const struct gsm_deliver *deliver, struct buf *out, size_t *ret_tpdu_len)
{
    struct gsm_part part = {
        .alphabet = deliver->alphabet, .concat = deliver->concat, .data_len = deliver->data_len};
    memcpy(part.data, deliver->data, sizeof(part.data));
    if (deliver->language.shift != 0 || deliver->language.locking != 0 ||
        !gsm_userdata_fits(&part) || !gsm_sca_encode(deliver->smsc.text, out))
        return false;
    const size_t start = out->len;
    buf_byte(out, deliver->concat.present ? FLAG_NO_MORE | FLAG_UDHI : FLAG_NO_MORE);
    if (!gsm_addr_encode_sender(deliver->from.text, out))
        return false;
    buf_byte(out, deliver->pid);
    buf_byte(out, gsm_dcs_encode(deliver->alphabet, false));
    gsm_scts_encode(deliver->sent_ms, 0, out);
    gsm_userdata_encode(&part, out);
    if (!buf_ok(out))
        return false;
    *ret_tpdu_len = out->len - start;
    return true;
}

void gsm_deliver_text(const struct gsm_deliver *deliver, struct buf *out)
{
    gsm_userdata_text(deliver->alphabet, deliver->language, deliver->data, deliver->data_len, out);
}
