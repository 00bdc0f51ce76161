/* SPDX-License-Identifier: EUPL-1.2 */
/* A reto pays for one password: what it costs to try it again, before and behind its use. */
#include "tests/unit/test_house_fixture.h"

#include "service/challenge.h"

enum { CLIENT = 7 };

/* A proof of so few bits is found at once. */
static enum cc_err check_solved(struct house *house, const struct challenge *challenge,
                                const char *answer, char work[CHALLENGE_WORK_MAX])
{
    enum cc_err err = CC_ERR_CHALLENGE_WORK;
    for (int n = 0; err == CC_ERR_CHALLENGE_WORK && n < 1000; n++) {
        (void)snprintf(work, CHALLENGE_WORK_MAX, "%d", n);
        const struct challenge_reply reply = {challenge->text, work, answer};
        err = challenge_check(&house->service, CLIENT, &reply, house_now_ms(house));
    }
    return err;
}

static void make_one(struct house *house, struct challenge *ret)
{
    house->settings.challenge_bits = 4;
    house_start(house);
    assert_ok(challenge_make(&house->service, CLIENT, TEXT_LANG_ES, house_now_ms(house), ret));
}

/* No password is hashed for one that is used: it is told before. */
static void test_a_used_one_is_refused_where_it_is_checked(void **state)
{
    struct house *house = house_new();
    struct challenge challenge;
    char work[CHALLENGE_WORK_MAX];
    (void)state;
    make_one(house, &challenge);
    const char *answer = challenge.question.answer;
    assert_ok(check_solved(house, &challenge, answer, work));
    assert_ok(check_solved(house, &challenge, answer, work)); /* another field was wrong */
    const struct challenge_reply reply = {challenge.text, work, answer};
    assert_ok(challenge_use(&house->service, &reply, house_now_ms(house)));
    assert_int_equal(challenge_check(&house->service, CLIENT, &reply, house_now_ms(house)),
                     CC_ERR_CHALLENGE_USED);
    assert_int_equal(challenge_use(&house->service, &reply, house_now_ms(house)),
                     CC_ERR_CHALLENGE_USED);
}

static void test_a_wrong_answer_uses_it_up(void **state)
{
    struct house *house = house_new();
    struct challenge challenge;
    char work[CHALLENGE_WORK_MAX];
    (void)state;
    make_one(house, &challenge);
    assert_int_equal(check_solved(house, &challenge, "?", work), CC_ERR_CHALLENGE_WRONG);
    assert_int_equal(check_solved(house, &challenge, challenge.question.answer, work),
                     CC_ERR_CHALLENGE_USED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_a_used_one_is_refused_where_it_is_checked),
        house_test(test_a_wrong_answer_uses_it_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
