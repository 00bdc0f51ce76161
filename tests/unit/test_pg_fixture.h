/* SPDX-License-Identifier: EUPL-1.2 */
/* A PostgreSQL server of the tests' own, under the fixture of the store. */
#ifndef CC_TESTS_UNIT_TEST_PG_FIXTURE_H
#define CC_TESTS_UNIT_TEST_PG_FIXTURE_H

#include "tests/unit/test_store_fixture.h"

#include "base/clock.h"
#include "base/span.h"

static char server_folder[64];

static inline void run_server(const char *verb, char *ret_line, int size)
{
    char command[128];
    (void)snprintf(command, sizeof(command), "tests/lib/pg.sh %s %s", verb, server_folder);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    if (fgets(ret_line, size, out) != NULL)
        ret_line[strcspn(ret_line, "\n")] = '\0';
    assert_int_equal(pclose(out), 0);
}

static inline void take_server(const char *verb)
{
    char line[8] = "";
    run_server(verb, line, sizeof(line));
}

static inline int64_t ms_since(int64_t begun_us)
{
    return (clock_mono_us() - begun_us) / US_PER_MS;
}

static inline int stop_server(void **state)
{
    (void)state;
    take_server("stop");
    return 0;
}

static inline int start_server(void **state)
{
    char address[256] = "";
    const char *tmp = getenv("TMPDIR");
    (void)state;
    (void)snprintf(server_folder, sizeof(server_folder), "%s/cc-pg-%d",
                   tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp", (int)getpid());
    run_server("start", address, sizeof(address));
    return setenv("CC_SERVER", address, 1);
}

#endif
