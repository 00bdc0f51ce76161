/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/submit.h"

#include "gsm/dcs.h"
#include "gsm/scts.h"
#include "gsm/userdata.h"

#include <string.h>

enum {
    MTI_MASK = 0x03,
    MTI_SUBMIT = 0x01,
    FLAG_RD = 0x04,
    VPF_MASK = 0x18,
    VPF_ENHANCED = 0x08,
    VPF_RELATIVE = 0x10,
    VPF_ABSOLUTE = 0x18,
    FLAG_SRR = 0x20,
    FLAG_UDHI = 0x40,
    PID_REPLACE = 0x40, /* + type 1-7 */
    REPLACE_MAX = 7,
    VP_SHORTEST_S = 300,
    VP_LONG_OCTETS = 7, /* both the absolute and the enhanced form */
};

static struct gsm_part part_of(const struct gsm_submit *submit)
{
    struct gsm_part part = {
        .alphabet = submit->alphabet, .concat = submit->concat, .data_len = submit->data_len};
    memcpy(part.data, submit->data, sizeof(part.data));
    return part;
}

static uint8_t first_octet(const struct gsm_submit *submit)
{
    unsigned octet = MTI_SUBMIT;
    octet |= submit->reject_duplicates ? FLAG_RD : 0U;
    octet |= submit->validity_s != 0 ? VPF_RELATIVE : 0U;
    octet |= submit->want_report ? FLAG_SRR : 0U;
    octet |= submit->concat.present ? FLAG_UDHI : 0U;
    return (uint8_t)octet;
}

/* A validity below the shortest that exists cannot be kept: it is refused, not stretched. */
static bool is_in_range(const struct gsm_submit *submit)
{
    const bool is_validity_kept = submit->validity_s == 0 || submit->validity_s >= VP_SHORTEST_S;
    return is_validity_kept && submit->replace <= REPLACE_MAX &&
           gsm_addr_is_number(submit->to.text);
}

bool gsm_submit_encode(const struct gsm_submit *submit, struct buf *out, size_t *ret_tpdu_len)
{
    const struct gsm_part part = part_of(submit);
    if (!is_in_range(submit) || !gsm_userdata_fits(&part) || !gsm_sca_encode(submit->smsc, out))
        return false;
    const size_t start = out->len;
    buf_byte(out, first_octet(submit));
    buf_byte(out, submit->reference);
    if (!gsm_addr_encode(submit->to.text, out))
        return false;
    buf_byte(out, submit->replace != 0 ? PID_REPLACE + submit->replace : 0);
    buf_byte(out, gsm_dcs_encode(submit->alphabet, submit->flash));
    if (submit->validity_s != 0)
        buf_byte(out, gsm_vp_not_after(submit->validity_s));
    gsm_userdata_encode(&part, out);
    if (!buf_ok(out))
        return false;
    *ret_tpdu_len = out->len - start;
    return true;
}

/* A destination as the standard writes it: a number, the reserved bit set, the filler in place. */
static bool read_destination(const uint8_t *pdu, size_t len, size_t *pos, struct gsm_addr *ret)
{
    const size_t start = *pos;
    if (!gsm_addr_decode(pdu, len, pos, ret) || !gsm_addr_is_number(ret->text))
        return false;
    const bool is_odd = pdu[start] % 2 != 0;
    const bool is_alphanumeric = (pdu[start + 1] & 0x70) == 0x50;
    return (pdu[start + 1] & 0x80) != 0 && !is_alphanumeric &&
           (!is_odd || pdu[*pos - 1] >> 4 == 0xF);
}

static bool read_validity(const uint8_t *pdu, size_t len, size_t *pos, unsigned format,
                          int64_t *ret_s)
{
    int64_t at_ms;
    switch (format) {
    case VPF_RELATIVE:
        if (*pos >= len)
            return false;
        *ret_s = gsm_vp_seconds(pdu[(*pos)++]);
        return true;
    case VPF_ABSOLUTE:
        *ret_s = -1;
        return gsm_scts_decode(pdu, len, pos, &at_ms);
    case VPF_ENHANCED:
        *ret_s = -1;
        if (len - *pos < VP_LONG_OCTETS)
            return false;
        *pos += VP_LONG_OCTETS;
        return true;
    default:
        *ret_s = 0;
        return true;
    }
}

/* TP-PID and TP-DCS. Other protocols than replacing are legal, and nothing to us. */
static bool read_coding(const uint8_t *pdu, size_t len, size_t *pos, struct gsm_submit *ret)
{
    if (len - *pos < 2)
        return false;
    const uint8_t pid = pdu[*pos];
    const struct gsm_dcs dcs = gsm_dcs_decode(pdu[*pos + 1]);
    if (pid > PID_REPLACE && pid <= PID_REPLACE + REPLACE_MAX)
        ret->replace = pid - PID_REPLACE;
    ret->alphabet = dcs.alphabet;
    ret->flash = dcs.is_flash;
    *pos += 2;
    return dcs.is_readable;
}

/* The user data must end where the PDU does. */
static bool read_text(const uint8_t *pdu, size_t len, size_t *pos, bool has_header,
                      struct gsm_submit *ret)
{
    struct gsm_part part = {.alphabet = ret->alphabet};
    if (!gsm_userdata_decode(pdu, len, pos, has_header, &part) || part.is_cut || *pos != len)
        return false;
    if (part.alphabet == GSM_ALPHABET_UCS2 && part.data_len % 2 != 0)
        return false;
    ret->concat = part.concat;
    ret->data_len = part.data_len;
    memcpy(ret->data, part.data, sizeof(ret->data));
    return true;
}

static bool read_tpdu(const uint8_t *pdu, size_t len, size_t pos, struct gsm_submit *ret)
{
    if (len - pos < 2 || (pdu[pos] & MTI_MASK) != MTI_SUBMIT)
        return false;
    const uint8_t first = pdu[pos];
    ret->reject_duplicates = (first & FLAG_RD) != 0;
    ret->want_report = (first & FLAG_SRR) != 0;
    ret->reference = pdu[pos + 1];
    pos += 2;
    return read_destination(pdu, len, &pos, &ret->to) && read_coding(pdu, len, &pos, ret) &&
           read_validity(pdu, len, &pos, first & VPF_MASK, &ret->validity_s) &&
           read_text(pdu, len, &pos, (first & FLAG_UDHI) != 0, ret);
}

bool gsm_submit_decode(const uint8_t *pdu, size_t len, struct gsm_submit *ret,
                       struct gsm_addr *ret_smsc, size_t *ret_tpdu_len)
{
    struct gsm_submit submit = {0};
    struct gsm_addr smsc;
    size_t pos = 0;
    if (!gsm_sca_decode(pdu, len, &pos, &smsc) || !read_tpdu(pdu, len, pos, &submit))
        return false;
    *ret = submit;
    if (ret_smsc != NULL)
        *ret_smsc = smsc;
    *ret_tpdu_len = len - pos;
    return true;
}

void gsm_submit_text(const struct gsm_submit *submit, struct buf *out)
{
    gsm_userdata_text(submit->alphabet, (struct gsm_language){0}, submit->data, submit->data_len,
                      out);
}
