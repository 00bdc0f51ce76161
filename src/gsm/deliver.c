/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/deliver.h"

#include "gsm/dcs.h"
#include "gsm/scts.h"
#include "gsm/tpdu.h"
#include "gsm/userdata.h"

#include <string.h>

static bool read_tpdu(const uint8_t *pdu, size_t len, size_t pos, struct gsm_deliver *ret)
{
    if (pos >= len)
        return false;
    const uint8_t first = pdu[pos++];
    const unsigned type = first & TPDU_TYPE;
    if ((type != TPDU_DELIVER && type != TPDU_RESERVED) ||
        !gsm_addr_read(pdu, len, &pos, 2, &ret->from) || len - pos < 2)
        return false;
    ret->pid = pdu[pos];
    struct gsm_part part = {.alphabet = gsm_dcs_decode(pdu[pos + 1]).alphabet};
    pos += 2;
    if (!gsm_scts_read(pdu, len, &pos, &ret->sent_ms) ||
        !gsm_userdata_decode(pdu, len, &pos, (first & TPDU_UDHI) != 0, &part))
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

void gsm_deliver_text(const struct gsm_deliver *deliver, struct buf *out)
{
    gsm_userdata_text(deliver->alphabet, deliver->language, deliver->data, deliver->data_len, out);
}
