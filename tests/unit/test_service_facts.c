/* SPDX-License-Identifier: EUPL-1.2 */
/* Reason of the verdict for each state of a modem. */
#include "service/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S INT64_C(1000000)
#define STATUS(token_, ...)                                                                        \
    {                                                                                              \
        .state_token = (token_), .recovery.rung = "", __VA_ARGS__                                  \
    }

static const struct {
    struct modem_status status;
    enum verdict_reason reason;
} rows[] = {
    {STATUS("listo", .state = MODEM_READY), VERDICT_FINE},
    {STATUS("listo", .state = MODEM_READY, .card.lacks_smsc = true), VERDICT_NO_CENTRE},
    {{.state_token = "probando",
      .state = MODEM_PROBING,
      .recovery.rung = "reinicio",
      .recovery.step = 3},
     VERDICT_RECOVERS},
    {{.state_token = "probando", .state = MODEM_PROBING, .recovery.rung = "alarma"}, VERDICT_ALARM},
    {STATUS("sin_dispositivo", .trouble.was_ready = true), VERDICT_UNPLUGGED},
    {STATUS("abriendo", .state = MODEM_OPENING, .trouble.was_ready = true), VERDICT_UNPLUGGED},
    {STATUS("sin_dispositivo", .trouble.unable_us = 4 * S), VERDICT_STARTS},
    {STATUS("sin_dispositivo", .trouble.unable_us = 5 * S), VERDICT_ABSENT},
    {STATUS("sin_dispositivo", .trouble.reason = MODEM_HELD_BY_RIVAL), VERDICT_PORT_HELD},
    {STATUS("sin_dispositivo", .trouble.reason = MODEM_HELD), VERDICT_PORT_HELD},
    {STATUS("sin_dispositivo", .trouble.reason = MODEM_FORBIDDEN), VERDICT_PORT_FORBIDDEN},
    {STATUS("sin_dispositivo", .trouble.reason = MODEM_IS_STORAGE), VERDICT_DISC_MODE},
    {STATUS("sin_dispositivo", .trouble.reason = MODEM_IS_HILINK), VERDICT_HILINK},
    {STATUS("sin_dispositivo", .trouble.reason = MODEM_NO_PORTS), VERDICT_NO_PORTS},
    {STATUS("sim_falta", .state = MODEM_BLOCKED), VERDICT_SIM_MISSING},
    {STATUS("sim_puk", .state = MODEM_BLOCKED), VERDICT_PUK},
    {STATUS("sim_averiada", .state = MODEM_BLOCKED), VERDICT_SIM_FAULTY},
    {STATUS("sim_otra", .state = MODEM_BLOCKED), VERDICT_SIM_OTHER},
    {STATUS("sim_pin", .state = MODEM_BLOCKED, .trouble.reason = MODEM_PIN_MISSING),
     VERDICT_PIN_MISSING},
    {STATUS("sim_pin", .state = MODEM_BLOCKED, .trouble.reason = MODEM_PIN_WITHHELD),
     VERDICT_PIN_REFUSED},
    {STATUS("sim_bloqueada", .state = MODEM_BLOCKED,
            .trouble.fault = {.kind = GSM_CAUSE_CMS, .code = 10}),
     VERDICT_SIM_BARRED},
    {STATUS("sim_bloqueada", .state = MODEM_BLOCKED,
            .trouble.fault = {.kind = GSM_CAUSE_CMS, .code = 330}),
     VERDICT_NO_CENTRE},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.was_ready = true,
            .trouble.unable_us = 4 * S),
     VERDICT_FINE}, /* a moment, in which its settings are gone through */
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.was_ready = true,
            .trouble.unable_us = 5 * S),
     VERDICT_SEARCHES},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.was_ready = true,
            .trouble.network_restarts = 1),
     VERDICT_NO_NETWORK},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .sample = {.registration = 3}),
     VERDICT_DENIED},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.unable_us = 119 * S),
     VERDICT_STARTS},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.unable_us = 120 * S),
     VERDICT_NO_COVERAGE},
    {STATUS("sin_dispositivo", .state = MODEM_ABSENT, .trouble.was_ready = true,
            .trouble.losses_hour = 5, .trouble.unable_us = 59 * S),
     VERDICT_FINE},
    {STATUS("sin_dispositivo", .state = MODEM_ABSENT, .trouble.was_ready = true,
            .trouble.losses_hour = 5, .trouble.unable_us = 60 * S),
     VERDICT_UNPLUGGED},
    {STATUS("preparando", .state = MODEM_SETUP), VERDICT_STARTS},
    {STATUS("preparando", .state = MODEM_SETUP, .trouble.reason = MODEM_IS_UNFIT), VERDICT_UNFIT},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.reason = MODEM_IS_UNFIT,
            .trouble.network_restarts = 1),
     VERDICT_UNFIT},
    {STATUS("buscando_red", .state = MODEM_REGISTERING, .trouble.reason = MODEM_IS_BARRED,
            .sample = {.registration = 11}),
     VERDICT_DENIED},
    {STATUS("listo", .state = MODEM_READY, .trouble.reason = MODEM_IS_UNFIT), VERDICT_UNFIT},
    {STATUS("listo", .state = MODEM_READY, .trouble.fault = {.kind = GSM_CAUSE_CMS, .code = 50}),
     VERDICT_SIM_BARRED},
    {STATUS("listo", .state = MODEM_READY, .trouble.fault = {.kind = GSM_CAUSE_CMS, .code = 330}),
     VERDICT_NO_CENTRE},
    {STATUS("preparando", .state = MODEM_SETUP,
            .trouble.fault = {.kind = GSM_CAUSE_CMS, .code = 330}),
     VERDICT_NO_CENTRE}, /* what the last message met holds on the way to the next */
    {STATUS("preparando", .state = MODEM_SETUP, .trouble.reason = MODEM_IS_UNFIT,
            .trouble.fault = {.kind = GSM_CAUSE_CMS, .code = 330}),
     VERDICT_UNFIT},
};

static void test_each_state_has_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum verdict_reason reason = facts_trouble_of(&rows[i].status);
        if (reason != rows[i].reason)
            fail_msg("row %zu: %s", i, verdict_reason_token(reason));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_state_has_its_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
