/* SPDX-License-Identifier: EUPL-1.2 */
/* Choice of the modem for the next message. The modems are stand-ins: the pool only asks them four
 * things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/pool.h"

#include <string.h>

enum { T0 = 1000, MINUTE = 60000 };

struct modem {
    const char *name;
    bool is_ready, is_sending;
};

const char *modem_name(const struct modem *modem)
{
    return modem->name;
}

bool modem_is_ready(const struct modem *modem)
{
    return modem->is_ready;
}

bool modem_is_sending(const struct modem *modem)
{
    return modem->is_sending;
}

bool modem_can_send(const struct modem *modem)
{
    return modem->is_ready && !modem->is_sending;
}

void modem_free(struct modem *modem)
{
    modem->name = NULL;
}

struct fixture {
    struct pool *pool;
    struct modem one, two;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){
        .pool = pool_new(), .one = {"uno", true, false}, .two = {"dos", true, false}};
    assert_int_equal(pool_add(f.pool, &f.one, &(struct pool_limits){0}), CC_OK);
    assert_int_equal(pool_add(f.pool, &f.two, &(struct pool_limits){.per_minute = 1}), CC_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    pool_free(f->pool);
    return 0;
}

static void assert_idle(const struct fixture *f, int64_t now_ms, const char *expected)
{
    struct modem *idle[POOL_MAX];
    char names[64] = "";
    size_t count = pool_idle(f->pool, now_ms, idle);
    for (size_t i = 0; i < count; i++) {
        strcat(names, idle[i]->name);
        strcat(names, " ");
    }
    assert_string_equal(names, expected);
}

static void test_the_least_loaded_goes_first(void **state)
{
    struct fixture *f = *state;
    assert_idle(f, T0, "uno dos ");
    pool_note(f->pool, &f->one, T0);
    assert_idle(f, T0, "dos uno ");
    f->one.is_sending = true;
    assert_idle(f, T0, "dos ");
}

/* A modem that does not take its message is left out for a minute, so that it does not eat the
 * queue one message after the other; but only while another one is ready. */
static void test_doubt_lasts_a_minute(void **state)
{
    struct fixture *f = *state;
    pool_note_end(f->pool, &f->one, false, T0);
    assert_idle(f, T0, "dos ");
    assert_idle(f, T0 + MINUTE - 1, "dos ");
    assert_idle(f, T0 + MINUTE, "uno dos ");
    pool_note_end(f->pool, &f->one, false, T0);
    f->two.is_ready = false;
    assert_idle(f, T0, "uno ");
}

static void test_doubt_ends_with_a_success(void **state)
{
    struct fixture *f = *state;
    pool_note_end(f->pool, &f->one, false, T0);
    pool_note_end(f->pool, &f->one, true, T0 + 1);
    assert_idle(f, T0 + 1, "uno dos ");
}

static void test_pace_of_a_minute(void **state)
{
    struct fixture *f = *state;
    pool_note(f->pool, &f->two, T0);
    assert_idle(f, T0 + 1, "uno ");
    assert_int_equal(pool_free_at(f->pool, T0 + 1), T0 + MINUTE);
    assert_idle(f, T0 + MINUTE, "uno dos ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_least_loaded_goes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_doubt_lasts_a_minute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_doubt_ends_with_a_success, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pace_of_a_minute, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
