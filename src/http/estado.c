/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1/estado (and /control/estado): the box at a glance, nothing personal in it. */
#include "base/clock.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "http/resources.h"
#include "service/health.h"
#include "store/citizens.h"

static void put_counters(struct buf *out, const struct modem_status *status)
{
    const struct {
        const char *key;
        unsigned long value;
    } rows[] = {
        {"enviados", status->sent},     {"rechazados", status->refused},
        {"inciertos", status->unknown}, {"informes", status->reports},
        {"perdidas", status->losses},   {"basura", status->garbage},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_put_int(out, rows[i].key, (int64_t)rows[i].value);
}

/* What the modem has not said is null, not a number that looks like an answer. */
static void put_known(struct buf *out, const char *key, int value, int unknown)
{
    if (value == unknown)
        json_put_null(out, key);
    else
        json_put_int(out, key, value);
}

static void put_modem(struct buf *out, const struct modem *modem)
{
    struct modem_status status;
    modem_status(modem, &status);
    json_open(out, NULL, '{');
    json_put_text(out, "nombre", status.name);
    json_put_text(out, "dispositivo", status.device);
    json_put_text(out, "estado", status.state_token);
    json_put_text(out, "detalle", status.detail);
    json_put_int(out, "segundos_en_estado", (clock_mono_us() - status.state_since_us) / 1000000);
    json_put_bool(out, "listo", status.state == MODEM_READY);
    json_put_bool(out, "enviando", status.sending);
    json_put_text(out, "controlador", status.driver);
    json_put_text(out, "fabricante", status.manufacturer);
    json_put_text(out, "modelo", status.model);
    json_put_text(out, "firmware", status.firmware);
    put_known(out, "senal_dbm", status.sample.signal_dbm, MODEM_SAMPLE_UNKNOWN);
    put_known(out, "registro_red", status.sample.registration, MODEM_SAMPLE_UNKNOWN);
    put_counters(out, &status);
    json_close(out, '}');
}

static void put_modems(struct buf *out, const struct pool *pool)
{
    json_open(out, "modems", '[');
    for (size_t i = 0; i < pool_count(pool); i++)
        put_modem(out, pool_at(pool, i));
    json_close(out, ']');
}

static enum cc_err put_queue(struct buf *out, struct service *service)
{
    struct health_queue queue;
    enum cc_err err = health_queue_count(service, &queue);
    if (err != CC_OK)
        return err;
    json_open(out, "cola", '{');
    for (unsigned i = 0; i <= OUTBOX_EXPIRED; i++)
        json_put_int(out, outbox_state_token((enum outbox_state)i), queue.by_state[i]);
    json_close(out, '}');
    return CC_OK;
}

/* The clock behind the highest time ever seen: requests are being refused (DESIGN 10). */
static enum cc_err put_clock(struct buf *out, struct service *service, int64_t now_ms)
{
    bool reliable;
    enum cc_err err = service_clock_is_reliable(service, now_ms, &reliable);
    if (err != CC_OK)
        return err;
    json_put_utc(out, "hora", now_ms);
    json_put_local(out, "hora_local", now_ms);
    json_put_bool(out, "reloj_fiable", reliable);
    return CC_OK;
}

static enum cc_err put_town(struct buf *out, struct service *service, int64_t now_ms)
{
    int64_t citizens;
    bool alarm;
    enum cc_err err = citizens_count(service->store, &citizens);
    if (err == CC_OK)
        err = health_town_alarm(service, now_ms, &alarm);
    if (err != CC_OK)
        return err;
    json_put_int(out, "ciudadanos", citizens);
    json_put_bool(out, "alarma", alarm);
    return CC_OK;
}

enum cc_err estado_show(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct service *service = x->context->service;
    (void)in;
    json_open(out, NULL, '{');
    json_put_text(out, "entidad", x->context->entity);
    json_put_text(out, "version", CC_VERSION);
    json_put_bool(out, "listo", pool_is_ready(x->context->pool));
    enum cc_err err = put_clock(out, service, x->now_ms);
    if (err == CC_OK)
        err = put_town(out, service, x->now_ms);
    if (err == CC_OK)
        err = put_queue(out, service);
    if (err != CC_OK)
        return err;
    put_modems(out, x->context->pool);
    json_close(out, '}');
    return CC_OK;
}
