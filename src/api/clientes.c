/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/clientes: the clients of the API, made and revoked by an administrator. */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/access.h"

#include <stdint.h>

enum { NAME, SCOPES, EXPIRES, NEEDS_IP };

const struct json_shape clientes_create_shape = {
    .count = 4,
    .fields = {[NAME] = {"nombre", .max_bytes = 256},
               [SCOPES] = {"ambitos", .max_bytes = 128},
               [EXPIRES] = {"caduca", .optional = true, .max_bytes = 64},
               [NEEDS_IP] = {"ip_obligatoria", JSON_KIND_BOOLEAN, .optional = true}},
};

/* "2027-01-01T00:00:00Z", in the future. 0 when the field is absent: never. */
static enum cc_err parse_expiry(struct exchange *x, const struct json_value *given, int64_t *ret_ms)
{
    *ret_ms = 0;
    return given->text == NULL
               ? CC_OK
               : input_instant(x, given, "caduca", x->now_ms + 1, INT64_MAX, ret_ms);
}

static enum cc_err parse_client(struct exchange *x, const struct json_value *in, struct client *ret)
{
    enum cc_err err = input_name(x, &in[NAME], ret->name, sizeof(ret->name));
    if (err != CC_OK)
        return err;
    err = scopes_parse(in[SCOPES].text, &ret->scopes);
    if (err != CC_OK)
        return exchange_blame(x, "ambitos", err);
    if (in[NEEDS_IP].flag)
        ret->scopes |= CLIENT_NEEDS_IP;
    return parse_expiry(x, &in[EXPIRES], &ret->expires_ms);
}

/* Errors about the name get `campo`; others are not about a field. */
static enum cc_err blame_name(struct exchange *x, enum cc_err err)
{
    bool is_name =
        err == CC_ERR_NAME_IN_USE || err == CC_ERR_NAME_FORMAT || err == CC_ERR_NOT_FOUND;
    return is_name ? exchange_blame(x, "nombre", err) : err;
}

enum cc_err clientes_create(struct exchange *x, const struct json_value *in, struct buf *out)
{
    struct client client = {0};
    char token[CLIENT_TOKEN_SIZE];
    char scopes[SCOPES_SIZE];
    enum cc_err err = parse_client(x, in, &client);
    if (err != CC_OK)
        return err;
    err = access_create_client(x->service, &client, &x->caller, x->now_ms, token, &client.id);
    if (err != CC_OK)
        return blame_name(x, err);
    scopes_format(client.scopes, scopes);
    json_open(out, NULL, '{');
    json_put_int(out, "id", client.id);
    json_put_text(out, "nombre", client.name);
    json_put_text(out, "ambitos", scopes);
    json_put_bool(out, "ip_obligatoria", (client.scopes & CLIENT_NEEDS_IP) != 0);
    json_put_utc_or_null(out, "caduca", client.expires_ms);
    json_put_text(out, "token", token);
    json_close(out, '}');
    secret_wipe(token, sizeof(token));
    return CC_OK;
}

static bool put_client(const struct client *client, void *user)
{
    struct buf *out = user;
    char scopes[SCOPES_SIZE];
    scopes_format(client->scopes, scopes);
    json_open(out, NULL, '{');
    json_put_int(out, "id", client->id);
    json_put_text(out, "nombre", client->name);
    json_put_text(out, "ambitos", scopes);
    json_put_bool(out, "ip_obligatoria", (client->scopes & CLIENT_NEEDS_IP) != 0);
    json_put_utc(out, "creado", client->created_ms);
    json_put_utc_or_null(out, "caduca", client->expires_ms);
    json_put_utc_or_null(out, "revocado", client->revoked_ms);
    json_close(out, '}');
    return true;
}

enum cc_err clientes_list(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)in;
    json_open(out, NULL, '{');
    json_open(out, "clientes", '[');
    enum cc_err err = access_list_clients(x->service, put_client, out);
    json_close(out, ']');
    json_close(out, '}');
    return err;
}

enum cc_err clientes_revoke(struct exchange *x, const struct json_value *in, struct buf *out)
{
    char name[CLIENT_NAME_SIZE];
    const struct json_value given = {.text = x->params[0].text, .len = x->params[0].len};
    (void)in;
    enum cc_err err = input_name(x, &given, name, sizeof(name));
    if (err != CC_OK)
        return err;
    err = access_revoke_client(x->service, name, &x->caller, x->now_ms);
    if (err != CC_OK)
        return blame_name(x, err);
    json_open(out, NULL, '{');
    json_put_text(out, "nombre", name);
    json_put_utc(out, "revocado", x->now_ms);
    json_close(out, '}');
    return CC_OK;
}
