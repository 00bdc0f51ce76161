/* SPDX-License-Identifier: EUPL-1.2 */
/* Addresses of end users: the keys of their counters, networks, and the pace of calls. */
#include "domain/address.h"
#include "domain/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define US_PER_S INT64_C(1000000)

static const struct {
    const char *text;
    const char *narrow; /* NULL: not an address */
    const char *wide;
} written[] = {
    {"192.0.2.7", "192.0.2.7", ""},
    {"::ffff:192.0.2.7", "192.0.2.7", ""},
    {"::FFFF:C000:0207", "192.0.2.7", ""},
    {"2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"},
    {"2001:db8:1:2::", "2001:db8:1:2::/64", "2001:db8:1::/48"},
    {"2001:db8::1", "2001:db8::/64", "2001:db8::/48"},
    {"::1", "::/64", "::/48"},
    {"fe80::1", "fe80::/64", "fe80::/48"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64", "ffff:ffff:ffff::/48"},
    {"", NULL, NULL},
    {"localhost", NULL, NULL},
    {"192.0.2", NULL, NULL},
    {"192.0.2.256", NULL, NULL},
    {"192.0.2.07", NULL, NULL},
    {" 192.0.2.7", NULL, NULL},
    {"192.0.2.7:80", NULL, NULL},
    {"2001:db8::1::2", NULL, NULL},
    {"[2001:db8::1]", NULL, NULL},
    {"fe80::1%eth0", NULL, NULL},
    {"2001:db8::/64", NULL, NULL},
};

static void makes_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(written); i++) {
        struct address address;
        struct address_keys keys = {"", ""};
        enum cc_err err = address_parse(written[i].text, &address);
        if (err != (written[i].narrow != NULL ? CC_OK : CC_ERR_IP_FORMAT))
            fail_msg("%s: %s", written[i].text, err_token(err));
        if (err != CC_OK)
            continue;
        address_make_keys(&address, &keys);
        if (strcmp(keys.narrow, written[i].narrow) != 0 || strcmp(keys.wide, written[i].wide) != 0)
            fail_msg("%s: %s %s", written[i].text, keys.narrow, keys.wide);
    }
}

static void knows_networks(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *in;  /* NULL: not a list */
        const char *out; /* NULL: everything is in it */
    } rows[] = {
        {"", "", "192.0.2.7"},
        {"  ", "", "192.0.2.7"},
        {"192.0.2.7", "192.0.2.7", "192.0.2.8"},
        {"192.0.2.7/32", "::ffff:192.0.2.7", "192.0.2.6"},
        {"10.0.0.0/8, 2001:db8::/32", "10.255.0.1", "11.0.0.1"},
        {"10.0.0.0/8 ,2001:db8::/32 ", "2001:db8:ffff::1", "2001:db9::1"},
        {"10.1.2.3/8", "10.9.9.9", "9.9.9.9"},
        {"192.0.2.128/25", "192.0.2.255", "192.0.2.127"},
        {"0.0.0.0/0", "255.1.2.3", "2001:db8::1"},
        {"2001:db8::/127", "2001:db8::1", "2001:db8::2"},
        {"::1", "::1", "::2"},
        {"::/0", "::2", NULL},
        {",", NULL, NULL},
        {"10.0.0.0/8,", NULL, NULL},
        {"10.0.0.0/8 11.0.0.0/8", NULL, NULL},
        {"10.0.0.0/33", NULL, NULL},
        {"10.0.0.0/", NULL, NULL},
        {"10.0.0.0/-1", NULL, NULL},
        {"10.0.0.0/+8", NULL, NULL},
        {"10.0.0/8", NULL, NULL},
        {"2001:db8::/129", NULL, NULL},
        {"2001:db8::/0064", NULL, NULL},
        {"town.example", NULL, NULL},
        {"1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8,9.9.9.9,10.1.1.1,"
         "11.1.1.1,12.1.1.1,13.1.1.1,14.1.1.1,15.1.1.1,16.1.1.1",
         "16.1.1.1", "17.1.1.1"},
        {"1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8,9.9.9.9,10.1.1.1,"
         "11.1.1.1,12.1.1.1,13.1.1.1,14.1.1.1,15.1.1.1,16.1.1.1,17.1.1.1",
         NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address address;
        if (address_are_networks(rows[i].list) != (rows[i].in != NULL))
            fail_msg("'%s'", rows[i].list);
        if (rows[i].in != NULL && rows[i].in[0] != '\0') {
            assert_int_equal(address_parse(rows[i].in, &address), CC_OK);
            if (!address_is_in(&address, rows[i].list))
                fail_msg("%s in '%s'", rows[i].in, rows[i].list);
        }
        if (rows[i].out != NULL) {
            assert_int_equal(address_parse(rows[i].out, &address), CC_OK);
            if (address_is_in(&address, rows[i].list))
                fail_msg("%s not in '%s'", rows[i].out, rows[i].list);
        }
    }
}

/* ---- pace -------------------------------------------------------------------------------------*/

static const struct limits_per_address two_a_second = {
    .per_second = 2, .burst = 10, .wide_times = 10};

static struct pace *pace_new(void)
{
    struct pace *pace = calloc(1, sizeof(*pace));
    assert_non_null(pace);
    pace->seed = 42;
    return pace;
}

static bool call(struct pace *pace, const char *text, int64_t now_us)
{
    struct address address;
    int64_t wait_s = 0;
    assert_int_equal(address_parse(text, &address), CC_OK);
    bool taken = pace_take(pace, &address, &two_a_second, now_us, &wait_s);
    assert_true(taken ? wait_s == 0 : wait_s >= 1);
    return taken;
}

static int calls(struct pace *pace, const char *text, int count, int64_t now_us)
{
    int taken = 0;
    for (int i = 0; i < count; i++)
        taken += call(pace, text, now_us);
    return taken;
}

static void burst_and_rate(void **state)
{
    (void)state;
    struct pace *pace = pace_new();
    int64_t now = 5 * US_PER_S;
    assert_int_equal(calls(pace, "192.0.2.1", 50, now), 10);
    assert_int_equal(calls(pace, "192.0.2.2", 50, now), 10);
    assert_int_equal(calls(pace, "::ffff:192.0.2.1", 5, now), 0);
    assert_int_equal(calls(pace, "192.0.2.1", 5, now + US_PER_S / 2 - 1), 0);
    assert_int_equal(calls(pace, "192.0.2.1", 5, now + US_PER_S / 2), 1);
    assert_int_equal(calls(pace, "192.0.2.1", 50, now + 3600 * US_PER_S), 10);
    free(pace);
}

/* 20 calls a second for a minute: 10 and 2 a second pass. */
static void one_who_never_stops(void **state)
{
    (void)state;
    struct pace *pace = pace_new();
    int taken = 0;
    for (int64_t i = 0; i < 20 * 60; i++)
        taken += call(pace, "192.0.2.1", US_PER_S + i * US_PER_S / 20);
    assert_in_range(taken, 10 + 2 * 59, 10 + 2 * 60);
    free(pace);
}

static void ipv6_by_64_and_48(void **state)
{
    (void)state;
    struct pace *pace = pace_new();
    char text[64];
    int taken = 0;
    assert_int_equal(calls(pace, "2001:db8:1:2::1", 50, US_PER_S), 10);
    assert_int_equal(calls(pace, "2001:db8:1:2:ffff::9", 50, US_PER_S), 0);
    for (int i = 16; i < 116; i++) {
        (void)snprintf(text, sizeof(text), "2001:db8:1:%d::1", i);
        taken += calls(pace, text, 10, US_PER_S);
    }
    assert_int_equal(taken, 90); /* with the 10 above, ten times the figure */
    assert_int_equal(calls(pace, "2001:db8:2::1", 50, US_PER_S), 10);
    free(pace);
}

/* However many other addresses he has, one that is used up stays so until its time. */
static void many_addresses_reset_none(void **state)
{
    (void)state;
    struct pace *pace = pace_new();
    char text[64];
    assert_int_equal(calls(pace, "203.0.113.1", 50, US_PER_S), 10);
    for (int i = 0; i < 200000; i++) {
        (void)snprintf(text, sizeof(text), "10.%d.%d.%d", i >> 16, (i >> 8) & 255, i & 255);
        assert_true(call(pace, text, US_PER_S));
    }
    assert_int_equal(calls(pace, "203.0.113.1", 50, US_PER_S), 0);
    free(pace);
}

static void limits_of_zero(void **state)
{
    (void)state;
    static const struct limits_per_address rows[] = {
        {.per_second = 0, .burst = 10, .wide_times = 10},
        {.per_second = 2, .burst = 0, .wide_times = 10},
        {.per_second = 1000, .burst = 1000, .wide_times = 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pace *pace = pace_new();
        struct address address;
        int64_t wait_s;
        assert_int_equal(address_parse("2001:db8::1", &address), CC_OK);
        for (int n = 0; n < 1000; n++)
            assert_true(pace_take(pace, &address, &rows[i], US_PER_S, &wait_s));
        free(pace);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_keys),        cmocka_unit_test(knows_networks),
        cmocka_unit_test(burst_and_rate),    cmocka_unit_test(one_who_never_stops),
        cmocka_unit_test(ipv6_by_64_and_48), cmocka_unit_test(many_addresses_reset_none),
        cmocka_unit_test(limits_of_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
