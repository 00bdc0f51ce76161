/* SPDX-License-Identifier: EUPL-1.2 */
/* The page cache is searched for pages behind the end of the file where there are some, and else
 * never: store/sqlite/cache.c. */
#include "tests/unit/test_store_fixture.h"

#include <sqlite3.h>

enum { CITIZENS = 400, MANY_PAGES = 100 };

static sqlite3_pcache_methods2 own;
static int searches; /* of a cache of that many pages: those of a sort are smaller */

static void count_search(sqlite3_pcache *cache, unsigned limit)
{
    searches += own.xPagecount(cache) > MANY_PAGES;
    own.xTruncate(cache, limit);
}

static void add_citizens(struct store *store)
{
    for (int n = 0; n < CITIZENS; n++) {
        char nif[16], phone[16];
        (void)snprintf(nif, sizeof(nif), "%08dZ", n);
        (void)snprintf(phone, sizeof(phone), "+34%09d", 600000000 + n);
        assert_ok(db_begin(store->db));
        (void)add_citizen(store, nif, phone);
        assert_ok(store_commit(store));
    }
}

/* Nearly each alta splits a page somewhere. */
static void test_growth_searches_nothing(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    add_citizens(store);
    assert_int_equal(searches, 0);
    assert_ok(db_check_whole(store->db));
}

static void test_pages_behind_a_shrunk_file_are_dropped(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct db_stmt *st = db_query(store->db, "DELETE FROM citizens RETURNING row_tag");
    add_citizens(store);
    assert_ok(rowtag_run_delete(store, ROWTAG_CITIZENS, st));
    assert_ok(db_exec(store->db, "VACUUM"));
    assert_true(searches > 0);
    add_citizens(store);
    assert_ok(db_check_whole(store->db));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM citizens"), CITIZENS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_growth_searches_nothing),
        fixture_test(test_pages_behind_a_shrunk_file_are_dropped),
    };
    sqlite3_pcache_methods2 counted;
    if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &own) != SQLITE_OK)
        return 1;
    counted = own;
    counted.xTruncate = count_search;
    if (sqlite3_config(SQLITE_CONFIG_PCACHE2, &counted) != SQLITE_OK)
        return 1;
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
