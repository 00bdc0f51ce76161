/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/access.h"

#include "service/service.h"
#include "store/audit.h"

static void on_commit(bool committed, void *user)
{
    struct service *service = user;
    if (committed && access_reload(service->access) != CC_OK)
        return; /* logged, and repeated before the next client is served */
}

void access_reload_after_commit(struct service *service)
{
    turn_after(service->turn, on_commit, service);
}

static enum cc_err audit_client(struct service *service, const char *event,
                                const struct caller *caller, int64_t client_id, int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = event, .actor = caller->name, .result = "correcto", .reference = client_id};
    return audit_append(service->store, &entry, now_ms, NULL);
}

enum cc_err access_create_client(struct service *service, const struct client *client,
                                 const struct caller *caller, int64_t now_ms,
                                 char ret_token[CLIENT_TOKEN_SIZE], int64_t *ret_id)
{
    enum cc_err err = clients_create(service->store, client->name, client->scopes,
                                     client->expires_ms, now_ms, ret_token, ret_id);
    if (err == CC_OK)
        err = audit_client(service, "cliente_crear", caller, *ret_id, now_ms);
    if (err == CC_OK)
        access_reload_after_commit(service);
    else
        secret_wipe(ret_token, CLIENT_TOKEN_SIZE);
    return err;
}

enum cc_err access_revoke_client(struct service *service, const char *name,
                                 const struct caller *caller, int64_t now_ms)
{
    int64_t id = access_client_id(service->access, name);
    enum cc_err err = clients_revoke(service->store, name, now_ms);
    if (err == CC_OK)
        err = audit_client(service, "cliente_revocar", caller, id, now_ms);
    if (err == CC_OK)
        access_reload_after_commit(service);
    return err;
}

enum cc_err access_list_clients(struct service *service,
                                bool (*visit)(const struct client *client, void *user), void *user)
{
    return clients_each(service->store, visit, user);
}
