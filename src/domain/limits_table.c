/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/limits_table.h"

#include <string.h>

#define LIMIT(key, field, max, what) {key, offsetof(struct limits, field), what},
#define RANGE(key, field, min, max, what) {key, offsetof(struct limits, field), what},
const struct limits_row limits_rows[] = {LIMITS_TABLE(LIMIT, RANGE)};
const size_t limits_rows_count = sizeof(limits_rows) / sizeof(limits_rows[0]);

_Static_assert(sizeof(limits_rows) / sizeof(limits_rows[0]) ==
                   sizeof(struct limits) / sizeof(int64_t),
               "each field of struct limits has its row");

int64_t limits_row_value(const struct limits *limits, const struct limits_row *row)
{
    int64_t value = 0;
    memcpy(&value, (const char *)limits + row->offset, sizeof(value));
    return value;
}
