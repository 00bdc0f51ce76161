/* SPDX-License-Identifier: EUPL-1.2 */
/* When a contraclave dies: vectors for every night that the hour changes, and the properties. */
#include "domain/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOUR_MS = 3600 * 1000 };

static void set_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static int64_t from_utc(const char *text)
{
    struct tm tm = {0};
    assert_int_equal(sscanf(text, "%d-%d-%dT%d:%d:%dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                            &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
                     6);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm) * 1000;
}

static const char *utc(int64_t at_ms)
{
    static char storage[64];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    expiry_format_utc(at_ms, &text);
    return buf_cstr(&text);
}

/* The local date and clock as one comparable number, YYYYMMDDhhmmss. */
static int64_t local_clock(int64_t at_ms)
{
    time_t t = (time_t)(at_ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    int64_t date = (tm.tm_year + 1900) * 10000LL + (tm.tm_mon + 1) * 100 + tm.tm_mday;
    return date * 1000000 + tm.tm_hour * 10000 + tm.tm_min * 100 + tm.tm_sec;
}

/* Civil day after that of at_ms, by the calendar alone. */
static int64_t two_next_day(int64_t at_ms)
{
    time_t t = (time_t)(at_ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    struct tm noon = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday + 1};
    timegm(&noon);
    int64_t date = (noon.tm_year + 1900) * 10000LL + (noon.tm_mon + 1) * 100 + noon.tm_mday;
    return date * 1000000 + 20000;
}

static void check_properties(const char *what, int64_t at_ms)
{
    int64_t dies_ms = expiry_of_request(at_ms);
    int64_t two = two_next_day(at_ms);
    if (dies_ms <= at_ms)
        fail_msg("%s %s: born dead", what, utc(at_ms));
    if (local_clock(dies_ms) < two)
        fail_msg("%s %s: dies before 02:00", what, utc(at_ms));
    if (local_clock(dies_ms - 1000) >= two)
        fail_msg("%s %s: lives a second too long", what, utc(at_ms));
    if (dies_ms % 1000 != 0 || expiry_of_request(at_ms + 999) != dies_ms)
        fail_msg("%s %s: the milliseconds matter", what, utc(at_ms));
}

static void vectors(void **state)
{
    (void)state;
    FILE *file = fopen("tests/vectors/expiry.txt", "re");
    assert_non_null(file);
    char line[256];
    char current[64] = "";
    int count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        char zone[64];
        char asked[32];
        char dies[32];
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%63s\t%31s\t%31s", zone, asked, dies), 3);
        if (strcmp(zone, current) != 0)
            set_zone(zone);
        snprintf(current, sizeof(current), "%s", zone);
        int64_t at_ms = from_utc(asked);
        if (expiry_of_request(at_ms) != from_utc(dies))
            fail_msg("%s asked %s dies %s, not %s", zone, asked, dies,
                     utc(expiry_of_request(at_ms)));
        check_properties(zone, at_ms);
        count++;
    }
    fclose(file);
    assert_true(count > 500);
}

static void every_hour_of_two_years(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"};
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        set_zone(zones[i]);
        int64_t end_ms = from_utc("2028-01-01T00:00:00Z");
        for (int64_t at = from_utc("2026-01-01T00:00:00Z"); at < end_ms; at += HOUR_MS)
            check_properties(zones[i], at + at / HOUR_MS % 3600 * 1000);
    }
}

/* The same question has the same answer whatever was asked before (mktime fails this). */
static void no_memory_of_earlier_calls(void **state)
{
    (void)state;
    set_zone("Europe/Madrid");
    int64_t autumn = from_utc("2026-10-24T10:00:00Z");
    int64_t expected = from_utc("2026-10-25T00:00:00Z");
    static const char *const before[] = {"2026-07-01T10:00:00Z", "2026-12-01T10:00:00Z",
                                         "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"};
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        (void)expiry_of_request(from_utc(before[i]));
        assert_int_equal(expiry_of_request(autumn), expected);
    }
}

static void before_1970(void **state)
{
    (void)state;
    set_zone("UTC");
    assert_int_equal(expiry_of_request(-1), 2 * HOUR_MS);
    assert_int_equal(expiry_of_request(0), 26 * HOUR_MS);
    assert_string_equal(utc(-1), "1969-12-31T23:59:59Z");
}

static void formats(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        const char *at;
        const char *local;
    } rows[] = {
        {"Europe/Madrid", "2026-11-24T01:00:00Z", "2026-11-24T02:00:00+01:00"},
        {"Europe/Madrid", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"},
        {"Atlantic/Canary", "2026-11-24T02:00:00Z", "2026-11-24T02:00:00+00:00"},
        {"Atlantic/Canary", "2026-07-01T01:00:00Z", "2026-07-01T02:00:00+01:00"},
        {"America/St_Johns", "2026-01-01T05:30:09Z", "2026-01-01T02:00:09-03:30"},
        {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00+05:45"},
        {"UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[64];
        struct buf text;
        buf_init(&text, storage, sizeof(storage));
        set_zone(rows[i].zone);
        expiry_format_local(from_utc(rows[i].at), &text);
        if (strcmp(buf_cstr(&text), rows[i].local) != 0)
            fail_msg("%s %s: %s", rows[i].zone, rows[i].at, storage);
        assert_string_equal(utc(from_utc(rows[i].at) + 999), rows[i].at);
    }
    char storage[8];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    expiry_format_local(0, &text);
    assert_false(buf_ok(&text));
}

/* The last instant there is: a year of nine digits, not a crash. */
static void furthest_instant(void **state)
{
    (void)state;
    char storage[64];
    struct buf text;
    set_zone("UTC");
    buf_init(&text, storage, sizeof(storage));
    expiry_format_local(INT64_MAX, &text);
    assert_string_equal(buf_cstr(&text), "292278994-08-17T07:12:55+00:00");
}

/* The day on which the clock changes begins like any other, but where midnight does not exist. */
static void beginnings_of_days(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t day, start_s;
    } rows[] = {
        {"UTC", 20786, 1795910400},                      /* 2026-11-29 */
        {"Europe/Madrid", 20786, 1795910400 - 3600},     /* winter */
        {"Europe/Madrid", 20541, 20541 * 86400L - 3600}, /* 2026-03-29, the clock goes forward */
        {"Europe/Madrid", 20542, 20542 * 86400L - 7200},
        {"Europe/Madrid", 20751, 20751 * 86400L - 7200}, /* 2026-10-25, and back */
        {"Europe/Madrid", 20752, 20752 * 86400L - 3600},
        {"Europe/Madrid", 0, -3600},
        {"America/Santiago", 20702, 20702 * 86400L + 4 * 3600L}, /* 2026-09-06 begins at 01:00 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_zone(rows[i].zone);
        if (expiry_day_start(rows[i].day) != rows[i].start_s * 1000)
            fail_msg("row %zu: %lld", i, (long long)expiry_day_start(rows[i].day));
    }
}

static void zones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool exists;
    } rows[] = {
        {"Europe/Madrid", true},
        {"Atlantic/Canary", true},
        {"UTC", true},
        {"Etc/GMT+5", true},
        {"America/Argentina/Buenos_Aires", true},
        {"", false},
        {"Europe/Alpedrete", false},
        {"europe/madrid", false},
        {"Europe", false},
        {"Europe/", false},
        {"Europe/Madrid ", false},
        {" Europe/Madrid", false},
        {"/usr/share/zoneinfo/Europe/Madrid", false},
        {"../zoneinfo/Europe/Madrid", false},
        {"Europe/../Europe/Madrid", false},
        {"zone.tab", false},
        {"leapseconds", false},
        {"CET-1CEST", false},
        {":Europe/Madrid", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (expiry_zone_exists(rows[i].name) != rows[i].exists)
            fail_msg("'%s': not %d", rows[i].name, (int)rows[i].exists);
    }
    char longest[400];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_false(expiry_zone_exists(longest));
}

/* The calendar, and the seconds of a day, against the library's: six thousand years of days. */
static void dates_of_the_library(void **state)
{
    char expected[64];
    struct tm tm;
    (void)state;
    for (int64_t day = -1100000; day < 1100000; day++) {
        time_t at = (time_t)(day * 86400 + (day * 7919) % 43200 + 43200);
        assert_non_null(gmtime_r(&at, &tm));
        (void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02dZ",
                       tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                       tm.tm_sec);
        if (tm.tm_year + 1900 >= 0 && strcmp(utc((int64_t)at * 1000), expected) != 0)
            fail_msg("%s is not %s", utc((int64_t)at * 1000), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(every_hour_of_two_years),
        cmocka_unit_test(no_memory_of_earlier_calls),
        cmocka_unit_test(before_1970),
        cmocka_unit_test(formats),
        cmocka_unit_test(dates_of_the_library),
        cmocka_unit_test(furthest_instant),
        cmocka_unit_test(beginnings_of_days),
        cmocka_unit_test(zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
