/* SPDX-License-Identifier: EUPL-1.2 */
/* The sentences of the events: the catalogues chronicle_LANG.inc, and what fills their braces. */
#include "service/chronicle.h"

#include "base/template.h"

#include <string.h>

struct words {
    const char *modem_end, *end;
    const char *reasons[VERDICT_REASON_COUNT];
    const char *notes[CHRONICLE_NOTE_COUNT];
};

#define ENDS(of_modem, of_others) .modem_end = (of_modem), .end = (of_others),
#define PHRASE(reason, what) .reasons[VERDICT_##reason] = (what),
#define NOTE(name, what) .notes[CHRONICLE_##name] = (what),

#define CATALOGUE(lang) <service/chronicle_##lang.inc>
static const struct words languages[TEXT_LANG_COUNT] = {
#include "domain/catalogues.inc"
};

const char *chronicle_level_token(enum event_level level)
{
    static const char *const tokens[] = {"bien", "aviso", "mal", "recuperacion"};
    size_t index = (size_t)level;
    return index < sizeof(tokens) / sizeof(tokens[0]) ? tokens[index] : "aviso";
}

const char *chronicle_phrase(const char *token, enum text_lang lang)
{
    enum chronicle_note note = chronicle_find_note(token);
    if (note < CHRONICLE_NOTE_COUNT)
        return languages[lang].notes[note];
    for (int i = 0; i < VERDICT_REASON_COUNT; i++)
        if (strcmp(verdict_reason_token((enum verdict_reason)i), token) == 0)
            return languages[lang].reasons[i];
    return NULL;
}

struct subject {
    const struct event *event;
    enum text_lang lang;
};

static void fill_template(const struct subject *subject, const char *template, struct buf *out);

/* An event of a later or an earlier version has its token in place of a phrase. */
static void put_phrase(const struct subject *subject, struct buf *out)
{
    const char *phrase = chronicle_phrase(subject->event->token, subject->lang);
    fill_template(subject, phrase != NULL ? phrase : subject->event->token, out);
}

static void put_value(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct subject *subject = user;
    const struct event *event = subject->event;
    if (template_is_name("frase", name, len))
        put_phrase(subject, out);
    else if (template_is_name("modem", name, len))
        buf_str(out, event->modem);
    else if (template_is_name("quien", name, len))
        buf_str(out, event->actor);
    else if (template_is_name("hace", name, len))
        verdict_say_span(event->at_ms - event->since_ms, subject->lang, out);
}

static void fill_template(const struct subject *subject, const char *template, struct buf *out)
{
    template_fill(template, put_value, subject, out);
}

void chronicle_say(const struct event *event, enum text_lang lang, struct buf *out)
{
    const struct subject subject = {event, lang};
    const struct words *words = &languages[lang];
    if (event->kind != EVENT_END) {
        size_t from = out->len;
        put_phrase(&subject, out);
        verdict_capitalize(out, from);
        buf_str(out, ".");
        return;
    }
    bool is_modem = strcmp(event->topic, CHRONICLE_TOPIC_MODEM) == 0;
    fill_template(&subject, is_modem ? words->modem_end : words->end, out);
}
