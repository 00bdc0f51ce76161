/* SPDX-License-Identifier: EUPL-1.2 */
/* Takes rows from a database under one master key to another under the next. */
#ifndef CC_STORE_ROTATION_ROW_H
#define CC_STORE_ROTATION_ROW_H

#include "store/rotation_tables.h"
#include "store/store.h"

/* The databases, and where the values of a row are made. */
struct rotation_pair {
    struct store *from, *to;
    uint8_t *room; /* ROTATION_ROOM bytes */
    size_t used;
    int64_t unread; /* sealed columns that opened under no key: they open under none again */
};

enum { ROTATION_ROOM = 256 * 1024 };

/*
 * Copies the rows of a slot, in place of those that the new database has of it. *ret_fits false:
 * one of them would be a second one of what must be unique, because an older state of another row
 * is there yet; the slot is to be copied again after that. Errors: CC_ERR_ALTERED (a row does not
 * carry its tag: told), CC_ERR_CORRUPT (a person's row that does not open), CC_ERR_NO_SPACE.
 */
enum cc_err rotation_copy_slot(struct rotation_pair *pair, const struct rotation_table *table,
                               int64_t slot, bool *ret_fits) CC_MUST_CHECK;
/* The first half of that: removes what the new database has of the slot. */
enum cc_err rotation_erase_slot(struct rotation_pair *pair, const struct rotation_table *table,
                                int64_t slot) CC_MUST_CHECK;

#endif
