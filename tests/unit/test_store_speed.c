/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cost of the statements on the way of a verification; a long queue costs no more than a short one.
 * Figures are printed, not asserted; CC_TEST_CITIZENS=100000 gives those of a city.
 */
#include "tests/unit/test_store_fixture.h"

#include "base/clock.h"
#include "store/audit.h"

enum { ROUNDS = 2000, QUEUE = 10000 };

static int citizens_wanted(void)
{
    const char *text = getenv("CC_TEST_CITIZENS");
    long wanted = text ? strtol(text, NULL, 10) : 0;
    return wanted > 0 && wanted < 1000000 ? (int)wanted : 1000;
}

static struct citizen citizen_number(int n)
{
    char nif[16], phone[16];
    (void)snprintf(nif, sizeof nif, "%08dZ", n);
    (void)snprintf(phone, sizeof phone, "+34%09d", 600000000 + n);
    return make_citizen(nif, phone);
}

static void fill(struct store *store, int citizens)
{
    assert_ok(db_begin(store->db));
    for (int i = 0; i < citizens; ++i) {
        struct citizen citizen = citizen_number(i);
        int64_t id = 0;
        assert_ok(citizens_insert(store, &citizen, &id));
        (void)add_request(store, id, T0, T0 + HOUR);
    }
    assert_ok(db_commit(store->db));
}

struct visit {
    struct store *store;
    struct citizen citizen;
    int64_t request_id;
    struct request request;
};

static void step_find(struct visit *v)
{
    struct citizen found;
    assert_ok(citizens_find(v->store, &v->citizen.nif, &found));
    v->citizen.id = found.id;
}

static void step_unexpired(struct visit *v)
{
    struct request live[REQUEST_LIVE_MAX];
    size_t count = 0;
    assert_ok(requests_live(v->store, v->citizen.id, &limits_pin24h, T0, live, &count));
    assert_int_equal(count, 1);
    v->request_id = live[0].id;
    v->request = live[0];
}

static void step_uses(struct visit *v)
{
    assert_ok(requests_add_use(v->store, &v->request, T0, 20));
}

static void step_audit(struct visit *v)
{
    const struct audit_entry entry = {.event = "verificacion",
                                      .actor = "cliente:sede",
                                      .subject = &v->citizen.nif,
                                      .result = "correcto",
                                      .reference = v->request_id};
    assert_ok(audit_append(v->store, &entry, T0, NULL));
}

static void step_highest(struct visit *v)
{
    int64_t highest = 0;
    assert_ok(store_highest_time(v->store, &highest));
}

static void step_counters(struct visit *v)
{
    struct limits_citizen counted = {0};
    assert_ok(requests_count_for(v->store, v->citizen.id, v->citizen.phone.e164, false,
                                 &limits_pin24h, T0, &counted));
}

static void step_savepoint(struct visit *v)
{
    assert_ok(db_savepoint(v->store->db));
    assert_ok(db_release(v->store->db));
}

static const struct {
    const char *name;
    void (*run)(struct visit *v);
} steps[] = {
    {"savepoint and release", step_savepoint},
    {"store_highest_time", step_highest},
    {"citizens_find", step_find},
    {"requests_live", step_unexpired},
    {"requests_add_use", step_uses},
    {"audit_append", step_audit},
    {"(requests_count_for)", step_counters},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static void test_verify_path(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int citizens = citizens_wanted();
    int64_t spent_us[STEPS] = {0}, commit_us = 0;
    fill(store, citizens);
    for (int round = 0; round < ROUNDS; ++round) {
        struct visit v = {.store = store, .citizen = citizen_number(round * 7919 % citizens)};
        if (round % 64 == 0)
            assert_ok(db_begin(store->db));
        for (size_t i = 0; i < STEPS; ++i) {
            int64_t before = clock_mono_us();
            steps[i].run(&v);
            spent_us[i] += clock_mono_us() - before;
        }
        if (round % 64 == 63 || round == ROUNDS - 1) {
            int64_t before = clock_mono_us();
            assert_ok(store_commit(store));
            commit_us += clock_mono_us() - before;
        }
    }
    print_message("with %d citizens, mean of %d, in groups of 64:\n", citizens, (int)ROUNDS);
    for (size_t i = 0; i < STEPS; ++i)
        print_message("  %-24s %7.2f us\n", steps[i].name, (double)spent_us[i] / ROUNDS);
    print_message("  %-24s %7.2f us each\n", "share of the commit", (double)commit_us / ROUNDS);
    int64_t bad = -1;
    assert_ok(audit_verify(store, &bad));
    assert_int_equal(bad, 0);
}

static void print_queue(struct store *store, const char *what)
{
    enum { TIMES = 50 };
    struct outbox_message message;
    int64_t due = 0, start = clock_mono_us();
    for (int i = 0; i < TIMES; ++i)
        assert_int_not_equal(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &message), CC_ERR_DB);
    int64_t middle = clock_mono_us();
    for (int i = 0; i < TIMES; ++i)
        assert_ok(outbox_next_due(store, &due));
    print_message("  %-34s next %8.2f us, next_due %6.2f us\n", what,
                  (double)(middle - start) / TIMES, (double)(clock_mono_us() - middle) / TIMES);
}

static void test_long_queue(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int queue = citizens_wanted() < QUEUE ? citizens_wanted() : QUEUE;
    print_message("the queue:\n");
    (void)add_message(store, "+34600123123", T0);
    print_queue(store, "one message");
    assert_ok(db_begin(store->db));
    for (int i = 0; i < queue; ++i)
        (void)add_message(store, "+34600123123", T0);
    assert_ok(db_commit(store->db));
    print_queue(store, "a long one, all due");
    assert_ok(db_exec(store->db, "UPDATE outbox SET not_before_ms = not_before_ms + 60000"));
    print_queue(store, "a long one, all waiting");
    assert_ok(db_exec(store->db, "UPDATE outbox SET state = 2, done_ms = 1, text = NULL"));
    print_queue(store, "a long one, all sent");

    int64_t start = clock_mono_us();
    assert_ok(db_begin(store->db));
    for (int i = 0; i < 200; ++i) {
        int64_t id = add_message(store, "+34600123123", T0);
        struct outbox_message next;
        assert_ok(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &next));
        assert_int_equal(next.id, id);
        assert_ok(outbox_claim(store, id, "principal", T0));
        assert_ok(outbox_sent(store, id, i % 256, T0));
        const struct outbox_report report = {"principal", "+34600123123", i % 256, .since_ms = T0,
                                             .said_since_ms = T0};
        assert_ok(outbox_match_report(store, &report, &next));
        assert_ok(outbox_reported(store, id, true, next.cause, T0));
    }
    assert_ok(db_commit(store->db));
    print_message("  insert to delivered: %.2f us a message\n",
                  (double)(clock_mono_us() - start) / 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_verify_path),
        fixture_test(test_long_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
