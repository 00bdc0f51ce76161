/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/engines.h"

#include "store/pg/engine.h"
#include "store/sqlite/engine.h"

const struct store_engine *store_engine_of(const char *place)
{
    return pg_is_place(place) ? &pg_engine : &sqlite_engine;
}

const struct engine_rotation *engines_find_rotation(const struct store_engine *engine)
{
    return engine == &sqlite_engine ? &sqlite_rotation : NULL;
}
