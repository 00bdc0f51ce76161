/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * People whose term is over: who never proved a mobile, who has left, and who was blocked after
 * that (LOPDGDD art. 32). The run of service/purge.h does it piece by piece.
 */
#ifndef CC_SERVICE_RETENTION_H
#define CC_SERVICE_RETENTION_H

#include "service/caller.h"
#include "service/service.h"
#include "store/citizens.h"
#include "store/purge.h"

enum { RETENTION_PEOPLE_MAX = 8 };

/*
 * Annuls those who are pendiente_movil since before an instant (PURGE_PENDING), blocks
 * (PURGE_BLOCKED) or destroys (PURGE_PEOPLE) those who left before it: up to `most`,
 * and no more than RETENTION_PEOPLE_MAX. Each is an act of the trail. Inside a turn. Errors:
 * CC_ERR_DB.
 */
enum cc_err retention_piece(struct service *service, enum purge_kind kind, int64_t before_ms,
                            int64_t now_ms, int64_t most, int64_t *ret_count) CC_MUST_CHECK;
/* A person who is blocked, for an auditor; the look and its reason go into the history and the
 * audit trail. Inside a turn. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err retention_look(struct service *service, const struct nif *nif, const char *reason,
                           const struct caller *caller, int64_t now_ms,
                           struct citizen *ret) CC_MUST_CHECK;

#endif
