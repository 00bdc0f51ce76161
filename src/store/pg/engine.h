/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The engine of several boxes: a database on a PostgreSQL server >= 15, named by an address
 * postgresql://… as libpq takes it (PostgreSQL manual 34.1.1.2). The connection is synchronous and
 * every wait for the server ends: see private.h.
 */
#ifndef CC_STORE_PG_ENGINE_H
#define CC_STORE_PG_ENGINE_H

#include "store/engines.h"

extern const struct store_engine pg_engine;
extern const struct engine_transfer pg_transfer;

/* Whether a place is the address of a server, and no file. */
bool pg_is_place(const char *place);
/* Looks at a server and its database, in any state, and changes nothing. */
void pg_inspect(const char *place, const struct db_identity *ours, engine_say_fn fn, void *user);

#endif
