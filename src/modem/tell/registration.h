/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Registration with the four networks (circuit, packet, EPS, 5GS), as the modem tells it. Pure.
 * Source: 3GPP TS 27.007 7.2, 10.1.20, 10.1.22, 10.1.47; hw/MODEMS.md 1 #22.
 */
#ifndef CC_MODEM_TELL_REGISTRATION_H
#define CC_MODEM_TELL_REGISTRATION_H

#include "modem/tell/reading.h"

enum registration_network { NETWORK_CS, NETWORK_PS, NETWORK_EPS, NETWORK_5GS, NETWORK_COUNT };

struct registration {
    int stat[NETWORK_COUNT]; /* <stat>; -1 = not known */
    struct reading_registration places[NETWORK_COUNT];
};

/* Prefix of the lines of a network ("+CREG:"). */
extern const char *const registration_prefixes[NETWORK_COUNT];

/* Nothing is known. */
void registration_clear(struct registration *registration);
/* Takes a line of that network; false = the line tells no <stat>. */
bool registration_take(struct registration *registration, enum registration_network network,
                       const char *line);
/* A message can go by one of the networks. */
bool registration_is_good(const struct registration *registration);
/* A network refuses the card. */
bool registration_is_denied(const struct registration *registration);
/* A network takes the card for emergency calls alone. */
bool registration_is_emergency(const struct registration *registration);
/* No network is there, and none is being looked for. */
bool registration_is_idle(const struct registration *registration);
/* Writes the registration of the network that counts into the sample. */
void registration_fill(const struct registration *registration, struct modem_sample *sample);

#endif
