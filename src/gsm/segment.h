/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A text to its parts: GSM-7 where it fits, else UCS-2; more than one part get the 8-bit
 * reference header; no cut inside an escape pair or a surrogate pair. Pure.
 * Source: 3GPP TS 23.040 9.2.3.24.1; 23.038 6.
 */
#ifndef CC_GSM_SEGMENT_H
#define CC_GSM_SEGMENT_H

#include "gsm/submit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GSM_PARTS_MAX = 10 };

struct gsm_part {
    enum gsm_alphabet alphabet;
    struct gsm_concat concat;     /* present only when there is more than one part */
    struct gsm_language language; /* of a message that comes in */
    bool is_cut;                  /* octets were missing, or the header made no sense */
    uint8_t data[160];
    size_t data_len;
};

/* Errors: false when the text is empty, not UTF-8, or needs more than GSM_PARTS_MAX parts. */
bool gsm_segment(const char *utf8, size_t len, uint8_t reference,
                 struct gsm_part parts[GSM_PARTS_MAX], size_t *ret_count);

#endif
