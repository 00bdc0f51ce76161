/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIM: whether it is there, which one it is, and what it waits for (27.007 8.3). */
#include "modem/core.h"

#include "at/fields.h"

#include <string.h>

enum {
    ASK_MS = 20000,
    BUSY_RETRY_MS = 1000,
    CONFIRM_MS = 2000, /* a line that fell among others may have said it: ask once more */
    BLOCKED_RETRY_MS =
        30000, /* somebody may have put in another card, or unlocked it in a telephone */
};

enum card_fault { FAULT_MISSING, FAULT_BROKEN, FAULT_MISFIT, FAULT_LOCK };

static void ask_state(struct modem *modem);
static void look_again(struct modem *modem);

void modem_sim_block(struct modem *modem, const char *token, const char *sentence)
{
    bool is_news = modem->blocked_as == NULL || strcmp(modem->blocked_as, token) != 0;
    modem_set_detail(modem, LOG_LEVEL_ERROR, "%s", sentence);
    modem->blocked_as = token;
    modem_enter(modem, MODEM_BLOCKED);
    if (is_news && modem->state == MODEM_BLOCKED)
        modem_timer(modem, CONFIRM_MS, look_again);
}

/* ---- what the card says of itself ----------------------------------------------------------- */

static void open_it(struct modem *modem)
{
    if (modem->pin !=
        PIN_NOT_GIVEN) /* the line may have dropped in between, as sticks do after the PIN */
        modem->events->pin_worked(modem, modem->pin_iccid, modem->config.pin, modem->user);
    modem->pin = PIN_NOT_GIVEN;
    modem->blocked_as = NULL;
    modem_enter(modem, MODEM_SETUP);
}

static void is_open(struct modem *modem)
{
    if (strcmp(modem->iccid, MODEM_NO_ICCID) == 0)
        modem->iccid_asked = false; /* some tell it only now that the PIN was given */
    modem_sim_identify(modem, open_it);
}

static void wants_pin(struct modem *modem)
{
    modem_sim_identify(modem, modem_pin_wanted);
}

static void wants_puk(struct modem *modem)
{
    modem_sim_block(modem, "sim_puk",
                    "La SIM pide el PUK. Desbloquéela en un teléfono con el PUK de su operador.");
}

/* ---- a card that fails ------------------------------------------------------------------------
 */

static const struct fault {
    const char *token;
    const char *sentence;
    const char *after_work; /* the same of a card that has worked in this modem */
} faults[] = {
    [FAULT_MISSING] = {"sim_falta", "No hay tarjeta SIM. Ponga una SIM en el módem.",
                       "La tarjeta SIM se ha soltado: el módem ya no la ve. Sáquela y vuelva a "
                       "ponerla bien encajada. Ponga una SIM en el módem si ya no la hay."},
    [FAULT_BROKEN] = {"sim_averiada", "La SIM falla. Límpiela o cámbiela por otra.",
                      "La SIM falla, y antes funcionaba. Sáquela, límpiela y vuelva a ponerla; si "
                      "sigue igual, cámbiela por otra."},
    [FAULT_MISFIT] = {"sim_averiada", "La SIM no sirve en este módem. Pruebe con otra.", NULL},
    [FAULT_LOCK] = {"sim_bloqueada",
                    "La SIM o el módem tienen un bloqueo que solo puede quitar su operador.", NULL},
};

static void wait_for_it(struct modem *modem);

static void block(struct modem *modem, const struct fault *fault)
{
    bool has_worked = modem->recover.had_card && fault->after_work != NULL;
    const char *sentence = has_worked ? fault->after_work : fault->sentence;
    modem_sim_block(modem, fault->token, modem->misset != NULL ? modem->misset : sentence);
}

/* Before a person is asked for: is the radio on, which a card may need, and does a restart help one
 * that has worked? */
static void blame(struct modem *modem, enum card_fault fault)
{
    if (!modem->is_radio_asked) {
        modem->is_radio_asked = true;
        modem_run_rows(modem, modem_card_rows, ask_state);
    } else if (modem_radio_is_fresh(modem)) {
        wait_for_it(modem);
    } else if (!modem_heal(modem, LADDER_CARD)) {
        block(modem, &faults[fault]);
    }
}

static void is_missing(struct modem *modem)
{
    blame(modem, FAULT_MISSING);
}

static void has_failed(struct modem *modem)
{
    blame(modem, FAULT_BROKEN);
}

static void does_not_fit(struct modem *modem)
{
    blame(modem, FAULT_MISFIT);
}

static void wait_for_it(struct modem *modem)
{
    modem_set_detail(modem, LOG_LEVEL_INFO, "La SIM todavía no responde. Espere un momento.");
    modem_timer(modem, BUSY_RETRY_MS, ask_state);
}

static void is_busy(struct modem *modem)
{
    modem_set_detail(modem, LOG_LEVEL_INFO,
                     "La SIM está ocupada y se le vuelve a preguntar cada segundo. Si sigue así, "
                     "sáquela y vuelva a ponerla.");
    modem_timer(modem, BUSY_RETRY_MS, ask_state);
}

/* PIN2 guards what we do not use: with it the card is open. Not all of these are in 27.007: SIMCom
 * says the last ones in a line instead of as an error. */
static const struct {
    const char *text;
    void (*act)(struct modem *modem);
} sim_states[] = {
    {"READY", is_open},           {"SIM PIN2", is_open},       {"SIM PUK2", is_open},
    {"SIM PUK", wants_puk},       {"SIM PIN", wants_pin},      {"NOT READY", wait_for_it},
    {"NOT INSERTED", is_missing}, {"SIM REMOVED", is_missing}, {"SIM CRASH", is_missing},
    {"SIM FAILURE", has_failed},
};

static void on_state_line(struct modem *modem, const char *line)
{
    struct at_fields fields;
    char text[MODEM_FACT_SIZE] = "";
    if (at_fields_init(&fields, line, "+CPIN:"))
        (void)at_fields_text(&fields, text, sizeof(text));
    for (size_t i = 0; i < sizeof(sim_states) / sizeof(sim_states[0]); i++) {
        if (strcmp(text, sim_states[i].text) == 0) {
            sim_states[i].act(modem);
            return;
        }
    }
    blame(modem, FAULT_LOCK);
}

/* 27.007 9.2.1, and 27.005 3.2.5 for those that answer so here too. */
static void on_state_error(struct modem *modem, struct gsm_cause cause)
{
    static const struct {
        enum gsm_cause_kind kind;
        int code;
        void (*act)(struct modem *modem);
    } rows[] = {
        {GSM_CAUSE_CME, 10, is_missing},   {GSM_CAUSE_CMS, 310, is_missing},
        {GSM_CAUSE_CME, 13, has_failed},   {GSM_CAUSE_CMS, 313, has_failed},
        {GSM_CAUSE_CME, 15, does_not_fit}, {GSM_CAUSE_CMS, 315, does_not_fit},
        {GSM_CAUSE_CME, 11, wants_pin},    {GSM_CAUSE_CMS, 311, wants_pin},
        {GSM_CAUSE_CME, 12, wants_puk},    {GSM_CAUSE_CMS, 316, wants_puk},
        {GSM_CAUSE_CME, 14, is_busy},      {GSM_CAUSE_CMS, 314, is_busy},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (cause.kind == rows[i].kind && cause.code == rows[i].code) {
            rows[i].act(modem);
            return;
        }
    }
    wait_for_it(modem);
}

static void on_state(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    /* Wavecom gives the line and no OK (MODEMS 2): the line is what counts */
    if (reply->line_count > 0)
        on_state_line(modem, reply->lines[0]);
    else if (reply->result == AT_RESULT_TIMEOUT)
        modem_trouble(modem, LADDER_MUTE, NULL);
    else
        on_state_error(modem, reply->cause);
}

static void ask_state(struct modem *modem)
{
    unsigned ms = modem->driver->pin_state_ms;
    modem_command(modem, &(struct at_request){.command = "AT+CPIN?",
                                              .prefix = "+CPIN:",
                                              .final_ms = ms > 0 ? ms : ASK_MS,
                                              .fn = on_state,
                                              .user = modem});
}

void modem_enter_sim(struct modem *modem)
{
    modem->iccid_asked = false;
    modem->is_radio_asked = false;
    ask_state(modem);
}

static void look_again(struct modem *modem)
{
    modem->blocked_since_us = modem->state_since_us;
    modem->looked_as = modem->blocked_as;
    modem_enter(modem, MODEM_SIM);
}

void modem_enter_blocked(struct modem *modem)
{
    modem_timer(modem, BLOCKED_RETRY_MS, look_again);
}

void modem_sim_look(struct modem *modem)
{
    ask_state(modem);
}
