/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of modem/ share of one modem. Private to modem/. */
#ifndef CC_MODEM_CORE_H
#define CC_MODEM_CORE_H

#include "at/chat.h"
#include "at/syntax.h"
#include "base/log.h"
#include "gsm/segment.h"
#include "link/tape.h"
#include "modem/driver.h"
#include "modem/find/find.h"
#include "modem/modem.h"
#include "modem/recover/recover.h"
#include "modem/tell/flap.h"
#include "modem/tell/reading.h"
#include "modem/tell/restarts.h"

enum {
    MODEM_DETAIL_SIZE = 256,
    MODEM_SKIPPED = 8,
    MODEM_ICCID_SIZE = 24,
    MODEM_PDU_TEXT = 2 * GSM_PDU_MAX + 1,
    MODEM_MS = 1000,                  /* microseconds in one */
    USSD_LINE_SIZE = AT_LINE_MAX + 3, /* the longest line, closed by us */
};

/* How far this card's PIN has come. */
enum modem_pin {
    PIN_NOT_GIVEN,
    PIN_GIVEN,    /* with no word yet whether it worked */
    PIN_BUSY,     /* the card was busy just then: its counter tells whether it took it */
    PIN_REPEATED, /* it had not: given again, and that is all */
};

enum modem_fact { FACT_MANUFACTURER, FACT_MODEL, FACT_FIRMWARE, FACT_COUNT };
enum modem_network { NETWORK_CS, NETWORK_PS, NETWORK_EPS, NETWORK_COUNT };

/* A list of commands being worked through, one at a time. */
struct modem_rows {
    const struct driver_init *row;
    int alternative;
    int repeats;
    int refusals;    /* of a row that it must have */
    bool has_asked;  /* the row's setting, and it was wrong… */
    bool is_untold;  /* …or not told */
    bool is_changed; /* a setting was wrong, and has been set */
    void (*done)(struct modem *modem);
};

/* How the search for its device stands: open.c. */
struct modem_find {
    struct find_wish wish;
    struct find_port now;     /* the open port, or the last one; vid 0 = none that was looked for */
    size_t count;             /* ports to try, at the last look… */
    struct find_port best;    /* …and the first of them */
    unsigned tries;           /* in vain, since a port answered */
    bool is_crowded;          /* there are more modems than sections for them */
    int64_t storage_since_us; /* the stick has been a disk; 0 = it is not */
    int64_t absent_since_us;  /* 0 = it is not */
    int64_t holder_asked_us;  /* who has the port; 0 = not asked */
};

struct modem_send {
    bool active;
    size_t count, next;
    size_t tpdu_len[GSM_PARTS_MAX];
    char pdu[GSM_PARTS_MAX][MODEM_PDU_TEXT];
    struct modem_result result;
    bool is_explaining;     /* refused, and the settings that may explain it are looked at */
    enum at_result refused; /* how it ended… */
    bool has_left;          /* …and whether the PDU had been handed over */
};

/* What is asked of every modem when it is idle; behind them come its driver's readings. */
enum modem_question {
    QUESTION_CLOCK_ON, /* these two are settings, given once */
    QUESTION_LONG_NAMES,
    QUESTION_EXTENDED_SIGNAL,
    QUESTION_OPERATOR,
    QUESTION_STORAGE,
    QUESTION_CLOCK,
    QUESTION_SMSC,
    QUESTION_SMS_SERVICE,
    QUESTION_FUNCTION, /* settings: is each still what it was set to? */
    QUESTION_FORMAT,
    QUESTION_CHARACTERS,
    QUESTION_NOTIFY,
    QUESTION_SIGNAL, /* it and the first of the networks were asked before the first round */
    QUESTION_CS,
    QUESTION_PS,
    QUESTION_EPS,
    QUESTION_COUNT,
    QUESTION_READINGS = 20, /* of a driver */
    QUESTION_ALL = QUESTION_COUNT + QUESTION_READINGS
};

/* The rounds of questions: sampler.c. */
struct modem_sampler {
    struct loop_source *timer; /* until the next round */
    bool active;               /* a round is under way; it goes on after whatever interrupts it */
    int64_t since_us;          /* it began */
    unsigned long sends;       /* there had been when its last question went */
    unsigned round;
    int at;                   /* its next question */
    struct modem_sample next; /* what this round has told so far */
    uint8_t refusals[QUESTION_ALL];
    uint8_t mutes[QUESTION_ALL];       /* starts in a row in which it was not answered… */
    char mutes_of[20];                 /* …by the modem of this IMEI… */
    const struct driver *mutes_driver; /* …and this family */
    bool told[QUESTION_ALL];           /* that its answer made no sense */
    unsigned wrong_settings; /* bits, of the first setting's question on: when last asked */
    bool lacks_smsc;         /* the card says that it has none */
    bool has_written_smsc;   /* to that card */
    char smsc_card[24];
};

enum { MODEM_SLOTS = 32, MODEM_MEMORY_SIZE = 3 };

/* A message in a memory of the modem. */
struct modem_slot {
    char memory[MODEM_MEMORY_SIZE];
    int index;
    uint64_t mark; /* of what was read there; 0 = nothing yet */
    bool is_guess; /* nobody said that there is a message: inbound_walk.c */
};

enum modem_inbox_step { INBOX_READING, INBOX_STORING, INBOX_DELETING };

/* What the command in flight is for; nothing: its slot was forgotten meanwhile. */
enum modem_inbox_asked { INBOX_NOTHING, INBOX_SLOT, INBOX_LIST };

/* Places read one by one, in a memory whose list is refused. */
struct modem_walk {
    char memory[MODEM_MEMORY_SIZE]; /* "" = no walk */
    int next, end;                  /* places still to be read */
    int left;                       /* messages that the memory still holds, as it said */
};

/* What waits in the modem's memories: inbound.c. */
struct modem_inbox {
    struct loop *loop;
    struct loop_source *timer;
    struct modem_slot slots[MODEM_SLOTS];
    size_t count; /* the first is the one in hand */
    enum modem_inbox_step step;
    enum modem_inbox_asked asked;
    char asked_memory[MODEM_MEMORY_SIZE];
    int tries;
    int64_t not_before_us;    /* of the one in hand */
    int64_t waiting_since_us; /* for the line; 0 = nothing waits */
    int64_t next_list_us;
    struct modem_walk walk;
    size_t lists;                   /* memories still to be listed */
    char memory[MODEM_MEMORY_SIZE]; /* that it reads from now; "" = not known */
    int tight_used;              /* of the memory, when a list was last asked for because of it */
    bool overflowed, progressed; /* since that list: more than slots, and some were deleted */
    size_t listed;               /* by the last list… */
    size_t listed_before;        /* …and by the one that overflowed before it */
    int mutes;                   /* commands in a row that were not answered… */
    int list_mutes;              /* …and lists */
    int64_t muted_us;            /* lists were given up then; 0 = they are answered */
    struct modem_slot witness;   /* one that was deleted: does a later list still show it? */
    int witness_age, lies;       /* lists since then; times that it was still there */
    int64_t minute_us;           /* of the reads counted now */
    int reads;
    int64_t pace_us;   /* the next one not before then */
    bool other_format; /* the last one was not in the format that was asked for */
    bool said_unkept, said_undeletable, said_mute;
};

/* What makes no sense, behind the kinds of the chat: nonsense.c. */
enum modem_nonsense {
    NONSENSE_REPLY = AT_NONSENSE_COUNT,
    NONSENSE_REPORT,
    NONSENSE_MESSAGE,
    NONSENSE_ANNOUNCED,
    NONSENSE_FORMAT,
    NONSENSE_REGISTRATION,
    NONSENSE_COUNT
};

enum modem_ussd_step { USSD_IDLE, USSD_WANTED, USSD_WANTED_PACKED, USSD_ASKED, USSD_REFUSED };

/* The question for the balance: ussd.c. */
struct modem_ussd {
    struct loop_source *timer;
    enum modem_ussd_step step;
    bool must_end;    /* the network keeps the session open */
    bool was_error;   /* refused by ERROR: a session may have been open */
    bool is_checked;  /* refused: the settings that may explain it were looked at */
    int64_t since_us; /* what is to be sent has waited */
    size_t len;       /* of an answer over several lines; 0 = none has begun */
    char line[USSD_LINE_SIZE];
};

struct modem {
    struct loop *loop;
    struct modem_config config;
    const struct modem_events *events;
    void *user;
    struct at_chat_events chat_events;
    struct at_chat *chat;
    struct tape *tape;
    struct loop_source *timer; /* of the state: its deadline, or when to look again */
    void (*on_timer)(struct modem *modem);
    struct loop_source *changed;
    struct loop_source *failed; /* a send that could not start */
    struct loop_source *idle;   /* jobs.c */
    enum modem_state state;
    int64_t state_since_us;
    int64_t unable_since_us; /* when it was last ready; 0 = it is */
    int64_t answered_us;     /* when it last answered a command; 0 = it never did */
    enum modem_reason reason;
    int64_t blocked_since_us; /* the card is looked at again: what the page shows till the end of
                                 that look; 0 = it is not */
    const char *looked_as;    /* its token then */
    struct flap flap;
    char detail[MODEM_DETAIL_SIZE];
    const struct driver *driver;
    struct modem_rows rows;
    int tries;
    bool restarted;    /* or lost its settings in another way: set up again as soon as possible */
    int64_t redone_us; /* set up again then, for such a reason */
    struct restarts restarts;
    bool is_checking;       /* ready, and some settings are being looked at: nothing is sent */
    bool is_radio_asked;    /* in this look at the card */
    const char *misset;     /* Spanish: a setting that the modem refuses to change; NULL = none */
    int64_t radio_on_us;    /* switched on by us then: its card needs a moment; 0 = it was on */
    unsigned network_looks; /* in a row that found no network */
    unsigned echoes;        /* of commands, since echo was switched off */
    bool is_echo_off;       /* and it stayed so until the card was looked at */
    const char *notify;     /* the AT+CNMI= that it took; NULL = none */
    struct gsm_cause fault; /* of the SIM or the modem, met by the last send: its sentence stays
                               until one succeeds; GSM_CAUSE_NONE = none */
    enum modem_pin pin;
    int pin_told; /* tries that the card last told; -1 = it did not */
    int pin_left; /* tries that the card told before the PIN was given; -1 = it did not tell */
    const struct driver_init *mute_row;               /* did not answer once */
    const struct driver_init *skipped[MODEM_SKIPPED]; /* optional and never answered: left out */
    size_t skipped_count;
    bool resync; /* an answer may still be on its way: let the line fall quiet before the next
                    command */
    int64_t quiet_end_us; /* but no longer than until then */
    struct modem_recover recover;
    char iccid[MODEM_ICCID_SIZE];
    char pin_iccid[MODEM_ICCID_SIZE]; /* of the card that the PIN was given to */
    bool iccid_asked;                 /* of the card that is in now */
    int sim_form;                     /* the command being tried, of several that ask the same */
    unsigned iccid_mute;              /* those never answered: bit per form */
    unsigned counter_mute;
    void (*after_iccid)(struct modem *modem);
    const char *blocked_as; /* state token of MODEM_BLOCKED */
    char facts[FACT_COUNT][MODEM_FACT_SIZE];
    int registration[NETWORK_COUNT];                   /* <stat>, -1 = not known */
    struct reading_registration places[NETWORK_COUNT]; /* as last told */
    int network;                                       /* the one being asked */
    bool network_lost; /* it was there: look again after a while, not at once */
    struct modem_sample sample;
    struct modem_sampler sampler;
    void (*settled)(struct modem *modem); /* smsc.c: what comes then */
    char imei[20];
    char port[64]; /* that is open, where the device is a wish ("auto") */
    /* Of the port that is or was open, for its reset: "1-1.2"; "" = not USB. */
    char usb_device[RECOVER_USB_SIZE];
    struct modem_find find;
    bool reserved;
    struct modem_send send;
    struct modem_inbox inbox;
    struct modem_ussd ussd;
    unsigned long received, unkept;
    unsigned long sent, refused, unknown, reports, losses;
    unsigned long garbage;
    unsigned nonsense_told; /* bit per kind */
};

/* lifecycle.c */
void modem_enter(struct modem *modem, enum modem_state state);
/* The sentence of the status page, and a log line when it changes. "" = all is well. */
void modem_set_detail(struct modem *modem, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void modem_timer(struct modem *modem, int64_t ms, void (*fn)(struct modem *modem));
/* Sends one command; a command that cannot be handed over is treated as a lost line. */
void modem_command(struct modem *modem, const struct at_request *request);

/* nonsense.c */
/* Counts it, and logs its kind once; of enum at_nonsense or enum modem_nonsense. */
void modem_nonsense(struct modem *modem, unsigned what);
/* An unsolicited line that nobody understood: most are harmless events of its maker. */
void modem_unknown_line(struct modem *modem, const char *line);

/* open.c */
void modem_find_start(struct modem *modem);
void modem_find_stop(struct modem *modem);
/* The open port has answered AT… */
void modem_port_answers(struct modem *modem);
/* …or never did: to MODEM_ABSENT, and to the next port that it may be. */
void modem_port_is_mute(struct modem *modem);
/* It has said who it is. False = another modem than the one asked for: it is being left. */
bool modem_find_settle(struct modem *modem);
void modem_try_open(struct modem *modem);
void modem_close_line(struct modem *modem);
void modem_enter_absent(struct modem *modem);
void modem_enter_opening(struct modem *modem);

/* open_say.c: why no port is open */
extern const char modem_crowded_advice[];
void modem_say_closed(struct modem *modem, enum cc_err err, const char *device);
void modem_say_none(struct modem *modem, enum find_reason reason,
                    const struct link_usb_device *device);
void modem_say_mute(struct modem *modem);

/* probe.c */
void modem_enter_probing(struct modem *modem);
/* Asks AT, and what comes of it. */
void modem_ask_at(struct modem *modem);
/* The line is there but the talk went wrong, over something that it can do without: probe again.
 * Over anything else: modem_trouble(). */
void modem_resync(struct modem *modem);
/* While probing: something came. */
void modem_line_is_not_quiet(struct modem *modem);

/* jobs.c: what is done when nothing is to be sent, one command at a time */
/* There may be something to do: looked at when everything else of this turn is done. */
void modem_jobs_poke(struct modem *modem);
/* A job's command has ended: a message goes first, then the next job. */
void modem_job_over(struct modem *modem);
void modem_jobs_idle(void *modem);
/* One of them has waited too long behind messages: it goes before the next one. */
bool modem_jobs_are_urgent(const struct modem *modem);

/* inbound.c */
void modem_inbound_init(struct modem *modem);
void modem_inbound_done_with(struct modem *modem);
/* Another line or another card: all slots count no longer, and the memories are listed. */
void modem_inbound_forget(struct modem *modem);
/* True when the line was about an inbound message. */
bool modem_inbound_event(struct modem *modem, const char *line, const char *pdu);
bool modem_inbound_is_urgent(const struct modem *modem);
bool modem_inbound_job(struct modem *modem);
/* What it says is deleted is there again, time after time. */
bool modem_inbound_is_lying(const struct modem *modem);
/* A memory is full: all are listed and emptied. */
void modem_inbound_sweep(struct modem *modem);

/* ussd.c */
void modem_ussd_init(struct modem *modem);
void modem_ussd_done(struct modem *modem);
/* The line is lost: whoever asked is told. */
void modem_ussd_forget(struct modem *modem);
/* True when the line belonged to a +CUSD. */
bool modem_ussd_event(struct modem *modem, const char *line);
bool modem_ussd_job(struct modem *modem);
bool modem_ussd_is_urgent(const struct modem *modem);

/* rows.c */
/* "SIM busy" and its like: the same command again in a moment. */
bool modem_reply_is_busy(const struct at_reply *reply);
/* It says that it has just started: what it refused a moment ago is asked again now. False = it was
 * not waiting for that. */
bool modem_rows_started(struct modem *modem);
void modem_run_rows(struct modem *modem, const struct driver_init *rows,
                    void (*done)(struct modem *modem));
void modem_enter_init(struct modem *modem);
void modem_enter_setup(struct modem *modem);

/* settings.c: what the work depends on, and when it is looked at again */
extern const struct driver_init modem_card_rows[];    /* the card fails */
extern const struct driver_init modem_radio_rows[];   /* no network is found */
extern const struct driver_init modem_text_rows[];    /* a USSD question was refused */
extern const struct driver_init modem_refusal_rows[]; /* a message was refused by the modem */
/* What was set may be lost (a restart, another program): all of it is gone through again, at once
 * or when the command or message in flight has ended. */
void modem_distrust(struct modem *modem);
/* Distrusted, and on its way to `next`: there, or from the beginning. */
enum modem_state modem_state_after_restart(struct modem *modem, enum modem_state next);
/* sms.c: the state changes while a refusal is being explained; its outcome is told without. */
void modem_send_settle(struct modem *modem);
/* True when the line is a sign of a restart, or of a card that fell out. */
bool modem_settings_event(struct modem *modem, const char *line);
/* The radio was switched on a moment ago: the card has not started yet. */
bool modem_radio_is_fresh(const struct modem *modem);
/* The modem restarts time and again. */
bool modem_restarts_often(const struct modem *modem);

/* simcard.c */
void modem_enter_sim(struct modem *modem);
void modem_enter_blocked(struct modem *modem);
/* Asks for its state again. */
void modem_sim_look(struct modem *modem);
/* Only a person can go on: the state's token, and what to do. */
void modem_sim_block(struct modem *modem, const char *token, const char *sentence);

/* simcard_id.c: reads modem->iccid, once per look at the card, and goes on if it is the right one.
 */
void modem_sim_identify(struct modem *modem, void (*done)(struct modem *modem));

/* simcard_pin.c */
void modem_pin_wanted(struct modem *modem);
void modem_enter_unlocking(struct modem *modem);

/* network.c */
void modem_enter_registering(struct modem *modem);
void modem_enter_ready(struct modem *modem);
bool modem_is_registered(const struct modem *modem);
/* The network refuses this card. */
bool modem_is_denied(const struct modem *modem);
/* To MODEM_READY or MODEM_REGISTERING, as the registration says. */
void modem_registration_changed(struct modem *modem);
/* Nothing, or the fault of the last send. */
void modem_say_health(struct modem *modem);
/* True when the line was a registration event. */
bool modem_network_event(struct modem *modem, const char *line);
/* What a line of a network's tells; true when it tells a <stat>. */
bool modem_take_registration(struct modem *modem, enum modem_network network, const char *line);
/* The registration as the sample shows it: of the network that counts. */
void modem_fill_registration(const struct modem *modem, struct modem_sample *sample);

/* sampler.c: rounds of questions to an idle modem */
void modem_sampler_init(struct modem *modem);
void modem_sampler_done(struct modem *modem);
/* It starts anew, or it is another modem: what it told and refused counts no longer. */
void modem_sampler_forget(struct modem *modem);
/* Ready: the first round, or what is left of one. */
void modem_sampler_resume(struct modem *modem);
bool modem_sample_job(struct modem *modem);
bool modem_sample_is_urgent(const struct modem *modem);
/* It has said who it is: the patience with another modem is not its own. */
void modem_sampler_meet(struct modem *modem);
/* Not answered, or refused time and again: do without. */
bool modem_question_is_out(const struct modem *modem, int question);
void modem_question_is_mute(struct modem *modem, int question);
/* What a person should do about what the last round told; "" = nothing. Spanish. */
const char *modem_sample_advice(const struct modem *modem);

/* smsc.c: writes config.smsc to the card if it has another, once per card; then goes on. */
void modem_settle_smsc(struct modem *modem, void (*done)(struct modem *modem));

#endif
