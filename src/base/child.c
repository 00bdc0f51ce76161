/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/child.h"

#include "base/span.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { END_MS = 1000 };

struct child {
    pid_t pid;
    int pidfd;
    struct loop_source *ended, *deadline;
    child_end_fn on_end;
    void *user;
};

/* Points 0-2 at /dev/null: what a program prints would reach the journal without scrubbing. */
static void silence_output(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
        (void)dup2(null, fd);
}

/* In the child: closes what the daemon had open, ends with the daemon, and works. */
static _Noreturn void run_child(child_work_fn work, void *arg, pid_t daemon)
{
    sigset_t none;
    sigemptyset(&none);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != daemon) /* has ended in between */
        _exit(EXIT_FAILURE);
    silence_output();
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    _exit(work(arg) ? EXIT_SUCCESS : EXIT_FAILURE);
}

bool child_exec(void *arg)
{
    char *const *argv = arg;
    char *const environment[] = {NULL};
    (void)execve(argv[0], argv, environment);
    return false;
}

static void child_forget(struct child *child)
{
    loop_source_free(child->ended);
    loop_source_free(child->deadline);
    if (child->pidfd >= 0)
        (void)close(child->pidfd);
    free(child);
}

static void on_ended(uint32_t events, void *user)
{
    struct child *child = user;
    int status = 0;
    (void)events;
    loop_source_free(child->ended);
    loop_timer_clear(child->deadline);
    child->ended = NULL;
    bool has_worked = waitpid(child->pid, &status, 0) == child->pid && WIFEXITED(status) &&
                      WEXITSTATUS(status) == EXIT_SUCCESS;
    child->pid = 0;
    if (child->on_end != NULL)
        child->on_end(has_worked, child->user);
    else
        child_forget(child);
}

/* Kills the process; its end then comes to on_ended() like any other. */
static void on_deadline(void *user)
{
    struct child *child = user;
    (void)kill(child->pid, SIGKILL);
}

enum cc_err child_start(struct loop *loop, child_work_fn work, void *arg, int64_t deadline_ms,
                        child_end_fn on_end, void *user, struct child **ret)
{
    struct child *child = calloc(1, sizeof(*child));
    if (child == NULL)
        return CC_ERR_MEMORY;
    pid_t daemon = getpid();
    child->pid = fork();
    if (child->pid == 0)
        run_child(work, arg, daemon);
    child->pidfd = child->pid > 0 ? pidfd_open(child->pid, 0) : -1;
    if (child->pidfd < 0) {
        if (child->pid > 0) {
            (void)kill(child->pid, SIGKILL);
            (void)waitpid(child->pid, NULL, 0);
        }
        child_forget(child);
        return CC_ERR_IO;
    }
    child->on_end = on_end;
    child->user = user;
    child->ended = loop_add_fd(loop, child->pidfd, EPOLLIN, on_ended, child);
    child->deadline = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_deadline, child);
    loop_timer_in(child->deadline, deadline_ms * US_PER_MS);
    *ret = child;
    return CC_OK;
}

/* A process inside a call into the kernel dies only when the call returns: waiting for the process
 * here would stop the loop. */
void child_free(struct child *child)
{
    if (child == NULL)
        return;
    child->on_end = NULL;
    if (child->pid > 0 && child->ended != NULL)
        (void)kill(child->pid, SIGKILL); /* on_ended() frees the child */
    else
        child_forget(child);
}

void child_end(struct child *child)
{
    if (child == NULL)
        return;
    if (child->pid > 0 && child->ended != NULL) {
        struct pollfd end = {.fd = child->pidfd, .events = POLLIN};
        (void)kill(child->pid, SIGKILL);
        if (poll(&end, 1, END_MS) == 1)
            (void)waitpid(child->pid, NULL, WNOHANG);
    }
    child_forget(child);
}

void *child_share(size_t size)
{
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    return shared;
}

void child_unshare(void *shared, size_t size)
{
    (void)munmap(shared, size);
}

struct run {
    struct loop *loop;
    bool has_worked;
};

static void on_run_end(bool has_worked, void *user)
{
    struct run *run = user;
    run->has_worked = has_worked;
    loop_exit(run->loop, EXIT_SUCCESS);
}

bool child_run(char **argv, int64_t deadline_ms)
{
    struct run run = {.loop = loop_new()};
    struct child *child = NULL;
    if (child_start(run.loop, child_exec, argv, deadline_ms, on_run_end, &run, &child) == CC_OK)
        (void)loop_run(run.loop);
    child_free(child);
    loop_free(run.loop);
    return run.has_worked;
}
