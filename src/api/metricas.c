/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /metrics: the box in the Prometheus text format. A caller who may also ask for contraclaves,
 * and a program on this computer without a token, get what single messages would change rounded
 * down to tens, as in /v1/estado: neither can see whether a request sent a message.
 */
#include "api/exposition.h"
#include "api/resources.h"
#include "domain/scopes.h"
#include "http/exchange.h"
#include "http/tally.h"
#include "service/alerts.h"
#include "service/facts.h"
#include "service/health.h"

#include <string.h>

enum { STEP = 10, MINUTE_S = 60, MS_PER_S = 1000 };

#define LABELS EXPOSITION_LABELS

struct page {
    struct exchange *x;
    struct service *service;
    struct buf *out;
    bool is_exact;
};

static bool sees_exactly(const struct caller *caller)
{
    unsigned senders = SCOPE_SOLICITAR | SCOPE_VERIFICAR | SCOPE_ADMIN;
    return caller_sees_exactly(caller) ? caller->kind != CALLER_ANYONE
                                       : (caller->scopes & senders) == 0;
}

static int64_t count_shown(const struct page *page, uint64_t count)
{
    return (int64_t)(page->is_exact ? count : count - count % STEP);
}

/* ---- the box ----------------------------------------------------------------------------------*/

static void put_build(const struct page *page)
{
    exposition_open(page->out, "contraclaved_build_info", "gauge", "Versión del programa.");
    exposition_put(page->out, "contraclaved_build_info", LABELS({"version", CC_VERSION}), 1);
}

static void put_finding(const struct page *page, const struct verdict_item *item)
{
    if (item->reason != VERDICT_FINE)
        exposition_put(page->out, "contraclaved_finding",
                       LABELS({"cause", verdict_reason_token(item->reason)},
                              {"modem", item->modem != NULL ? item->modem->name : ""}),
                       1);
}

static void put_verdict(const struct page *page)
{
    struct buf *out = page->out;
    struct facts facts;
    struct verdict verdict;
    facts_collect(page->service, page->is_exact, &facts);
    verdict_judge(&facts.told, &verdict);
    exposition_open(out, "contraclaved_verdict", "gauge",
                    "1 en lo que el equipo dice ahora de si puede enviar.");
    for (int can = VERDICT_YES; can < VERDICT_CAN_COUNT; can++)
        exposition_put(out, "contraclaved_verdict",
                       LABELS({"can", verdict_ability_token((enum verdict_can)can)}),
                       verdict.can == (enum verdict_can)can);
    exposition_open(out, "contraclaved_need", "gauge",
                    "1 en lo que el equipo pide ahora a una persona.");
    for (int need = VERDICT_NOTHING; need < VERDICT_NEED_COUNT; need++)
        exposition_put(out, "contraclaved_need",
                       LABELS({"need", verdict_need_token((enum verdict_need)need)}),
                       verdict.need == (enum verdict_need)need);
    exposition_open(out, "contraclaved_finding", "gauge",
                    "Lo que va mal ahora; no hay ninguna muestra cuando todo va bien.");
    put_finding(page, &verdict.first);
    for (size_t i = 0; i < verdict.other_count; i++)
        put_finding(page, &verdict.others[i]);
}

/* Nothing in a database of one box. */
static void put_boxes(const struct page *page)
{
    static const struct {
        const char *name, *help;
    } families[] = {
        {"contraclaved_box_up",
         "1 si el equipo da señales; de los que comparten la base de datos."},
        {"contraclaved_box_can_send", "1 si el equipo puede enviar."},
        {"contraclaved_box_modems", "Módems del equipo."},
        {"contraclaved_box_modems_ready", "Módems del equipo que pueden enviar."},
        {"contraclaved_box_seen_timestamp_seconds", "Última señal del equipo."},
    };
    const struct boxes_seen *seen = &page->service->facts.boxes;
    for (size_t f = 0; f < sizeof(families) / sizeof(families[0]) && seen->read_ms > 0; f++) {
        exposition_open(page->out, families[f].name, "gauge", families[f].help);
        for (size_t i = 0; i < seen->count; i++) {
            const struct verdict_box box = facts_box_of(seen, &seen->rows[i]);
            const int64_t values[] = {!box.is_gone, box.can_send, box.modems,
                                      box.is_gone ? 0 : box.ready, box.seen_ms / MS_PER_S};
            exposition_put(page->out, families[f].name, LABELS({"box", box.name}), values[f]);
        }
    }
}

/* Nothing where the database cannot be read: the verdict tells that. */
static void put_queue(const struct page *page)
{
    struct outbox_waiting classes[OUTBOX_NOTICE + 1];
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++)
        if (health_look_waiting(page->service, (enum outbox_class)class_, &classes[class_]) !=
            CC_OK)
            return;
    exposition_open(page->out, "contraclaved_queue_messages", "gauge",
                    "Mensajes que esperan salir.");
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++)
        exposition_put(page->out, "contraclaved_queue_messages",
                       LABELS({"class", outbox_class_token((enum outbox_class)class_)}),
                       count_shown(page, (uint64_t)classes[class_].count));
    exposition_open(page->out, "contraclaved_queue_oldest_seconds", "gauge",
                    "Cuánto lleva esperando el más antiguo; 0 si no espera ninguno.");
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++) {
        int64_t since_ms = classes[class_].oldest_ms;
        int64_t wait_s = since_ms > 0 ? (page->x->now_ms - since_ms) / MS_PER_S : 0;
        exposition_put(page->out, "contraclaved_queue_oldest_seconds",
                       LABELS({"class", outbox_class_token((enum outbox_class)class_)}),
                       page->is_exact ? wait_s : wait_s - wait_s % MINUTE_S);
    }
}

static void put_histogram(const struct page *page, const char *name, const char *help,
                          const struct metrics_histogram *histogram)
{
    char storage[64], bound[24];
    struct buf series;
    uint64_t below = 0;
    exposition_open(page->out, name, "histogram", help);
    buf_init(&series, storage, sizeof(storage));
    buf_fmt(&series, "%s_bucket", name);
    const char *bucket = buf_cstr(&series);
    for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
        struct buf text;
        buf_init(&text, bound, sizeof(bound));
        if (i < METRICS_BUCKETS)
            buf_fmt(&text, "%lld", (long long)metrics_bounds_s[i]);
        else
            buf_str(&text, "+Inf");
        below += histogram->counts[i];
        exposition_put(page->out, bucket, LABELS({"le", buf_cstr(&text)}), (int64_t)below);
    }
    buf_init(&series, storage, sizeof(storage));
    buf_fmt(&series, "%s_sum", name);
    exposition_put_milli(page->out, buf_cstr(&series), NULL, histogram->sum_ms);
    buf_init(&series, storage, sizeof(storage));
    buf_fmt(&series, "%s_count", name);
    exposition_put(page->out, buf_cstr(&series), NULL, (int64_t)below);
}

/* The sum of a histogram tells each message: not for a caller who must not see single ones. */
static void put_latencies(const struct page *page)
{
    const struct metrics *metrics = &page->service->metrics;
    if (!page->is_exact)
        return;
    put_histogram(page, "contraclaved_handover_seconds",
                  "Desde que se pide un mensaje hasta que la red lo toma.", &metrics->handover);
    put_histogram(page, "contraclaved_delivery_seconds",
                  "Desde que se pide un mensaje hasta que llega al teléfono.", &metrics->delivery);
}

static void put_messages(const struct page *page)
{
    static const enum outbox_state outcomes[] = {OUTBOX_SENT,        OUTBOX_DELIVERED,
                                                 OUTBOX_UNDELIVERED, OUTBOX_UNKNOWN,
                                                 OUTBOX_FAILED,      OUTBOX_QUEUED};
    const struct metrics *metrics = &page->service->metrics;
    exposition_open(page->out, "contraclaved_messages_total", "counter",
                    "Lo que ha sido de los mensajes; en_cola: tuvo que volver a ella.");
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++)
        for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
            exposition_put(page->out, "contraclaved_messages_total",
                           LABELS({"class", outbox_class_token((enum outbox_class)class_)},
                                  {"outcome", outbox_state_token(outcomes[i])}),
                           count_shown(page, metrics->messages[class_][outcomes[i]]));
    exposition_open(page->out, "contraclaved_messages_expired_total", "counter",
                    "Mensajes que caducaron sin salir.");
    exposition_put(page->out, "contraclaved_messages_expired_total", NULL,
                   count_shown(page, metrics->expired));
}

static void put_verifications(const struct page *page)
{
    exposition_open(page->out, "contraclaved_verifications_total", "counter",
                    "Verificaciones, por resultado.");
    for (int i = 0; i < METRICS_VERIFICATION_COUNT; i++)
        exposition_put(page->out, "contraclaved_verifications_total",
                       LABELS({"result", metrics_verification_token((enum metrics_verification)i)}),
                       (int64_t)page->service->metrics.verifications[i]);
}

/* ---- the modems -------------------------------------------------------------------------------*/

static void put_states(const struct page *page, const char *name, const struct modem_status *status)
{
    for (int state = 0; state < MODEM_STATE_COUNT; state++)
        exposition_put(
            page->out, name,
            LABELS({"modem", status->name}, {"state", modem_state_token((enum modem_state)state)}),
            status->state == (enum modem_state)state);
}

static void put_known(const struct page *page, const char *name, const struct modem_status *status,
                      int value)
{
    if (value != MODEM_SAMPLE_UNKNOWN)
        exposition_put(page->out, name, LABELS({"modem", status->name}), value);
}

static void put_signal(const struct page *page, const char *name, const struct modem_status *status)
{
    put_known(page, name, status, status->sample.signal_dbm);
}

static void put_temperature(const struct page *page, const char *name,
                            const struct modem_status *status)
{
    put_known(page, name, status, status->sample.temperature_c);
}

static void put_supply(const struct page *page, const char *name, const struct modem_status *status)
{
    if (status->sample.supply_mv != MODEM_SAMPLE_UNKNOWN)
        exposition_put_milli(page->out, name, LABELS({"modem", status->name}),
                             status->sample.supply_mv);
}

static void put_step(const struct page *page, const char *name, const struct modem_status *status)
{
    exposition_put(page->out, name, LABELS({"modem", status->name}), status->recovery.step);
}

static void put_losses(const struct page *page, const char *name, const struct modem_status *status)
{
    exposition_put(page->out, name, LABELS({"modem", status->name}),
                   (int64_t)status->counters.losses);
}

static void put_garbage(const struct page *page, const char *name,
                        const struct modem_status *status)
{
    exposition_put(page->out, name, LABELS({"modem", status->name}),
                   count_shown(page, status->counters.garbage));
}

static void put_received(const struct page *page, const char *name,
                         const struct modem_status *status)
{
    exposition_put(page->out, name, LABELS({"modem", status->name}),
                   count_shown(page, status->counters.received));
}

static void put_sent(const struct page *page, const char *name, const struct modem_status *status)
{
    const struct {
        const char *outcome;
        unsigned long count;
    } rows[] = {{outbox_state_token(OUTBOX_SENT), status->counters.sent},
                {outbox_state_token(OUTBOX_FAILED), status->counters.refused},
                {outbox_state_token(OUTBOX_UNKNOWN), status->counters.unknown}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        exposition_put(page->out, name,
                       LABELS({"modem", status->name}, {"outcome", rows[i].outcome}),
                       count_shown(page, rows[i].count));
}

static const struct {
    const char *name, *type, *help;
    void (*put)(const struct page *page, const char *name, const struct modem_status *status);
} modem_families[] = {
    {"contraclaved_modem_state", "gauge", "1 en el estado en que está el módem.", put_states},
    {"contraclaved_modem_signal_dbm", "gauge", "Señal de la red móvil.", put_signal},
    {"contraclaved_modem_temperature_celsius", "gauge", "Temperatura del módem.", put_temperature},
    {"contraclaved_modem_supply_volts", "gauge", "Tensión que llega al módem.", put_supply},
    {"contraclaved_modem_recovery_step", "gauge",
     "Peldaño de la recuperación en que está el módem; 0 si no se está recuperando.", put_step},
    {"contraclaved_modem_messages_total", "counter", "Intentos de envío por este módem.", put_sent},
    {"contraclaved_modem_received_total", "counter", "SMS recibidos.", put_received},
    {"contraclaved_modem_losses_total", "counter", "Veces que se ha perdido el módem.", put_losses},
    {"contraclaved_modem_garbage_lines_total", "counter", "Líneas del módem sin sentido.",
     put_garbage},
};

static void put_modems(const struct page *page)
{
    const struct pool *pool = page->service->pool;
    for (size_t f = 0; f < sizeof(modem_families) / sizeof(modem_families[0]); f++) {
        exposition_open(page->out, modem_families[f].name, modem_families[f].type,
                        modem_families[f].help);
        for (size_t i = 0; i < pool_count(pool); i++) {
            struct modem_status status;
            modem_status(pool_at(pool, i), &status);
            modem_families[f].put(page, modem_families[f].name, &status);
        }
    }
}

static void put_rungs(const struct page *page)
{
    const struct metrics *metrics = &page->service->metrics;
    exposition_open(page->out, "contraclaved_modem_recoveries_total", "counter",
                    "Peldaños de la recuperación que se han probado, y si el módem volvió.");
    for (size_t i = 0; i < metrics->rung_count; i++) {
        const struct metrics_rung *row = &metrics->rungs[i];
        const struct exposition_label modem = {"modem", row->modem}, rung = {"rung", row->rung};
        exposition_put(page->out, "contraclaved_modem_recoveries_total",
                       LABELS(modem, rung, {"result", "volvio"}), (int64_t)row->worked);
        exposition_put(page->out, "contraclaved_modem_recoveries_total",
                       LABELS(modem, rung, {"result", "no_volvio"}), (int64_t)row->failed);
    }
}

/* ---- alerts and HTTP
 * -------------------------------------------------------------------------------------*/

static void put_alerts(const struct page *page)
{
    if (page->service->senders.alerts == NULL)
        return;
    exposition_open(page->out, "contraclaved_alerts_total", "counter",
                    "Avisos que se han intentado enviar, por canal y resultado.");
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++) {
        struct alert_channel_status status;
        const struct exposition_label channel = {"channel",
                                                 alert_channel_token((enum alert_channel)i)};
        alerts_status(page->service->senders.alerts, (enum alert_channel)i, &status);
        exposition_put(page->out, "contraclaved_alerts_total",
                       LABELS(channel, {"result", "enviado"}), (int64_t)status.sent);
        exposition_put(page->out, "contraclaved_alerts_total", LABELS(channel, {"result", "fallo"}),
                       (int64_t)status.failed);
    }
}

static void put_requests(const struct page *page)
{
    const struct http_context *context = page->x->context;
    const struct tally *tally = context->tally;
    exposition_open(page->out, "contraclaved_http_requests_total", "counter",
                    "Respuestas, por ruta y código; paginas: ficheros; ninguna: rutas que no hay.");
    for (size_t i = 0; i < tally->row_count; i++) {
        bool is_route = i < context->route_count;
        const char *path = is_route                    ? context->routes[i].path
                           : i == context->route_count ? "paginas"
                                                       : "ninguna";
        for (size_t c = 0; c < TALLY_STATUSES && tally->rows[i].cells[c].count > 0; c++) {
            char storage[16] = "otros";
            struct buf status;
            buf_init(&status, storage, sizeof(storage));
            if (tally->rows[i].cells[c].status != 0) {
                buf_fmt(&status, "%u", tally->rows[i].cells[c].status);
                (void)buf_cstr(&status);
            }
            exposition_put(page->out, "contraclaved_http_requests_total",
                           LABELS({"method", is_route ? context->routes[i].method : ""},
                                  {"route", path}, {"status", storage}),
                           (int64_t)tally->rows[i].cells[c].count);
        }
    }
}

enum cc_err metricas_show(struct exchange *x, struct buf *out)
{
    static void (*const parts[])(const struct page *page) = {
        put_build,         put_verdict, put_boxes, put_queue,  put_messages, put_latencies,
        put_verifications, put_modems,  put_rungs, put_alerts, put_requests};
    const struct page page = {
        .x = x, .service = x->service, .out = out, .is_exact = sees_exactly(&x->caller)};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        parts[i](&page);
    return CC_OK;
}
