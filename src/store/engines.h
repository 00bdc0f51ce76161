/* SPDX-License-Identifier: EUPL-1.2 */
/* Engines that this program is built with. */
#ifndef CC_STORE_ENGINES_H
#define CC_STORE_ENGINES_H

#include "store/engine.h"

/* Engine of a database whose struct store_place names none. */
extern const struct store_engine *const store_default_engine;

#endif
