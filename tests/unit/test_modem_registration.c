/* SPDX-License-Identifier: EUPL-1.2 */
/* Registration with four networks: when it is good, when denied, and which network is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/tell/registration.h"

enum { UNKNOWN = MODEM_SAMPLE_UNKNOWN };

static const struct {
    const char *lines[NETWORK_COUNT]; /* CREG, CGREG, CEREG, C5GREG; NULL = not told */
    bool is_good, is_denied;
    int stat, is_roaming, area;
} rows[] = {
    {{NULL, NULL, NULL}, false, false, UNKNOWN, UNKNOWN, UNKNOWN},
    {{"+CREG: 2,0", NULL, NULL}, false, false, 0, UNKNOWN, UNKNOWN},
    {{"+CREG: 2,2", NULL, "+CEREG: 2,0"}, false, false, 2, UNKNOWN, UNKNOWN},
    {{"+CREG: 2,1", NULL, NULL}, true, false, 1, 0, UNKNOWN},
    {{"+CREG: 2,5", NULL, NULL}, true, false, 5, 1, UNKNOWN},
    {{"+CREG: 2,6", NULL, NULL}, true, false, 6, 0, UNKNOWN},
    {{"+CREG: 2,7", NULL, NULL}, true, false, 7, 1, UNKNOWN},
    /* a network that carries messages is shown before one that refuses */
    {{"+CREG: 2,3", NULL, "+CEREG: 2,1"}, true, true, 1, 0, UNKNOWN},
    {{"+CREG: 2,3", "+CGREG: 2,0", "+CEREG: 2,0"}, false, true, 3, UNKNOWN, UNKNOWN},
    {{"+CREG: 2,0", NULL, "+CEREG: 2,3"}, false, true, 3, UNKNOWN, UNKNOWN},
    /* packets alone do not refuse the card */
    {{"+CREG: 2,2", "+CGREG: 2,3", NULL}, false, false, 2, UNKNOWN, UNKNOWN},
    /* of two that carry messages the one that tells its cell is shown; else LTE */
    {{"+CREG: 2,1,\"00C3\",\"0000A1B2\"", NULL, "+CEREG: 2,5"}, true, false, 1, 0, 0xC3},
    {{"+CREG: 2,5", NULL, "+CEREG: 2,1"}, true, false, 1, 0, UNKNOWN},
    {{"+CREG: 2,1", "+CGREG: 2,5,\"00C4\",\"0000A1B2\"", NULL}, true, false, 5, 1, 0xC4},
    /* 5G SA: the cell has nine digits (RM500Q, RM520N) */
    {{"+CREG: 2,0", NULL, "+CEREG: 2,0", "+C5GREG: 2,1,\"00A0B1\",\"123456789\",11,1,\"01\""},
     true,
     false,
     1,
     0,
     0xA0B1},
    {{"+CREG: 2,4", "+CGREG: 2,4", "+CEREG: 2,4", "+C5GREG: 2,5"}, true, false, 5, 1, UNKNOWN},
    {{NULL, NULL, "+CEREG: 2,0", "+C5GREG: 2,3"}, false, true, 3, UNKNOWN, UNKNOWN},
    {{NULL, NULL, "+CEREG: 2,2", "+C5GREG: 2,3"}, false, false, 2, UNKNOWN, UNKNOWN},
};

static void test_four_networks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct registration registration;
        struct modem_sample sample;
        modem_sample_clear(&sample);
        registration_clear(&registration);
        for (int n = 0; n < NETWORK_COUNT; n++)
            if (rows[i].lines[n] != NULL &&
                !registration_take(&registration, (enum registration_network)n, rows[i].lines[n]))
                fail_msg("row %zu: line %d", i, n);
        registration_fill(&registration, &sample);
        if (registration_is_good(&registration) != rows[i].is_good ||
            registration_is_denied(&registration) != rows[i].is_denied)
            fail_msg("row %zu: good or denied", i);
        if (sample.registration != rows[i].stat || sample.is_roaming != rows[i].is_roaming ||
            sample.area != rows[i].area)
            fail_msg("row %zu: %d, %d, %d", i, sample.registration, sample.is_roaming, sample.area);
    }
}

static void test_a_line_of_another_network_changes_nothing(void **state)
{
    struct registration registration;
    (void)state;
    registration_clear(&registration);
    assert_false(registration_take(&registration, NETWORK_CS, "+CEREG: 2,1"));
    assert_false(registration_take(&registration, NETWORK_CS, "+CREG: x"));
    assert_int_equal(registration.stat[NETWORK_CS], -1);
    assert_false(registration_is_good(&registration));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_networks),
        cmocka_unit_test(test_a_line_of_another_network_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
