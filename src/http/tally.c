/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/tally.h"

#include "base/alloc.h"

#include <stdlib.h>

struct tally *tally_new(size_t row_count)
{
    struct tally *tally = alloc_or_abort(sizeof(*tally) + row_count * sizeof(tally->rows[0]));
    tally->row_count = row_count;
    return tally;
}

void tally_count(struct tally *tally, size_t row, unsigned status)
{
    struct tally_cell *cell = tally->rows[row].cells;
    struct tally_cell *last = cell + TALLY_STATUSES - 1;
    while (cell < last && cell->count > 0 && cell->status != status)
        cell++;
    cell->status = cell == last ? 0 : status;
    cell->count++;
}
