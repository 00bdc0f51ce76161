/* SPDX-License-Identifier: EUPL-1.2 */
/* Engines that this program is built with. */
#ifndef CC_STORE_ENGINES_H
#define CC_STORE_ENGINES_H

#include "store/engine.h"
#include "store/engine_rotation.h"

/* Engine for a place: the address of a server, or a file. */
const struct store_engine *store_engine_of(const char *place);

/* Operations of an engine for a change of the master key; NULL = it has none. */
const struct engine_rotation *engines_find_rotation(const struct store_engine *engine);

#endif
