/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is kept for a term and then destroyed, kind by kind. Rows go in pieces of bounded work, the
 * oldest first; those of people are service/retention.h's. Deleted bytes are
 * overwritten (secure_delete), and the write-ahead log by service/tidy.h.
 */
#ifndef CC_STORE_PURGE_H
#define CC_STORE_PURGE_H

#include "store/store.h"

/* In the order of a run. What evidence rests on goes when that has been settled. */
enum purge_kind {
    PURGE_PENDING,   /* nothing is destroyed: an alta whose mobile was not proven is annulled */
    PURGE_BLOCKED,   /* nothing is destroyed: who has left is blocked, after baja_dias */
    PURGE_PEOPLE,    /* bloqueo_dias after that */
    PURGE_EVIDENCE,  /* evidencias_dias; rows, each of which holds the entries of a moment */
    PURGE_ADDRESSES, /* ip_dias: those of the end users in evidence, and of the audit trail; rows */
    PURGE_REQUESTS,  /* solicitudes_dias after their end */
    PURGE_MESSAGES,  /* mensajes_dias: SMS that were sent, whose text was wiped then */
    PURGE_INBOX,     /* buzon_dias */
    PURGE_AUDIT,     /* auditoria_dias */
    PURGE_KINDS      /* also: all of them are done, and that is to be written */
};

struct purge_terms {
    int64_t days[PURGE_KINDS];
};

/* The terms where the file of configuration says nothing. */
extern const struct purge_terms purge_default_terms;

/* The word of a kind for people and programs, in Spanish: "solicitudes". Static. */
const char *purge_kind_token(enum purge_kind kind);
/* Rows dated before this instant (UTC ms) are due now. Pure. */
int64_t purge_before_ms(const struct purge_terms *terms, enum purge_kind kind, int64_t now_ms);
/*
 * Destroys up to `most` of a kind that are dated before an instant; of those dated by a clock that
 * was ahead none goes. *ret_more: there may be others. Inside a turn; nothing for people, up to
 * PURGE_PEOPLE. Errors: CC_ERR_MEMORY.
 */
enum cc_err purge_piece(struct store *store, enum purge_kind kind, int64_t before_ms,
                        int64_t now_ms, int64_t most, int64_t *ret_count,
                        bool *ret_more) CC_MUST_CHECK;
/* How many a run would destroy; reads the whole table. */
enum cc_err purge_count(struct store *store, enum purge_kind kind, int64_t before_ms,
                        int64_t now_ms, int64_t *ret) CC_MUST_CHECK;
/* When the last whole run was begun, UTC ms; 0 = none yet. */
enum cc_err purge_last_run(struct store *store, int64_t *ret_ms) CC_MUST_CHECK;
/* In a transaction. */
enum cc_err purge_set_last_run(struct store *store, int64_t now_ms) CC_MUST_CHECK;

#endif
