/* SPDX-License-Identifier: EUPL-1.2 */
/* User data headers. Pure. Source: 3GPP TS 23.040 9.2.3.24, .24.1 (8-bit ref), .24.8 (16-bit ref),
 * .24.15 and .24.16 (national languages).
 */
#ifndef CC_GSM_UDH_H
#define CC_GSM_UDH_H

#include "base/buf.h"
#include "gsm/national.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gsm_concat {
    bool present;
    uint16_t reference;
    uint8_t total; /* 1-255 */
    uint8_t index; /* 1-total */
};

/* The content of a header, as far as it matters here. */
struct gsm_udh {
    struct gsm_concat concat;
    struct gsm_language language;
    size_t bytes; /* UDHL included */
    bool is_odd;  /* without elements, or with one that runs over its end */
};

enum { GSM_UDH_CONCAT8_BYTES = 6 };

/* Appends the whole header, UDHL first, with an 8-bit reference. */
void gsm_udh_encode_concat8(const struct gsm_concat *concat, struct buf *out);
/*
 * Parses the header at the start of the user data. Unknown elements are skipped; a malformed concat
 * or language element is ignored (23.040). False if the header is longer than the data.
 */
bool gsm_udh_decode(const uint8_t *bytes, size_t len, struct gsm_udh *ret);

#endif
