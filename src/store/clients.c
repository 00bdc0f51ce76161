/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/clients.h"

#include "base/utf8.h"
#include "store/rowtag.h"
#include "store/seal.h"

#include <stdio.h>
#include <string.h>

/* 43 characters: 258 bits. */
static void draw_token(char out[CLIENT_TOKEN_SIZE])
{
    memcpy(out, "cc_", 3);
    secret_random_text(out + 3, 43);
}

void client_token_tag(const struct store *store, const char *token, size_t len,
                      uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_TOKEN, token, len, NULL, 0, out);
}

enum cc_err clients_create(struct store *store, const char *name, unsigned scopes,
                           int64_t expires_ms, int64_t now_ms, char ret_token[CLIENT_TOKEN_SIZE],
                           int64_t *ret_id)
{
    char normal[CLIENT_NAME_SIZE], token[CLIENT_TOKEN_SIZE];
    uint8_t tag[SECRET_TAG_BYTES];
    if (utf8_normalize_name(name, strlen(name), normal, sizeof normal) != CC_OK)
        return CC_ERR_NAME_FORMAT;
    draw_token(token);
    client_token_tag(store, token, strlen(token), tag);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO clients (name, scopes, token_tag, created_ms, expires_ms,"
                            " revoked_ms) VALUES ($1, $2, $3, $4, $5, 0)"
                            " ON CONFLICT DO NOTHING RETURNING " CLIENTS_TAGGED);
    DB_BIND(st, 1, db_text(normal), db_int(scopes), db_blob(tag, sizeof tag), db_int(now_ms),
            db_int(expires_ms));
    enum cc_err err = rowtag_run(store, ROWTAG_CLIENTS, st, ret_id);
    if (err == CC_OK)
        memcpy(ret_token, token, sizeof token);
    secret_wipe(token, sizeof token);
    return err == CC_ERR_NOT_FOUND ? CC_ERR_NAME_IN_USE : err;
}

void client_draw_token(const struct store *store, struct client *client,
                       char ret_token[CLIENT_TOKEN_SIZE])
{
    draw_token(ret_token);
    client_token_tag(store, ret_token, strlen(ret_token), client->token_tag);
}

static void take_client(struct store *store, struct db_stmt *st, struct client *ret)
{
    const char *networks = db_column_text(st, 7), *certificates = db_column_text(st, 12);
    *ret = (struct client){
        .id = db_column_int(st, 0),
        .scopes = (unsigned)db_column_int(st, 2),
        .created_ms = db_column_int(st, 4),
        .expires_ms = db_column_int(st, 5),
        .revoked_ms = db_column_int(st, 6),
        .old_ends_ms = db_column_int(st, 9),
        .used_ms = db_column_int(st, 10),
        .token_used_ms = db_column_int(st, 11),
        .is_altered = !rowtag_fits(store, ROWTAG_CLIENTS, st),
    };
    (void)snprintf(ret->name, sizeof ret->name, "%s", db_column_text(st, 1));
    (void)snprintf(ret->networks, sizeof ret->networks, "%s", networks != NULL ? networks : "");
    (void)snprintf(ret->certificates, sizeof ret->certificates, "%s",
                   certificates != NULL ? certificates : "");
    seal_copy_tag(st, 3, ret->token_tag);
    seal_copy_tag(st, 8, ret->old_token_tag);
}

enum cc_err clients_find(struct store *store, const char *name, struct client *ret)
{
    char normal[CLIENT_NAME_SIZE];
    struct client client;
    if (utf8_normalize_name(name, strlen(name), normal, sizeof normal) != CC_OK)
        return CC_ERR_NOT_FOUND;
    struct db_stmt *st = db_query(store->db, "SELECT " CLIENTS_TAGGED
                                             " FROM clients WHERE name = $1 AND revoked_ms = 0");
    db_bind_text(st, 1, normal);
    enum cc_err err = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        take_client(store, st, &client);
        err = client.is_altered ? CC_ERR_ALTERED : CC_OK;
    }
    err = db_finish_with(st, err);
    if (err == CC_OK)
        *ret = client;
    return err;
}

enum cc_err clients_save(struct store *store, const struct client *client)
{
    struct db_stmt *st =
        db_query(store->db,
                 "UPDATE clients SET scopes = $1, token_tag = $2, expires_ms = $3,"
                 " networks = $4, old_token_tag = $5, old_ends_ms = $6, used_ms = $7,"
                 " token_used_ms = $8, certificates = $9 WHERE id = $10 RETURNING " CLIENTS_TAGGED);
    DB_BIND(st, 1, db_int(client->scopes), db_blob(client->token_tag, sizeof client->token_tag),
            db_int(client->expires_ms), db_text(client->networks),
            db_blob(client->old_token_tag, sizeof client->old_token_tag),
            db_int(client->old_ends_ms), db_int(client->used_ms), db_int(client->token_used_ms),
            db_text(client->certificates), db_int(client->id));
    return rowtag_run(store, ROWTAG_CLIENTS, st, NULL);
}

enum cc_err clients_revoke(struct store *store, const char *name, int64_t now_ms)
{
    char normal[CLIENT_NAME_SIZE];
    if (utf8_normalize_name(name, strlen(name), normal, sizeof normal) != CC_OK)
        return CC_ERR_NOT_FOUND;
    struct db_stmt *st =
        db_query(store->db, "UPDATE clients SET revoked_ms = $1 WHERE name = $2 AND revoked_ms = 0"
                            " RETURNING " CLIENTS_TAGGED);
    DB_BIND(st, 1, db_int(now_ms), db_text(normal));
    return rowtag_run(store, ROWTAG_CLIENTS, st, NULL);
}

enum cc_err clients_each(struct store *store, bool (*visit)(const struct client *, void *user),
                         void *user)
{
    struct db_stmt *st = db_query(store->db, "SELECT " CLIENTS_TAGGED " FROM clients ORDER BY id");
    bool more = true;
    while (more && db_step(st)) {
        struct client client;
        take_client(store, st, &client);
        more = visit(&client, user);
    }
    return db_finish(st);
}
