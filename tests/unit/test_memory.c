/* SPDX-License-Identifier: EUPL-1.2 */
/* A process with secrets lets nothing out of its memory. */
#include "app/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/resource.h>

static void no_core_file_and_no_debugger(void **state)
{
    (void)state;
    struct rlimit core;
    memory_keep_private();
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    assert_int_equal(core.rlim_max, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_core_file_and_no_debugger)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
