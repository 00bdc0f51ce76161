/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/memory.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* LeakSanitizer reads its own process as a debugger does. */
#if defined(__SANITIZE_ADDRESS__)
enum { IS_READ_BY_DEBUGGER = true };
#elif defined(__has_feature)
enum { IS_READ_BY_DEBUGGER = __has_feature(address_sanitizer) };
#else
enum { IS_READ_BY_DEBUGGER = false };
#endif

/* Under a limit, later allocations would fail at it: memory is then left as it is. */
static bool can_lock_all(void)
{
    struct rlimit limit;
    return geteuid() == 0 ||
           (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
}

void memory_keep_private(void)
{
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (!IS_READ_BY_DEBUGGER)
        (void)prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
    /* ONFAULT: pages that are never touched, as most of a thread's stack, take no memory */
    if (can_lock_all())
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}
