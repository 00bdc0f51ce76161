/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/application.h"

#include "base/span.h"
#include "domain/clock_trust.h"

#include <string.h>

#define NO APPLICATION_STATES

static const enum application_state edges[APPLICATION_ACTS][APPLICATION_STATES] = {
    /* from              requested, pending, accepted, rejected */
    [APPLICATION_PROVE] = {APPLICATION_PENDING, NO, NO, NO},
    [APPLICATION_CLOSE] = {APPLICATION_REJECTED, NO, NO, NO},
    [APPLICATION_ACCEPT] = {NO, APPLICATION_ACCEPTED, NO, NO},
    [APPLICATION_REJECT] = {NO, APPLICATION_REJECTED, NO, NO},
};

static const char *const states[APPLICATION_STATES] = {"solicitada", "pendiente", "activa",
                                                       "rechazada"};

static const struct {
    const char *token;
    enum text_id text; /* TEXT_COUNT: no clerk gives it */
} reasons[APPLICATION_REASONS] = {
    [APPLICATION_NO_REASON] = {"", TEXT_COUNT},
    [APPLICATION_ILLEGIBLE] = {"documento_ilegible", TEXT_REJECTED_ILLEGIBLE},
    [APPLICATION_EXPIRED] = {"documento_caducado", TEXT_REJECTED_EXPIRED},
    [APPLICATION_INCOMPLETE] = {"documento_incompleto", TEXT_REJECTED_INCOMPLETE},
    [APPLICATION_MISMATCH] = {"datos_distintos", TEXT_REJECTED_MISMATCH},
    [APPLICATION_OTHER] = {"otro", TEXT_REJECTED_OTHER},
    [APPLICATION_REGISTERED] = {"registrado", TEXT_COUNT},
};

enum cc_err application_next(enum application_act act, enum application_state from,
                             enum application_state *ret)
{
    if (act >= APPLICATION_ACTS || from >= APPLICATION_STATES || edges[act][from] == NO)
        return CC_ERR_APPLICATION_STATE;
    *ret = edges[act][from];
    return CC_OK;
}

/* Of a clock that was ahead: a code of it would live, and keep another one back, for as long. */
static bool is_of_future(const struct application_code *code, int64_t now_ms)
{
    return code->sent_ms > now_ms + CLOCK_FUTURE_MS;
}

enum cc_err application_check_code(const struct application_code *code, int64_t life_ms,
                                   int64_t now_ms)
{
    bool is_alive = now_ms < code->sent_ms + life_ms && code->tries < APPLICATION_CODE_TRIES &&
                    !is_of_future(code, now_ms);
    return is_alive ? CC_OK : CC_ERR_CODE_EXPIRED;
}

enum cc_err application_check_resend(const struct application_code *code, int64_t now_ms,
                                     int64_t *ret_wait_s)
{
    int64_t gap_ms =
        code->sends < APPLICATION_SENDS_MAX ? APPLICATION_RESEND_MS : APPLICATION_UNPROVEN_MS;
    int64_t wait_ms = code->sent_ms + gap_ms - now_ms;
    if (wait_ms <= 0 || is_of_future(code, now_ms))
        return CC_OK;
    *ret_wait_s = (wait_ms + MS_PER_S - 1) / MS_PER_S;
    return CC_ERR_RATE_LIMITED;
}

const char *application_state_token(enum application_state state)
{
    return state < APPLICATION_STATES ? states[state] : "desconocido";
}

enum cc_err application_parse_state(const char *token, enum application_state *ret)
{
    for (unsigned i = 0; i < APPLICATION_STATES; i++) {
        if (strcmp(states[i], token) == 0) {
            *ret = (enum application_state)i;
            return CC_OK;
        }
    }
    return CC_ERR_RANGE;
}

const char *application_reason_token(enum application_reason reason)
{
    return reason < APPLICATION_REASONS ? reasons[reason].token : "desconocido";
}

enum cc_err application_parse_reason(const char *token, enum application_reason *ret)
{
    for (unsigned i = 0; i < APPLICATION_REASONS; i++) {
        if (reasons[i].text != TEXT_COUNT && strcmp(reasons[i].token, token) == 0) {
            *ret = (enum application_reason)i;
            return CC_OK;
        }
    }
    return CC_ERR_REASON;
}

enum text_id application_reason_text(enum application_reason reason)
{
    return reasons[reason].text;
}
