/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/operadores: the accounts of the people, and the first of them. */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/people.h"

enum { NAME, ROLE, PASSWORD }; /* of a new account */
enum { CHANGE_ROLE, CHANGE_PASSWORD, CHANGE_ACTIVE };
enum { FIRST_TOKEN, FIRST_NAME, FIRST_PASSWORD };

const struct json_shape operadores_create_shape = {
    .fields = {[NAME] = {"nombre", .max_bytes = 256},
               [ROLE] = {"rol", .max_bytes = 32},
               [PASSWORD] = {"contrasena", .max_bytes = 1024}},
};
const struct json_shape operadores_change_shape = {
    .fields = {[CHANGE_ROLE] = {"rol", .optional = true, .max_bytes = 32},
               [CHANGE_PASSWORD] = {"contrasena", .optional = true, .max_bytes = 1024},
               [CHANGE_ACTIVE] = {"activo", .kind = JSON_KIND_BOOLEAN, .optional = true}},
};
const struct json_shape operadores_first_shape = {
    .fields = {[FIRST_TOKEN] = {"token", .max_bytes = 128},
               [FIRST_NAME] = {"nombre", .max_bytes = 256},
               [FIRST_PASSWORD] = {"contrasena", .max_bytes = 1024}},
};

static enum cc_err begin_hash(struct exchange *x, const char *name, const char *password)
{
    sesion_prepare(x);
    enum cc_err err = people_begin_hash(x->service->people, &x->prepared.job, name, password);
    return err_http_status(err) == 422 ? exchange_blame(x, "contrasena", err) : err;
}

enum cc_err operadores_hash_new(struct exchange *x, bool *ret_waits)
{
    *ret_waits = true;
    return begin_hash(x, x->in[NAME].text, x->in[PASSWORD].text);
}

enum cc_err operadores_hash_change(struct exchange *x, bool *ret_waits)
{
    *ret_waits = x->in[CHANGE_PASSWORD].text != NULL;
    return *ret_waits ? begin_hash(x, x->params[0].text, x->in[CHANGE_PASSWORD].text) : CC_OK;
}

/* The link is looked at first: a stranger without it makes nobody work. */
enum cc_err operadores_hash_first(struct exchange *x, bool *ret_waits)
{
    enum cc_err err = people_check_setup(x->service, x->in[FIRST_TOKEN].text, x->now_ms);
    *ret_waits = true;
    return err == CC_OK ? begin_hash(x, x->in[FIRST_NAME].text, x->in[FIRST_PASSWORD].text) : err;
}

static void put_account(struct buf *out, const char *name, enum role role)
{
    json_put_text(out, "nombre", name);
    json_put_text(out, "rol", roles_name(role));
}

static enum cc_err blame(struct exchange *x, enum cc_err err)
{
    bool is_name = err == CC_ERR_NAME_FORMAT || err == CC_ERR_OPERATOR_EXISTS;
    return is_name ? exchange_blame(x, "nombre", err) : err;
}

enum cc_err operadores_create(struct exchange *x, struct buf *out)
{
    enum role role = ROLE_NONE;
    enum cc_err err = roles_parse(x->in[ROLE].text, &role);
    if (err != CC_OK)
        return exchange_blame(x, "rol", err);
    put_account(out, x->in[NAME].text, role);
    return blame(x, people_create(x->service->people, &x->caller, x->in[NAME].text, role,
                                  x->prepared.job.hash, x->now_ms));
}

enum cc_err operadores_create_first(struct exchange *x, struct buf *out)
{
    put_account(out, x->in[FIRST_NAME].text, ROLE_ADMINISTRADOR);
    return blame(x, people_create_first(x->service->people, &x->caller, x->in[FIRST_TOKEN].text,
                                        x->in[FIRST_NAME].text, x->prepared.job.hash, x->now_ms));
}

static enum cc_err parse_change(struct exchange *x, struct people_change *ret)
{
    struct people_change change = {.active = -1};
    if (x->in[CHANGE_ROLE].text != NULL &&
        roles_parse(x->in[CHANGE_ROLE].text, &change.role) != CC_OK)
        return exchange_blame(x, "rol", CC_ERR_ROLE_UNKNOWN);
    if (x->in[CHANGE_ACTIVE].is_given)
        change.active = x->in[CHANGE_ACTIVE].flag;
    if (x->in[CHANGE_PASSWORD].text != NULL)
        change.hash = x->prepared.job.hash;
    *ret = change;
    return CC_OK;
}

enum cc_err operadores_change(struct exchange *x, struct buf *out)
{
    struct people_change change;
    const char *name = x->params[0].text;
    enum cc_err err = parse_change(x, &change);
    json_put_text(out, "nombre", name);
    return err == CC_OK ? people_change(x->service->people, &x->caller, name, &change, x->now_ms)
                        : err;
}

static bool put_operator(const struct operator_row *row, void *user)
{
    struct buf *out = user;
    json_open(out, NULL, '{');
    json_put_text(out, "nombre", row->name);
    json_put_text(out, "rol", roles_name(row->role));
    json_put_bool(out, "activo", row->is_active && !row->is_altered);
    json_put_bool(out, "codigo_activo", row->totp_state == TOTP_ACTIVE);
    json_put_utc(out, "creado", row->created_ms);
    json_close(out, '}');
    return true;
}

enum cc_err operadores_list(struct exchange *x, struct buf *out)
{
    json_open(out, "operadores", '[');
    enum cc_err err = people_list_operators(x->service, put_operator, out);
    json_close(out, ']');
    return err;
}

enum cc_err operadores_make_link(struct exchange *x, struct buf *out)
{
    char link[PEOPLE_LINK_SIZE];
    int64_t expires_ms = 0;
    enum cc_err err =
        people_make_link(x->service->people, &x->caller, x->now_ms, link, &expires_ms);
    if (err != CC_OK)
        return err;
    json_put_text(out, "enlace", link);
    json_put_utc(out, "caduca", expires_ms);
    secret_wipe(link, sizeof(link));
    return CC_OK;
}
