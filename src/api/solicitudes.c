/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/solicitudes: "quiero un pin". What is done with the id that it answers: reenvio, status,
 * cancellation.
 */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/request.h"

#include <string.h>

enum { NIF, CLAVE, CONFIRMATION, CONTRAST, LANG, IP };

const struct json_shape solicitudes_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [CLAVE] = {"clave", .max_bytes = 64},
               [CONFIRMATION] = {"confirmacion", .optional = true, .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [LANG] = {"idioma", .optional = true, .max_bytes = 64},
               [IP] = {"ip_usuario", .optional = true, .max_bytes = 64}},
};

static enum cc_err check_confirmation(struct exchange *x, const struct json_value *given,
                                      const char *clave)
{
    if (given->text == NULL || strcmp(given->text, clave) == 0)
        return CC_OK;
    return exchange_blame(x, "confirmacion", CC_ERR_CLAVE_MISMATCH);
}

/* Each step only when those before it went well. */
static enum cc_err parse_request(struct exchange *x, struct request_input *ret,
                                 struct address_keys *from)
{
    enum cc_err err = metodos_admit(x, METHOD_PIN24H);
    if (err == CC_OK)
        err = input_nif(x, &x->in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_clave(x, &x->in[CLAVE], ret->clave);
    if (err == CC_OK)
        err = check_confirmation(x, &x->in[CONFIRMATION], ret->clave);
    if (err == CC_OK)
        err = input_contrast(x, &x->in[CONTRAST], ret->nif.kind, &ret->contrast);
    if (err == CC_OK)
        err = input_language(x, &x->in[LANG], TEXT_LANG_COUNT, &ret->lang);
    if (err == CC_OK)
        err = input_address(x, &x->in[IP], from);
    return err;
}

static void put_request(struct buf *out, const struct request_output *made)
{
    json_put_text(out, "id", made->id);
    json_put_utc(out, "caduca", made->expires_ms);
    json_put_local(out, "caduca_local", made->expires_ms);
    json_put_utc(out, "reenvio_desde", made->resend_from_ms);
    json_put_bool(out, "pide_contraste", made->asks_contrast);
}

enum cc_err solicitudes_create(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    struct request_output made;
    CC_WIPED(request_input) input = {.from = &from, .caller = &x->caller};
    enum cc_err err = parse_request(x, &input, &from);
    if (err == CC_OK)
        err = request_create(x->service, &input, x->now_ms, &made, &x->wait_s);
    if (err == CC_OK)
        put_request(out, &made);
    return err;
}

const struct json_shape solicitudes_resend_shape = {
    .fields = {{"ip_usuario", .optional = true, .max_bytes = 64}}};

enum cc_err solicitudes_resend(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    struct request_output made;
    enum cc_err err = metodos_admit(x, METHOD_PIN24H);
    if (err == CC_OK)
        err = input_address(x, &x->in[0], &from);
    if (err == CC_OK)
        err = request_resend(x->service, x->params[0].text, &from, &x->caller, x->now_ms, &made,
                             &x->wait_s);
    if (err == CC_OK)
        put_request(out, &made);
    return err;
}

enum cc_err solicitudes_cancel(struct exchange *x, struct buf *out)
{
    (void)out;
    return request_cancel(x->service, x->params[0].text, &x->caller, x->now_ms);
}

enum cc_err solicitudes_show(struct exchange *x, struct buf *out)
{
    struct request_status status;
    enum cc_err err = request_tell(x->service, x->params[0].text, &x->caller, x->now_ms, &status);
    if (err != CC_OK)
        return err;
    json_put_text(out, "id", x->params[0].text);
    json_put_text(out, "estado", status.is_over ? "caducada" : "aceptada");
    json_put_utc(out, "caduca", status.expires_ms);
    json_put_utc(out, "reenvio_desde", status.resend_from_ms);
    return CC_OK;
}
