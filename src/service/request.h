/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "Quiero un pin": a request for a contraclave (DOMAIN 3-6). The answer is the same whether the NIF
 * is unknown, locked or over a limit, and the work done is too: no existence oracle.
 */
#ifndef CC_SERVICE_REQUEST_H
#define CC_SERVICE_REQUEST_H

#include "domain/address.h"
#include "domain/clave.h"
#include "domain/contraste.h"
#include "service/caller.h"
#include "service/service.h"

enum { REQUEST_ID_TEXT = 33 }; /* 32 lower-case hexadecimal digits */

struct request_input {
    struct nif nif;
    char clave[CLAVE_SIZE];
    struct contraste contrast;       /* "" = not given */
    enum text_lang lang;             /* TEXT_LANG_COUNT = the one that the person has chosen */
    const struct address_keys *from; /* the end user; empty keys = not given, or not counted */
    const struct caller *caller;
};

struct request_output {
    char id[REQUEST_ID_TEXT];
    int64_t expires_ms;
    int64_t resend_from_ms;
    bool asks_contrast; /* the town's state, never the NIF's */
};

/*
 * Inside a turn. Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_RATE_LIMITED (by IP: *ret_wait_s is set),
 * CC_ERR_NOT_FOUND (only with revelar_alta), CC_ERR_DB.
 */
enum cc_err request_create(struct service *service, const struct request_input *input,
                           int64_t now_ms, struct request_output *ret,
                           int64_t *ret_wait_s) CC_MUST_CHECK;

#endif
