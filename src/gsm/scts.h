/* SPDX-License-Identifier: EUPL-1.2 */
/* Time stamps and validity periods. Pure. Source: 3GPP TS 23.040 9.2.3.11, 9.2.3.12.1. */
#ifndef CC_GSM_SCTS_H
#define CC_GSM_SCTS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seven octets at *pos, to UTC ms; false (and *pos unmoved) when truncated or not a date. */
bool gsm_scts_decode(const uint8_t *bytes, size_t len, size_t *pos, int64_t *ret_ms);
/*
 * The same, but seven octets that are no date give 0: a message or a report is worth more than its
 * stamp, and some centres send zeros. False only when truncated.
 */
bool gsm_scts_read(const uint8_t *bytes, size_t len, size_t *pos, int64_t *ret_ms);

/*
 * TP-VP relative for the longest period that does not exceed max_s seconds; 0 (5 minutes, the
 * shortest there is) when max_s is below that: never send then.
 */
uint8_t gsm_vp_not_after(int64_t max_s);
/* The seconds that a relative TP-VP means. */
int64_t gsm_vp_seconds(uint8_t vp);

#endif
