/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Work that blocks, done by a process of its own while the loop goes on: another program without a
 * shell, or a call into the kernel that may take its time. It inherits no descriptor: 0-2 are
 * /dev/null.
 */
#ifndef CC_BASE_CHILD_H
#define CC_BASE_CHILD_H

#include "base/err.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct child;

/* Runs in the child; must not touch the loop, the log or the store. True = it worked. */
typedef bool (*child_work_fn)(void *arg);
/* From the loop, once; the child may be freed in it. worked: it ended by itself, with success. */
typedef void (*child_end_fn)(bool worked, void *user);

/*
 * Starts work(arg) in a child, which is killed if it has not ended after deadline_ms. Owns:
 * child_free(). Errors: CC_ERR_MEMORY, CC_ERR_IO (no more processes). Source: pidfd_open(2).
 */
enum cc_err child_start(struct loop *loop, child_work_fn work, void *arg, int64_t deadline_ms,
                        child_end_fn on_end, void *user, struct child **ret) CC_MUST_CHECK;
/* A child_work_fn: becomes the program of the NULL-terminated list that arg is (char *const *),
 * whose first is a whole path. */
bool child_exec(void *arg);
/* Kills it if it still runs, and says nothing. Takes NULL. */
void child_free(struct child *child);

#endif
