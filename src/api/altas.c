/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/altas: the online alta with a copy of the document, and the code that proves its mobile. Who
 * chooses a password with it (seed 002) solves a reto, and may show the document in person instead;
 * where many have come, who solves one is taken on all the same.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "domain/clave.h"
#include "http/json_write.h"
#include "http/upload.h"
#include "service/application.h"
#include "service/challenge.h"
#include "service/entry.h"

/* of an alta */
enum {
    NIF,
    NAME,
    FIRST,
    SECOND,
    PHONE,
    LANGUAGE,
    CONTRAST,
    ADDRESS,
    EMAIL,
    PASSWORD,
    CHALLENGE,
    WORK,
    ANSWER
};

enum { FIELDS_BYTES = 64 * 1024 }; /* of the texts, and what stands between the parts */

const struct json_shape altas_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [NAME] = {"nombre", .max_bytes = 480},
               [FIRST] = {"apellido1", .optional = true, .max_bytes = 480},
               [SECOND] = {"apellido2", .optional = true, .max_bytes = 480},
               [PHONE] = {"movil", .max_bytes = 64},
               [LANGUAGE] = {"idioma", .optional = true, .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [ADDRESS] = {"ip_usuario", .optional = true, .max_bytes = 64},
               [EMAIL] = {"correo", .optional = true, .max_bytes = 320},
               [PASSWORD] = {"contrasena", .optional = true, .max_bytes = 4 * 1024},
               [CHALLENGE] = {"reto", .optional = true, .max_bytes = 128},
               [WORK] = {"reto_trabajo", .optional = true, .max_bytes = 32},
               [ANSWER] = {"reto_respuesta", .optional = true, .max_bytes = 256}},
};

const struct upload_sink altas_upload = {
    .field = "documento",
    .files_max = DOCUMENTS_MAX,
    .may_lack = true,
    .file_bytes_max = DOCUMENT_BYTES_MAX,
    .body_bytes_max = DOCUMENTS_MAX * DOCUMENT_BYTES_MAX + FIELDS_BYTES,
    .open = application_upload_open,
    .begin = application_upload_begin,
    .add = application_upload_add,
    .end = application_upload_end,
    .close = application_upload_close,
};

const struct json_shape altas_code_shape = {.fields = {{"codigo", .max_bytes = 16}}};

/* Without the address. */
static enum cc_err parse_alta(struct exchange *x, struct application_input *ret)
{
    enum cc_err err = input_way(x, WAY_FORM);
    if (err == CC_OK)
        err = input_nif(x, &x->in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_person(x, &x->in[NAME], &x->in[FIRST], &x->in[SECOND], &ret->name);
    if (err == CC_OK)
        err = input_phone(x, &x->in[PHONE], &ret->phone);
    if (err == CC_OK && !phone_is_cheap(&ret->phone))
        err = exchange_blame(x, "movil", CC_ERR_PHONE_ABROAD);
    if (err == CC_OK)
        err = input_language(x, &x->in[LANGUAGE], TEXT_LANG_ES, &ret->lang);
    if (err == CC_OK)
        err = input_contrast(x, &x->in[CONTRAST], ret->nif.kind, &ret->contrast);
    return err == CC_OK ? input_email(x, &x->in[EMAIL], &ret->email) : err;
}

static void put_output(const struct application_output *output, bool is_waiting, struct buf *out)
{
    json_put_text(out, "id", output->id);
    json_put_text(out, "estado", application_state_token(output->state));
    if (is_waiting)
        json_put_utc(out, "reenvio_desde", output->resend_from_ms);
}

/* The copies are on the disk before their row is written. */
static enum cc_err settle(struct exchange *x)
{
    return application_upload_settle(upload_user(x->upload), exchange_go_on, x);
}

static void on_hashed(enum cc_err err, void *user)
{
    struct exchange *x = user;
    if (err == CC_OK)
        err = settle(x);
    if (err != CC_OK)
        exchange_go_on(err, x);
}

static struct challenge_reply take_reply(const struct exchange *x)
{
    return (struct challenge_reply){x->in[CHALLENGE].text, x->in[WORK].text, x->in[ANSWER].text};
}

/* The question is what a person answers; the rest is the page's business. */
static enum cc_err blame_challenge(struct exchange *x, enum cc_err err)
{
    if (err == CC_ERR_RATE_LIMITED)
        x->wait_s = CHALLENGE_LIFE_MS / 1000;
    return err_http_status(err) == 422 ? exchange_blame(x, "reto_respuesta", err) : err;
}

static bool has_challenge(const struct exchange *x)
{
    return x->in[PASSWORD].text != NULL || x->in[CHALLENGE].text != NULL;
}

/* A reto is looked at when all else is right: a field that is wrong does not use it up. */
static enum cc_err check_challenge(struct exchange *x)
{
    const struct challenge_reply reply = take_reply(x);
    return has_challenge(x)
               ? blame_challenge(x, challenge_check(x->service, caller_client_id(&x->caller),
                                                    &reply, x->now_ms))
               : CC_OK;
}

/* No password is hashed without a reto. */
static enum cc_err begin_password(struct exchange *x, const struct application_input *input)
{
    CC_WIPED(citizen) person = {.nif = input->nif, .name = input->name, .phone = input->phone};
    const struct entry_secret typed = {x->in[PASSWORD].text, x->in[PASSWORD].len, input->from};
    enum cc_err err = contrasenas_admit(x);
    if (err == CC_OK)
        err = entry_check_own(&person, x->in[PASSWORD].text, x->in[PASSWORD].len);
    if (err_http_status(err) == 422)
        err = exchange_blame(x, "contrasena", err);
    if (err == CC_OK)
        err = check_challenge(x);
    if (err != CC_OK)
        return err;
    x->prepared.entry.done = on_hashed;
    x->prepared.entry.user = x;
    return entry_begin_hash(x->service, &x->prepared.entry, &typed, &x->wait_s);
}

enum cc_err altas_prepare(struct exchange *x, bool *ret_waits)
{
    struct address_keys from;
    struct application_input input = {.from = &from, .upload = upload_user(x->upload)};
    bool is_hashing = x->in[PASSWORD].text != NULL;
    enum cc_err err = parse_alta(x, &input);
    *ret_waits = true;
    if (err == CC_OK) /* before the reto: a wrong answer is paid for too */
        err = input_address(x, &x->in[ADDRESS], &from);
    if (err == CC_OK && is_hashing)
        err = begin_password(x, &input);
    else if (err == CC_OK && !application_upload_has_any(input.upload))
        err = exchange_blame(x, altas_upload.field, CC_ERR_FIELD_MISSING);
    else if (err == CC_OK)
        err = check_challenge(x);
    if (err == CC_ERR_CHALLENGE_USED) { /* refused later, unless the form is one that came before */
        err = CC_OK;
        is_hashing = false;
    }
    if (err == CC_OK && !is_hashing)
        err = settle(x);
    secret_wipe(&input, sizeof(input));
    return err;
}

enum cc_err altas_create(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    struct application_output output;
    const struct challenge_reply reply = take_reply(x);
    bool has_password = x->in[PASSWORD].text != NULL;
    struct application_input input = {.from = &from,
                                      .upload = upload_user(x->upload),
                                      .secret_hash = has_password ? x->prepared.entry.hash : NULL,
                                      .has_worked = has_challenge(x),
                                      .caller = &x->caller};
    enum cc_err err = parse_alta(x, &input);
    if (err == CC_OK)
        err = input_address_keys(x, &x->in[ADDRESS], &from);
    if (err == CC_OK && input.has_worked)
        err = blame_challenge(x, challenge_use(x->service, &reply, x->now_ms));
    if (err == CC_OK)
        err = application_request(x->service, &input, x->now_ms, &output, &x->wait_s);
    secret_wipe(&input, sizeof(input));
    if (err == CC_OK)
        put_output(&output, true, out);
    return err;
}

enum cc_err altas_prove_phone(struct exchange *x, struct buf *out)
{
    char code[CODE_SIZE];
    struct application_output output;
    enum cc_err verdict = CC_OK;
    enum cc_err err =
        clave_parse(x->in[0].text, x->in[0].len, APPLICATION_CODE_DIGITS, CC_ERR_CODE_FORMAT, code);
    if (err != CC_OK)
        return exchange_blame(x, "codigo", err);
    err = application_prove(x->service, x->params[0].text, code, &x->caller, x->now_ms, &output,
                            &verdict);
    secret_wipe(code, sizeof(code));
    if (err != CC_OK)
        return err;
    if (verdict == CC_ERR_ALREADY_REGISTERED)
        exchange_tell_problem(x, exchange_blame(x, "nif", input_explain_registered(x)), out);
    else if (verdict != CC_OK)
        exchange_tell_problem(x, exchange_blame(x, "codigo", verdict), out);
    else
        put_output(&output, false, out);
    return CC_OK;
}

enum cc_err altas_resend_code(struct exchange *x, struct buf *out)
{
    struct application_output output;
    enum cc_err err = application_resend(x->service, x->params[0].text, &x->caller, x->now_ms,
                                         &output, &x->wait_s);
    if (err == CC_OK)
        put_output(&output, true, out);
    return err;
}
