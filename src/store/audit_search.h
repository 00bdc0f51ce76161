/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Search of the audit trail, newest rows first, in pieces of bounded work: the trail has no index
 * but its numbers, so that appending a row stays cheap, and a search reads it backwards.
 */
#ifndef CC_STORE_AUDIT_SEARCH_H
#define CC_STORE_AUDIT_SEARCH_H

#include "store/store.h"

/* Rows read by one piece: about a millisecond. */
enum { AUDIT_SEARCH_READ = 1000 };

/* A row of the trail; its texts live until the visit returns. */
struct audit_found {
    int64_t id, at_ms;
    const char *event, *actor, *result;
    const uint8_t *subject; /* blind index of SECRET_TAG_BYTES; NULL = none */
    int64_t reference;
    const char *address;  /* where it came from; "" = not known, or its term is over */
    const char *evidence; /* id of the evidence of an entry; "" = none */
};

/* Conditions, all of which a row must meet. Units: UTC ms. */
struct audit_filter {
    const char *event;      /* "" = any */
    const char *actor;      /* whole, "operador:ana", or what follows its kind, "ana"; "" = any */
    const uint8_t *subject; /* blind index; NULL = any */
    int64_t from_ms, until_ms; /* until is not included */
};

/* Pure. */
bool audit_filter_fits(const struct audit_filter *filter, const struct audit_found *row);

typedef void (*audit_search_fn)(const struct audit_found *row, void *user);

/* Reads at most AUDIT_SEARCH_READ rows before `before_id` and visits those that fit, at most `most`
 * of them. *ret_next is the id to go on before; 0 = the trail was read to its first row. */
enum cc_err audit_search(struct store *store, const struct audit_filter *filter, int64_t before_id,
                         int64_t most, audit_search_fn visit, void *user,
                         int64_t *ret_next) CC_MUST_CHECK;

enum { AUDIT_SEAL_SIZE = 40 };
/* The tag of a row as a person compares it with what was kept elsewhere: groups of hexadecimal
 * digits that no redaction takes for a key. Pure. */
void audit_write_seal(const uint8_t tag[SECRET_TAG_BYTES], char ret[AUDIT_SEAL_SIZE]);
/* Errors: CC_ERR_NOT_FOUND. */
enum cc_err audit_find_seal(struct store *store, int64_t id,
                            char ret[AUDIT_SEAL_SIZE]) CC_MUST_CHECK;
/* Visits the rows behind `after` up to `until`, oldest first, `most` of them; *ret_last is the last
 * one, or `after`. */
enum cc_err audit_each(struct store *store, int64_t after, int64_t until, int64_t most,
                       audit_search_fn visit, void *user, int64_t *ret_last) CC_MUST_CHECK;

#endif
