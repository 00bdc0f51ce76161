/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/report.h"

#include "gsm/scts.h"
#include "gsm/tpdu.h"

static bool read_tpdu(const uint8_t *pdu, size_t len, size_t pos, struct gsm_report *ret)
{
    if (len - pos < 2 || (pdu[pos] & TPDU_TYPE) != TPDU_REPORT)
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
