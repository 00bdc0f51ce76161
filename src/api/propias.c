/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/renuncias and /v1/suspensiones: what a person does with his own registration. The answer
 * to a suspension is the same for each outcome; the phone is told.
 */
#include "api/input.h"
#include "api/resources.h"
#include "api/verificaciones.h"
#include "http/json_write.h"
#include "service/life.h"

enum { NIF, CONTRAST, IP };

const struct json_shape propias_suspend_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [CONTRAST] = {"contraste", .max_bytes = 64},
               [IP] = {"ip_usuario", .optional = true, .max_bytes = 64}},
};

enum cc_err propias_renounce(struct exchange *x, struct buf *out)
{
    bool done = false;
    struct address_keys from;
    CC_WIPED(verify_input) input;
    enum cc_err err = verificaciones_parse(x, &from, &input);
    if (err == CC_OK)
        err = own_renounce(x->service, &input, x->now_ms, &done, &x->wait_s);
    json_put_text(out, "resultado", done ? "correcto" : "rechazado");
    return err;
}

enum cc_err propias_suspend(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    struct own_loss loss = {.from = &from, .caller = &x->caller};
    enum cc_err err = input_nif(x, &x->in[NIF], &loss.nif);
    if (err == CC_OK)
        err = input_contrast(x, &x->in[CONTRAST], loss.nif.kind, &loss.contrast);
    if (err == CC_OK && loss.contrast.text[0] == '\0')
        err = exchange_blame(x, "contraste", CC_ERR_FIELD_MISSING);
    if (err == CC_OK)
        err = input_address(x, &x->in[IP], &from);
    if (err == CC_OK)
        err = own_suspend(x->service, &loss, x->now_ms, &x->wait_s);
    secret_wipe(&loss, sizeof(loss));
    json_put_text(out, "resultado", "recibido");
    return err;
}
