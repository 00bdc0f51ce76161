/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/altas/certificado, /v1/altas/certificado/movil and /v1/renuncias/certificado: the sede has
 * seen the person's certificate in a TLS handshake and forwards it with its chain. And
 * /v1/altas/identidad: the sede asserts who a person is, whom another system has identified.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "base/list.h"
#include "http/json_write.h"
#include "service/enrol.h"
#include "service/mobile.h"
#include "service/proofs.h"

#include <stdio.h>
#include <string.h>

enum { CERTIFICATE, PHONE, LANGUAGE, SECOND_SURNAME };                     /* of an alta */
enum { NIF, GIVEN, FIRST, SECOND, ASSERTED_PHONE, ASSERTED_LANG, SOURCE }; /* of an identity */

#define CERTIFICATE_FIELD [CERTIFICATE] = {"certificado", .max_bytes = PROOFS_PEM_MAX}
#define PHONE_FIELD [PHONE] = {"movil", .max_bytes = 64}

const struct json_shape certificado_enrol_shape = {
    .fields = {CERTIFICATE_FIELD,
               PHONE_FIELD, [LANGUAGE] = {"idioma", .optional = true, .max_bytes = 16},
               [SECOND_SURNAME] = {"apellido2", .optional = true, .max_bytes = 480}}};
const struct json_shape certificado_phone_shape = {.fields = {CERTIFICATE_FIELD, PHONE_FIELD}};
const struct json_shape certificado_renounce_shape = {.fields = {CERTIFICATE_FIELD}};
const struct json_shape identidad_enrol_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [GIVEN] = {"nombre", .max_bytes = 480},
               [FIRST] = {"apellido1", .optional = true, .max_bytes = 480},
               [SECOND] = {"apellido2", .optional = true, .max_bytes = 480},
               [ASSERTED_PHONE] = {"movil", .max_bytes = 64},
               [ASSERTED_LANG] = {"idioma", .optional = true, .max_bytes = 16},
               [SOURCE] = {"fuente", .max_bytes = 32}}};

/* ---- proof ---- */

static void on_proven(enum cc_err err, const struct cert_person *person, void *user)
{
    struct exchange *x = user;
    x->prepared.person = *person;
    if (err_http_status(err) == 422)
        err = exchange_blame(x, "certificado", err);
    exchange_go_on(err, x);
}

enum cc_err certificado_prove(struct exchange *x, bool *ret_waits)
{
    enum cc_err err = input_way(x, WAY_CERTIFICATE);
    *ret_waits = true;
    return err == CC_OK ? proofs_begin(x->service, x->in[CERTIFICATE].text, x->in[CERTIFICATE].len,
                                       x->now_ms, on_proven, x)
                        : err;
}

/* The numbers that everybody uses in tests are refused in production, in certificates too. */
static enum cc_err check_nif(struct exchange *x, struct nif *ret)
{
    const char *text = x->prepared.person.nif.text;
    enum cc_err err = service_parse_nif(x->service, text, strlen(text), ret);
    return exchange_blame(x, "certificado", err);
}

/* ---- registration ---- */

/* Most certificates hold both surnames in one: the sede may say which the second is. */
static enum cc_err part_surnames(struct exchange *x, const struct json_value *given,
                                 struct person_name *ret)
{
    char second[NAME_PART_SIZE] = "";
    enum cc_err err = input_words(x, given, "apellido2", second, sizeof(second));
    if (err != CC_OK || second[0] == '\0' || strcmp(second, ret->second_surname) == 0)
        return err;
    return ret->second_surname[0] == '\0' && name_part_surnames(ret, second)
               ? CC_OK
               : exchange_blame(x, "apellido2", CC_ERR_SURNAME_MISMATCH);
}

/* Tells a person who is registered whom to call (seed 003). */
static enum cc_err explain_conflict(struct exchange *x, enum cc_err err)
{
    return err == CC_ERR_ALREADY_REGISTERED ? input_explain_registered(x)
                                            : ciudadanos_blame(x, err);
}

static enum cc_err enrol_proven(struct exchange *x, const struct enrol_input *input,
                                struct buf *out)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = explain_conflict(x, enrol_person(x->service, input, x->now_ms, &citizen));
    if (err == CC_OK)
        ciudadanos_put_new(out, &citizen);
    return err;
}

enum cc_err certificado_enrol(struct exchange *x, struct buf *out)
{
    struct enrol_input input = {.channel = CITIZEN_CHANNEL_CERTIFICATE,
                                .name = x->prepared.person.name,
                                .caller = &x->caller};
    (void)snprintf(input.reason, sizeof(input.reason), "%s", x->prepared.person.issuer);
    (void)snprintf(input.reference, sizeof(input.reference), "%s", x->prepared.person.serial);
    enum cc_err err = check_nif(x, &input.nif);
    if (err == CC_OK)
        err = part_surnames(x, &x->in[SECOND_SURNAME], &input.name);
    if (err == CC_OK)
        err = input_phone(x, &x->in[PHONE], &input.phone);
    if (err == CC_OK)
        err = input_language(x, &x->in[LANGUAGE], x->problem.lang, &input.lang);
    return err == CC_OK ? enrol_proven(x, &input, out) : err;
}

/* Whether the list of the configuration, "clave, giltza", names the source. */
static bool is_admitted(const char *list, const char *source)
{
    const char *name;
    size_t len;
    list += strspn(list, " ");
    while (list_take(&list, &name, &len))
        if (len == strlen(source) && memcmp(name, source, len) == 0)
            return true;
    return false;
}

enum cc_err identidad_enrol(struct exchange *x, struct buf *out)
{
    struct enrol_input input = {.channel = CITIZEN_CHANNEL_ASSERTED, .caller = &x->caller};
    (void)snprintf(input.reason, sizeof(input.reason), "%s", x->in[SOURCE].text);
    enum cc_err err = input_way(x, WAY_IDENTITY);
    if (err == CC_OK && !is_admitted(x->service->settings->identities, x->in[SOURCE].text))
        err = exchange_blame(x, "fuente", CC_ERR_SOURCE_NOT_ADMITTED);
    if (err == CC_OK)
        err = input_nif(x, &x->in[NIF], &input.nif);
    if (err == CC_OK && input.nif.kind == NIF_KIND_LEGAL)
        err = exchange_blame(x, "nif", CC_ERR_NIF_LEGAL);
    if (err == CC_OK)
        err = input_person(x, &x->in[GIVEN], &x->in[FIRST], &x->in[SECOND], &input.name);
    if (err == CC_OK)
        err = input_phone(x, &x->in[ASSERTED_PHONE], &input.phone);
    if (err == CC_OK)
        err = input_language(x, &x->in[ASSERTED_LANG], x->problem.lang, &input.lang);
    return err == CC_OK ? enrol_proven(x, &input, out) : err;
}

/* ---- acts on the own registration ---- */

static enum cc_err perform_order(struct exchange *x, struct life_order *order, struct buf *out)
{
    order->channel = CITIZEN_CHANNEL_CERTIFICATE;
    order->reason = x->prepared.person.issuer;
    order->reference = x->prepared.person.serial;
    order->caller = &x->caller;
    enum life_state state;
    enum cc_err err = check_nif(x, &order->nif);
    if (err == CC_OK)
        err = ciudadanos_blame(x, mobile_perform(x->service, order, x->now_ms));
    if (err == CC_OK)
        err = life_state_of(x->service, &order->nif, &state);
    if (err != CC_OK)
        return err;
    json_put_text(out, "nif", order->nif.text);
    json_put_text(out, "estado", life_state_token(state));
    return CC_OK;
}

enum cc_err certificado_change_phone(struct exchange *x, struct buf *out)
{
    struct life_order order = {.act = LIFE_CHANGE_PHONE};
    enum cc_err err = input_phone(x, &x->in[PHONE], &order.phone);
    return err == CC_OK ? perform_order(x, &order, out) : err;
}

enum cc_err certificado_renounce(struct exchange *x, struct buf *out)
{
    struct life_order order = {.act = LIFE_RENOUNCE};
    return perform_order(x, &order, out);
}
