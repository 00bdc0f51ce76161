/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The boxes that share the database, as they were when this one last could read: what a page, the
 * verdict and the probes tell of them. While the server is away nobody is taken for gone. Nothing
 * of it is there in a database of one box.
 */
#ifndef CC_SERVICE_BOXES_H
#define CC_SERVICE_BOXES_H

#include "store/boxes.h"

#include <stdbool.h>
#include <stdint.h>

struct boxes_seen {
    struct box_row rows[BOXES_MAX];
    int64_t heard_us[BOXES_MAX]; /* of the loop: when a beat of each was found to be another */
    size_t count;
    int64_t read_us; /* of the loop; 0 = not yet */
    int64_t gone_ms; /* UTC: whose last beat is not after this is gone */
};

/*
 * Reads them anew into what was read before, and forgets those of long ago. A box is gone whose
 * beat has stayed the same for BOXES_GONE_MS and is dated before those of all that are there: two
 * whose clocks differ do not take each other for gone. In a turn. Errors: CC_ERR_DB,
 * CC_ERR_DB_BUSY.
 */
enum cc_err boxes_read(struct store *store, int64_t now_ms, int64_t now_us,
                       struct boxes_seen *io) CC_MUST_CHECK;
bool boxes_is_gone(const struct boxes_seen *boxes, const struct box_row *row);
/* Whether another box than the one of this name can send: what is accepted here goes by it. */
bool boxes_can_send(const struct boxes_seen *boxes, const char *own);

/* ---- facts of the machine, looked at once in 25 s -------------------------------------------- */

struct service;

struct box_facts {
    const char *database; /* base_datos: where the disk is; NULL = it is not looked at */
    int64_t looked_us;    /* when; 0 = never */
    int64_t disk_total;   /* bytes of the file system of the database; 0 = it cannot be told */
    int64_t disk_free;    /* bytes for the service */
    int64_t copy_ms;      /* UTC, the last good copy; 0 = none was noted */
    int64_t begun_ms;     /* UTC, the first record of the audit trail; 0 = it has none */
};

/* Fills disk_total and disk_free of the file system that `path` is in, or is to be. False: it
 * cannot be told, see errno. */
bool box_look_at_disk(const char *path, struct box_facts *io);
/* Percent of the disk that is in use, rounded up as df does; -1 = it cannot be told. */
int box_used_percent(const struct box_facts *facts);
/* Whether the disk ends soon: over 90 % in use, or less than 200 MB left. */
bool box_disk_ends(const struct box_facts *facts);
/* The facts, at most 25 s old; all zero in programs that name no database. */
const struct box_facts *box_look(struct service *service);

#endif
