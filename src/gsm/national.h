/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * National language tables of the 7-bit alphabet, for messages that come in: an operator abroad
 * writes with them, and without them "está" reads "esta". Pure.
 * Source: 3GPP TS 23.038 6.2.1.2 and annex A; 23.040 9.2.3.24.15, .16 (header elements 0x24, 0x25).
 */
#ifndef CC_GSM_NATIONAL_H
#define CC_GSM_NATIONAL_H

#include <stdbool.h>
#include <stdint.h>
#include <uchar.h>

/* Identifiers of 23.038 6.2.1.2.4; 0 = the default tables. Annex A.3 has no Spanish locking table.
 */
enum gsm_language_id {
    GSM_LANGUAGE_DEFAULT = 0,
    GSM_LANGUAGE_TURKISH = 1,
    GSM_LANGUAGE_SPANISH = 2,
    GSM_LANGUAGE_PORTUGUESE = 3,
    GSM_LANGUAGE_COUNT
};

/* The tables that a message is written with. */
struct gsm_language {
    uint8_t shift;   /* table behind an escape */
    uint8_t locking; /* table of the septets themselves */
};

/* An identifier whose tables are not here counts as the default ones. */
uint8_t gsm_language_known(uint8_t id);
/* The character of a septet in a locking table; false where it is that of the default alphabet. */
bool gsm_national_locking(uint8_t id, uint8_t septet, char16_t *ret);
/* The character behind an escape; false where it is that of the default extension table. */
bool gsm_national_shift(uint8_t id, uint8_t septet, char16_t *ret);

#endif
