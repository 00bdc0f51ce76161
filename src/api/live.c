/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/live.h"

#include "api/changes.h"
#include "api/estado.h"
#include "api/input.h"
#include "http/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICK_US = 1000 * 1000,
    BEAT_TICKS = 5,
    LIFE_TICKS = 600,
    STATUS_SIZE = 64 * 1024,
    LANGUAGES = TEXT_LANG_COUNT
};

/* An open page. Its pending event is sent piece by piece. */
struct follower {
    struct follower *previous, *next;
    struct live *live;
    struct stream *stream;
    enum text_lang lang;
    int ticks;
    bool needs_all; /* an event was missed */
    char *pending;  /* NULL = none */
    size_t len, sent;
};

/* State that the pages of a language were last told; NULL while none is open. */
struct channel {
    json_t *told;
};

struct live {
    struct loop *loop;
    struct service *service;
    struct loop_source *timer;
    struct follower *first;
    struct channel channels[LANGUAGES];
    uint64_t next_id;
    char scratch[STATUS_SIZE];
};

const struct json_shape live_shape = {.count = 1,
                                      .fields = {{"idioma", .optional = true, .max_bytes = 8}}};

/* ---- the status and what changed in it --------------------------------------------------------*/

/* Members that change by themselves with each second: no news. */
static void drop_ages(json_t *status)
{
    static const char *const of_box[] = {"hora", "hora_local"};
    size_t i;
    json_t *modem;
    for (i = 0; i < sizeof(of_box) / sizeof(of_box[0]); i++)
        (void)json_object_del(status, of_box[i]);
    (void)json_object_del(json_object_get(status, "cola"), "espera_s");
    json_array_foreach(json_object_get(status, "modems"), i, modem)
    {
        (void)json_object_del(modem, "segundos_en_estado");
        (void)json_object_del(modem, "ultima_respuesta");
    }
}

/* The status as a person of the staff sees it; NULL when it cannot be told now. */
static json_t *read_status(struct live *live, enum text_lang lang)
{
    static const struct caller staff = {.kind = CALLER_SESSION, .scopes = SCOPE_TECNICO};
    const struct estado_view view = {.service = live->service,
                                     .caller = &staff,
                                     .now_ms = service_now_ms(live->service),
                                     .lang = lang};
    struct buf out;
    buf_init(&out, live->scratch, sizeof(live->scratch));
    if (estado_put(&view, &out) != CC_OK || !buf_ok(&out))
        return NULL;
    json_t *status = json_loadb((const char *)out.data, out.len, 0, NULL);
    drop_ages(status);
    return status;
}

/* ---- one page ---------------------------------------------------------------------------------*/

/* Takes the text: it is sent, or what waits before it is followed by the whole status. */
static void send_text(struct follower *page, char *text)
{
    if (page->pending != NULL || text == NULL) {
        page->needs_all = true;
        free(text);
        return;
    }
    page->pending = text;
    page->len = strlen(text);
    page->sent = 0;
    stream_wake(page->stream);
}

static char *make_event(struct live *live, const char *name, json_t *data)
{
    char *json = json_dumps(data, JSON_COMPACT), *text = NULL;
    if (json == NULL || asprintf(&text, "id: %" PRIu64 "\nevent: %s\ndata: %s\n\n", ++live->next_id,
                                 name, json) < 0)
        text = NULL;
    free(json);
    return text;
}

/* The whole status, from what the others were told: so that all go on from the same. */
static char *make_snapshot(struct live *live, enum text_lang lang)
{
    struct channel *channel = &live->channels[lang];
    if (channel->told == NULL)
        channel->told = read_status(live, lang);
    return channel->told != NULL ? make_event(live, "estado", channel->told) : NULL;
}

static size_t read_page(void *user, char *out, size_t cap)
{
    struct follower *page = user;
    if (page->pending == NULL && page->needs_all) {
        page->needs_all = false;
        page->pending = make_snapshot(page->live, page->lang);
        page->len = page->pending != NULL ? strlen(page->pending) : 0;
        page->sent = 0;
    }
    size_t len = page->pending != NULL ? page->len - page->sent : 0;
    if (len > cap)
        len = cap;
    if (len > 0)
        memcpy(out, page->pending + page->sent, len);
    page->sent += len;
    if (page->pending != NULL && page->sent == page->len) {
        free(page->pending);
        page->pending = NULL;
    }
    return len;
}

static bool has_page(const struct live *live, enum text_lang lang)
{
    const struct follower *page = live->first;
    while (page != NULL && page->lang != lang)
        page = page->next;
    return page != NULL;
}

static void close_page(void *user)
{
    struct follower *page = user;
    struct live *live = page->live;
    if (page->previous != NULL)
        page->previous->next = page->next;
    else
        live->first = page->next;
    if (page->next != NULL)
        page->next->previous = page->previous;
    if (!has_page(live, page->lang)) {
        json_decref(live->channels[page->lang].told);
        live->channels[page->lang].told = NULL;
    }
    free(page->pending);
    free(page);
}

/* ---- all pages --------------------------------------------------------------------------------*/

static void tell_changes(struct live *live, enum text_lang lang)
{
    struct channel *channel = &live->channels[lang];
    json_t *now = read_status(live, lang);
    json_t *changes = now != NULL ? changes_find(channel->told, now) : NULL;
    if (now != NULL) {
        json_decref(channel->told);
        channel->told = now;
    }
    if (changes == NULL)
        return;
    for (struct follower *page = live->first; page != NULL; page = page->next) {
        if (page->lang == lang)
            send_text(page, make_event(live, "estado", changes));
    }
    json_decref(changes);
}

static void tick_page(struct follower *page)
{
    page->ticks++;
    if (page->ticks >= LIFE_TICKS && page->pending == NULL) {
        send_text(page, strdup("event: fin\ndata: {}\n\n"));
        page->ticks = -BEAT_TICKS; /* ends when the page has gone, or a little later */
    } else if (page->ticks == -1) {
        stream_end(page->stream);
    } else if (page->ticks % BEAT_TICKS == 0 && page->pending == NULL) {
        send_text(page, strdup("event: latido\ndata: {}\n\n"));
    }
}

static void on_tick(void *user)
{
    struct live *live = user;
    for (int lang = 0; lang < LANGUAGES; lang++) {
        if (has_page(live, (enum text_lang)lang))
            tell_changes(live, (enum text_lang)lang);
    }
    for (struct follower *page = live->first, *next; page != NULL; page = next) {
        next = page->next;
        tick_page(page);
    }
    if (live->first != NULL)
        loop_timer_set(live->timer, loop_now_us(live->loop) + TICK_US);
}

enum cc_err live_follow(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)out;
    struct live *live = x->context->shared;
    enum text_lang lang;
    enum cc_err err = input_language(x, &in[0], &lang);
    if (err != CC_OK)
        return err;
    struct follower *page = calloc(1, sizeof(*page));
    if (page == NULL)
        return CC_ERR_MEMORY;
    *page = (struct follower){.live = live, .lang = lang, .needs_all = true};
    const struct stream_source source = {read_page, close_page, page};
    err = stream_open(x, &source, &page->stream);
    if (err != CC_OK) {
        free(page);
        return err;
    }
    page->next = live->first;
    if (page->next != NULL)
        page->next->previous = page;
    else
        loop_timer_set(live->timer, loop_now_us(live->loop) + TICK_US);
    live->first = page;
    return CC_OK;
}

struct live *live_new(struct loop *loop, struct service *service)
{
    struct live *live = calloc(1, sizeof(*live));
    if (live == NULL)
        abort();
    live->loop = loop;
    live->service = service;
    live->timer = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_tick, live);
    return live;
}

void live_free(struct live *live)
{
    if (live == NULL)
        return;
    loop_source_free(live->timer);
    free(live);
}
