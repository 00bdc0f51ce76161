/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/modems/{nombre}/historia: what a modem told over time, and how it was brought back.
 * GET /v1/historia: the queue and the deliveries of the box. Rows of numbers under one line of
 * names, as plots take them: a month is 3000.
 */
#include "api/estado.h"
#include "api/input.h"
#include "api/resources.h"
#include "base/span.h"
#include "http/json_write.h"
#include "service/health.h"

#include <string.h>

enum { RECOVERIES_SHOWN = 60 };

enum { SINCE, DETAIL };

const struct json_shape historia_shape = {
    .fields = {[SINCE] = {"desde", .optional = true, .max_bytes = 64},
               [DETAIL] = {"detalle", .optional = true, .max_bytes = 16}},
};

/* How long a row lasts at least. */
static const struct {
    const char *name;
    int64_t span_ms;
} details[] = {{"minutos", 0}, {"cuartos", 15 * MINUTE_MS}, {"dias", DAY_MS}};

static enum cc_err parse_detail(struct exchange *x, const struct json_value *given,
                                int64_t *ret_span_ms)
{
    *ret_span_ms = 0;
    if (given->text == NULL)
        return CC_OK;
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
        if (strcmp(given->text, details[i].name) == 0) {
            *ret_span_ms = details[i].span_ms;
            return CC_OK;
        }
    }
    return exchange_blame(x, "detalle", CC_ERR_RANGE);
}

/* "2027-01-01T00:00:00Z"; a day ago when the field is absent. */
static enum cc_err parse_since(struct exchange *x, const struct json_value *given, int64_t *ret_ms)
{
    *ret_ms = x->now_ms - DAY_MS;
    return given->text == NULL ? CC_OK : input_instant(x, given, "desde", 0, x->now_ms, ret_ms);
}

static const char *const columns[] = {
    "hora_s",        "muestras",      "con_red",    "senal_dbm",     "senal_minima_dbm",
    "rsrp_dbm",      "rsrq_decimas",  "tecnologia", "temperatura_c", "alimentacion_mv",
    "memoria_usada", "memoria_total", "enviados",   "rechazados",    "inciertos",
};

struct listing {
    struct buf *out;
    const struct caller *caller;
};

static int64_t count_of(const struct listing *listing, int64_t count)
{
    return count == SAMPLES_UNKNOWN ? count : estado_count(listing->caller, count);
}

static void put_names(struct buf *out, const char *const *names, size_t count)
{
    json_open(out, "campos", '[');
    for (size_t i = 0; i < count; i++)
        json_put_text(out, NULL, names[i]);
    json_close(out, ']');
}

static void put_values(struct buf *out, const int64_t *values, size_t count)
{
    json_open(out, NULL, '[');
    for (size_t i = 0; i < count; i++)
        json_put_int_if(out, NULL, values[i] != SAMPLES_UNKNOWN, values[i]);
    json_close(out, ']');
}

static bool put_row(const struct samples_row *row, void *user)
{
    const struct listing *listing = user;
    const int64_t values[] = {
        row->start_ms / 1000,
        row->count,
        row->registered,
        row->signal_dbm,
        row->signal_min_dbm,
        row->rsrp_dbm,
        row->rsrq_cb,
        row->rat,
        row->temperature_c,
        row->supply_mv,
        row->storage_used,
        row->storage_total,
        count_of(listing, row->sent),
        count_of(listing, row->refused),
        count_of(listing, row->unknown),
    };
    _Static_assert(sizeof(values) / sizeof(values[0]) == sizeof(columns) / sizeof(columns[0]),
                   "a name for each number");
    put_values(listing->out, values, sizeof(values) / sizeof(values[0]));
    return true;
}

static bool put_recovery(const struct recovery *recovery, void *user)
{
    struct buf *out = user;
    json_open(out, NULL, '{');
    json_put_utc(out, "hora", recovery->at_ms);
    json_put_utc_or_null(out, "fin", recovery->ended_ms);
    json_put_text(out, "peldano", recovery->rung);
    json_put_text(out, "motivo", recovery->evidence);
    json_put_bool_if(out, "funciono", recovery->ended_ms != 0, recovery->worked);
    json_close(out, '}');
    return true;
}

static enum cc_err put_history(struct exchange *x, const struct modem *modem, int64_t since_ms,
                               int64_t span_ms, struct buf *out)
{
    struct listing listing = {out, &x->caller};
    put_names(out, columns, sizeof(columns) / sizeof(columns[0]));
    json_open(out, "filas", '[');
    enum cc_err err =
        service_list_samples(x->service, modem, since_ms, x->now_ms, put_row, &listing, &span_ms);
    json_close(out, ']');
    json_put_int(out, "segundos_por_fila", span_ms / 1000);
    json_open(out, "recuperaciones", '[');
    if (err == CC_OK)
        err = service_list_recoveries(x->service, modem, since_ms, RECOVERIES_SHOWN, put_recovery,
                                      out);
    json_close(out, ']');
    return err;
}

static enum cc_err parse_period(struct exchange *x, int64_t *ret_since_ms, int64_t *ret_span_ms)
{
    enum cc_err err = parse_since(x, &x->in[SINCE], ret_since_ms);
    return err == CC_OK ? parse_detail(x, &x->in[DETAIL], ret_span_ms) : err;
}

enum cc_err historia_show(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    int64_t since_ms = 0, span_ms = 0;
    enum cc_err err = input_modem(x, &modem);
    if (err == CC_OK)
        err = parse_period(x, &since_ms, &span_ms);
    if (err != CC_OK)
        return err;
    json_put_text(out, "nombre", modem_name(modem));
    json_put_utc(out, "desde", since_ms);
    return put_history(x, modem, since_ms, span_ms, out);
}

/* ---- the box --------------------------------------------------------------------------------- */

static const char *const box_columns[] = {
    "hora_s", "muestras", "en_cola", "entregados", "entrega_p50_s", "entrega_p90_s",
};

static bool put_box_row(const struct box_samples_row *row, void *user)
{
    bool has_deliveries = row->delivered > 0;
    const int64_t values[] = {
        row->start_ms / 1000,
        row->count,
        row->queued,
        row->delivered,
        has_deliveries ? row->p50_s : SAMPLES_UNKNOWN,
        has_deliveries ? row->p90_s : SAMPLES_UNKNOWN,
    };
    _Static_assert(sizeof(values) / sizeof(values[0]) ==
                       sizeof(box_columns) / sizeof(box_columns[0]),
                   "a name for each number");
    put_values(user, values, sizeof(values) / sizeof(values[0]));
    return true;
}

enum cc_err historia_show_box(struct exchange *x, struct buf *out)
{
    int64_t since_ms = 0, span_ms = 0;
    enum cc_err err = parse_period(x, &since_ms, &span_ms);
    if (err != CC_OK)
        return err;
    json_put_utc(out, "desde", since_ms);
    put_names(out, box_columns, sizeof(box_columns) / sizeof(box_columns[0]));
    json_open(out, "filas", '[');
    err = health_list_history(x->service, since_ms, x->now_ms, put_box_row, out, &span_ms);
    json_close(out, ']');
    json_put_int(out, "segundos_por_fila", span_ms / 1000);
    return err;
}
