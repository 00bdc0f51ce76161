/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The way in: finds the device of a modem and opens it, again and again while it is not there.
 * Private to modem/.
 */
#ifndef CC_MODEM_FIND_OPEN_H
#define CC_MODEM_FIND_OPEN_H

#include "modem/core.h"
#include "modem/find/find.h"

/* Joins the claims of the box (config.claims). */
void modem_find_init(struct modem *modem);
void modem_find_done(struct modem *modem);
/* Entry of MODEM_ABSENT and of MODEM_OPENING. */
void modem_find_enter_absent(struct modem *modem);
void modem_find_enter_opening(struct modem *modem);
/* Looks for the device and opens it, or looks again later. */
void modem_try_open(struct modem *modem);
void modem_close_line(struct modem *modem);

/* The line is up. */
void modem_find_note_up(struct modem *modem);
/* The open port has answered AT. */
void modem_find_note_answer(struct modem *modem);
/* The open port does not answer AT: to MODEM_ABSENT, and to the next port that it may be. */
void modem_find_leave_mute_port(struct modem *modem);
/* The open port says OK and nothing else: to the next port that may be the modem's. False = there
 * is no other, and nothing was done. */
bool modem_find_leave_empty_port(struct modem *modem);
/* The modem has said who it is. False = another modem than the wanted one: it is being left. */
bool modem_find_settle(struct modem *modem);

enum find_kind modem_find_kind(const struct modem *modem);
/* The port that is open or was last; vid 0 = a port that was not found by its USB device. */
const struct find_port *modem_find_port(const struct modem *modem);
/* Spanish: more modems than sections, and what to do; "" = no reason to say so. */
const char *modem_find_advice(const struct modem *modem);

#endif
