/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "Quiero un pin": a request for a contraclave (DOMAIN 3-6). The answer is the same whether the NIF
 * is unknown, locked or over a limit, and the work done is too: no existence oracle. What can be
 * done with the id of the answer is the same too: a request that was withheld has one.
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
CC_WIPER(request_input)

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

/*
 * The same contraclave with the same end by another SMS, as far as the limits let a request be
 * sent; where they do not, and where the request was withheld or replaced, the answer and the work
 * are the same. Inside a turn. Errors: CC_ERR_NOT_FOUND (also another client's id),
 * CC_ERR_REQUEST_OVER, CC_ERR_RATE_LIMITED (too soon after the last time, by the id alone; or by
 * IP: *ret_wait_s is set), CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB.
 */
enum cc_err request_resend(struct service *service, const char *id, const struct address_keys *from,
                           const struct caller *caller, int64_t now_ms, struct request_output *ret,
                           int64_t *ret_wait_s) CC_MUST_CHECK;
/* Ends a request: its contraclave is dead and erased, its SMS, if it waits, does not go. One that
 * is over stays so. Inside a turn. Errors: CC_ERR_NOT_FOUND, CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB. */
enum cc_err request_cancel(struct service *service, const char *id, const struct caller *caller,
                           int64_t now_ms) CC_MUST_CHECK;

struct request_status {
    bool is_over; /* expired, cancelled, or used as often as it may be */
    int64_t expires_ms;
    int64_t resend_from_ms;
};
/* Tells nothing of whether an SMS was sent or came. Errors: as request_cancel(). */
enum cc_err request_tell(struct service *service, const char *id, const struct caller *caller,
                         int64_t now_ms, struct request_status *ret) CC_MUST_CHECK;

#endif
