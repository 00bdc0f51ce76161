/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/clientes: the clients of the API, made, changed and revoked by an administrator. */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/access.h"
#include "service/verdict.h"

#include <stdint.h>
#include <stdio.h>

enum { NAME, SCOPES, EXPIRES, NEEDS_IP, NETWORKS, CERTIFICATES };
enum { CHANGE_EXPIRES, CHANGE_NETWORKS, CHANGE_CERTIFICATES };
enum { ROTATE_AT_ONCE };

const struct json_shape clientes_create_shape = {
    .fields = {[NAME] = {"nombre", .max_bytes = 256},
               [SCOPES] = {"ambitos", .max_bytes = SCOPES_SIZE - 1},
               [EXPIRES] = {"caduca", .optional = true, .max_bytes = 64},
               [NEEDS_IP] = {"ip_obligatoria", JSON_KIND_BOOLEAN, .optional = true},
               [NETWORKS] = {"redes", .optional = true, .max_bytes = CLIENT_NETWORKS_SIZE - 1},
               [CERTIFICATES] = {"certificados", .optional = true, .max_bytes = 512}},
};

const struct json_shape clientes_change_shape = {
    .fields = {[CHANGE_EXPIRES] = {"caduca", .optional = true, .max_bytes = 64},
               [CHANGE_NETWORKS] = {"redes", .optional = true,
                                    .max_bytes = CLIENT_NETWORKS_SIZE - 1},
               [CHANGE_CERTIFICATES] = {"certificados", .optional = true, .max_bytes = 512}},
};

const struct json_shape clientes_rotate_shape = {
    .fields = {[ROTATE_AT_ONCE] = {"ya", JSON_KIND_BOOLEAN, .optional = true}},
};

/* "2027-01-01T00:00:00Z", in the future. The end stays where the field is absent. */
static enum cc_err parse_expiry(struct exchange *x, const struct json_value *given,
                                struct client *client)
{
    return given->text == NULL
               ? CC_OK
               : input_instant(x, given, "caduca", x->now_ms + 1, INT64_MAX, &client->expires_ms);
}

/* Likewise; "" = from anywhere. */
static enum cc_err parse_networks(struct exchange *x, const struct json_value *given,
                                  struct client *client)
{
    if (given->text == NULL)
        return CC_OK;
    if (!address_are_networks(given->text))
        return exchange_blame(x, "redes", CC_ERR_NETWORKS_FORMAT);
    (void)snprintf(client->networks, sizeof(client->networks), "%s", given->text);
    return CC_OK;
}

/* Likewise; "" = the token is enough. */
static enum cc_err parse_certificates(struct exchange *x, const struct json_value *given,
                                      struct client *client)
{
    struct pins pins;
    if (given->text == NULL)
        return CC_OK;
    if (!pins_parse(given->text, &pins))
        return exchange_blame(x, "certificados", CC_ERR_PINS_FORMAT);
    pins_format(&pins, client->certificates);
    return CC_OK;
}

static enum cc_err parse_client(struct exchange *x, struct client *ret)
{
    enum cc_err err = input_name(x, &x->in[NAME], ret->name, sizeof(ret->name));
    if (err != CC_OK)
        return err;
    err = scopes_parse(x->in[SCOPES].text, &ret->scopes);
    if (err != CC_OK)
        return exchange_blame(x, "ambitos", err);
    if (x->in[NEEDS_IP].flag)
        ret->scopes |= CLIENT_NEEDS_IP;
    err = parse_expiry(x, &x->in[EXPIRES], ret);
    if (err == CC_OK)
        err = parse_networks(x, &x->in[NETWORKS], ret);
    return err == CC_OK ? parse_certificates(x, &x->in[CERTIFICATES], ret) : err;
}

/* The client that the path names. */
static enum cc_err path_name(struct exchange *x, char ret[CLIENT_NAME_SIZE])
{
    const struct json_value given = {.text = x->params[0].text, .len = x->params[0].len};
    return input_name(x, &given, ret, CLIENT_NAME_SIZE);
}

/* Errors about the name get `campo`; others are not about a field. */
static enum cc_err blame_name(struct exchange *x, enum cc_err err)
{
    bool is_name =
        err == CC_ERR_NAME_IN_USE || err == CC_ERR_NAME_FORMAT || err == CC_ERR_NOT_FOUND;
    return is_name ? exchange_blame(x, "nombre", err) : err;
}

/* Who it is, and what it may do until when and from where. */
static void put_terms(const struct client *client, struct buf *out)
{
    char scopes[SCOPES_SIZE];
    scopes_format(client->scopes, scopes);
    json_put_int(out, "id", client->id);
    json_put_text(out, "nombre", client->name);
    json_put_text(out, "ambitos", scopes);
    json_put_bool(out, "ip_obligatoria", (client->scopes & CLIENT_NEEDS_IP) != 0);
    json_put_text(out, "redes", client->networks);
    json_put_text(out, "certificados", client->certificates);
    json_put_utc_or_null(out, "caduca", client->expires_ms);
}

enum cc_err clientes_create(struct exchange *x, struct buf *out)
{
    struct client client = {0};
    char token[CLIENT_TOKEN_SIZE];
    enum cc_err err = parse_client(x, &client);
    if (err != CC_OK)
        return err;
    err = access_create_client(x->service, &client, &x->caller, x->now_ms, token, &client.id);
    if (err != CC_OK)
        return blame_name(x, err);
    put_terms(&client, out);
    json_put_text(out, "token", token);
    secret_wipe(token, sizeof(token));
    return CC_OK;
}

struct put {
    struct buf *out;
    const struct access *access;
    int64_t now_ms;
};

/* Whether the token or the certificate ends so soon that the verdict tells of it, or has ended. */
static bool ends_soon(const struct client *client, int64_t certificate_ms, int64_t now_ms)
{
    int64_t soon_ms = now_ms + VERDICT_ENDS_DAYS * INT64_C(24) * 3600 * 1000;
    return client->revoked_ms == 0 && ((client->expires_ms != 0 && client->expires_ms < soon_ms) ||
                                       (certificate_ms != 0 && certificate_ms < soon_ms));
}

static bool put_client(const struct client *client, void *user)
{
    struct put *put = user;
    struct buf *out = put->out;
    bool has_old = client->old_ends_ms > put->now_ms;
    int64_t certificate_ms = access_ends_ms(put->access, client->id, ACCESS_CERTIFICATE);
    json_open(out, NULL, '{');
    put_terms(client, out);
    json_put_utc_or_null(out, "certificado_caduca", certificate_ms);
    json_put_bool(out, "caduca_pronto", ends_soon(client, certificate_ms, put->now_ms));
    json_put_utc(out, "creado", client->created_ms);
    json_put_utc_or_null(out, "ultimo_uso", client->used_ms);
    json_put_bool(out, "token_nuevo_usado", client->token_used_ms != 0);
    json_put_utc_or_null(out, "token_anterior_hasta", has_old ? client->old_ends_ms : 0);
    json_put_utc_or_null(out, "revocado", client->revoked_ms);
    json_close(out, '}');
    return true;
}

enum cc_err clientes_list(struct exchange *x, struct buf *out)
{
    struct put put = {out, x->service->access, x->now_ms};
    json_open(out, "clientes", '[');
    enum cc_err err = access_list_clients(x->service, put_client, &put);
    json_close(out, ']');
    return err;
}

struct change {
    struct exchange *x;
    struct client changed;
};

static enum cc_err apply_change(struct client *client, void *user)
{
    struct change *change = user;
    const struct json_value *expires = &change->x->in[CHANGE_EXPIRES];
    bool ends_never = expires->text != NULL && expires->len == 0;
    enum cc_err err = ends_never ? CC_OK : parse_expiry(change->x, expires, client);
    if (ends_never)
        client->expires_ms = 0;
    if (err == CC_OK)
        err = parse_networks(change->x, &change->x->in[CHANGE_NETWORKS], client);
    if (err == CC_OK)
        err = parse_certificates(change->x, &change->x->in[CHANGE_CERTIFICATES], client);
    change->changed = *client;
    return err;
}

enum cc_err clientes_change(struct exchange *x, struct buf *out)
{
    char name[CLIENT_NAME_SIZE];
    struct change change = {.x = x};
    enum cc_err err = path_name(x, name);
    if (err != CC_OK)
        return err;
    err = access_change_client(x->service, name, apply_change, &change, &x->caller, x->now_ms);
    if (err == CC_OK)
        put_terms(&change.changed, out);
    return blame_name(x, err);
}

enum cc_err clientes_rotate(struct exchange *x, struct buf *out)
{
    char name[CLIENT_NAME_SIZE], token[CLIENT_TOKEN_SIZE];
    int64_t old_ends_ms = 0;
    enum cc_err err = path_name(x, name);
    if (err != CC_OK)
        return err;
    err = access_rotate_client(x->service, name, x->in[ROTATE_AT_ONCE].flag, &x->caller, x->now_ms,
                               token, &old_ends_ms);
    if (err != CC_OK)
        return blame_name(x, err);
    json_put_text(out, "nombre", name);
    json_put_text(out, "token", token);
    json_put_utc_or_null(out, "token_anterior_hasta", old_ends_ms);
    secret_wipe(token, sizeof(token));
    return CC_OK;
}

enum cc_err clientes_revoke(struct exchange *x, struct buf *out)
{
    char name[CLIENT_NAME_SIZE];
    enum cc_err err = path_name(x, name);
    if (err != CC_OK)
        return err;
    json_put_text(out, "nombre", name);
    json_put_utc(out, "revocado", x->now_ms);
    return blame_name(x, access_revoke_client(x->service, name, &x->caller, x->now_ms));
}
