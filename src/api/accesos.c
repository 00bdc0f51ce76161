/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/accesos: entry by a secret that the person keeps, its second step, which is a code by SMS,
 * and its recovery. The answer of an entry is that of a verification.
 */

#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "api/verificaciones.h"
#include "http/json_write.h"
#include "service/credential.h"

#include <string.h>

enum { NIF, SECRET, METHOD, CONTRAST, IP };            /* of an entry */
enum { CODE = 1, NEW_SECRET, CODE_IP };                /* of the second step, behind the NIF */
enum { GIVEN_CONTRAST = 1, LOST_METHOD, RECOVERY_IP }; /* of a recovery, likewise */
enum { SECRET_MAX = 4 * 1024, METHOD_MAX = 32 };

const struct json_shape accesos_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [SECRET] = {"contrasena", .max_bytes = SECRET_MAX},
               [METHOD] = {"metodo", .optional = true, .max_bytes = METHOD_MAX},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [IP] = {"ip_usuario", .optional = true, .max_bytes = 64}},
};
const struct json_shape accesos_code_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [CODE] = {"codigo", .max_bytes = 16},
               [NEW_SECRET] = {"nueva", .optional = true, .max_bytes = SECRET_MAX},
               [CODE_IP] = {"ip_usuario", .optional = true, .max_bytes = 64}},
};
const struct json_shape accesos_recovery_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [GIVEN_CONTRAST] = {"contraste", .max_bytes = 64},
               [LOST_METHOD] = {"metodo", .optional = true, .max_bytes = METHOD_MAX},
               [RECOVERY_IP] = {"ip_usuario", .optional = true, .max_bytes = 64}},
};

static enum cc_err parse_method(struct exchange *x, const struct json_value *given,
                                enum method *ret)
{
    *ret = METHOD_PASSWORD_SMS;
    enum cc_err err = given->text != NULL ? method_parse_entry(given->text, ret) : CC_OK;
    return err == CC_OK ? metodos_admit(x, *ret) : exchange_blame(x, "metodo", err);
}

static void begin_input(struct exchange *x, struct address_keys *from, struct entry_input *ret)
{
    *ret = (struct entry_input){.method = METHOD_PASSWORD_SMS,
                                .from = from,
                                .caller = &x->caller,
                                .client_address = x->address};
    *from = (struct address_keys){"", ""};
}

/* Without the address, which is held to its pace where the work begins. */
static enum cc_err parse_entry(struct exchange *x, struct address_keys *from,
                               struct entry_input *ret)
{
    begin_input(x, from, ret);
    ret->secret = x->in[SECRET].text;
    ret->secret_len = x->in[SECRET].len;
    ret->address = x->in[IP].text;
    enum cc_err err = parse_method(x, &x->in[METHOD], &ret->method);
    if (err == CC_OK)
        err = input_nif(x, &x->in[NIF], &ret->nif);
    return err == CC_OK ? input_contrast(x, &x->in[CONTRAST], ret->nif.kind, &ret->contrast) : err;
}

static void prepare_job(struct exchange *x)
{
    x->prepared.entry.done = exchange_go_on;
    x->prepared.entry.user = x;
}

enum cc_err accesos_compare(struct exchange *x, bool *ret_waits)
{
    struct address_keys from;
    CC_WIPED(entry_input) input;
    enum cc_err err = parse_entry(x, &from, &input);
    if (err == CC_OK)
        err = input_address(x, &x->in[IP], &from);
    prepare_job(x);
    *ret_waits = true;
    return err == CC_OK ? entry_begin(x->service, &x->prepared.entry, &input, &x->wait_s) : err;
}

static void put_sent(struct buf *out, const struct entry_output *verdict)
{
    json_put_text(out, "resultado", "codigo");
    json_put_text(out, "id", verdict->id);
    json_put_utc(out, "reenvio_desde", verdict->resend_from_ms);
    json_put_utc(out, "caduca", verdict->expires_ms);
}

static void put_verdict(struct exchange *x, struct buf *out, const struct entry_output *verdict)
{
    if (verdict->correct)
        verificaciones_put_correct(out, &verdict->verdict, verdict->method, x->now_ms);
    else if (verdict->needs_code)
        put_sent(out, verdict);
    else
        verificaciones_put_refused(out);
}

enum cc_err accesos_enter(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    CC_WIPED(entry_input) input;
    CC_WIPED(entry_output) verdict = {.correct = false};
    enum cc_err err = parse_entry(x, &from, &input);
    if (err == CC_OK)
        err = entry_finish(x->service, &x->prepared.entry, &input, x->now_ms, &verdict);
    if (err == CC_OK)
        put_verdict(x, out, &verdict);
    return err;
}

static enum cc_err replay_entry(struct exchange *x, const struct json_value *nif,
                                enum credential_kind kind, bool is_wrong_now, struct buf *out)
{
    struct nif given;
    bool holds = false;
    if (!verificaciones_was_correct(out))
        return CC_OK;
    enum cc_err err = input_nif(x, nif, &given);
    if (err == CC_OK)
        err = entry_still_holds(x->service, &given, kind, x->now_ms, &holds);
    if (err == CC_OK && (!holds || is_wrong_now))
        verificaciones_refuse_replay(x, out);
    return err;
}

/* The same secret was compared again: one that was changed meanwhile is none. */
enum cc_err accesos_replay(struct exchange *x, struct buf *out)
{
    const struct entry_job *job = &x->prepared.entry;
    enum method method = METHOD_PASSWORD_SMS;
    enum cc_err err = entry_abandon(x->service, job);
    if (err == CC_OK)
        err = parse_method(x, &x->in[METHOD], &method);
    return err == CC_OK ? replay_entry(x, &x->in[NIF], method_rows[method].credential,
                                       job->is_compared && !job->is_right, out)
                        : err;
}

enum cc_err accesos_replay_code(struct exchange *x, struct buf *out)
{
    return replay_entry(x, &x->in[NIF], CREDENTIAL_NONE, false, out);
}

enum cc_err accesos_begin_hash(struct exchange *x, const struct json_value *secret,
                               const struct address_keys *from, const char *field)
{
    const struct entry_secret typed = {secret->text, secret->len, from};
    prepare_job(x);
    enum cc_err err = entry_begin_hash(x->service, &x->prepared.entry, &typed, &x->wait_s);
    return err_http_status(err) == 422 ? exchange_blame(x, field, err) : err;
}

/* Hashed whether there is such a code or not: the time tells nothing. */
enum cc_err accesos_hash_new(struct exchange *x, bool *ret_waits)
{
    struct address_keys from;
    *ret_waits = x->in[NEW_SECRET].text != NULL;
    enum cc_err err = input_address(x, &x->in[CODE_IP], &from);
    return err == CC_OK && *ret_waits ? accesos_begin_hash(x, &x->in[NEW_SECRET], &from, "nueva")
                                      : err;
}

enum cc_err accesos_prove(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    CC_WIPED(entry_input) input;
    CC_WIPED(entry_output) verdict = {.correct = false};
    char digits[CODE_SIZE];
    const struct entry_proof proof = {.id = x->params[0].text,
                                      .digits = digits,
                                      .new_secret = x->in[NEW_SECRET].text,
                                      .new_len = x->in[NEW_SECRET].len,
                                      .hash = x->prepared.entry.hash};
    begin_input(x, &from, &input);
    input.address = x->in[CODE_IP].text;
    enum cc_err err = input_nif(x, &x->in[NIF], &input.nif);
    if (err == CC_OK)
        err = movil_parse_code(x, &x->in[CODE], digits);
    if (err == CC_OK)
        err = entry_prove(x->service, &input, &proof, x->now_ms, &verdict);
    if (err == CC_ERR_PASSWORD_COMMON || err == CC_ERR_FIELD_MISSING)
        err = exchange_blame(x, "nueva", err);
    if (err == CC_OK)
        put_verdict(x, out, &verdict);
    secret_wipe(digits, sizeof(digits));
    return err;
}

enum cc_err accesos_recover(struct exchange *x, struct buf *out)
{
    struct address_keys from;
    CC_WIPED(entry_input) input;
    CC_WIPED(entry_output) verdict = {.correct = false};
    begin_input(x, &from, &input);
    enum cc_err err = parse_method(x, &x->in[LOST_METHOD], &input.method);
    if (err == CC_OK)
        err = input_nif(x, &x->in[NIF], &input.nif);
    if (err == CC_OK)
        err = input_contrast(x, &x->in[GIVEN_CONTRAST], input.nif.kind, &input.contrast);
    if (err == CC_OK && input.contrast.text[0] == '\0')
        err = exchange_blame(x, "contraste", CC_ERR_FIELD_MISSING);
    if (err == CC_OK)
        err = input_address(x, &x->in[RECOVERY_IP], &from);
    if (err == CC_OK)
        err = credential_recover(x->service, &input, x->now_ms, &verdict, &x->wait_s);
    if (err == CC_OK)
        put_verdict(x, out, &verdict);
    return err;
}
