/* SPDX-License-Identifier: EUPL-1.2 */
/* A simulated modem at the other end of a socket pair, and a terminal on this one. */
#ifndef CC_TEST_SIM_FIXTURE_H
#define CC_TEST_SIM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "sim/sim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* To +34600012345, "hellohello", TP-VP 4 days; with and without a status report request. */
#define PDU "0011000B914306002143F50000AA0AE8329BFD4697D9EC37"
#define PDU_SRR "0031000B914306002143F50000AA0AE8329BFD4697D9EC37"
#define NUMBER "+34600012345"
#define CTRL_Z "\x1a"

#define OK "\r\nOK\r\n"
#define ERR "\r\nERROR\r\n"
#define CME(n) "\r\n+CME ERROR: " #n "\r\n"
#define CMS(n) "\r\n+CMS ERROR: " #n "\r\n"
#define INFO(text) "\r\n" text "\r\n"
#define PROMPT "\r\n> "
#define SENT(n) "\r\n+CMGS: " #n "\r\n" OK
#define CDS "\r\n+CDS: "

/* A case with a bench_begin() of its own, as *state. */
#define bench_test(fn) cmocka_unit_test_setup_teardown(fn, bench_begin, bench_end)

struct bench {
    struct loop *loop;
    struct sim *sim;
    int fd;
    char answer[4096];
};

static inline void bench_plug(struct bench *bench)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    bench->fd = pair[0];
    sim_attach(bench->sim, pair[1]);
}

static inline void bench_start(struct bench *bench, const struct sim_config *config)
{
    struct sim_config defaults;
    sim_config_default(&defaults);
    *bench = (struct bench){.loop = loop_new()};
    loop_drive(bench->loop, clock_wall_ms());
    bench->sim = sim_new(bench->loop, config != NULL ? config : &defaults);
    bench_plug(bench);
}

static inline void bench_stop(struct bench *bench)
{
    close(bench->fd);
    sim_free(bench->sim);
    loop_free(bench->loop);
}

/* Reads the modem's output until it has been quiet for a moment (or closed the line). */
static inline const char *bench_read(struct bench *bench)
{
    size_t len = 0;
    for (int quiet = 0; quiet < 3;) {
        loop_step(bench->loop, 200);
        ssize_t n = read(bench->fd, bench->answer + len, sizeof(bench->answer) - 1 - len);
        quiet = n > 0 ? 0 : quiet + 1;
        len += n > 0 ? (size_t)n : 0;
    }
    for (size_t i = 0; i < len; i++)
        if (bench->answer[i] == '\0') /* garbage may hold it; the tests compare strings */
            bench->answer[i] = '?';
    bench->answer[len] = '\0';
    return bench->answer;
}

static inline const char *bench_say(struct bench *bench, const char *text)
{
    assert_int_equal(write(bench->fd, text, strlen(text)), (ssize_t)strlen(text));
    return bench_read(bench);
}

/* Runs the loop for this long. */
static inline void bench_wait(struct bench *bench, int64_t us)
{
    int64_t end_us = loop_now_us(bench->loop) + us;
    for (int64_t left; (left = end_us - loop_now_us(bench->loop)) > 0;)
        loop_step(bench->loop, (uint64_t)left);
}

/* Echo off, extended errors, reports direct: as most clients set a modem up. */
static inline void bench_init(struct bench *bench)
{
    bench_say(bench, "ATE0\r");
    assert_string_equal(bench_say(bench, "AT+CMEE=1;+CNMI=2,1,0,1,0\r"), OK);
}

static inline int bench_begin(void **state)
{
    static struct bench bench;
    bench_start(&bench, NULL);
    bench_init(&bench);
    *state = &bench;
    return 0;
}

static inline int bench_end(void **state)
{
    bench_stop(*state);
    return 0;
}

static inline json_t *bench_control(struct bench *bench, const char *command)
{
    json_t *request = json_loads(command, 0, NULL);
    json_t *answer = sim_control(bench->sim, request);
    json_decref(request);
    return answer;
}

static inline bool bench_ask(struct bench *bench, const char *command)
{
    json_t *answer = bench_control(bench, command);
    bool ok = json_is_true(json_object_get(answer, "ok"));
    json_decref(answer);
    return ok;
}

/* How many entries inbox has under a key. */
static inline size_t bench_inbox(struct bench *bench, const char *key)
{
    json_t *answer = bench_control(bench, "{\"cmd\":\"inbox\"}");
    size_t count = json_array_size(json_object_get(answer, key));
    json_decref(answer);
    return count;
}

/* Failures name their row: print it before asserting. */
static inline void assert_answer(const char *row, const char *got, const char *expected)
{
    if (strcmp(got, expected) != 0)
        print_error("row: %s\n", row);
    assert_string_equal(got, expected);
}

static inline void bench_expect(struct bench *bench, const char *say, const char *answer)
{
    assert_answer(say, bench_say(bench, say), answer);
}

struct row {
    const char *say;
    const char *expected;
};

static inline void bench_run_rows(struct bench *bench, const struct row *rows)
{
    for (; rows->say != NULL; rows++)
        bench_expect(bench, rows->say, rows->expected);
}

/* entry: PDU CTRL_Z, or PDU_SRR CTRL_Z. */
static inline void bench_send(struct bench *bench, const char *entry, const char *answer)
{
    bench_say(bench, "AT+CMGS=23\r");
    bench_expect(bench, entry, answer);
}

static inline void bench_arm(struct bench *bench, const char *fault)
{
    if (!sim_fault(bench->sim, fault))
        fail_msg("fault %s", fault);
}

#endif
