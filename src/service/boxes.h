/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The boxes that share the database, as they were when this one last could read: what a page, the
 * verdict and the probes tell of them. While the server is away nobody is taken for gone. Nothing
 * of it is there in a database of one box.
 */
#ifndef CC_SERVICE_BOXES_H
#define CC_SERVICE_BOXES_H

#include "store/boxes.h"

struct boxes_seen {
    struct box_row rows[BOXES_MAX];
    size_t count;
    int64_t read_ms; /* UTC; 0 = not yet */
};

/* Reads them, and forgets those of long ago. In a turn. Errors: CC_ERR_DB, CC_ERR_DB_BUSY. */
enum cc_err boxes_read(struct store *store, int64_t now_ms, struct boxes_seen *ret) CC_MUST_CHECK;
bool boxes_is_gone(const struct boxes_seen *boxes, const struct box_row *row);
/* Whether another box than the one of this name can send: what is accepted here goes by it. */
bool boxes_can_send(const struct boxes_seen *boxes, const char *own);

#endif
