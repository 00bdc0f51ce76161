/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/access.h"

#include "service/service.h"
#include "store/accept.h"
#include "store/audit.h"

#include <string.h>

static void on_commit(bool committed, void *user)
{
    struct service *service = user;
    if (committed && access_reload(service->access) != CC_OK)
        return; /* logged, and repeated before the next client is served */
}

/* Reads the clients again when the turn's COMMIT is done, before its answers leave. In a turn. */
static void reload_after_commit(struct service *service)
{
    turn_after(service->turn, on_commit, service);
}

static enum cc_err save_use(struct service *service, const struct client *used)
{
    struct client client;
    enum cc_err err = clients_find(service->store, used->name, &client);
    if (err != CC_OK)
        return err;
    client.used_ms = used->used_ms;
    if (secret_tag_equal(client.token_tag, used->token_tag))
        client.token_used_ms = used->token_used_ms;
    return clients_save(service->store, &client);
}

void access_touch_client(struct service *service, int64_t client_id, int64_t now_ms)
{
    const struct client *used = access_note_use(service->access, client_id, now_ms);
    if (used == NULL || turn_enter(service->turn) != CC_OK)
        return;
    turn_leave(service->turn, save_use(service, used) == CC_OK);
}

/* The end of each change: in the trail, and in memory with the commit. */
static enum cc_err finish_change(struct service *service, const char *event,
                                 const struct caller *caller, int64_t client_id, int64_t now_ms)
{
    enum cc_err err =
        service_audit(service, caller, AUDIT_ACT(.event = event, .reference = client_id), now_ms);
    if (err == CC_OK)
        reload_after_commit(service);
    return err;
}

static enum cc_err save_bounds(struct service *service, const struct client *wanted)
{
    struct client client;
    enum cc_err err = clients_find(service->store, wanted->name, &client);
    if (err != CC_OK)
        return err;
    memcpy(client.networks, wanted->networks, sizeof(client.networks));
    memcpy(client.certificates, wanted->certificates, sizeof(client.certificates));
    return clients_save(service->store, &client);
}

enum cc_err access_create_client(struct service *service, const struct client *client,
                                 const struct caller *caller, int64_t now_ms,
                                 char ret_token[CLIENT_TOKEN_SIZE], int64_t *ret_id)
{
    enum cc_err err = clients_create(service->store, client->name, client->scopes,
                                     client->expires_ms, now_ms, ret_token, ret_id);
    if (err == CC_OK && (client->networks[0] != '\0' || client->certificates[0] != '\0'))
        err = save_bounds(service, client);
    if (err == CC_OK)
        err = finish_change(service, "cliente_crear", caller, *ret_id, now_ms);
    if (err != CC_OK)
        secret_wipe(ret_token, CLIENT_TOKEN_SIZE);
    return err;
}

enum cc_err access_change_client(struct service *service, const char *name,
                                 enum cc_err (*change)(struct client *client, void *user),
                                 void *user, const struct caller *caller, int64_t now_ms)
{
    struct client client;
    enum cc_err err = clients_find(service->store, name, &client);
    if (err == CC_OK)
        err = change(&client, user);
    if (err == CC_OK)
        err = clients_save(service->store, &client);
    return err == CC_OK ? finish_change(service, "cliente_cambiar", caller, client.id, now_ms)
                        : err;
}

/* Of the token that is used, so that a client that has lost a new one may ask for another. */
static void keep_old_token(struct client *client, int64_t ends_ms)
{
    bool is_old_in_use = client->old_ends_ms != 0 && client->token_used_ms == 0;
    if (!is_old_in_use)
        memcpy(client->old_token_tag, client->token_tag, sizeof(client->old_token_tag));
    client->old_ends_ms = ends_ms;
}

enum cc_err access_rotate_client(struct service *service, const char *name, bool at_once,
                                 const struct caller *caller, int64_t now_ms,
                                 char ret_token[CLIENT_TOKEN_SIZE], int64_t *ret_old_ends_ms)
{
    struct client client;
    enum cc_err err = clients_find(service->store, name, &client);
    if (err != CC_OK)
        return err;
    keep_old_token(&client, at_once ? 0 : now_ms + CLIENT_ROTATION_MS);
    if (at_once)
        memset(client.old_token_tag, 0, sizeof(client.old_token_tag));
    client.token_used_ms = 0;
    client_draw_token(service->store, &client, ret_token);
    err = clients_save(service->store, &client);
    if (err == CC_OK)
        err = finish_change(service, "cliente_rotar", caller, client.id, now_ms);
    if (err == CC_OK)
        *ret_old_ends_ms = client.old_ends_ms;
    else
        secret_wipe(ret_token, CLIENT_TOKEN_SIZE);
    return err;
}

enum cc_err access_revoke_client(struct service *service, const char *name,
                                 const struct caller *caller, int64_t now_ms)
{
    int64_t id = access_client_id(service->access, name);
    enum cc_err err = clients_revoke(service->store, name, now_ms);
    return err == CC_OK ? finish_change(service, "cliente_revocar", caller, id, now_ms) : err;
}

enum cc_err access_list_clients(struct service *service,
                                bool (*visit)(const struct client *client, void *user), void *user)
{
    return clients_each(service->store, visit, user);
}

enum cc_err accept_database(struct service *service, const struct caller *caller, int64_t now_ms)
{
    enum cc_err err = store_accept(service->store, caller->name, caller_address(caller), now_ms);
    if (err == CC_OK)
        reload_after_commit(service);
    return err;
}
