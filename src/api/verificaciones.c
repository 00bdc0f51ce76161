/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /v1/verificaciones: "ya tengo el pin". The hot path. */
#include "api/verificaciones.h"

#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"

#include <string.h>

enum { NIF, CLAVE, CONTRACLAVE, CONTRAST, IP };

const struct json_shape verificaciones_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [CLAVE] = {"clave", .max_bytes = 64},
               [CONTRACLAVE] = {"contraclave", .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [IP] = {"ip_usuario", .optional = true, .max_bytes = 64}},
};

enum cc_err verificaciones_parse(struct exchange *x, struct address_keys *from,
                                 struct verify_input *ret)
{
    *ret = (struct verify_input){.from = from, .caller = &x->caller, .client_address = x->address};
    enum cc_err err = metodos_admit(x, METHOD_PIN24H);
    if (err == CC_OK)
        err = input_nif(x, &x->in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_clave(x, &x->in[CLAVE], ret->clave);
    if (err != CC_OK)
        return err;
    err = clave_parse(x->in[CONTRACLAVE].text, x->in[CONTRACLAVE].len,
                      (size_t)x->service->settings->limits.code.digits, CC_ERR_CONTRACLAVE_FORMAT,
                      ret->contraclave);
    if (err != CC_OK)
        return exchange_blame(x, "contraclave", err);
    err = input_contrast(x, &x->in[CONTRAST], ret->nif.kind, &ret->contrast);
    ret->address = x->in[IP].text;
    return err == CC_OK ? input_address(x, &x->in[IP], from) : err;
}

void verificaciones_put_correct(struct buf *out, const struct verify_output *verdict,
                                enum method method, int64_t now_ms)
{
    const struct citizen *citizen = &verdict->citizen;
    json_put_text(out, "resultado", "correcto");
    ciudadanos_put_name(out, &citizen->name);
    json_put_text(out, "nif", citizen->nif.text);
    json_put_text(out, "tipo", nif_kind_token(citizen->nif.kind));
    json_put_text(out, "nivel", verdict->is_substantial ? "substantial" : "low");
    json_put_text(out, "registro", citizen_grade_token(citizen->grade));
    json_put_text(out, "via_alta", citizen_channel_token(citizen->channel));
    json_put_text(out, "metodo", method_rows[method].token);
    json_put_bool(out, "firma_valida", false);
    json_put_utc(out, "auth_time", now_ms);
    json_put_utc_or_null(out, "caduca", verdict->expires_ms);
    json_put_utc_or_null(out, "ultimo_acceso", verdict->entered_before_ms);
    json_put_text(out, "evidencia", verdict->evidence);
}

void verificaciones_put_refused(struct buf *out)
{
    json_put_text(out, "resultado", "rechazado"); /* the only member, for any reason */
}

enum cc_err verificaciones_create(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    CC_WIPED(verify_input) input;
    CC_WIPED(verify_output) verdict;
    enum cc_err err = verificaciones_parse(x, &from, &input);
    if (err == CC_OK)
        err = verify_pin(x->service, &input, x->now_ms, &verdict, &x->wait_s);
    if (err == CC_OK && verdict.correct)
        verificaciones_put_correct(out, &verdict, METHOD_PIN24H, x->now_ms);
    else if (err == CC_OK)
        verificaciones_put_refused(out);
    return err;
}

bool verificaciones_was_correct(const struct buf *out)
{
    static const char correct[] = "{\"resultado\":\"correcto\"";
    return out->len >= sizeof(correct) - 1 && memcmp(out->data, correct, sizeof(correct) - 1) == 0;
}

void verificaciones_refuse_replay(struct exchange *x, struct buf *out)
{
    secret_wipe(out->data, out->len);
    out->len = 0;
    x->answer.replayed = false;
    json_open(out, NULL, '{');
    verificaciones_put_refused(out);
    json_close(out, '}');
}

/* A kept refusal stays one; a kept success is given only as long as it would be one (DOMAIN 6). */
enum cc_err verificaciones_replay(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    CC_WIPED(verify_input) input;
    bool holds = false;
    if (!verificaciones_was_correct(out))
        return CC_OK;
    enum cc_err err = verificaciones_parse(x, &from, &input);
    if (err == CC_OK)
        err = verify_still_holds(x->service, &input, x->now_ms, &holds);
    if (err == CC_OK && !holds)
        verificaciones_refuse_replay(x, out);
    return err;
}
