/* SPDX-License-Identifier: EUPL-1.2 */
/* The hours that the verdict tells: at one o'clock, of yesterday, and around the days of 23 and 25
 * hours; and its five languages held together. */
#include "service/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* ---- catalogues ------------------------------------------------------------------------------ */

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in braces, sorted, as one text. */
static void collect_names(const char *template, char *out, size_t cap)
{
    char copy[VERDICT_TEXT_SIZE], *names[16];
    size_t count = 0;
    (void)snprintf(copy, sizeof(copy), "%s", template);
    for (char *at = strchr(copy, '{'); at != NULL && count < 16; at = strchr(at + 1, '{')) {
        names[count++] = at + 1;
        at = strchr(at, '}');
        assert_non_null(at);
        *at = '\0';
    }
    qsort(names, count, sizeof(names[0]), compare_text);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strncat(out, names[i], cap - strlen(out) - 1);
        strncat(out, " ", cap - strlen(out) - 1);
    }
}

/* Of each language and reason what happens, and what to do. */
#define HEADLINES(...)
#define NEEDS(...)
#define UNITS(...)
#define WHEN(...)
#define BOXES(...)
#define WORDS(reason, what, action) [VERDICT_##reason] = {what, action},
#define CATALOGUE(lang) <service/verdict_##lang.inc>
static const char *const catalogues[TEXT_LANG_COUNT][VERDICT_REASON_COUNT][2] = {
#include "domain/catalogues.inc"
};

static void every_language_says_the_same(void **state)
{
    (void)state;
    for (int reason = 0; reason < VERDICT_REASON_COUNT; reason++)
        for (int lang = 0; lang < TEXT_LANG_COUNT; lang++)
            for (int action = 0; action < 2; action++) {
                const char *text = catalogues[lang][reason][action];
                const char *spanish = catalogues[TEXT_LANG_ES][reason][action];
                char mine[256], theirs[256];
                if (text == NULL)
                    fail_msg("%s has no words in language %d",
                             verdict_reason_token((enum verdict_reason)reason), lang);
                collect_names(text, mine, sizeof(mine));
                collect_names(spanish, theirs, sizeof(theirs));
                assert_string_equal(mine, theirs);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hours_and_days),
                                       cmocka_unit_test(every_language_says_the_same)};
    setenv("TZ", "Europe/Madrid", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
