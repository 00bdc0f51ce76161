/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/period.h"

#include "base/span.h"

#include <string.h>
#include <time.h>

enum { DATE_CHARS = 10, LAST_EVER = INT32_MAX };

/* Reads digits of text from a place on; -1 where one of them is none. */
static int32_t read_number(const char *text, size_t count)
{
    int32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int32_t days_of_month(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* Takes "2026-01-31" from the beginning of *text, which moves behind it. */
static bool take_date(const char **text, int32_t *ret)
{
    const char *at = *text;
    if (strlen(at) < DATE_CHARS || at[4] != '-' || at[7] != '-')
        return false;
    int32_t year = read_number(at, 4), month = read_number(at + 5, 2), day = read_number(at + 8, 2);
    if (year < 2000 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    *ret = (year * 100 + month) * 100 + day;
    *text = at + DATE_CHARS;
    return true;
}

/* Takes the word and the date behind it, where the text has the word next. */
static bool take_limit(const char **text, const char *word, int32_t *ret)
{
    size_t len = strlen(word);
    if (strncmp(*text, word, len) != 0)
        return true;
    *text += len;
    return take_date(text, ret);
}

static bool read_dates(const char *text, struct period *ret)
{
    const char *at = text;
    *ret = (struct period){.last = LAST_EVER};
    if (!take_limit(&at, "desde ", &ret->first) || (at != text && *at != '\0' && *at++ != ' '))
        return false;
    return take_limit(&at, "hasta ", &ret->last) && at != text && *at == '\0' && at[-1] != ' ' &&
           ret->first <= ret->last;
}

enum cc_err period_parse(const char *text, struct period *ret)
{
    struct period period = {0};
    if (strcmp(text, "si") == 0 || strcmp(text, "sí") == 0)
        period.last = LAST_EVER;
    else if (strcmp(text, "no") != 0 && !read_dates(text, &period))
        return CC_ERR_RANGE;
    *ret = period;
    return CC_OK;
}

bool period_has(const struct period *period, int64_t now_ms)
{
    if (period->first == 0 && period->last == LAST_EVER) /* on the way of each contraclave */
        return true;
    time_t at_s = (time_t)(now_ms / 1000);
    struct tm local = {0};
    localtime_r(&at_s, &local);
    int32_t day = ((local.tm_year + 1900) * 100 + local.tm_mon + 1) * 100 + local.tm_mday;
    return period->first <= day && day <= period->last;
}

bool period_last_day(const struct period *period, int64_t *ret)
{
    if (period->last == 0 || period->last == LAST_EVER)
        return false;
    struct tm day = {.tm_year = period->last / 10000 - 1900,
                     .tm_mon = period->last / 100 % 100 - 1,
                     .tm_mday = period->last % 100};
    *ret = (int64_t)timegm(&day) / DAY_S;
    return true;
}
