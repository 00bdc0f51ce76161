/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * SQLite's own page cache, without one of its searches. The split of a B-tree's page gives a page,
 * for a moment, the number of the one that the locks lie in, at 1 GiB of the file. The cache
 * remembers the highest number that it has held, and the commit therefore looks through all of it
 * for pages behind the end of the file. Here the highest number is remembered without that one, and
 * a search that can find nothing is left out: else an alta would cost the more, the more is cached.
 * Source: sqlite.org/c3ref/pcache_methods2.html; SQLite 3.40, btree.c balance_nonroot(), pcache1.c
 * pcache1Truncate().
 */
#include "store/sqlite/private.h"

enum { LOCK_BYTE = 0x40000000 };

struct cache {
    sqlite3_pcache *inner;
    unsigned lock_page;
    unsigned highest; /* no page behind it is in the cache */
};

/* As SQLite has them. A process has one set, taken before its first connection. */
static sqlite3_pcache_methods2 inner;

static struct cache *cache_of(sqlite3_pcache *pcache)
{
    return (struct cache *)(void *)pcache;
}

static int cache_init(void *unused)
{
    (void)unused;
    return inner.xInit(inner.pArg);
}

static void cache_shutdown(void *unused)
{
    (void)unused;
    if (inner.xShutdown != NULL)
        inner.xShutdown(inner.pArg);
}

static sqlite3_pcache *cache_create(int page_bytes, int extra_bytes, int is_purgeable)
{
    struct cache *cache = sqlite3_malloc(sizeof(*cache));
    if (cache == NULL)
        return NULL;
    *cache = (struct cache){.inner = inner.xCreate(page_bytes, extra_bytes, is_purgeable),
                            .lock_page = LOCK_BYTE / (unsigned)page_bytes + 1};
    if (cache->inner != NULL)
        return (sqlite3_pcache *)(void *)cache;
    sqlite3_free(cache);
    return NULL;
}

static void cache_set_size(sqlite3_pcache *pcache, int pages)
{
    inner.xCachesize(cache_of(pcache)->inner, pages);
}

static int cache_count_pages(sqlite3_pcache *pcache)
{
    return inner.xPagecount(cache_of(pcache)->inner);
}

static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *pcache, unsigned key, int creates)
{
    struct cache *cache = cache_of(pcache);
    if (creates != 0 && key > cache->highest)
        cache->highest = key;
    return inner.xFetch(cache->inner, key, creates);
}

static void cache_unpin(sqlite3_pcache *pcache, sqlite3_pcache_page *page, int discards)
{
    inner.xUnpin(cache_of(pcache)->inner, page, discards);
}

static void cache_rekey(sqlite3_pcache *pcache, sqlite3_pcache_page *page, unsigned old_key,
                        unsigned new_key)
{
    struct cache *cache = cache_of(pcache);
    if (new_key > cache->highest && new_key != cache->lock_page)
        cache->highest = new_key;
    inner.xRekey(cache->inner, page, old_key, new_key);
}

static void cache_truncate(sqlite3_pcache *pcache, unsigned limit)
{
    struct cache *cache = cache_of(pcache);
    if (limit > cache->highest)
        return;
    inner.xTruncate(cache->inner, limit);
    cache->highest = limit > 0 ? limit - 1 : 0;
}

static void cache_destroy(sqlite3_pcache *pcache)
{
    inner.xDestroy(cache_of(pcache)->inner);
    sqlite3_free(pcache);
}

static void cache_shrink(sqlite3_pcache *pcache)
{
    inner.xShrink(cache_of(pcache)->inner);
}

void sqlite_install_cache(void)
{
    static const sqlite3_pcache_methods2 methods = {
        .iVersion = 1,
        .xInit = cache_init,
        .xShutdown = cache_shutdown,
        .xCreate = cache_create,
        .xCachesize = cache_set_size,
        .xPagecount = cache_count_pages,
        .xFetch = cache_fetch,
        .xUnpin = cache_unpin,
        .xRekey = cache_rekey,
        .xTruncate = cache_truncate,
        .xDestroy = cache_destroy,
        .xShrink = cache_shrink,
    };
    if (inner.xInit == NULL && sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &inner) == SQLITE_OK)
        (void)sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}
