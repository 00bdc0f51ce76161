/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/limites: every limit with its value, and today's counts of the town; POST
 * /v1/limites/busqueda: those of a citizen too. A count stops one over its limit, as it does where
 * it decides.
 */
#include "api/input.h"
#include "api/resources.h"
#include "domain/limits_table.h"
#include "http/json_write.h"
#include "store/citizens.h"
#include "store/failures.h"
#include "store/refusals.h"
#include "store/requests.h"

static void put_limits(struct buf *out, const struct limits *limits)
{
    json_open(out, "limites", '[');
    for (size_t i = 0; i < limits_rows_count; i++) {
        json_open(out, NULL, '{');
        json_put_text(out, "clave", limits_rows[i].key);
        json_put_int(out, "valor", limits_row_value(limits, &limits_rows[i]));
        json_put_text(out, "que", limits_rows[i].what);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static enum cc_err put_town(struct buf *out, struct service *service, int64_t now_ms)
{
    const struct limits *limits = &service->settings->limits;
    struct limits_town town = service->town.counted;
    bool asks = false;
    enum cc_err err = town_asks(service, &asks);
    if (err == CC_OK)
        err = failures_count_town(service->store, limits, now_ms, &town);
    if (err != CC_OK)
        return err;
    json_open(out, "municipio", '{');
    json_put_int(out, "nif_con_fallos_24h", town.nifs_day);
    json_put_int(out, "fallos_24h", town.failures_day);
    json_put_int(out, "fallos_30d", town.failures_month);
    json_put_int(out, "sms_hora", town.sends_hour);
    json_put_int(out, "sms_costumbre", town.sends_usual);
    json_put_bool(out, "pide_contraste", asks || limits->contrast_always != 0);
    json_close(out, '}');
    return CC_OK;
}

/* What the limits count of one citizen: of both ways of asking. */
struct figures {
    struct citizen citizen;
    struct limits_citizen open, proven;
    struct request requests[REQUEST_LIVE_MAX];
    size_t live;
};

static enum cc_err count(struct service *service, const struct nif *nif, int64_t now_ms,
                         struct figures *ret)
{
    const struct limits *limits = &service->settings->limits;
    struct store *store = service->store;
    enum cc_err err = citizens_find(store, nif, &ret->citizen);
    const struct citizen *citizen = &ret->citizen;
    if (err == CC_OK)
        err = failures_count_for(store, citizen->id, limits, now_ms, &ret->open);
    if (err == CC_OK)
        err = failures_count_contrasts(store, citizen->id, limits, "", now_ms, &ret->open);
    if (err == CC_OK)
        err = requests_count_for(store, citizen->id, citizen->phone.e164, false, limits, now_ms,
                                 &ret->open);
    if (err == CC_OK)
        err = requests_count_for(store, citizen->id, citizen->phone.e164, true, limits, now_ms,
                                 &ret->proven);
    if (err == CC_OK)
        err = refusals_count(store, citizen->nif_index, now_ms, &ret->open.refusals_hour,
                             &ret->open.refusals_minute);
    if (err == CC_OK)
        err = requests_live(store, citizen->id, limits, now_ms, ret->requests, &ret->live);
    return err;
}

static void put_citizen(struct buf *out, const struct figures *figures)
{
    char masked[NIF_MASK_SIZE];
    nif_mask(&figures->citizen.nif, masked);
    json_open(out, "persona", '{');
    json_put_text(out, "nif", masked);
    json_put_int(out, "vivas", (int64_t)figures->live);
    json_put_int(out, "enviadas_hora", figures->open.requests_hour);
    json_put_int(out, "enviadas_dia", figures->open.requests_day);
    json_put_int(out, "con_contraste_hora", figures->proven.requests_hour);
    json_put_int(out, "con_contraste_dia", figures->proven.requests_day);
    json_put_int(out, "sms_movil_dia", figures->open.phone_sms_day);
    json_put_int(out, "fallos_seguidos", figures->open.failures_in_a_row);
    json_put_int(out, "contrastes_erroneos_dia", figures->open.wrong_contrasts_day);
    json_put_int(out, "contrastes_erroneos_30d", figures->open.wrong_contrasts_month);
    json_put_int(out, "rechazos_hora", figures->open.refusals_hour);
    json_put_bool(out, "bloqueado", figures->citizen.locked);
    json_put_bool(out, "contraste_bloqueado", figures->citizen.contrast_locked);
    json_close(out, '}');
}

enum cc_err limites_show(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)in;
    json_open(out, NULL, '{');
    put_limits(out, &x->service->settings->limits);
    enum cc_err err = put_town(out, x->service, x->now_ms);
    json_close(out, '}');
    return err;
}

enum cc_err limites_find(struct exchange *x, const struct json_value *in, struct buf *out)
{
    struct figures figures = {0};
    struct nif nif;
    enum cc_err err = input_nif(x, &in[0], &nif);
    if (err == CC_OK)
        err = count(x->service, &nif, x->now_ms, &figures);
    if (err != CC_OK)
        return err;
    json_open(out, NULL, '{');
    put_limits(out, &x->service->settings->limits);
    err = put_town(out, x->service, x->now_ms);
    put_citizen(out, &figures);
    json_close(out, '}');
    secret_wipe(&figures, sizeof(figures));
    return err;
}
