/* SPDX-License-Identifier: EUPL-1.2 */
/* gsm/report: a PDU is decoded or refused; what was decoded survives being encoded again. */
#include "fuzz.h"

#include "sim/tpdu.h"

static void check_same(const struct gsm_report *a, const struct gsm_report *b)
{
    REQUIRE(strcmp(a->smsc.text, b->smsc.text) == 0);
    REQUIRE(strcmp(a->to.text, b->to.text) == 0);
    REQUIRE(a->reference == b->reference && a->status == b->status);
    REQUIRE(!fuzz_is_stamp(a->submitted_ms) || a->submitted_ms == b->submitted_ms);
    REQUIRE(!fuzz_is_stamp(a->done_ms) || a->done_ms == b->done_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsm_report report, again;
    uint8_t storage[GSM_PDU_MAX];
    struct buf pdu;
    size_t tpdu_len = 0;
    if (!gsm_report_decode(data, size, &report))
        return 0;
    REQUIRE(utf8_is_valid(report.to.text, strlen(report.to.text)));
    REQUIRE(gsm_addr_same(report.to.text, report.to.text));
    (void)gsm_status_class(report.status);
    buf_init(&pdu, storage, sizeof(storage));
    if (!sim_report_encode(&report, &pdu, &tpdu_len)) {
        REQUIRE(!gsm_addr_is_number(report.to.text)); /* a report on a name: not of ours */
        return 0;
    }
    REQUIRE(tpdu_len > 0 && tpdu_len < pdu.len);
    REQUIRE(gsm_report_decode(pdu.data, pdu.len, &again));
    check_same(&report, &again);
    for (size_t len = 0; len < pdu.len; len++) /* cut anywhere, it is refused */
        REQUIRE(!gsm_report_decode(pdu.data, len, &again) ||
                strcmp(again.to.text, report.to.text) != 0);
    return 0;
}
