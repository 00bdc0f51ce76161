/* SPDX-License-Identifier: EUPL-1.2 */
/* The modems of the box: which one takes the next message. */
#ifndef CC_MODEM_POOL_H
#define CC_MODEM_POOL_H

#include "modem/modem.h"

#include <stddef.h>

enum { POOL_MAX = 16 };

struct pool;

struct pool *pool_new(void);
void pool_free(struct pool *pool); /* frees its modems */
/* Errors: CC_ERR_NO_SPACE. Owns: modem, from then on. */
enum cc_err pool_add(struct pool *pool, struct modem *modem) CC_MUST_CHECK;
size_t pool_count(const struct pool *pool);
struct modem *pool_at(const struct pool *pool, size_t index);
/* The idle ready modem that has waited longest; NULL if none. */
struct modem *pool_idle(struct pool *pool);
bool pool_is_ready(const struct pool *pool);

#endif
