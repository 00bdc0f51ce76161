/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Remembers which questions a modem does not answer. A question that is refused time and again, or
 * stays mute, is left out until the modem starts anew; for good when it was mute after two starts.
 * Pure.
 */
#ifndef CC_MODEM_TELL_PATIENCE_H
#define CC_MODEM_TELL_PATIENCE_H

#include "modem/driver.h"
#include "modem/modem.h"

#include <stdbool.h>
#include <stdint.h>

/* The questions to every idle modem; the readings of its driver come behind them. */
enum modem_question {
    QUESTION_CLOCK_TOLD, /* is the time taken from the network? Many modems keep that for good: … */
    QUESTION_CLOCK_ON,   /* …a setting, given once where it is not, as the next one */
    QUESTION_LONG_NAMES,
    QUESTION_EXTENDED_SIGNAL,
    QUESTION_OPERATOR,
    QUESTION_STORAGE,
    QUESTION_CLOCK,
    QUESTION_SMSC,
    QUESTION_SMS_SERVICE,
    QUESTION_FUNCTION, /* a setting, as the next three: is each still what it was set to? */
    QUESTION_FORMAT,
    QUESTION_CHARACTERS,
    QUESTION_NOTIFY,
    QUESTION_SIGNAL, /* answered, as the first of the networks, before the first round */
    QUESTION_CS,
    QUESTION_PS,
    QUESTION_EPS,
    QUESTION_5GS,
    QUESTION_COUNT,
    QUESTION_READINGS = 20, /* of a driver */
    QUESTION_ALL = QUESTION_COUNT + QUESTION_READINGS
};

/* All zero = nothing is known of the modem. */
struct patience {
    uint8_t refusals[QUESTION_ALL];
    uint8_t mutes[QUESTION_ALL]; /* starts in a row in which the question was not answered */
    bool told[QUESTION_ALL];     /* a senseless answer was logged */
    unsigned wrong_settings;     /* bits, from QUESTION_FUNCTION on: wrong when last asked */
    char imei[MODEM_IMEI_SIZE];  /* the modem that all of this is about… */
    const struct driver *driver; /* …and its family */
};

/* The question is to be left out. */
bool patience_is_over(const struct patience *patience, int question);
void patience_note_mute(struct patience *patience, int question);
void patience_note_refusal(struct patience *patience, int question);
void patience_note_answer(struct patience *patience, int question);
/* Notes whether a setting is as it was set; true = it is wrong for the first time. A setting that
 * is wrong again after it was set is the modem's own way of telling it. */
bool patience_note_setting(struct patience *patience, int question, bool is_right);
/* Notes an answer that makes no sense; true = the first one to this question. */
bool patience_note_nonsense(struct patience *patience, int question);
/* The modem starts anew. */
void patience_restart(struct patience *patience);
/* The modem has said who it is: what was learned of another one counts no longer. */
void patience_meet(struct patience *patience, const struct driver *driver, const char *imei);

#endif
