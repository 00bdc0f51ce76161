/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/access.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret_old.h"
#include "domain/bucket.h"
#include "domain/pace.h"
#include "store/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHENCE_SIZE = 128 };

#define REFUSAL_LOG_US (INT64_C(60) * 1000 * 1000)

struct access_client {
    struct client client;
    struct bucket bucket;
    int64_t refusal_logged_us;   /* 0 = never */
    int64_t certificate_ends_ms; /* of the one that it showed last; 0 = it has not */
    bool is_newest_seen;         /* its newest token was used since it was read */
};

struct client_list {
    struct access_client *items;
    size_t count;
    size_t cap;
    bool no_memory;
};

struct access {
    struct store *store;
    struct client_list clients;    /* clients that are not revoked */
    bool is_stale;                 /* a reload failed: the list may hold a revoked client */
    uint8_t sum[SECRET_TAG_BYTES]; /* of the rows that were read (store/head.h) */
    struct pace pace;              /* of the end users' addresses */
};

static bool list_add(const struct client *client, void *user)
{
    struct client_list *list = user;
    if (client->revoked_ms != 0 || client->is_altered)
        return true;
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 8 : 2 * list->cap;
        struct access_client *items = reallocarray(list->items, cap, sizeof(*items));
        list->no_memory = items == NULL;
        if (items == NULL)
            return false;
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = (struct access_client){.client = *client};
    return true;
}

/* A reload must not give a client a full bucket again, nor forget what was just used or said. */
static void carry_state(const struct client_list *from, struct client_list *to)
{
    for (size_t i = 0; i < to->count; i++) {
        for (size_t j = 0; j < from->count; j++) {
            if (to->items[i].client.id != from->items[j].client.id)
                continue;
            to->items[i].bucket = from->items[j].bucket;
            to->items[i].refusal_logged_us = from->items[j].refusal_logged_us;
            if (strcmp(to->items[i].client.certificates, from->items[j].client.certificates) == 0)
                to->items[i].certificate_ends_ms = from->items[j].certificate_ends_ms;
        }
    }
}

enum cc_err access_reload(struct access *access)
{
    struct client_list fresh = {0};
    enum cc_err err = clients_each(access->store, list_add, &fresh);
    if (fresh.no_memory)
        err = CC_ERR_MEMORY;
    if (err != CC_OK) {
        log_error("acceso: no se pueden leer los clientes: %s", err_token(err));
        free(fresh.items);
        access->is_stale = true;
        return err;
    }
    access->is_stale = false;
    memcpy(access->sum, access->store->head.committed.of[ROWTAG_CLIENTS], sizeof(access->sum));
    carry_state(&access->clients, &fresh);
    free(access->clients.items);
    access->clients = fresh;
    return CC_OK;
}

enum cc_err access_new(struct store *store, struct access **ret)
{
    struct access *access = alloc_or_abort(sizeof(*access));
    access->store = store;
    secret_random(&access->pace.seed, sizeof(access->pace.seed));
    enum cc_err err = access_reload(access);
    if (err != CC_OK) {
        access_free(access);
        return err;
    }
    *ret = access;
    return CC_OK;
}

void access_free(struct access *access)
{
    if (access == NULL)
        return;
    free(access->clients.items);
    free(access);
}

static bool is_expired(const struct client *client, int64_t now_ms)
{
    return client->expires_ms != 0 && now_ms >= client->expires_ms;
}

/* Also repeats a reload that failed, until when the list may hold a revoked client; and reads what
 * another box has changed, as far as this one has seen its commits. */
static enum cc_err make_current(struct access *access)
{
    const struct store *store = access->store;
    bool is_overtaken =
        db_is_shared(store->db) &&
        memcmp(access->sum, store->head.committed.of[ROWTAG_CLIENTS], sizeof(access->sum)) != 0;
    return access->is_stale || is_overtaken ? access_reload(access) : CC_OK;
}

/* Both are compared, or the time would tell which of them it was. */
static bool has_token(const struct client *client, const uint8_t tag[SECRET_TAG_BYTES],
                      int64_t now_ms, bool *ret_is_newest)
{
    bool is_newest = secret_tag_equal(tag, client->token_tag);
    bool is_old = secret_tag_equal(tag, client->old_token_tag);
    *ret_is_newest = is_newest;
    return is_newest || (is_old && now_ms < client->old_ends_ms);
}

/* By hand: for each request of a client, snprintf() would take as long as comparing its token. */
static void write_name(struct caller *caller, const struct client *client)
{
    static const char kind[] = "cliente:";
    _Static_assert(sizeof(kind) + sizeof(client->name) <= sizeof(caller->name), "room for any");
    memcpy(caller->name, kind, sizeof(kind) - 1);
    memcpy(caller->name + sizeof(kind) - 1, client->name, strlen(client->name) + 1);
}

enum cc_err access_find_client(struct access *access, const char *token, size_t len, int64_t now_ms,
                               struct caller *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    struct access_client *found = NULL;
    bool is_newest = false, was_newest = false;
    enum cc_err err = make_current(access);
    if (err != CC_OK)
        return err;
    client_token_tag(access->store, token, len, tag);
    for (size_t i = 0; i < access->clients.count; i++) {
        if (has_token(&access->clients.items[i].client, tag, now_ms, &is_newest)) {
            found = &access->clients.items[i];
            was_newest = is_newest;
        }
    }
    if (found == NULL || is_expired(&found->client, now_ms))
        return CC_ERR_UNAUTHENTICATED;
    found->is_newest_seen |= was_newest;
    *ret = (struct caller){
        .kind = CALLER_CLIENT, .id = found->client.id, .scopes = found->client.scopes};
    memcpy(ret->token_tag, tag, sizeof(tag));
    write_name(ret, &found->client);
    return CC_OK;
}

static struct access_client *find_id(const struct access *access, int64_t client_id)
{
    for (size_t i = 0; i < access->clients.count; i++) {
        if (access->clients.items[i].client.id == client_id)
            return &access->clients.items[i];
    }
    return NULL;
}

/* Whether the token that was shown is still the client's. Another master key may have made of its
 * tag the next one. */
static bool is_still_shown(const struct access *access, const struct client *client,
                           const struct caller *caller, int64_t now_ms)
{
    uint8_t next[SECRET_TAG_BYTES];
    bool is_newest = false;
    if (has_token(client, caller->token_tag, now_ms, &is_newest))
        return true;
    secret_next_tag(access->store->keys, SECRET_USE_TOKEN, caller->token_tag, next);
    return has_token(client, next, now_ms, &is_newest);
}

enum cc_err access_check_client(struct access *access, const struct caller *caller, unsigned scopes,
                                int64_t now_ms)
{
    enum cc_err err = make_current(access);
    if (err != CC_OK)
        return err;
    const struct access_client *found = find_id(access, caller->id);
    if (found == NULL || is_expired(&found->client, now_ms) ||
        !is_still_shown(access, &found->client, caller, now_ms))
        return CC_ERR_UNAUTHENTICATED;
    bool may_ask = scopes == 0 || (found->client.scopes & (scopes | SCOPE_ADMIN)) != 0;
    return may_ask ? CC_OK : CC_ERR_FORBIDDEN;
}

void access_log_refusal(struct access *access, int64_t client_id, const char *whence,
                        int64_t now_us)
{
    struct access_client *item = find_id(access, client_id);
    if (item == NULL ||
        (item->refusal_logged_us != 0 && now_us - item->refusal_logged_us < REFUSAL_LOG_US))
        return;
    item->refusal_logged_us = now_us;
    log_warning("acceso: el token del cliente «%s» llega %s; si es el suyo, admítalo con "
                "«contraclavectl cliente cambia»; si no, rote su token",
                item->client.name, whence);
}

enum cc_err access_check_network(struct access *access, int64_t client_id, const char *address,
                                 int64_t now_us)
{
    char whence[WHENCE_SIZE];
    struct address from;
    struct access_client *found = find_id(access, client_id);
    if (found == NULL)
        return CC_ERR_UNAUTHENTICATED;
    const char *networks = found->client.networks;
    if (networks[0] == '\0' ||
        (address_parse(address, &from) == CC_OK && address_is_in(&from, networks)))
        return CC_OK;
    (void)snprintf(whence, sizeof(whence), "desde %s, que no es de sus redes",
                   address[0] != '\0' ? address : "una dirección desconocida");
    access_log_refusal(access, client_id, whence, now_us);
    return CC_ERR_CLIENT_NETWORK;
}

bool access_client_pins(const struct access *access, int64_t client_id, struct pins *ret)
{
    const struct access_client *found = find_id(access, client_id);
    return found != NULL && pins_parse(found->client.certificates, ret) && pins_ask(ret);
}

void access_note_certificate(struct access *access, int64_t client_id, int64_t ends_ms)
{
    struct access_client *found = find_id(access, client_id);
    if (found != NULL)
        found->certificate_ends_ms = ends_ms;
}

static int64_t end_of(const struct access_client *item, enum access_credential of)
{
    return of == ACCESS_TOKEN ? item->client.expires_ms : item->certificate_ends_ms;
}

int64_t access_ends_ms(const struct access *access, int64_t client_id, enum access_credential of)
{
    const struct access_client *found = find_id(access, client_id);
    return found != NULL ? end_of(found, of) : 0;
}

static void list_name(const char *name, struct buf *names)
{
    static const char more[] = ", …";
    size_t wanted = strlen(name) + 2 * sizeof(more);
    if (names->len + wanted <= names->cap)
        buf_fmt(names, "%s%s", names->len > 0 ? ", " : "", name);
    else if (names->len + sizeof(more) <= names->cap &&
             memcmp(names->data + names->len - (sizeof(more) - 1), more, sizeof(more) - 1) != 0)
        buf_str(names, more);
}

int64_t access_list_ends(const struct access *access, enum access_credential of, int64_t from_ms,
                         int64_t to_ms, struct buf *names)
{
    int64_t first_ms = 0;
    for (size_t i = 0; i < access->clients.count; i++) {
        const struct access_client *item = &access->clients.items[i];
        int64_t ends_ms = end_of(item, of);
        if (ends_ms == 0 || ends_ms < from_ms || ends_ms >= to_ms)
            continue;
        list_name(item->client.name, names);
        if (first_ms == 0 || ends_ms < first_ms)
            first_ms = ends_ms;
    }
    return first_ms;
}

const struct client *access_note_use(struct access *access, int64_t client_id, int64_t now_ms)
{
    struct access_client *found = find_id(access, client_id);
    if (found == NULL)
        return NULL;
    struct client *client = &found->client;
    bool is_first = found->is_newest_seen && client->token_used_ms == 0;
    if (!is_first && now_ms >= client->used_ms && now_ms - client->used_ms < CLIENT_TOUCH_MS)
        return NULL;
    client->used_ms = now_ms;
    if (found->is_newest_seen)
        client->token_used_ms = now_ms;
    return client;
}

enum cc_err access_take(struct access *access, int64_t client_id, const struct limits *limits,
                        int64_t now_us, int64_t *ret_wait_s)
{
    struct access_client *found = find_id(access, client_id);
    if (found == NULL)
        return CC_ERR_UNAUTHENTICATED;
    return bucket_take(&found->bucket, limits->client.per_second, limits->client.burst, now_us,
                       ret_wait_s)
               ? CC_OK
               : CC_ERR_RATE_LIMITED;
}

void access_return(struct access *access, int64_t client_id)
{
    struct access_client *found = find_id(access, client_id);
    if (found != NULL)
        bucket_return(&found->bucket);
}

enum cc_err access_take_address(struct access *access, const struct address *address,
                                const struct limits *limits, int64_t now_us, int64_t *ret_wait_s)
{
    return pace_take(&access->pace, address, &limits->address, now_us, ret_wait_s)
               ? CC_OK
               : CC_ERR_RATE_LIMITED;
}

int64_t access_client_id(const struct access *access, const char *name)
{
    for (size_t i = 0; i < access->clients.count; i++) {
        if (strcmp(access->clients.items[i].client.name, name) == 0)
            return access->clients.items[i].client.id;
    }
    return 0;
}
