/* SPDX-License-Identifier: EUPL-1.2 */
/* Questions that a modem refuses or leaves without an answer, and kinds of nonsense told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/tell/nonsense.h"
#include "modem/tell/patience.h"

static const struct driver first_driver = {.name = "a"}, second_driver = {.name = "b"};

static void test_the_third_refusal_ends_a_question(void **state)
{
    struct patience patience = {0};
    (void)state;
    patience_note_refusal(&patience, QUESTION_CLOCK);
    patience_note_refusal(&patience, QUESTION_CLOCK);
    assert_false(patience_is_over(&patience, QUESTION_CLOCK));
    patience_note_answer(&patience, QUESTION_CLOCK);
    for (int i = 0; i < 3; i++) {
        assert_false(patience_is_over(&patience, QUESTION_CLOCK));
        patience_note_refusal(&patience, QUESTION_CLOCK);
    }
    assert_true(patience_is_over(&patience, QUESTION_CLOCK));
    assert_false(patience_is_over(&patience, QUESTION_SIGNAL));
    patience_restart(&patience);
    assert_false(patience_is_over(&patience, QUESTION_CLOCK));
}

static void test_a_mute_question_is_asked_after_one_restart_only(void **state)
{
    struct patience patience = {0};
    (void)state;
    patience_note_mute(&patience, QUESTION_STORAGE);
    assert_true(patience_is_over(&patience, QUESTION_STORAGE));
    patience_restart(&patience);
    assert_false(patience_is_over(&patience, QUESTION_STORAGE));
    patience_note_mute(&patience, QUESTION_STORAGE);
    patience_restart(&patience);
    assert_true(patience_is_over(&patience, QUESTION_STORAGE));
}

static void test_another_modem_starts_anew(void **state)
{
    struct patience patience = {0};
    (void)state;
    patience_meet(&patience, &first_driver, "356938035643809");
    patience_note_mute(&patience, QUESTION_SMSC);
    patience_meet(&patience, &first_driver, "356938035643809");
    assert_true(patience_is_over(&patience, QUESTION_SMSC));
    patience_meet(&patience, &first_driver, "490154203237518");
    assert_false(patience_is_over(&patience, QUESTION_SMSC));
    patience_note_mute(&patience, QUESTION_SMSC);
    patience_meet(&patience, &second_driver, "490154203237518");
    assert_false(patience_is_over(&patience, QUESTION_SMSC));
}

static void test_a_setting_is_wrong_once(void **state)
{
    struct patience patience = {0};
    (void)state;
    assert_false(patience_note_setting(&patience, QUESTION_FORMAT, true));
    assert_true(patience_note_setting(&patience, QUESTION_FORMAT, false));
    assert_false(patience_note_setting(&patience, QUESTION_FORMAT, false));
    assert_true(patience_note_setting(&patience, QUESTION_NOTIFY, false));
    assert_false(patience_note_setting(&patience, QUESTION_FORMAT, true));
    assert_true(patience_note_setting(&patience, QUESTION_FORMAT, false));
}

static void test_nonsense_is_told_once_a_kind(void **state)
{
    struct patience patience = {0};
    struct nonsense nonsense = {0};
    (void)state;
    assert_true(patience_note_nonsense(&patience, QUESTION_CLOCK));
    assert_false(patience_note_nonsense(&patience, QUESTION_CLOCK));
    assert_true(patience_note_nonsense(&patience, QUESTION_SIGNAL));
    for (unsigned kind = 0; kind < NONSENSE_COUNT; kind++) {
        const char *said = nonsense_note(&nonsense, kind);
        assert_non_null(said);
        assert_true(said[0] != '\0');
        assert_null(nonsense_note(&nonsense, kind));
    }
}

static void test_stray_replies(void **state)
{
    static const struct {
        const char *line;
        bool is_stray;
    } rows[] = {
        {"OK", true},
        {"ERROR", true},
        {"+CME ERROR: 10", true},
        {"+CMS ERROR: 38", true},
        {"+CMGS: 7", true},
        {"+CMTI: \"SM\",1", false},
        {"RING", false},
        {"", false},
        {"OKAY", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (nonsense_is_stray_reply(rows[i].line) != rows[i].is_stray)
            fail_msg("%s", rows[i].line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_third_refusal_ends_a_question),
        cmocka_unit_test(test_a_mute_question_is_asked_after_one_restart_only),
        cmocka_unit_test(test_another_modem_starts_anew),
        cmocka_unit_test(test_a_setting_is_wrong_once),
        cmocka_unit_test(test_nonsense_is_told_once_a_kind),
        cmocka_unit_test(test_stray_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
