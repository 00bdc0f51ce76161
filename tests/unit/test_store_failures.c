/* SPDX-License-Identifier: EUPL-1.2 */
/* Compared failures, refusals and notices: what is counted, settled, audited and forgotten. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/notices.h"
#include "store/refusals.h"

#define CLIENT "cliente:sede"

static void add_contrast(struct store *store, int64_t citizen, int64_t at_ms)
{
    const struct failure failure = {FAILURE_CONTRAST, citizen, 0, "", ""};
    int64_t id = 0;
    assert_ok(failures_insert(store, &failure, at_ms, &id));
}

static void assert_counts(struct store *store, int64_t citizen, int64_t row, int64_t day,
                          int64_t month)
{
    struct limits_citizen counted = {0};
    assert_ok(failures_count_for(store, citizen, &limits_pin24h, T0, &counted));
    assert_ok(failures_count_contrasts(store, citizen, &limits_pin24h, "", T0, &counted));
    assert_int_equal(counted.failures_in_a_row, row);
    assert_int_equal(counted.wrong_contrasts_day, day);
    assert_int_equal(counted.wrong_contrasts_month, month);
}

static void test_what_counts_for_a_citizen(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const int64_t ages[] = {30 * DAY, 30 * DAY - 1, DAY, DAY - 1, 0, -6 * MINUTE};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; ++i) {
        (void)add_failure(store, 7, (int64_t)i, "", T0 - ages[i]);
        add_contrast(store, 7, T0 - ages[i]);
    }
    (void)add_failure(store, 8, 50, "", T0);
    assert_counts(store, 7, 4, 2, 4); /* the future is not believed */
    assert_counts(store, 8, 1, 0, 0);
    assert_counts(store, 9, 0, 0, 0);
    assert_counts(store, 0, 0, 0, 0);
}

static void assert_here(struct store *store, const char *ip, int64_t here)
{
    struct limits_citizen counted = {0};
    assert_ok(failures_count_contrasts(store, 7, &limits_pin24h, ip, T0, &counted));
    assert_int_equal(counted.wrong_contrasts_here, here);
    assert_int_equal(counted.wrong_contrasts_day, 3);
}

/* A stranger's wrong contrasts are his address's; those without an address share one. */
static void test_contrasts_of_an_address(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    const struct failure stranger = {FAILURE_CONTRAST, 7, 0, "192.0.2.7", ""};
    int64_t id = 0;
    add_contrast(store, 7, T0);
    assert_ok(failures_insert(store, &stranger, T0, &id));
    assert_ok(failures_insert(store, &stranger, T0, &id));
    assert_here(store, "192.0.2.7", 2);
    assert_here(store, "192.0.2.8", 0);
    assert_here(store, "", 1);
}

/* The owner's success settles what was failed at its own request: an attacker's failures stay. */
static void test_settling(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    (void)add_failure(store, 7, 1, "", T0);
    (void)add_failure(store, 7, 1, "", T0);
    (void)add_failure(store, 7, 2, "", T0);
    (void)add_failure(store, 8, 1, "", T0);
    add_contrast(store, 7, T0);
    assert_ok(failures_settle_request(store, 7, 1));
    assert_counts(store, 7, 1, 1, 1);
    assert_counts(store, 8, 1, 0, 0);
    assert_ok(failures_settle_citizen(store, 7));
    assert_counts(store, 7, 0, 0, 0);
    assert_counts(store, 8, 1, 0, 0);
    int64_t id = add_failure(store, 7, 3, "", T0);
    assert_ok(failures_discard(store, id));
    assert_counts(store, 7, 0, 0, 0);
    assert_int_equal(failures_discard(store, id), CC_ERR_NOT_FOUND);
}

static void test_counting_stops_at_the_limit(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    assert_ok(db_begin(store->db));
    for (int64_t i = 0; i < 200; ++i) {
        (void)add_failure(store, 7, i, "10.0.0.1", T0);
        (void)add_failure(store, 1000 + i, i, "", T0);
        add_contrast(store, 7, T0);
    }
    assert_ok(db_commit(store->db));
    assert_counts(store, 7, 51, 31, 200);
    struct limits_town town = {0};
    assert_ok(failures_count_town(store, &limits_pin24h, T0, &town));
    assert_int_equal(town.nifs_day, 21);
    assert_int_equal(town.failures_day, 101);
    assert_int_equal(town.failures_month, 31);
    int64_t count = 0;
    assert_ok(failures_count_ip(store, "10.0.0.1", T0, 20, &count));
    assert_int_equal(count, 20);
}

/* A row counts for its address and, if it is IPv6, for the /48 around it. */
static void test_wide_networks(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *key;
        int64_t count;
    } rows[] = {
        {"2001:db8:1:2::/64", 1}, {"2001:db8:1:3::/64", 1}, {"2001:db8:1::/48", 2},
        {"2001:db8:2::/48", 0},   {"192.0.2.1", 1},         {"", 0},
    };
    static const struct failure failures[] = {
        {FAILURE_CODE, 7, 1, "2001:db8:1:2::/64", "2001:db8:1::/48"},
        {FAILURE_CODE, 8, 2, "2001:db8:1:3::/64", "2001:db8:1::/48"},
        {FAILURE_CODE, 8, 2, "192.0.2.1", ""},
        {FAILURE_CODE, 8, 2, "", ""},
    };
    int64_t id = 0;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        assert_ok(failures_insert(store, &failures[i], T0, &id));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t count = -1;
        assert_ok(failures_count_ip(store, rows[i].key, T0, 20, &count));
        if (count != rows[i].count)
            fail_msg("%s: %d", rows[i].key, (int)count);
    }
}

static void test_the_town(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct limits_town town = {0};
    for (int64_t i = 0; i < 3; i++) {
        (void)add_failure(store, 7, 1, "", T0 - i);
        (void)add_failure(store, 8, 2, "", T0 - DAY + 1);
        (void)add_failure(store, 9, 3, "", T0 - DAY);
        add_contrast(store, 10, T0);
    }
    assert_ok(failures_count_town(store, &limits_pin24h, T0, &town));
    assert_int_equal(town.nifs_day, 2);
    assert_int_equal(town.failures_day, 6);
    assert_int_equal(town.failures_month, 9);
    assert_ok(failures_settle_request(store, 7, 1));
    assert_ok(failures_count_town(store, &limits_pin24h, T0, &town));
    assert_int_equal(town.nifs_day, 1);
    assert_int_equal(town.failures_day, 3);
    assert_int_equal(town.failures_month, 6);
}

static void refuse(struct store *store, const uint8_t *subject, bool is_compared, int64_t at_ms)
{
    const struct refusal refusal = {subject, CLIENT, is_compared};
    assert_ok(refusals_add(store, &refusal, at_ms));
}

static void test_refusals_of_a_nif(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const uint8_t one[SECRET_TAG_BYTES] = {1}, two[SECRET_TAG_BYTES] = {2};
    static const uint8_t stranger[SECRET_TAG_BYTES];
    int64_t start = T0 - T0 % MINUTE, hour = 0, minute = 0;
    refuse(store, one, false, start - 60 * MINUTE);
    refuse(store, one, false, start - 59 * MINUTE);
    refuse(store, one, false, start - 1);
    refuse(store, one, false, start);
    refuse(store, one, false, start + 59999);
    refuse(store, one, true, start); /* was compared: counted elsewhere */
    refuse(store, two, false, start);
    refuse(store, stranger, false, start);
    assert_ok(refusals_count(store, one, start + 1, &hour, &minute));
    assert_int_equal(hour, 4);
    assert_int_equal(minute, 2);
    assert_ok(refusals_count(store, one, start + MINUTE, &hour, &minute));
    assert_int_equal(hour, 3);
    assert_int_equal(minute, 0);
}

#define ROWS(where) ask_int(store, "SELECT count(*) FROM audit WHERE " where)

/* An audit row for each minute, client and NIF, with the number; all NIFs that are not registered
 * share a row. Refusals not audited when the program ended are audited after. */
static void test_refusals_reach_the_audit_trail(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    static const uint8_t one[SECRET_TAG_BYTES] = {1};
    uint8_t stranger[SECRET_TAG_BYTES];
    int64_t start = T0 - T0 % MINUTE, bad = -1;
    refusals_subject(one, false, stranger);
    for (int i = 0; i < 1000; i++) {
        refuse(store, stranger, false, start);
        refuse(store, one, false, start);
    }
    refuse(store, one, true, start);
    assert_ok(refusals_audit(store, start + 59999, false));
    assert_int_equal(ROWS("1 = 1"), 0); /* the minute is not over */
    fixture_reopen(f);
    assert_ok(refusals_audit(store, start + MINUTE, false));
    assert_int_equal(ROWS("1 = 1"), 3);
    assert_int_equal(ROWS("subject IS NULL AND reference = 1000 AND result = 'sin_coincidencia'"),
                     1);
    assert_int_equal(
        ROWS("subject IS NOT NULL AND reference = 1000 AND result = 'sin_coincidencia'"), 1);
    assert_int_equal(ROWS("subject IS NOT NULL AND reference = 1 AND result = 'rechazado'"), 1);
    assert_int_equal(ROWS("event = 'verificacion' AND actor = '" CLIENT "'"), 3);
    assert_ok(refusals_audit(store, start + 2 * MINUTE, false));
    assert_int_equal(ROWS("1 = 1"), 3);
    refuse(store, stranger, false, start + 2 * MINUTE);
    assert_ok(refusals_audit(store, start + 2 * MINUTE, true)); /* the program ends */
    refuse(store, stranger, false, start + 2 * MINUTE);         /* and starts again in time */
    assert_ok(refusals_audit(store, start + 3 * MINUTE, false));
    assert_int_equal(ROWS("reference = 1 AND subject IS NULL"), 2);
    assert_ok(audit_verify(store, &bad));
    assert_int_equal(bad, 0);
}

/* A list of registered NIFs tried by one client: 20 have a row, the others one together. What was
 * compared always has its own. */
static void test_a_flood_over_many_nifs_is_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t start = T0 - T0 % MINUTE;
    assert_ok(db_begin(store->db));
    for (unsigned i = 1; i <= 1500; i++) {
        uint8_t subject[SECRET_TAG_BYTES] = {(uint8_t)(i & 255), (uint8_t)(i >> 8)};
        refuse(store, subject, false, start);
        if (i % 100 == 0)
            refuse(store, subject, true, start);
    }
    assert_ok(db_commit(store->db));
    assert_ok(refusals_audit(store, start + MINUTE, false));
    assert_int_equal(ROWS("result = 'rechazado'"), 15);
    assert_int_equal(ROWS("result = 'sin_coincidencia'"), 6);
    assert_int_equal(ask_int(store, "SELECT sum(reference) FROM audit"
                                    " WHERE result = 'sin_coincidencia'"),
                     1500);
}

/* Invented NIFs: a bounded number of rows, and one in the audit trail. */
static void test_a_flood_of_strangers_is_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t start = T0 - T0 % MINUTE;
    assert_ok(db_begin(store->db));
    for (unsigned i = 0; i < 10000; i++) {
        uint8_t nif_index[SECRET_TAG_BYTES], subject[SECRET_TAG_BYTES];
        secret_random(nif_index, sizeof nif_index);
        refusals_subject(nif_index, false, subject);
        refuse(store, subject, false, start);
    }
    assert_ok(db_commit(store->db));
    assert_in_range(ask_int(store, "SELECT count(*) FROM refusals"), 200, 256);
    assert_ok(refusals_audit(store, start + MINUTE, false));
    assert_int_equal(ROWS("1 = 1"), 1);
    assert_int_equal(ROWS("subject IS NULL AND reference = 10000"), 1);
}

static void test_the_subject_of_refusals(void **state)
{
    static const uint8_t nif[SECRET_TAG_BYTES] = {0xF7, 3};
    static const uint8_t expected[SECRET_TAG_BYTES] = {[SECRET_TAG_BYTES - 1] = 0xF7};
    uint8_t subject[SECRET_TAG_BYTES];
    (void)state;
    refusals_subject(nif, true, subject);
    assert_memory_equal(subject, nif, sizeof subject);
    refusals_subject(nif, false, subject);
    assert_memory_equal(subject, expected, sizeof subject);
}

static void test_a_notice_a_day(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t citizen;
        enum notice_kind kind;
        int64_t at;
        bool is_first;
    } rows[] = {
        {7, NOTICE_WITHHELD, T0, true},
        {7, NOTICE_WITHHELD, T0, false},
        {7, NOTICE_LOCKED, T0, true},
        {8, NOTICE_WITHHELD, T0, true},
        {7, NOTICE_WITHHELD, T0 + DAY - 1, false},
        {7, NOTICE_WITHHELD, T0 + DAY, true},
        {7, NOTICE_WITHHELD, T0 + DAY + 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        bool is_first = !rows[i].is_first;
        assert_ok(notices_mark(store, rows[i].citizen, rows[i].kind, rows[i].at, &is_first));
        if (is_first != rows[i].is_first)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_what_counts_for_a_citizen),
        fixture_test(test_contrasts_of_an_address),
        fixture_test(test_settling),
        fixture_test(test_counting_stops_at_the_limit),
        fixture_test(test_wide_networks),
        fixture_test(test_the_town),
        fixture_test(test_refusals_of_a_nif),
        fixture_test(test_refusals_reach_the_audit_trail),
        fixture_test(test_a_flood_over_many_nifs_is_bounded),
        fixture_test(test_a_flood_of_strangers_is_bounded),
        fixture_test(test_the_subject_of_refusals),
        fixture_test(test_a_notice_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
