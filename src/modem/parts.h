/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The structs that struct modem (core.h) is made of, each about one thing that its groups share.
 * Private to modem/.
 */
#ifndef CC_MODEM_PARTS_H
#define CC_MODEM_PARTS_H

#include "modem/modem.h"
#include "modem/tell/flap.h"
#include "modem/tell/nonsense.h"
#include "modem/tell/patience.h"
#include "modem/tell/restarts.h"

enum { MODEM_DETAIL_SIZE = 256, MODEM_USB_SIZE = 64 };
enum modem_fact { FACT_MANUFACTURER, FACT_MODEL, FACT_FIRMWARE, FACT_COUNT };

/* Purpose of the state's timer, for the events that may end it early. */
enum modem_wait {
    MODEM_WAIT_OTHER,      /* nothing that an event changes */
    MODEM_WAIT_QUIET_LINE, /* probing: a late answer may still pass by */
    MODEM_WAIT_ROW,        /* start-up: a refused command is sent again, or all of them */
    MODEM_WAIT_NETWORK,    /* registering: the networks are asked again */
};

struct modem_timer {
    struct loop_source *source; /* deadline of the state, or the next look */
    void (*fn)(struct modem *modem);
    enum modem_wait wait;
};

/* Status page. While a blocked card is looked at again, the page shows the block. */
struct modem_shown {
    char detail[MODEM_DETAIL_SIZE];
    int64_t since_us;         /* of the state */
    bool was_ready;           /* at some time */
    int64_t unable_since_us;  /* since it was last ready; 0 = it is ready */
    bool was_lost;            /* its line was lost since then */
    int64_t answered_us;      /* last answer to a command; 0 = none */
    enum modem_reason reason; /* why the device or the card is not usable */
    const char *blocked_as;   /* token of MODEM_BLOCKED */
    const char *looked_as;    /* token before the look at the card */
    int64_t blocked_since_us; /* 0 = no look at a blocked card is under way */
};

/* Who the modem and its card say they are, and where it is plugged in. "" = not told. */
struct modem_identity {
    char facts[FACT_COUNT][MODEM_FACT_SIZE];
    char imei[MODEM_IMEI_SIZE];
    char iccid[MODEM_ICCID_SIZE];    /* MODEM_NO_ICCID: the card does not tell it */
    char port[64];                   /* open port, where the device is a wish ("auto") */
    char usb_device[MODEM_USB_SIZE]; /* of the port that is or was open: "1-1.2"; "" = not USB */
};

/* Why the settings or the line may not be as they were left. */
struct modem_doubts {
    bool is_restarted;   /* settings lost: to be set up again as soon as possible */
    int64_t redone_us;   /* time of the last set-up for that reason; 0 = none */
    bool is_out_of_step; /* an answer may still be on its way */
};

/* Reasons for which a ready modem does not take a message. */
struct modem_use {
    bool is_reserved; /* for a message whose row is being committed */
    bool is_sending;
    bool is_checking; /* some settings are being looked at */
};

/* Records of the modem's behaviour over time, of tell/. */
struct modem_signs {
    struct flap flap;
    struct restarts restarts;
    struct nonsense nonsense;
    struct patience patience;
};

#endif
