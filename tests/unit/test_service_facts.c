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
            .trouble.was_lost = true, .trouble.unable_us = 4 * S),
     VERDICT_STARTS},
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

static const struct gsm_cause faults[] = {{.kind = GSM_CAUSE_NONE},
                                          {.kind = GSM_CAUSE_CMS, .code = 50},
                                          {.kind = GSM_CAUSE_CMS, .code = 330}};

/*
 * Of every state that a modem can tell: "all is well" is said of one that cannot send for a minute
 * at most, of one without a network that refuses it, and never of one whose last message met a
 * fault that is not over.
 */
static void check_state(struct modem_status *status)
{
    const struct modem_troubles *trouble = &status->trouble;
    bool is_ready = status->state == MODEM_READY;
    if (facts_trouble_of(status) != VERDICT_FINE)
        return;
    bool is_well =
        is_ready ? !status->card.lacks_smsc : trouble->was_ready && trouble->unable_us < 60 * S;
    if (!is_well || trouble->fault.kind != GSM_CAUSE_NONE || trouble->reason == MODEM_IS_UNFIT ||
        (!is_ready && (trouble->reason != MODEM_NO_REASON || status->state == MODEM_BLOCKED)))
        fail_msg(
            "state %d, reason %d, step %d, rung «%s», %lld s, losses %u, outcomes %u, fault %d",
            (int)status->state, (int)trouble->reason, status->recovery.step, status->recovery.rung,
            (long long)(trouble->unable_us / S), trouble->losses_hour, trouble->outcomes_lost,
            trouble->fault.code);
}

static void vary_trouble(struct modem_status *status)
{
    static const int64_t spans_s[] = {0, 4, 5, 59, 60, 600};
    for (size_t i = 0; i < sizeof(spans_s) / sizeof(spans_s[0]); i++)
        for (size_t fault = 0; fault < sizeof(faults) / sizeof(faults[0]); fault++)
            for (unsigned bits = 0; bits < 64; bits++) {
                status->trouble.unable_us = status->state == MODEM_READY ? -1 : spans_s[i] * S;
                status->trouble.fault = faults[fault];
                status->trouble.was_ready = (bits & 1) != 0;
                status->trouble.losses_hour = (bits & 2) != 0 ? 5 : 0;
                status->trouble.outcomes_lost = (bits & 4) != 0;
                status->trouble.network_restarts = (bits & 8) != 0;
                status->card.lacks_smsc = (bits & 16) != 0;
                status->sample.registration = (bits & 32) != 0 ? 3 : 2;
                check_state(status);
            }
}

static void test_no_state_is_called_well_for_long(void **state)
{
    static const char *const rungs[] = {"", "reinicio", "alarma"};
    (void)state;
    for (int at = 0; at < MODEM_STATE_COUNT; at++)
        for (int reason = 0; reason <= MODEM_IS_UNFIT; reason++)
            for (int rung = 0; rung < 3; rung++) {
                struct modem_status status = STATUS("", .state = (enum modem_state)at);
                status.trouble.reason = (enum modem_reason)reason;
                status.recovery.rung = rungs[rung];
                status.recovery.step = rung == 1 ? 3 : 0;
                bool is_looking = at <= MODEM_OPENING || at == MODEM_BLOCKED;
                if ((at != MODEM_READY || rung == 0) &&
                    (is_looking || reason == MODEM_NO_REASON || reason >= MODEM_IS_BARRED))
                    vary_trouble(&status);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_state_has_its_reason),
                                       cmocka_unit_test(test_no_state_is_called_well_for_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
