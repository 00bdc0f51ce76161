/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Copy of the audit trail in the system's journal, where auditoria_diario asks for it: one entry
 * for each row, behind the commit that has made it durable, in fields of its own. It has no
 * personal data: the person's blind index and the name of an operator stay in the row, whose number
 * the entry tells.
 */
#ifndef CC_SERVICE_FORWARD_H
#define CC_SERVICE_FORWARD_H

#include "service/service.h"

struct forward;

/* Begins behind the last row that there is. Takes a hook of the turn. service stays the caller's.
 * Owns: forward_free(). */
struct forward *forward_new(struct service *service);
void forward_free(struct forward *forward);
/* How long the part of an actor is that names nobody: all of "cliente:sede", "control:uid 0" and
 * "sistema", the kind of "operador:ana". Pure. */
size_t forward_actor_len(const char *actor);

#endif
