/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Pausing and resuming all sending, by a person: requests are still taken and wait in the queue.
 * The pause is in the audit trail, survives the program, and is told by the verdict.
 */
#ifndef CC_SERVICE_SENDING_H
#define CC_SERVICE_SENDING_H

#include "service/caller.h"
#include "service/service.h"

/* At the start of the program. Errors: CC_ERR_DB. */
enum cc_err sending_load(struct service *service) CC_MUST_CHECK;
/* Takes over what a person has done at another box that shares the database: a pause is one of all.
 * In a turn. Errors: CC_ERR_DB. */
enum cc_err sending_follow(struct service *service) CC_MUST_CHECK;
bool sending_is_paused(const struct service *service);
/*
 * Both inside a turn, and in force when it is committed. A second pause keeps the first. reason: up
 * to PAUSE_REASON_SIZE - 1 bytes. Errors: CC_ERR_DB.
 */
enum cc_err sending_pause(struct service *service, const struct caller *caller, const char *reason,
                          int64_t now_ms) CC_MUST_CHECK;
enum cc_err sending_resume(struct service *service, const struct caller *caller,
                           int64_t now_ms) CC_MUST_CHECK;

#endif
