/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/mail.h"

#include "base/span.h"

#include <stddef.h>

static bool is_final(int reply)
{
    return reply >= 500 && reply <= 599;
}

/*
 * Whether a recipient was refused because of its address: by the enhanced status where there is
 * one, because "550" is also what a server says to whom it does not know.
 */
static bool is_dead(const struct mail_trace *trace)
{
    enum { ADDRESS = 1, MAILBOX = 2 };
    if (trace->phase != MAIL_TO || !is_final(trace->reply))
        return false;
    return trace->subject >= 0 ? trace->subject == ADDRESS || trace->subject == MAILBOX
                               : trace->reply == 550 || trace->reply == 551 || trace->reply == 553;
}

struct mail_verdict mail_judge(const struct mail_trace *trace)
{
    /* no reply after 354 "go on": the text may have been taken */
    bool is_lost = trace->phase == MAIL_DATA && trace->is_whole && trace->reply < 400;
    if (trace->is_taken)
        return (struct mail_verdict){.state = MAIL_SENT};
    if (is_lost)
        return (struct mail_verdict){.state = MAIL_UNKNOWN};
    if (is_dead(trace))
        return (struct mail_verdict){.state = MAIL_DEAD};
    if (trace->phase == MAIL_DATA && trace->is_whole && is_final(trace->reply))
        return (struct mail_verdict){.state = MAIL_REFUSED};
    return (struct mail_verdict){.state = MAIL_QUEUED, .is_server = trace->phase < MAIL_TO};
}

int64_t mail_wait_ms(int64_t times)
{
    static const int64_t minutes[] = {1, 5, 15, 30, 60};
    enum { LAST = sizeof(minutes) / sizeof(minutes[0]) - 1 };
    size_t i = times < 1 ? 0 : times > LAST ? LAST : (size_t)times - 1;
    return minutes[i] * MINUTE_MS;
}

int64_t mail_life_ms(enum mail_kind kind)
{
    static const int64_t lives[MAIL_KINDS] = {[MAIL_TOWN_PENDING] = 3 * DAY_MS,
                                              [MAIL_WAITING] = MAIL_LINK_LIFE_MS,
                                              [MAIL_PROVE] = MAIL_LINK_LIFE_MS,
                                              [MAIL_CHANGED] = 3 * DAY_MS,
                                              [MAIL_KEY] = 3 * DAY_MS};
    return lives[kind];
}
