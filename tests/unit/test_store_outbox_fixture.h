/* SPDX-License-Identifier: EUPL-1.2 */
/* Messages brought into any state by the edges of the outbox, and looked at. */
#ifndef CC_TEST_STORE_OUTBOX_FIXTURE_H
#define CC_TEST_STORE_OUTBOX_FIXTURE_H

#include "tests/unit/test_store_fixture.h"

#define PHONE "+34600123123"

static const struct gsm_cause no_network = {GSM_CAUSE_CMS, 38};
static const struct gsm_cause delivered = {GSM_CAUSE_STATUS, 0};

struct wanted {
    int64_t id;
    struct outbox_message found;
};

static inline bool keep_wanted(const struct outbox_message *message, void *user)
{
    struct wanted *wanted = user;
    if (message->id != wanted->id)
        return true;
    wanted->found = *message;
    return false;
}

static inline struct outbox_message fetch(struct store *store, int64_t id)
{
    struct wanted wanted = {.id = id};
    assert_ok(outbox_list(store, 100000, keep_wanted, &wanted));
    assert_int_equal(wanted.found.id, id);
    return wanted.found;
}

static inline enum cc_err do_claim(struct store *store, int64_t id)
{
    return outbox_claim(store, id, "principal", T0 + 1);
}

static inline enum cc_err do_sent(struct store *store, int64_t id)
{
    return outbox_sent(store, id, 7, T0 + 2);
}

static inline enum cc_err do_refused(struct store *store, int64_t id)
{
    return outbox_refused(store, id, no_network, T0 + 2);
}

static inline enum cc_err do_requeue(struct store *store, int64_t id)
{
    return outbox_requeue(
        store, id,
        &(struct outbox_delay){.cause = no_network, .penalty = true, .not_before_ms = T0 + MINUTE});
}

static inline enum cc_err do_unknown(struct store *store, int64_t id)
{
    return outbox_unknown(store, id, no_network, T0 + 5 * MINUTE);
}

static inline enum cc_err do_repeat(struct store *store, int64_t id)
{
    return outbox_repeat(store, id, T0 + 6 * MINUTE);
}

static inline enum cc_err do_give_up(struct store *store, int64_t id)
{
    return outbox_give_up(store, id, T0 + 6 * MINUTE);
}

static inline enum cc_err do_delivered(struct store *store, int64_t id)
{
    return outbox_reported(store, id, true, delivered, T0 + 3 * MINUTE);
}

static inline enum cc_err do_undelivered(struct store *store, int64_t id)
{
    return outbox_reported(store, id, false, delivered, T0 + 3 * MINUTE);
}

static inline enum cc_err do_expire(struct store *store, int64_t id)
{
    (void)id;
    int64_t count = -1;
    enum cc_err err = outbox_expire(store, T0 + HOUR, &count);
    return err == CC_OK && count == 0 ? CC_ERR_NOT_FOUND : err;
}

static inline enum cc_err do_recover(struct store *store, int64_t id)
{
    (void)id;
    int64_t count = -1;
    enum cc_err err = outbox_recover(store, T0 + 5 * MINUTE, &count);
    return err == CC_OK && count == 0 ? CC_ERR_NOT_FOUND : err;
}

typedef enum cc_err (*edge_fn)(struct store *store, int64_t id);

enum { GIVEN_UP = OUTBOX_EXPIRED + 1, STATES };

/* How a fresh message gets into each state. */
static const edge_fn roads[STATES][3] = {
    [OUTBOX_QUEUED] = {NULL},
    [OUTBOX_SENDING] = {do_claim},
    [OUTBOX_SENT] = {do_claim, do_sent},
    [OUTBOX_DELIVERED] = {do_claim, do_sent, do_delivered},
    [OUTBOX_UNDELIVERED] = {do_claim, do_sent, do_undelivered},
    [OUTBOX_UNKNOWN] = {do_claim, do_unknown},
    [OUTBOX_FAILED] = {do_claim, do_refused},
    [OUTBOX_EXPIRED] = {do_expire},
    [GIVEN_UP] = {do_claim, do_unknown, do_give_up},
};

static inline int64_t message_in(struct store *store, int state)
{
    int64_t id = add_message(store, PHONE, T0);
    for (size_t i = 0; i < 3 && roads[state][i]; ++i)
        assert_ok(roads[state][i](store, id));
    return id;
}

static inline int64_t count_texts(struct store *store, int64_t id)
{
    int64_t has = -1;
    struct db_stmt *st = db_query(store->db, "SELECT text IS NOT NULL FROM outbox WHERE id = $1");
    db_bind_int(st, 1, id);
    assert_ok(db_run_int(st, &has));
    return has;
}

#endif
