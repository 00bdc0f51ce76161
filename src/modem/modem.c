/* SPDX-License-Identifier: EUPL-1.2 */
/* Ties the groups to the core: the states as a table, what comes from the line, new and free. */
#include "modem/modem.h"

#include "at/fields.h"
#include "base/alloc.h"
#include "base/hex.h"
#include "base/loop.h"
#include "base/secret.h"
#include "modem/core.h"
#include "modem/find/open.h"
#include "modem/job/job.h"
#include "modem/recover/recover.h"
#include "modem/start/start.h"

#include <stdlib.h>
#include <string.h>

/* ---- the states ------------------------------------------------------------------------------ */

static void enter_absent(struct modem *modem)
{
    modem_close_line(modem);
    modem_forget(modem, MODEM_FORGET_LINE);
    modem_start_forget(modem);
    modem_find_enter_absent(modem);
}

static void enter_setup(struct modem *modem)
{
    modem_inbound_lose_memory(modem); /* a row may change the memory */
    modem_start_enter_setup(modem);
}

static void enter_ready(struct modem *modem)
{
    modem_start_enter_ready(modem);
    modem_say_health(modem);
    modem_sampler_resume(modem);
}

static const struct modem_hooks hooks = {
    .states =
        {
            [MODEM_ABSENT] = {"sin_dispositivo", enter_absent},
            [MODEM_OPENING] = {"abriendo", modem_find_enter_opening},
            [MODEM_PROBING] = {"probando", modem_start_enter_probing},
            [MODEM_INIT] = {"iniciando", modem_start_enter_init},
            [MODEM_SIM] = {"comprobando_sim", modem_start_enter_sim},
            [MODEM_UNLOCKING] = {"desbloqueando_sim", modem_start_enter_unlocking},
            [MODEM_BLOCKED] = {"sim_bloqueada", modem_start_enter_blocked},
            [MODEM_SETUP] = {"preparando", enter_setup},
            [MODEM_REGISTERING] = {"buscando_red", modem_start_enter_registering},
            [MODEM_READY] = {"listo", enter_ready},
        },
    .leave_service = modem_sms_settle,
    .entered = modem_recover_note_state,
    .forget = modem_jobs_forget,
};

const char *modem_state_token(enum modem_state state)
{
    return hooks.states[state].token;
}

static void on_timer(void *user)
{
    struct modem *modem = user;
    modem->timer.wait = MODEM_WAIT_OTHER;
    modem->timer.fn(modem);
}

/* ---- the chat's events ---------------------------------------------------------------------- */

static void on_report(struct modem *modem, const char *pdu)
{
    uint8_t bytes[256];
    size_t len = 0, digits = strlen(pdu);
    struct gsm_report report;
    if (!hex_decode(pdu, digits - digits % 2, bytes, sizeof(bytes), &len) ||
        !gsm_report_decode(bytes, len, &report)) {
        modem_note_nonsense(modem, NONSENSE_REPORT);
        return;
    }
    modem_note_report(modem);
    modem->events->report(modem, &report, false, modem->user);
}

/* Most lines that nothing understands are harmless events of their maker. On a line out of step a
 * reply may well come late, or be the answer to an ESC. */
static void on_unknown_line(struct modem *modem, const char *line)
{
    if (nonsense_is_stray_reply(line) && modem->state != MODEM_PROBING)
        modem_note_nonsense(modem, NONSENSE_REPLY);
    else if (at_chat_line_is_odd(modem->chat))
        modem_note_nonsense(modem, AT_NONSENSE_BYTES);
}

static void on_unsolicited(const char *line, const char *pdu, void *user)
{
    struct modem *modem = user;
    if (modem->state == MODEM_PROBING && !at_chat_is_busy(modem->chat))
        modem_start_note_noise(modem, line);
    if (pdu != NULL)
        modem_acknowledge(modem);
    if (pdu != NULL && at_line_behind(line, "+CDS:") != NULL)
        on_report(modem, pdu);
    else if (!modem_jobs_take_event(modem, line, pdu) && !modem_start_take_event(modem, line))
        on_unknown_line(modem, line);
}

static void on_nonsense(enum at_nonsense what, void *user)
{
    modem_note_nonsense(user, what);
}

static void on_answered(void *user)
{
    struct modem *modem = user;
    modem->shown.answered_us = loop_now_us(modem->loop);
}

static void on_echo(void *user)
{
    modem_start_note_echo(user);
}

static void on_up(void *user)
{
    struct modem *modem = user;
    modem_find_note_up(modem);
    modem_start_set_gap(modem);
    modem_enter(modem, MODEM_PROBING);
}

static void count_loss(struct modem *modem)
{
    int64_t now_us = loop_now_us(modem->loop);
    bool was_on = flap_is_on(&modem->signs.flap, now_us);
    modem->counters.losses++;
    modem->shown.was_lost = true;
    flap_note(&modem->signs.flap, now_us);
    bool is_on = flap_is_on(&modem->signs.flap, now_us);
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
    } else if (!modem_recover_note_drop(modem)) {
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

struct modem *modem_new(struct loop *loop, const struct modem_config *config,
                        const struct modem_events *events, void *user)
{
    struct modem *modem = alloc_or_abort(sizeof(*modem));
    modem->loop = loop;
    modem->config = *config;
    modem->events = events;
    modem->user = user;
    modem->driver = config->drivers->generic;
    modem->hooks = &hooks;
    modem->chat_events = (struct at_chat_events){
        .unsolicited = on_unsolicited,
        .up = on_up,
        .lost = on_lost,
        .nonsense = on_nonsense,
        .echo = on_echo,
        .answered = on_answered,
        .event_prefixes = {config->drivers->generic->events, NULL,
                           config->drivers->generic->restarts},
    };
    modem->timer.source = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
    modem->changed = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_changed, modem);
    modem->shown.since_us = modem->shown.unable_since_us = loop_now_us(modem->loop);
    registration_clear(&modem->registration);
    modem_sample_clear(&modem->sample);
    modem_find_init(modem);
    modem_recover_init(modem);
    modem_start_init(modem);
    modem_jobs_init(modem);
    if (tape_new(&modem->tape) != CC_OK)
        abort(); /* at the start of the program only */
    if (config->tape_path != NULL && config->tape_path[0] != '\0' &&
        tape_to_file(modem->tape, config->tape_path) != CC_OK)
        log_warning("módem %s: no se puede escribir la cinta %s", config->name, config->tape_path);
    modem_set_timer(modem, 0, modem_try_open);
    return modem;
}

void modem_free(struct modem *modem)
{
    if (modem == NULL)
        return;
    modem_close_line(modem);
    modem_recover_done(modem);
    modem_find_done(modem);
    modem_start_done(modem);
    modem_jobs_done(modem);
    tape_close(modem->tape);
    loop_source_free(modem->timer.source);
    loop_source_free(modem->changed);
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

static const char *advice_of(const struct modem *modem)
{
    const char *advice = modem_find_advice(modem);
    if (advice[0] == '\0' && modem->driver->advice != NULL)
        advice = modem->driver->advice;
    return advice;
}

static int64_t shown_since_us(const struct modem *modem)
{
    bool is_look = modem->state == MODEM_SIM && modem->shown.blocked_since_us != 0;
    return is_look ? modem->shown.blocked_since_us : modem->shown.since_us;
}

static int64_t since_us(const struct modem *modem, int64_t at_us)
{
    return at_us == 0 ? -1 : loop_now_us(modem->loop) - at_us;
}

/* Fills in the facts for the verdict besides the state (service/verdict.h). */
static void tell_trouble(const struct modem *modem, struct modem_status *ret)
{
    const struct modem_counters *counters = &modem->counters;
    ret->trouble.was_ready = modem->shown.was_ready;
    ret->trouble.unable_us = since_us(modem, modem->shown.unable_since_us);
    ret->trouble.was_lost = modem->shown.was_lost;
    ret->trouble.answered_us = since_us(modem, modem->shown.answered_us);
    ret->trouble.reason = modem->shown.reason;
    ret->trouble.unreported_us = counters->reports > 0 && counters->unreported >= MODEM_UNREPORTED
                                     ? since_us(modem, counters->unreported_since_us)
                                     : -1;
    ret->trouble.losses_hour = flap_count_hour(&modem->signs.flap, loop_now_us(modem->loop));
    modem_recover_tell(modem, ret);
    modem_jobs_tell(modem, ret);
}

static struct modem_make make_of(const struct modem *modem)
{
    return (struct modem_make){
        .driver = modem->driver->name,
        .manufacturer = modem->identity.facts[FACT_MANUFACTURER],
        .model = modem->identity.facts[FACT_MODEL],
        .firmware = modem->identity.facts[FACT_FIRMWARE],
        .imei = modem->identity.imei,
        .advice = advice_of(modem),
    };
}

static struct modem_card card_of(const struct modem *modem)
{
    bool is_blocked = modem_shown_state(modem) == MODEM_BLOCKED;
    bool is_told = strcmp(modem->identity.iccid, MODEM_NO_ICCID) != 0;
    return (struct modem_card){
        .iccid = is_told ? modem->identity.iccid : "",
        .wanted_iccid = modem->config.iccid != NULL ? modem->config.iccid : "",
        .pin_left = is_blocked ? modem_count_pin_tries(modem) : -1,
    };
}

void modem_status(const struct modem *modem, struct modem_status *ret)
{
    *ret = (struct modem_status){
        .name = modem->config.name,
        .device = modem->config.device,
        .port = modem->identity.port,
        .state = modem_shown_state(modem),
        .state_token = modem_shown_token(modem),
        .detail = modem->shown.detail,
        .in_state_us = loop_now_us(modem->loop) - shown_since_us(modem),
        .sending = modem->use.is_sending,
        .make = make_of(modem),
        .card = card_of(modem),
        .recovery.rung = modem_rung_token(modem),
        .sample = modem->sample,
        .counters = modem->counters,
    };
    tell_trouble(modem, ret);
}

size_t modem_trace(const struct modem *modem, char *out, size_t cap)
{
    return tape_recent(modem->tape, out, cap);
}
