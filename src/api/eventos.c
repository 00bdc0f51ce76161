/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/eventos.h"

#include "http/json_write.h"
#include "service/chronicle.h"

#include <inttypes.h>
#include <stdio.h>

enum { SENTENCE_SIZE = 512, LINE_SIZE = 1024 };

struct listing {
    struct buf *out;
    enum text_lang lang;
    int64_t last_id;
};

static void put_event(const struct event *event, enum text_lang lang, struct buf *out)
{
    char storage[SENTENCE_SIZE];
    struct buf sentence;
    buf_init(&sentence, storage, sizeof(storage));
    chronicle_say(event, lang, &sentence);
    const char *said = buf_cstr(&sentence);
    json_open(out, NULL, '{');
    json_put_int(out, "id", event->id);
    json_put_utc(out, "instante", event->at_ms);
    json_put_text(out, "suceso", event->token);
    json_put_bool(out, "fin", event->kind == EVENT_END);
    json_put_text(out, "nivel", chronicle_level_token(event->level));
    json_put_text_or_null(out, "modem", event->modem);
    json_put_text(out, "frase", said != NULL ? said : "");
    json_close(out, '}');
}

static bool put_item(const struct event *event, void *user)
{
    const struct listing *listing = user;
    put_event(event, listing->lang, listing->out);
    return true;
}

enum cc_err eventos_put(struct service *service, int64_t since_ms, int64_t max, enum text_lang lang,
                        struct buf *out)
{
    struct listing listing = {.out = out, .lang = lang};
    json_open(out, "sucesos", '[');
    enum cc_err err = chronicle_list(service, since_ms, max, put_item, &listing);
    json_close(out, ']');
    return err;
}

static bool put_streamed(const struct event *event, void *user)
{
    struct listing *listing = user;
    char storage[LINE_SIZE], id[32];
    struct buf line;
    buf_init(&line, storage, sizeof(storage));
    put_event(event, listing->lang, &line);
    const char *data = buf_cstr(&line);
    listing->last_id = event->id;
    if (data == NULL)
        return true;
    (void)snprintf(id, sizeof(id), "id: %" PRId64 "\n", event->id);
    buf_str(listing->out, id);
    buf_str(listing->out, "event: suceso\ndata: ");
    buf_str(listing->out, data);
    buf_str(listing->out, "\n\n");
    return true;
}

enum cc_err eventos_put_stream(struct service *service, int64_t after_id, enum text_lang lang,
                               struct buf *out, int64_t *ret_id)
{
    struct listing listing = {.out = out, .lang = lang, .last_id = *ret_id};
    enum cc_err err =
        chronicle_list_after(service, after_id, EVENTOS_SHOWN, put_streamed, &listing);
    *ret_id = listing.last_id;
    return err;
}
