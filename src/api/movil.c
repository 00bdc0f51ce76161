/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/registro/ciudadanos/{codigo|comprobacion|prueba} and /v1/registro/mensajes/{id}: the code
 * that proves a mobile at the desk, a test SMS, and how these messages go.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "domain/application.h"
#include "domain/clave.h"
#include "http/json_write.h"
#include "service/mobile.h"

#include <stdlib.h>

enum { NIF, PHONE, LANGUAGE }; /* of a code to send */
enum { CODE = 1, CHANNEL };    /* of a code to compare, behind the NIF */

const struct json_shape movil_send_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [PHONE] = {"movil", .optional = true, .max_bytes = 64},
               [LANGUAGE] = {"idioma", .optional = true, .max_bytes = 16}},
};
const struct json_shape movil_prove_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [CODE] = {"codigo", .max_bytes = 16},
               [CHANNEL] = {"via", .optional = true, .max_bytes = 16}},
};

enum cc_err movil_parse_code(struct exchange *x, const struct json_value *text, char *ret)
{
    enum cc_err err =
        clave_parse(text->text, text->len, APPLICATION_CODE_DIGITS, CC_ERR_CODE_FORMAT, ret);
    return exchange_blame(x, "codigo", err);
}

enum cc_err movil_blame(struct exchange *x, enum cc_err err)
{
    return err == CC_ERR_CODE_WRONG || err == CC_ERR_CODE_EXPIRED ? exchange_blame(x, "codigo", err)
                                                                  : err;
}

static void put_sent(const struct mobile_sent *sent, struct buf *out)
{
    json_put_int(out, "mensaje", sent->message_id);
    json_put_utc(out, "reenvio_desde", sent->resend_from_ms);
    json_put_utc(out, "caduca", sent->expires_ms);
}

/* With a mobile, of an alta that is being typed; without, of a person who is pendiente_movil. */
enum cc_err movil_send(struct exchange *x, struct buf *out)
{
    struct mobile_sent sent;
    struct enrol_input input = {.channel = CITIZEN_CHANNEL_IN_PERSON, .caller = &x->caller};
    enum cc_err err = input_nif(x, &x->in[NIF], &input.nif);
    if (err == CC_OK && x->in[PHONE].text != NULL)
        err = input_phone(x, &x->in[PHONE], &input.phone);
    if (err == CC_OK)
        err = input_language(x, &x->in[LANGUAGE], TEXT_LANG_ES, &input.lang);
    if (err != CC_OK)
        return err;
    err = x->in[PHONE].text != NULL
              ? mobile_send_code(x->service, &input, x->now_ms, &sent, &x->wait_s)
              : mobile_send_again(x->service, &input.nif, &x->caller, x->now_ms, &sent, &x->wait_s);
    if (err == CC_OK)
        put_sent(&sent, out);
    return ciudadanos_blame(x, err);
}

enum cc_err movil_prove(struct exchange *x, struct buf *out)
{
    char digits[CODE_SIZE];
    enum cc_err verdict = CC_OK;
    struct life_order order = {.lang = TEXT_LANG_COUNT, .caller = &x->caller};
    enum cc_err err = input_nif(x, &x->in[NIF], &order.nif);
    if (err == CC_OK)
        err = input_channel(x, &x->in[CHANNEL], &order.channel);
    if (err == CC_OK && order.channel == CITIZEN_CHANNEL_PHONE)
        err = input_way(x, WAY_PHONE);
    if (err == CC_OK)
        err = movil_parse_code(x, &x->in[CODE], digits);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &order.nif);
    if (err == CC_OK)
        err = movil_blame(x, mobile_prove(x->service, &order, digits, x->now_ms, &verdict));
    secret_wipe(digits, sizeof(digits));
    if (err != CC_OK)
        return err;
    if (verdict == CC_OK)
        return ciudadanos_put(x, &order.nif, out);
    exchange_tell_problem(x, movil_blame(x, verdict), out);
    return CC_OK;
}

enum cc_err movil_try(struct exchange *x, struct buf *out)
{
    struct nif nif;
    int64_t id = 0;
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err == CC_OK)
        err = mobile_try(x->service, &nif, &x->caller, x->now_ms, &id, &x->wait_s);
    json_put_int(out, "mensaje", id);
    return err;
}

/* Nothing in it is personal. */
enum cc_err movil_show_message(struct exchange *x, struct buf *out)
{
    struct outbox_fate fate;
    char *end = NULL;
    int64_t id = strtoll(x->params[0].text, &end, 10);
    if (*end != '\0')
        return CC_ERR_NOT_FOUND;
    enum cc_err err = mobile_find_message(x->service, id, &fate);
    if (err != CC_OK)
        return err;
    json_put_int(out, "mensaje", fate.id);
    json_put_text(out, "estado", outbox_state_token(fate.state));
    json_put_utc(out, "hora", fate.created_ms);
    json_put_utc_or_null(out, "enviado", fate.sent_ms);
    json_put_utc_or_null(out, "acabado", fate.done_ms);
    return CC_OK;
}
