/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/alerts.h"

#include "base/span.h"

#include <stddef.h>

static void clamp_instants(struct alert_state *state, int64_t now_ms)
{
    int64_t *const instants[] = {&state->since_ms, &state->calm_ms, &state->opened_ms,
                                 &state->told_ms};
    for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++)
        if (*instants[i] > now_ms)
            *instants[i] = now_ms;
}

static void begin_fault(struct alert_state *state, int64_t since_ms, int64_t now_ms)
{
    bool is_relapse = state->opened_ms > 0 && now_ms - state->opened_ms < DAY_MS;
    state->phase = ALERT_PENDING;
    state->since_ms = since_ms > 0 && since_ms < now_ms ? since_ms : now_ms;
    state->calm_ms = 0;
    state->relapses = is_relapse ? state->relapses + 1 : 0;
}

static enum alert_event step_present(struct alert_state *state, int64_t wait_ms, int64_t now_ms)
{
    state->calm_ms = 0;
    if (state->phase == ALERT_PENDING && now_ms - state->since_ms >= wait_ms) {
        state->phase = ALERT_OPEN;
        state->opened_ms = state->told_ms = now_ms;
        return ALERT_OPENED;
    }
    if (state->phase == ALERT_PENDING || now_ms - state->told_ms < DAY_MS)
        return ALERT_NONE;
    state->told_ms = now_ms;
    return ALERT_REMINDER;
}

static enum alert_event step_absent(struct alert_state *state, int64_t wait_ms, int64_t now_ms)
{
    bool was_open = state->phase == ALERT_OPEN;
    if (state->calm_ms == 0)
        state->calm_ms = now_ms;
    bool must_be_unbroken = !was_open && state->relapses > 0;
    if (!must_be_unbroken && now_ms - state->calm_ms < wait_ms)
        return ALERT_NONE;
    state->phase = ALERT_FINE;
    if (!was_open)
        return ALERT_NONE;
    state->told_ms = now_ms;
    return ALERT_RESOLVED;
}

enum alert_event alert_step(struct alert_state *state, bool is_on, int64_t since_ms, int64_t now_ms,
                            int64_t after_ms)
{
    clamp_instants(state, now_ms);
    if (state->phase == ALERT_FINE && !is_on)
        return ALERT_NONE;
    if (state->phase == ALERT_FINE)
        begin_fault(state, since_ms, now_ms);
    int64_t wait_ms = state->relapses > 0 && after_ms < HOUR_MS ? HOUR_MS : after_ms;
    return is_on ? step_present(state, wait_ms, now_ms) : step_absent(state, wait_ms, now_ms);
}

const char *alert_kind_token(enum alert_kind kind)
{
    static const char *const tokens[ALERT_KIND_COUNT] = {
        [ALERT_SENDING] = "envio",       [ALERT_ONE_OUT] = "un_modem",
        [ALERT_QUEUE] = "cola",          [ALERT_BALANCE] = "saldo",
        [ALERT_STORAGE] = "memoria_sim", [ALERT_CERTIFICATE] = "certificado",
        [ALERT_BACKUP] = "copia",        [ALERT_TOWN] = "fallos",
        [ALERT_DATA] = "datos",          [ALERT_FLAPS] = "desconexiones",
        [ALERT_DISK] = "disco",          [ALERT_CLIENT] = "cliente",
    };
    return tokens[kind];
}

const char *alert_event_token(enum alert_event event)
{
    static const char *const tokens[ALERT_EVENT_COUNT] = {"", "abierto", "resuelto", "recordatorio",
                                                          "prueba"};
    return tokens[event];
}
