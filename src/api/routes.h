/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of everything that can be asked. */
#ifndef CC_API_ROUTES_H
#define CC_API_ROUTES_H

#include "http/route.h"

extern const struct route routes[];
extern const size_t routes_count;

#endif
