/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts that the box remembers by a name, a number, a tag, or both: each a tagged row of `meta`. */
#ifndef CC_STORE_META_H
#define CC_STORE_META_H

#include "store/store.h"

struct meta_row {
    int64_t number;
    uint8_t tag[SECRET_TAG_BYTES];
    bool is_altered;
};

/* Zeros where there is none, or one that was altered. */
enum cc_err meta_read(struct store *store, const char *name, struct meta_row *ret) CC_MUST_CHECK;
enum cc_err meta_read_number(struct store *store, const char *name, int64_t *ret) CC_MUST_CHECK;
/* tag: of SECRET_TAG_BYTES; NULL = none. In a transaction. */
enum cc_err meta_write(struct store *store, const char *name, int64_t number,
                       const uint8_t *tag) CC_MUST_CHECK;
enum cc_err meta_write_number(struct store *store, const char *name, int64_t number) CC_MUST_CHECK;

#endif
