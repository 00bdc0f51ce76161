/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/registro/ciudadanos/{acto}: what staff do with a registration (suspension, reactivacion,
 * renuncia, defuncion, anulacion, movil, rectificacion, cambio_nif, clave), and its historia. The
 * NIF is in the body.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "domain/clave.h"
#include "http/json_write.h"
#include "service/credential.h"
#include "service/dossier.h"
#include "service/enrol.h"
#include "service/mobile.h"

#include <stdio.h>

enum { NIF, REASON, REFERENCE, DOCUMENT, CHANNEL, OTHERS };
enum { NEW_PHONE = OTHERS, SHARES, CODE };
enum { NAME = OTHERS, FIRST, SECOND, LANGUAGE };
enum { NEW_NIF = OTHERS, CONTRAST };

#define FIELDS_OF_AN_ACT                                                                           \
    [NIF] = {"nif", .max_bytes = 64}, [REASON] = {"motivo", .max_bytes = 480},                     \
    [REFERENCE] = {"instancia", .optional = true, .max_bytes = 240},                               \
    [DOCUMENT] = {"documento", .optional = true, .max_bytes = 240},                                \
    [CHANNEL] = {"via", .optional = true, .max_bytes = 16}

const struct json_shape vida_act_shape = {.fields = {FIELDS_OF_AN_ACT}};
const struct json_shape vida_phone_shape = {
    .fields = {FIELDS_OF_AN_ACT, [NEW_PHONE] = {"movil", .max_bytes = 64},
               [SHARES] = {"comparte_movil", .optional = true, .max_bytes = 480},
               [CODE] = {"codigo", .optional = true, .max_bytes = 16}}};
const struct json_shape vida_correct_shape = {
    .fields = {FIELDS_OF_AN_ACT, [NAME] = {"nombre", .optional = true, .max_bytes = 480},
               [FIRST] = {"apellido1", .optional = true, .max_bytes = 480},
               [SECOND] = {"apellido2", .optional = true, .max_bytes = 480},
               [LANGUAGE] = {"idioma", .optional = true, .max_bytes = 16}}};
const struct json_shape vida_nif_shape = {
    .fields = {FIELDS_OF_AN_ACT, [NEW_NIF] = {"nif_nuevo", .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64}}};

/* Texts of an order. */
struct words {
    char reason[LIFE_REASON_SIZE], reference[LIFE_REFERENCE_SIZE], document[LIFE_DOCUMENT_SIZE];
};

/* The fields that every act has. */
static enum cc_err parse_act(struct exchange *x, enum life_act act, struct words *words,
                             struct life_order *ret)
{
    *ret = (struct life_order){.act = act,
                               .lang = TEXT_LANG_COUNT,
                               .reason = words->reason,
                               .reference = words->reference,
                               .document = words->document,
                               .caller = &x->caller};
    enum cc_err err = input_nif(x, &x->in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_words(x, &x->in[REASON], "motivo", words->reason, LIFE_REASON_SIZE);
    if (err == CC_OK && words->reason[0] == '\0')
        err = exchange_blame(x, "motivo", CC_ERR_FIELD_MISSING);
    if (err == CC_OK)
        err = input_words(x, &x->in[REFERENCE], "instancia", words->reference, LIFE_REFERENCE_SIZE);
    if (err == CC_OK)
        err = input_words(x, &x->in[DOCUMENT], "documento", words->document, LIFE_DOCUMENT_SIZE);
    return err == CC_OK ? input_channel(x, &x->in[CHANNEL], &ret->channel) : err;
}

static enum cc_err perform_order(struct exchange *x, const struct life_order *order,
                                 struct buf *out)
{
    enum cc_err err = ciudadanos_check_version(x, &order->nif);
    if (err == CC_OK)
        err = ciudadanos_blame(x, mobile_perform(x->service, order, x->now_ms));
    return err == CC_OK ? ciudadanos_put(x, &order->nif, out) : err;
}

/* Acts that need no fields of their own. */
static bool is_plain(enum life_act act)
{
    return act == LIFE_SUSPEND || act == LIFE_REACTIVATE || act == LIFE_RENOUNCE ||
           act == LIFE_DIE || act == LIFE_ANNUL;
}

enum cc_err vida_act(struct exchange *x, struct buf *out)
{
    enum life_act act;
    struct words words;
    struct life_order order;
    enum cc_err err = life_act_parse(x->params[0].text, &act);
    if (err == CC_OK && !is_plain(act))
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK)
        err = parse_act(x, act, &words, &order);
    return err == CC_OK ? perform_order(x, &order, out) : err;
}

static enum cc_err change_phone(struct exchange *x, struct life_order *order, const char *code,
                                struct buf *out)
{
    enum cc_err verdict = CC_OK;
    enum cc_err err = ciudadanos_check_version(x, &order->nif);
    if (err == CC_OK)
        err = ciudadanos_blame(x, mobile_change(x->service, order, code, x->now_ms, &verdict));
    if (err != CC_OK)
        return movil_blame(x, err);
    if (verdict == CC_OK)
        return ciudadanos_put(x, &order->nif, out);
    exchange_tell_problem(x, movil_blame(x, verdict), out);
    return CC_OK;
}

enum cc_err vida_change_phone(struct exchange *x, struct buf *out)
{
    char digits[CODE_SIZE] = "";
    struct words words;
    struct life_order order;
    enum cc_err err = parse_act(x, LIFE_CHANGE_PHONE, &words, &order);
    if (err == CC_OK)
        err = input_phone(x, &x->in[NEW_PHONE], &order.phone);
    if (err == CC_OK)
        err = ciudadanos_read_sharing(x, &x->in[SHARES], words.reason, &order.shares_phone);
    if (err == CC_OK && x->in[CODE].text != NULL && x->in[CODE].len > 0)
        err = movil_parse_code(x, &x->in[CODE], digits);
    if (err == CC_OK)
        err = change_phone(x, &order, x->in[CODE].text != NULL ? digits : NULL, out);
    secret_wipe(digits, sizeof(digits));
    return err;
}

enum cc_err vida_correct(struct exchange *x, struct buf *out)
{
    struct words words;
    struct life_order order;
    enum cc_err err = parse_act(x, LIFE_CORRECT, &words, &order);
    if (err == CC_OK && x->in[NAME].text == NULL &&
        (x->in[FIRST].text != NULL || x->in[SECOND].text != NULL))
        err = exchange_blame(x, "nombre", CC_ERR_FIELD_MISSING); /* the name is corrected whole */
    if (err == CC_OK && x->in[NAME].text != NULL)
        err = input_person(x, &x->in[NAME], &x->in[FIRST], &x->in[SECOND], &order.name);
    if (err == CC_OK)
        err = input_language(x, &x->in[LANGUAGE], TEXT_LANG_COUNT, &order.lang);
    return err == CC_OK ? perform_order(x, &order, out) : err;
}

/* The clave is drawn and hashed first, outside the loop. */
enum cc_err vida_prepare_key(struct exchange *x, bool *ret_waits)
{
    const struct json_value drawn = {.text = x->prepared.entry.drawn,
                                     .len = CREDENTIAL_KEY_SIZE - 1};
    enum cc_err err = metodos_admit(x, METHOD_TOWN_KEY);
    *ret_waits = true;
    credential_draw_key(&x->prepared.entry);
    return err == CC_OK ? accesos_begin_hash(x, &drawn, NULL, "nif") : err;
}

enum cc_err vida_send_key(struct exchange *x, struct buf *out)
{
    struct words words;
    struct life_order order;
    enum cc_err err = parse_act(x, LIFE_SEND_KEY, &words, &order);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &order.nif);
    if (err == CC_OK)
        err = credential_send_key(x->service, &order, &x->prepared.entry, x->now_ms);
    return err == CC_OK ? ciudadanos_put(x, &order.nif, out) : err;
}

static enum cc_err parse_new_nif(struct exchange *x, const struct life_order *order,
                                 struct enrol_input *ret)
{
    *ret = (struct enrol_input){.channel = order->channel, .caller = order->caller};
    (void)snprintf(ret->reason, sizeof(ret->reason), "%s", order->reason);
    (void)snprintf(ret->reference, sizeof(ret->reference), "%s", order->reference);
    (void)snprintf(ret->document, sizeof(ret->document), "%s", order->document);
    enum cc_err err = input_nif(x, &x->in[NEW_NIF], &ret->nif);
    if (err != CC_OK)
        return exchange_blame(x, "nif_nuevo", err);
    return input_contrast(x, &x->in[CONTRAST], ret->nif.kind, &ret->contrast);
}

enum cc_err vida_change_nif(struct exchange *x, struct buf *out)
{
    struct words words;
    struct life_order order;
    CC_WIPED(enrol_input) input = {0};
    CC_WIPED(citizen) citizen;
    enum cc_err err = parse_act(x, LIFE_CHANGE_NIF, &words, &order);
    if (err == CC_OK)
        err = parse_new_nif(x, &order, &input);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &order.nif);
    if (err == CC_OK)
        err = enrol_change_nif(x->service, &order.nif, &input, x->now_ms, &citizen);
    if (err == CC_ERR_ALREADY_REGISTERED || err == CC_ERR_NIF_CHANGE)
        err = exchange_blame(x, "nif_nuevo", err);
    if (err == CC_OK)
        err = ciudadanos_put(x, &input.nif, out);
    return err;
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
    json_put_text(out, "documento", edge->document);
    json_put_text(out, "clausula", edge->clause);
    json_put_text(out, "nif_vinculado", edge->linked);
    json_put_bool(out, "movil_comprobado", edge->phone_proven);
    json_put_bool(out, "avisado", edge->message_id != 0);
    json_close(out, '}');
}

enum cc_err vida_put_history(struct exchange *x, const struct citizen *citizen, struct buf *out)
{
    json_open(out, "historia", '[');
    enum cc_err err = life_tell_of(x->service, citizen, put_edge, out);
    json_close(out, ']');
    return err;
}

enum cc_err vida_tell(struct exchange *x, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err != CC_OK)
        return err;
    json_open(out, "historia", '[');
    err = life_tell(x->service, &nif, put_edge, out);
    json_close(out, ']');
    return err == CC_OK
               ? dossier_note_look(x->service, DOSSIER_LOOK_PERSON, &nif, &x->caller, x->now_ms)
               : err;
}
