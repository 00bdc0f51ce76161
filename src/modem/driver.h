/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a modem family is: one const struct with named fields; NULL means the generic 3GPP way
 * (DESIGN decision 5). Quirks are rows here, never an `if` on the vendor elsewhere.
 */
#ifndef CC_MODEM_DRIVER_H
#define CC_MODEM_DRIVER_H

#include <stdbool.h>

enum { DRIVER_ALTERNATIVES = 5 };

/* One step of the start-up: the alternatives are tried in turn until the modem says OK. */
struct driver_init {
    const char *commands[DRIVER_ALTERNATIVES]; /* ends with NULL when shorter */
    bool optional;                             /* refused by all: go on all the same */
};

struct driver {
    const char *name;
    const char *const
        *manufacturers; /* beginnings of the answer to AT+CGMI, any case; ends with NULL */
    const struct driver_init *init; /* ends with a row without commands */
    /* Prefixes of lines that are events and never part of an answer; ends with NULL. */
    const char *const *events;
    /* Beginnings of the lines by which it says that it has just started; ends with NULL. */
    const char *const *restarts;
};

/* All drivers, generic last; ends with NULL. */
extern const struct driver *const drivers[];
extern const struct driver driver_generic;

/* The driver for what AT+CGMI answered; the generic one if none claims it. */
const struct driver *driver_for(const char *manufacturer);

#endif
