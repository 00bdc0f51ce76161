/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The audit trail: what was done, by whom, to whom, when; append-only, each row's keyed tag covers
 * the row before it, so that a row cannot be changed or taken out unseen, the last one neither. No
 * secrets: subjects are the blind index of the NIF, details are tokens from our own tables.
 */
#ifndef CC_STORE_AUDIT_H
#define CC_STORE_AUDIT_H

#include "domain/nif.h"
#include "store/store.h"

struct audit_entry {
    const char *event;            /* "alta", "solicitud", "verificacion", "cliente_crear", … */
    const char *actor;            /* "cliente:sede", "control:uid 0" */
    const struct nif *subject;    /* NULL = none */
    const uint8_t *subject_index; /* or its blind index, where that is known already */
    const char *result;           /* "correcto", "rechazado", a limits_verdict_token()… */
    int64_t reference;            /* id of the request, citizen or client; 0 = none */
    const uint8_t *address;       /* ADDRESS_BYTES, where it came from; NULL = not known */
};

/* *ret_id (may be NULL) is the row's number. */
enum cc_err audit_append(struct store *store, const struct audit_entry *entry, int64_t now_ms,
                         int64_t *ret_id) CC_MUST_CHECK;
/* Reads the end of the trail again where it may be out of date: after a rollback, and once in each
 * transaction of a shared database, whose trail is then locked. */
enum cc_err audit_refresh(struct store *store) CC_MUST_CHECK;
/* Writes the head that the rows of this transaction left stale; store_commit() does it. */
enum cc_err audit_close(struct store *store) CC_MUST_CHECK;
/* At the start: a trail whose end was cut off meanwhile is marked for good, with a row of its own.
 * store_open() does it. */
enum cc_err audit_open(struct store *store) CC_MUST_CHECK;
/* Writes the head of the trail as it is, empty in a new database: without one, a trail that was
 * emptied would look new. */
enum cc_err audit_begin(struct store *store) CC_MUST_CHECK;
/* Whether the head, as versions before the row tags wrote it, is that of the trail. */
enum cc_err audit_plain_head_fits(struct store *store, bool *ret) CC_MUST_CHECK;
/* Whether there is, or was until its term ended, a row of this number with this tag; number 0
 * stands for the empty trail. */
enum cc_err audit_find_row(struct store *store, int64_t id, const uint8_t tag[SECRET_TAG_BYTES],
                           bool *ret) CC_MUST_CHECK;
/* A commit has taken what was appended; called by store_commit(). */
void audit_committed(struct store *store);
/* How far the chain was walked, and what was found. Start it at 0. */
struct audit_walk {
    struct audit_tail tail;
    int64_t first_bad, last_bad; /* rows that do not fit or are missing; 0 = none */
    int64_t accepted;            /* breaks up to this row are known: a person has accepted them */
};

/* `rows` rows further; a row that does not fit is noted, and the walk goes on behind it. At the end
 * (*ret_more false) the caller compares the head. */
enum cc_err audit_walk(struct store *store, struct audit_walk *walk, int64_t rows,
                       bool *ret_more) CC_MUST_CHECK;
/*
 * Takes the oldest rows off the trail that are dated before an instant, `most` of them, with those
 * of the future among them; the chain then begins behind them. None of a trail that is in doubt, of
 * rows that were changed without the key, or that store/monthly.h has not counted. In a
 * transaction.
 */
enum cc_err audit_trim(struct store *store, int64_t before_ms, int64_t now_ms, int64_t most,
                       int64_t *ret_count) CC_MUST_CHECK;
/* Number and tag of the last row that went so; 0 = the trail is whole. */
enum cc_err audit_read_start(struct store *store, struct audit_tail *ret) CC_MUST_CHECK;
/* Gives the trail of `to`, which takes over that of `from` (audit_carry()), the same start. */
enum cc_err audit_carry_start(struct store *from, struct audit_tail *from_tail,
                              struct store *to) CC_MUST_CHECK;
/* Writes the rows behind *from_tail of one trail, at most `rows`, to the end of another under the
 * next key (store/rotation.h). A break between two of them is one there too. Errors:
 * CC_ERR_NO_SPACE. */
enum cc_err audit_carry(struct store *from, struct audit_tail *from_tail, struct store *to,
                        int64_t rows, bool *ret_more) CC_MUST_CHECK;
void audit_walk_mark(struct audit_walk *walk, int64_t bad);
/* Whether there is a break that no person has accepted. */
bool audit_walk_is_broken(const struct audit_walk *walk);
/* When the first row was written, UTC ms; 0 = there is none. */
enum cc_err audit_find_begin(struct store *store, int64_t *ret_ms) CC_MUST_CHECK;
/* Walks the chain; *ret_bad is the first row that does not fit or is missing, 0 if all is there. */
enum cc_err audit_verify(struct store *store, int64_t *ret_bad) CC_MUST_CHECK;

#endif
