/* SPDX-License-Identifier: EUPL-1.2 */
/* The hours that the verdict tells: at one o'clock, of yesterday, and around the days of 23 and 25
 * hours. */
#include "service/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Of a local time as it is written down; the first of the two where there are two. */
static int64_t read_ms(const char *local)
{
    struct tm tm = {.tm_isdst = -1};
    assert_non_null(strptime(local, "%Y-%m-%d %H:%M", &tm));
    return (int64_t)mktime(&tm) * 1000;
}

static void hours_and_days(void **state)
{
    static const struct {
        const char *since, *now;
        enum text_lang lang;
        const char *told;
    } rows[] = {
        {"2026-11-30 01:38", "2026-11-30 02:10", TEXT_LANG_ES, "desde la 01:38;"},
        {"2026-11-30 00:38", "2026-11-30 01:10", TEXT_LANG_ES, "desde las 00:38;"},
        {"2026-11-30 13:38", "2026-11-30 14:10", TEXT_LANG_ES, "desde las 13:38;"},
        {"2026-11-29 01:38", "2026-11-30 02:10", TEXT_LANG_ES, "desde la 01:38 de ayer;"},
        {"2026-11-28 01:38", "2026-11-30 02:10", TEXT_LANG_ES, "desde la 01:38 del 28/11;"},
        {"2026-11-30 01:38", "2026-11-30 02:10", TEXT_LANG_CA, "des de la 01:38;"},
        {"2026-11-29 01:38", "2026-11-30 02:10", TEXT_LANG_CA, "des de la 01:38 d'ahir;"},
        {"2026-11-28 01:38", "2026-11-30 02:10", TEXT_LANG_CA, "des de la 01:38 del 28/11;"},
        {"2026-11-29 01:38", "2026-11-30 02:10", TEXT_LANG_GL, "desde a 01:38 de onte;"},
        {"2026-11-28 01:38", "2026-11-30 02:10", TEXT_LANG_GL, "desde a 01:38 do 28/11;"},
        {"2026-11-28 01:38", "2026-11-30 02:10", TEXT_LANG_EN, "since 01:38 on 28/11;"},
        {"2026-12-31 23:59", "2027-01-01 00:01", TEXT_LANG_ES, "desde las 23:59 de ayer;"},
        {"2028-02-29 23:59", "2028-03-01 00:01", TEXT_LANG_ES, "desde las 23:59 de ayer;"},
        {"2027-03-28 22:10", "2027-03-29 00:30", TEXT_LANG_ES, "desde las 22:10 de ayer;"},
        {"2027-03-27 22:10", "2027-03-29 00:30", TEXT_LANG_ES, "desde las 22:10 del 27/03;"},
        {"2027-10-30 22:10", "2027-10-31 23:30", TEXT_LANG_ES, "desde las 22:10 de ayer;"},
        {"2027-10-31 02:30", "2027-10-31 23:30", TEXT_LANG_ES, "desde las 02:30;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[VERDICT_TEXT_SIZE];
        struct verdict verdict;
        struct buf out;
        const struct verdict_facts facts = {.now_ms = read_ms(rows[i].now),
                                            .data = VERDICT_DATA_FULL,
                                            .data_since_ms = read_ms(rows[i].since),
                                            .is_clock_good = true};
        verdict_judge(&facts, &verdict);
        buf_init(&out, storage, sizeof(storage));
        verdict_say(&verdict, &verdict.first, rows[i].lang, &out);
        if (strstr(buf_cstr(&out), rows[i].told) == NULL)
            fail_msg("row %zu: %s", i, storage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hours_and_days)};
    setenv("TZ", "Europe/Madrid", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
