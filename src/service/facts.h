/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Collects what the verdict is made of (service/verdict.h) from the modems, the store, the clock
 * and the town. Decides nothing but which of the verdict's reasons a modem's state is.
 */
#ifndef CC_SERVICE_FACTS_H
#define CC_SERVICE_FACTS_H

#include "modem/modem.h"
#include "service/service.h"
#include "service/verdict.h"

enum { FACTS_CARD_SIZE = 5, FACTS_TOWN_SIZE = 320, FACTS_CLIENTS_SIZE = 160 };

/* The facts and what they point to; must not be moved. */
struct facts {
    struct verdict_facts told;
    struct verdict_modem modems[VERDICT_MODEMS_MAX];
    char cards[VERDICT_MODEMS_MAX][FACTS_CARD_SIZE];
    char town[FACTS_TOWN_SIZE], paused_by[PAUSE_ACTOR_SIZE + sizeof("contraclavectl ()")];
    char clients[VERDICT_CLIENT_COUNT][FACTS_CLIENTS_SIZE];
};

/*
 * is_exact false: for a client, whose answers must not tell whether a message was sent: the queue
 * is counted in tens. Never fails: what the database does not tell is left out, and that it fails
 * is a fact of its own.
 */
void facts_collect(struct service *service, bool is_exact, struct facts *ret);
/* What the verdict is told of a box, and the status tells. */
struct verdict_box facts_box_of(const struct boxes_seen *seen, const struct box_row *row);
/* Why a modem in this state does not send; VERDICT_FINE = it does. Pure. */
enum verdict_reason facts_trouble_of(const struct modem_status *status);

#endif
