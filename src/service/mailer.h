/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the queue of mails to the server of `avisos`: one at a time, from a child process. A mail is
 * claimed and committed before the child begins, and what became of it is committed before the
 * next. While the server takes none, all of them wait; one that is refused holds up no other.
 */
#ifndef CC_SERVICE_MAILER_H
#define CC_SERVICE_MAILER_H

#include "base/loop.h"
#include "service/service.h"

struct mailer;

/* Takes every `sending` row for unknown (a crash), and begins. Errors: CC_ERR_DB. Owns:
 * mailer_free(). */
enum cc_err mailer_new(struct service *service, struct mailer **ret) CC_MUST_CHECK;
/* Ends what is under way. Takes NULL. */
void mailer_free(struct mailer *mailer);
/* Inside a turn that has queued a mail: looks at the queue once it is committed. Takes NULL. */
void mailer_wake(struct mailer *mailer);
/* Begins no more; idle (may be called at once) runs when nothing is under way. */
void mailer_drain(struct mailer *mailer, loop_fn idle, void *user);

#endif
