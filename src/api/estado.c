/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1/estado: the box at a glance, nothing personal in it. */
#include "api/estado.h"

#include "api/input.h"
#include "api/live.h"
#include "api/resources.h"
#include "base/span.h"
#include "http/json_write.h"
#include "service/facts.h"
#include "service/health.h"
#include "service/sending.h"

#include <stdio.h>
#include <string.h>

static void put_modems(const struct estado_view *view, struct buf *out)
{
    const struct pool *pool = view->service->pool;
    json_open(out, "modems", '[');
    for (size_t i = 0; i < pool_count(pool); i++) {
        json_open(out, NULL, '{');
        estado_put_modem(out, view, pool_at(pool, i));
        json_close(out, '}');
    }
    json_close(out, ']');
}

static enum cc_err put_queue(const struct estado_view *view, struct buf *out)
{
    struct health_queue queue;
    enum cc_err err = health_queue_count(view->service, &queue);
    if (err != CC_OK)
        return err;
    int64_t wait_s = queue.oldest_ms > 0 ? (view->now_ms - queue.oldest_ms) / 1000 : 0;
    json_open(out, "cola", '{');
    for (unsigned i = 0; i <= OUTBOX_EXPIRED; i++)
        json_put_int(out, outbox_state_token((enum outbox_state)i),
                     estado_count(view->caller, queue.by_state[i]));
    json_put_int(out, "espera_s", estado_seconds(view->caller, wait_s));
    json_close(out, '}');
    return CC_OK;
}

/* Writes the waiting messages by class. Their instants are those of single requests: hidden from
 * clients. */
static enum cc_err put_classes(const struct estado_view *view, struct buf *out)
{
    bool is_exact = caller_sees_exactly(view->caller);
    enum cc_err err = CC_OK;
    json_open(out, "colas", '[');
    for (int class = OUTBOX_CONTRACLAVE; class <= OUTBOX_NOTICE && err == CC_OK; class ++) {
        struct outbox_waiting waiting = {0};
        err = health_look_waiting(view->service, (enum outbox_class) class, &waiting);
        json_open(out, NULL, '{');
        json_put_text(out, "clase", outbox_class_token((enum outbox_class) class));
        json_put_int(out, "esperan", estado_count(view->caller, waiting.count));
        json_put_utc_or_null(out, "primera", is_exact ? waiting.oldest_ms : 0);
        json_put_utc_or_null(out, "caduca", is_exact ? waiting.first_expiry_ms : 0);
        json_close(out, '}');
    }
    json_close(out, ']');
    return err;
}

static void put_span(struct buf *out, const char *key, int64_t span_ms)
{
    enum { TENTH_MS = 100 };
    if (span_ms < 0)
        json_put_null(out, key);
    else
        json_put_tenths(out, key, (int)((span_ms + TENTH_MS / 2) / TENTH_MS));
}

/* Figures of today, which would tell a client whether its request sent a message: null for it. */
static enum cc_err put_figures(const struct estado_view *view, struct buf *out)
{
    const struct day_figures *day;
    if (!caller_sees_exactly(view->caller)) {
        json_put_null(out, "cifras");
        return CC_OK;
    }
    enum cc_err err = day_look(view->service, view->now_ms, &day);
    if (err != CC_OK || day == NULL) {
        json_put_null(out, "cifras");
        return err;
    }
    json_open(out, "cifras", '{');
    json_put_int(out, "entregados", day->delivered);
    json_put_int(out, "rechazados", day->refused);
    json_put_int(out, "inciertos", day->unknown);
    put_span(out, "salida_p50_s", day->hand_over.p50_ms);
    put_span(out, "salida_p90_s", day->hand_over.p90_ms);
    put_span(out, "entrega_p50_s", day->delivery.p50_ms);
    put_span(out, "entrega_p90_s", day->delivery.p90_ms);
    json_put_int(out, "minutos_sin_enviar", (day->unable_ms + MINUTE_MS / 2) / MINUTE_MS);
    json_put_int(out, "fallos_hoy", day->failures);
    json_close(out, '}');
    return err;
}

/* While the clock is not reliable requests are refused; the advice says what to do. */
static enum cc_err put_clock(const struct estado_view *view, struct buf *out)
{
    struct service *service = view->service;
    char storage[512];
    struct buf advice;
    struct clock_state now;
    enum cc_err err = service_look_at_clock(service, &now);
    if (err != CC_OK)
        return err;
    json_put_bool(out, "reloj_fiable", clock_verdict_is_good(now.verdict));
    buf_init(&advice, storage, sizeof(storage));
    service_clock_advice(service, &advice);
    json_put_text(out, "aviso_reloj", buf_cstr(&advice));
    return CC_OK;
}

static enum cc_err put_town(const struct estado_view *view, struct buf *out)
{
    struct service *service = view->service;
    char storage[320];
    struct buf advice;
    int64_t citizens;
    bool asks;
    enum cc_err err = health_count_citizens(service, &citizens);
    if (err == CC_OK)
        err = town_asks(service, &asks);
    if (err != CC_OK)
        return err;
    buf_init(&advice, storage, sizeof(storage));
    town_advice(service, &advice);
    json_put_int(out, "ciudadanos", citizens);
    json_put_bool(out, "pide_contraste",
                  asks || service->settings->limits.citizen.contrast_always != 0);
    json_put_bool(out, "alarma", advice.len > 0);
    json_put_text(out, "aviso_limites", buf_cstr(&advice));
    return CC_OK;
}

/* Parts that are read from the database: when it cannot be read, their members are null and the
 * rest, with the notice that says so, is told all the same. */
static enum cc_err put_stored(const struct estado_view *view, struct buf *out)
{
    static const struct {
        enum cc_err (*put)(const struct estado_view *view, struct buf *out);
        const char *members[5];
    } parts[] = {
        {put_clock, {"reloj_fiable", "aviso_reloj"}},
        {put_town, {"ciudadanos", "pide_contraste", "alarma", "aviso_limites"}},
        {put_queue, {"cola"}},
        {put_classes, {"colas"}},
        {put_figures, {"cifras"}},
        {buzon_put_status, {"buzon"}},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct buf before = *out;
        enum cc_err err = parts[i].put(view, out);
        if (err == CC_OK)
            continue;
        if (!health_has_fault(view->service))
            return err;
        *out = before;
        for (size_t m = 0; parts[i].members[m] != NULL; m++)
            json_put_null(out, parts[i].members[m]);
    }
    return CC_OK;
}

/* Names the altered rows, the faults of the whole, and the actions. */
static void put_integrity(struct buf *out, const struct service *service)
{
    char storage[2048];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    health_say_integrity(service, &text);
    json_put_text(out, "integridad", buf_cstr(&text));
}

static void put_pause(struct buf *out, const struct service *service)
{
    if (!sending_is_paused(service)) {
        json_put_null(out, "pausa");
        return;
    }
    json_open(out, "pausa", '{');
    json_put_utc(out, "desde", service->pause.since_ms);
    json_put_text(out, "quien", service->pause.actor);
    json_put_text(out, "motivo", service->pause.reason);
    json_close(out, '}');
}

/* null without TLS. */
static void put_certificate(struct buf *out, const struct service_certificate *certificate)
{
    if (certificate->fingerprint[0] == '\0') {
        json_put_null(out, "certificado");
        return;
    }
    json_open(out, "certificado", '{');
    json_put_text(out, "huella", certificate->fingerprint);
    json_put_utc(out, "caduca", certificate->ends_ms);
    json_put_bool(out, "propio", certificate->is_own);
    json_close(out, '}');
}

/* Without its last figures: an open page is not told of each file that is written. */
static int64_t round_bytes(int64_t bytes)
{
    const int64_t step = 10000000;
    return bytes - bytes % step;
}

static void put_disk(struct buf *out, const struct box_facts *box)
{
    bool is_known = box->disk_total != 0;
    json_put_int_if(out, "disco_libre", is_known, round_bytes(box->disk_free));
    json_put_int_if(out, "disco_usado_pc", is_known, box_used_percent(box));
    json_put_bool_if(out, "disco_acaba", is_known, box_disk_ends(box));
}

static void put_box(const struct estado_view *view, struct buf *out)
{
    struct service *service = view->service;
    const struct box_facts *box = box_look(service);
    json_open(out, "equipo", '{');
    json_put_utc_or_null(out, "arranque", service->installation.started_ms);
    put_disk(out, box);
    json_put_utc_or_null(out, "copia", box->copy_ms);
    put_certificate(out, &service->certificate);
    json_close(out, '}');
}

/* null in a database of one box. */
static void put_boxes(const struct estado_view *view, struct buf *out)
{
    const struct boxes_seen *seen = &view->service->facts.boxes;
    if (seen->read_us == 0) {
        json_put_null(out, "equipos");
        return;
    }
    json_open(out, "equipos", '[');
    for (size_t i = 0; i < seen->count; i++) {
        char storage[VERDICT_TEXT_SIZE];
        struct buf sentence;
        const struct verdict_box box = facts_box_of(seen, &seen->rows[i]);
        buf_init(&sentence, storage, sizeof(storage));
        verdict_say_box(&box, view->now_ms, view->lang, &sentence);
        json_open(out, NULL, '{');
        json_put_text(out, "nombre", box.name);
        json_put_utc(out, "visto", box.seen_ms);
        json_put_bool(out, "ausente", box.is_gone);
        json_put_bool(out, "puede_enviar", box.can_send);
        json_put_int(out, "modems", box.modems);
        json_put_int(out, "listos", box.is_gone ? 0 : box.ready);
        json_put_bool(out, "tareas", seen->rows[i].state.leads && !box.is_gone);
        json_put_text(out, "frase", buf_cstr(&sentence));
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* ---- the verdict ------------------------------------------------------------------------------*/

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

static void write_verdict(struct buf *out, const struct verdict *verdict, enum text_lang lang)
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

/* Last of all: what was read before may have met some trouble. */
static void put_verdict(const struct estado_view *view, struct buf *out)
{
    struct facts facts;
    struct verdict verdict;
    facts_collect(view->service, caller_sees_exactly(view->caller), &facts);
    verdict_judge(&facts.told, &verdict);
    write_verdict(out, &verdict, view->lang);
}

enum cc_err estado_put(const struct estado_view *view, struct buf *out)
{
    struct service *service = view->service;
    json_put_text(out, "entidad", service->installation.entity);
    json_put_text(out, "version", CC_VERSION);
    int64_t wall_ms = loop_wall_ms(service->loop); /* as it is, believed or not */
    json_put_utc(out, "hora", wall_ms);
    json_put_local(out, "hora_local", wall_ms);
    json_put_text(out, "zona", service->installation.zone);
    put_pause(out, service);
    enum cc_err err = put_stored(view, out);
    if (err != CC_OK)
        return err;
    put_modems(view, out);
    put_box(view, out);
    put_boxes(view, out);
    /* last: what was read above may have met the trouble */
    enum data_notice notice = health_notice(service);
    json_put_bool(out, "listo", health_can_send(service) && notice == DATA_FINE);
    json_put_text(out, "aviso_datos", notice_token(notice));
    put_integrity(out, service);
    avisos_put_status(view, out);
    put_verdict(view, out);
    return CC_OK;
}

const struct json_shape estado_shape = {.fields = {{"idioma", .optional = true, .max_bytes = 8}}};

enum cc_err estado_show(struct exchange *x, struct buf *out)
{
    struct estado_view view = {.service = x->service, .caller = &x->caller, .now_ms = x->now_ms};
    enum cc_err err = input_language(x, &x->in[0], x->problem.lang, &view.lang);
    if (err == CC_OK)
        err = estado_put(&view, out);
    if (err == CC_OK && x->caller.kind == CALLER_SESSION) /* a page: its stream follows */
        live_put_print(out);
    return err;
}
