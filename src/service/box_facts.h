/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts of the machine: its disk, its age and that of the last copy. Looked at once in 25 s. */
#ifndef CC_SERVICE_BOX_FACTS_H
#define CC_SERVICE_BOX_FACTS_H

#include <stdbool.h>
#include <stdint.h>

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
