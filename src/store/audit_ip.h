/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Address that an entry of the audit trail came from: sealed in its row until its term ends
 * (ip_dias), and after that the tag of what was sealed, so that the chain, which covers that tag,
 * holds as before.
 */
#ifndef CC_STORE_AUDIT_IP_H
#define CC_STORE_AUDIT_IP_H

#include "domain/address.h"
#include "store/store.h"

enum { AUDIT_IP_BYTES = ADDRESS_BYTES + SECRET_SEAL_OVERHEAD };

/* Content of column `ip` of a row. */
struct audit_ip {
    uint8_t bytes[AUDIT_IP_BYTES];
    size_t len; /* 0 = none */
};

/* address of ADDRESS_BYTES; NULL = none. */
void audit_ip_seal(struct store *store, int64_t id, int64_t at_ms, const uint8_t *address,
                   struct audit_ip *ret);
struct db_value audit_ip_value(const struct audit_ip *ip);
/* A blob of another length than is written becomes one that fits no chain. */
void audit_ip_read(struct db_stmt *st, int column, struct audit_ip *ret);
/* The tag of what was sealed: what the chain covers, and what stays at the end of the term. */
void audit_ip_tag(const struct store *store, const struct audit_ip *ip,
                  uint8_t out[SECRET_TAG_BYTES]);
/* "192.0.2.1"; "" where there is none any more, or it does not open. */
void audit_ip_open(const struct store *store, int64_t id, int64_t at_ms, const struct audit_ip *ip,
                   char ret[ADDRESS_TEXT_SIZE]);
/* Seals the address again under the key of another store; what does not open stays as it is. */
void audit_ip_carry(const struct store *from, struct store *to, int64_t id, int64_t at_ms,
                    struct audit_ip *ip);
/* Ends the addresses of the oldest rows that are dated before an instant: looks at `most` rows that
 * it has not looked at before. Of the future none, but with one that follows it. Inside a turn. */
enum cc_err audit_ip_forget(struct store *store, int64_t before_ms, int64_t now_ms, int64_t most,
                            int64_t *ret_count, bool *ret_more) CC_MUST_CHECK;

#endif
