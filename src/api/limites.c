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
#include "service/dossier.h"
#include "service/health.h"

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
    struct figures_town town;
    enum cc_err err = figures_count_town(service, now_ms, &town);
    if (err != CC_OK)
        return err;
    json_open(out, "municipio", '{');
    json_put_int(out, "nif_con_fallos_24h", town.counted.nifs_day);
    json_put_int(out, "fallos_24h", town.counted.failures_day);
    json_put_int(out, "fallos_30d", town.counted.failures_month);
    json_put_int(out, "sms_hora", town.counted.sends_hour);
    json_put_int(out, "sms_costumbre", town.counted.sends_usual);
    json_put_bool(out, "pide_contraste", town.asks_contrast);
    json_close(out, '}');
    return CC_OK;
}

static void put_citizen(struct buf *out, const struct figures_citizen *figures)
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

enum cc_err limites_show(struct exchange *x, struct buf *out)
{
    put_limits(out, &x->service->settings->limits);
    return put_town(out, x->service, x->now_ms);
}

enum cc_err limites_find(struct exchange *x, struct buf *out)
{
    CC_WIPED(figures_citizen) figures = {0};
    struct nif nif;
    enum cc_err err = input_nif(x, &x->in[0], &nif);
    if (err == CC_OK)
        err = figures_count_citizen(x->service, &nif, x->now_ms, &figures);
    if (err != CC_OK)
        return err;
    put_limits(out, &x->service->settings->limits);
    err = put_town(out, x->service, x->now_ms);
    put_citizen(out, &figures);
    return err == CC_OK
               ? dossier_note_look(x->service, DOSSIER_LOOK_PERSON, &nif, &x->caller, x->now_ms)
               : err;
}
