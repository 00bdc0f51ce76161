/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/engines.h"

#include "store/sqlite/engine.h"

const struct store_engine *const store_default_engine = &sqlite_engine;
