/* SPDX-License-Identifier: EUPL-1.2 */
/* The engine of one box: a SQLite file beside the daemon, held by one daemon at a time. */
#ifndef CC_STORE_SQLITE_ENGINE_H
#define CC_STORE_SQLITE_ENGINE_H

#include "store/engines.h"

extern const struct store_engine sqlite_engine;
extern const struct engine_transfer sqlite_transfer;
extern const struct engine_rotation sqlite_rotation;

#endif
