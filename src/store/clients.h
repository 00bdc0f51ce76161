/* SPDX-License-Identifier: EUPL-1.2 */
/* API clients: bearer tokens (256 random bits, only a keyed tag is stored) with scopes (DOMAIN 6).
 */
#ifndef CC_STORE_CLIENTS_H
#define CC_STORE_CLIENTS_H

#include "domain/pins.h"
#include "domain/scopes.h"
#include "store/store.h"

/* No scope but a duty, kept beside them and shown apart: the client's requests and verifications
 * must name the end user's address (--ip-obligatoria). */
enum { CLIENT_NEEDS_IP = 1 << 16 };

enum { CLIENT_NAME_SIZE = 65, CLIENT_TOKEN_SIZE = 48, CLIENT_NETWORKS_SIZE = 513 };

struct client {
    int64_t id;
    char name[CLIENT_NAME_SIZE];
    unsigned scopes;
    uint8_t token_tag[SECRET_TAG_BYTES];
    uint8_t old_token_tag[SECRET_TAG_BYTES];
    int64_t old_ends_ms; /* of the token of before; 0 = there is none */
    int64_t created_ms;
    int64_t expires_ms;                  /* 0 = never */
    int64_t revoked_ms;                  /* 0 = valid */
    char networks[CLIENT_NETWORKS_SIZE]; /* address_is_in()'s list; "" = from anywhere */
    char certificates[PINS_TEXT_SIZE];   /* pins_format()'s; "" = none is asked for */
    int64_t used_ms;                     /* last use; 0 = never */
    int64_t token_used_ms;               /* likewise, of the newest token */
    bool is_altered;                     /* its tag does not fit: nothing in it is to be believed */
};

/* Draws a token ("cc_" and 43 base64url characters) and stores its tag; out is shown once. Errors:
 * CC_ERR_NAME_FORMAT, CC_ERR_NAME_IN_USE. */
enum cc_err clients_create(struct store *store, const char *name, unsigned scopes,
                           int64_t expires_ms, int64_t now_ms, char ret_token[CLIENT_TOKEN_SIZE],
                           int64_t *ret_id) CC_MUST_CHECK;
/* The valid client of that name. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED. */
enum cc_err clients_find(struct store *store, const char *name, struct client *ret) CC_MUST_CHECK;
/*
 * Writes what may change of a client that clients_find() has read in this transaction: scopes,
 * tokens, end, networks, certificates and last use.
 */
enum cc_err clients_save(struct store *store, const struct client *client) CC_MUST_CHECK;
/* Draws a new token for the client; clients_save() makes it valid. The caller wipes ret_token. */
void client_draw_token(const struct store *store, struct client *client,
                       char ret_token[CLIENT_TOKEN_SIZE]);
/* Revokes a client, also one whose row was altered: the client is dead then, whatever was changed.
 * Errors: CC_ERR_NOT_FOUND (no valid client of that name). */
enum cc_err clients_revoke(struct store *store, const char *name, int64_t now_ms) CC_MUST_CHECK;
void client_token_tag(const struct store *store, const char *token, size_t len,
                      uint8_t out[SECRET_TAG_BYTES]);
/* All of them, oldest first; visit returns false to stop. */
enum cc_err clients_each(struct store *store, bool (*visit)(const struct client *, void *user),
                         void *user) CC_MUST_CHECK;

#endif
