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

bool engines_inspect(const char *place, const struct db_identity *ours, engine_say_fn fn,
                     void *user)
{
    bool is_server = pg_is_place(place);
    if (is_server)
        pg_inspect(place, ours, fn, user);
    return is_server;
}

const struct engine_transfer *engines_find_transfer(const struct store_engine *engine)
{
    return engine == &sqlite_engine ? &sqlite_transfer : &pg_transfer;
}
