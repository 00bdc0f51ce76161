/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * TP-UDL and TP-UD with its header: what SUBMIT and DELIVER have in common. Pure.
 * Source: 3GPP TS 23.040 9.2.3.16, 9.2.3.24.
 */
#ifndef CC_GSM_USERDATA_H
#define CC_GSM_USERDATA_H

#include "gsm/segment.h"

/* False if a field is out of range or header and data do not fit one PDU. */
bool gsm_userdata_fits(const struct gsm_part *part);
/* Appends length and data of a part that fits. */
void gsm_userdata_encode(const struct gsm_part *part, struct buf *out);
/*
 * Reads TP-UDL and TP-UD at *pos into the part, whose alphabet the caller sets first; moves *pos
 * behind them. A length above the data gives what there is, with is_cut. False without TP-UDL, or
 * if the header is longer than the data.
 */
bool gsm_userdata_decode(const uint8_t *bytes, size_t len, size_t *pos, bool has_header,
                         struct gsm_part *part);
/* Octets that are all letters and line ends of ASCII. */
bool gsm_userdata_is_plain(const uint8_t *bytes, size_t len);
/* Appends the text as UTF-8; 8-bit data as letters if they are plain, else as upper-case hex. */
void gsm_userdata_text(enum gsm_alphabet alphabet, struct gsm_language language,
                       const uint8_t *data, size_t len, struct buf *out);

#endif
