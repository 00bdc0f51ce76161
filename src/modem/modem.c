/* SPDX-License-Identifier: EUPL-1.2 */
/* The states of a modem as a table, and what comes from its line. */
#include "modem/core.h"

#include "at/fields.h"
#include "base/hex.h"
#include "base/loop.h"
#include "base/secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *token;
    void (*enter)(struct modem *modem);
} states[MODEM_STATE_COUNT] = {
    [MODEM_ABSENT] = {"sin_dispositivo", modem_enter_absent},
    [MODEM_OPENING] = {"abriendo", modem_enter_opening},
    [MODEM_PROBING] = {"probando", modem_enter_probing},
    [MODEM_INIT] = {"iniciando", modem_enter_init},
    [MODEM_SIM] = {"comprobando_sim", modem_enter_sim},
    [MODEM_UNLOCKING] = {"desbloqueando_sim", modem_enter_unlocking},
    [MODEM_BLOCKED] = {"sim_bloqueada", modem_enter_blocked},
    [MODEM_SETUP] = {"preparando", modem_enter_setup},
    [MODEM_REGISTERING] = {"buscando_red", modem_enter_registering},
    [MODEM_READY] = {"listo", modem_enter_ready},
};

/* One that stays blocked is not seen to flicker when its card is looked at again. */
static enum modem_state shown_state(const struct modem *modem)
{
    bool is_look = modem->state == MODEM_SIM && modem->blocked_since_us != 0;
    return is_look ? MODEM_BLOCKED : modem->state;
}

/* The look at the card has ended where it began. */
static bool is_same_block(const struct modem *modem)
{
    return modem->state == MODEM_BLOCKED && modem->blocked_since_us != 0 &&
           modem->blocked_as != NULL && modem->looked_as != NULL &&
           strcmp(modem->blocked_as, modem->looked_as) == 0;
}

static const char *token_of(const struct modem *modem)
{
    bool is_blocked = shown_state(modem) == MODEM_BLOCKED && modem->blocked_as != NULL;
    return is_blocked ? modem->blocked_as : states[shown_state(modem)].token;
}

static const char *advice_of(const struct modem *modem)
{
    if (modem->find.is_crowded)
        return modem_crowded_advice;
    return modem->driver->advice != NULL ? modem->driver->advice : "";
}

/* What comes and goes with a bad cable was told once, by its own sentence. */
static enum log_level level_of(const struct modem *modem, enum log_level level)
{
    bool is_flapping = flap_is_on(&modem->flap, loop_now_us(modem->loop));
    return is_flapping && level != LOG_LEVEL_ERROR ? LOG_LEVEL_DEBUG : level;
}

/* A reason holds while the device is looked for, or the card. */
static void note_change(struct modem *modem, enum modem_state next)
{
    bool is_looking =
        next == MODEM_ABSENT || next == MODEM_OPENING || next == MODEM_SIM || next == MODEM_BLOCKED;
    if (modem->state == MODEM_READY)
        modem->unable_since_us = loop_now_us(modem->loop);
    else if (next == MODEM_READY)
        modem->unable_since_us = 0;
    if (!is_looking)
        modem->reason = MODEM_NO_REASON;
}

void modem_enter(struct modem *modem, enum modem_state state)
{
    if (modem->restarted && state > MODEM_INIT)
        state = modem_state_after_restart(modem, state);
    modem->is_checking = false;
    if (state != MODEM_READY)
        modem_send_settle(modem);
    if (modem->state != state) {
        note_change(modem, state);
        modem->state = state;
        modem->state_since_us =
            is_same_block(modem) ? modem->blocked_since_us : loop_now_us(modem->loop);
        if (state != MODEM_SIM)
            modem->blocked_since_us = 0;
        log_write(state == MODEM_READY ? level_of(modem, LOG_LEVEL_NOTICE) : LOG_LEVEL_DEBUG,
                  "módem %s: %s", modem->config.name, token_of(modem));
        modem_recover_entered(modem);
    }
    loop_timer_clear(modem->timer);
    loop_deferred_arm(modem->changed);
    states[state].enter(modem);
}

void modem_set_detail(struct modem *modem, enum log_level level, const char *format, ...)
{
    char text[MODEM_DETAIL_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (level != LOG_LEVEL_ERROR && modem_restarts_often(modem)) /* its cause, whatever else is */
        (void)snprintf(text, sizeof(text), "%s", restarts_advice);
    if (strcmp(text, modem->detail) == 0)
        return; /* said already: once per change, not once per try */
    memcpy(modem->detail, text, sizeof(text));
    if (text[0] != '\0')
        log_write(level_of(modem, level), "módem %s: %s", modem->config.name, text);
}

static void on_timer(void *user)
{
    struct modem *modem = user;
    modem->on_timer(modem);
}

void modem_timer(struct modem *modem, int64_t ms, void (*fn)(struct modem *modem))
{
    modem->on_timer = fn;
    loop_timer_set(modem->timer, loop_now_us(modem->loop) + ms * MODEM_MS);
}

void modem_command(struct modem *modem, const struct at_request *request)
{
    enum cc_err err = at_chat_send(modem->chat, request);
    if (err == CC_OK)
        return;
    log_error("módem %s: orden no admitida: %s", modem->config.name, err_text(err));
    modem_enter(modem, MODEM_ABSENT);
}

/* ---- the chat's events ---------------------------------------------------------------------- */

static void on_report(struct modem *modem, const char *pdu)
{
    uint8_t bytes[256];
    size_t len = 0, digits = strlen(pdu);
    struct gsm_report report;
    if (!hex_decode(pdu, digits - digits % 2, bytes, sizeof(bytes), &len) ||
        !gsm_report_decode(bytes, len, &report)) {
        modem_nonsense(modem, NONSENSE_REPORT);
        return;
    }
    modem->reports++;
    modem->events->report(modem, &report, false, modem->user);
}

static void on_unsolicited(const char *line, const char *pdu, void *user)
{
    struct modem *modem = user;
    if (modem->state == MODEM_PROBING && !at_chat_is_busy(modem->chat))
        modem_line_is_not_quiet(modem); /* whatever it is */
    if (pdu != NULL && at_line_behind(line, "+CDS:") != NULL)
        on_report(modem, pdu);
    else if (modem_inbound_event(modem, line, pdu) || modem_ussd_event(modem, line))
        return;
    else if (!modem_settings_event(modem, line) && !modem_network_event(modem, line))
        modem_unknown_line(modem, line);
}

static void on_nonsense(enum at_nonsense what, void *user)
{
    modem_nonsense(user, what);
}

static void on_answered(void *user)
{
    struct modem *modem = user;
    modem->answered_us = loop_now_us(modem->loop);
}

/* Echo was off: the modem has started anew, or another program has switched it on. */
static void on_echo(void *user)
{
    struct modem *modem = user;
    modem->echoes++;
    if (!modem->is_echo_off)
        return;
    modem->is_echo_off = false;
    modem_distrust(modem);
}

static void on_up(void *user)
{
    struct modem *modem = user;
    modem->find.absent_since_us = 0;
    at_chat_set_gap(modem->chat, modem->driver->gap_ms);
    modem_enter(modem, MODEM_PROBING);
}

static void count_loss(struct modem *modem)
{
    int64_t now_us = loop_now_us(modem->loop);
    bool was_on = flap_is_on(&modem->flap, now_us);
    modem->losses++;
    flap_note(&modem->flap, now_us);
    bool is_on = flap_is_on(&modem->flap, now_us);
    if (is_on && !was_on)
        log_warning("módem %s: %s", modem->config.name, flap_advice);
    modem_set_detail(modem, LOG_LEVEL_WARNING, "%s",
                     is_on ? flap_advice
                           : "Se ha perdido la conexión con el módem. Revise el cable.");
}

static void on_lost(void *user)
{
    struct modem *modem = user;
    if (modem->state == MODEM_OPENING) { /* a connection that was refused: nothing to lose yet */
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", err_text(CC_ERR_DEVICE_MISSING));
    } else if (!modem_drop_was_expected(modem)) {
        count_loss(modem);
    }
    modem_enter(modem, MODEM_ABSENT);
}

/* ---- new and free --------------------------------------------------------------------------- */

static void on_changed(void *user)
{
    struct modem *modem = user;
    modem->events->changed(modem, modem->user);
}

static void on_failed(void *user)
{
    struct modem *modem = user;
    modem->events->sent(modem, &modem->send.result, modem->user);
}

struct modem *modem_new(struct loop *loop, const struct modem_config *config,
                        const struct modem_events *events, void *user)
{
    struct modem *modem = calloc(1, sizeof(*modem));
    if (modem == NULL)
        abort(); /* at the start of the program only */
    modem->loop = loop;
    modem->config = *config;
    modem->events = events;
    modem->user = user;
    modem->driver = config->drivers->generic;
    modem->chat_events = (struct at_chat_events){
        .unsolicited = on_unsolicited,
        .up = on_up,
        .lost = on_lost,
        .nonsense = on_nonsense,
        .echo = on_echo,
        .answered = on_answered,
        .event_prefixes = {config->drivers->generic->events},
    };
    modem->timer = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
    modem->changed = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_changed, modem);
    modem->idle = loop_add_deferred(loop, LOOP_PRIORITY_IDLE, modem_jobs_idle, modem);
    modem->failed = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_failed, modem);
    modem->state_since_us = modem->unable_since_us = loop_now_us(modem->loop);
    modem->pin_told = -1;
    modem_inbound_init(modem);
    modem_ussd_init(modem);
    modem_sampler_init(modem);
    modem_recover_init(modem);
    for (int i = 0; i < NETWORK_COUNT; i++)
        modem->registration[i] = -1;
    if (tape_new(&modem->tape) != CC_OK)
        abort(); /* at the start of the program only */
    if (config->tape_path != NULL && config->tape_path[0] != '\0' &&
        tape_to_file(modem->tape, config->tape_path) != CC_OK)
        log_warning("módem %s: no se puede escribir la cinta %s", config->name, config->tape_path);
    modem_find_start(modem);
    modem_timer(modem, 0, modem_try_open);
    return modem;
}

void modem_free(struct modem *modem)
{
    if (modem == NULL)
        return;
    modem_close_line(modem);
    modem_recover_done(modem);
    modem_find_stop(modem);
    tape_close(modem->tape);
    loop_source_free(modem->timer);
    loop_source_free(modem->changed);
    loop_source_free(modem->failed);
    loop_source_free(modem->idle);
    modem_inbound_done_with(modem);
    modem_ussd_done(modem);
    modem_sampler_done(modem);
    secret_wipe(modem, sizeof(*modem));
    free(modem);
}

const char *modem_name(const struct modem *modem)
{
    return modem->config.name;
}

const char *modem_balance_pattern(const struct modem *modem)
{
    return modem->config.balance_pattern != NULL ? modem->config.balance_pattern : "";
}

const char *modem_balance_sender(const struct modem *modem)
{
    return modem->config.balance_sender != NULL ? modem->config.balance_sender : "";
}

static int64_t shown_since_us(const struct modem *modem)
{
    bool is_look = modem->state == MODEM_SIM && modem->blocked_since_us != 0;
    return is_look ? modem->blocked_since_us : modem->state_since_us;
}

static int64_t since_us(const struct modem *modem, int64_t at_us)
{
    return at_us == 0 ? -1 : loop_now_us(modem->loop) - at_us;
}

/* What the verdict asks besides the state (service/verdict.h). */
static void tell_trouble(const struct modem *modem, struct modem_status *ret)
{
    ret->unable_us = since_us(modem, modem->unable_since_us);
    ret->answered_us = since_us(modem, modem->answered_us);
    ret->was_ready = modem->recover.had_network;
    ret->reason = modem->reason;
    ret->fault = modem->fault;
    ret->wanted_iccid = modem->config.iccid != NULL ? modem->config.iccid : "";
    ret->lacks_smsc = modem->sampler.lacks_smsc;
    ret->outcomes_lost = modem->recover.ladder.outcomes_lost;
    ret->losses_hour = flap_count_hour(&modem->flap, loop_now_us(modem->loop));
    ret->network_restarts = modem->recover.network_restarts;
    modem_tell_recovery(modem, ret);
}

void modem_status(const struct modem *modem, struct modem_status *ret)
{
    *ret = (struct modem_status){
        .name = modem->config.name,
        .device = modem->config.device,
        .state = shown_state(modem),
        .state_token = token_of(modem),
        .detail = modem->detail,
        .driver = modem->driver->name,
        .manufacturer = modem->facts[FACT_MANUFACTURER],
        .model = modem->facts[FACT_MODEL],
        .firmware = modem->facts[FACT_FIRMWARE],
        .sample = modem->sample,
        .imei = modem->imei,
        .pin_left = shown_state(modem) == MODEM_BLOCKED ? modem->pin_told : -1,
        .iccid = strcmp(modem->iccid, MODEM_NO_ICCID) != 0 ? modem->iccid : "",
        .port = modem->port,
        .advice = advice_of(modem),
        .rung = modem_rung_token(modem),
        .in_state_us = loop_now_us(modem->loop) - shown_since_us(modem),
        .sending = modem->send.active,
        .sent = modem->sent,
        .refused = modem->refused,
        .unknown = modem->unknown,
        .received = modem->received,
        .unkept = modem->unkept,
        .reports = modem->reports,
        .losses = modem->losses,
        .garbage = modem->garbage,
    };
    tell_trouble(modem, ret);
}

size_t modem_trace(const struct modem *modem, char *out, size_t cap)
{
    return tape_recent(modem->tape, out, cap);
}
