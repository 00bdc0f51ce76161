/* SPDX-License-Identifier: EUPL-1.2 */
/* Causes of a recovery without a word of the modem: a person, and a network that stays away. The
 * modem is played here, on a driven clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/registry.h"
#include "modem/recover/private.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STEP_US = 50000 };

struct scene {
    struct loop *loop;
    struct modem *modem;
    int line; /* the modem's end of it */
    int creg;
    bool is_deaf;
    const char *notify; /* what it tells of AT+CNMI */
    int set_ups;
    int restarts, openings, begun, ended, worked, rounds;
    char last[32];     /* rung */
    char command[256]; /* as far as it has come */
    size_t len;
};

static enum cc_err open_test(const char *address, void *user, int *ret_fd)
{
    struct scene *scene = user;
    int pair[2];
    (void)address;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    if (scene->line >= 0)
        close(scene->line);
    scene->line = pair[1];
    scene->openings++;
    *ret_fd = pair[0];
    return CC_OK;
}

static void say(struct scene *scene, const char *text)
{
    assert_int_equal(write(scene->line, text, strlen(text)), (ssize_t)strlen(text));
}

static void answer(struct scene *scene)
{
    char text[64];
    if (scene->is_deaf)
        return;
    if (strcmp(scene->command, "AT+CFUN=1,1") == 0)
        scene->restarts++;
    if (strncmp(scene->command, "AT+CNMI=", 8) == 0)
        scene->set_ups++;
    if (strcmp(scene->command, "AT+CNMI?") == 0)
        say(scene, scene->notify);
    (void)snprintf(text, sizeof(text), "\r\n+CREG: 1,%d\r\n", scene->creg);
    if (strcmp(scene->command, "AT+CREG?") == 0)
        say(scene, text);
    if (strcmp(scene->command, "AT+CPIN?") == 0)
        say(scene, "\r\n+CPIN: READY\r\n");
    say(scene, "\r\nOK\r\n");
}

static void play(struct scene *scene)
{
    char byte;
    while (scene->line >= 0 && read(scene->line, &byte, 1) == 1) {
        if (byte == '\r') {
            scene->command[scene->len] = '\0';
            scene->len = 0;
            if (scene->command[0] == 'A')
                answer(scene);
        } else if (byte >= ' ' && scene->len + 1 < sizeof(scene->command)) {
            scene->command[scene->len++] = byte;
        }
    }
}

static void nothing(struct modem *modem, void *user)
{
    (void)modem;
    (void)user;
}

static void on_recovery(struct modem *modem, const struct modem_recovery *recovery, void *user)
{
    struct scene *scene = user;
    (void)modem;
    assert_true(strlen(recovery->evidence) > 10);
    scene->begun += !recovery->is_end;
    scene->ended += recovery->is_end;
    scene->worked += recovery->is_end && recovery->worked;
    (void)snprintf(scene->last, sizeof(scene->last), "%s", recovery->rung);
}

static void on_inbound(struct modem *modem, const struct modem_inbound *inbound, void *user)
{
    (void)inbound;
    (void)user;
    modem_inbound_done(modem, true);
}

static void on_sampled(struct modem *modem, const struct modem_sample *sample, void *user)
{
    struct scene *scene = user;
    (void)modem;
    (void)sample;
    scene->rounds++;
}

static const struct modem_events events = {
    .changed = nothing,
    .inbound = on_inbound,
    .sampled = on_sampled,
    .recovery = on_recovery,
};

static void pass(struct scene *scene, int64_t us)
{
    int64_t end_us = loop_now_us(scene->loop) + us;
    do {
        int64_t left_us = end_us - loop_now_us(scene->loop);
        loop_step(scene->loop, left_us < STEP_US ? (uint64_t)left_us : STEP_US);
        play(scene);
    } while (loop_now_us(scene->loop) < end_us);
}

/* Until it is in that state, or for `ms`. */
static bool reaches(struct scene *scene, enum modem_state state, int ms)
{
    int64_t end_us = loop_now_us(scene->loop) + (int64_t)ms * 1000;
    while (scene->modem->state != state && loop_now_us(scene->loop) < end_us)
        pass(scene, STEP_US);
    return scene->modem->state == state;
}

static bool restarts(struct scene *scene, int times, int ms)
{
    int64_t end_us = loop_now_us(scene->loop) + (int64_t)ms * 1000;
    while (scene->restarts < times && loop_now_us(scene->loop) < end_us)
        pass(scene, STEP_US);
    return scene->restarts == times;
}

static const char *rung(const struct scene *scene)
{
    struct modem_status status;
    modem_status(scene->modem, &status);
    return status.recovery.rung;
}

static int begin(void **state)
{
    static struct scene fresh;
    struct scene *scene = *state = &fresh;
    static struct link_scheme schemes[2];
    *scene = (struct scene){
        .loop = loop_new(), .line = -1, .creg = 1, .notify = "\r\n+CNMI: 2, 1,0,1,0\r\n"};
    schemes[0] = (struct link_scheme){"test:", open_test, scene};
    loop_drive(scene->loop, INT64_C(1795000000) * 1000);
    struct modem_config config = {.name = "m",
                                  .device = "test:",
                                  .pin = "",
                                  .prompt_ms = 1000,
                                  .final_ms = 1000,
                                  .tape_path = "",
                                  .iccid = "",
                                  .smsc = "",
                                  .ussd = "",
                                  .power_key = "",
                                  .drivers = &driver_registry,
                                  .schemes = schemes};
    scene->modem = modem_new(scene->loop, &config, &events, scene);
    assert_true(reaches(scene, MODEM_READY, 10000));
    assert_string_equal(rung(scene), "");
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    modem_free(scene->modem);
    close(scene->line);
    loop_free(scene->loop);
    return 0;
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* Until just before the deadline that it set, without anything happening. */
static void time_passes(struct scene *scene, int64_t least_s, int64_t most_s)
{
    int64_t left_us = scene->modem->recover->deadline_us - loop_now_us(scene->loop);
    int restarts = scene->restarts;
    assert_in_range(left_us / 1000000, least_s, most_s);
    pass(scene, left_us - STEP_US);
    assert_int_equal(scene->restarts, restarts);
}

static void test_a_person_asks_for_a_restart(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(modem_restart(scene->modem), CC_OK);
    assert_false(modem_can_send(scene->modem)); /* nothing new goes before it */
    assert_int_equal(scene->begun, 0);          /* nor does anything happen inside the call */
    assert_true(restarts(scene, 1, 5000));
    assert_string_equal(rung(scene), "reinicio");
    assert_int_equal(modem_restart(scene->modem), CC_ERR_BUSY); /* it is being done */
    assert_true(reaches(scene, MODEM_READY, 10000));
    assert_string_equal(rung(scene), "");
    assert_int_equal(scene->restarts, 1);
    assert_int_equal(scene->worked, 1);
    /* and once more, cool-down or not */
    assert_int_equal(modem_restart(scene->modem), CC_OK);
    assert_true(restarts(scene, 2, 5000));
    assert_true(reaches(scene, MODEM_READY, 10000));
    assert_int_equal(scene->begun, 2);
    assert_int_equal(scene->ended, 2);
    assert_int_equal(scene->openings, 1);
}

static void test_a_restart_of_what_is_not_there(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(modem_restart(scene->modem), CC_OK);
    assert_int_equal(shutdown(scene->line, SHUT_RDWR), 0);
    assert_true(reaches(scene, MODEM_ABSENT, 5000));
    assert_int_equal(modem_restart(scene->modem), CC_ERR_MODEM_NOT_READY);
    assert_true(reaches(scene, MODEM_READY, 10000));
    pass(scene, 100 * STEP_US);
    assert_int_equal(scene->restarts, 0);
    assert_true(scene->modem->state == MODEM_READY && !scene->modem->recover->wants_restart);
}

static void loses_its_network(struct scene *scene, int creg)
{
    char text[32];
    scene->creg = creg;
    (void)snprintf(text, sizeof(text), "\r\n+CREG: %d\r\n", creg);
    say(scene, text);
    assert_true(reaches(scene, MODEM_REGISTERING, 5000));
}

static void test_no_network_where_there_was_one(void **state)
{
    struct scene *scene = *state;
    loses_its_network(scene, 2);
    time_passes(scene, 590, 600);
    assert_true(restarts(scene, 1, 5000));
    assert_string_equal(scene->last, "reinicio");
    /* still none: not again before an hour is over */
    assert_true(reaches(scene, MODEM_REGISTERING, 10000));
    assert_int_equal(scene->worked, 1);
    time_passes(scene, 3590, 3600);
    scene->creg = 1; /* the second restart, when the hour and its cool-down are over, helps */
    assert_true(restarts(scene, 2, 5000));
    assert_true(reaches(scene, MODEM_READY, 5000));
}

/* The network wanted the card before: a restart, and then its operator is asked. */
static void test_a_card_that_the_network_does_not_want(void **state)
{
    struct scene *scene = *state;
    loses_its_network(scene, 3);
    assert_true(restarts(scene, 1, 5000));
    assert_string_equal(scene->last, "reinicio");
    assert_true(reaches(scene, MODEM_REGISTERING, 10000));
    assert_int_equal(scene->worked, 1);
    time_passes(scene, 590, 600); /* looked at again, no more */
    pass(scene, 100 * STEP_US);
    assert_int_equal(scene->restarts, 1);
    assert_int_equal(scene->begun, 1);
}

/* The next round of questions. */
static void idle_round(struct scene *scene)
{
    int rounds = scene->rounds;
    int64_t end_us = loop_now_us(scene->loop) + INT64_C(90) * 1000 * 1000;
    while (scene->rounds == rounds && loop_now_us(scene->loop) < end_us)
        pass(scene, STEP_US);
    assert_int_equal(scene->rounds, rounds + 1);
}

/* The modem restarted without a word, or another program changed a setting: an idle modem is
 * asked. */
static void test_a_setting_lost_without_a_word(void **state)
{
    struct scene *scene = *state;
    for (int i = 0; i < 12; i++)
        idle_round(scene);
    assert_int_equal(scene->set_ups, 1);
    scene->notify = "\r\n+CNMI: 0,0,0,0,0\r\n";
    for (int i = 0; i < 6; i++)
        idle_round(scene);
    assert_int_equal(scene->set_ups, 2);
    /* and one that tells it so whatever is set is not set up for ever */
    for (int i = 0; i < 12; i++)
        idle_round(scene);
    assert_int_equal(scene->set_ups, 2);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    const struct CMUnitTest tests[] = {
        scene_test(test_a_person_asks_for_a_restart),
        scene_test(test_a_restart_of_what_is_not_there),
        scene_test(test_no_network_where_there_was_one),
        scene_test(test_a_card_that_the_network_does_not_want),
        scene_test(test_a_setting_lost_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
