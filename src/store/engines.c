/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/engines.h"

#include "store/pg/engine.h"
#include "store/sqlite/engine.h"

const struct store_engine *store_engine_of(const char *place)
{
    return pg_is_place(place) ? &pg_engine : &sqlite_engine;
}
