/* SPDX-License-Identifier: EUPL-1.2 */
/* A person who has left: out of every answer after a term, destroyed after another (LOPDGDD 32). */
#include "tests/unit/test_house_fixture.h"

#include "service/life.h"
#include "service/purge.h"
#include "service/retention.h"

#include <sys/stat.h>

#define DAY (24 * HOUR)

static const struct nif person = {.text = NIF};

static void perform(struct house *house, const struct nif *nif, enum life_act act)
{
    const struct life_order order = {
        .act = act, .nif = *nif, .reason = "lo pide", .caller = &house_registro};
    assert_ok(turn_enter(house->service.turn));
    assert_ok(life_perform(&house->service, &order, house_now_ms(house)));
    turn_leave(house->service.turn, true);
}

static void pass(struct house *house, int64_t ms)
{
    assert_ok(turn_enter(house->service.turn));
    int64_t now_ms = house_now_ms(house) + ms, count = 0;
    for (int kind = PURGE_PENDING; kind <= PURGE_PEOPLE; kind++)
        assert_ok(retention_piece(
            &house->service, (enum purge_kind)kind,
            purge_before_ms(&house->service.settings->terms, (enum purge_kind)kind, now_ms), now_ms,
            RETENTION_PEOPLE_MAX, &count));
    turn_leave(house->service.turn, true);
    turn_flush(house->service.turn);
}

static enum cc_err look(struct house *house, const char *reason)
{
    struct citizen found;
    assert_ok(turn_enter(house->service.turn));
    enum cc_err err = retention_look(&house->service, &person, reason, &house_registro,
                                     house_now_ms(house), &found);
    turn_leave(house->service.turn, err == CC_OK);
    assert_true(err != CC_OK || found.state == LIFE_BLOCKED);
    return err;
}

static enum cc_err find(struct house *house)
{
    struct citizen found;
    return citizens_find(&house->files->store, &person, &found);
}

static int64_t count(struct house *house, const char *sql)
{
    return ask_int(&house->files->store, sql);
}

static void test_who_stays_is_never_blocked(void **state)
{
    struct house *house = house_new_ready();
    (void)state;
    pass(house, 4000 * DAY);
    perform(house, &person, LIFE_SUSPEND);
    pass(house, 4000 * DAY);
    assert_ok(find(house));
    assert_int_equal(look(house, "nada"), CC_ERR_NOT_FOUND);
}

static void test_blocked_and_then_destroyed(void **state)
{
    struct house *house = house_new_ready();
    (void)state;
    perform(house, &person, LIFE_RENOUNCE);
    pass(house, 30 * DAY - 1);
    assert_ok(find(house));
    pass(house, 30 * DAY + 1);
    assert_int_equal(find(house), CC_ERR_NOT_FOUND);
    assert_ok(look(house, "requerimiento del juzgado"));
    pass(house, (30 + 1095) * DAY - 1);
    assert_ok(look(house, "otra vez"));
    assert_int_equal(count(house, "SELECT count(*) FROM life"), 5);
    pass(house, (30 + 1095) * DAY + 1);
    assert_int_equal(look(house, "tarde"), CC_ERR_NOT_FOUND);
    assert_int_equal(count(house, "SELECT count(*) FROM citizens"), 0);
    assert_int_equal(count(house, "SELECT count(*) FROM life"), 0);
    assert_int_equal(count(house, "SELECT count(*) FROM audit WHERE event = 'bloqueo'"), 1);
    assert_int_equal(count(house, "SELECT count(*) FROM audit WHERE event = 'consulta_bloqueada'"),
                     2);
    assert_int_equal(count(house, "SELECT count(*) FROM audit WHERE event = 'destruccion'"), 1);
}

static void test_who_comes_back_is_not_destroyed(void **state)
{
    struct house *house = house_new_ready();
    (void)state;
    perform(house, &person, LIFE_RENOUNCE);
    pass(house, 31 * DAY);
    assert_int_equal(find(house), CC_ERR_NOT_FOUND);
    assert_ok(house_enrol(house, NIF, PHONE)); /* in person */
    pass(house, 4000 * DAY);
    assert_ok(find(house));
    assert_int_equal(count(house, "SELECT count(*) FROM life"), 4);
}

/* Some at a time: the rest follow. Of somebody who is active a stray date ends nothing. */
static void test_many_at_once(void **state)
{
    struct house *house = house_new_ready();
    struct store *store = &house->files->store;
    char nif[NIF_SIZE], phone[PHONE_SIZE];
    (void)state;
    for (int i = 1; i <= 30; i++) {
        struct nif other = {.kind = NIF_KIND_DNI};
        house_person(i, nif, phone);
        assert_ok(house_enrol(house, nif, phone));
        (void)snprintf(other.text, sizeof(other.text), "%s", nif);
        if (i <= 20)
            perform(house, &other, LIFE_DIE);
    }
    assert_ok(db_exec(store->db, "UPDATE citizens SET gone_ms = 1 WHERE state = 0"));
    for (int minute = 0; minute < 10; minute++)
        pass(house, 31 * DAY);
    assert_int_equal(count(house, "SELECT count(*) FROM citizens WHERE state = 3"), 20);
    assert_int_equal(count(house, "SELECT count(*) FROM citizens WHERE state = 0"), 11);
    for (int minute = 0; minute < 10; minute++)
        pass(house, 4000 * DAY);
    assert_int_equal(count(house, "SELECT count(*) FROM citizens"), 11);
}

/* Whoever has the disk without the key cannot have somebody destroyed before the term. */
static void test_an_instant_that_was_changed(void **state)
{
    struct house *house = house_new_ready();
    struct store *store = &house->files->store;
    (void)state;
    house_live(house, MINUTE);
    perform(house, &person, LIFE_RENOUNCE);
    pass(house, 31 * DAY);
    assert_ok(db_exec(store->db, "UPDATE citizens SET gone_ms = (SELECT min(at_ms) FROM life)"));
    pass(house, 4000 * DAY);
    assert_int_equal(count(house, "SELECT count(*) FROM citizens WHERE state = 3"), 1);
    assert_int_equal(store->integrity.count, 1);
}

/* A kind begins with few rows, and the log is moved into the database little by little: else the
 * loop would be held. */
static void test_the_pieces_are_small(void **state)
{
    struct stat file;
    char wal[400];
    (void)state;
    if (fixture_server() != NULL)
        skip();
    struct house *house = house_new_ready();
    struct store *store = &house->files->store;
    struct purge *purge = purge_new(&house->service, NULL);
    assert_ok(db_exec(store->db,
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                      " i < 20000) INSERT INTO inbox (row_key, modem, kind, sender, text, parts,"
                      " sent_ms, received_ms, read_ms) SELECT zeroblob(16), 'm1', 0, zeroblob(40),"
                      " zeroblob(200), 1, 1, 1, 1 FROM n"));
    assert_ok(db_empty_log(store->db));
    assert_ok(turn_enter(house->service.turn));
    assert_ok(purge_ask(purge, &house_registro, house_now_ms(house)));
    turn_leave(house->service.turn, true);
    const struct purge_report *report = purge_report_of(purge);
    house_await(house, report->counts[PURGE_INBOX] > 0, HOUR);
    assert_true(report->counts[PURGE_INBOX] <= 60); /* whatever the other kinds took */
    house_await(house, report->state == PURGE_DONE, HOUR);
    assert_int_equal(report->counts[PURGE_INBOX], 20000);
    (void)snprintf(wal, sizeof(wal), "%s-wal", house->files->db_path);
    assert_int_equal(stat(wal, &file), 0);
    assert_true(file.st_size < INT64_C(400) * 1024);
    purge_free(purge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_who_stays_is_never_blocked, house_tear_down),
        cmocka_unit_test_teardown(test_blocked_and_then_destroyed, house_tear_down),
        cmocka_unit_test_teardown(test_who_comes_back_is_not_destroyed, house_tear_down),
        cmocka_unit_test_teardown(test_many_at_once, house_tear_down),
        cmocka_unit_test_teardown(test_an_instant_that_was_changed, house_tear_down),
        cmocka_unit_test_teardown(test_the_pieces_are_small, house_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
