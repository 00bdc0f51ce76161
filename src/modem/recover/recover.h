/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Takes the rungs of the ladder (ladder.h) with one modem. While a rung waits for the modem, AT is
 * asked at least every two seconds, so that messages go again as soon as they can. Private to
 * modem/.
 */
#ifndef CC_MODEM_RECOVER_RECOVER_H
#define CC_MODEM_RECOVER_RECOVER_H

#include "modem/recover/ladder.h"

#include <stdbool.h>

enum { RECOVER_WHY_SIZE = 160 };

struct modem;
struct modem_status;
struct modem_status;

void modem_recover_init(struct modem *modem);
void modem_recover_done(struct modem *modem);

/* ---- something is wrong ---------------------------------------------------------------------- */

/*
 * Something is wrong, and no command is in flight: takes a rung, or starts the modem's set-up again
 * where this evidence is worth none. why: a Spanish sentence; NULL = that of the evidence.
 */
void modem_trouble(struct modem *modem, enum ladder_evidence evidence, const char *why);
/* The line is there but the talk went wrong, over something that the work can do without. */
void modem_resync(struct modem *modem);
/*
 * Something that worked before does not, by the modem's own word, and no command is in flight:
 * takes the one rung that may heal it. False, and nothing done, where it has not worked since the
 * start or since the last such rung, or that rung is in its cool-down: then a person is asked for.
 */
bool modem_heal(struct modem *modem, enum ladder_evidence evidence);
/* Notes that the function which that evidence is about has just worked. */
void modem_note_works(struct modem *modem, enum ladder_evidence evidence);
/* A message met no prompt (has_left false), or its outcome was lost. */
void modem_note_send_lost(struct modem *modem, bool has_left);
/* A message has ended in OK and without a word on whether it was taken… */
void modem_note_unknown(struct modem *modem);
/* …and a delivery report has come: messages do go. */
void modem_note_report(struct modem *modem);
/* A message was taken. True = the status page complained of the sending: it need not any more. */
bool modem_note_send_worked(struct modem *modem);

/* ---- what the modem says and does ------------------------------------------------------------ */

/* Where the rung begins with a command of its own: sends it, and returns true; ask_at follows. */
bool modem_recover_send_command(struct modem *modem, void (*ask_at)(struct modem *modem));
/* AT was answered. */
void modem_recover_note_answer(struct modem *modem);
enum recover_next { RECOVER_PROBE_AGAIN, RECOVER_STATE_LEFT };
/* AT was not answered, for the `tries`th time: on a rung, or three times without one. */
enum recover_next modem_recover_handle_mute(struct modem *modem, int tries);
/* The port is gone; true = that is what the rung is for. */
bool modem_recover_note_drop(struct modem *modem);
/* The state has just changed. */
void modem_recover_note_state(struct modem *modem);

/* ---- how it stands --------------------------------------------------------------------------- */

bool modem_is_on_rung(const struct modem *modem);
/* Fills the members of the status about the recovery. */
void modem_recover_tell(const struct modem *modem, struct modem_status *ret);
/* Token for the status page; "" = on no rung. */
const char *modem_rung_token(const struct modem *modem);
/* Spanish: why the modem is in service and does not send; "" = it does. */
const char *modem_recover_advice(const struct modem *modem);
/* A restart is wanted, by a person or by doubts, and can begin now: no message goes before it. */
bool modem_is_restart_due(const struct modem *modem);
/* The modem has been ready, or its card open, since it was plugged in. */
bool modem_has_had_network(const struct modem *modem);
bool modem_has_had_card(const struct modem *modem);

#endif
