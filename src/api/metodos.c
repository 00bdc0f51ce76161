/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/metodos: the methods that the sede is to offer, in their order, with the citizen's words
 * (seeds 002 and 003). The last day of a method is announced ANNOUNCED_DAYS before.
 */
#include "api/input.h"

#include "api/resources.h"
#include "base/template.h"
#include "domain/expiry.h"
#include "http/json_write.h"
#include "http/problem_words.h"

#include <time.h>

enum { ANNOUNCED_DAYS = 60, SENTENCE_SIZE = 512 };

static const struct {
    enum problem_phrase title, how;
} words[METHODS] = {
    [METHOD_PIN24H] = {PHRASE_PIN24H, PHRASE_PIN24H_HOW},
    [METHOD_PASSWORD_SMS] = {PHRASE_PASSWORD_SMS, PHRASE_PASSWORD_SMS_HOW},
    [METHOD_PASSWORD] = {PHRASE_PASSWORD, PHRASE_PASSWORD_HOW},
    [METHOD_TOWN_KEY] = {PHRASE_TOWN_KEY, PHRASE_TOWN_KEY_HOW},
    [METHOD_CERTIFICATE] = {PHRASE_CERTIFICATE, PHRASE_CERTIFICATE_HOW},
    [METHOD_ASSERTED] = {PHRASE_ASSERTED, PHRASE_ASSERTED_HOW},
};

/* The braces of a sentence stand for a day, and the methods of an instant. */
struct filling {
    const struct exchange *x;
    int64_t at_ms; /* UTC */
    struct tm day;
};

static bool is_admitted(const struct exchange *x, enum method method, int64_t at_ms)
{
    return period_has(&x->service->settings->methods[method], at_ms);
}

static bool is_any_admitted(const struct exchange *x, int64_t at_ms)
{
    bool is_any = false;
    for (enum method m = 0; m < METHODS; m++)
        is_any = is_any || is_admitted(x, m, at_ms);
    return is_any;
}

static void put_titles(const struct filling *with, struct buf *out)
{
    const char *between = "";
    for (enum method m = 0; m < METHODS; m++) {
        if (!is_admitted(with->x, m, with->at_ms))
            continue;
        buf_fmt(out, "%s%s", between, problem_phrase(with->x->problem.lang, words[m].title));
        between = ", ";
    }
}

static void put_word(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct filling *with = user;
    if (template_is_name("medios", name, len))
        put_titles(with, out);
    else if (template_is_name("fecha", name, len))
        template_fill(problem_phrase(with->x->problem.lang, PHRASE_DATE), put_word, with, out);
    else if (template_is_name("dia", name, len))
        buf_fmt(out, "%02d", with->day.tm_mday);
    else if (template_is_name("mes", name, len))
        buf_fmt(out, "%02d", with->day.tm_mon + 1);
    else if (template_is_name("anyo", name, len))
        buf_fmt(out, "%d", with->day.tm_year + 1900);
}

enum cc_err metodos_admit(struct exchange *x, enum method method)
{
    const struct filling with = {.x = x, .at_ms = x->now_ms};
    if (is_admitted(x, method, x->now_ms))
        return CC_OK;
    if (is_any_admitted(x, x->now_ms))
        exchange_explain(x, PHRASE_METHOD_CLOSED, put_word, &with);
    return CC_ERR_METHOD_CLOSED;
}

/* The last day and, when it is near, what to do about it. */
static void put_last_day(const struct exchange *x, const struct period *period, struct buf *out)
{
    char date[sizeof("2027-06-30")], text[SENTENCE_SIZE];
    struct filling with = {.x = x};
    struct buf sentence;
    int64_t day;
    if (!period_last_day(period, &day)) {
        json_put_null(out, "hasta");
        json_put_null(out, "aviso");
        return;
    }
    time_t noon_s = (time_t)(day * 86400 + 43200);
    gmtime_r(&noon_s, &with.day);
    (void)strftime(date, sizeof(date), "%Y-%m-%d", &with.day);
    json_put_text(out, "hasta", date);
    with.at_ms = expiry_day_start(day + 1);
    if (x->now_ms < expiry_day_start(day - ANNOUNCED_DAYS)) {
        json_put_null(out, "aviso");
        return;
    }
    bool is_other = is_any_admitted(x, with.at_ms);
    buf_init(&sentence, text, sizeof(text));
    template_fill(
        problem_phrase(x->problem.lang, is_other ? PHRASE_METHOD_LAST_THEN : PHRASE_METHOD_LAST),
        put_word, &with, &sentence);
    json_put_text(out, "aviso", buf_cstr(&sentence));
}

static void put_method(const struct exchange *x, enum method method, struct buf *out)
{
    const struct method_row *row = &method_rows[method];
    enum text_lang lang = x->problem.lang;
    json_open(out, NULL, '{');
    json_put_text(out, "metodo", row->token);
    json_put_text(out, "titulo", problem_phrase(lang, words[method].title));
    json_put_text(out, "explicacion", problem_phrase(lang, words[method].how));
    json_open(out, "pide", '[');
    for (size_t i = 0; i < METHOD_ASKS_MAX && row->asks[i] != NULL; i++)
        json_put_text(out, NULL, row->asks[i]);
    json_close(out, ']');
    json_put_text(out, "comprueba", row->is_proved_here ? "equipo" : "sede");
    put_last_day(x, &x->service->settings->methods[method], out);
    json_close(out, '}');
}

enum cc_err metodos_show(struct exchange *x, struct buf *out)
{
    answer_add_header(&x->answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE,
                      text_lang_token(x->problem.lang));
    json_open(out, "metodos", '[');
    for (enum method m = 0; m < METHODS; m++)
        if (is_admitted(x, m, x->now_ms))
            put_method(x, m, out);
    json_close(out, ']');
    return CC_OK;
}
