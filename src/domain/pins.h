/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The TLS certificates that a client of the API must show: one of the town's own authority
 * ("autoridad"), one of these by its SHA-256 fingerprint, or both at once. Pure.
 */
#ifndef CC_DOMAIN_PINS_H
#define CC_DOMAIN_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "autoridad, " and four fingerprints as "AB:CD:…" with their commas. */
enum { PINS_MAX = 4, PIN_BYTES = 32, PINS_TEXT_SIZE = 11 + PINS_MAX * (3 * PIN_BYTES + 1) };

/* Zeroed = no certificate is asked for. */
struct pins {
    bool by_authority;
    size_t count;
    uint8_t prints[PINS_MAX][PIN_BYTES];
};

/* "", "autoridad, AB:CD:…": fingerprints in either case, with colons or without. */
bool pins_parse(const char *text, struct pins *ret);
void pins_format(const struct pins *pins, char out[PINS_TEXT_SIZE]);
/* Whether a certificate is asked for. */
bool pins_ask(const struct pins *pins);
/* Whether the fingerprint is one of them, or none is named. */
bool pins_admit(const struct pins *pins, const uint8_t print[PIN_BYTES]);

#endif
