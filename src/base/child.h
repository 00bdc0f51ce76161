/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A child process for work that blocks, while the loop goes on: another program without a shell, or
 * a slow call into the kernel. The child inherits no descriptor: 0-2 are /dev/null.
 *
 * The end is heard on a pidfd. sd_event_add_child() is not used: it demands SIGCHLD blocked in the
 * whole process, and freeing its source either leaves a zombie or waits for the process.
 */
#ifndef CC_BASE_CHILD_H
#define CC_BASE_CHILD_H

#include "base/err.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct child;

/* Runs in the child; must not touch the loop, the log or the store. Returns whether it worked. */
typedef bool (*child_work_fn)(void *arg);
/* Called from the loop, once; may free the child. has_worked: the child ended by itself, with
 * success. */
typedef void (*child_end_fn)(bool has_worked, void *user);

/*
 * Starts work(arg) in a child, which is killed if it has not ended after deadline_ms. Owns:
 * child_free(). Errors: CC_ERR_MEMORY, CC_ERR_IO (no more processes). Source: pidfd_open(2).
 */
enum cc_err child_start(struct loop *loop, child_work_fn work, void *arg, int64_t deadline_ms,
                        child_end_fn on_end, void *user, struct child **ret) CC_MUST_CHECK;
/* Zeroed memory that children share with the program. Ends the program where there is none: at its
 * start only. Owns: child_unshare(). */
void *child_share(size_t size);
void child_unshare(void *shared, size_t size);
/* A child_work_fn: becomes the program of the NULL-terminated list that arg is (char *const *),
 * whose first is a whole path. */
bool child_exec(void *arg);
/* Runs such a program to its end, for programs that have no loop of their own to go on with; the
 * caller waits. False: it could not be started, failed, or took longer than deadline_ms. */
bool child_run(char **argv, int64_t deadline_ms);
/* Kills the child if it still runs, without calling child_end_fn. Takes NULL. */
void child_free(struct child *child);
/* The same at the end of the program, when the loop may not run again: waits for the end of the
 * killed child, at most a second; then the kernel ends it by itself. */
void child_end(struct child *child);

#endif
