/* SPDX-License-Identifier: EUPL-1.2 */
/* Evidence outlives what it was made of, opens in its own row alone, and goes after its own term.
 */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/evidence.h"
#include "store/life.h"

#define NIF "12345678Z"
#define PHONE "+34600123123"

static struct evidence make_evidence(const char *nif, int64_t request_id)
{
    const struct citizen citizen = make_citizen(nif, PHONE);
    struct evidence evidence = {
        .nif = citizen.nif,
        .name = citizen.name,
        .phone = citizen.phone,
        .alta = {CITIZEN_GRADE_ADVANCED, CITIZEN_CHANNEL_IN_PERSON, T0, "", ""},
        .request = {request_id, T0 + MINUTE, T0 + HOUR, 2, 3, true},
        .at_ms = T0 + 2 * MINUTE,
        .with_contrast = true,
        .is_substantial = true,
        .network = CLOCK_NETWORK_FAR,
        .is_synchronised = true,
        .client = "cliente:sede",
        .client_address = "192.0.2.1",
        .address = "2001:db8::7",
        .config = "0123-4567-89ab",
    };
    return evidence;
}

static void add_edge(struct store *store, const char *actor, int64_t at_ms)
{
    const struct citizen citizen = {.id = 0, .nif = {.text = NIF}};
    struct citizen found;
    struct life_edge edge = {.act = LIFE_ENROL, .at_ms = at_ms, .document = "DNI"};
    (void)snprintf(edge.actor, sizeof edge.actor, "%s", actor);
    assert_ok(citizens_find(store, &citizen.nif, &found));
    assert_ok(life_append(store, &found, &edge));
}

/* Its message, claimed, sent and delivered. */
static void send_message(struct store *store, int64_t request_id, const char *modem, int64_t at_ms)
{
    struct outbox_message message = make_message(PHONE, at_ms);
    int64_t id = 0;
    message.request_id = request_id;
    assert_ok(outbox_insert(store, &message, &id));
    assert_ok(outbox_claim(store, id, modem, at_ms + 1000));
    assert_ok(outbox_sent(store, id, 7, at_ms + 2000));
    assert_ok(
        outbox_reported(store, id, true, (struct gsm_cause){GSM_CAUSE_NONE, 0}, at_ms + 3000));
}

static void assert_whole(const struct evidence *read)
{
    assert_string_equal(read->nif.text, NIF);
    assert_string_equal(read->name.second_surname, "Ibáñez");
    assert_string_equal(read->alta.actor, "operador:ana");
    assert_string_equal(read->alta.document, "DNI");
    assert_int_equal(read->alta.at_ms, T0);
    assert_int_equal(read->request.tries, 2);
    assert_int_equal(read->request.uses, 3);
    assert_true(read->request.with_contrast && read->with_contrast && read->is_substantial);
    assert_true(read->is_synchronised);
    assert_int_equal(read->network, CLOCK_NETWORK_FAR);
    assert_string_equal(read->client, "cliente:sede");
    assert_string_equal(read->client_address, "192.0.2.1");
    assert_string_equal(read->address, "2001:db8::7");
    assert_string_equal(read->config, "0123-4567-89ab");
    assert_int_equal(read->message_count, 2);
    assert_string_equal(read->messages[0].modem, "segundo");
    assert_string_equal(read->messages[1].modem, "primero");
    assert_int_equal(read->messages[1].state, OUTBOX_DELIVERED);
    assert_int_equal(read->messages[1].sent_ms, T0 + MINUTE + 1000);
    assert_int_equal(read->messages[1].delivered_ms, T0 + MINUTE + 3000);
    assert_int_equal(read->messages[1].attempts, 1);
}

static void test_outlives_what_it_was_made_of(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct evidence read = {0};
    bool more = true;
    int64_t request = add_request(store, add_citizen(store, NIF, PHONE), T0 + MINUTE, T0 + HOUR);
    const struct evidence evidence = make_evidence(NIF, request);
    add_edge(store, "operador:ana", T0);
    send_message(store, request, "primero", T0 + MINUTE);
    send_message(store, request, "segundo", T0 + MINUTE + 60000);
    send_message(store, request + 1, "tercero", T0 + MINUTE); /* another's */
    assert_ok(evidence_add(store, 9, &evidence));
    assert_ok(evidence_find(store, 9, &read));
    assert_whole(&read);
    assert_false(read.is_settled);

    add_edge(store, "operador:otra", T0 + HOUR); /* a later alta has not verified this identity */
    assert_ok(evidence_settle(store, evidence.at_ms + EVIDENCE_SETTLE_MS, 200, &more));
    assert_ok(evidence_find(store, 9, &read));
    assert_false(read.is_settled || more);
    assert_ok(evidence_settle(store, evidence.at_ms + EVIDENCE_SETTLE_MS + 1, 200, &more));
    assert_false(more);
    assert_ok(db_exec(store->db, "DELETE FROM outbox"));
    assert_ok(db_exec(store->db, "DELETE FROM requests"));
    assert_ok(db_exec(store->db, "DELETE FROM life"));
    assert_ok(db_exec(store->db, "DELETE FROM citizens"));
    assert_ok(evidence_find(store, 9, &read));
    assert_true(read.is_settled);
    assert_whole(&read);
}

static void test_opens_in_its_row_alone(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    const struct evidence evidence = make_evidence(NIF, 1);
    struct evidence read;
    bool more = false;
    assert_ok(evidence_add(store, 1, &evidence));
    assert_ok(evidence_add(store, 2, &evidence));
    assert_int_equal(evidence_find(store, 3, &read), CC_ERR_NOT_FOUND);
    assert_ok(db_exec(store->db, "UPDATE evidence SET sealed = (SELECT sealed FROM evidence"
                                 " WHERE id = 2) WHERE id = 1"));
    assert_int_equal(evidence_find(store, 1, &read), CC_ERR_ALTERED);
    assert_ok(evidence_find(store, 2, &read));
    assert_ok(evidence_settle(store, T0 + DAY * 2, 200, &more)); /* the others are settled */
    assert_ok(evidence_find(store, 2, &read));
    assert_true(read.is_settled);
    assert_ok(db_exec(store->db, "UPDATE evidence SET at_ms = at_ms + 1 WHERE id = 2"));
    assert_int_equal(evidence_find(store, 2, &read), CC_ERR_ALTERED);
}

/* A client cannot count entries by their ids, nor make one up. */
static void test_ids(void **state)
{
    const struct store *store = &((struct fixture *)*state)->store;
    char text[EVIDENCE_ID_SIZE], last[EVIDENCE_ID_SIZE] = "";
    static const int64_t numbers[] = {0, 1, 2, 255, 256, 1000000, INT64_MAX};
    int64_t number = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        evidence_id(store, numbers[i], text);
        assert_int_equal(strspn(text, "0123456789ABCDEF"), EVIDENCE_ID_SIZE - 1);
        assert_string_not_equal(text, last);
        memcpy(last, text, sizeof last);
        assert_ok(evidence_parse_id(store, text, &number));
        assert_int_equal(number, numbers[i]);
    }
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        memcpy(text, last, sizeof text);
        text[i] = text[i] == '0' ? '1' : '0';
        assert_int_equal(evidence_parse_id(store, text, &number), CC_ERR_NOT_FOUND);
    }
    static const char *const bad[] = {"", "00", "1", "zz", "a6d557d14a5132534beef738378fca2d00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(evidence_parse_id(store, bad[i], &number), CC_ERR_NOT_FOUND);
    evidence_id(store, 77, text);
    for (char *c = text; *c != '\0'; c++)
        *c = *c >= 'A' ? (char)(*c - 'A' + 'a') : *c;
    assert_int_equal(evidence_parse_id(store, text, &number), CC_ERR_NOT_FOUND);
}

static void test_length_tells_little_of_a_name(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct evidence evidence = make_evidence(NIF, 1);
    memset(evidence.name.given, 0, NAME_PART_SIZE);
    for (int64_t len = 1; len <= 65; len++) {
        evidence.name.given[len - 1] = 'a';
        assert_ok(evidence_add(store, len, &evidence));
    }
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT length(sealed)) FROM evidence"), 2);
}

static int64_t count_in(struct store *store, enum purge_kind kind, int64_t now_ms)
{
    (void)purge_kind(store, kind, now_ms);
    return ask_int(store, "SELECT count(*) FROM evidence WHERE is_settled < 2");
}

/* Entries of a clock that was ahead, however many, keep none behind them back. */
static void test_entries_of_the_future_are_stepped_over(void **state)
{
    enum { AHEAD = 150 };
    struct store *store = &((struct fixture *)*state)->store;
    const int64_t now_ms = T0 + 100 * DAY, later_ms = T0 + 1100 * DAY;
    bool more = false;
    for (int64_t id = 1; id <= AHEAD + 1; id++) {
        struct evidence evidence = make_evidence(NIF, 1);
        evidence.at_ms = id <= AHEAD ? T0 + 4000 * DAY : T0;
        assert_ok(evidence_add(store, id, &evidence));
    }
    assert_ok(evidence_settle(store, now_ms, 200, &more));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM evidence WHERE is_settled = 1"), 1);
    assert_int_equal(count_in(store, PURGE_ADDRESSES, now_ms), AHEAD);
    assert_int_equal(count_in(store, PURGE_EVIDENCE, later_ms), AHEAD);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM evidence"), AHEAD);
}

/* The messages of more entries than are settled at once stay until all are. */
static void test_what_is_not_settled_stays(void **state)
{
    enum { ENTRIES = 300 };
    struct store *store = &((struct fixture *)*state)->store;
    int64_t late_ms = T0 + 40 * DAY, count = 0;
    struct evidence read;
    send_message(store, 1, "primero", T0 + MINUTE);
    for (int64_t id = 1; id <= ENTRIES; id++) {
        const struct evidence evidence = make_evidence(NIF, 1);
        if (id % 50 == 1)
            assert_ok(db_begin(store->db));
        assert_ok(evidence_add(store, id, &evidence));
        if (id % 50 == 0)
            assert_ok(store_commit(store));
    }
    assert_int_equal(ask_int(store, "SELECT count(*) FROM evidence"), ENTRIES / 50);
    bool more = false;
    assert_ok(purge_piece(store, PURGE_MESSAGES, late_ms, late_ms, 200, &count, &more));
    assert_true(more);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM outbox"), 1);
    assert_int_equal(purge_kind(store, PURGE_MESSAGES, late_ms), 1);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM evidence WHERE is_settled = 0"), 0);
    for (int64_t id = 1; id <= ENTRIES; id++) {
        assert_ok(evidence_find(store, id, &read));
        assert_string_equal(read.messages[0].modem, "primero");
    }
    assert_ok(evidence_destroy(store, T0 + 2 * MINUTE, T0 + DAY, ENTRIES, &count));
    assert_int_equal(count, 0);
    assert_ok(evidence_destroy(store, T0 + 2 * MINUTE + 1, T0 + DAY, 5, &count));
    assert_int_equal(count, 5);
    assert_int_equal(evidence_find(store, ENTRIES - 50, &read), CC_ERR_NOT_FOUND);
    assert_ok(evidence_find(store, ENTRIES, &read));
}

static int64_t enter(struct store *store, const char *address)
{
    const struct audit_entry entry = {
        .event = "verificacion", .actor = "cliente:sede", .result = "correcto"};
    struct evidence evidence = make_evidence(NIF, 1);
    int64_t id = 0;
    (void)snprintf(evidence.address, sizeof evidence.address, "%s", address);
    assert_ok(audit_append(store, &entry, T0, &id));
    assert_ok(evidence_add(store, id, &evidence));
    return id;
}

static void assert_from(struct store *store, int64_t id, const char *address)
{
    struct evidence read;
    assert_ok(evidence_find(store, id, &read));
    assert_string_equal(read.address, address);
}

/* A request of the turn that fails leaves nothing, and its number is another's. */
static void test_what_is_rolled_back_is_not_kept(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    const struct audit_entry other = {
        .event = "solicitud", .actor = "cliente:sede", .result = "enviar"};
    struct evidence read;
    int64_t id = 0;
    assert_ok(db_begin(store->db));
    int64_t first = enter(store, "192.0.2.1");
    assert_ok(db_savepoint(store->db));
    (void)enter(store, "192.0.2.2");
    db_rollback_to_savepoint(store->db);
    assert_int_equal(enter(store, "192.0.2.3"), first + 1);
    assert_ok(db_savepoint(store->db));
    (void)enter(store, "192.0.2.4");
    db_rollback_to_savepoint(store->db);
    assert_ok(audit_append(store, &other, T0, &id));
    assert_int_equal(id, first + 2);
    (void)enter(store, "192.0.2.5");
    assert_ok(store_commit(store));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM evidence"), 1);
    assert_from(store, first, "192.0.2.1");
    assert_from(store, first + 1, "192.0.2.3");
    assert_int_equal(evidence_find(store, first + 2, &read), CC_ERR_NOT_FOUND);
    assert_from(store, first + 3, "192.0.2.5");

    assert_ok(db_begin(store->db));
    (void)enter(store, "192.0.2.6");
    db_rollback(store->db);
    assert_ok(audit_append(store, &other, T0, &id));
    assert_int_equal(evidence_find(store, id, &read), CC_ERR_NOT_FOUND);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM evidence"), 1);
}

/* More than a row holds, also of long names; read before the commit. */
static void test_many_in_one_turn(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct evidence evidence = make_evidence(NIF, 1), read;
    memset(evidence.name.given, 'n', NAME_PART_SIZE - 1);
    memset(evidence.name.first_surname, 's', NAME_PART_SIZE - 1);
    assert_ok(db_begin(store->db));
    for (int64_t id = 1; id <= 150; id++) {
        evidence.request.uses = id;
        assert_ok(evidence_add(store, id, &evidence));
    }
    assert_ok(evidence_find(store, 150, &read));
    assert_ok(store_commit(store));
    for (int64_t id = 1; id <= 150; id++) {
        assert_ok(evidence_find(store, id, &read));
        assert_int_equal(read.request.uses, id);
        assert_int_equal(strlen(read.name.given), NAME_PART_SIZE - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_outlives_what_it_was_made_of),
        fixture_test(test_opens_in_its_row_alone),
        fixture_test(test_ids),
        fixture_test(test_length_tells_little_of_a_name),
        fixture_test(test_entries_of_the_future_are_stepped_over),
        fixture_test(test_what_is_not_settled_stays),
        fixture_test(test_what_is_rolled_back_is_not_kept),
        fixture_test(test_many_in_one_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
