/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/report.h"

#include "gsm/scts.h"

enum {
    MTI_MASK = 0x03,
    MTI_REPORT = 0x02,
    FLAG_NO_MORE = 0x04, /* TP-MMS */
};

static bool read_tpdu(const uint8_t *pdu, size_t len, size_t pos, struct gsm_report *ret)
{
    if (len - pos < 2 || (pdu[pos] & MTI_MASK) != MTI_REPORT)
        return false;
    ret->reference = pdu[pos + 1];
    pos += 2;
    if (!gsm_addr_read(pdu, len, &pos, 0, &ret->to) ||
        !gsm_scts_read(pdu, len, &pos, &ret->submitted_ms) ||
        !gsm_scts_read(pdu, len, &pos, &ret->done_ms) || pos >= len)
        return false;
    ret->status = pdu[pos];
    return true;
}

bool gsm_report_decode(const uint8_t *pdu, size_t len, struct gsm_report *ret)
{
    struct gsm_report report = {0};
    size_t pos = 0;
    if (!gsm_sca_skip(pdu, len, &pos, &report.smsc) || !read_tpdu(pdu, len, pos, &report))
        return false;
    *ret = report;
    return true;
}

bool gsm_report_encode(const struct gsm_report *report, struct buf *out, size_t *ret_tpdu_len)
{
    if (!gsm_sca_encode(report->smsc.text, out))
        return false;
    const size_t start = out->len;
    buf_byte(out, MTI_REPORT | FLAG_NO_MORE);
    buf_byte(out, report->reference);
    if (!gsm_addr_encode(report->to.text, out))
        return false;
    gsm_scts_encode(report->submitted_ms, 0, out);
    gsm_scts_encode(report->done_ms, 0, out);
    buf_byte(out, report->status);
    if (!buf_ok(out))
        return false;
    *ret_tpdu_len = out->len - start;
    return true;
}
