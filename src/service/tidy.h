/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Once a night the write-ahead log is emptied into the database and cut to nothing: until then it
 * holds texts that were wiped since. Done after 03:00, town time, when nothing was committed for
 * two seconds (after an hour of waiting, without that), because the loop waits for the disk
 * meanwhile. A box that is off at night does the same when it stops.
 */
#ifndef CC_SERVICE_TIDY_H
#define CC_SERVICE_TIDY_H

#include "service/service.h"

struct tidy;

/* Takes a hook of the turn. */
struct tidy *tidy_new(struct service *service);
void tidy_free(struct tidy *tidy);
/* The same once more, when all is quiet: many rows were destroyed. */
void tidy_ask(struct tidy *tidy);
/* A number for each night, which begins at 03:00 and lasts until the next does. */
int tidy_night(int64_t now_ms);

#endif
