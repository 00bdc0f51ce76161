/* SPDX-License-Identifier: EUPL-1.2 */
/* Passwords hashed outside the loop: one at a time, a short queue, an end. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/passwords.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_US = 100 * 1000, STEPS = 600 };

struct heard {
    enum cc_err err;
    char hash[SECRET_PASSWORD_HASH_SIZE];
    int count;
};

static void hear(enum cc_err err, const char *hash, void *user)
{
    struct heard *heard = user;
    heard->err = err;
    memcpy(heard->hash, hash, sizeof(heard->hash));
    heard->count++;
}

static bool has_no_turn;

/* A child that gives way gets no turn on a busy machine, and ends by its deadline. */
int __wrap_setpriority(int which, id_t who, int priority);

int __wrap_setpriority(int which, id_t who, int priority)
{
    (void)which;
    (void)who;
    (void)priority;
    if (has_no_turn)
        pause();
    return 0;
}

static void wait_for(struct loop *loop, const struct heard *heard)
{
    for (int i = 0; i < STEPS && heard->count == 0; i++)
        (void)loop_step(loop, STEP_US);
    assert_int_equal(heard->count, 1);
}

static void test_hash_and_compare(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct passwords *passwords = passwords_new(loop);
    struct heard made = {0}, right = {0}, wrong = {0}, nobody = {0};
    assert_int_equal(passwords_hash(passwords, "caballo pila grapa", true, hear, &made), CC_OK);
    assert_int_equal(made.count, 0); /* never from inside the call */
    wait_for(loop, &made);
    assert_int_equal(made.err, CC_OK);
    assert_memory_equal(made.hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    assert_int_equal(
        passwords_compare(passwords, made.hash, "caballo pila grapa", false, hear, &right), CC_OK);
    assert_int_equal(
        passwords_compare(passwords, made.hash, "caballo pila grapas", false, hear, &wrong), CC_OK);
    assert_int_equal(passwords_compare(passwords, NULL, "caballo pila grapa", false, hear, &nobody),
                     CC_OK);
    wait_for(loop, &right);
    wait_for(loop, &wrong);
    wait_for(loop, &nobody);
    assert_int_equal(right.err, CC_OK);
    assert_int_equal(wrong.err, CC_ERR_LOGIN);
    assert_int_equal(nobody.err, CC_ERR_LOGIN);
    passwords_free(passwords);
    loop_free(loop);
}

static void test_a_box_that_is_too_busy_for_it_says_so(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    loop_drive(loop, 0);
    struct passwords *passwords = passwords_new(loop);
    struct heard made = {0};
    has_no_turn = true;
    assert_int_equal(passwords_hash(passwords, "caballo pila grapa", true, hear, &made), CC_OK);
    for (int i = 0; i < 1000 * STEPS && made.count == 0; i++)
        (void)loop_step(loop, STEP_US);
    assert_int_equal(made.err, CC_ERR_LOGIN_BUSY);
    has_no_turn = false;
    passwords_free(passwords);
    loop_free(loop);
}

/* In next to no time, whatever the box: half the memory, and two passes. */
static void test_the_cost_is_the_measured_one(void **state)
{
    static const char cost[] = "$argon2id$v=19$m=32768,t=2,p=1$";
    struct loop *loop = loop_new();
    struct passwords *usual = passwords_new(loop), *own = passwords_new(loop);
    struct heard old = {0}, made = {0}, right = {0}, again = {0};
    (void)state;
    passwords_measure(own, 1);
    assert_int_equal(passwords_hash(usual, "caballo pila grapa", true, hear, &old), CC_OK);
    wait_for(loop, &old);
    assert_int_equal(passwords_hash(own, "caballo pila grapa", true, hear, &made), CC_OK);
    wait_for(loop, &made);
    assert_memory_equal(made.hash, cost, sizeof(cost) - 1);
    assert_int_equal(passwords_compare(own, made.hash, "caballo pila grapa", false, hear, &right),
                     CC_OK);
    wait_for(loop, &right);
    assert_true(right.err == CC_OK && right.hash[0] == '\0');
    assert_int_equal(passwords_compare(own, old.hash, "caballo pila grapa", false, hear, &again),
                     CC_OK);
    wait_for(loop, &again);
    assert_int_equal(again.err, CC_OK);
    assert_memory_equal(again.hash, cost, sizeof(cost) - 1);
    passwords_free(usual);
    passwords_free(own);
    loop_free(loop);
}

/* Measured on the box; a right password of another cost comes with its hash of this one. */
static void test_a_cost_of_its_own(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct passwords *usual = passwords_new(loop), *own = passwords_new(loop);
    struct heard old = {0}, made = {0}, right = {0}, again = {0}, wrong = {0}, nobody = {0};
    passwords_measure(own, 300);
    assert_int_equal(passwords_hash(usual, "caballo pila grapa", true, hear, &old), CC_OK);
    wait_for(loop, &old);
    assert_int_equal(passwords_hash(own, "caballo pila grapa", true, hear, &made), CC_OK);
    wait_for(loop, &made);
    struct secret_cost cost = {0};
    assert_int_equal(
        sscanf(made.hash, "$argon2id$v=19$m=%" SCNd64 ",t=%" SCNd64 ",", &cost.kib, &cost.passes),
        2);
    assert_true(cost.passes > 0 && cost.kib >= 19 * 1024 && cost.kib <= 64 * 1024);
    assert_int_equal(passwords_compare(own, made.hash, "caballo pila grapa", false, hear, &right),
                     CC_OK);
    assert_int_equal(passwords_compare(own,
                                       "$argon2id$v=19$m=65536,t=1,p=1$"
                                       "l5UKdqp7I9UdR2vUnHwu8Q$"
                                       "T0hHgJJQnVd6s6S7mHoQ6u1TqvHd0sQnqk0c1bRyQ2s",
                                       "caballo pila grapa", false, hear, &wrong),
                     CC_OK);
    assert_int_equal(passwords_compare(own, NULL, "caballo pila grapa", false, hear, &nobody),
                     CC_OK);
    wait_for(loop, &right);
    assert_string_equal(right.hash, "");
    int64_t from_us = loop_now_us(loop);
    wait_for(loop, &wrong);
    assert_true(loop_now_us(loop) - from_us > 150 * 1000); /* of which its one pass is a part */
    wait_for(loop, &nobody);
    assert_int_equal(wrong.err, CC_ERR_LOGIN);
    assert_int_equal(nobody.err, CC_ERR_LOGIN);
    if (!secret_hash_costs(old.hash, &cost)) {
        assert_int_equal(
            passwords_compare(own, old.hash, "caballo pila grapa", false, hear, &again), CC_OK);
        wait_for(loop, &again);
        assert_true(again.err == CC_OK && secret_hash_costs(again.hash, &cost));
    }
    passwords_free(usual);
    passwords_free(own);
    loop_free(loop);
}

/* A child that was killed is freed by the loop, at its end. */
static void wait_for_children(struct loop *loop)
{
    siginfo_t info;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        (void)loop_step(loop, 10 * 1000);
}

static void test_a_queue_of_eight_kept_places_and_its_end(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct passwords *passwords = passwords_new(loop);
    enum { OPEN = PASSWORDS_QUEUE + 1, ALL = OPEN + PASSWORDS_KEPT };
    struct heard heard[ALL + 1] = {{0}};
    struct heard *last = &heard[ALL];
    for (int i = 0; i < OPEN; i++)
        assert_int_equal(
            passwords_compare(passwords, NULL, "caballo pila grapa", false, hear, &heard[i]),
            CC_OK);
    for (int i = OPEN; i < ALL; i++) {
        assert_int_equal(
            passwords_compare(passwords, NULL, "caballo pila grapa", false, hear, last),
            CC_ERR_LOGIN_BUSY);
        assert_int_equal(
            i % 2 == 0 ? passwords_hash(passwords, "caballo pila", true, hear, &heard[i])
                       : passwords_compare(passwords, NULL, "caballo pila", true, hear, &heard[i]),
            CC_OK);
    }
    assert_int_equal(passwords_hash(passwords, "caballo pila grapa", true, hear, last),
                     CC_ERR_LOGIN_BUSY);
    assert_int_equal(passwords_compare(passwords, NULL, "caballo pila", true, hear, last),
                     CC_ERR_LOGIN_BUSY);
    (void)loop_step(loop, 0); /* the first of them runs */
    passwords_stop(passwords);
    for (int i = 0; i < ALL; i++) {
        assert_int_equal(heard[i].count, 1);
        assert_int_equal(heard[i].err, CC_ERR_SHUTTING_DOWN);
    }
    assert_int_equal(last->count, 0);
    assert_int_equal(passwords_hash(passwords, "caballo pila grapa", true, hear, &heard[0]),
                     CC_ERR_SHUTTING_DOWN);
    passwords_free(passwords);
    wait_for_children(loop);
    loop_free(loop);
}

static void test_guesses_at_one_subject_leave_places_for_others(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct passwords *passwords = passwords_new(loop);
    struct heard heard[PASSWORDS_EACH + 2] = {{0}};
    for (int i = 0; i < PASSWORDS_EACH; i++)
        assert_int_equal(passwords_compare_of(passwords, 7, NULL, "caballo pila", hear, &heard[i]),
                         CC_OK);
    for (int i = 0; i < PASSWORDS_QUEUE; i++)
        assert_int_equal(passwords_compare_of(passwords, 7, NULL, "caballo pila", hear, &heard[0]),
                         CC_ERR_LOGIN_BUSY);
    assert_int_equal(passwords_hash(passwords, "caballo pila", true, hear, &heard[PASSWORDS_EACH]),
                     CC_OK);
    assert_int_equal(
        passwords_compare_of(passwords, 8, NULL, "caballo pila", hear, &heard[PASSWORDS_EACH + 1]),
        CC_OK);
    passwords_stop(passwords);
    for (int i = 0; i < PASSWORDS_EACH + 2; i++)
        assert_int_equal(heard[i].count, 1);
    passwords_free(passwords);
    wait_for_children(loop);
    loop_free(loop);
}

struct turn_of {
    struct heard heard;
    int *count, place;
};

static void hear_turn(enum cc_err err, const char *hash, void *user)
{
    struct turn_of *turn = user;
    turn->place = ++*turn->count;
    hear(err, hash, &turn->heard);
}

static void test_the_known_go_before_the_strangers(void **state)
{
    static const struct {
        bool is_known;
        int place;
    } rows[] = {{false, 1}, {false, 4}, {true, 2}, {false, 5}, {true, 3}};
    enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
    (void)state;
    struct loop *loop = loop_new();
    struct passwords *passwords = passwords_new(loop);
    struct turn_of turns[ROWS];
    int count = 0;
    memset(turns, 0, sizeof(turns));
    for (int i = 0; i < ROWS; i++) {
        turns[i].count = &count;
        assert_int_equal(passwords_compare(passwords, NULL, "caballo pila grapa", rows[i].is_known,
                                           hear_turn, &turns[i]),
                         CC_OK);
    }
    for (int i = 0; i < ROWS; i++)
        wait_for(loop, &turns[i].heard);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(turns[i].heard.err, CC_ERR_LOGIN);
        assert_int_equal(turns[i].place, rows[i].place);
    }
    passwords_free(passwords);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_and_compare),
        cmocka_unit_test(test_a_box_that_is_too_busy_for_it_says_so),
        cmocka_unit_test(test_the_cost_is_the_measured_one),
        cmocka_unit_test(test_a_cost_of_its_own),
        cmocka_unit_test(test_a_queue_of_eight_kept_places_and_its_end),
        cmocka_unit_test(test_guesses_at_one_subject_leave_places_for_others),
        cmocka_unit_test(test_the_known_go_before_the_strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
