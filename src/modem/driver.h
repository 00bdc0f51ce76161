/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Description of a modem family: a const struct with named fields; NULL means the generic 3GPP way
 * (DESIGN decision 5). Quirks are rows here, never an `if` on the vendor elsewhere. How to add a
 * family: drivers/README.md.
 */
#ifndef CC_MODEM_DRIVER_H
#define CC_MODEM_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DRIVER_ALTERNATIVES = 8, DRIVER_WANTED = 4, DRIVER_PROTOCOLS = 3 };

/* Step of the start-up: the alternatives are tried in turn until the modem says OK. */
struct driver_init {
    const char *commands[DRIVER_ALTERNATIVES]; /* ends with NULL when shorter */
    bool optional;                             /* refused by all: go on all the same */
    /* Refused may mean "not yet" (a card still being read): asked again so many times, a second
     * apart, before the next alternative. */
    int patience;
    /*
     * A setting that can be asked for: "AT+CFUN?", whose answer's first field must be one of
     * `wanted`; only where it is another are the commands sent, and it is asked again afterwards.
     * NULL = the commands are sent in any case.
     */
    const char *ask;
    const char *prefix;                /* of the answer: "+CFUN:" */
    const char *wanted[DRIVER_WANTED]; /* ends with NULL when shorter */
    bool is_blind;                     /* sent also where the modem does not tell the setting */
    bool asks_last;                    /* asked only where the commands are refused for good */
    bool is_awaited;  /* optional, and refused only by a modem that has not started: waited for */
    unsigned wait_ms; /* for each answer; 0 = 5 s */
    const char *refused; /* Spanish: said where it stays wrong; NULL = nothing is said */
};

enum driver_usb_mode {
    DRIVER_USB_MODEM,
    DRIVER_USB_STORAGE, /* still a disk: usb_modeswitch must turn it into a modem */
    DRIVER_USB_NETWORK, /* a network card (HiLink): no AT port at all */
};

/* A USB device of the family, and which of its interfaces holds the AT port. */
struct driver_usb {
    uint16_t vid, pid; /* pid 0 = any other of this vendor */
    enum driver_usb_mode mode;
    int interface; /* bInterfaceNumber; -1 = go by the protocol */
    int second;    /* another AT port, for when the first is mute or held; -1 = none */
    /* bInterfaceProtocol of the AT port among those of class ff; 0 ends. Only with interface -1;
     * without any, each port is probed. */
    uint8_t protocols[DRIVER_PROTOCOLS];
};

/* Health values that vendors' own commands tell. */
enum driver_quantity {
    DRIVER_TEMPERATURE_C,
    DRIVER_SUPPLY_MV,
    DRIVER_SIGNAL_DBM, /* received power, where CSQ and CESQ do not tell it */
    DRIVER_IMS,        /* 1 = SMS over IMS switched on, 0 = off */
    DRIVER_QUANTITY_COUNT
};

/* A number in a line of an answer: value = number * mul / div + offset, decimals kept until the end
 * ("3.799V" with mul 1000 is 3799). */
struct driver_reading {
    enum driver_quantity what;
    const char *command;
    const char *prefix; /* of the line that holds it */
    unsigned field;     /* behind the prefix; 0 = the first */
    int mul, div;       /* 0 = 1 */
    int offset;
    int min, max; /* after scaling; a value outside is no reading */
};

/* A maker's own command for a question that each maker has another command for. */
struct driver_form {
    const char *command;
    const char *prefix; /* of the line that answers; NULL = any line */
    const char *word;   /* of a PIN counter: the line's first field; NULL = any */
    int field;          /* of a PIN counter: which field counts the tries left for the PIN */
    bool is_swapped;    /* of an ICCID: the octets of EF_ICCID, by AT+CRSM */
};

struct driver {
    const char *name;
    /* Beginnings of the answer to AT+CGMI, and of AT+CGMM (NULL = all models), any case; end with
     * NULL. The first driver of the registry that claims both is taken. */
    const char *const *manufacturers;
    const char *const *models;
    const struct driver_usb *usb;   /* ends with vid 0; NULL = none (a UART) */
    const struct driver_init *init; /* after the SIM; ends with a row without commands */
    /* Prefixes of lines that are events and never part of an answer, besides the generic ones;
     * ends with NULL. */
    const char *const *events;
    /* Beginnings of the lines by which it says that it has just started, besides the generic ones;
     * ends with NULL. */
    const char *const *restarts;
    const struct driver_reading *readings; /* ends with command NULL; asked when idle */
    /* The family's commands that start it anew, in order; ends with NULL. A refused one is followed
     * by the next, and the last of them by the standard's AT+CFUN=1,1; NULL = that alone. */
    const char *const *restart_ways;
    /* How the family tells the number of the card, and the tries left for its PIN; each ends with
     * command NULL. Asked first; then the generic forms, then those of the other families. */
    const struct driver_form *iccid_forms, *pin_counters;
    unsigned gap_ms; /* pause between a result and the next command */
    /* No OK follows the line of AT+CPIN?: how long to wait for it all the same; 0 = it follows. */
    unsigned pin_state_ms;
    /* Notice about the family for its status page, Spanish, one sentence: legacy 2G/3G, or a switch
     * that survives a change of SIM. NULL = nothing. */
    const char *advice;
    /* Why messages cannot go by it, and what to do, Spanish; NULL = they can. */
    const char *unfit;
};

/* The families that a program knows, and the driver of a modem that none of them claims. */
struct driver_table {
    const struct driver *const
        *families; /* end with NULL; the first that claims a modem is taken */
    /* Claims nothing. Complete in `init`, `events` and `restarts`, which stand in for those that a
     * family leaves out. */
    const struct driver *generic;
};

/* The driver for what AT+CGMI and AT+CGMM answered; the generic one if no family claims them. */
const struct driver *driver_find(const struct driver_table *table, const char *manufacturer,
                                 const char *model);
/* The row of a USB device, and its driver in *ret: an exact pid first, then pid 0. NULL, and *ret
 * untouched, if no family has it. */
const struct driver_usb *driver_find_usb(const struct driver_table *table, uint16_t vid,
                                         uint16_t pid, const struct driver **ret);

#endif
