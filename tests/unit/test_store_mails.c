/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails that wait, of a box that gets another name and of a clock that was ahead. */
#include "tests/unit/test_store_fixture.h"

#include "store/clock.h"
#include "store/mails.h"

static int64_t add_mail(struct store *store, enum mail_kind kind, int64_t created_ms)
{
    struct mail mail = {.kind = kind,
                        .to = {"ana@example.org"},
                        .created_ms = created_ms,
                        .not_before_ms = created_ms,
                        .expires_ms = created_ms + 60 * DAY};
    assert_ok(mails_insert(store, &mail));
    return mail.id;
}

static int64_t next_id(struct store *store, int64_t now_ms)
{
    struct mail mail;
    enum cc_err err = mails_next(store, now_ms, &mail);
    return err == CC_OK ? mail.id : -(int64_t)err;
}

static void test_a_renamed_box_sends_its_mails(void **state)
{
    needs_file();
    struct fixture *f = *state;
    static const char *const names[] = {"alfa", "beta"};
    int64_t id = add_mail(&f->store, MAIL_PROVE, T0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct store_place place = {
            .db_path = f->db_path, .key_path = f->key_path, .box = names[i]};
        store_close(&f->store);
        assert_ok(store_open_place(&place, &f->store));
        assert_int_equal(next_id(&f->store, T0), id);
    }
}

/* Mails made while the clock was ahead are not sent; those that it held back are due at once. */
static void test_mails_of_a_clock_that_was_ahead(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    const int64_t false_ms = T0 + 40 * DAY;
    struct mail held = {.state = MAIL_QUEUED, .not_before_ms = false_ms + HOUR};
    bool is_waiting = true;
    (void)add_mail(store, MAIL_TOWN_PENDING, false_ms);
    held.id = add_mail(store, MAIL_PROVE, T0 - HOUR);
    assert_ok(mails_claim(store, held.id));
    assert_ok(mails_settle(store, &held));
    assert_int_equal(next_id(store, T0), -(int64_t)CC_ERR_NOT_FOUND);
    assert_ok(clock_void_future(store, T0, T0 + 40 * DAY));
    assert_int_equal(next_id(store, T0), held.id);
    assert_ok(mails_find_waiting(store, MAIL_TOWN_PENDING, &is_waiting));
    assert_false(is_waiting);
    assert_ok(mails_claim(store, held.id));
    assert_int_equal(next_id(store, false_ms), -(int64_t)CC_ERR_NOT_FOUND);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM mails"), 2);
    assert_ok(clock_forget_future(store, T0));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM mails"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_a_renamed_box_sends_its_mails),
        fixture_test(test_mails_of_a_clock_that_was_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
