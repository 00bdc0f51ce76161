/* SPDX-License-Identifier: EUPL-1.2 */
/* The code by SMS that goes with a secret: its sending and its comparison. Inside a turn. */
#ifndef CC_SERVICE_ENTRY_CODE_H
#define CC_SERVICE_ENTRY_CODE_H

#include "service/service.h"
#include "store/citizens.h"
#include "store/credentials.h"

/*
 * Sends a code to the person's mobile; the caller keeps the credential, which has it. One that is
 * alive is sent again, with the same digits: who asks for another takes it from nobody. Within
 * CREDENTIAL_CODE_GAP_MS of the one before, or where the phone has had its messages of the day,
 * none is sent, and the one before holds. Recoveries leave half of these messages to the entries,
 * and other messages use up none of them. Errors: CC_ERR_DB, those of text_render().
 */
enum cc_err entry_code_send(struct service *service, const struct citizen *citizen,
                            struct credential *credential, enum credential_purpose purpose,
                            int64_t now_ms) CC_MUST_CHECK;
/* Another public id of the code at each call, so that two do not tell whether it is one code. */
void entry_code_name(const struct credential_code *code, char ret[CREDENTIAL_CODE_ID_SIZE]);
/*
 * Finds which secret of the person a public id belongs to, and compares. A wrong one is counted; a
 * right one is not used up yet. *ret_is_right false: *ret is not set. Errors: CC_ERR_DB.
 */
enum cc_err entry_code_compare(struct service *service, const char *id, int64_t citizen_id,
                               const char *digits, int64_t now_ms, struct credential *ret,
                               bool *ret_is_right) CC_MUST_CHECK;

#endif
