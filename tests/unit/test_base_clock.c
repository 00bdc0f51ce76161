/* SPDX-License-Identifier: EUPL-1.2 */
/* The clocks themselves, and the mark that systemd-timesyncd leaves when it has set the time. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define T0 INT64_C(1795564800000)
#define POLL_MS INT64_C(2048000)

static void a_mark(void **state)
{
    (void)state;
    static const struct {
        int64_t age_ms;
        bool is_fresh;
    } rows[] = {
        {0, true},
        {POLL_MS, true},
        {POLL_MS + 60000, true},
        {POLL_MS + 60001, false},
        {-5000, true},
        {-5001, false},
        {INT64_C(31536000000), false},
        {-INT64_C(31536000000), false},
    };
    char path[] = "/tmp/contraclaved-mark-XXXXXX";
    int fd = mkstemp(path);
    const struct timespec times[2] = {{T0 / 1000, 0}, {T0 / 1000, 0}};
    assert_true(fd >= 0 && futimens(fd, times) == 0);
    close(fd);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (clock_is_mark_fresh(path, T0 + rows[i].age_ms) != rows[i].is_fresh)
            fail_msg("row %zu", i);
    unlink(path);
    assert_false(clock_is_mark_fresh(path, T0));
}

static void boot_is_no_earlier_than_mono(void **state)
{
    (void)state;
    int64_t mono_ms = clock_mono_us() / 1000;
    assert_true(clock_boot_ms() >= mono_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_mark),
                                       cmocka_unit_test(boot_is_no_earlier_than_mono)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
