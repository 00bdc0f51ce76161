/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Acts on a person who is registered (DOMAIN 1), by the Registro or by the person with a
 * certificate: each is one edge of domain/life.h, kept in the history, told to the phone and
 * audited, all in one turn.
 */
#ifndef CC_SERVICE_LIFE_H
#define CC_SERVICE_LIFE_H

#include "service/caller.h"
#include "service/service.h"
#include "service/verify.h"
#include "store/life.h"

struct life_order {
    enum life_act act; /* not LIFE_ENROL, which enrol_person() does */
    struct nif nif;
    enum citizen_channel channel;
    struct phone phone;       /* of another phone: the new one */
    bool shares_phone;        /* likewise: with another NIF */
    struct person_name name;  /* of LIFE_CORRECT; without a given name, it stays */
    enum text_lang lang;      /* of LIFE_CORRECT; TEXT_LANG_COUNT = it stays */
    const char *reason;       /* NULL = none, and so on */
    const char *reference;    /* of the signed instancia */
    const char *document;     /* that identified the person */
    const struct nif *linked; /* NIF of before, or from now on */
    bool phone_proven;        /* by a code that the person read out */
    const struct caller *caller;
};

/*
 * Inside a turn. The phone of before is told, and what ends with the act is withdrawn at once: its
 * contraclaves are dead, and those that still wait are not sent. Errors: CC_ERR_NOT_FOUND,
 * CC_ERR_LIFE_STATE, CC_ERR_IN_PERSON (not by telephone), CC_ERR_PHONE_SAME, CC_ERR_PHONE_IN_USE,
 * CC_ERR_ALTERED, CC_ERR_DB.
 */
enum cc_err life_perform(struct service *service, const struct life_order *order,
                         int64_t now_ms) CC_MUST_CHECK;

/* Keeps one edge of the person's history. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err life_keep(struct service *service, const struct citizen *citizen,
                      const struct life_order *order, int64_t message_id,
                      int64_t now_ms) CC_MUST_CHECK;

/* Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err life_state_of(struct service *service, const struct nif *nif,
                          enum life_state *ret) CC_MUST_CHECK;

enum { LIFE_SHOWN_MAX = 100 };
/* The last LIFE_SHOWN_MAX edges, newest first. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB.
 */
enum cc_err life_tell_of(struct service *service, const struct citizen *citizen,
                         life_visit_fn visit, void *user) CC_MUST_CHECK;
enum cc_err life_tell(struct service *service, const struct nif *nif, life_visit_fn visit,
                      void *user) CC_MUST_CHECK;

/* ---- what a person does with his own registration, through the sede -------------------------- */

/*
 * Ends the registration where the PIN is right. The PIN is used and its failures count as in
 * verify_pin(), whose errors it has. *ret_done: it was right. Inside a turn.
 */
enum cc_err own_renounce(struct service *service, const struct verify_input *input, int64_t now_ms,
                         bool *ret_done, int64_t *ret_wait_s) CC_MUST_CHECK;

struct own_loss {
    struct nif nif;
    struct contraste contrast;
    const struct address_keys *from; /* the end user; empty keys = not given, or not counted */
    const struct caller *caller;
};
/*
 * Suspends the registration where the contrast datum is right; a wrong one counts. Nothing tells
 * the caller which it was, nor whether the NIF is registered. Inside a turn. Errors:
 * CC_ERR_CLOCK_UNRELIABLE, CC_ERR_RATE_LIMITED (by IP), CC_ERR_DB.
 */
enum cc_err own_suspend(struct service *service, const struct own_loss *loss, int64_t now_ms,
                        int64_t *ret_wait_s) CC_MUST_CHECK;

#endif
