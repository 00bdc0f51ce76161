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
    db_bind_text(st, 1, normal);
    db_bind_int(st, 2, scopes);
    db_bind_blob(st, 3, tag, sizeof tag);
    db_bind_int(st, 4, now_ms);
    db_bind_int(st, 5, expires_ms);
    enum cc_err err = rowtag_run(store, ROWTAG_CLIENTS, st, ret_id);
    if (err == CC_OK)
        memcpy(ret_token, token, sizeof token);
    secret_wipe(token, sizeof token);
    return err == CC_ERR_NOT_FOUND ? CC_ERR_NAME_IN_USE : err;
}

enum cc_err clients_revoke(struct store *store, const char *name, int64_t now_ms)
{
    char normal[CLIENT_NAME_SIZE];
    if (utf8_normalize_name(name, strlen(name), normal, sizeof normal) != CC_OK)
        return CC_ERR_NOT_FOUND;
    struct db_stmt *st =
        db_query(store->db, "UPDATE clients SET revoked_ms = $1 WHERE name = $2 AND revoked_ms = 0"
                            " RETURNING " CLIENTS_TAGGED);
    db_bind_int(st, 1, now_ms);
    db_bind_text(st, 2, normal);
    return rowtag_run(store, ROWTAG_CLIENTS, st, NULL);
}

enum cc_err clients_each(struct store *store, bool (*visit)(const struct client *, void *user),
                         void *user)
{
    struct db_stmt *st = db_query(store->db, "SELECT " CLIENTS_TAGGED " FROM clients ORDER BY id");
    bool more = true;
    while (more && db_step(st)) {
        struct client client = {
            .id = db_column_int(st, 0),
            .scopes = (unsigned)db_column_int(st, 2),
            .created_ms = db_column_int(st, 4),
            .expires_ms = db_column_int(st, 5),
            .revoked_ms = db_column_int(st, 6),
            .is_altered = !rowtag_fits(store, ROWTAG_CLIENTS, st),
        };
        (void)snprintf(client.name, sizeof client.name, "%s", db_column_text(st, 1));
        seal_copy_tag(st, 3, client.token_tag);
        more = visit(&client, user);
    }
    return db_finish(st);
}
