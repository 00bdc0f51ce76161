/* SPDX-License-Identifier: EUPL-1.2 */
/* The search of the audit trail: what fits, and how much of the trail one piece reads. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/audit_search.h"

static const uint8_t ana[SECRET_TAG_BYTES] = {1}, eva[SECRET_TAG_BYTES] = {2};
static const struct audit_filter any = {.event = "", .actor = "", .until_ms = INT64_MAX};

static const struct {
    struct audit_filter filter;
    struct audit_found row;
    bool fits;
} rows[] = {
    {{"", "", NULL, 0, 100}, {1, 99, "alta", "cliente:sede", "", NULL, 0, "", ""}, true},
    {{"", "", NULL, 0, 100}, {1, 100, "alta", "cliente:sede", "", NULL, 0, "", ""}, false},
    {{"", "", NULL, 50, 100}, {1, 50, "alta", "cliente:sede", "", NULL, 0, "", ""}, true},
    {{"", "", NULL, 50, 100}, {1, 49, "alta", "cliente:sede", "", NULL, 0, "", ""}, false},
    {{"alta", "", NULL, 0, 100}, {1, 1, "alta", "cliente:sede", "", NULL, 0, "", ""}, true},
    {{"alta", "", NULL, 0, 100}, {1, 1, "altas", "cliente:sede", "", NULL, 0, "", ""}, false},
    {{"", "cliente:sede", NULL, 0, 100}, {1, 1, "alta", "cliente:sede", "", NULL, 0, "", ""}, true},
    {{"", "sede", NULL, 0, 100}, {1, 1, "alta", "cliente:sede", "", NULL, 0, "", ""}, true},
    {{"", "sed", NULL, 0, 100}, {1, 1, "alta", "cliente:sede", "", NULL, 0, "", ""}, false},
    {{"", "cliente", NULL, 0, 100}, {1, 1, "alta", "cliente:sede", "", NULL, 0, "", ""}, false},
    {{"", "sistema", NULL, 0, 100}, {1, 1, "alta", "sistema", "", NULL, 0, "", ""}, true},
    {{"", "", ana, 0, 100}, {1, 1, "alta", "sistema", "", ana, 0, "", ""}, true},
    {{"", "", ana, 0, 100}, {1, 1, "alta", "sistema", "", eva, 0, "", ""}, false},
    {{"", "", ana, 0, 100}, {1, 1, "alta", "sistema", "", NULL, 0, "", ""}, false},
    {{"alta", "sede", ana, 0, 9}, {1, 1, "alta", "cliente:sede", "", ana, 0, "", ""}, true},
};

static void test_what_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (audit_filter_fits(&rows[i].filter, &rows[i].row) != rows[i].fits)
            fail_msg("row %zu of the table", i);
}

static void append(struct store *store, const char *event, const uint8_t *subject, int count)
{
    const struct audit_entry entry = {
        .event = event, .actor = "cliente:sede", .subject_index = subject, .result = "correcto"};
    for (int i = 0; i < count; i++)
        assert_ok(audit_append(store, &entry, T0 + i, NULL));
}

struct heard {
    int64_t count, last_id;
};

static void hear(const struct audit_found *row, void *user)
{
    struct heard *heard = user;
    assert_true(heard->last_id == 0 || row->id < heard->last_id);
    heard->last_id = row->id;
    heard->count++;
}

static int64_t search(struct store *store, const struct audit_filter *filter, int64_t before,
                      int64_t most, struct heard *heard)
{
    int64_t next = -1;
    assert_ok(audit_search(store, filter, before, most, hear, heard, &next));
    return next;
}

static void test_a_piece_is_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct audit_filter of_ana = any;
    struct heard heard = {0};
    of_ana.subject = ana;
    assert_ok(db_begin(store->db));
    append(store, "alta", ana, 1);
    append(store, "verificacion", eva, AUDIT_SEARCH_READ + 4);
    assert_ok(store_commit(store));
    assert_int_equal(search(store, &of_ana, INT64_MAX, 10, &heard), 6);
    assert_int_equal(heard.count, 0); /* an empty page that is not the last */
    assert_int_equal(search(store, &of_ana, 6, 10, &heard), 0);
    assert_int_equal(heard.count, 1);
    heard = (struct heard){0};
    assert_int_equal(search(store, &any, 9, 3, &heard), 6); /* as many as were asked for */
    assert_int_equal(heard.count, 3);
    assert_int_equal(search(store, &any, 6, 5, &heard), 0); /* exactly to the first row */
    assert_int_equal(heard.count, 8);
    assert_int_equal(search(store, &any, 1, 5, &heard), 0);
    assert_int_equal(heard.count, 8);
}

static void test_an_empty_trail(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct heard heard = {0};
    assert_int_equal(search(store, &any, INT64_MAX, 10, &heard), 0);
    assert_int_equal(heard.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits),
        fixture_test(test_a_piece_is_bounded),
        fixture_test(test_an_empty_trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
