/* SPDX-License-Identifier: EUPL-1.2 */
/* The outbox: every edge from every state, the legal and the refused. */
#include "tests/unit/test_store_outbox_fixture.h"

#include "store/sqlite/private.h"

/* Where an edge leads; a state that it does not name must refuse it. */
static const struct {
    const char *name;
    edge_fn edge;
    enum outbox_state to;
    int from[4]; /* -1 = no more */
    bool wipes;
} edges[] = {
    {"claim", do_claim, OUTBOX_SENDING, {OUTBOX_QUEUED, -1}, false},
    {"sent", do_sent, OUTBOX_SENT, {OUTBOX_SENDING, -1}, true},
    {"refused", do_refused, OUTBOX_FAILED, {OUTBOX_SENDING, -1}, true},
    {"requeue", do_requeue, OUTBOX_QUEUED, {OUTBOX_SENDING, -1}, false},
    {"unclaim", outbox_unclaim, OUTBOX_QUEUED, {OUTBOX_SENDING, -1}, false},
    {"unknown", do_unknown, OUTBOX_UNKNOWN, {OUTBOX_SENDING, -1}, false},
    {"repeat", do_repeat, OUTBOX_QUEUED, {OUTBOX_UNKNOWN, -1}, false},
    {"give_up", do_give_up, OUTBOX_UNKNOWN, {OUTBOX_UNKNOWN, -1}, true},
    {"delivered",
     do_delivered,
     OUTBOX_DELIVERED,
     {OUTBOX_SENT, OUTBOX_UNKNOWN, GIVEN_UP, -1},
     true},
    {"undelivered",
     do_undelivered,
     OUTBOX_UNDELIVERED,
     {OUTBOX_SENT, OUTBOX_UNKNOWN, GIVEN_UP, -1},
     true},
    {"expire", do_expire, OUTBOX_EXPIRED, {OUTBOX_QUEUED, OUTBOX_UNKNOWN, -1}, true},
    {"recover", do_recover, OUTBOX_UNKNOWN, {OUTBOX_SENDING, -1}, false},
};

static bool leaves(size_t edge, int state)
{
    for (const int *from = edges[edge].from; *from >= 0; ++from)
        if (*from == state)
            return true;
    return false;
}

static bool same(const struct outbox_message *a, const struct outbox_message *b)
{
    return a->state == b->state && a->attempts == b->attempts && a->refusals == b->refusals &&
           a->replace == b->replace && a->not_before_ms == b->not_before_ms &&
           a->reference == b->reference && a->sent_ms == b->sent_ms &&
           a->window_ends_ms == b->window_ends_ms && a->done_ms == b->done_ms &&
           a->cause.kind == b->cause.kind && a->cause.code == b->cause.code &&
           strcmp(a->modem, b->modem) == 0;
}

static void try_edge(struct store *store, size_t edge, int state)
{
    int64_t id = message_in(store, state);
    int64_t had_text = count_texts(store, id);
    struct outbox_message before = fetch(store, id);
    bool legal = leaves(edge, state);
    enum cc_err err = edges[edge].edge(store, id);
    struct outbox_message after = fetch(store, id);
    if (err != (legal ? CC_OK : CC_ERR_NOT_FOUND))
        fail_msg("%s from %d: %s", edges[edge].name, state, err_token(err));
    if (after.state != (legal ? edges[edge].to : before.state))
        fail_msg("%s from %d leads to %s", edges[edge].name, state,
                 outbox_state_token(after.state));
    if (!legal && (!same(&before, &after) || count_texts(store, id) != had_text))
        fail_msg("%s from %d changed something", edges[edge].name, state);
    if (legal && count_texts(store, id) != (edges[edge].wipes ? 0 : 1))
        fail_msg("%s from %d: text", edges[edge].name, state);
    if (legal && (after.done_ms != 0) != edges[edge].wipes)
        fail_msg("%s from %d: done", edges[edge].name, state);
}

static void test_every_edge_from_every_state(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (size_t edge = 0; edge < sizeof edges / sizeof edges[0]; ++edge) {
        for (int from = 0; from < STATES; ++from) {
            assert_ok(db_begin(store->db));
            try_edge(store, edge, from);
            db_rollback(store->db);
        }
    }
}

static void test_edges_of_no_message(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (size_t edge = 0; edge < sizeof edges / sizeof edges[0]; ++edge)
        assert_int_equal(edges[edge].edge(store, 4711), CC_ERR_NOT_FOUND);
    assert_int_equal(outbox_discard(store, 4711), CC_ERR_NOT_FOUND);
}

static int on_look(void *user)
{
    ++*(int *)user;
    return 0;
}

/* A sweep of each minute: what was sent in a month is not read through for the few refused. */
static void test_a_sweep_passes_what_was_sent(void **state)
{
    enum { SENT = 4000, STEPS_A_LOOK = 100, LOOKS_MAX = 30 };
    struct store *store = &((struct fixture *)*state)->store;
    int looks = 0;
    sqlite3 *file = fixture_server() == NULL ? sqlite_handle(store->db) : NULL;
    assert_ok(db_begin(store->db));
    for (int i = 0; i < SENT; i++)
        (void)add_message(store, "+34600000001", T0);
    assert_ok(db_exec(store->db, "UPDATE outbox SET state = 3, text = NULL, done_ms = created_ms"));
    int64_t refused = add_message(store, "+34600000001", T0);
    assert_ok(store_commit(store));
    assert_ok(do_claim(store, refused));
    assert_ok(outbox_refused_maybe(store, refused, (struct gsm_cause){0}, T0 + 1));
    if (file != NULL)
        sqlite3_progress_handler(file, STEPS_A_LOOK, on_look, &looks);
    assert_ok(store_sweep(store, T0 + 30 * DAY));
    if (file != NULL)
        sqlite3_progress_handler(file, 0, NULL, NULL);
    if (looks > LOOKS_MAX)
        fail_msg("%d steps", looks * STEPS_A_LOOK);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM outbox WHERE text IS NOT NULL"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_every_edge_from_every_state),
        fixture_test(test_edges_of_no_message),
        fixture_test(test_a_sweep_passes_what_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
