/* SPDX-License-Identifier: EUPL-1.2 */
/* How far the start of one modem has come. Private to modem/start. */
#ifndef CC_MODEM_START_PRIVATE_H
#define CC_MODEM_START_PRIVATE_H

#include "modem/start/start.h"

enum { START_SKIPPED = 8 };

/* The rows of commands being worked through, one command at a time. */
struct start_rows {
    const struct driver_init *row;
    int alternative;
    int repeats;
    int refusals;                       /* of a row that the work cannot do without… */
    struct gsm_cause why;               /* …and the last of them */
    bool has_asked;                     /* for the row's setting, which was wrong or not told */
    bool is_untold;                     /* the modem does not tell the setting */
    bool is_changed;                    /* a setting was wrong, and has been set */
    void (*rerun)(struct modem *modem); /* continuation for MODEM_WAIT_ROW */
    void (*done)(struct modem *modem);
};

/* Commands that the modem has not answered since the line was opened. */
struct start_mute {
    const struct driver_init *row;                    /* not answered once */
    const struct driver_init *skipped[START_SKIPPED]; /* optional, not answered twice: left out */
    size_t skipped_count;
    uint64_t iccid_forms, counter_forms; /* bit per form, see struct start_forms */
};

/* A question in several forms, of which a modem knows some: forms.c. */
struct start_forms {
    const struct driver_form *(*of)(const struct driver *driver);
    /* Reads a line of the answer; true = that was it. */
    bool (*read)(struct modem *modem, const struct driver_form *form, const char *line);
    void (*done)(struct modem *modem, bool is_told);
    uint64_t *mute; /* bit per form: not answered */
    unsigned at;    /* the form being tried: the family's, the generic ones, those of others */
    int tries;      /* of a card that is busy */
};

/* How far the PIN of this card has come. */
enum start_pin_step {
    PIN_NOT_GIVEN,
    PIN_GIVEN,    /* no word yet on whether it worked */
    PIN_BUSY,     /* the card was busy just then, or the modem started anew: its counter tells
                     whether it took the PIN */
    PIN_REPEATED, /* PIN not taken: given again, and never a third time */
};

struct start_pin {
    enum start_pin_step step;
    int told;                     /* tries that the card last told; -1 = not told */
    int left;                     /* tries before the PIN was given; -1 = not told */
    char iccid[MODEM_ICCID_SIZE]; /* of the card that the PIN was given to */
};

/* The look at the card that is under way. */
struct start_card {
    bool is_iccid_asked;
    bool is_radio_asked;
    int waits; /* for a card that says nothing, or is busy */
    void (*identified)(struct modem *modem);
};

struct start_network {
    int asked;      /* enum registration_network */
    unsigned looks; /* in a row that found no network */
    bool is_lost;   /* network there before: the next look comes after a while, not at once */
    bool has_5g;    /* AT+C5GREG was taken */
};

/* Settings of the messages that were refused before there was a network. */
struct start_late {
    bool is_wanted; /* to be set once more, when there is one */
    void (*done)(struct modem *modem);
};

struct start_smsc {
    int tries;
    void (*settled)(struct modem *modem);
    bool has_written;
    char card[MODEM_ICCID_SIZE];                               /* card of the last write */
    char known[MODEM_SMSC_SIZE], known_card[MODEM_ICCID_SIZE]; /* told by a card, and which */
};

struct modem_start {
    int probes;           /* AT, not answered */
    unsigned mute_starts; /* looks for an answer, in a row that found none */
    int64_t quiet_end_us; /* deadline of the wait for a quiet line */
    unsigned gap_ms;      /* between commands, besides the driver's */
    bool is_single;       /* the line was listened to, and no result came twice */
    struct start_rows rows;
    struct start_mute mute;
    struct start_forms forms;
    struct start_card card;
    struct start_pin pin;
    struct start_network network;
    struct start_smsc smsc;
    struct start_late late;
    const char *misset; /* Spanish: a setting that the modem refuses to change; NULL = none */
    bool wants_acknowledgement; /* of what it gives directly: AT+CSMS=0 was refused */
    const char *notify;         /* the AT+CNMI= that the modem took; NULL = none */
    int64_t radio_on_us;        /* time at which we switched the radio on; 0 = it was on */
    unsigned echoes;            /* of commands, since echo was switched off */
    int64_t echo_us;            /* time at which an echo that had come back was acted on */
    bool has_memories;          /* an AT+CPMS= was taken */
    bool is_echo_off;           /* and it stayed so until the card was looked at */
};

/* rows.c */
/* The modem says that it has just started: what it refused a moment ago is asked again now. False =
 * no row waits for that. */
bool start_rerun_rows(struct modem *modem);

/* Registered: sets what was refused before that, then calls done. False = nothing was. */
bool start_run_late_rows(struct modem *modem, void (*done)(struct modem *modem));

/* identity.c: what the answer to such a command tells of who it is is kept */
bool start_has_fact(const char *command);
void start_keep_fact(struct modem *modem, const char *command, const struct at_reply *reply);
/* settings.c: rows that are run again when a setting may explain what is wrong */
extern const struct driver_init start_card_rows[];  /* the card fails */
extern const struct driver_init start_radio_rows[]; /* no network is found */
/* …nor even looked for */
extern const struct driver_init start_attach_rows[];
/* The radio was switched on a moment ago: the card has not started yet. */
bool start_is_radio_fresh(const struct modem *modem);
bool start_take_settings_event(struct modem *modem, const char *line);

/* forms.c: asks in one form after the other until one is answered */
void start_ask_forms(struct modem *modem, const struct start_forms *forms);

/* sim.c */
/* Asks for the state of the card. */
void start_look_at_sim(struct modem *modem);
/* Only a person can go on: the state's token, and what to do. */
void start_block_sim(struct modem *modem, const char *token, const char *sentence);
/* sim_id.c: reads identity.iccid, once per look at the card, and goes on if it is the right card */
void start_identify_sim(struct modem *modem, void (*done)(struct modem *modem));
/* sim_pin.c: the card asks for the PIN */
void start_want_pin(struct modem *modem);

/* network.c */
bool start_take_network_event(struct modem *modem, const char *line);
/* smsc.c: writes config.smsc to the card if it has another, once per card; then goes on */
void start_settle_smsc(struct modem *modem, void (*done)(struct modem *modem));

#endif
