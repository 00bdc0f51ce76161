/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From an open line to a modem in service: answers AT, who it is, its card, its settings, its
 * network. Private to modem/.
 */
#ifndef CC_MODEM_START_START_H
#define CC_MODEM_START_START_H

#include "modem/core.h"

void modem_start_init(struct modem *modem);
void modem_start_done(struct modem *modem);
/* The line is closed: what the modem did not answer may be asked again. */
void modem_start_forget(struct modem *modem);

/* Entries of the states. */
void modem_start_enter_probing(struct modem *modem);
void modem_start_enter_init(struct modem *modem);
void modem_start_enter_sim(struct modem *modem);
void modem_start_enter_unlocking(struct modem *modem);
void modem_start_enter_blocked(struct modem *modem);
void modem_start_enter_setup(struct modem *modem);
void modem_start_enter_registering(struct modem *modem);
void modem_start_enter_ready(struct modem *modem);

/* ---- what comes from the line ---------------------------------------------------------------- */

/* While probing: a line came that no command asked for. */
void modem_start_note_noise(struct modem *modem, const char *line);
/* The pause between two commands of this line: the driver's, or a longer one. */
void modem_start_set_gap(struct modem *modem);
/* A command was echoed: after echo was switched off, the modem has started anew, or another program
 * has switched it on. */
void modem_start_note_echo(struct modem *modem);
/* True when the line was a sign of a restart, of a card that fell out, or of the registration. */
bool modem_start_take_event(struct modem *modem, const char *line);

/* ---- for the jobs ---------------------------------------------------------------------------- */

/* Sends the rows one by one, then calls done, unless the state is left. */
void modem_run_rows(struct modem *modem, const struct driver_init *rows,
                    void (*done)(struct modem *modem));
/* The rows that were run last have changed a setting, which was wrong. */
bool modem_has_changed_settings(const struct modem *modem);
extern const struct driver_init modem_text_rows[];    /* a USSD question was refused */
extern const struct driver_init modem_refusal_rows[]; /* a message was refused by the modem */
/* Notes that the settings may be lost (a restart, another program): everything is set up again, at
 * once or when the command or message in flight has ended. */
void modem_distrust(struct modem *modem);
/* Remembers the centre of the sample as the card's: it is written back if the card loses it. */
void modem_note_centre(struct modem *modem);
/* The modem may want an AT+CNMA for each message and report that it gives directly. */
bool modem_wants_acknowledgement(const struct modem *modem);
/* The modem took an AT+CPMS= of the set-up. */
bool modem_has_memories(const struct modem *modem);
/* The modem took AT+C5GREG=: it tells how it stands with 5G. */
bool modem_has_5g(const struct modem *modem);
/* The AT+CNMI= that the modem took; NULL = none. */
const char *modem_notify_setting(const struct modem *modem);
/* Takes a line of a network's; false = the line tells no <stat>. */
bool modem_take_registration(struct modem *modem, enum registration_network network,
                             const char *line);
/* Blocked: looks at the card again now, and goes on if nothing is wrong with it. */
void modem_look_again(struct modem *modem);
/* To MODEM_READY or MODEM_REGISTERING, as the registration says. */
void modem_follow_registration(struct modem *modem);
/* Tries of the PIN that the card last told; -1 = not told. */
int modem_count_pin_tries(const struct modem *modem);

#endif
