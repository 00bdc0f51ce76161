/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/auth.h"

#include "base/log.h"
#include "http/header.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct auth_client {
    struct client client;
    struct limits_bucket bucket;
};

struct client_list {
    struct auth_client *items;
    size_t count;
    size_t cap;
    bool no_memory;
};

struct auth {
    struct store *store;
    struct client_list clients; /* those that are not revoked */
    bool is_stale;              /* a reload failed: the list may hold a revoked client */
};

static bool list_add(const struct client *client, void *user)
{
    struct client_list *list = user;
    if (client->revoked_ms != 0 || client->is_altered)
        return true;
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 8 : 2 * list->cap;
        struct auth_client *items = reallocarray(list->items, cap, sizeof(*items));
        list->no_memory = items == NULL;
        if (items == NULL)
            return false;
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = (struct auth_client){.client = *client};
    return true;
}

/* A reload must not hand anybody a full bucket again. */
static void carry_buckets(const struct client_list *from, struct client_list *to)
{
    for (size_t i = 0; i < to->count; i++) {
        for (size_t j = 0; j < from->count; j++) {
            if (to->items[i].client.id == from->items[j].client.id)
                to->items[i].bucket = from->items[j].bucket;
        }
    }
}

enum cc_err auth_reload(struct auth *auth)
{
    struct client_list fresh = {0};
    enum cc_err err = clients_each(auth->store, list_add, &fresh);
    if (fresh.no_memory)
        err = CC_ERR_MEMORY;
    if (err != CC_OK) {
        log_error("http: no se pueden leer los clientes: %s", err_token(err));
        free(fresh.items);
        auth->is_stale = true;
        return err;
    }
    auth->is_stale = false;
    carry_buckets(&auth->clients, &fresh);
    free(auth->clients.items);
    auth->clients = fresh;
    return CC_OK;
}

enum cc_err auth_current(struct auth *auth)
{
    return auth->is_stale ? auth_reload(auth) : CC_OK;
}

enum cc_err auth_new(struct store *store, struct auth **ret)
{
    struct auth *auth = calloc(1, sizeof(*auth));
    if (auth == NULL)
        return CC_ERR_MEMORY;
    auth->store = store;
    enum cc_err err = auth_reload(auth);
    if (err != CC_OK) {
        auth_free(auth);
        return err;
    }
    *ret = auth;
    return CC_OK;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    free(auth->clients.items);
    free(auth);
}

static bool is_expired(const struct client *client, int64_t now_ms)
{
    return client->expires_ms != 0 && now_ms >= client->expires_ms;
}

const struct client *auth_find(const struct auth *auth, const char *authorization, int64_t now_ms)
{
    const char *token;
    size_t len;
    if (!header_bearer(authorization, &token, &len))
        return NULL;
    uint8_t tag[SECRET_TAG_BYTES];
    const struct client *found = NULL;
    client_token_tag(auth->store, token, len, tag);
    for (size_t i = 0; i < auth->clients.count; i++) {
        if (secret_tag_equal(tag, auth->clients.items[i].client.token_tag))
            found = &auth->clients.items[i].client;
    }
    return found == NULL || is_expired(found, now_ms) ? NULL : found;
}

static struct auth_client *find_id(const struct auth *auth, int64_t client_id)
{
    for (size_t i = 0; i < auth->clients.count; i++) {
        if (auth->clients.items[i].client.id == client_id)
            return &auth->clients.items[i];
    }
    return NULL;
}

enum cc_err auth_check(const struct auth *auth, int64_t client_id, unsigned scopes, int64_t now_ms)
{
    const struct auth_client *found = find_id(auth, client_id);
    if (found == NULL || is_expired(&found->client, now_ms))
        return CC_ERR_UNAUTHENTICATED;
    return (found->client.scopes & (scopes | SCOPE_ADMIN)) != 0 ? CC_OK : CC_ERR_FORBIDDEN;
}

enum cc_err auth_take(struct auth *auth, int64_t client_id, const struct limits *limits,
                      int64_t now_us, int64_t *ret_wait_s)
{
    struct auth_client *found = find_id(auth, client_id);
    if (found == NULL)
        return CC_ERR_UNAUTHENTICATED;
    return limits_bucket_take(&found->bucket, limits->client_per_second, limits->client_burst,
                              now_us, ret_wait_s)
               ? CC_OK
               : CC_ERR_RATE_LIMITED;
}

void auth_return(struct auth *auth, int64_t client_id)
{
    struct auth_client *found = find_id(auth, client_id);
    if (found != NULL)
        limits_bucket_return(&found->bucket);
}

bool auth_needs_ip(const struct auth *auth, int64_t client_id)
{
    const struct auth_client *found = find_id(auth, client_id);
    return found != NULL && (found->client.scopes & CLIENT_NEEDS_IP) != 0;
}

int64_t auth_client_id(const struct auth *auth, const char *name)
{
    for (size_t i = 0; i < auth->clients.count; i++) {
        if (strcmp(auth->clients.items[i].client.name, name) == 0)
            return auth->clients.items[i].client.id;
    }
    return 0;
}

enum cc_err auth_peer(int fd, uid_t *ret_uid)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        return CC_ERR_FORBIDDEN;
    if (peer.uid != 0 && peer.uid != geteuid())
        return CC_ERR_FORBIDDEN;
    *ret_uid = peer.uid;
    return CC_OK;
}
