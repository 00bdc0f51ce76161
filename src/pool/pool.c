/* SPDX-License-Identifier: EUPL-1.2 */
#include "pool/pool.h"

#include "base/alloc.h"
#include "pool/pace.h"

#include <stdlib.h>
#include <string.h>

enum { DOUBT_MS = 60000 };

struct member {
    struct modem *modem;
    struct pool_limits limits;
    struct pace pace;
    int64_t doubted_until_ms; /* end of the minute after an untaken message; 0 = none */
    uint64_t turn;            /* when it took its last message, in messages of the pool */
};

struct pool {
    struct member members[POOL_MAX];
    size_t count;
    uint64_t turns;
};

struct pool *pool_new(void)
{
    return alloc_or_abort(sizeof(struct pool));
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->count; i++)
        modem_free(pool->members[i].modem);
    free(pool);
}

enum cc_err pool_add(struct pool *pool, struct modem *modem, const struct pool_limits *limits)
{
    if (pool->count == POOL_MAX)
        return CC_ERR_NO_SPACE;
    pool->members[pool->count++] = (struct member){.modem = modem, .limits = *limits};
    return CC_OK;
}

size_t pool_count(const struct pool *pool)
{
    return pool->count;
}

struct modem *pool_at(const struct pool *pool, size_t index)
{
    return pool->members[index].modem;
}

struct modem *pool_find(const struct pool *pool, const char *name)
{
    for (size_t i = 0; i < pool->count; i++)
        if (strcmp(modem_name(pool->members[i].modem), name) == 0)
            return pool->members[i].modem;
    return NULL;
}

static const struct member *member_of(const struct pool *pool, const struct modem *modem)
{
    const struct member *member = pool->members;
    while (member->modem != modem)
        member++;
    return member;
}

static int64_t free_at(const struct member *member)
{
    return pace_free_at(&member->pace, member->limits.per_minute);
}

static bool goes_before(const struct member *a, const struct member *b, int64_t now_ms)
{
    size_t load_a = pace_load(&a->pace, now_ms), load_b = pace_load(&b->pace, now_ms);
    return load_a != load_b ? load_a < load_b : a->turn < b->turn;
}

/* Lists the modems whose pace allows another message, least loaded first. */
static size_t list_modems(const struct pool *pool, bool (*is_wanted)(const struct modem *modem),
                          int64_t now_ms, struct modem *ret[POOL_MAX])
{
    const struct member *order[POOL_MAX];
    size_t count = 0;
    for (size_t i = 0; i < pool->count; i++) {
        const struct member *member = &pool->members[i];
        if (!is_wanted(member->modem) || free_at(member) > now_ms ||
            (member->doubted_until_ms > now_ms && pool_has_other(pool, member->modem)))
            continue;
        size_t at = count++;
        for (; at > 0 && goes_before(member, order[at - 1], now_ms); at--)
            order[at] = order[at - 1];
        order[at] = member;
    }
    for (size_t i = 0; i < count; i++)
        ret[i] = order[i]->modem;
    return count;
}

size_t pool_idle(const struct pool *pool, int64_t now_ms, struct modem *ret[POOL_MAX])
{
    return list_modems(pool, modem_can_send, now_ms, ret);
}

size_t pool_sending(const struct pool *pool, int64_t now_ms, struct modem *ret[POOL_MAX])
{
    return list_modems(pool, modem_is_sending, now_ms, ret);
}

void pool_note(struct pool *pool, const struct modem *modem, int64_t now_ms)
{
    struct member *member = &pool->members[member_of(pool, modem) - pool->members];
    pace_note(&member->pace, now_ms);
    member->turn = ++pool->turns;
}

void pool_take_back(struct pool *pool, const struct modem *modem)
{
    pace_take_back(&pool->members[member_of(pool, modem) - pool->members].pace);
}

void pool_note_end(struct pool *pool, const struct modem *modem, bool took_it, int64_t now_ms)
{
    pool->members[member_of(pool, modem) - pool->members].doubted_until_ms =
        took_it ? 0 : now_ms + DOUBT_MS;
}

unsigned pool_per_day(const struct pool *pool, const struct modem *modem)
{
    return member_of(pool, modem)->limits.per_day;
}

int64_t pool_free_at(const struct pool *pool, int64_t now_ms)
{
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; i < pool->count; i++) {
        const struct member *member = &pool->members[i];
        int64_t at_ms = free_at(member);
        if (modem_can_send(member->modem) && at_ms > now_ms && at_ms < first_ms)
            first_ms = at_ms;
    }
    return first_ms;
}

bool pool_is_ready(const struct pool *pool)
{
    return pool_has_other(pool, NULL);
}

bool pool_has_other(const struct pool *pool, const struct modem *modem)
{
    for (size_t i = 0; i < pool->count; i++)
        if (pool->members[i].modem != modem && modem_is_ready(pool->members[i].modem))
            return true;
    return false;
}
