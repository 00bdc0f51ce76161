/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/informe: one text file for a person who helps: versions, configuration without secrets,
 * what is wrong, status, events, recoveries, and the last that program and modems said. Each part
 * is at hand or a short query; long numbers are blanked in all of it.
 */
#include "api/estado.h"
#include "api/input.h"
#include "api/resources.h"
#include "domain/redact.h"
#include "http/json_write.h"
#include "service/chronicle.h"
#include "service/facts.h"
#include "service/health.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

enum {
    REPORT_SIZE = 160 * 1024,
    STATUS_SIZE = 48 * 1024,
    EVENTS_SHOWN = 200,
    RECOVERIES_SHOWN = 20,
    TRACES_SIZE = 48 * 1024, /* of all modems */
    TIME_SIZE = 32,
};

/* In Spanish, as contraclavectl speaks: the file goes to the people who help. */
static const enum text_lang report_lang = TEXT_LANG_ES;

static void put_title(struct buf *out, const char *title)
{
    buf_fmt(out, "\n== %s ==\n", title);
}

/* An instant in the town's zone. */
static void put_time(struct buf *out, int64_t at_ms)
{
    char text[TIME_SIZE] = "–";
    struct tm tm;
    time_t at = (time_t)(at_ms / 1000);
    if (at_ms > 0 && localtime_r(&at, &tm) != NULL)
        (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    buf_str(out, text);
}

static void put_versions(const struct estado_view *view, struct buf *out)
{
    const struct service *service = view->service;
    struct utsname machine;
    buf_fmt(out, "Informe de contraclaved %s\nEntidad: %s\nHecho: ", CC_VERSION,
            service->installation.entity);
    put_time(out, view->now_ms);
    buf_fmt(out, " (%s)\nEn marcha desde: ", service->installation.zone);
    put_time(out, service->installation.started_ms);
    buf_str(out, "\n");
    if (uname(&machine) == 0)
        buf_fmt(out, "Sistema: %s %s %s\n", machine.sysname, machine.release, machine.machine);
}

static void put_configuration(const struct estado_view *view, struct buf *out)
{
    const char *text = view->service->installation.config_text;
    const char *version = view->service->installation.config_version;
    put_title(out, "Configuración, sin secretos");
    buf_str(out, text != NULL ? text : "");
    if (version != NULL)
        buf_fmt(out, "Versión, como la dicen las evidencias: %s\n", version);
}

static void put_finding(const struct verdict *verdict, const struct verdict_item *item,
                        struct buf *out)
{
    verdict_say(verdict, item, report_lang, out);
    buf_str(out, "\n  ");
    verdict_say_action(verdict, item, report_lang, out);
    buf_str(out, "\n");
}

static void put_findings(const struct estado_view *view, struct buf *out)
{
    struct facts facts;
    struct verdict verdict;
    facts_collect(view->service, true, &facts);
    verdict_judge(&facts.told, &verdict);
    put_title(out, "Diagnóstico");
    put_finding(&verdict, &verdict.first, out);
    for (size_t i = 0; i < verdict.other_count; i++)
        put_finding(&verdict, &verdict.others[i], out);
    service_clock_advice(view->service, out);
    health_say_integrity(view->service, out);
    buf_str(out, "\n");
}

static void put_status(const struct estado_view *view, struct buf *out)
{
    char *storage = malloc(STATUS_SIZE);
    struct buf status;
    put_title(out, "Estado");
    if (storage == NULL)
        return;
    buf_init(&status, storage, STATUS_SIZE);
    json_open(&status, NULL, '{');
    enum cc_err err = estado_put(view, &status);
    json_close(&status, '}');
    const char *text = buf_cstr(&status);
    buf_str(out, err == CC_OK && text != NULL ? text : err_text(err));
    buf_str(out, "\n");
    free(storage);
}

static bool put_event(const struct event *event, void *user)
{
    struct buf *out = user;
    put_time(out, event->at_ms);
    buf_fmt(out, "  %-12s  ", chronicle_level_token(event->level));
    chronicle_say(event, report_lang, out);
    buf_str(out, "\n");
    return true;
}

static void put_events(const struct estado_view *view, struct buf *out)
{
    put_title(out, "Lo que ha pasado, lo último primero");
    enum cc_err err = chronicle_list(view->service, 0, EVENTS_SHOWN, put_event, out);
    if (err != CC_OK)
        buf_fmt(out, "%s\n", err_text(err));
}

static bool put_recovery(const struct recovery *recovery, void *user)
{
    struct buf *out = user;
    put_time(out, recovery->at_ms);
    buf_fmt(out, "  %s: %s (fin: ", recovery->rung, recovery->evidence);
    put_time(out, recovery->ended_ms);
    buf_fmt(out, "%s)\n", recovery->worked ? ", funcionó" : "");
    return true;
}

static void put_recoveries(const struct estado_view *view, const struct modem *modem,
                           struct buf *out)
{
    buf_fmt(out, "\n== Recuperaciones de «%s» ==\n", modem_name(modem));
    enum cc_err err =
        service_list_recoveries(view->service, modem, 0, RECOVERIES_SHOWN, put_recovery, out);
    if (err != CC_OK)
        buf_fmt(out, "%s\n", err_text(err));
}

static void put_trace(const struct modem *modem, size_t cap, struct buf *out)
{
    char *lines = malloc(cap);
    buf_fmt(out, "\n== Traza de «%s» ==\n", modem_name(modem));
    if (lines == NULL)
        return;
    (void)modem_trace(modem, lines, cap);
    buf_str(out, lines);
    free(lines);
}

static void put_modems(const struct estado_view *view, struct buf *out)
{
    const struct pool *pool = view->service->pool;
    size_t count = pool_count(pool);
    for (size_t i = 0; i < count; i++) {
        put_recoveries(view, pool_at(pool, i), out);
        put_trace(pool_at(pool, i), TRACES_SIZE / count, out);
    }
}

static void put_report(const struct estado_view *view, struct buf *out)
{
    static void (*const parts[])(const struct estado_view *view, struct buf *out) = {
        put_versions, put_configuration, put_findings, put_status, put_events, put_modems,
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        parts[i](view, out);
}

const struct json_shape informe_shape = {.fields = {{"formato", .optional = true, .max_bytes = 8}}};

/* A program gets it as JSON, with formato=json. */
static void answer_report(struct exchange *x, const char *text, struct buf *out)
{
    const char *format = x->in[0].text;
    if (format != NULL && strcmp(format, "json") == 0) {
        json_put_text(out, "informe", text);
        return;
    }
    out->len = 0;
    x->answer.type = "text/plain; charset=utf-8";
    answer_add_header(&x->answer, "Content-Disposition",
                      "attachment; filename=\"informe-contraclaved.txt\"");
    buf_str(out, text);
}

enum cc_err informe_show(struct exchange *x, struct buf *out)
{
    const struct estado_view view = {
        .service = x->service, .caller = &x->caller, .now_ms = x->now_ms, .lang = report_lang};
    char *storage = malloc(REPORT_SIZE);
    struct buf report;
    if (storage == NULL)
        return CC_ERR_MEMORY;
    buf_init(&report, storage, REPORT_SIZE - 1);
    put_report(&view, &report);
    storage[report.len] = '\0';
    redact_text(storage);
    answer_report(x, storage, out);
    free(storage);
    return CC_OK;
}
