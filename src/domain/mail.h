/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mails to citizens and to the town: their kinds, what a server's answer means for them, and when
 * one that was not taken goes again. Pure.
 */
#ifndef CC_DOMAIN_MAIL_H
#define CC_DOMAIN_MAIL_H

#include <stdbool.h>
#include <stdint.h>

/* Stored: append only. */
enum mail_kind {
    MAIL_TOWN_PENDING, /* to the town: a person waits for the verification of the identity */
    MAIL_WAITING,      /* to the person: the alta waits for it; with the link of MAIL_PROVE */
    MAIL_PROVE,        /* link that proves the address */
    MAIL_CHANGED,      /* to the address of before */
    MAIL_KEY,          /* clave of the town, to an address that is proven */
    MAIL_KINDS
};

/*
 * Stored: append only.
 *
 *   queued -> sending -> sent
 *      ^         |-> queued again, not_before later (not taken for now)
 *      |         |-> refused | dead (for good)
 *      `- - - -  `-> unknown -> sending again, later: the same Message-ID, so that who gets it
 *                               twice can tell
 *   queued -> expired at expires_ms; unknown ends as it is
 *   sent, unknown -> dead: it came back (domain/bounce.h)
 */
enum mail_state {
    MAIL_QUEUED,
    MAIL_SENDING,
    MAIL_SENT,
    MAIL_UNKNOWN, /* all of it was given to the server, and its reply was lost */
    MAIL_REFUSED, /* the server does not take this mail */
    MAIL_DEAD,    /* the address does not exist, or takes no mail */
    MAIL_EXPIRED,
    MAIL_STATES
};

/* How far the talk with the server came. */
enum mail_phase { MAIL_CONNECTS, MAIL_FROM, MAIL_TO, MAIL_DATA };

struct mail_trace {
    bool is_taken;
    enum mail_phase phase;
    int reply;     /* the server's last, 0 = none */
    int subject;   /* second number of its enhanced status (RFC 3463), -1 = none */
    bool is_whole; /* all of the text was given */
    bool is_over;  /* before the farewell */
};

struct mail_verdict {
    enum mail_state state; /* MAIL_SENT, _UNKNOWN, _REFUSED, _DEAD or, to go again, _QUEUED */
    bool is_server;        /* the server takes none: the others need not try now */
};

/* Source: RFC 5321 4.2, 4.5.4; RFC 3463 3. */
struct mail_verdict mail_judge(const struct mail_trace *trace);
/* The wait after the n-th time in a row (1 = first) that a mail, or a server, took nothing. */
int64_t mail_wait_ms(int64_t times);
/* How long a mail of this kind is of use. */
int64_t mail_life_ms(enum mail_kind kind);

/* Life of a link that proves an address. */
#define MAIL_LINK_LIFE_MS (INT64_C(24) * 60 * 60 * 1000)
/* Wait before a mail whose outcome is unknown goes again: greater than a server's own delays. */
#define MAIL_DOUBT_MS (INT64_C(15) * 60 * 1000)

#endif
