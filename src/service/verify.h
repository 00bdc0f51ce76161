/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "Ya tengo el pin": NIF + clave + contraclave (DOMAIN 3, 5). A failure counts when a live request
 * has this clave, and is charged to each that has; the counter is committed before the answer
 * leaves. A refusal without one changes no counter of the citizen: it is paced, and audited.
 */
#ifndef CC_SERVICE_VERIFY_H
#define CC_SERVICE_VERIFY_H

#include "domain/address.h"
#include "domain/clave.h"
#include "domain/contraste.h"
#include "service/caller.h"
#include "service/service.h"
#include "store/citizens.h"
#include "store/evidence.h"

struct verify_input {
    struct nif nif;
    char clave[CLAVE_SIZE];
    char contraclave[CODE_SIZE];
    struct contraste contrast;       /* "" = not given */
    const struct address_keys *from; /* the end user; empty keys = not given, or not counted */
    const struct caller *caller;
    const char *address;        /* of the end user, as it was given; NULL = not given */
    const char *client_address; /* of who calls; NULL = not known */
};
CC_WIPER(verify_input)

struct verify_output {
    bool correct;
    struct citizen citizen;    /* set when correct, and so are the others */
    int64_t entered_before_ms; /* the last time before; 0 = never */
    bool is_substantial;       /* level of assurance; else low */
    int64_t expires_ms;        /* of the request */
    char evidence[EVIDENCE_ID_SIZE];
};
CC_WIPER(verify_output)

/* Inside a turn. Wipe ret afterwards, also after an error. Errors: CC_ERR_CLOCK_UNRELIABLE,
 * CC_ERR_RATE_LIMITED (by IP), CC_ERR_DB, CC_ERR_CORRUPT. */
enum cc_err verify_pin(struct service *service, const struct verify_input *input, int64_t now_ms,
                       struct verify_output *ret, int64_t *ret_wait_s) CC_MUST_CHECK;
/*
 * Whether a verification that was answered "correcto" would be still: the person active, the same
 * request alive with uses left. A request of one use is alive: the use is the one that was
 * answered. Reads only: no use is consumed, no failure counted. Inside a turn. Errors:
 * CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB, CC_ERR_CORRUPT.
 */
enum cc_err verify_still_holds(struct service *service, const struct verify_input *input,
                               int64_t now_ms, bool *ret) CC_MUST_CHECK;

#endif
