/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The limits that carry the safety of a short code (DOMAIN 5), as pure decisions: counters and now
 * in, verdict out. The caller counts; nothing here remembers. 0 in a limit = no limit.
 *
 * Two rules. Only a compared failure counts: a live request had this clave, and the contraclave or
 * the contrast was wrong. What a stranger can use up, the owner passes by with the contrast datum.
 *
 * The arithmetic of pin24h, per NIF and 30 days. The 3 tries of a request find its code with
 * 3/10^4. Without the contrast 14 failures are compared: 1 - (1 - 3/10^4)^4 (1 - 2/10^4) =
 * 13.99/10^4. Beyond them each comparison needs the right contrast: of 3653 dates 300 may be tried,
 * and a right one is worth 3 tries, 300 / 3653 * 3/10^4 = 0.25/10^4. Together 14.24/10^4, under the
 * 15/10^4 wanted. A success settles the failures of its own request alone, so that an attacker
 * gains nothing from the days on which the owner enters. Wrong contrasts count for the address they
 * come from, so that a stranger cannot use up the owner's; a lock takes 30 in a day or 300 in a
 * month, from many addresses. Town: 100 comparisons without the contrast in 24 h, 1 %.
 */
#ifndef CC_DOMAIN_LIMITS_H
#define CC_DOMAIN_LIMITS_H

#include "domain/limits_values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The contrast datum that came with a call. WRONG only if there was one to compare it with. */
enum limits_contrast { LIMITS_CONTRAST_NONE, LIMITS_CONTRAST_RIGHT, LIMITS_CONTRAST_WRONG };

/* Counters of one citizen, as the store counted them; "day" is the rolling 24 h, "hour" the rolling
 * 60 min. */
struct limits_citizen {
    bool registered;      /* false: the NIF is unknown */
    bool locked;          /* by staff or by lock_after */
    bool contrast_locked; /* too many were wrong: not compared until staff unlock */
    bool town_asks;       /* the town's state: limits_town() */
    enum limits_contrast contrast;
    int64_t wrong_contrasts_here; /* of 24 h, from the address of this call */
    int64_t wrong_contrasts_day;
    int64_t wrong_contrasts_month; /* 30 days */
    int64_t failures_in_a_row;     /* compared, of 30 days, of requests that never succeeded */
    int64_t town_failures_day;     /* the same of the whole town, of 24 h */
    int64_t last_request_ms;       /* UTC ms of the newest one sent in this way; 0 = never */
    int64_t requests_hour;         /* sent in this way: with the contrast, or without */
    int64_t requests_day;
    int64_t phone_sms_day;
    int64_t refusals_hour; /* verifications whose clave matched no live request */
    int64_t refusals_minute;
};

/* Why no contraclave is sent; the caller's answer is the same 202 for all (no oracle). */
enum limits_verdict {
    LIMITS_SEND,
    LIMITS_UNKNOWN_NIF,
    LIMITS_LOCKED,
    LIMITS_NEEDS_CONTRAST,
    LIMITS_TOO_SOON,
    LIMITS_TOO_MANY_HOUR,
    LIMITS_TOO_MANY_DAY,
    LIMITS_TOO_MANY_PHONE,
};

/* Whether a contrast that came may still be compared with the one recorded. */
bool limits_compares_contrast(const struct limits_per_citizen *limits,
                              const struct limits_citizen *counted);
enum limits_verdict limits_request(const struct limits *limits,
                                   const struct limits_citizen *counted, int64_t now_ms);
/* "enviar", "nif_desconocido", …: for the audit trail, never for the sede. */
const char *limits_verdict_token(enum limits_verdict verdict);
/* Whether the registered phone is told of a request that was not sent. Not when too soon: the SMS
 * before it has just told. */
bool limits_is_told(enum limits_verdict verdict);

/* Whether a verification is looked at; else it is refused unread, in the same time. */
bool limits_reads(const struct limits_per_citizen *limits, const struct limits_citizen *counted);
/*
 * Whether a request may be compared by this verification: opened without the contrast, it needs the
 * right one from contrast_after on and while the town asks. With a wrong one it is not compared,
 * and counts no failure: a stranger who knows the NIF must not reach lock_after.
 */
bool limits_compares_request(const struct limits *limits, const struct limits_citizen *counted,
                             bool opened_with_contrast);
/* A request for a code whose tries or uses so far are these: may it still be compared? */
bool limits_request_is_alive(const struct limits_per_code *limits, int64_t tries, int64_t uses,
                             int64_t expires_ms, int64_t now_ms);

/* How many requests of one citizen can be alive, opened with the contrast and without; at most
 * `most`, and that where there is no limit. */
size_t limits_most_alive(const struct limits_per_citizen *limits, size_t most);
/* How far a count for a limit goes: to the first beyond it. Where the limit is off (0) no decision
 * depends on the number; it is shown, and may stop early. */
int64_t limits_stop_at(int64_t limit);

/* Unsettled compared failures of the whole town, and contraclaves sent. */
struct limits_town {
    int64_t nifs_day; /* different ones */
    int64_t failures_day;
    int64_t failures_month; /* 30 days */
    int64_t sends_hour;
    int64_t sends_usual; /* mean of this hour of the last 7 days */
};

enum limits_alarm { LIMITS_ALARM_NIFS = 1, LIMITS_ALARM_DRIP = 2, LIMITS_ALARM_SENDS = 4 };

/* Whether open sends need the contrast from now on. `asks` is the state so far: once begun it lasts
 * until different NIFs with failures are under nifs_alarm. */
bool limits_town_asks(const struct limits_per_town *limits, const struct limits_town *counted,
                      bool asks);
/* Bits of enum limits_alarm; 0 = none. */
unsigned limits_town_alarms(const struct limits_per_town *limits,
                            const struct limits_town *counted);

#endif
