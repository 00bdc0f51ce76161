/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mails that come back, in the Maildir of `correo.rebotes`: once a minute a child process reads
 * some of its new/, and what domain/bounce.h finds there makes the address dead, as a server's
 * refusal does, where it is a mail of ours to it. Such a file goes to cur/; all others stay for
 * people.
 */
#ifndef CC_SERVICE_BOUNCER_H
#define CC_SERVICE_BOUNCER_H

#include "service/service.h"

struct bouncer;

/* Owns: bouncer_free(). */
struct bouncer *bouncer_new(struct service *service);
/* Ends what is under way, which the next start repeats. Takes NULL. */
void bouncer_free(struct bouncer *bouncer);

#endif
