/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "Ya tengo el pin": NIF + clave + contraclave (DOMAIN 3, 5). A failure is charged to the live
 * request whose clave matches, else to the NIF; the counter is committed before the answer leaves.
 */
#ifndef CC_SERVICE_VERIFY_H
#define CC_SERVICE_VERIFY_H

#include "domain/clave.h"
#include "service/service.h"
#include "store/audit.h"
#include "store/citizens.h"

struct verify_input {
    struct nif nif;
    char clave[CLAVE_SIZE];
    char contraclave[CLAVE_SIZE];
    const char *ip;
    int64_t client_id;
    const char *actor;
};

struct verify_output {
    bool correct;
    bool expired;           /* refused, but the three were right: motivo "caducada" */
    struct citizen citizen; /* set when correct */
    int64_t expires_ms;     /* of the request */
    char evidence[AUDIT_EVIDENCE_SIZE];
};

/* Inside a turn. Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_RATE_LIMITED (by IP), CC_ERR_DB,
 * CC_ERR_CORRUPT. */
enum cc_err verify_pin(struct service *service, const struct verify_input *input, int64_t now_ms,
                       struct verify_output *ret, int64_t *ret_wait_s) CC_MUST_CHECK;

#endif
