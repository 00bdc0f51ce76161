/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The text of AT+CUSD: a network's answer, which modems give plain, as packed
 * septets in hexadecimal, or as UCS-2 in hexadecimal, and not always as the coding scheme says.
 * Pure. Source: 3GPP TS 27.007 7.15, 23.038 5 (coding scheme of USSD) and 6.1.2.3.1 (packing).
 */
#ifndef CC_GSM_USSD_H
#define CC_GSM_USSD_H

#include "base/buf.h"

#include <stdbool.h>

enum { GSM_USSD_TEXT_MAX = 600, GSM_USSD_DCS_NONE = -1 };

/*
 * Appends the text as UTF-8, without the padding and the language in front. dcs as the modem gave
 * it, GSM_USSD_DCS_NONE when it gave none. False when out is too small.
 */
bool gsm_ussd_text(const char *text, int dcs, struct buf *out);
/*
 * A code ("*134#") as packed septets in hexadecimal, which some modems want it in. False when it
 * has other characters than the alphabet's, or is too long.
 */
bool gsm_ussd_pack(const char *code, struct buf *out);

#endif
