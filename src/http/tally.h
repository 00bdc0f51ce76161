/* SPDX-License-Identifier: EUPL-1.2 */
/* Counts answers by route and status, for GET /metrics. */
#ifndef CC_HTTP_TALLY_H
#define CC_HTTP_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { TALLY_STATUSES = 12 };

struct tally_cell {
    unsigned status; /* 0 = of the last cell: all statuses without a cell of their own */
    uint64_t count;
};

struct tally_row {
    struct tally_cell cells[TALLY_STATUSES]; /* those with a count of 0 are free */
};

/* Answers by row: one row for each route, then one for the pages, then one for no route. */
struct tally {
    size_t row_count;
    struct tally_row rows[];
};

/* Ends the program without memory: at its start only. Owns: free(). */
struct tally *tally_new(size_t row_count);
void tally_count(struct tally *tally, size_t row, unsigned status);

#endif
