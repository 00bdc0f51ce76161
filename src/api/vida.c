/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/registro/ciudadanos/{acto}: what staff do with a registration (suspension, reactivacion,
 * renuncia, defuncion, anulacion, movil), and its historia. The NIF is in the body.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/life.h"

enum { NIF, REASON, REFERENCE, NEW_PHONE };

#define FIELDS_OF_AN_ACT                                                                           \
    [NIF] = {"nif", .max_bytes = 64}, [REASON] = {"motivo", .max_bytes = 480},                     \
    [REFERENCE] = {"instancia", .optional = true, .max_bytes = 240}

const struct json_shape vida_act_shape = {.count = 3, .fields = {FIELDS_OF_AN_ACT}};
const struct json_shape vida_phone_shape = {
    .count = 4, .fields = {FIELDS_OF_AN_ACT, [NEW_PHONE] = {"movil", .max_bytes = 64}}};

static enum cc_err perform(struct exchange *x, enum life_act act, const struct json_value *in,
                           struct buf *out)
{
    char reason[LIFE_REASON_SIZE], reference[LIFE_REFERENCE_SIZE];
    struct life_order order = {
        .act = act, .reason = reason, .reference = reference, .caller = &x->caller};
    enum cc_err err = input_nif(x, &in[NIF], &order.nif);
    if (err == CC_OK)
        err = input_words(x, &in[REASON], "motivo", reason, sizeof(reason));
    if (err == CC_OK)
        err = input_words(x, &in[REFERENCE], "instancia", reference, sizeof(reference));
    if (err == CC_OK && act == LIFE_CHANGE_PHONE)
        err = input_phone(x, &in[NEW_PHONE], &order.phone);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &order.nif);
    if (err == CC_OK)
        err = ciudadanos_blame(x, life_perform(x->service, &order, x->now_ms));
    return err == CC_OK ? ciudadanos_put(x, &order.nif, out) : err;
}

enum cc_err vida_act(struct exchange *x, const struct json_value *in, struct buf *out)
{
    enum life_act act;
    enum cc_err err = life_act_parse(x->params[0].text, &act);
    if (err == CC_OK && (act == LIFE_ENROL || act == LIFE_CHANGE_PHONE))
        err = CC_ERR_NOT_FOUND; /* they have routes of their own */
    return err == CC_OK ? perform(x, act, in, out) : err;
}

enum cc_err vida_change_phone(struct exchange *x, const struct json_value *in, struct buf *out)
{
    return perform(x, LIFE_CHANGE_PHONE, in, out);
}

static void put_edge(const struct life_edge *edge, void *user)
{
    struct buf *out = user;
    json_open(out, NULL, '{');
    json_put_utc(out, "hora", edge->at_ms);
    json_put_text(out, "acto", life_act_token(edge->act));
    json_put_text(out, "via", citizen_channel_token(edge->channel));
    json_put_text(out, "quien", edge->actor);
    json_put_text(out, "motivo", edge->reason);
    json_put_text(out, "instancia", edge->reference);
    json_put_bool(out, "avisado", edge->message_id != 0);
    json_close(out, '}');
}

enum cc_err vida_tell(struct exchange *x, const struct json_value *in, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &in[NIF], &nif);
    if (err != CC_OK)
        return err;
    json_open(out, NULL, '{');
    json_open(out, "historia", '[');
    err = life_tell(x->service, &nif, put_edge, out);
    json_close(out, ']');
    json_close(out, '}');
    return err;
}
