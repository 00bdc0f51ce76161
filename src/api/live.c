/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/live.h"

#include "api/changes.h"
#include "api/estado.h"
#include "api/input.h"
#include "base/alloc.h"
#include "http/json_write.h"
#include "http/stream.h"
#include "service/chronicle.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
    TICK_US = 1000 * 1000,
    BEAT_TICKS = 5,
    LIFE_TICKS = 600,
    STATUS_SIZE = 64 * 1024,
    EVENTS_SHOWN = 50,
    SENTENCE_SIZE = 512,
    LINE_SIZE = 1024,
    EVENTS_AT_FIRST = 10, /* a page asks for the others when they are looked at */
    LANGUAGES = TEXT_LANG_COUNT,
    PRINT_SIZE = 17,
};

/* An open page. Its pending event is sent piece by piece. */
struct follower {
    LIST_ENTRY(follower) link;
    struct live *live;
    struct stream *stream;
    enum text_lang lang;
    int ticks;
    int64_t known_id;       /* of the last event that it has; -1 = it has none */
    char known[PRINT_SIZE]; /* of the status that it has; "" = it has none */
    bool needs_all;         /* an event was missed */
    char *pending;          /* NULL = none */
    size_t len, sent;
};

/* State that the pages of a language were last told; NULL while none is open. */
struct channel {
    json_t *told;
    int64_t told_id; /* of the last event */
};

struct live {
    struct service *service;
    struct loop_source *timer;
    LIST_HEAD(, follower) pages;
    struct channel channels[LANGUAGES];
    char scratch[STATUS_SIZE];
};

enum { IDIOMA, DESDE, KNOWN };
const struct json_shape live_shape = {
    .fields = {[IDIOMA] = {"idioma", .optional = true, .max_bytes = 8},
               [DESDE] = {"desde", .optional = true, .max_bytes = 64},
               [KNOWN] = {"conocido", .optional = true, .max_bytes = PRINT_SIZE - 1}}};

/* ---- what has happened (service/chronicle.h), with its sentences ------------------------------*/

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

/* Appends the member `sucesos`: the newest max since then, newest first. */
static enum cc_err list_events(struct service *service, int64_t since_ms, int64_t max,
                               enum text_lang lang, struct buf *out)
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

/* The events after this id, oldest first, at most EVENTS_SHOWN. *ret_id: of the last one; unchanged
 * when there is none. */
static enum cc_err stream_events(struct service *service, int64_t after_id, enum text_lang lang,
                                 struct buf *out, int64_t *ret_id)
{
    struct listing listing = {.out = out, .lang = lang, .last_id = *ret_id};
    enum cc_err err = chronicle_list_after(service, after_id, EVENTS_SHOWN, put_streamed, &listing);
    *ret_id = listing.last_id;
    return err;
}

/* ---- the status and what changed in it --------------------------------------------------------*/

/* Members that change by themselves with each second: no news. */
static void drop_ages(json_t *status)
{
    static const char *const of_box[] = {"hora", "hora_local"};
    size_t i;
    json_t *modem, *box;
    for (i = 0; i < sizeof(of_box) / sizeof(of_box[0]); i++)
        (void)json_object_del(status, of_box[i]);
    (void)json_object_del(json_object_get(status, "cola"), "espera_s");
    json_array_foreach(json_object_get(status, "modems"), i, modem)
    {
        (void)json_object_del(modem, "segundos_en_estado");
        (void)json_object_del(modem, "ultima_respuesta");
    }
    json_array_foreach(json_object_get(status, "equipos"), i, box)
    {
        if (!json_is_true(json_object_get(box, "ausente")))
            (void)json_object_del(box, "visto");
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
    json_open(&out, NULL, '{');
    enum cc_err err = estado_put(&view, &out);
    json_close(&out, '}');
    if (err != CC_OK || !buf_ok(&out))
        return NULL;
    json_t *status = json_loadb((const char *)out.data, out.len, 0, NULL);
    drop_ages(status);
    return status;
}

/* A number that tells one status from another, as text: FNV-1a. */
static void print_status(json_t *status, char out[PRINT_SIZE])
{
    uint64_t print = UINT64_C(14695981039346656037);
    char *text = json_dumps(status, JSON_COMPACT | JSON_SORT_KEYS);
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        print = (print ^ (uint8_t)*at) * UINT64_C(1099511628211);
    free(text);
    (void)snprintf(out, PRINT_SIZE, "%016" PRIx64, print);
}

void live_put_print(struct buf *status)
{
    char print[PRINT_SIZE];
    struct buf whole = *status;
    json_close(&whole, '}');
    json_t *told = buf_ok(&whole) ? json_loadb((const char *)whole.data, whole.len, 0, NULL) : NULL;
    if (told == NULL)
        return;
    drop_ages(told);
    print_status(told, print);
    json_decref(told);
    json_put_text(status, "huella", print);
}

/* ---- one page ---------------------------------------------------------------------------------*/

/* Takes the text, which may be NULL. */
static void set_pending(struct follower *page, char *text)
{
    page->pending = text;
    page->len = text != NULL ? strlen(text) : 0;
    page->sent = 0;
}

/* Takes the text: it is sent, or what waits before it is followed by the whole status. */
static void send_text(struct follower *page, char *text)
{
    if (page->pending != NULL || text == NULL) {
        page->needs_all = true;
        free(text);
        return;
    }
    set_pending(page, text);
    stream_wake(page->stream);
}

/* Begins `out` anew with an event of the status. */
static void put_status(struct live *live, json_t *status, int64_t id, struct buf *out)
{
    char *json = json_dumps(status, JSON_COMPACT);
    buf_init(out, live->scratch, sizeof(live->scratch));
    buf_fmt(out, "id: %" PRId64 "\nevent: estado\ndata: ", id);
    buf_str(out, json != NULL ? json : "{}");
    buf_str(out, "\n\n");
    free(json);
}

static char *copy_text(struct buf *out)
{
    const char *text = buf_cstr(out);
    return text != NULL ? strdup(text) : NULL;
}

/* The status with the newest events, as a page that knows none gets it; the events alone for one
 * that has asked for this status already. */
static json_t *add_events(struct live *live, const struct follower *page, json_t *status)
{
    char print[PRINT_SIZE];
    struct buf out;
    print_status(status, print);
    buf_init(&out, live->scratch, sizeof(live->scratch));
    json_open(&out, NULL, '{');
    enum cc_err err = list_events(live->service, 0, EVENTS_AT_FIRST, page->lang, &out);
    json_close(&out, '}');
    json_t *events =
        err == CC_OK && buf_ok(&out) ? json_loadb((const char *)out.data, out.len, 0, NULL) : NULL;
    json_t *whole = strcmp(print, page->known) == 0 ? json_object() : json_copy(status);
    (void)json_object_update(whole, events);
    json_decref(events);
    return whole;
}

/*
 * The whole status, from what the others were told: so that all go on from the same. A page that
 * was here before has its last event's id: only the events that it missed follow.
 */
static char *make_snapshot(struct live *live, struct follower *page)
{
    struct channel *channel = &live->channels[page->lang];
    struct buf out;
    if (channel->told == NULL) {
        channel->told = read_status(live, page->lang);
        channel->told_id = chronicle_newest(live->service->chronicle);
    }
    if (channel->told == NULL)
        return NULL;
    int64_t missed = channel->told_id - page->known_id, last_id = 0;
    bool has_some = page->known_id >= 0 && missed >= 0 && missed <= EVENTS_SHOWN;
    json_t *status = has_some ? json_incref(channel->told) : add_events(live, page, channel->told);
    put_status(live, status, has_some ? page->known_id : channel->told_id, &out);
    json_decref(status);
    if (has_some && missed > 0 &&
        stream_events(live->service, page->known_id, page->lang, &out, &last_id) != CC_OK)
        return NULL;
    page->known[0] = '\0';
    page->known_id = -1; /* what it misses from now on is not known one by one */
    return copy_text(&out);
}

static size_t read_page(void *user, char *out, size_t cap)
{
    struct follower *page = user;
    if (page->pending == NULL && page->needs_all) {
        page->needs_all = false;
        set_pending(page, make_snapshot(page->live, page));
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
    for (struct follower *page = LIST_FIRST(&live->pages); page != NULL;
         page = LIST_NEXT(page, link))
        if (page->lang == lang)
            return true;
    return false;
}

static void close_page(void *user)
{
    struct follower *page = user;
    struct live *live = page->live;
    LIST_REMOVE(page, link);
    if (!has_page(live, page->lang)) {
        json_decref(live->channels[page->lang].told);
        live->channels[page->lang].told = NULL;
    }
    free(page->pending);
    free(page);
}

/* ---- all pages --------------------------------------------------------------------------------*/

static void send_all(struct live *live, enum text_lang lang, const char *text)
{
    for (struct follower *page = LIST_FIRST(&live->pages); page != NULL;
         page = LIST_NEXT(page, link))
        if (text != NULL && page->lang == lang)
            send_text(page, strdup(text));
}

/* The status goes first, under the id of the event before it: a page that is cut off there asks for
 * the events that follow. It is read after their newest id, so that it is at least as new. */
static void tell_changes(struct live *live, enum text_lang lang)
{
    struct channel *channel = &live->channels[lang];
    struct buf out;
    int64_t newest = chronicle_newest(live->service->chronicle), last_id = channel->told_id;
    json_t *now = read_status(live, lang);
    json_t *changes = now != NULL ? changes_find(channel->told, now) : NULL;
    if (now != NULL) {
        json_decref(channel->told);
        channel->told = now;
    }
    if (changes != NULL)
        put_status(live, changes, channel->told_id, &out);
    else
        buf_init(&out, live->scratch, sizeof(live->scratch));
    json_decref(changes);
    if (newest > last_id && stream_events(live->service, last_id, lang, &out, &last_id) == CC_OK)
        channel->told_id = last_id > channel->told_id ? last_id : newest;
    if (out.len > 0)
        send_all(live, lang, buf_cstr(&out));
}

static void tick_page(struct follower *page)
{
    page->ticks++;
    if (page->ticks % BEAT_TICKS == 0 && !stream_is_allowed(page->stream)) {
        stream_end(page->stream);
        return;
    }
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
    for (struct follower *page = LIST_FIRST(&live->pages), *next; page != NULL; page = next) {
        next = LIST_NEXT(page, link);
        tick_page(page);
    }
    if (!LIST_EMPTY(&live->pages))
        loop_timer_in(live->timer, TICK_US);
}

static enum cc_err answer_events(struct exchange *x, const struct json_value *since,
                                 enum text_lang lang, struct buf *out)
{
    int64_t since_ms = 0;
    enum cc_err err = input_instant(x, since, "desde", 0, x->now_ms, &since_ms);
    if (err != CC_OK)
        return err;
    x->answer.type = "application/json";
    json_open(out, NULL, '{');
    err = list_events(x->service, since_ms, EVENTS_SHOWN, lang, out);
    json_close(out, '}');
    return err;
}

/* The id of the last event that a page has, as a browser that opens its stream again tells it. */
static int64_t read_known_id(const struct exchange *x)
{
    const char *text = exchange_header(x, "Last-Event-ID");
    char *end = NULL;
    long long id = text != NULL ? strtoll(text, &end, 10) : -1;
    return end != NULL && end != text && *end == '\0' && id >= 0 ? id : -1;
}

enum cc_err live_follow(struct exchange *x, struct buf *out)
{
    struct live *live = x->context->shared;
    enum text_lang lang;
    enum cc_err err = input_language(x, &x->in[IDIOMA], x->problem.lang, &lang);
    if (err != CC_OK)
        return err;
    if (x->in[DESDE].text != NULL)
        return answer_events(x, &x->in[DESDE], lang, out);
    struct follower *page = calloc(1, sizeof(*page));
    if (page == NULL)
        return CC_ERR_MEMORY;
    *page = (struct follower){
        .live = live, .lang = lang, .known_id = read_known_id(x), .needs_all = true};
    if (x->in[KNOWN].text != NULL)
        (void)snprintf(page->known, sizeof(page->known), "%s", x->in[KNOWN].text);
    const struct stream_source source = {read_page, close_page, page};
    err = stream_open(x, &source, &page->stream);
    if (err != CC_OK) {
        free(page);
        return err;
    }
    if (LIST_EMPTY(&live->pages))
        loop_timer_in(live->timer, TICK_US);
    LIST_INSERT_HEAD(&live->pages, page, link);
    return CC_OK;
}

struct live *live_new(struct loop *loop, struct service *service)
{
    struct live *live = alloc_or_abort(sizeof(*live));
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
