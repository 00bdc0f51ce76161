/* SPDX-License-Identifier: EUPL-1.2 */
/* The box that leads, as another tells it: by whose beats come, and not by their clocks. */
#include "tests/unit/test_store_fixture.h"

#include "service/boxes.h"

#define BEAT ((int64_t)BOXES_BEAT_MS)

static struct fixture *files;
static struct boxes_seen seen;

static void beat(const char *name, int64_t at_ms, bool leads)
{
    const struct box_state state = {.leads = leads};
    (void)snprintf(files->store.box, sizeof(files->store.box), "%s", name);
    assert_ok(boxes_beat(&files->store, at_ms, &state));
}

/* Names of the boxes that are told to lead, so long after the first look. */
static const char *leaders_at(int64_t ms)
{
    static char names[128];
    assert_ok(boxes_read(&files->store, T0 + ms, 1000 + ms * 1000, &seen));
    names[0] = '\0';
    for (size_t i = 0; i < seen.count; i++) {
        if (seen.rows[i].state.leads)
            (void)strncat(names, seen.rows[i].name, sizeof(names) - strlen(names) - 1);
    }
    return names;
}

/* The leader is killed, and its last word is that it leads; the clock of the other differs. */
static void check_handover(int64_t apart_ms)
{
    seen = (struct boxes_seen){.count = 0};
    beat("alfa", T0 + apart_ms, true);
    beat("beta", T0, false);
    assert_string_equal(leaders_at(0), "alfa");
    beat("beta", T0 + BEAT, false);
    assert_string_equal(leaders_at(BEAT), "alfa");
    beat("beta", T0 + 2 * BEAT, true);
    assert_string_equal(leaders_at(2 * BEAT), "beta");
    beat("beta", T0 + 3 * BEAT, true);
    assert_string_equal(leaders_at(3 * BEAT), "beta");
}

static void test_the_leader_is_the_one_that_was_heard_last(void **state)
{
    files = *state;
    check_handover(0);
    check_handover(20000);
    check_handover(-20000);
}

/* Both are there, and one has lost the lead to the other and not told so yet. */
static void test_a_lead_that_was_lost(void **state)
{
    files = *state;
    seen = (struct boxes_seen){.count = 0};
    beat("alfa", T0 + 20000, true);
    beat("beta", T0, false);
    assert_string_equal(leaders_at(0), "alfa");
    beat("alfa", T0 + 20000 + BEAT, true); /* both are heard with the same reading, of beta */
    beat("beta", T0 + BEAT, true);
    assert_string_equal(leaders_at(BEAT), "beta");
    beat("alfa", T0 + 20000 + 2 * BEAT, false);
    assert_string_equal(leaders_at(2 * BEAT), "beta");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_leader_is_the_one_that_was_heard_last,
                                        fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_a_lead_that_was_lost, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
