/* SPDX-License-Identifier: EUPL-1.2 */
/* Counters of /metrics and how they are written. */
#include "api/exposition.h"
#include "http/tally.h"
#include "service/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_a_duration_falls_into_the_first_bucket_that_holds_it(void **state)
{
    static const struct {
        int64_t ms;
        size_t bucket;
    } rows[] = {
        {-5, 0}, {0, 0}, {1000, 0}, {1001, 1}, {8000, 4}, {900000, 12}, {900001, METRICS_BUCKETS}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct metrics_histogram histogram = {.sum_ms = 0};
        metrics_observe_ms(&histogram, rows[i].ms);
        assert_int_equal(histogram.counts[rows[i].bucket], 1);
        assert_int_equal(histogram.sum_ms, rows[i].ms > 0 ? rows[i].ms : 0);
    }
}

static void test_a_rung_counts_at_its_end(void **state)
{
    static struct metrics metrics;
    struct modem_recovery recovery = {.rung = "reinicio"};
    (void)state;
    metrics_count_recovery(&metrics, "uno", &recovery);
    assert_int_equal(metrics.rung_count, 0);
    recovery.is_end = true;
    metrics_count_recovery(&metrics, "uno", &recovery);
    metrics_count_recovery(&metrics, "dos", &recovery);
    recovery.worked = true;
    metrics_count_recovery(&metrics, "uno", &recovery);
    assert_int_equal(metrics.rung_count, 2);
    assert_int_equal(metrics.rungs[0].worked, 1);
    assert_int_equal(metrics.rungs[0].failed, 1);
    assert_int_equal(metrics.rungs[1].failed, 1);
}

static void test_a_verification_by_its_error(void **state)
{
    static struct metrics metrics;
    (void)state;
    metrics_count_verification(&metrics, CC_OK, true);
    metrics_count_verification(&metrics, CC_OK, false);
    metrics_count_verification(&metrics, CC_ERR_RATE_LIMITED, false);
    metrics_count_verification(&metrics, CC_ERR_DB, false);
    for (int i = 0; i < METRICS_VERIFICATION_COUNT; i++)
        assert_int_equal(metrics.verifications[i], 1);
}

static void test_more_statuses_than_cells_are_counted_together(void **state)
{
    struct tally *tally = tally_new(2);
    uint64_t all = 0;
    (void)state;
    for (unsigned status = 400; status < 430; status++)
        tally_count(tally, 1, status);
    tally_count(tally, 1, 400);
    for (size_t i = 0; i < TALLY_STATUSES; i++)
        all += tally->rows[1].cells[i].count;
    assert_int_equal(all, 31);
    assert_int_equal(tally->rows[1].cells[0].count, 2);
    assert_int_equal(tally->rows[1].cells[TALLY_STATUSES - 1].status, 0);
    assert_int_equal(tally->rows[0].cells[0].count, 0);
    free(tally);
}

static void test_the_text_format(void **state)
{
    char storage[512];
    struct buf out;
    (void)state;
    buf_init(&out, storage, sizeof(storage));
    exposition_open(&out, "a_total", "counter", "Algo.");
    exposition_put(&out, "a_total", EXPOSITION_LABELS({"l", "\\ \" \n á"}, {"m", ""}), -3);
    exposition_put(&out, "a_total", NULL, INT64_MAX);
    exposition_put_milli(&out, "b", NULL, 3805);
    exposition_put_milli(&out, "b", NULL, -5);
    assert_string_equal(buf_cstr(&out), "# HELP a_total Algo.\n# TYPE a_total counter\n"
                                        "a_total{l=\"\\\\ \\\" \\n á\",m=\"\"} -3\n"
                                        "a_total 9223372036854775807\nb 3.805\nb -0.005\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_duration_falls_into_the_first_bucket_that_holds_it),
        cmocka_unit_test(test_a_rung_counts_at_its_end),
        cmocka_unit_test(test_a_verification_by_its_error),
        cmocka_unit_test(test_more_statuses_than_cells_are_counted_together),
        cmocka_unit_test(test_the_text_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
