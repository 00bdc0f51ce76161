/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The engine of several boxes: a database on a PostgreSQL server >= 15, named by an address
 * postgresql://… as libpq takes it (PostgreSQL manual 34.1.1.2). The connection is synchronous and
 * every wait for the server ends: see private.h.
 */
#ifndef CC_STORE_PG_ENGINE_H
#define CC_STORE_PG_ENGINE_H

#include "store/engine.h"

extern const struct store_engine pg_engine;

/* Whether a place is the address of a server, and no file. */
bool pg_is_place(const char *place);

#endif
