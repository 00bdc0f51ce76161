/* SPDX-License-Identifier: EUPL-1.2 */
/* Evidence of an entry as the bytes that a row seals. Private to the files of evidence. Pure. */
#ifndef CC_STORE_EVIDENCE_FORM_H
#define CC_STORE_EVIDENCE_FORM_H

#include "base/buf.h"
#include "store/evidence.h"

enum {
    EVIDENCE_TEXTS_MAX = NIF_CHARS + 1 + 3 * NAME_PART_SIZE + PHONE_SIZE + LIFE_ACTOR_SIZE +
                         LIFE_DOCUMENT_SIZE + EVIDENCE_CALLER_SIZE + 2 * EVIDENCE_ADDRESS_SIZE +
                         EVIDENCE_CONFIG_SIZE + EVIDENCE_METHOD_SIZE +
                         EVIDENCE_MESSAGES_MAX * OUTBOX_MODEM_SIZE,
    EVIDENCE_NUMBERS_MAX = 18 + 5 * EVIDENCE_MESSAGES_MAX,
    EVIDENCE_NUMBER_BYTES = 10,
    /* With the number before it. */
    EVIDENCE_BYTES_MAX = EVIDENCE_TEXTS_MAX + (EVIDENCE_NUMBERS_MAX + 1) * EVIDENCE_NUMBER_BYTES
};

void evidence_put(struct buf *b, const struct evidence *evidence);
/* Moves *at behind it. has_method: it is not from before there were several methods, which was
 * pin24h. False: it does not fit. */
bool evidence_take(const char **at, const char *end, bool has_method, struct evidence *ret);
void evidence_put_number(struct buf *b, uint64_t value);
bool evidence_take_number(const char **at, const char *end, uint64_t *ret);

#endif
