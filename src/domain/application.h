/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An online alta until a clerk has decided (DOMAIN 1): its states, the rules of the code that
 * proves the mobile, the bounds on what strangers can ask for, and the reasons of a rejection.
 * Pure.
 */
#ifndef CC_DOMAIN_APPLICATION_H
#define CC_DOMAIN_APPLICATION_H

#include "base/err.h"
#include "domain/text.h"

#include <stdint.h>

/* Stored: append only. */
enum application_state {
    APPLICATION_REQUESTED, /* solicitada: the mobile is not proven */
    APPLICATION_PENDING,   /* pendiente: a clerk is to look at it */
    APPLICATION_ACCEPTED,  /* activa */
    APPLICATION_REJECTED,  /* rechazada */
    APPLICATION_STATES
};

enum application_act {
    APPLICATION_PROVE,  /* the code of the mobile was right */
    APPLICATION_CLOSE,  /* the code was right, and the person is registered already */
    APPLICATION_ACCEPT, /* by a clerk, as the next one */
    APPLICATION_REJECT,
    APPLICATION_ACTS
};

/* Stored: append only. */
enum application_reason {
    APPLICATION_NO_REASON,
    APPLICATION_ILLEGIBLE,  /* documento_ilegible */
    APPLICATION_EXPIRED,    /* documento_caducado */
    APPLICATION_INCOMPLETE, /* documento_incompleto: a side is missing */
    APPLICATION_MISMATCH,   /* datos_distintos */
    APPLICATION_OTHER,      /* otro: the Registro tells it in person */
    APPLICATION_REGISTERED, /* registrado: closed by the box itself */
    APPLICATION_REASONS
};

enum {
    APPLICATION_CODE_DIGITS = 6,
    APPLICATION_CODE_TRIES = 5,
    APPLICATION_CODE_LIFE_MS = 30 * 60 * 1000,
    APPLICATION_RESEND_MS = 60 * 1000,
    APPLICATION_SENDS_MAX = 4,
    APPLICATION_UNPROVEN_MS = 24 * 60 * 60 * 1000, /* then it is swept */
    APPLICATION_ADDRESS_DAY = 5,                   /* from one address in 24 h */
    APPLICATION_TOWN_HOUR = 120,                   /* of all, in an hour */
    APPLICATION_TOWN_HOUR_WORKED = 600,            /* with a reto, whose work doubles each 120 */
    APPLICATION_OPEN_MAX = 1000,                   /* requested and pending */
};
/* Life of a code that a person reads out by telephone, of an alta at the desk. */
#define APPLICATION_LONG_CODE_LIFE_MS (INT64_C(7) * 24 * 60 * 60 * 1000)
#define APPLICATION_OPEN_BYTES_MAX (INT64_C(1) << 30)           /* of the documents of these */
#define APPLICATION_KEPT_MS (INT64_C(31) * 24 * 60 * 60 * 1000) /* the fact of an ended one */

/* The code that was sent last. Units: UTC ms. */
struct application_code {
    int64_t sent_ms;
    int64_t tries; /* wrong ones, of this code */
    int64_t sends; /* codes that were sent, this one too */
};

/* Errors: CC_ERR_APPLICATION_STATE: the act does not lead from this state. */
enum cc_err application_next(enum application_act act, enum application_state from,
                             enum application_state *ret) CC_MUST_CHECK;
/* Whether the code may still be compared: it is good for life_ms. Errors: CC_ERR_CODE_EXPIRED. */
enum cc_err application_check_code(const struct application_code *code, int64_t life_ms,
                                   int64_t now_ms) CC_MUST_CHECK;
/* Whether another code may be sent. Errors: CC_ERR_RATE_LIMITED, with *ret_wait_s set. */
enum cc_err application_check_resend(const struct application_code *code, int64_t now_ms,
                                     int64_t *ret_wait_s) CC_MUST_CHECK;

const char *application_state_token(enum application_state state); /* "solicitada", … */
/* Errors: CC_ERR_RANGE. */
enum cc_err application_parse_state(const char *token, enum application_state *ret) CC_MUST_CHECK;
const char *application_reason_token(enum application_reason reason); /* "" = none */
/* One that a clerk may give. Errors: CC_ERR_REASON. */
enum cc_err application_parse_reason(const char *token, enum application_reason *ret) CC_MUST_CHECK;
/* The SMS that tells a reason that a clerk may give. */
enum text_id application_reason_text(enum application_reason reason);

#endif
