/* SPDX-License-Identifier: EUPL-1.2 */
/* Scenario files: what they make happen and when, and what is said of a bad one. */
#include "test_sim_fixture.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

static void write_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static bool play(struct bench *bench, const char *text, double speed, char *error, size_t cap)
{
    char path[] = "/tmp/test_sim_scenario.XXXXXX";
    write_file(path, text);
    bool ok = sim_play(bench->sim, path, speed, error, cap);
    if (!ok && error[0] != '\0') /* the name of the file changes from run to run */
        memmove(error, error + strlen(path), strlen(error + strlen(path)) + 1);
    unlink(path);
    return ok;
}

static void must_play(struct bench *bench, const char *text, double speed)
{
    char error[512] = "";
    if (!play(bench, text, speed, error, sizeof(error)))
        fail_msg("%s", error);
}

static void happens_in_time(void **state)
{
    struct bench *bench = *state;
    /* an hour of it passes in 36 ms */
    must_play(bench,
              "# as a person writes it\n"
              "\n"
              "at 0     urc ONE\n"
              "  at 1h    urc #QSS: 2   # and a word on it\r\n"
              "at 2h\tset csq 7\n"
              "at 2h    set ussd Quedan 3 EUR\n",
              100000);
    assert_string_equal(bench_read(bench), "\r\nONE\r\n");
    bench_wait(bench, 50000);
    assert_string_equal(bench_read(bench), "\r\n#QSS: 2\r\n");
    bench_wait(bench, 50000);
    bench_expect(bench, "AT+CSQ\r", "\r\n+CSQ: 7,99\r\n" OK);
    must_play(bench, "every 1s urc AGAIN\n", 100);
    bench_wait(bench, 35000);
    const char *twice = strstr(bench_read(bench), "\r\nAGAIN\r\n");
    assert_true(twice != NULL && strstr(twice + 1, "AGAIN") != NULL);
    must_play(bench, "# nothing: the one before has ended\n", 1);
    bench_wait(bench, 30000);
    bench_read(bench);
    bench_wait(bench, 30000);
    assert_string_equal(bench_read(bench), "");
}

static void send_one(struct bench *bench)
{
    bench_say(bench, "AT+CMGS=23\r");
    bench_say(bench, PDU CTRL_Z);
}

static void happens_after_events(void **state)
{
    static const char *const answers[] = {"OK", "ERROR: 38", "OK", "ERROR: 500", "OK"};
    struct bench *bench = *state;
    must_play(bench, "after submit 1 fault cms:38\neach submit 2 fault cms-after:500\n", 1);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        send_one(bench);
        if (strstr(bench->answer, answers[i]) == NULL)
            fail_msg("message %zu: %s", i, bench->answer);
    }
    /* an action of a rule is no event: it would go on for ever */
    must_play(bench, "after vanish 1 urc NEVER\nafter back 1 urc NEVER\nat 0 vanish 5\n", 1);
    bench_wait(bench, 20000);
    close(bench->fd);
    bench_plug(bench);
    bench_expect(bench, "AT\r", "AT\r" OK);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        {"sometimes urc RING\n", ":1: when? at, every, after or each"},
        {"\n# a comment\nat soon urc RING\n", ":3: not a time: 1.5, 10s, 20m or 2h"},
        {"at 5d urc RING\n", ":1: not a time: 1.5, 10s, 20m or 2h"},
        {"at -1 urc RING\n", ":1: not a time: 1.5, 10s, 20m or 2h"},
        {"every 0 urc RING\n", ":1: not a time: 1.5, 10s, 20m or 2h"},
        {"at nan urc RING\n", ":1: not a time: 1.5, 10s, 20m or 2h"},
        {"at 1\n", ":1: what happens? fault, clear-faults, urc, deliver, vanish or set"},
        {"at 1 explode\n", ":1: what happens? fault, clear-faults, urc, deliver, vanish or set"},
        {"at 1 fault none\n", ":1: unknown fault, or a bad argument"},
        {"at 1 fault cms\n", ":1: unknown fault, or a bad argument"},
        {"at 1 fault cms:38 twice\n", ":1: too much behind it"},
        {"at 1 clear-faults now\n", ":1: too much behind it"},
        {"at 1 urc\n", ":1: urc needs a line"},
        {"at 1 urc \xff\xfe\n", ":1: not UTF-8"},
        {"at 1 deliver 600123123\n", ":1: deliver needs a sender and a text"},
        {"at 1 vanish soon\n", ":1: vanish needs milliseconds"},
        {"at 1 set csq 100\n", ":1: unknown setting or bad value"},
        {"at 1 set csq x\n", ":1: unknown setting or bad value"},
        {"at 1 set colour 1\n", ":1: unknown setting or bad value"},
        {"at 1 set iccid 89x\n", ":1: unknown setting or bad value"},
        {"after lunch 1 urc RING\n", ":1: not an event of the log"},
        {"after submit urc RING\n", ":1: which one? a number from 1"},
        {"after submit 0 urc RING\n", ":1: which one? a number from 1"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char error[512] = "";
        assert_false(play(bench, rows[i].text, 1, error, sizeof(error)));
        assert_answer(rows[i].text, error, rows[i].error);
    }
    char many[66 * 16] = "";
    for (int i = 0; i < 65; i++)
        snprintf(many + strlen(many), sizeof(many) - strlen(many), "at 1 urc X\n");
    char error[512] = "";
    assert_false(play(bench, many, 1, error, sizeof(error)));
    assert_string_equal(error, ":65: too many lines");
    assert_false(sim_play(bench->sim, "/nowhere/at.all", 1, error, sizeof(error)));
    assert_string_equal(error, "/nowhere/at.all: No such file or directory");
    bench_expect(bench, "AT\r", OK);
}

static void control_starts_one(void **state)
{
    char path[] = "/tmp/test_sim_scenario.XXXXXX";
    char command[128];
    struct bench *bench = *state;
    write_file(path, "at 1h urc HELLO\n");
    snprintf(command, sizeof(command), "{\"cmd\":\"scenario\",\"file\":\"%s\",\"speed\":1e6}",
             path);
    assert_true(bench_ask(bench, command));
    bench_wait(bench, 8000);
    assert_string_equal(bench_read(bench), "\r\nHELLO\r\n");
    unlink(path);
    assert_false(bench_ask(bench, command));
    assert_false(bench_ask(bench, "{\"cmd\":\"scenario\"}"));
    assert_false(bench_ask(bench, "{\"cmd\":\"scenario\",\"file\":\"x\",\"speed\":0}"));
}

/* Plays the scenarios of the source to their end at once. */
static void examples_play(void **state)
{
    glob_t found;
    (void)state;
    assert_int_equal(glob("tests/scenarios/*.scenario", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 4);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct bench bench;
        char error[512] = "";
        bench_start(&bench, NULL);
        if (!sim_play(bench.sim, found.gl_pathv[i], 1e6, error, sizeof(error)))
            fail_msg("%s", error);
        bench_wait(&bench, 10000);
        bench_stop(&bench);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(happens_in_time),     bench_test(happens_after_events),
        bench_test(says_what_is_wrong),  bench_test(control_starts_one),
        cmocka_unit_test(examples_play),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
