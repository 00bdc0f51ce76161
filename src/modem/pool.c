/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/pool.h"

#include <stdlib.h>

struct pool {
    struct modem *modems[POOL_MAX];
    size_t count;
    size_t next; /* round robin: the modem after the last one chosen is asked first */
};

struct pool *pool_new(void)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL)
        abort(); /* at the start of the program only */
    return pool;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->count; i++)
        modem_free(pool->modems[i]);
    free(pool);
}

enum cc_err pool_add(struct pool *pool, struct modem *modem)
{
    if (pool->count == POOL_MAX)
        return CC_ERR_NO_SPACE;
    pool->modems[pool->count++] = modem;
    return CC_OK;
}

size_t pool_count(const struct pool *pool)
{
    return pool->count;
}

struct modem *pool_at(const struct pool *pool, size_t index)
{
    return pool->modems[index];
}

struct modem *pool_idle(struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        size_t at = (pool->next + i) % pool->count;
        if (modem_can_send(pool->modems[at])) {
            pool->next = at + 1;
            return pool->modems[at];
        }
    }
    return NULL;
}

bool pool_is_ready(const struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        if (modem_is_ready(pool->modems[i]))
            return true;
    return false;
}
