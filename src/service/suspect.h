/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whether a permanent refusal is the number's or the modem's. Some modems refuse everybody until
 * they are restarted (Falcom A2 after reference 255): a refusal of a number that was good before,
 * or the third in a row of different numbers with no success between, is the modem's until a
 * restart has been tried. Pure: one record for each modem, times are given.
 */
#ifndef CC_SERVICE_SUSPECT_H
#define CC_SERVICE_SUSPECT_H

#include "domain/phone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUSPECT_NUMBERS = 3 };

enum suspect_state {
    SUSPECT_TRUSTED,
    SUSPECT_DOUBTED, /* its refusals are its own; a restart is awaited */
    SUSPECT_CLEARED, /* its refusals are blamed on the modem; a restart is awaited */
};

enum suspect_verdict {
    SUSPECT_MAYBE, /* believed, but two more like it may change that: the text must be kept */
    SUSPECT_HOLD,  /* nothing is thrown away: the message goes again, and those of `ids` too */
    SUSPECT_BELIEVE,
};

struct suspect {
    enum suspect_state state;
    unsigned restarts; /* of the modem, when it began to be doubted */
    int64_t since_ms;
    size_t count;                 /* different numbers refused in a row, with no success between */
    int64_t ids[SUSPECT_NUMBERS]; /* the message that was refused last to each */
    struct phone phones[SUSPECT_NUMBERS];
};

/* A refusal for good. was_good: a message to that number was taken before, and none refused since;
 * restarts: how often the modem has been restarted so far. The same id twice counts once. */
enum suspect_verdict suspect_refused(struct suspect *suspect, int64_t id, const struct phone *phone,
                                     bool was_good, unsigned restarts, int64_t now_ms);
/* A message was taken: all is forgiven. */
void suspect_sent(struct suspect *suspect);

#endif
