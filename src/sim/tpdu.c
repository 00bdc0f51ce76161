/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/tpdu.h"

#include "gsm/dcs.h"
#include "gsm/gsm7.h"
#include "gsm/scts.h"
#include "gsm/tpdu.h"
#include "gsm/userdata.h"

#include <string.h>
#include <time.h>

enum {
    SENDER_MAX = 11, /* septets in ten octets */
    TOA_ALPHANUMERIC = 0xD0,
    VP_LONG_OCTETS = 7, /* both the absolute and the enhanced form */
    QUARTER_MS = 15 * 60 * 1000,
    SIGN_BIT = 0x08, /* of the zone's octet as sent: in its tens */
};

/* ---- what the network writes ---- */

bool sim_sender_encode(const char *text, struct buf *out)
{
    if (gsm_addr_is_number(text))
        return gsm_addr_encode(text, out);
    uint8_t septets[SENDER_MAX];
    size_t count;
    size_t bad;
    if (!gsm7_from_utf8(text, strlen(text), septets, sizeof(septets), &count, &bad))
        return false;
    buf_byte(out, (uint8_t)((count * 7 + 3) / 4));
    buf_byte(out, TOA_ALPHANUMERIC);
    gsm7_pack(septets, count, 0, out);
    return buf_ok(out);
}

static uint8_t to_swapped(int value)
{
    return (uint8_t)(value % 10 << 4 | value / 10);
}

void sim_scts_encode(int64_t at_ms, int quarters, struct buf *out)
{
    const int64_t local_ms = at_ms + (int64_t)quarters * QUARTER_MS;
    const time_t local_s = local_ms / 1000 - (local_ms % 1000 < 0);
    struct tm tm = {0};
    (void)gmtime_r(&local_s, &tm);
    const int fields[] = {tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday,
                          tm.tm_hour,       tm.tm_min,     tm.tm_sec};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        buf_byte(out, to_swapped(fields[i]));
    const uint8_t zone = to_swapped(quarters < 0 ? -quarters : quarters);
    buf_byte(out, quarters < 0 ? zone | SIGN_BIT : zone);
}

bool sim_deliver_encode(const struct gsm_deliver *deliver, struct buf *out, size_t *ret_tpdu_len)
{
    struct gsm_part part = {
        .alphabet = deliver->alphabet, .concat = deliver->concat, .data_len = deliver->data_len};
    memcpy(part.data, deliver->data, sizeof(part.data));
    if (deliver->language.shift != 0 || deliver->language.locking != 0 ||
        !gsm_userdata_fits(&part) || !gsm_sca_encode(deliver->smsc.text, out))
        return false;
    const size_t start = out->len;
    buf_byte(out, deliver->concat.present ? TPDU_NO_MORE | TPDU_UDHI : TPDU_NO_MORE);
    if (!sim_sender_encode(deliver->from.text, out))
        return false;
    buf_byte(out, deliver->pid);
    buf_byte(out, gsm_dcs_encode(deliver->alphabet, false));
    sim_scts_encode(deliver->sent_ms, 0, out);
    gsm_userdata_encode(&part, out);
    if (!buf_ok(out))
        return false;
    *ret_tpdu_len = out->len - start;
    return true;
}

bool sim_report_encode(const struct gsm_report *report, struct buf *out, size_t *ret_tpdu_len)
{
    if (!gsm_sca_encode(report->smsc.text, out))
        return false;
    const size_t start = out->len;
    buf_byte(out, TPDU_REPORT | TPDU_NO_MORE);
    buf_byte(out, report->reference);
    if (!gsm_addr_encode(report->to.text, out))
        return false;
    sim_scts_encode(report->submitted_ms, 0, out);
    sim_scts_encode(report->done_ms, 0, out);
    buf_byte(out, report->status);
    if (!buf_ok(out))
        return false;
    *ret_tpdu_len = out->len - start;
    return true;
}

/* ---- what it reads ---- */

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
    case TPDU_VPF_RELATIVE:
        if (*pos >= len)
            return false;
        *ret_s = gsm_vp_seconds(pdu[(*pos)++]);
        return true;
    case TPDU_VPF_ABSOLUTE:
        *ret_s = -1;
        return gsm_scts_decode(pdu, len, pos, &at_ms);
    case TPDU_VPF_ENHANCED:
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
    if (pid > TPDU_PID_REPLACE && pid <= TPDU_PID_REPLACE + TPDU_REPLACE_MAX)
        ret->replace = pid - TPDU_PID_REPLACE;
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
    if (len - pos < 2 || (pdu[pos] & TPDU_TYPE) != TPDU_SUBMIT)
        return false;
    const uint8_t first = pdu[pos];
    ret->reject_duplicates = (first & TPDU_RD) != 0;
    ret->want_report = (first & TPDU_SRR) != 0;
    ret->reference = pdu[pos + 1];
    pos += 2;
    return read_destination(pdu, len, &pos, &ret->to) && read_coding(pdu, len, &pos, ret) &&
           read_validity(pdu, len, &pos, first & TPDU_VPF, &ret->validity_s) &&
           read_text(pdu, len, &pos, (first & TPDU_UDHI) != 0, ret);
}

bool sim_submit_decode(const uint8_t *pdu, size_t len, struct gsm_submit *ret,
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

void sim_submit_text(const struct gsm_submit *submit, struct buf *out)
{
    gsm_userdata_text(submit->alphabet, (struct gsm_language){0}, submit->data, submit->data_len,
                      out);
}
