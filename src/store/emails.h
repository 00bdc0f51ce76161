/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Addresses of mail: of a person in the registry, or of an online alta until it is decided. Each
 * has the state of its proof (a link with a token, of which only a tag is kept) and is sealed,
 * bound to all of its row.
 */
#ifndef CC_STORE_EMAILS_H
#define CC_STORE_EMAILS_H

#include "domain/email.h"
#include "domain/nif.h"
#include "store/store.h"

enum { EMAIL_OWNER_BYTES = SECRET_TAG_BYTES, EMAIL_TOKEN_SIZE = 33 };

struct email_row {
    uint8_t owner[EMAIL_OWNER_BYTES];
    struct email address;
    int64_t created_ms;
    int64_t proven_ms; /* 0 = not */
    int64_t dead_ms;   /* a server said that there is no such address; 0 = none did */
    int64_t link_ms;   /* when the link was made; 0 = none is good */
    int64_t sends;     /* links that were made */
    uint8_t link_tag[SECRET_TAG_BYTES];
};
CC_WIPER(email_row)

/* The owner of a person's address; that of an online alta is its public id. */
void emails_owner(const struct store *store, const struct nif *nif, uint8_t ret[EMAIL_OWNER_BYTES]);
/* Draws a token and makes it the row's link. */
void emails_draw_link(const struct store *store, struct email_row *row, int64_t now_ms,
                      char ret_token[EMAIL_TOKEN_SIZE]);
/* Errors of all: CC_ERR_NOT_FOUND, CC_ERR_ALTERED. */
enum cc_err emails_find(struct store *store, const uint8_t owner[EMAIL_OWNER_BYTES],
                        struct email_row *ret) CC_MUST_CHECK;
enum cc_err emails_find_link(struct store *store, const char *token, size_t len,
                             struct email_row *ret) CC_MUST_CHECK;
/* Addresses that do not exist, the longest known first; a row that does not open is left out. */
typedef void (*emails_visit_fn)(const struct email_row *row, void *user);
enum cc_err emails_each_dead(struct store *store, int64_t max, emails_visit_fn visit,
                             void *user) CC_MUST_CHECK;
/* Writes the owner's row, over one that was there. */
enum cc_err emails_put(struct store *store, const struct email_row *row) CC_MUST_CHECK;
/* CC_OK also where there is none. */
enum cc_err emails_delete(struct store *store,
                          const uint8_t owner[EMAIL_OWNER_BYTES]) CC_MUST_CHECK;

#endif
