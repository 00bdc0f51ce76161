/* SPDX-License-Identifier: EUPL-1.2 */
/* Spans of time as numbers of 64 bits. UNIT_MS is how many milliseconds a unit lasts. */
#ifndef CC_BASE_SPAN_H
#define CC_BASE_SPAN_H

#include <stdint.h>

#define US_PER_MS INT64_C(1000)
#define MS_PER_S INT64_C(1000)
#define US_PER_S (MS_PER_S * US_PER_MS)

#define MINUTE_MS (60 * MS_PER_S)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

#define HOUR_S INT64_C(3600)
#define DAY_S (24 * HOUR_S)

#endif
