/* SPDX-License-Identifier: EUPL-1.2 */
/* The row of a citizen: its number, and what is sealed in it. Private to the citizens' files. */
#ifndef CC_STORE_CITIZENS_ROW_H
#define CC_STORE_CITIZENS_ROW_H

#include "store/citizens.h"
#include "store/rowtag.h"
#include "store/seal.h"

enum {
    CITIZEN_LANG_SIZE = 4,
    CITIZEN_PLAIN_MAX = SEAL_PADDED(
        NIF_CHARS + 1 + 3 * NAME_PART_SIZE + PHONE_SIZE + CITIZEN_LANG_SIZE + 1, SEAL_PAD_PERSON),
    CITIZEN_PLAIN_USUAL = SEAL_PAD_PERSON, /* of most names */
    CITIZEN_SEALED_MAX = CITIZEN_PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    CITIZEN_SEALED_CONTRAST = CONTRASTE_SIZE + SECRET_SEAL_OVERHEAD
};

/* The row's number, made of the NIF's blind index; never 0 or less. */
int64_t citizen_row_id(const uint8_t nif_index[SECRET_TAG_BYTES]);
/* The personal data, sealed for this row. */
struct db_value citizen_row_seal(const struct store *store, const uint8_t row[SECRET_TAG_BYTES],
                                 const struct citizen *citizen, uint8_t sealed[CITIZEN_SEALED_MAX]);
/* Likewise the contrast datum; NULL where there is none. */
struct db_value citizen_row_seal_contrast(const struct store *store,
                                          const uint8_t row[SECRET_TAG_BYTES],
                                          const struct contraste *contrast,
                                          uint8_t sealed[CITIZEN_SEALED_CONTRAST]);
/* Takes as long as opening so many bytes. */
void citizen_row_seal_for_show(const struct store *store, const uint8_t row[SECRET_TAG_BYTES],
                               size_t len);
/* The index that keeps a phone to a single NIF. */
void citizen_row_index_phone(const struct store *store, const struct citizen *citizen,
                             const uint8_t row[SECRET_TAG_BYTES], uint8_t ret[SECRET_TAG_BYTES]);
/*
 * Reads the row that st stands on, whose columns are CITIZENS_TAGGED, but for the kind of the NIF.
 * Errors: CC_ERR_ALTERED (its tag does not fit), CC_ERR_CORRUPT (it does not open).
 */
enum cc_err citizen_row_read(struct store *store, struct db_stmt *st,
                             const uint8_t row[SECRET_TAG_BYTES], bool with_contrast,
                             struct citizen *ret) CC_MUST_CHECK;

#endif
