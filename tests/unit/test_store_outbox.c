/* SPDX-License-Identifier: EUPL-1.2 */
/* The outbox: a message's life, what is due when, crash recovery, and what people see. */
#include "tests/unit/test_store_outbox_fixture.h"

static void test_what_goes_in_comes_out(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct outbox_message in = make_message(PHONE, T0), out;
    int64_t id = 0;
    in.request_id = 12;
    in.class = OUTBOX_VALIDATION;
    memset(in.text, 0xC3, sizeof in.text - 1); /* as long as it gets */
    assert_ok(outbox_insert(store, &in, &id));
    assert_ok(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &out));
    assert_int_equal(out.id, id);
    assert_int_equal(out.request_id, 12);
    assert_int_equal(out.class, OUTBOX_VALIDATION);
    assert_int_equal(out.state, OUTBOX_QUEUED);
    assert_string_equal(out.phone.e164, PHONE);
    assert_string_equal(out.text, in.text);
    assert_int_equal(out.created_ms, T0);
    assert_int_equal(out.expires_ms, T0 + HOUR);
    assert_int_equal(out.reference, -1);
    assert_int_equal(out.attempts, 0);
    assert_string_equal(out.modem, "");
    assert_int_equal(out.cause.kind, GSM_CAUSE_NONE);
    assert_ok(outbox_discard(store, id));
    assert_int_equal(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &out), CC_ERR_NOT_FOUND);
}

static void test_only_the_queued_can_be_discarded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t id = message_in(store, OUTBOX_SENDING);
    assert_int_equal(outbox_discard(store, id), CC_ERR_NOT_FOUND);
}

/* Life of a message with all its numbers: refused for now, unknown, repeated, sent, delivered. */
static void test_a_long_life(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t id = add_message(store, PHONE, T0);
    assert_ok(outbox_claim(store, id, "principal", T0 + 1));
    struct outbox_message m = fetch(store, id);
    assert_int_equal(m.attempts, 1);
    assert_int_equal(m.sent_ms, T0 + 1);
    assert_string_equal(m.modem, "principal");

    assert_ok(outbox_requeue(
        store, id,
        &(struct outbox_delay){.cause = no_network, .penalty = true, .not_before_ms = T0 + 15000}));
    m = fetch(store, id);
    assert_int_equal(m.attempts, 0); /* nothing left the modem */
    assert_int_equal(m.refusals, 1);
    assert_int_equal(m.not_before_ms, T0 + 15000);
    assert_int_equal(m.cause.kind, GSM_CAUSE_CMS);
    assert_int_equal(m.cause.code, 38);

    assert_ok(outbox_claim(store, id, "principal", T0 + 15000));
    assert_ok(outbox_requeue(
        store, id,
        &(struct outbox_delay){.cause = {GSM_CAUSE_CME, 14}, .not_before_ms = T0 + 16000}));
    assert_int_equal(fetch(store, id).refusals, 1); /* busy is nobody's fault */

    assert_ok(outbox_claim(store, id, "principal", T0 + 16000));
    assert_ok(outbox_unknown(store, id, (struct gsm_cause){GSM_CAUSE_LOCAL, 0}, T0 + 5 * MINUTE));
    m = fetch(store, id);
    assert_int_equal(m.attempts, 1);
    assert_int_equal(m.window_ends_ms, T0 + 5 * MINUTE);
    assert_false(m.replace);

    assert_ok(outbox_repeat(store, id, T0 + 5 * MINUTE));
    m = fetch(store, id);
    assert_true(m.replace);
    assert_int_equal(m.window_ends_ms, 0);
    assert_int_equal(m.not_before_ms, T0 + 5 * MINUTE);

    assert_ok(outbox_claim(store, id, "reserva", T0 + 5 * MINUTE));
    assert_ok(outbox_sent(store, id, 200, T0 + 5 * MINUTE + 900));
    m = fetch(store, id);
    assert_int_equal(m.attempts, 2);
    assert_int_equal(m.reference, 200);
    assert_string_equal(m.modem, "reserva");
    assert_int_equal(m.cause.kind, GSM_CAUSE_NONE);
    assert_int_equal(m.done_ms, T0 + 5 * MINUTE + 900);

    assert_ok(outbox_reported(store, id, true, delivered, T0 + 6 * MINUTE));
    m = fetch(store, id);
    assert_int_equal(m.state, OUTBOX_DELIVERED);
    assert_int_equal(m.done_ms - m.sent_ms, MINUTE); /* the latency */
    assert_int_equal(m.cause.kind, GSM_CAUSE_STATUS);
}

static void test_order_of_the_queue(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        enum outbox_class class;
        int64_t not_before, expires;
    } rows[] = {
        {OUTBOX_NOTICE, T0, T0 + HOUR},             /* 1: last */
        {OUTBOX_CONTRACLAVE, T0 + 1, T0 + HOUR},    /* 2: not yet */
        {OUTBOX_CONTRACLAVE, T0 - 1, T0},           /* 3: no more */
        {OUTBOX_VALIDATION, T0, T0 + HOUR},         /* 4 */
        {OUTBOX_CONTRACLAVE, T0, T0 + HOUR},        /* 5: first */
        {OUTBOX_CONTRACLAVE, T0 - HOUR, T0 + HOUR}, /* 6: younger, though due for longer */
        {OUTBOX_VALIDATION, T0, T0 + 1},            /* 7: just in time */
    };
    static const int64_t expected[] = {5, 6, 4, 7, 1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct outbox_message message = make_message(PHONE, T0 - HOUR);
        int64_t id = 0;
        message.class = rows[i].class;
        message.not_before_ms = rows[i].not_before;
        message.expires_ms = rows[i].expires;
        assert_ok(outbox_insert(store, &message, &id));
        assert_int_equal(id, i + 1);
    }
    struct outbox_message next;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; ++i) {
        assert_ok(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &next));
        assert_int_equal(next.id, expected[i]);
        assert_ok(outbox_claim(store, next.id, "principal", T0));
    }
    assert_int_equal(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &next), CC_ERR_NOT_FOUND);
    assert_ok(outbox_next(store, T0 + 1, "m", OUTBOX_CONTRACLAVE, &next));
    assert_int_equal(next.id, 2);
}

static int64_t next_for(struct store *store, int64_t now_ms, const char *modem,
                        enum outbox_class first)
{
    struct outbox_message next;
    return outbox_next(store, now_ms, modem, first, &next) == CC_OK ? next.id : 0;
}

static void test_a_class_whose_turn_it_is(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const enum outbox_class classes[] = {OUTBOX_CONTRACLAVE, OUTBOX_NOTICE, OUTBOX_NOTICE};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; ++i) {
        struct outbox_message message = make_message(PHONE, T0 - HOUR);
        int64_t id = 0;
        message.class = classes[i];
        message.not_before_ms = T0;
        message.expires_ms = T0 + HOUR;
        assert_ok(outbox_insert(store, &message, &id));
    }
    assert_int_equal(next_for(store, T0, "m", OUTBOX_CONTRACLAVE), 1);
    assert_int_equal(next_for(store, T0, "m", OUTBOX_NOTICE), 2);
    assert_int_equal(next_for(store, T0, "m", OUTBOX_VALIDATION), 1); /* none of them waits */
}

static void test_another_modem_than_the_one_that_refused(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t id = add_message(store, PHONE, T0);
    assert_ok(outbox_claim(store, id, "principal", T0));
    assert_ok(outbox_requeue(store, id,
                             &(struct outbox_delay){.cause = no_network,
                                                    .penalty = true,
                                                    .not_before_ms = T0,
                                                    .avoid_until_ms = T0 + MINUTE}));
    assert_int_equal(next_for(store, T0, "principal", OUTBOX_CONTRACLAVE), 0);
    assert_int_equal(next_for(store, T0, "reserva", OUTBOX_CONTRACLAVE), id);
    assert_int_equal(next_for(store, T0 + MINUTE, "principal", OUTBOX_CONTRACLAVE), id);
}

static void test_what_a_modem_was_given(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t taken = -1;
    for (int i = 0; i < 5; ++i) {
        int64_t id = add_message(store, PHONE, T0);
        if (i < 4) /* one waits still */
            assert_ok(outbox_claim(store, id, i == 0 ? "reserva" : "principal", T0 + i));
    }
    assert_ok(outbox_count_taken(store, "principal", T0, 100, &taken));
    assert_int_equal(taken, 3);
    assert_ok(outbox_count_taken(store, "principal", T0 + 2, 100, &taken));
    assert_int_equal(taken, 2);
    assert_ok(outbox_count_taken(store, "principal", T0, 2, &taken));
    assert_int_equal(taken, 2);
    assert_ok(outbox_count_taken(store, "otro", T0, 100, &taken));
    assert_int_equal(taken, 0);
}

static void test_unreadable_message_blocks_nobody(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct outbox_message next;
    int64_t bad = add_message(store, PHONE, T0);
    int64_t swapped = add_message(store, PHONE, T0);
    int64_t good = add_message(store, "+34600999999", T0);
    assert_ok(exec_sql(store, "UPDATE outbox SET text = x'00' WHERE id = 1;"
                              "UPDATE outbox SET phone ="
                              " (SELECT phone FROM outbox WHERE id = 3) WHERE id = 2"));
    assert_ok(outbox_next(store, T0, "m", OUTBOX_CONTRACLAVE, &next));
    assert_int_equal(next.id, good);
    assert_int_equal(fetch(store, bad).state, OUTBOX_FAILED);
    assert_int_equal(fetch(store, swapped).state, OUTBOX_FAILED);
    assert_int_equal(count_texts(store, bad), 0);
    assert_string_equal(fetch(store, swapped).phone.e164, "");
}

/* Refused for good, perhaps: the text stays until it is known whose fault that was. */
static void test_a_refusal_that_is_not_believed_yet(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t revived = message_in(store, OUTBOX_SENDING),
            believed = message_in(store, OUTBOX_SENDING);
    int64_t stale = message_in(store, OUTBOX_SENDING), gone = message_in(store, OUTBOX_FAILED);
    const int64_t ids[] = {revived, believed, stale};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(outbox_refused_maybe(store, ids[i], no_network, T0 + 2));
        assert_int_equal(fetch(store, ids[i]).state, OUTBOX_FAILED);
        assert_int_equal(count_texts(store, ids[i]), 1);
    }
    assert_ok(outbox_revive(store, revived, T0 + MINUTE));
    struct outbox_message message = fetch(store, revived);
    assert_int_equal(message.state, OUTBOX_QUEUED);
    assert_int_equal(message.attempts, 0);
    assert_int_equal(message.done_ms, 0);
    assert_int_equal(message.not_before_ms, T0 + MINUTE);
    assert_ok(outbox_believe(store, revived)); /* in the queue again: not touched */
    assert_int_equal(count_texts(store, revived), 1);
    assert_ok(outbox_believe(store, believed));
    assert_int_equal(count_texts(store, believed), 0);
    assert_int_equal(outbox_revive(store, believed, T0), CC_ERR_NOT_FOUND);
    assert_int_equal(outbox_revive(store, gone, T0), CC_ERR_NOT_FOUND);
    assert_ok(store_sweep(store, T0 + HOUR - 1));
    assert_int_equal(count_texts(store, stale), 1);
    assert_ok(store_sweep(store, T0 + HOUR + 1));
    assert_int_equal(count_texts(store, stale), 0);
}

/* No program remembers whose fault it was: none is left in doubt by a start. */
static void test_a_start_believes_what_was_refused(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t id = message_in(store, OUTBOX_SENDING);
    assert_ok(outbox_refused_maybe(store, id, no_network, T0 + 2));
    assert_ok(outbox_recover(store, T0 + HOUR, &(int64_t){0}));
    assert_int_equal(count_texts(store, id), 0);
    assert_int_equal(fetch(store, id).state, OUTBOX_FAILED);
}

static void test_a_number_that_was_good(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    bool was_good = true;
    int64_t id = message_in(store, OUTBOX_SENDING);
    const struct outbox_message message = fetch(store, id);
    assert_ok(outbox_was_good(store, &message, &was_good));
    assert_false(was_good);
    (void)message_in(store, OUTBOX_SENT);
    assert_ok(outbox_was_good(store, &message, &was_good));
    assert_true(was_good);
    (void)message_in(store, OUTBOX_FAILED);
    assert_ok(outbox_was_good(store, &message, &was_good));
    assert_false(was_good);
    struct outbox_message other = message;
    (void)snprintf(other.phone.e164, sizeof(other.phone.e164), "+34711222333");
    assert_ok(outbox_was_good(store, &other, &was_good));
    assert_false(was_good);
}

static void test_expire(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t ids[STATES], count = -1;
    for (int s = 0; s < STATES; ++s)
        ids[s] = s == OUTBOX_EXPIRED ? 0 : message_in(store, s);
    assert_ok(outbox_expire(store, T0 + HOUR - 1, &count));
    assert_int_equal(count, 0);
    assert_ok(outbox_expire(store, T0 + HOUR, &count));
    assert_int_equal(count, 2);
    assert_int_equal(fetch(store, ids[OUTBOX_QUEUED]).state, OUTBOX_EXPIRED);
    assert_int_equal(fetch(store, ids[OUTBOX_UNKNOWN]).state, OUTBOX_EXPIRED);
    assert_int_equal(fetch(store, ids[OUTBOX_SENDING]).state, OUTBOX_SENDING);
    assert_int_equal(fetch(store, ids[GIVEN_UP]).state, OUTBOX_UNKNOWN); /* it may have gone */
    assert_ok(outbox_expire(store, T0 + DAY, &(int64_t){0}));
}

static void test_windows(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct outbox_message closed;
    int64_t late = message_in(store, OUTBOX_SENDING), early = message_in(store, OUTBOX_SENDING);
    assert_ok(outbox_unknown(store, late, no_network, T0 + 9 * MINUTE));
    assert_ok(outbox_unknown(store, early, no_network, T0 + 5 * MINUTE));
    assert_int_equal(outbox_window_closed(store, T0 + 5 * MINUTE - 1, &closed), CC_ERR_NOT_FOUND);
    assert_ok(outbox_window_closed(store, T0 + 5 * MINUTE, &closed));
    assert_int_equal(closed.id, early);
    assert_string_equal(closed.text, "su contraclave PIN24H es 0481"); /* still to be repeated */
    assert_ok(outbox_window_closed(store, T0 + HOUR, &closed));
    assert_int_equal(closed.id, early);
    assert_ok(outbox_repeat(store, early, T0 + HOUR));
    assert_ok(outbox_window_closed(store, T0 + HOUR, &closed));
    assert_int_equal(closed.id, late);
    assert_ok(outbox_give_up(store, late, T0 + HOUR));
    assert_int_equal(outbox_window_closed(store, T0 + HOUR, &closed), CC_ERR_NOT_FOUND);
}

static void test_next_due(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t due = 0;
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, INT64_MAX);
    int64_t id = add_message(store, PHONE, T0);
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, T0); /* its turn */
    assert_ok(do_claim(store, id));
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, INT64_MAX); /* in the modem's hands */
    assert_ok(outbox_unknown(store, id, no_network, T0 + 2 * HOUR));
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, T0 + HOUR); /* its end comes before the window's */
    (void)message_in(store, OUTBOX_UNKNOWN);
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, T0 + 5 * MINUTE); /* the window of the second */
    (void)message_in(store, OUTBOX_SENT);
    (void)message_in(store, GIVEN_UP);
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, T0 + 5 * MINUTE);
    assert_ok(outbox_expire(store, T0 + HOUR, &(int64_t){0}));
    assert_ok(outbox_next_due(store, &due));
    assert_int_equal(due, INT64_MAX);
}

static void test_crash_in_flight(void **state)
{
    struct fixture *f = *state;
    struct outbox_message m;
    int64_t count = -1;
    int64_t queued = message_in(&f->store, OUTBOX_QUEUED);
    int64_t flying = message_in(&f->store, OUTBOX_SENDING);
    int64_t sent = message_in(&f->store, OUTBOX_SENT);
    fixture_reopen(f);
    assert_ok(outbox_recover(&f->store, T0 + 5 * MINUTE, &count));
    assert_int_equal(count, 1);
    m = fetch(&f->store, flying);
    assert_int_equal(m.state, OUTBOX_UNKNOWN);
    assert_int_equal(m.window_ends_ms, T0 + 5 * MINUTE);
    assert_int_equal(m.cause.kind, GSM_CAUSE_LOCAL);
    assert_int_equal(m.attempts, 1);
    assert_int_equal(m.crashes, 1);
    assert_int_equal(fetch(&f->store, queued).state, OUTBOX_QUEUED);
    assert_int_equal(fetch(&f->store, sent).state, OUTBOX_SENT);
    assert_ok(outbox_window_closed(&f->store, T0 + 5 * MINUTE, &m));
    assert_string_equal(m.text, "su contraclave PIN24H es 0481");
    assert_ok(outbox_recover(&f->store, T0 + HOUR, &(int64_t){0})); /* nothing more */
    assert_int_equal(fetch(&f->store, flying).window_ends_ms, T0 + 5 * MINUTE);
}

struct seen {
    int64_t ids[10];
    size_t count, stop_after;
    bool with_text;
};

static bool note(const struct outbox_message *message, void *user)
{
    struct seen *seen = user;
    seen->ids[seen->count++] = message->id;
    seen->with_text = seen->with_text || message->text[0] != '\0';
    return seen->count < seen->stop_after;
}

static void test_list_and_counts(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        int64_t max;
        size_t stop_after, expected;
    } rows[] = {{10, 10, 5}, {3, 10, 3}, {10, 2, 2}, {0, 10, 0}};
    for (int i = 0; i < 5; ++i)
        (void)message_in(store, i == 4 ? OUTBOX_SENT : OUTBOX_QUEUED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct seen seen = {.stop_after = rows[i].stop_after};
        assert_ok(outbox_list(store, rows[i].max, note, &seen));
        if (seen.count != rows[i].expected || seen.with_text)
            fail_msg("row %zu: %zu", i, seen.count);
        for (size_t k = 0; k < seen.count; ++k)
            assert_int_equal(seen.ids[k], 5 - (int64_t)k);
    }
    int64_t count = -1;
    assert_ok(outbox_count(store, OUTBOX_QUEUED, &count));
    assert_int_equal(count, 4);
    assert_ok(outbox_count(store, OUTBOX_SENT, &count));
    assert_int_equal(count, 1);
    assert_ok(outbox_count(store, OUTBOX_EXPIRED, &count));
    assert_int_equal(count, 0);
}

/* A history of any length costs the status no more than this; those that wait are all counted. */
static void test_a_long_history_is_counted_in_part(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t count = -1;
    (void)add_message(store, PHONE, T0);
    assert_ok(exec_sql(
        store, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50001)"
               " INSERT INTO outbox (row_key, request_id, class, state, phone_index, phone,"
               " created_ms, not_before_ms, expires_ms, attempts, refusals, is_repeat, modem,"
               " reference, sent_ms, window_ends_ms, done_ms, cause_kind, cause_code)"
               " SELECT row_key, i, class, state + kind, phone_index, phone, created_ms,"
               " not_before_ms, expires_ms, attempts, refusals, is_repeat, modem, reference,"
               " sent_ms, window_ends_ms, kind, cause_kind, cause_code FROM outbox, n,"
               " (SELECT 0 AS kind UNION ALL SELECT 2) AS kinds"));
    assert_ok(outbox_count(store, OUTBOX_QUEUED, &count));
    assert_int_equal(count, 50002);
    assert_ok(outbox_count(store, OUTBOX_SENT, &count));
    assert_int_equal(count, OUTBOX_COUNTED_MAX);
}

static void test_tokens(void **state)
{
    (void)state;
    assert_string_equal(outbox_state_token(OUTBOX_QUEUED), "en_cola");
    assert_string_equal(outbox_state_token(OUTBOX_UNKNOWN), "incierto");
    assert_string_equal(outbox_state_token(OUTBOX_EXPIRED), "caducado");
    assert_string_equal(outbox_state_token((enum outbox_state)99), "desconocido");
    assert_string_equal(outbox_class_token(OUTBOX_CONTRACLAVE), "contraclave");
    assert_string_equal(outbox_class_token(OUTBOX_NOTICE), "aviso");
    assert_string_equal(outbox_class_token((enum outbox_class)99), "desconocido");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_what_goes_in_comes_out),
        fixture_test(test_only_the_queued_can_be_discarded),
        fixture_test(test_a_long_life),
        fixture_test(test_order_of_the_queue),
        fixture_test(test_a_class_whose_turn_it_is),
        fixture_test(test_another_modem_than_the_one_that_refused),
        fixture_test(test_what_a_modem_was_given),
        fixture_test(test_unreadable_message_blocks_nobody),
        fixture_test(test_a_refusal_that_is_not_believed_yet),
        fixture_test(test_a_start_believes_what_was_refused),
        fixture_test(test_a_number_that_was_good),
        fixture_test(test_expire),
        fixture_test(test_windows),
        fixture_test(test_next_due),
        fixture_test(test_crash_in_flight),
        fixture_test(test_list_and_counts),
        fixture_test(test_a_long_history_is_counted_in_part),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
