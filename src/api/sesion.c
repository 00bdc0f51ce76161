/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/sesion and /v1/sesiones: a person logs in and out, and looks after the own account. */
#include "api/input.h"
#include "api/resources.h"
#include "http/header.h"
#include "http/identify.h"
#include "http/json_write.h"
#include "http/language.h"
#include "service/mail.h"
#include "service/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME, PASSWORD, CODE };

const struct json_shape sesion_open_shape = {
    .fields = {[NAME] = {"nombre", .max_bytes = 256},
               [PASSWORD] = {"contrasena", .max_bytes = 1024},
               [CODE] = {"codigo", .optional = true, .max_bytes = 15}},
};
const struct json_shape sesion_change_shape = {
    .fields = {{"idioma", .max_bytes = 8}},
};
const struct json_shape sesion_start_totp_shape = {
    .fields = {{"codigo", .optional = true, .max_bytes = 15}},
};
const struct json_shape sesion_code_shape = {
    .fields = {{"codigo", .max_bytes = 15}},
};

static void take_mark(struct exchange *x)
{
    const char *mark;
    size_t len;
    if (header_cookie(exchange_header(x, MHD_HTTP_HEADER_COOKIE), identify_mark_name(x), &mark,
                      &len) &&
        len < sizeof(x->prepared.job.mark))
        (void)snprintf(x->prepared.job.mark, sizeof(x->prepared.job.mark), "%.*s", (int)len, mark);
}

void sesion_prepare(struct exchange *x)
{
    x->prepared.job.done = exchange_go_on;
    x->prepared.job.user = x;
    memcpy(x->prepared.job.address, x->address, sizeof(x->prepared.job.address));
    take_mark(x);
}

enum cc_err sesion_compare(struct exchange *x, bool *ret_waits)
{
    const struct people_entry entry = {x->in[NAME].text, x->in[PASSWORD].text, x->in[CODE].text};
    sesion_prepare(x);
    *ret_waits = true;
    return people_begin_login(x->service->people, &x->prepared.job, &entry, &x->wait_s);
}

/* life: "; Max-Age=…", "" = until the browser is closed. */
static void set_cookie(struct exchange *x, char storage[EXCHANGE_COOKIE_SIZE], const char *name,
                       const char *value, const char *life)
{
    (void)snprintf(storage, EXCHANGE_COOKIE_SIZE, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                   name, value, exchange_is_secure(x) ? "; Secure" : "", life);
    answer_add_header(&x->answer, "Set-Cookie", storage);
}

static void set_mark(struct exchange *x)
{
    char mark[PEOPLE_MARK_SIZE];
    people_make_mark(x->service->people, &x->prepared.job, mark);
    set_cookie(x, x->cookies.mark, identify_mark_name(x), mark, "; Max-Age=2592000");
    secret_wipe(mark, sizeof(mark));
}

enum cc_err sesion_open(struct exchange *x, struct buf *out)
{
    (void)out;
    char token[SESSION_TOKEN_SIZE];
    enum cc_err err = people_open_session(x->service->people, &x->prepared.job, x->now_ms, token);
    if (err != CC_OK)
        return err;
    set_cookie(x, x->cookies.session, identify_cookie_name(x), token, "");
    set_mark(x);
    secret_wipe(token, sizeof(token));
    return CC_OK;
}

static void put_scopes(struct buf *out, unsigned scopes)
{
    unsigned bit;
    json_open(out, "ambitos", '[');
    for (size_t i = 0; scopes_name_at(i, &bit) != NULL; i++) {
        if ((scopes & bit) != 0)
            json_put_text(out, NULL, scopes_name_at(i, &bit));
    }
    json_close(out, ']');
}

/* The page of an alta says and prints this of the town's own. */
static void put_desk(struct buf *out, const struct service *service)
{
    const struct settings_desk *desk = &service->settings->desk;
    json_open(out, "registro", '{');
    json_put_text(out, "preguntas", desk->questions);
    json_put_bool(out, "correo", mail_reaches_citizens(service));
    json_put_text(out, "numero_sms", desk->sms_numbers);
    json_put_bool(out, "menores", desk->takes_minors);
    json_close(out, '}');
}

enum cc_err sesion_show(struct exchange *x, struct buf *out)
{
    CC_WIPED(operator_row) row;
    enum cc_err err = people_find_own(x->service->people, &x->caller, &row);
    if (err != CC_OK)
        return err;
    json_put_text(out, "nombre", row.name);
    json_put_text(out, "rol", roles_name(row.role));
    put_scopes(out, x->caller.scopes);
    json_put_text(out, "idioma", row.language);
    json_put_bool(out, "codigo_activo", row.totp_state == TOTP_ACTIVE);
    json_put_text(out, "entidad", x->service->installation.entity);
    put_desk(out, x->service);
    json_put_utc(out, "caduca", x->caller.ends_ms);
    return CC_OK;
}

enum cc_err sesion_change(struct exchange *x, struct buf *out)
{
    (void)out;
    enum text_lang lang = language_of_tag(x->in[0].text, x->in[0].len);
    if (lang == TEXT_LANG_COUNT)
        return exchange_blame(x, "idioma", CC_ERR_LANG_UNKNOWN);
    return people_set_language(x->service->people, &x->caller, text_lang_token(lang), x->now_ms);
}

enum cc_err sesion_close(struct exchange *x, struct buf *out)
{
    (void)out;
    set_cookie(x, x->cookies.session, identify_cookie_name(x), "", "; Max-Age=0");
    return people_end_session(x->service->people, &x->caller, 0, x->now_ms);
}

struct listing {
    struct buf *out;
    int64_t own_id;
};

static void put_session(const struct session *session, void *user)
{
    const struct listing *listing = user;
    json_open(listing->out, NULL, '{');
    json_put_int(listing->out, "id", session->id);
    json_put_utc(listing->out, "abierta", session->created_ms);
    json_put_utc(listing->out, "usada", session->used_ms);
    json_put_utc(listing->out, "caduca", session_ends_ms(session));
    json_put_text(listing->out, "direccion", session->address);
    json_put_bool(listing->out, "actual", session->id == listing->own_id);
    json_close(listing->out, '}');
}

enum cc_err sesiones_list(struct exchange *x, struct buf *out)
{
    struct listing listing = {out, x->caller.id};
    json_open(out, "sesiones", '[');
    enum cc_err err =
        people_list_sessions(x->service, x->caller.operator_id, x->now_ms, put_session, &listing);
    json_close(out, ']');
    return err;
}

enum cc_err sesiones_end(struct exchange *x, struct buf *out)
{
    (void)out;
    char *end = NULL;
    int64_t id = strtoll(x->params[0].text, &end, 10);
    if (*end != '\0' || id <= 0)
        return CC_ERR_NOT_FOUND;
    return people_end_session(x->service->people, &x->caller, id, x->now_ms);
}

/* A database that fails is not the code's fault. */
static enum cc_err blame_code(struct exchange *x, enum cc_err err)
{
    return err == CC_ERR_TOTP_CODE ? exchange_blame(x, "codigo", err) : err;
}

static const char *given_code(const struct exchange *x)
{
    return x->in[0].text != NULL ? x->in[0].text : "";
}

enum cc_err sesion_prove_totp(struct exchange *x, bool *ret_waits)
{
    *ret_waits = false;
    enum cc_err err =
        people_prove_totp(x->service->people, &x->caller, given_code(x), x->now_ms, &x->wait_s);
    return blame_code(x, err);
}

enum cc_err sesion_start_totp(struct exchange *x, struct buf *out)
{
    char secret[TOTP_TEXT_SIZE];
    enum cc_err err =
        people_start_totp(x->service->people, &x->caller, given_code(x), x->now_ms, secret);
    if (err != CC_OK)
        return blame_code(x, err);
    json_put_text(out, "secreto", secret);
    secret_wipe(secret, sizeof(secret));
    return CC_OK;
}

enum cc_err sesion_confirm_totp(struct exchange *x, struct buf *out)
{
    char codes[OPERATOR_CODES][PEOPLE_CODE_SIZE];
    enum cc_err err =
        people_confirm_totp(x->service->people, &x->caller, x->in[0].text, x->now_ms, codes);
    if (err != CC_OK)
        return blame_code(x, err);
    json_open(out, "rescate", '[');
    for (size_t i = 0; i < OPERATOR_CODES; i++)
        json_put_text(out, NULL, codes[i]);
    json_close(out, ']');
    secret_wipe(codes, sizeof(codes));
    return CC_OK;
}
