/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Long messages put together again: parts in any order, twice, or missing, from senders that reuse
 * their references, mix alphabets and cut characters in two. Pure: the parts lie in the caller's
 * storage, and nothing that they say makes us write outside it.
 * Source: 3GPP TS 23.040 9.2.3.24.1 (8-bit reference), 9.2.3.24.8 (16-bit).
 */
#ifndef CC_GSM_CONCAT_H
#define CC_GSM_CONCAT_H

#include "gsm/submit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GSM_CONCAT_MAX = 255,
    GSM_CONCAT_DATA_MAX = 160,
    /* Bytes of UTF-8 that one part can become: three for each of 160 septets (a € of a
     * national table), two for each 8-bit octet. */
    GSM_CONCAT_TEXT_MAX = 3 * GSM_CONCAT_DATA_MAX,
};

/* Stands in the text for one or more parts that are missing. */
#define GSM_CONCAT_GAP "[…]"

struct gsm_concat_part {
    uint8_t index; /* 1-total */
    enum gsm_alphabet alphabet;
    struct gsm_language language;
    bool is_cut; /* not all of it came */
    size_t len;  /* septets or bytes, as in gsm_deliver */
    uint8_t data[GSM_CONCAT_DATA_MAX];
};

/* A message that is being put together. */
struct gsm_concat_set {
    struct gsm_concat_part *parts; /* in order of index */
    size_t count, cap;
    uint8_t total;
};

enum gsm_concat_verdict {
    GSM_CONCAT_NEW,     /* the part was missing */
    GSM_CONCAT_AGAIN,   /* the same part was there: sent twice */
    GSM_CONCAT_OTHER,   /* another one was there: the reference is used for a second message */
    GSM_CONCAT_REFUSED, /* no index of this message, too long, or no room in the storage */
};

/* storage stays the caller's; cap parts fit (at most GSM_CONCAT_MAX are ever needed). */
void gsm_concat_init(struct gsm_concat_set *set, uint8_t total, struct gsm_concat_part *storage,
                     size_t cap);
enum gsm_concat_verdict gsm_concat_add(struct gsm_concat_set *set,
                                       const struct gsm_concat_part *part);
bool gsm_concat_is_complete(const struct gsm_concat_set *set);
/*
 * Appends the text as UTF-8, GSM_CONCAT_GAP for each hole. A surrogate or escape pair that was cut
 * between two parts is one character. It fits total * (GSM_CONCAT_TEXT_MAX + 5) bytes.
 */
void gsm_concat_text(const struct gsm_concat_set *set, struct buf *out);

#endif
