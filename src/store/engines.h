/* SPDX-License-Identifier: EUPL-1.2 */
/* Engines that this program is built with. */
#ifndef CC_STORE_ENGINES_H
#define CC_STORE_ENGINES_H

#include "store/engine.h"
#include "store/engine_inspect.h"
#include "store/engine_rotation.h"
#include "store/engine_transfer.h"

/* Engine for a place: the address of a server, or a file. */
const struct store_engine *store_engine_of(const char *place);

/* Operations of an engine for a change of the master key; NULL = it has none. */
const struct engine_rotation *engines_find_rotation(const struct store_engine *engine);

/* Tells how a place is that is to hold the database; false: it is a file, of which nothing is told.
 */
bool engines_inspect(const char *place, const struct db_identity *ours, engine_say_fn fn,
                     void *user);

/* Operations of an engine for the way of all rows to another. */
const struct engine_transfer *engines_find_transfer(const struct store_engine *engine);

#endif
