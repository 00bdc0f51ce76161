/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The proof, at the desk, that a mobile is the person's (DOMAIN 1): a code by SMS, which the person
 * reads out to the clerk. Where it cannot be read out there (no modem works, the phone is at home),
 * the person is registered as pendiente_movil, gets a code that is good for a week as soon as a
 * modem sends it, and reads it out by telephone. All inside a turn, by staff.
 */
#ifndef CC_SERVICE_MOBILE_H
#define CC_SERVICE_MOBILE_H

#include "service/enrol.h"
#include "service/life.h"
#include "store/outbox_list.h"

struct mobile_sent {
    int64_t message_id; /* of the SMS: mobile_find_message() */
    int64_t resend_from_ms, expires_ms;
};

/*
 * Sends a code to the mobile of an alta that is being typed, or to the one that a registered person
 * changes to. Another one ends the code of before. Errors: CC_ERR_ALREADY_REGISTERED,
 * CC_ERR_RATE_LIMITED (*ret_wait_s is set: this NIF or this mobile), CC_ERR_DB, those of
 * text_render().
 */
enum cc_err mobile_send_code(struct service *service, const struct enrol_input *input,
                             int64_t now_ms, struct mobile_sent *ret,
                             int64_t *ret_wait_s) CC_MUST_CHECK;
/* Sends one to a person who is pendiente_movil. Errors: as above; CC_ERR_NOT_FOUND,
 * CC_ERR_LIFE_STATE. */
enum cc_err mobile_send_again(struct service *service, const struct nif *nif,
                              const struct caller *caller, int64_t now_ms, struct mobile_sent *ret,
                              int64_t *ret_wait_s) CC_MUST_CHECK;
/*
 * Registers a person at the desk. code: what the person has read out; "" = nothing, and the person
 * is registered as pendiente_movil; NULL = the caller answers for the mobile. CC_OK: what was
 * written is to stay, and *ret_verdict is the answer: CC_OK (*ret is the person) or
 * CC_ERR_CODE_WRONG. Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_CODE_EXPIRED (none was sent to this
 * mobile, too), those of enrol_person().
 */
enum cc_err mobile_enrol(struct service *service, struct enrol_input *input, const char *code,
                         int64_t now_ms, struct citizen *ret,
                         enum cc_err *ret_verdict) CC_MUST_CHECK;
/* The code of a person who is pendiente_movil, and active with it. Verdict and errors as above;
 * CC_ERR_NOT_FOUND, CC_ERR_LIFE_STATE. order: nif, channel and caller. */
enum cc_err mobile_prove(struct service *service, struct life_order *order, const char *code,
                         int64_t now_ms, enum cc_err *ret_verdict) CC_MUST_CHECK;
/*
 * LIFE_CHANGE_PHONE of the order, with the code that the person has read out; "" = nothing, and the
 * person is pendiente_movil until another one is read out; NULL = the caller answers for the
 * mobile. Verdict and errors as for mobile_enrol(); those of life_perform().
 */
enum cc_err mobile_change(struct service *service, struct life_order *order, const char *code,
                          int64_t now_ms, enum cc_err *ret_verdict) CC_MUST_CHECK;
/*
 * life_perform(); where it ends a person's codes, one that proves the mobile and has not left is
 * not sent any more. Where a person who is pendiente_movil has another mobile, a code follows to
 * it. Errors: the same.
 */
enum cc_err mobile_perform(struct service *service, const struct life_order *order,
                           int64_t now_ms) CC_MUST_CHECK;
/*
 * An SMS that says nothing, for a person who does not know whether they arrive; audited. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_LIFE_STATE (has left), CC_ERR_RATE_LIMITED (*ret_wait_s is set: one a
 * minute to a phone).
 */
enum cc_err mobile_try(struct service *service, const struct nif *nif, const struct caller *caller,
                       int64_t now_ms, int64_t *ret_message_id, int64_t *ret_wait_s) CC_MUST_CHECK;
/* How one of these went. Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err mobile_find_message(struct service *service, int64_t id,
                                struct outbox_fate *ret) CC_MUST_CHECK;

#endif
