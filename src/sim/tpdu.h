/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The network's half of the short messages: what only a centre writes (DELIVER, STATUS-REPORT), and
 * what only it reads (SUBMIT). Source: 3GPP TS 23.040 9.2.2, 9.1.2.5, 9.2.3.11.
 */
#ifndef CC_SIM_TPDU_H
#define CC_SIM_TPDU_H

#include "gsm/deliver.h"
#include "gsm/report.h"

/* Append the whole PDU, SCA first. False if a field is out of range, or the data do not fit or are
 * of a national language. */
bool sim_deliver_encode(const struct gsm_deliver *deliver, struct buf *out, size_t *ret_tpdu_len);
bool sim_report_encode(const struct gsm_report *report, struct buf *out, size_t *ret_tpdu_len);
/*
 * Strict decoding of a PDU from AT+CMGS; `ret->smsc` is NULL and the SCA comes in ret_smsc (may be
 * NULL); validity_s is that of a relative TP-VP, 0 if there is none, -1 for absolute or enhanced
 * forms. *ret_tpdu_len is the length without SCA. False if anything is malformed or left over.
 */
bool sim_submit_decode(const uint8_t *pdu, size_t len, struct gsm_submit *ret,
                       struct gsm_addr *ret_smsc, size_t *ret_tpdu_len);
/* Appends the text of the message as UTF-8 (8-bit data as upper-case hex). */
void sim_submit_text(const struct gsm_submit *submit, struct buf *out);
/* TP-OA: as gsm_addr_encode(), or a name of up to 11 septets (type of address D0). */
bool sim_sender_encode(const char *text, struct buf *out);
/* Units: UTC ms; the stamp is written with this offset in quarter hours (-79…79). */
void sim_scts_encode(int64_t at_ms, int quarters, struct buf *out);

#endif
