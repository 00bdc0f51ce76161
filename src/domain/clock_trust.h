/* SPDX-License-Identifier: EUPL-1.2 */
/* Whether the wall clock may be believed (DOMAIN 7), as a pure decision: readings in, verdict out.
 */
#ifndef CC_DOMAIN_CLOCK_TRUST_H
#define CC_DOMAIN_CLOCK_TRUST_H

#include <stdint.h>

/* The longest life of a request, from 00:00 to 02:00 of the next day over the night of 25 hours. */
#define CLOCK_REQUEST_LIFE_MS (INT64_C(27) * 3600 * 1000)
/* A row dated further ahead than this comes from a clock that was wrong: nothing may rest on it. */
#define CLOCK_FUTURE_MS (INT64_C(5) * 60 * 1000)

#endif
