/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/expiry.h"

#include "base/span.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { EXPIRY_CLOCK_S = 2 * HOUR_S, STEP_S = HOUR_S };

/* localtime_r fails only for a year beyond int, which no instant in milliseconds reaches. */
static struct tm local_at(int64_t utc_s)
{
    time_t t = (time_t)utc_s;
    struct tm local = {0};
    localtime_r(&t, &local);
    return local;
}

/* Seconds to add to UTC for the local clock at that instant. */
static int64_t offset_at(int64_t utc_s)
{
    return local_at(utc_s).tm_gmtoff;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The first second of (before, after] with the offset of `after`. */
static int64_t offset_change(int64_t before, int64_t after)
{
    int64_t offset = offset_at(after);
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (offset_at(middle) == offset)
            after = middle;
        else
            before = middle;
    }
    return after;
}

/*
 * Walks forward in hours; within a stretch of one offset the local clock is a straight line, so
 * the crossing is computed, and only a change of offset is searched for to the second. No zone
 * changes twice within an hour.
 */
static int64_t first_local_at_or_after(int64_t from_s, int64_t local_target_s)
{
    int64_t now_s = from_s;
    int64_t offset = offset_at(now_s);
    while (now_s + offset < local_target_s) {
        int64_t crossing_s = local_target_s - offset;
        int64_t next_s = crossing_s - now_s > STEP_S ? now_s + STEP_S : crossing_s;
        int64_t next_offset = offset_at(next_s);
        if (next_offset != offset)
            next_s = offset_change(now_s, next_s);
        now_s = next_s;
        offset = next_offset;
    }
    return now_s;
}

int64_t expiry_of_request(int64_t accepted_ms)
{
    int64_t accepted_s = floor_div(accepted_ms, 1000);
    int64_t day = floor_div(accepted_s + offset_at(accepted_s), DAY_S);
    return first_local_at_or_after(accepted_s, (day + 1) * DAY_S + EXPIRY_CLOCK_S) * 1000;
}

/* A zone is less than a day away from UTC. */
int64_t expiry_day_start(int64_t day)
{
    return first_local_at_or_after((day - 1) * DAY_S, day * DAY_S) * 1000;
}

/* By hand: two instants stand in every answer to a verification, and printf would cost as much as
 * all of its tags. */
static void put_number(struct buf *out, char before, int value, int digits)
{
    char text[16];
    char *start = text + sizeof(text);
    unsigned rest = value < 0 ? 0U - (unsigned)value : (unsigned)value;
    for (; digits > 0 || rest > 0; digits--, rest /= 10)
        *--start = (char)('0' + rest % 10);
    if (value < 0)
        *--start = '-';
    if (before != '\0')
        *--start = before;
    buf_put(out, start, (size_t)(text + sizeof(text) - start));
}

static void put_pair(char *at, char before, int value)
{
    at[0] = before;
    at[1] = (char)('0' + value / 10);
    at[2] = (char)('0' + value % 10);
}

static void format_stamp(const struct tm *tm, struct buf *out)
{
    char rest[15];
    put_number(out, '\0', tm->tm_year + 1900, 4);
    put_pair(rest, '-', tm->tm_mon + 1);
    put_pair(rest + 3, '-', tm->tm_mday);
    put_pair(rest + 6, 'T', tm->tm_hour);
    put_pair(rest + 9, ':', tm->tm_min);
    put_pair(rest + 12, ':', tm->tm_sec);
    buf_put(out, rest, sizeof(rest));
}

void expiry_format_local(int64_t at_ms, struct buf *out)
{
    struct tm local = local_at(floor_div(at_ms, 1000));
    int minutes = (int)(local.tm_gmtoff / 60);
    char sign = minutes < 0 ? '-' : '+';
    minutes = minutes < 0 ? -minutes : minutes;
    format_stamp(&local, out);
    put_number(out, sign, minutes / 60, 2);
    put_number(out, ':', minutes % 60, 2);
}

/*
 * The date of a day since 1970, by the Gregorian calendar of any year; gmtime_r() takes five times
 * as long. Years begin in March, and an era has 400 of them. Source: H. Hinnant, "chrono-compatible
 * low-level date algorithms", civil_from_days.
 */
static struct tm day_of(int64_t day)
{
    enum { ERA = 146097, TO_MARCH_OF_0 = 719468 };
    int64_t shifted = day + TO_MARCH_OF_0, era = floor_div(shifted, ERA);
    int of_era = (int)(shifted - era * ERA);
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153; /* 0 = March */
    return (struct tm){.tm_mday = of_year - (153 * month + 2) / 5 + 1,
                       .tm_mon = month < 10 ? month + 2 : month - 10,
                       .tm_year = (int)(year + era * 400) + (month < 10 ? 0 : 1) - 1900};
}

void expiry_format_utc(int64_t at_ms, struct buf *out)
{
    int64_t at_s = floor_div(at_ms, 1000), day = floor_div(at_s, DAY_S);
    struct tm utc = day_of(day);
    int second = (int)(at_s - day * DAY_S);
    utc.tm_hour = second / (int)HOUR_S;
    utc.tm_min = second / 60 % 60;
    utc.tm_sec = second % 60;
    format_stamp(&utc, out);
    buf_byte(out, 'Z');
}

/* A path below the zone folder, and nothing that could leave it. */
static bool is_zone_name(const char *name)
{
    if (!isalpha((unsigned char)name[0]))
        return false;
    for (const char *c = name; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("/_+-", *c) == NULL)
            return false;
    }
    return true;
}

bool expiry_zone_exists(const char *name)
{
    char path[256];
    int n = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    if (!is_zone_name(name) || n < 0 || (size_t)n >= sizeof(path))
        return false;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return false;
    /* The folder also holds lists that are no zones; RFC 8536 3.1 begins a zone with this. */
    char magic[4];
    bool is_zone = fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
                   memcmp(magic, "TZif", sizeof(magic)) == 0;
    fclose(file);
    return is_zone;
}
