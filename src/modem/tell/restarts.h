/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A modem that restarts by itself again and again: its supply gives way (LilyGo#388). A start is
 * told by several words ("RDY", "+CPIN: READY", "SMS DONE"), which count once. Pure; times are
 * loop_now_us().
 */
#ifndef CC_MODEM_TELL_RESTARTS_H
#define CC_MODEM_TELL_RESTARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESTARTS_OFTEN = 3 };

struct restarts {
    const char *word;                   /* line of the last counted start; NULL = none yet */
    int64_t counted_us[RESTARTS_OFTEN]; /* the last starts; 0 = there were fewer */
    size_t next;
    int64_t on_us;     /* the last start since they are often; 0 = they are not */
    int64_t supply_us; /* the modem complained of its supply; 0 = never */
    int64_t asked_us;  /* until then a start is one that we asked for */
};

/* Spanish: what is wrong with its supply, and what to do; "" = nothing was told. */
const char *restarts_advice(const struct restarts *restarts, int64_t now_us);
/* The modem has said itself that its supply is too low or too high. */
void restarts_note_supply(struct restarts *restarts, int64_t now_us);

/* The modem has said `word` (a table's, compared by address), by which it tells that it starts. */
void restarts_note(struct restarts *restarts, const char *word, int64_t now_us);
/* Its start has been asked for: the words of the next `ms` tell nothing. */
void restarts_expect(struct restarts *restarts, int64_t ms, int64_t now_us);
/* Three starts within three minutes, and no ten minutes without one since then. */
bool restarts_are_often(const struct restarts *restarts, int64_t now_us);

#endif
