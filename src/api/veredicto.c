/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/veredicto.h"

#include "http/json_write.h"

#define MINUTE_MS INT64_C(60000)

typedef void (*say_fn)(const struct verdict *verdict, const struct verdict_item *item,
                       enum text_lang lang, struct buf *out);

static void put_said(struct buf *out, const char *key, say_fn say, const struct verdict *verdict,
                     const struct verdict_item *item, enum text_lang lang)
{
    char storage[2 * VERDICT_TEXT_SIZE];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    say(verdict, item, lang, &text);
    const char *said = buf_cstr(&text);
    json_put_text(out, key, said != NULL ? said : "");
}

static void put_item(struct buf *out, const struct verdict *verdict,
                     const struct verdict_item *item, enum text_lang lang)
{
    /* an end is rounded up to a minute at which the wait is over */
    int64_t until_ms = (item->until_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
    bool is_one_out = item->reason == VERDICT_ONE_OUT;
    put_said(out, "frase", verdict_say, verdict, item, lang);
    put_said(out, "que_hacer", verdict_say_action, verdict, item, lang);
    json_put_utc_or_null(out, "desde", item->since_ms);
    json_put_utc_or_null(out, "hasta", until_ms);
    json_put_text(out, "causa", verdict_reason_token(is_one_out ? item->inner : item->reason));
    json_put_text_or_null(out, "modem", item->modem != NULL ? item->modem->name : "");
}

void veredicto_put(struct buf *out, const struct verdict *verdict, enum text_lang lang)
{
    json_open(out, "veredicto", '{');
    json_put_text(out, "puede", verdict_ability_token(verdict->can));
    json_put_text(out, "necesita", verdict_need_token(verdict->need));
    put_item(out, verdict, &verdict->first, lang);
    json_open(out, "otras", '[');
    for (size_t i = 0; i < verdict->other_count; i++) {
        json_open(out, NULL, '{');
        json_put_text(out, "necesita", verdict_need_token(verdict_item_need(&verdict->others[i])));
        put_item(out, verdict, &verdict->others[i], lang);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}
