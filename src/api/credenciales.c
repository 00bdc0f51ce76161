/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/contrasenas: a person who proves with a PIN who it is chooses a password. And
 * /v1/registro/credenciales: staff see the document and authorise it, or withdraw it.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "api/verificaciones.h"
#include "http/json_write.h"
#include "service/credential.h"
#include "service/dossier.h"

enum { CLAVE = 1, CONTRACLAVE, CONTRAST, IP, SECRET }; /* as verificaciones_shape, and behind it */
enum { NIF, KIND, DOCUMENT };                          /* of what staff do */

const struct json_shape contrasenas_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [CLAVE] = {"clave", .max_bytes = 64},
               [CONTRACLAVE] = {"contraclave", .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [IP] = {"ip_usuario", .optional = true, .max_bytes = 64},
               [SECRET] = {"contrasena", .max_bytes = 4 * 1024}},
};
const struct json_shape credenciales_authorise_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [KIND] = {"tipo", .max_bytes = 32},
               [DOCUMENT] = {"documento", .max_bytes = 32}},
};
const struct json_shape credenciales_withdraw_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64}, [KIND] = {"tipo", .max_bytes = 32}},
};

/* ---- the person ---- */

enum cc_err contrasenas_admit(struct exchange *x)
{
    bool is_alone = period_has(&x->service->settings->methods[METHOD_PASSWORD], x->now_ms);
    return metodos_admit(x, is_alone ? METHOD_PASSWORD : METHOD_PASSWORD_SMS);
}

enum cc_err contrasenas_hash(struct exchange *x, bool *ret_waits)
{
    struct address_keys from;
    enum cc_err err = contrasenas_admit(x);
    *ret_waits = true;
    if (err == CC_OK)
        err = input_address(x, &x->in[IP], &from);
    return err == CC_OK ? accesos_begin_hash(x, &x->in[SECRET], &from, "contrasena") : err;
}

enum cc_err contrasenas_create(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    CC_WIPED(verify_input) input;
    const struct entry_proof secret = {.new_secret = x->in[SECRET].text,
                                       .new_len = x->in[SECRET].len,
                                       .hash = x->prepared.entry.hash};
    bool done = false;
    enum cc_err err = verificaciones_parse(x, &from, &input);
    if (err == CC_OK)
        err = credential_register(x->service, &input, &secret, x->now_ms, &done, &x->wait_s);
    if (err == CC_ERR_PASSWORD_COMMON)
        err = exchange_blame(x, "contrasena", err);
    if (err != CC_OK)
        return err;
    json_put_text(out, "resultado", done ? "sin_autorizar" : "rechazado");
    return CC_OK;
}

/* ---- staff ---- */

static void put_credential(const struct credential *credential, struct buf *out)
{
    json_put_text(out, "tipo", credential_kind_token(credential->kind));
    json_put_text(out, "estado", credential_state_token(credential->state));
    json_put_utc(out, "desde", credential->created_ms);
    json_put_utc_or_null(out, "caduca", credential->expires_ms);
    json_put_bool(out, "debe_cambiarla", credential->must_change);
}

static void put_row(const struct citizen *citizen, const struct credential *credential, void *user)
{
    struct buf *out = user;
    json_open(out, NULL, '{');
    json_put_text(out, "nif", citizen->nif.text);
    ciudadanos_put_name(out, &citizen->name);
    put_credential(credential, out);
    json_close(out, '}');
}

static void put_own(const struct citizen *citizen, const struct credential *credential, void *user)
{
    struct buf *out = user;
    (void)citizen;
    json_open(out, NULL, '{');
    put_credential(credential, out);
    json_close(out, '}');
}

enum cc_err credenciales_put_of(struct exchange *x, const struct citizen *citizen, struct buf *out)
{
    json_open(out, "credenciales", '[');
    enum cc_err err = credential_each_citizen(x->service, citizen, put_own, out);
    json_close(out, ']');
    return err;
}

enum cc_err credenciales_list(struct exchange *x, struct buf *out)
{
    json_open(out, "credenciales", '[');
    enum cc_err err = credential_each_pending(x->service, put_row, out);
    json_close(out, ']');
    return err;
}

enum cc_err credenciales_find(struct exchange *x, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err != CC_OK)
        return err;
    json_open(out, "credenciales", '[');
    err = credential_each_of(x->service, &nif, put_row, out);
    json_close(out, ']');
    return err == CC_OK
               ? dossier_note_look(x->service, DOSSIER_LOOK_PERSON, &nif, &x->caller, x->now_ms)
               : err;
}

static enum cc_err parse_order(struct exchange *x, struct credential_order *ret)
{
    ret->caller = &x->caller;
    enum cc_err err = input_nif(x, &x->in[NIF], &ret->nif);
    if (err != CC_OK)
        return err;
    err = credential_parse_kind(x->in[KIND].text, &ret->kind);
    return exchange_blame(x, "tipo", err);
}

enum cc_err credenciales_authorise(struct exchange *x, struct buf *out)
{
    struct credential_order order = {.document = x->in[DOCUMENT].text};
    (void)out; /* the answer has no members */
    enum cc_err err = parse_order(x, &order);
    if (err == CC_OK && !credential_is_document(order.document))
        err = exchange_blame(x, "documento", CC_ERR_RANGE);
    return err == CC_OK ? credential_authorise(x->service, &order, x->now_ms) : err;
}

enum cc_err credenciales_withdraw(struct exchange *x, struct buf *out)
{
    struct credential_order order = {.document = NULL};
    (void)out;
    enum cc_err err = parse_order(x, &order);
    return err == CC_OK ? credential_withdraw(x->service, &order, x->now_ms) : err;
}
