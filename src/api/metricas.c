/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /metrics: the box in the Prometheus text format. A caller who may also ask for contraclaves,
 * and a program on this computer without a token, get what single messages would change rounded
 * down to tens, as in /v1/estado: neither can see whether a request sent a message.
 */
#include "api/exposition.h"
#include "api/resources.h"
#include "base/span.h"
#include "domain/scopes.h"
#include "http/exchange.h"
#include "http/tally.h"
#include "service/alerts.h"
#include "service/facts.h"
#include "service/health.h"

#include <string.h>

enum { STEP = 10, MINUTE_S = 60 };

#define LABELS EXPOSITION_LABELS

struct page {
    struct exchange *x;
    struct service *service;
    struct buf *out;
    bool is_exact;
    const char *family; /* that was opened last: the samples are of it */
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

static void open_family(struct page *page, const char *name, const char *type, const char *help)
{
    page->family = name;
    exposition_open(page->out, name, type, help);
}

static void put_sample(const struct page *page, const struct exposition_label *labels,
                       int64_t value)
{
    exposition_put(page->out, page->family, labels, value);
}

/* ---- the box ----------------------------------------------------------------------------------*/

static void put_build(struct page *page)
{
    open_family(page, "contraclaved_build_info", "gauge", "Versión del programa.");
    put_sample(page, LABELS({"version", CC_VERSION}), 1);
}

static void put_finding(const struct page *page, const struct verdict_item *item)
{
    if (item->reason != VERDICT_FINE)
        put_sample(page,
                   LABELS({"cause", verdict_reason_token(item->reason)},
                          {"modem", item->modem != NULL ? item->modem->name : ""}),
                   1);
}

static void put_verdict(struct page *page)
{
    struct facts facts;
    struct verdict verdict;
    facts_collect(page->service, page->is_exact, &facts);
    verdict_judge(&facts.told, &verdict);
    open_family(page, "contraclaved_verdict", "gauge",
                "1 en lo que el equipo dice ahora de si puede enviar.");
    for (int can = VERDICT_YES; can < VERDICT_CAN_COUNT; can++)
        put_sample(page, LABELS({"can", verdict_ability_token((enum verdict_can)can)}),
                   verdict.can == (enum verdict_can)can);
    open_family(page, "contraclaved_need", "gauge",
                "1 en lo que el equipo pide ahora a una persona.");
    for (int need = VERDICT_NOTHING; need < VERDICT_NEED_COUNT; need++)
        put_sample(page, LABELS({"need", verdict_need_token((enum verdict_need)need)}),
                   verdict.need == (enum verdict_need)need);
    open_family(page, "contraclaved_finding", "gauge",
                "Lo que va mal ahora; no hay ninguna muestra cuando todo va bien.");
    put_finding(page, &verdict.first);
    for (size_t i = 0; i < verdict.other_count; i++)
        put_finding(page, &verdict.others[i]);
}

/* Nothing in a database of one box. */
static void put_boxes(struct page *page)
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
    for (size_t f = 0; f < sizeof(families) / sizeof(families[0]) && seen->read_us > 0; f++) {
        open_family(page, families[f].name, "gauge", families[f].help);
        for (size_t i = 0; i < seen->count; i++) {
            const struct verdict_box box = facts_box_of(seen, &seen->rows[i]);
            const int64_t values[] = {!box.is_gone, box.can_send, box.modems,
                                      box.is_gone ? 0 : box.ready, box.seen_ms / MS_PER_S};
            put_sample(page, LABELS({"box", box.name}), values[f]);
        }
    }
}

/* Nothing where the database cannot be read: the verdict tells that. */
static void put_queue(struct page *page)
{
    struct outbox_waiting classes[OUTBOX_NOTICE + 1];
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++)
        if (health_look_waiting(page->service, (enum outbox_class)class_, &classes[class_]) !=
            CC_OK)
            return;
    open_family(page, "contraclaved_queue_messages", "gauge", "Mensajes que esperan salir.");
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++)
        put_sample(page, LABELS({"class", outbox_class_token((enum outbox_class)class_)}),
                   count_shown(page, (uint64_t)classes[class_].count));
    open_family(page, "contraclaved_queue_oldest_seconds", "gauge",
                "Cuánto lleva esperando el más antiguo; 0 si no espera ninguno.");
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++) {
        int64_t since_ms = classes[class_].oldest_ms;
        int64_t wait_s = since_ms > 0 ? (page->x->now_ms - since_ms) / MS_PER_S : 0;
        put_sample(page, LABELS({"class", outbox_class_token((enum outbox_class)class_)}),
                   page->is_exact ? wait_s : wait_s - wait_s % MINUTE_S);
    }
}

static void put_histogram(struct page *page, const char *name, const char *help,
                          const struct metrics_histogram *histogram)
{
    char storage[64], bound[24];
    struct buf series;
    uint64_t below = 0;
    open_family(page, name, "histogram", help);
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
static void put_latencies(struct page *page)
{
    const struct metrics *metrics = &page->service->metrics;
    if (!page->is_exact)
        return;
    put_histogram(page, "contraclaved_handover_seconds",
                  "Desde que se pide un mensaje hasta que la red lo toma.", &metrics->handover);
    put_histogram(page, "contraclaved_delivery_seconds",
                  "Desde que se pide un mensaje hasta que llega al teléfono.", &metrics->delivery);
}

static void put_messages(struct page *page)
{
    static const enum outbox_state outcomes[] = {OUTBOX_SENT,        OUTBOX_DELIVERED,
                                                 OUTBOX_UNDELIVERED, OUTBOX_UNKNOWN,
                                                 OUTBOX_FAILED,      OUTBOX_QUEUED};
    const struct metrics *metrics = &page->service->metrics;
    open_family(page, "contraclaved_messages_total", "counter",
                "Lo que ha sido de los mensajes; en_cola: tuvo que volver a ella.");
    for (int class_ = 0; class_ <= OUTBOX_NOTICE; class_++)
        for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
            put_sample(page,
                       LABELS({"class", outbox_class_token((enum outbox_class)class_)},
                              {"outcome", outbox_state_token(outcomes[i])}),
                       count_shown(page, metrics->messages[class_][outcomes[i]]));
    open_family(page, "contraclaved_messages_expired_total", "counter",
                "Mensajes que caducaron sin salir.");
    put_sample(page, NULL, count_shown(page, metrics->expired));
}

static void put_verifications(struct page *page)
{
    open_family(page, "contraclaved_verifications_total", "counter",
                "Verificaciones, por resultado.");
    for (int i = 0; i < METRICS_VERIFICATION_COUNT; i++)
        put_sample(page,
                   LABELS({"result", metrics_verification_token((enum metrics_verification)i)}),
                   (int64_t)page->service->metrics.verifications[i]);
}

/* ---- the modems -------------------------------------------------------------------------------*/

static void put_states(const struct page *page, const struct modem_status *status)
{
    for (int state = 0; state < MODEM_STATE_COUNT; state++)
        put_sample(
            page,
            LABELS({"modem", status->name}, {"state", modem_state_token((enum modem_state)state)}),
            status->state == (enum modem_state)state);
}

static void put_supply(const struct page *page, const struct modem_status *status)
{
    if (status->sample.supply_mv != MODEM_SAMPLE_UNKNOWN)
        exposition_put_milli(page->out, page->family, LABELS({"modem", status->name}),
                             status->sample.supply_mv);
}

static void put_sent(const struct page *page, const struct modem_status *status)
{
    const struct {
        const char *outcome;
        unsigned long count;
    } rows[] = {{outbox_state_token(OUTBOX_SENT), status->counters.sent},
                {outbox_state_token(OUTBOX_FAILED), status->counters.refused},
                {outbox_state_token(OUTBOX_UNKNOWN), status->counters.unknown}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        put_sample(page, LABELS({"modem", status->name}, {"outcome", rows[i].outcome}),
                   count_shown(page, rows[i].count));
}

/* A family with `put` writes its samples itself; of the others, each modem has one number. */
static const struct {
    const char *name, *type, *help;
    void (*put)(const struct page *page, const struct modem_status *status);
} modem_families[] = {
    {"contraclaved_modem_state", "gauge", "1 en el estado en que está el módem.", put_states},
    {"contraclaved_modem_signal_dbm", "gauge", "Señal de la red móvil.", NULL},
    {"contraclaved_modem_temperature_celsius", "gauge", "Temperatura del módem.", NULL},
    {"contraclaved_modem_supply_volts", "gauge", "Tensión que llega al módem.", put_supply},
    {"contraclaved_modem_recovery_step", "gauge",
     "Peldaño de la recuperación en que está el módem; 0 si no se está recuperando.", NULL},
    {"contraclaved_modem_messages_total", "counter", "Intentos de envío por este módem.", put_sent},
    {"contraclaved_modem_received_total", "counter", "SMS recibidos.", NULL},
    {"contraclaved_modem_losses_total", "counter", "Veces que se ha perdido el módem.", NULL},
    {"contraclaved_modem_garbage_lines_total", "counter", "Líneas del módem sin sentido.", NULL},
};
enum { MODEM_FAMILIES = sizeof(modem_families) / sizeof(modem_families[0]) };

static void put_modem(const struct page *page, size_t family, const struct modem_status *status)
{
    /* in the order of the families; 0 for those that write their own */
    const int64_t values[MODEM_FAMILIES] = {0,
                                            status->sample.signal_dbm,
                                            status->sample.temperature_c,
                                            0,
                                            status->recovery.step,
                                            0,
                                            count_shown(page, status->counters.received),
                                            (int64_t)status->counters.losses,
                                            count_shown(page, status->counters.garbage)};
    if (modem_families[family].put != NULL)
        modem_families[family].put(page, status);
    else if (values[family] != MODEM_SAMPLE_UNKNOWN)
        put_sample(page, LABELS({"modem", status->name}), values[family]);
}

static void put_modems(struct page *page)
{
    const struct pool *pool = page->service->pool;
    for (size_t f = 0; f < MODEM_FAMILIES; f++) {
        open_family(page, modem_families[f].name, modem_families[f].type, modem_families[f].help);
        for (size_t i = 0; i < pool_count(pool); i++) {
            struct modem_status status;
            modem_status(pool_at(pool, i), &status);
            put_modem(page, f, &status);
        }
    }
}

static void put_rungs(struct page *page)
{
    const struct metrics *metrics = &page->service->metrics;
    open_family(page, "contraclaved_modem_recoveries_total", "counter",
                "Peldaños de la recuperación que se han probado, y si el módem volvió.");
    for (size_t i = 0; i < metrics->rung_count; i++) {
        const struct metrics_rung *row = &metrics->rungs[i];
        const struct exposition_label modem = {"modem", row->modem}, rung = {"rung", row->rung};
        put_sample(page, LABELS(modem, rung, {"result", "volvio"}), (int64_t)row->worked);
        put_sample(page, LABELS(modem, rung, {"result", "no_volvio"}), (int64_t)row->failed);
    }
}

/* ---- alerts and HTTP --------------------------------------------------------------------------*/

static void put_alerts(struct page *page)
{
    if (page->service->senders.alerts == NULL)
        return;
    open_family(page, "contraclaved_alerts_total", "counter",
                "Avisos que se han intentado enviar, por canal y resultado.");
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++) {
        struct alert_channel_status status;
        const struct exposition_label channel = {"channel",
                                                 alert_channel_token((enum alert_channel)i)};
        alerts_status(page->service->senders.alerts, (enum alert_channel)i, &status);
        put_sample(page, LABELS(channel, {"result", "enviado"}), (int64_t)status.sent);
        put_sample(page, LABELS(channel, {"result", "fallo"}), (int64_t)status.failed);
    }
}

static void put_requests(struct page *page)
{
    const struct http_context *context = page->x->context;
    const struct tally *tally = context->tally;
    open_family(page, "contraclaved_http_requests_total", "counter",
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
            put_sample(page,
                       LABELS({"method", is_route ? context->routes[i].method : ""},
                              {"route", path}, {"status", storage}),
                       (int64_t)tally->rows[i].cells[c].count);
        }
    }
}

enum cc_err metricas_show(struct exchange *x, struct buf *out)
{
    static void (*const parts[])(struct page * page) = {
        put_build,         put_verdict, put_boxes, put_queue,  put_messages, put_latencies,
        put_verifications, put_modems,  put_rungs, put_alerts, put_requests};
    struct page page = {
        .x = x, .service = x->service, .out = out, .is_exact = sees_exactly(&x->caller)};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        parts[i](&page);
    return CC_OK;
}
