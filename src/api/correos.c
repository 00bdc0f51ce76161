/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/correos/prueba: the token of a link, which the sede gives back, proves an address of mail.
 * /v1/registro/ciudadanos/correo: staff write a person's address.
 * /v1/registro/correos: those that do not exist, for staff to ask for another.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/mail.h"

const struct json_shape correos_prove_shape = {.fields = {{"prueba", .max_bytes = 64}}};

enum cc_err correos_prove(struct exchange *x, struct buf *out)
{
    enum cc_err err = mail_prove(x->service, x->in[0].text, x->in[0].len, &x->caller, x->now_ms);
    json_put_text(out, "estado", "probado");
    return err == CC_ERR_EMAIL_LINK ? exchange_blame(x, "prueba", err) : err;
}

enum { NIF, EMAIL };

const struct json_shape correos_change_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64}, [EMAIL] = {"correo", .max_bytes = 320}},
};

enum cc_err correos_change(struct exchange *x, struct buf *out)
{
    struct nif nif;
    struct email address;
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err == CC_OK)
        err = input_email(x, &x->in[EMAIL], &address);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &nif);
    if (err == CC_OK)
        err = mail_change(x->service, &nif, &address, &x->caller, x->now_ms, &x->wait_s);
    return err == CC_OK ? ciudadanos_put(x, &nif, out) : err;
}

static void put_dead(const struct mail_dead *dead, void *user)
{
    struct buf *out = user;
    char masked[EMAIL_SIZE];
    email_mask(dead->address, masked);
    json_open(out, NULL, '{');
    json_put_text(out, "nif", dead->nif->text);
    ciudadanos_put_name(out, dead->name);
    json_put_text(out, "correo", masked);
    json_put_utc(out, "desde", dead->since_ms);
    json_put_bool(out, "solicitud", dead->is_applicant);
    json_close(out, '}');
}

enum cc_err correos_list_dead(struct exchange *x, struct buf *out)
{
    json_open(out, "correos", '[');
    enum cc_err err = mail_each_dead(x->service, put_dead, out);
    json_close(out, ']');
    return err;
}
