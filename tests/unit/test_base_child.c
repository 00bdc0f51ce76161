/* SPDX-License-Identifier: EUPL-1.2 */
/* Work done by a child while the loop goes on: how it ends, and that it never holds the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/child.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct scene {
    struct loop *loop;
    struct child *child;
    int ends;
    bool worked;
};

static void on_end(bool worked, void *user)
{
    struct scene *scene = user;
    scene->ends++;
    scene->worked = worked;
    child_free(scene->child);
    scene->child = NULL;
}

static bool works(void *arg)
{
    (void)arg;
    return true;
}

static bool does_not(void *arg)
{
    (void)arg;
    return false;
}

static bool is_killed(void *arg)
{
    (void)arg;
    raise(SIGKILL);
    return true;
}

static bool hangs(void *arg)
{
    (void)arg;
    while (pause() == -1)
        continue;
    return false;
}

/* Nothing of the parent's is open in it, nor are its signals blocked. */
static bool is_clean(void *arg)
{
    const int *fd = arg;
    sigset_t set;
    return fcntl(*fd, F_GETFD) == -1 && errno == EBADF &&
           sigprocmask(SIG_SETMASK, NULL, &set) == 0 && !sigismember(&set, SIGTERM);
}

static void start(struct scene *scene, child_work_fn work, void *arg, int64_t deadline_ms)
{
    scene->ends = 0;
    assert_int_equal(child_start(scene->loop, work, arg, deadline_ms, on_end, scene, &scene->child),
                     CC_OK);
    assert_int_equal(scene->ends, 0);
}

static bool run(struct scene *scene)
{
    for (int i = 0; i < 1000 && scene->ends == 0; i++)
        loop_step(scene->loop, 10000);
    assert_int_equal(scene->ends, 1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    return scene->worked;
}

static void test_how_it_ends(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t set;
    static const char *const ok[] = {"/bin/true", NULL};
    static const char *const bad[] = {"/bin/false", NULL};
    static const char *const none[] = {"/no/such/program", NULL};
    const struct {
        child_work_fn work;
        const void *arg;
        bool worked;
    } rows[] = {
        {works, NULL, true},      {does_not, NULL, false},   {is_killed, NULL, false},
        {is_clean, &fd, true},    {hangs, NULL, false},      {child_exec, ok, true},
        {child_exec, bad, false}, {child_exec, none, false},
    };
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        union {
            const void *in;
            void *out;
        } arg = {.in = rows[i].arg};
        start(&scene, rows[i].work, arg.out, rows[i].work == hangs ? 50 : 5000);
        if (run(&scene) != rows[i].worked)
            fail_msg("row %zu", i);
    }
    close(fd);
    loop_free(scene.loop);
}

/* The child's output reaches no journal of ours. */
static void test_it_is_not_heard(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    static const char *talk[] = {"/bin/sh", "-c", "echo out; echo err >&2; ! read line", NULL};
    char path[] = "/tmp/cc-child-XXXXXX";
    int kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)}, file = mkstemp(path);
    assert_true(file >= 0);
    (void)fflush(stdout);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    start(&scene, child_exec, talk, 5000);
    bool worked = run(&scene);
    dup2(kept[0], STDOUT_FILENO);
    dup2(kept[1], STDERR_FILENO);
    assert_true(worked);
    assert_int_equal(lseek(file, 0, SEEK_END), 0);
    close(kept[0]);
    close(kept[1]);
    close(file);
    unlink(path);
    loop_free(scene.loop);
}

static void test_it_is_dropped_at_once(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    int64_t before_us = clock_mono_us();
    start(&scene, hangs, NULL, 60000);
    child_free(scene.child);
    child_free(NULL);
    assert_true(clock_mono_us() - before_us < 2000000);
    siginfo_t info;
    for (int i = 0; i < 500 && waitid(P_ALL, 0, &info, WNOHANG | WNOWAIT | WEXITED) == 0; i++)
        loop_step(scene.loop, 10000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(scene.ends, 0);
    loop_free(scene.loop);
}

/* Stands for poll(): while it is set, no child ends in time. */
static bool is_slow;
int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    return is_slow ? 0 : __real_poll(fds, count, timeout_ms);
}

static pid_t gone; /* the parent that ends before its child has asked to end with it; 0 = none */

int __real_prctl(int option, ...);
int __wrap_prctl(int option, unsigned long value);

int __wrap_prctl(int option, unsigned long value)
{
    while (gone != 0 && getppid() == gone)
        usleep(1000);
    return __real_prctl(option, value);
}

static bool has_run(void *arg)
{
    return mkdir(arg, 0700) == 0;
}

/* A daemon that is killed just behind the fork leaves no work behind it. */
static void test_a_parent_that_is_gone_at_once(void **state)
{
    char folder[] = "/tmp/cc-child-XXXXXX", place[64];
    (void)state;
    if (__real_prctl(PR_SET_CHILD_SUBREAPER, 1UL) != 0 && errno == EINVAL)
        skip(); /* qemu-user 7.2 does not know it */
    assert_non_null(mkdtemp(folder));
    (void)snprintf(place, sizeof(place), "%s/run", folder);
    pid_t parent = fork();
    if (parent == 0) {
        struct child *child = NULL;
        gone = getpid();
        _exit(child_start(loop_new(), has_run, place, 60000, NULL, NULL, &child) == CC_OK ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_int_equal(status, 0);
    assert_true(waitpid(-1, NULL, 0) > 0); /* the orphan */
    assert_int_equal(__real_prctl(PR_SET_CHILD_SUBREAPER, 0UL), 0);
    assert_int_equal(access(place, F_OK), -1);
    assert_int_equal(rmdir(folder), 0);
}

static size_t count_open(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/* At the end of the program: nothing is kept for a child that the kernel is slow to end. */
static void test_the_end_of_the_program(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    size_t before = 0;
    child_end(NULL);
    for (int slow = 0; slow < 2; slow++) {
        start(&scene, hangs, NULL, 60000);
        is_slow = slow;
        child_end(scene.child);
        is_slow = false;
        if (slow) { /* the first has opened what the loop itself keeps */
            assert_int_equal(count_open(), before);
            assert_true(waitpid(-1, NULL, 0) > 0);
        }
        before = count_open();
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    assert_int_equal(scene.ends, 0);
    loop_free(scene.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_it_ends),
        cmocka_unit_test(test_it_is_not_heard),
        cmocka_unit_test(test_it_is_dropped_at_once),
        cmocka_unit_test(test_a_parent_that_is_gone_at_once),
        cmocka_unit_test(test_the_end_of_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
