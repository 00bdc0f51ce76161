/* SPDX-License-Identifier: EUPL-1.2 */
/* The sentences of the verdict: the catalogues verdict_LANG.inc, and what fills their braces. */
#include "service/verdict.h"

#include "base/span.h"
#include "base/template.h"
#include "service/verdict_box.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* Labels of the needs; the last two stand for a wait without an end, and for no hurry. */
enum { NEED_WAIT_OPEN = VERDICT_NEED_COUNT, NEED_NO_HURRY, NEED_LABELS };
enum { UNIT_SECOND, UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNITS };
enum { WHEN_TODAY, WHEN_YESTERDAY, WHEN_DATE, WHENS };
enum { BOX_GONE, BOX_SENDS, BOX_MUTE, BOX_FRONT, BOX_STATES };

struct words {
    const char *headlines[VERDICT_CAN_COUNT];
    const char *needs[NEED_LABELS];
    const char *units[UNITS][2]; /* singular, plural */
    const char *when[WHENS][2];  /* at any hour, at one o'clock */
    const char *boxes[BOX_STATES];
    struct {
        const char *what, *action;
    } reasons[VERDICT_REASON_COUNT];
};

#define HEADLINES(...) .headlines = {__VA_ARGS__},
#define NEEDS(...) .needs = {__VA_ARGS__},
#define UNITS(s, ss, m, mm, h, hh, d, dd) .units = {{s, ss}, {m, mm}, {h, hh}, {d, dd}},
#define WHEN(t, t1, y, y1, d, d1) .when = {{t, t1}, {y, y1}, {d, d1}},
#define BOXES(...) .boxes = {__VA_ARGS__},
#define WORDS(reason, what, action) .reasons[VERDICT_##reason] = {what, action},

#define CATALOGUE(lang) <service/verdict_##lang.inc>
static const struct words languages[TEXT_LANG_COUNT] = {
#include "domain/catalogues.inc"
};

/* Names and values that a sentence is filled in with. */
struct subject {
    const struct verdict *verdict;
    const struct verdict_item *item;
    const struct words *words;
    const struct tm *at; /* of a text of words->when */
};

static void fill_template(const struct subject *subject, const char *template, struct buf *out);

/* Days since 1970-01-01, of 23 to 25 hours. */
static int64_t civil_day(const struct tm *at)
{
    struct tm day = {.tm_year = at->tm_year, .tm_mon = at->tm_mon, .tm_mday = at->tm_mday};
    return (int64_t)timegm(&day) / DAY_S;
}

/* "las 03:07", with the day where it is another; in the process's zone. */
static void put_when(const struct subject *subject, int64_t at_ms, struct buf *out)
{
    time_t at = (time_t)(at_ms / 1000), now = (time_t)(subject->verdict->now_ms / 1000);
    struct tm then, today;
    if (localtime_r(&at, &then) == NULL || localtime_r(&now, &today) == NULL)
        return;
    int64_t ago = civil_day(&today) - civil_day(&then);
    int form = ago == 0 ? WHEN_TODAY : ago == 1 ? WHEN_YESTERDAY : WHEN_DATE;
    const struct subject clock = {.words = subject->words, .at = &then};
    fill_template(&clock, subject->words->when[form][then.tm_hour == 1], out);
}

void verdict_say_span(int64_t span_ms, enum text_lang lang, struct buf *out)
{
    static const int64_t seconds[UNITS] = {1, 60, HOUR_S, DAY_S};
    int64_t span_s = span_ms > 0 ? span_ms / 1000 : 0;
    int unit = UNIT_SECOND;
    while (unit < UNIT_DAY && span_s >= (unit == UNIT_HOUR ? 2 : 1) * seconds[unit + 1])
        unit++;
    int64_t count = span_s / seconds[unit];
    buf_fmt(out, "%" PRId64 " %s", count, languages[lang].units[unit][count == 1 ? 0 : 1]);
}

static void put_inner(const struct subject *subject, struct buf *out)
{
    struct verdict_item inner = *subject->item;
    inner.reason = inner.inner;
    const struct subject cause = {subject->verdict, &inner, subject->words, NULL};
    fill_template(&cause, subject->words->reasons[inner.reason].what, out);
}

static void put_age(const struct subject *subject, struct buf *out)
{
    enum text_lang lang = (enum text_lang)(subject->words - languages);
    verdict_say_span(subject->verdict->now_ms - subject->item->since_ms, lang, out);
}

static const char *find_text(const struct subject *subject, const char *name, size_t len)
{
    const struct verdict_modem *modem = subject->item->modem;
    const char *text = NULL;
    if (template_is_name("otros", name, len))
        text = subject->verdict->able;
    else if (template_is_name("texto", name, len))
        text = subject->item->text;
    else if (template_is_name("modem", name, len) && modem != NULL)
        text = modem->name;
    else if (template_is_name("tarjeta", name, len))
        text = modem != NULL && modem->card[0] != '\0' ? modem->card : "–";
    return text != NULL ? text : "";
}

static void put_value(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct subject *subject = user;
    const struct verdict_item *item = subject->item;
    const struct tm *at = subject->at;
    if (at != NULL && name[0] == 'h')
        buf_fmt(out, "%02d:%02d", at->tm_hour, at->tm_min);
    else if (at != NULL)
        buf_fmt(out, "%02d/%02d", at->tm_mday, at->tm_mon + 1);
    else if (template_is_name("n", name, len))
        buf_fmt(out, "%" PRId64, item->n);
    else if (template_is_name("m", name, len))
        buf_fmt(out, "%" PRId64, item->m);
    else if (template_is_name("desde", name, len))
        put_when(subject, item->since_ms, out);
    else if (template_is_name("hasta", name, len))
        put_when(subject, item->until_ms, out);
    else if (template_is_name("hace", name, len))
        put_age(subject, out);
    else if (template_is_name("causa", name, len))
        put_inner(subject, out);
    else
        buf_str(out, find_text(subject, name, len));
}

static void fill_template(const struct subject *subject, const char *template, struct buf *out)
{
    size_t from = out->len;
    template_fill(template, put_value, subject, out);
    while (out->len > from && out->data[out->len - 1] == ' ') /* before a value that is empty */
        out->len--;
}

void verdict_capitalize(struct buf *out, size_t from)
{
    enum { LATIN1 = 0xC3, SMALL = 0xA0, CASE = 0x20 }; /* à to þ in UTF-8 */
    if (out->len <= from)
        return;
    uint8_t *first = &out->data[from];
    if (*first >= 'a' && *first <= 'z')
        *first = (uint8_t)(*first - CASE);
    else if (*first == LATIN1 && out->len > from + 1 && first[1] >= SMALL)
        first[1] = (uint8_t)(first[1] - CASE);
}

void verdict_say_box(const struct verdict_box *box, int64_t now_ms, enum text_lang lang,
                     struct buf *out)
{
    const struct verdict clock = {.now_ms = now_ms};
    const struct verdict_item item = {
        .since_ms = box->seen_ms, .n = box->ready, .m = box->modems, .text = box->name};
    const struct subject subject = {&clock, &item, &languages[lang], NULL};
    int state = box->modems > 0 ? BOX_MUTE : BOX_FRONT;
    if (box->can_send)
        state = BOX_SENDS;
    if (box->is_gone)
        state = BOX_GONE;
    fill_template(&subject, languages[lang].boxes[state], out);
}

void verdict_say(const struct verdict *verdict, const struct verdict_item *item,
                 enum text_lang lang, struct buf *out)
{
    const struct words *words = &languages[lang];
    const struct subject subject = {verdict, item, words, NULL};
    size_t from = out->len;
    if (item == &verdict->first) {
        buf_fmt(out, "%s%s", words->headlines[verdict->can],
                item->reason == VERDICT_FINE ? "." : ": ");
    }
    if (item->reason != VERDICT_FINE)
        fill_template(&subject, words->reasons[item->reason].what, out);
    verdict_capitalize(out, from);
}

void verdict_say_action(const struct verdict *verdict, const struct verdict_item *item,
                        enum text_lang lang, struct buf *out)
{
    const struct words *words = &languages[lang];
    const struct subject subject = {verdict, item, words, NULL};
    bool is_inner = item->reason == VERDICT_ONE_OUT;
    if (item->reason == VERDICT_FINE) {
        buf_fmt(out, "%s.", words->needs[VERDICT_NOTHING]);
        return;
    }
    size_t label = verdict_item_need(item);
    if (is_inner)
        label = NEED_NO_HURRY;
    else if (label == VERDICT_WAIT && item->until_ms == 0)
        label = NEED_WAIT_OPEN;
    fill_template(&subject, words->needs[label], out);
    buf_str(out, ": ");
    fill_template(&subject, words->reasons[is_inner ? item->inner : item->reason].action, out);
}
