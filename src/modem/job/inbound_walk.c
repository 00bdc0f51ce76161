/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A modem that refuses AT+CMGL=4 but reads single places (Quectel EP06-A): its places are read one
 * by one, slowly, until as many messages are found as its memory says that it holds.
 * Source: 3GPP TS 27.005 3.2.2 (AT+CPMS answers <used>,<total>), 4.2.
 */
#include "modem/job/inbound_private.h"

#include "base/loop.h"

#include <string.h>

enum {
    PACE_MS = 250,
    PLACES_MAX = 255,    /* of any card */
    PLACES_UNKNOWN = 50, /* where the memory does not tell its size */
};

void inbound_walk_begin(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    memcpy(inbox->walk.memory, inbox->memory, sizeof(inbox->walk.memory));
    inbox->memory[0] = '\0'; /* chosen anew, its answer tells how many there are */
    inbox->walk.next = 0;
    inbox->walk.end = PLACES_UNKNOWN;
    inbox->walk.left = PLACES_UNKNOWN;
}

void inbound_walk_sized(struct modem *modem, int used, int total)
{
    struct inbound_walk *walk = &modem->jobs->inbox->walk;
    if (walk->memory[0] == '\0' || walk->next > 0)
        return;
    walk->left = used;
    walk->end = total < PLACES_MAX ? total : PLACES_MAX;
}

void inbound_walk_add(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    struct inbound_walk *walk = &inbox->walk;
    if (walk->memory[0] == '\0' || inbox->count > 0 || strcmp(walk->memory, inbox->memory) != 0 ||
        loop_now_us(modem->loop) < inbox->not_before_us)
        return;
    if (walk->left <= 0 || walk->next > walk->end) {
        walk->memory[0] = '\0';
        return;
    }
    inbound_add_slot(inbox, walk->memory, walk->next++); /* some count from 0, most from 1 */
    inbox->slots[inbox->count - 1].is_guess = true;
}

void inbound_walk_on(struct modem *modem)
{
    inbound_drop_first(modem);
    inbound_again_in(modem->jobs->inbox, PACE_MS);
}
