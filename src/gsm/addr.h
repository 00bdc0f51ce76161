/* SPDX-License-Identifier: EUPL-1.2 */
/* Addresses as PDUs carry them. Pure. Source: 3GPP TS 23.040 9.1.2.5, 24.011 8.2.5 (SCA). */
#ifndef CC_GSM_ADDR_H
#define CC_GSM_ADDR_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Up to 20 semi-octets, or 11 characters of an alphanumeric sender (as UTF-8). */
enum { GSM_ADDR_SIZE = 48 };

struct gsm_addr {
    char text[GSM_ADDR_SIZE]; /* "+34600123123", "22770", "MOVISTAR" */
};

/* True for [+]digits*#abc of 1-20 semi-octets: what a destination may be. */
bool gsm_addr_is_number(const char *text);
/* Appends TP-DA: length in digits, type of address (91 with +, else 81), semi-octets. */
bool gsm_addr_encode(const char *number, struct buf *out);
/* Appends the service-centre address: length in octets; "00" (the modem's own) for NULL or "". */
bool gsm_sca_encode(const char *number, struct buf *out);
/* Read at *pos and move behind; false (and *pos unmoved) if malformed. */
bool gsm_addr_decode(const uint8_t *bytes, size_t len, size_t *pos, struct gsm_addr *ret);
bool gsm_sca_decode(const uint8_t *bytes, size_t len, size_t *pos, struct gsm_addr *ret);
/* The service centre of what comes in, skipped by its length; ret is empty where it makes no sense.
 * False if it is longer than the bytes. */
bool gsm_sca_skip(const uint8_t *bytes, size_t len, size_t *pos, struct gsm_addr *ret);
/*
 * The address of what comes in, as modems spoil it: digits up to a filler count, and where no date
 * stands `gap` octets behind the length told, the length with a date there is taken. False if there
 * is none.
 */
bool gsm_addr_read(const uint8_t *bytes, size_t len, size_t *pos, size_t gap, struct gsm_addr *ret);
/*
 * The same number, whether written +34600…, 0034600… or 600… : reports come back without the plus
 * or the country (MODEMS 1 #20). Compares the last nine digits when lengths differ, unless both
 * say their country.
 */
bool gsm_addr_same(const char *a, const char *b);

#endif
