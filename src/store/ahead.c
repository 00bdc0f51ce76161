/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/ahead.h"

#include "store/citizens_row.h"
#include "store/db_ahead.h"
#include "store/failures.h"
#include "store/refusals.h"
#include "store/requests.h"

enum { NOBODY = 0 }; /* the id of an unknown NIF */

/* Nothing is read yet: each function finds no row, and what it makes of that does not count. */
static void ignore(enum cc_err err)
{
    (void)err;
}

static void ask_addresses(struct store *store, const struct ahead_wish *wish)
{
    int64_t limit = wish->limits->address.failures_hour, unused = 0;
    if (limit == 0)
        return;
    ignore(failures_count_ip(store, wish->ip, wish->now_ms, limit, &unused));
    ignore(failures_count_ip(store, wish->ip_wide, wish->now_ms,
                             limit * wish->limits->address.wide_times, &unused));
}

static void ask_citizen(struct store *store, const struct ahead_wish *wish, int64_t id,
                        const uint8_t nif_index[SECRET_TAG_BYTES])
{
    struct request live[REQUEST_LIVE_MAX];
    struct limits_citizen counted = {0};
    uint8_t subject[SECRET_TAG_BYTES];
    int64_t unused = 0;
    size_t count = 0;
    ignore(requests_live_and_used(store, id, wish->limits, wish->now_ms, live, &count, &unused));
    ignore(failures_count_for(store, id, wish->limits, wish->now_ms, &counted));
    if (wish->contrast_ip != NULL)
        ignore(failures_count_contrasts(store, id, wish->limits, wish->contrast_ip, wish->now_ms,
                                        &counted));
    refusals_subject(nif_index, id != NOBODY, subject);
    ignore(refusals_count(store, subject, wish->now_ms, &unused, &unused));
}

void ahead_ask(struct store *store, const struct ahead_wish *wish)
{
    struct citizen citizen = {0};
    int64_t id, unused = 0;
    bool asks = false;
    if (!db_ask_ahead(store->db, true))
        return;
    ask_addresses(store, wish);
    ignore(wish->contrast_ip != NULL ? citizens_find(store, wish->nif, &citizen)
                                     : citizens_find_without_contrast(store, wish->nif, &citizen));
    id = citizen_row_id(citizen.nif_index);
    ask_citizen(store, wish, id, citizen.nif_index);
    ask_citizen(store, wish, NOBODY, citizen.nif_index);
    ignore(store_town_asks(store, &asks));
    ignore(requests_last_use(store, id, &unused));
    (void)db_ask_ahead(store->db, false);
}
