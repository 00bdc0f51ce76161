/* SPDX-License-Identifier: EUPL-1.2 */
/* Passwords hashed outside the loop: one at a time, a short queue, an end. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/passwords.h"

#include <string.h>
#include <sys/wait.h>

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
    assert_int_equal(passwords_hash(passwords, "caballo pila grapa", hear, &made), CC_OK);
    assert_int_equal(made.count, 0); /* never from inside the call */
    wait_for(loop, &made);
    assert_int_equal(made.err, CC_OK);
    assert_memory_equal(made.hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    assert_int_equal(passwords_compare(passwords, made.hash, "caballo pila grapa", hear, &right),
                     CC_OK);
    assert_int_equal(passwords_compare(passwords, made.hash, "caballo pila grapas", hear, &wrong),
                     CC_OK);
    assert_int_equal(passwords_compare(passwords, NULL, "caballo pila grapa", hear, &nobody),
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

/* A child that was killed is freed by the loop, at its end. */
static void wait_for_children(struct loop *loop)
{
    siginfo_t info;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        (void)loop_step(loop, 10 * 1000);
}

static void test_a_queue_of_eight_and_its_end(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct passwords *passwords = passwords_new(loop);
    struct heard heard[PASSWORDS_QUEUE + 2] = {{0}};
    for (int i = 0; i <= PASSWORDS_QUEUE; i++)
        assert_int_equal(passwords_hash(passwords, "caballo pila grapa", hear, &heard[i]), CC_OK);
    assert_int_equal(
        passwords_hash(passwords, "caballo pila grapa", hear, &heard[PASSWORDS_QUEUE + 1]),
        CC_ERR_LOGIN_BUSY);
    (void)loop_step(loop, 0); /* the first of them runs */
    passwords_stop(passwords);
    for (int i = 0; i <= PASSWORDS_QUEUE; i++) {
        assert_int_equal(heard[i].count, 1);
        assert_int_equal(heard[i].err, CC_ERR_SHUTTING_DOWN);
    }
    assert_int_equal(heard[PASSWORDS_QUEUE + 1].count, 0);
    assert_int_equal(passwords_hash(passwords, "caballo pila grapa", hear, &heard[0]),
                     CC_ERR_SHUTTING_DOWN);
    passwords_free(passwords);
    wait_for_children(loop);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_and_compare),
        cmocka_unit_test(test_a_queue_of_eight_and_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
