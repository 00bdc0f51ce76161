/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/altas: the online alta with a copy of the document, and the code that proves its mobile. */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "domain/clave.h"
#include "http/json_write.h"
#include "http/upload.h"
#include "service/application.h"

enum { NIF, NAME, FIRST, SECOND, PHONE, LANGUAGE, CONTRAST, ADDRESS, EMAIL }; /* of an alta */

enum { FIELDS_BYTES = 64 * 1024 }; /* of the texts, and what stands between the parts */

const struct json_shape altas_shape = {
    .count = 9,
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [NAME] = {"nombre", .max_bytes = 480},
               [FIRST] = {"apellido1", .optional = true, .max_bytes = 480},
               [SECOND] = {"apellido2", .optional = true, .max_bytes = 480},
               [PHONE] = {"movil", .max_bytes = 64},
               [LANGUAGE] = {"idioma", .optional = true, .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [ADDRESS] = {"ip_usuario", .optional = true, .max_bytes = 64},
               [EMAIL] = {"correo", .optional = true, .max_bytes = 320}},
};

const struct upload_sink altas_upload = {
    .field = "documento",
    .files_max = DOCUMENTS_MAX,
    .file_bytes_max = DOCUMENT_BYTES_MAX,
    .body_bytes_max = DOCUMENTS_MAX * DOCUMENT_BYTES_MAX + FIELDS_BYTES,
    .open = application_upload_open,
    .begin = application_upload_begin,
    .add = application_upload_add,
    .end = application_upload_end,
    .close = application_upload_close,
};

const struct json_shape altas_code_shape = {.count = 1, .fields = {{"codigo", .max_bytes = 16}}};

static enum cc_err parse_alta(struct exchange *x, const struct json_value *in,
                              struct address_keys *from, struct application_input *ret)
{
    enum cc_err err = input_way(x, WAY_FORM);
    if (err == CC_OK)
        err = input_nif(x, &in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_person(x, &in[NAME], &in[FIRST], &in[SECOND], &ret->name);
    if (err == CC_OK)
        err = input_phone(x, &in[PHONE], &ret->phone);
    if (err == CC_OK)
        err = input_own_language(x, &in[LANGUAGE], TEXT_LANG_ES, &ret->lang);
    if (err == CC_OK)
        err = input_contrast(x, &in[CONTRAST], ret->nif.kind, &ret->contrast);
    if (err == CC_OK)
        err = input_email(x, &in[EMAIL], &ret->email);
    return err == CC_OK ? input_address(x, &in[ADDRESS], from) : err;
}

static void put_output(const struct application_output *output, bool is_waiting, struct buf *out)
{
    json_open(out, NULL, '{');
    json_put_text(out, "id", output->id);
    json_put_text(out, "estado", application_state_token(output->state));
    if (is_waiting)
        json_put_utc(out, "reenvio_desde", output->resend_from_ms);
    json_close(out, '}');
}

static void on_settled(enum cc_err err, void *user)
{
    exchange_go_on(user, err);
}

/* The copies are on the disk before their row is written. */
enum cc_err altas_settle(struct exchange *x, const struct json_value *in, bool *ret_waits)
{
    (void)in;
    enum cc_err err = input_way(x, WAY_FORM);
    *ret_waits = true;
    return err == CC_OK ? application_upload_settle(upload_user(x->upload), on_settled, x) : err;
}

enum cc_err altas_create(struct exchange *x, const struct json_value *in, struct buf *out)
{
    struct address_keys from;
    struct application_output output;
    struct application_input input = {
        .from = &from, .upload = upload_user(x->upload), .caller = &x->caller};
    enum cc_err err = parse_alta(x, in, &from, &input);
    if (err == CC_OK)
        err = application_request(x->service, &input, x->now_ms, &output, &x->wait_s);
    secret_wipe(&input, sizeof(input));
    if (err == CC_OK)
        put_output(&output, true, out);
    return err;
}

enum cc_err altas_prove_phone(struct exchange *x, const struct json_value *in, struct buf *out)
{
    char code[CODE_SIZE];
    struct application_output output;
    enum cc_err verdict = CC_OK;
    enum cc_err err =
        clave_parse(in[0].text, in[0].len, APPLICATION_CODE_DIGITS, CC_ERR_CODE_FORMAT, code);
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

enum cc_err altas_resend_code(struct exchange *x, const struct json_value *in, struct buf *out)
{
    struct application_output output;
    (void)in;
    enum cc_err err = application_resend(x->service, x->params[0].text, &x->caller, x->now_ms,
                                         &output, &x->wait_s);
    if (err == CC_OK)
        put_output(&output, true, out);
    return err;
}
