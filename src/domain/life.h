/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The life of a registration (DOMAIN 1): its states, the acts that lead from one to another, and
 * what each act brings with it. One table; an edge that is not in it cannot be written. Pure.
 */
#ifndef CC_DOMAIN_LIFE_H
#define CC_DOMAIN_LIFE_H

#include "base/err.h"
#include "domain/text.h"

#include <stdbool.h>

/* Stored: append only. */
enum life_state {
    LIFE_ACTIVE,
    LIFE_SUSPENDED,
    LIFE_GONE,
    LIFE_BLOCKED,
    LIFE_PENDING, /* pendiente_movil: all is done but the proof of the mobile */
    LIFE_STATES
};

/* Stored: append only. */
enum life_act {
    LIFE_ENROL,        /* alta; of a person who was gone, in person or by certificate (seed 001) */
    LIFE_SUSPEND,      /* the phone or the document is lost (ENS op.acc.5.5) */
    LIFE_REACTIVATE,   /* it is found again, or replaced */
    LIFE_CHANGE_PHONE, /* in person or by certificate */
    LIFE_RENOUNCE,     /* the person wants no PIN any more */
    LIFE_DIE,
    LIFE_ANNUL,                /* the alta was a mistake */
    LIFE_CORRECT,              /* name or language (RGPD art. 16) */
    LIFE_CHANGE_NIF,           /* from NIE to DNI: the alta of the DNI follows */
    LIFE_BLOCK,                /* after its term a baja is blocked (LOPDGDD art. 32) */
    LIFE_LOOK,                 /* an auditor looks at who is blocked */
    LIFE_ENROL_PENDING,        /* alta at the desk, of a mobile that no code has proven yet */
    LIFE_PROVE_PHONE,          /* its code was read out */
    LIFE_CHANGE_PHONE_PENDING, /* another phone, that no code has proven yet */
    LIFE_SEND_KEY,             /* "Resetear clave": verified, and a clave of the town is mailed */
    LIFE_ACTS
};

/* The state that the act leads to. Errors: CC_ERR_LIFE_STATE: it does not lead from this one. */
enum cc_err life_next(enum life_act act, enum life_state from, enum life_state *ret) CC_MUST_CHECK;
/* Whether who is in this state does not stay in it for ever: service/retention.h ends it. */
bool life_has_term(enum life_state state);
/* Whether another phone takes the place of the one that is registered. */
bool life_changes_phone(enum life_act act);
/* Whether staff may do it for a person on the telephone, whose document they do not see. */
bool life_is_for_telephone(enum life_act act);
/* Whether the contraclaves that are alive end with the act. */
bool life_ends_codes(enum life_act act);
/* Whether the phone that was registered before the act is told of it, and in which words. A phone
 * that nobody has proven yet may be anybody's: it is told nothing until it is. */
bool life_tells_phone(enum life_act act, enum life_state from, enum text_id *ret);

const char *life_state_token(enum life_state state); /* "activa", … */
const char *life_act_token(enum life_act act);       /* "alta", "suspension", … */
/* Errors: CC_ERR_NOT_FOUND. */
enum cc_err life_act_parse(const char *token, enum life_act *ret) CC_MUST_CHECK;

#endif
