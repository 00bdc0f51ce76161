/* SPDX-License-Identifier: EUPL-1.2 */
/* Received messages, as they are kept: once, sealed, bounded, and whole for any order of their
 * parts. */
#include "tests/unit/test_store_fixture.h"

#include "store/balance.h"
#include "store/inbox.h"
#include "store/seal.h"

#define ANA "+34600123123"

enum { LIST_ALL = 100000 };

struct listed {
    size_t count;
    struct inbox_message newest;
    char text[512]; /* of the newest */
};

static bool keep_listed(const struct inbox_message *message, void *user)
{
    struct listed *listed = user;
    if (listed->count++ == 0) {
        listed->newest = *message;
        (void)snprintf(listed->text, sizeof listed->text, "%s", message->text);
    }
    return true;
}

static struct listed list(struct store *store)
{
    struct listed listed = {0};
    assert_ok(inbox_list(store, LIST_ALL, keep_listed, &listed));
    return listed;
}

static int64_t add(struct store *store, enum inbox_kind kind, const char *modem, int64_t now_ms)
{
    struct inbox_message message = {
        .kind = kind, .from = "Operador", .text = "canario en su jaula", .received_ms = now_ms};
    int64_t id = 0;
    (void)snprintf(message.modem, sizeof message.modem, "%s", modem);
    assert_ok(inbox_insert(store, &message, &id));
    return id;
}

static void test_met_once(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const uint8_t pdu[] = {2, 0x91, 0x43, 4, 1, 2, 3}, same[] = {1, 0x91, 4, 1, 2, 3};
    static const struct {
        const char *modem;
        const uint8_t *pdu;
        size_t len;
        bool is_new;
    } rows[] = {
        {"uno", pdu, sizeof pdu, true},
        {"uno", pdu, sizeof pdu, false},
        {"uno", same, sizeof same, false}, /* by another service centre */
        {"dos", pdu, sizeof pdu, true},
        {"uno", pdu, sizeof pdu - 1, true},
        {"uno", pdu, 0, true},
        {"uno", pdu, 0, false},
        {"uno", pdu, 1, true}, /* shorter than its own beginning says */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        bool is_new = !rows[i].is_new;
        assert_ok(inbox_meet(store, rows[i].modem, rows[i].pdu, rows[i].len, T0, &is_new));
        if (is_new != rows[i].is_new)
            fail_msg("row %zu", i);
    }
    assert_ok(store_sweep(store, T0 + 6 * DAY));
    assert_true(ask_int(store, "SELECT count(*) FROM inbox_seen") > 0);
    assert_ok(store_sweep(store, T0 + 8 * DAY));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM inbox_seen"), 0);
}

static void test_met_is_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    bool is_new = false;
    assert_ok(db_begin(store->db));
    for (uint32_t i = 0; i < INBOX_SEEN_KEPT + 5; ++i) {
        uint8_t pdu[] = {0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        assert_ok(inbox_meet(store, "uno", pdu, sizeof pdu, T0, &is_new));
        assert_true(is_new);
    }
    assert_ok(db_commit(store->db));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM inbox_seen"), INBOX_SEEN_KEPT);
    assert_ok(inbox_meet(store, "uno", (const uint8_t[]){0, 0, 0, 5}, 4, T0, &is_new));
    assert_false(is_new);
    assert_ok(inbox_meet(store, "uno", (const uint8_t[]){0, 0, 0, 0}, 4, T0, &is_new));
    assert_true(is_new);
}

static void test_kept_shown_and_read(void **state)
{
    struct fixture *f = *state;
    int64_t first = add(&f->store, INBOX_MESSAGE, "uno", T0);
    int64_t second = add(&f->store, INBOX_BALANCE, "uno", T0 + 1);
    int64_t unread = -1;
    int64_t since_ms = 0;
    fixture_reopen(f);
    struct listed listed = list(&f->store);
    assert_int_equal(listed.count, 2);
    assert_int_equal(listed.newest.id, second);
    assert_string_equal(listed.text, "canario en su jaula");
    assert_string_equal(listed.newest.from, "Operador");
    assert_ok(inbox_balance_alarm_since(&f->store, "uno", &since_ms));
    assert_true(since_ms > 0);
    assert_ok(inbox_balance_alarm_since(&f->store, "dos", &since_ms));
    assert_false(since_ms > 0);
    assert_ok(inbox_mark_balance_read(&f->store, "uno", T0 + 2));
    assert_ok(inbox_balance_alarm_since(&f->store, "uno", &since_ms));
    assert_false(since_ms > 0);
    assert_ok(inbox_count_unread(&f->store, &unread));
    assert_int_equal(unread, 1);
    assert_ok(inbox_mark_read(&f->store, first, T0 + 3));
    assert_int_equal(inbox_mark_read(&f->store, 99, T0 + 3), CC_ERR_NOT_FOUND);
    assert_ok(inbox_mark_read(&f->store, 0, T0 + 4));
    assert_ok(inbox_count_unread(&f->store, &unread));
    assert_int_equal(unread, 0);
    assert_int_equal(list(&f->store).newest.read_ms, T0 + 2);
}

/* Nobody without the key sees by their lengths who wrote, or which of two short texts. */
static void test_lengths_tell_little(void **state)
{
    static const struct {
        const char *from, *text;
    } rows[] = {{"+34600123123", "si"}, {"22070", "no, gracias"}, {"Orange", ""}};
    struct store *store = &((struct fixture *)*state)->store;
    int64_t id = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        struct inbox_message message = {.text = text, .modem = "uno", .received_ms = T0};
        (void)snprintf(text, sizeof text, "%s", rows[i].text);
        (void)snprintf(message.from, sizeof message.from, "%s", rows[i].from);
        assert_ok(inbox_insert(store, &message, &id));
    }
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT length(sender)) FROM inbox"), 1);
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT length(text)) FROM inbox"), 1);
}

static void test_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t last = 0;
    assert_ok(db_begin(store->db));
    for (int i = 0; i < INBOX_KEPT + 30; ++i)
        last = add(store, INBOX_MESSAGE, "uno", T0 + i);
    assert_ok(db_commit(store->db));
    assert_int_equal(list(store).count, INBOX_KEPT);
    assert_int_equal(list(store).newest.id, last);
    assert_int_equal(purge_kind(store, PURGE_INBOX, T0 + 91 * DAY), INBOX_KEPT);
    assert_int_equal(list(store).count, 0);
}

static void test_strangers_do_not_put_an_alarm_out(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t since_ms = 0;
    assert_ok(db_begin(store->db));
    (void)add(store, INBOX_BALANCE, "uno", T0);
    (void)add(store, INBOX_BALANCE, "dos", T0);
    (void)add(store, INBOX_BALANCE, "dos", T0);
    for (int i = 0; i < INBOX_KEPT + 30; ++i)
        (void)add(store, INBOX_MESSAGE, "uno", T0 + i);
    assert_ok(db_commit(store->db));
    assert_int_equal(list(store).count, INBOX_KEPT + 2);
    assert_ok(inbox_balance_alarm_since(store, "uno", &since_ms));
    assert_true(since_ms > 0);
    assert_ok(inbox_balance_alarm_since(store, "dos", &since_ms));
    assert_true(since_ms > 0);
    assert_ok(inbox_mark_read(store, 0, T0 + 1));
    (void)add(store, INBOX_MESSAGE, "uno", T0);
    assert_int_equal(list(store).count, INBOX_KEPT);
}

static void test_a_row_that_does_not_open(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    (void)add(store, INBOX_MESSAGE, "uno", T0);
    assert_ok(exec_sql(store, "UPDATE inbox SET text = x'00112233'"));
    struct listed listed = list(store);
    assert_int_equal(listed.newest.kind, INBOX_UNREADABLE);
    assert_string_equal(listed.text, "");
    assert_string_equal(listed.newest.from, "");
}

/* ---- long messages ---------------------------------------------------------------------------*/

struct part {
    const char *from;
    uint16_t reference;
    uint8_t total, index;
    const char *text;
    int64_t sent_ms;
    const char *whole; /* the message that it makes whole; NULL = none yet */
};

static enum cc_err add_part(struct store *store, const struct part *part, char *storage)
{
    struct inbox_message message;
    struct buf text;
    struct gsm_deliver deliver = {
        .sent_ms = part->sent_ms,
        .concat = {true, part->reference, part->total, part->index},
        .data_len = strlen(part->text),
    };
    (void)snprintf(deliver.from.text, sizeof deliver.from.text, "%s", part->from);
    memcpy(deliver.data, part->text, deliver.data_len);
    buf_init(&text, storage, INBOX_TEXT_SIZE);
    enum cc_err err = inbox_add_part(store, "uno", &deliver, T0, &text, &message);
    if (err == CC_OK) {
        assert_string_equal(message.from, part->from);
        assert_int_equal(message.parts, part->total);
        assert_ptr_equal(message.text, storage);
    }
    return err;
}

static void test_parts(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static const struct part parts[] = {
        {ANA, 7, 3, 3, "c", T0, NULL},
        {ANA, 7, 3, 1, "a", T0, NULL},
        {ANA, 7, 3, 1, "a", T0, NULL},               /* twice */
        {ANA, 7, 2, 2, "z", T0, NULL},               /* another total */
        {ANA, 8, 3, 2, "z", T0, NULL},               /* another reference */
        {"Operador", 7, 3, 2, "z", T0, NULL},        /* another sender */
        {ANA, 7, 3, 2, "z", T0 + 3 * HOUR, NULL},    /* much later: the reference is used again */
        {ANA, 7, 3, 1, "A", T0 + 30 * MINUTE, NULL}, /* a second text: another message */
        {ANA, 7, 3, 2, "b", T0 + MINUTE, "abc"},     /* for the nearest of the two */
        {ANA, 7, 3, 3, "C", T0 + MINUTE, NULL},
        {ANA, 7, 3, 2, "B", T0 + MINUTE, "ABC"},
    };
    static char storage[INBOX_TEXT_SIZE];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i) {
        enum cc_err err = add_part(store, &parts[i], storage);
        if (err != (parts[i].whole != NULL ? CC_OK : CC_ERR_NOT_FOUND))
            fail_msg("row %zu: %s", i, err_token(err));
        if (parts[i].whole != NULL)
            assert_string_equal(storage, parts[i].whole);
    }
}

static void test_unfinished_ones_end(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static char storage[INBOX_TEXT_SIZE];
    static const struct part part = {ANA, 7, 3, 2, "b", T0, NULL};
    struct inbox_message message;
    struct buf text;
    buf_init(&text, storage, sizeof storage);
    assert_int_equal(add_part(store, &part, storage), CC_ERR_NOT_FOUND);
    assert_int_equal(inbox_take_unfinished(store, T0, &text, &message), CC_ERR_NOT_FOUND);
    assert_ok(inbox_take_unfinished(store, T0 + 1, &text, &message));
    assert_string_equal(message.text, "[…]b[…]");
    assert_int_equal(message.kind, INBOX_INCOMPLETE);
    assert_int_equal(message.parts, 1);
    assert_int_equal(inbox_take_unfinished(store, T0 + 1, &text, &message), CC_ERR_NOT_FOUND);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM inbox_parts"), 0);
}

/* A sender of first parts only. */
static void test_unfinished_ones_are_bounded(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static char storage[INBOX_TEXT_SIZE];
    int taken = 0;
    struct inbox_message message;
    struct buf text;
    assert_ok(db_begin(store->db));
    for (int i = 0; i < INBOX_GROUPS_KEPT + 5; ++i) {
        const struct part part = {ANA, (uint16_t)i, 255, 1, "a", T0, NULL};
        assert_int_equal(add_part(store, &part, storage), CC_ERR_NOT_FOUND);
    }
    assert_ok(db_commit(store->db));
    for (;; ++taken) {
        buf_init(&text, storage, sizeof storage);
        if (inbox_take_unfinished(store, 0, &text, &message) != CC_OK)
            break;
    }
    assert_int_equal(taken, 5);
}

static void test_the_longest(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static char storage[INBOX_TEXT_SIZE];
    char data[154];
    enum cc_err err = CC_ERR_NOT_FOUND;
    memset(data, 'x', sizeof data - 1);
    data[sizeof data - 1] = '\0';
    assert_ok(db_begin(store->db));
    for (int i = 255; i >= 1; --i) {
        const struct part part = {ANA, 1, 255, (uint8_t)i, data, T0, NULL};
        assert_int_equal(err, CC_ERR_NOT_FOUND);
        err = add_part(store, &part, storage);
    }
    assert_ok(db_commit(store->db));
    assert_ok(err);
    assert_int_equal(strlen(storage), 255 * (sizeof data - 1));
    struct inbox_message message = {.modem = "uno", .text = storage, .parts = 255};
    int64_t id = 0;
    assert_ok(inbox_insert(store, &message, &id));
    assert_int_equal(list(store).count, 1);
}

static void test_parts_are_sealed_to_their_place(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static char storage[INBOX_TEXT_SIZE];
    static const struct part parts[] = {{ANA, 7, 3, 1, "uno", T0, NULL},
                                        {ANA, 7, 3, 2, "dos", T0, NULL}};
    struct inbox_message message;
    struct buf text;
    for (size_t i = 0; i < 2; ++i)
        assert_int_equal(add_part(store, &parts[i], storage), CC_ERR_NOT_FOUND);
    assert_ok(exec_sql(store, "UPDATE inbox_parts SET part_index = part_index + 1 WHERE"
                              " part_index = 2")); /* moved by somebody */
    buf_init(&text, storage, sizeof storage);
    assert_ok(inbox_take_unfinished(store, INT64_MAX, &text, &message));
    assert_string_equal(message.text, "uno[…]");
}

/* As before the parts were filled up. */
static void seal_unpadded(struct store *store, uint8_t index, const char *text)
{
    uint8_t row[SEAL_ROW_BYTES + 1], plain[16] = {0}, sealed[sizeof plain + SECRET_SEAL_OVERHEAD];
    struct db_stmt *st = db_query(store->db, "SELECT row_key FROM inbox_groups");
    assert_true(db_step(st));
    seal_copy_tag(st, 0, row);
    assert_ok(db_finish(st));
    row[SEAL_ROW_BYTES] = index;
    memcpy(plain + 1, text, strlen(text));
    secret_seal(store->keys, "inbox_parts.part", row, sizeof row, plain, 1 + strlen(text), sealed);
    st = db_query(store->db, "UPDATE inbox_parts SET part = $1 WHERE part_index = $2");
    db_bind_blob(st, 1, sealed, 1 + strlen(text) + SECRET_SEAL_OVERHEAD);
    db_bind_int(st, 2, index);
    assert_ok(db_run(st));
}

static void test_parts_are_of_one_length(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    static char storage[INBOX_TEXT_SIZE], longest[GSM_CONCAT_DATA_MAX + 1];
    memset(longest, 'x', GSM_CONCAT_DATA_MAX);
    const struct part parts[] = {{ANA, 7, 4, 1, "a", T0, NULL},
                                 {ANA, 7, 4, 2, "", T0, NULL},
                                 {ANA, 7, 4, 3, longest, T0, NULL},
                                 {ANA, 7, 4, 4, "z", T0, NULL}};
    for (size_t i = 0; i < 3; ++i)
        assert_int_equal(add_part(store, &parts[i], storage), CC_ERR_NOT_FOUND);
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT length(part)) FROM inbox_parts"), 1);
    seal_unpadded(store, 1, "uno");
    assert_ok(add_part(store, &parts[3], storage));
    assert_int_equal(strlen(storage), 3 + GSM_CONCAT_DATA_MAX + 1);
    assert_memory_equal(storage, "unoxx", 5);
}

/* ---- balances --------------------------------------------------------------------------------*/

static void test_balance(void **state)
{
    struct fixture *f = *state;
    struct balance balance;
    assert_ok(balance_get(&f->store, "uno", &balance));
    assert_int_equal(balance.asked_ms, 0);
    assert_ok(balance_asked(&f->store, "uno", T0));
    assert_ok(balance_told(&f->store, "uno", "Saldo: 5 €", T0 + 1));
    assert_ok(balance_asked(&f->store, "uno", T0 + 2));
    assert_ok(balance_failed(&f->store, "uno", "network_refused", T0 + 3));
    fixture_reopen(f);
    assert_ok(balance_get(&f->store, "uno", &balance));
    assert_string_equal(balance.text, "Saldo: 5 €"); /* the last that was told stays */
    assert_string_equal(balance.error, "network_refused");
    assert_int_equal(balance.told_ms, T0 + 1);
    assert_int_equal(balance.ended_ms, T0 + 3);
    assert_ok(balance_asked(&f->store, "uno", T0 + 4));
    assert_ok(balance_get(&f->store, "uno", &balance));
    assert_string_equal(balance.error, "");
    assert_int_equal(balance.ended_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_met_once),
        fixture_test(test_met_is_bounded),
        fixture_test(test_kept_shown_and_read),
        fixture_test(test_lengths_tell_little),
        fixture_test(test_bounded),
        fixture_test(test_strangers_do_not_put_an_alarm_out),
        fixture_test(test_a_row_that_does_not_open),
        fixture_test(test_parts),
        fixture_test(test_unfinished_ones_end),
        fixture_test(test_unfinished_ones_are_bounded),
        fixture_test(test_the_longest),
        fixture_test(test_parts_are_sealed_to_their_place),
        fixture_test(test_parts_are_of_one_length),
        fixture_test(test_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
