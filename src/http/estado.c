/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1/estado (and /control/estado): the box at a glance, nothing personal in it. */
#include "base/clock.h"
#include "http/estado_modem.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "http/resources.h"
#include "service/health.h"
#include "service/watch.h"
#include "store/citizens.h"

#include <stdio.h>
#include <string.h>

static void put_modems(struct buf *out, const struct pool *pool)
{
    json_open(out, "modems", '[');
    for (size_t i = 0; i < pool_count(pool); i++)
        estado_put_modem(out, pool_at(pool, i));
    json_close(out, ']');
}

static enum cc_err put_queue(struct buf *out, struct service *service, int64_t now_ms)
{
    struct health_queue queue;
    enum cc_err err = health_queue_count(service, &queue);
    if (err != CC_OK)
        return err;
    json_open(out, "cola", '{');
    for (unsigned i = 0; i <= OUTBOX_EXPIRED; i++)
        json_put_int(out, outbox_state_token((enum outbox_state)i), queue.by_state[i]);
    json_put_int(out, "espera_s", queue.oldest_ms > 0 ? (now_ms - queue.oldest_ms) / 1000 : 0);
    json_close(out, '}');
    return CC_OK;
}

/* The clock behind the highest time ever seen: requests are being refused (DESIGN 10). */
static enum cc_err put_clock(struct buf *out, struct service *service, int64_t now_ms)
{
    char storage[256];
    struct buf advice;
    bool reliable;
    enum cc_err err = service_clock_is_reliable(service, now_ms, &reliable);
    if (err != CC_OK)
        return err;
    json_put_utc(out, "hora", now_ms);
    json_put_local(out, "hora_local", now_ms);
    json_put_bool(out, "reloj_fiable", reliable);
    buf_init(&advice, storage, sizeof(storage));
    watch_clock_advice(service, reliable, now_ms, &advice);
    json_put_text(out, "aviso_reloj", buf_cstr(&advice));
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
    bool is_failing = db_is_failing(service->store->db);
    json_put_bool(out, "listo", pool_is_ready(x->context->pool) && !is_failing);
    json_put_text(out, "aviso_datos", is_failing ? err_text(CC_ERR_DB) : "");
    enum cc_err err = put_clock(out, service, x->now_ms);
    if (err == CC_OK)
        err = put_town(out, service, x->now_ms);
    if (err == CC_OK)
        err = put_queue(out, service, x->now_ms);
    if (err == CC_OK)
        err = control_inbox_status(x, out);
    if (err != CC_OK)
        return err;
    put_modems(out, x->context->pool);
    json_close(out, '}');
    return CC_OK;
}
