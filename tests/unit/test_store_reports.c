/* SPDX-License-Identifier: EUPL-1.2 */
/* Finding the message of a status report. */
#include "tests/unit/test_store_fixture.h"

#define ANA "+34600123123"
#define BEA "+34600999999"

enum how { SENT, UNKNOWN, DELIVERED, QUEUED, SENDING };

static const struct {
    const char *phone, *modem;
    int reference;
    int64_t sent;
    enum how how;
} sent_before[] = {
    /* 1 */ {ANA, "uno", 7, T0 - 20 * HOUR, SENT},
    /* 2 */ {ANA, "uno", 7, T0 - HOUR, SENT}, /* the counter has gone round since 1 */
    /* 3 */ {ANA, "dos", 7, T0 - MINUTE, SENT},
    /* 4 */ {ANA, "uno", 8, T0 - MINUTE, DELIVERED},
    /* 5 */ {BEA, "uno", 9, T0 - MINUTE, SENT},
    /* 6 */ {BEA, "uno", -1, T0 - 5 * MINUTE, UNKNOWN},
    /* 7 */ {BEA, "uno", -1, T0 - 4 * MINUTE, UNKNOWN},
    /* 8 */ {BEA, "dos", -1, T0 - 3 * MINUTE, SENT}, /* a modem that gave no reference */
    /* 9 */ {ANA, "tres", 1, T0, QUEUED},
    /* 10 */ {ANA, "cuatro", 5, T0 - 8000, SENT}, /* a modem that always says 5 */
    /* 11 */ {ANA, "cuatro", 5, T0 - 5000, SENT},
    /* 12 */ {ANA, "cinco", 5, T0 - 2 * MINUTE, SENT},
    /* 13 */ {ANA, "cinco", -1, T0 - 1000, SENDING},
};

static void send_all(struct store *store)
{
    static const struct gsm_cause none = {GSM_CAUSE_NONE, 0};
    for (size_t i = 0; i < sizeof sent_before / sizeof sent_before[0]; ++i) {
        int64_t when = sent_before[i].sent;
        int64_t id = add_message(store, sent_before[i].phone, when);
        assert_int_equal(id, i + 1);
        if (sent_before[i].how == QUEUED)
            continue;
        assert_ok(outbox_claim(store, id, sent_before[i].modem, when));
        if (sent_before[i].how == SENDING)
            continue;
        if (sent_before[i].how == UNKNOWN) {
            assert_ok(outbox_unknown(store, id, none, when + HOUR));
            continue;
        }
        assert_ok(outbox_sent(store, id, sent_before[i].reference, when + 1));
        if (sent_before[i].how == DELIVERED)
            assert_ok(outbox_reported(store, id, true, none, when + 2));
    }
}

static void test_match(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct {
        const char *what, *modem, *number;
        int reference;
        int64_t since;
        int64_t expected; /* 0 = none */
        int64_t stamp;
    } rows[] = {
        {"newest of a wrapped reference", "uno", ANA, 7, T0 - DAY, 2, 0},
        {"the same reference of another modem", "dos", ANA, 7, T0 - DAY, 3, 0},
        {"a modem that sent nothing", "tres", ANA, 7, T0 - DAY, 0, 0},
        {"a reference nobody had", "uno", ANA, 200, T0 - DAY, 0, 0},
        {"already delivered", "uno", ANA, 8, T0 - DAY, 0, 0},
        {"still in the queue", "tres", ANA, 1, T0 - DAY, 0, 0},
        {"too old", "uno", ANA, 7, T0 - HOUR + 1, 0, 0},
        {"just not too old", "uno", ANA, 7, T0 - HOUR, 2, 0},
        {"another number", "uno", "+34611111111", 7, T0 - DAY, 0, 0},
        {"known reference before an unknown one", "uno", BEA, 9, T0 - DAY, 5, 0},
        {"the newest unknown one, by number", "uno", BEA, 77, T0 - DAY, 7, 0},
        {"an unknown one too old", "uno", BEA, 77, T0 - MINUTE, 0, 0},
        {"sent without reference", "dos", BEA, 31, T0 - DAY, 8, 0},
        {"the stamp tells the older of two rounds", "uno", ANA, 7, T0 - DAY, 1, T0 - 20 * HOUR},
        {"the stamp tells the newer", "uno", ANA, 7, T0 - DAY, 2, T0 - HOUR + 20000},
        {"a stamp of no message: the newest", "uno", ANA, 7, T0 - DAY, 2, T0 - 10 * HOUR},
        {"a reference never learnt, sent then", "uno", BEA, 77, T0 - DAY, 6, T0 - 5 * MINUTE + 900},
        {"… before a known one of another time", "uno", BEA, 9, T0 - DAY, 6, T0 - 5 * MINUTE + 900},
        {"a reference nobody had, sent then", "uno", ANA, 200, T0 - DAY, 2, T0 - HOUR + 3000},
        {"a reference nobody had, sent never", "uno", ANA, 200, T0 - DAY, 0, T0 - 3 * HOUR},
        {"the last one sent before the stamp", "cuatro", ANA, 99, T0 - DAY, 10, T0 - 6500},
        {"… not the one behind it", "cuatro", ANA, 99, T0 - DAY, 11, T0 - 4000},
        {"a reference that never changes", "cuatro", ANA, 5, T0 - DAY, 10, T0 - 6500},
        {"… for the second, too", "cuatro", ANA, 5, T0 - DAY, 11, T0 - 4000},
        {"it is about what is being sent", "cinco", ANA, 6, T0 - DAY, 0, T0 - 1000},
        {"it is about the one before that", "cinco", ANA, 5, T0 - DAY, 12, T0 - 2 * MINUTE},
    };
    send_all(store);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct outbox_message found = {.id = 0};
        const struct outbox_report report = {
            .modem = rows[i].modem,
            .number = rows[i].number,
            .reference = rows[i].reference,
            .submitted_ms = rows[i].stamp,
            .since_ms = rows[i].since,
            .said_since_ms = T0,
        };
        enum cc_err err = outbox_match_report(store, &report, &found);
        if (err != (rows[i].expected ? CC_OK : CC_ERR_NOT_FOUND) || found.id != rows[i].expected)
            fail_msg("%s: %s, %lld", rows[i].what, err_token(err), (long long)found.id);
        if (found.id && strcmp(found.phone.e164, rows[i].number) != 0)
            fail_msg("%s: number", rows[i].what);
    }
}

static void test_each_report_ends_one_message(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct gsm_cause arrived = {GSM_CAUSE_STATUS, 0};
    static const int64_t expected[] = {7, 6};
    static const struct outbox_report report = {"uno", BEA, 77, .since_ms = T0 - DAY,
                                                .said_since_ms = INT64_MAX};
    struct outbox_message found;
    send_all(store);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; ++i) {
        assert_ok(outbox_match_report(store, &report, &found));
        assert_int_equal(found.id, expected[i]);
        assert_ok(outbox_reported(store, found.id, true, arrived, T0));
    }
    assert_int_equal(outbox_match_report(store, &report, &found), CC_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_match),
        fixture_test(test_each_report_ends_one_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
