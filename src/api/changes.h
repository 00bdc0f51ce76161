/* SPDX-License-Identifier: EUPL-1.2 */
/* Changes between two looks at the status. Pure. */
#ifndef CC_API_CHANGES_H
#define CC_API_CHANGES_H

#include <jansson.h>

/*
 * The members of `now` that differ from those of `before`; NULL when none does. Instants that are
 * less than two seconds apart are the same: those of `before` are put into `now`. Owns: the caller
 * frees the result.
 */
json_t *changes_find(json_t *before, json_t *now);

#endif
