/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIM: whether it is there, which one it is, and what it waits for (27.007 8.3). */
#include "modem/find/open.h"
#include "modem/recover/recover.h"
#include "modem/start/private.h"

#include "at/fields.h"

#include <ctype.h>
#include <string.h>

enum {
    ASK_MS = 20000,
    BUSY_RETRY_MS = 1000,
    CONFIRM_MS = 2000,        /* a line that fell among others may have said it: ask once more */
    BLOCKED_RETRY_MS = 30000, /* time to put in another card, or to unlock it */
    WAITS_MAX = 60,           /* looks, a second apart: no card takes so long */
    EMPTY_WAITS = 3,          /* the same, of a port that may be another than the modem's */
};

enum card_fault { FAULT_MISSING, FAULT_BROKEN, FAULT_MISFIT, FAULT_LOCK, FAULT_STRANGE };

void start_block_sim(struct modem *modem, const char *token, const char *sentence)
{
    bool is_news = modem->shown.blocked_as == NULL || strcmp(modem->shown.blocked_as, token) != 0;
    modem_set_detail(modem, LOG_LEVEL_ERROR, "%s", sentence);
    modem->shown.blocked_as = token;
    modem_enter(modem, MODEM_BLOCKED);
    if (is_news && modem->state == MODEM_BLOCKED)
        modem_set_timer(modem, CONFIRM_MS, modem_look_again);
}

/* ---- what the card says of itself ----------------------------------------------------------- */

static void open_it(struct modem *modem)
{
    if (modem->start->pin.step !=
        PIN_NOT_GIVEN) /* the line may have dropped in between, as sticks do after the PIN */
        modem->events->pin_worked(modem, modem->start->pin.iccid, modem->config.pin, modem->user);
    modem->start->pin.step = PIN_NOT_GIVEN;
    modem->shown.blocked_as = NULL;
    modem_enter(modem, MODEM_SETUP);
}

static void go_on_open(struct modem *modem)
{
    if (strcmp(modem->identity.iccid, MODEM_NO_ICCID) == 0)
        modem->start->card.is_iccid_asked =
            false; /* some tell it only now that the PIN was given */
    start_identify_sim(modem, open_it);
}

static void ask_for_pin(struct modem *modem)
{
    start_identify_sim(modem, start_want_pin);
}

static void ask_for_puk(struct modem *modem)
{
    start_block_sim(modem, "sim_puk",
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
    [FAULT_STRANGE] =
        {"sim_averiada",
         "El módem dice de la SIM algo que no se conoce. Sáquela, límpiela y vuelva a "
         "ponerla; si sigue igual, pruebe con otra.",
         NULL},
};

static void wait_for_it(struct modem *modem);

static void block_for(struct modem *modem, const struct fault *fault)
{
    bool has_worked = modem_has_had_card(modem) && fault->after_work != NULL;
    const char *sentence = has_worked ? fault->after_work : fault->sentence;
    start_block_sim(modem, fault->token,
                    modem->start->misset != NULL ? modem->start->misset : sentence);
}

/* Before a person is asked for: is the radio on, which a card may need, and does a restart help one
 * that has worked? */
static void blame_card(struct modem *modem, enum card_fault fault)
{
    if (!modem->start->card.is_radio_asked) {
        modem->start->card.is_radio_asked = true;
        modem_run_rows(modem, start_card_rows, start_look_at_sim);
    } else if (start_is_radio_fresh(modem)) {
        wait_for_it(modem);
    } else if (!modem_heal(modem, LADDER_CARD)) {
        block_for(modem, &faults[fault]);
    }
}

static void blame_missing(struct modem *modem)
{
    blame_card(modem, FAULT_MISSING);
}

static void blame_broken(struct modem *modem)
{
    blame_card(modem, FAULT_BROKEN);
}

static void blame_misfit(struct modem *modem)
{
    blame_card(modem, FAULT_MISFIT);
}

static void blame_strange(struct modem *modem)
{
    blame_card(modem, FAULT_STRANGE);
}

static void blame_lock(struct modem *modem)
{
    blame_card(modem, FAULT_LOCK);
}

/* Asks again in a second. After a minute of that: is the radio on, and does a restart help a card
 * that has worked? Then a person is told what is long. */
static void wait_for_card(struct modem *modem, const char *soon, const char *late)
{
    struct start_card *card = &modem->start->card;
    if (card->waits < WAITS_MAX) {
        card->waits++;
        modem_set_detail(modem, LOG_LEVEL_INFO, "%s", soon);
    } else if (!card->is_radio_asked) {
        card->is_radio_asked = true;
        modem_run_rows(modem, start_card_rows, start_look_at_sim);
        return;
    } else if (modem_heal(modem, LADDER_CARD)) {
        return;
    } else {
        modem->shown.reason = MODEM_IS_UNFIT;
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s",
                         modem->start->misset != NULL ? modem->start->misset : late);
    }
    modem_set_timer(modem, BUSY_RETRY_MS, start_look_at_sim);
}

static void wait_for_it(struct modem *modem)
{
    wait_for_card(modem, "La SIM todavía no responde. Espere un momento.",
                  "El módem no dice nada de su SIM. Sáquela y vuelva a ponerla; si sigue igual, "
                  "quite la corriente al módem diez segundos.");
}

static void wait_for_busy(struct modem *modem)
{
    static const char sentence[] =
        "La SIM está ocupada y se le vuelve a preguntar cada segundo. Si sigue así, sáquela y "
        "vuelva a ponerla.";
    wait_for_card(modem, sentence, sentence);
}

/* OK, and not a word of the card: as a port does that is no modem's, or one that only echoes. */
static void wait_for_word(struct modem *modem)
{
    if (modem->start->card.waits == EMPTY_WAITS && modem_find_leave_empty_port(modem))
        return;
    wait_for_card(modem, "La SIM todavía no responde. Espere un momento.",
                  "El puerto contesta OK y no dice nada de la SIM: puede no ser el de un módem. "
                  "Compruebe «dispositivo», o pruebe con otro puerto del mismo módem.");
}

/*
 * PIN2 guards what we do not use: with it the card is open. Not all of these are in 27.007: SIMCom
 * says some in a line instead of as an error, and makers put others their own way ("NO SIM",
 * "PH-NET PIN"), so behind the whole texts come words that may stand anywhere.
 */
static const struct {
    const char *text;
    void (*act)(struct modem *modem);
    bool is_word;
} sim_states[] = {
    {"", wait_for_it, false},
    {"READY", go_on_open, false},
    {"SIM PIN2", go_on_open, false},
    {"SIM PUK2", go_on_open, false},
    {"SIM PUK", ask_for_puk, false},
    {"SIM PIN", ask_for_pin, false},
    {"SIM CRASH", blame_missing, false},
    {"PH-", blame_lock, true},
    {"BLOCKED", blame_lock, true},
    {"NOT READY", wait_for_it, true},
    {"READY", go_on_open, true},
    {"BUSY", wait_for_busy, true},
    {"INIT", wait_for_it, true},
    {"INSERTED", blame_missing, true},
    {"NO SIM", blame_missing, true},
    {"REMOVED", blame_missing, true},
    {"ABSENT", blame_missing, true},
    {"FAIL", blame_broken, true},
    {"ERROR", blame_broken, true},
};

static void on_state_line(struct modem *modem, const char *line)
{
    struct at_fields fields;
    char text[MODEM_FACT_SIZE] = "";
    if (at_fields_init(&fields, line, "+CPIN:"))
        (void)at_fields_text(&fields, text, sizeof(text));
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '_' ? ' ' : (char)toupper((unsigned char)*at);
    for (size_t i = 0; i < sizeof(sim_states) / sizeof(sim_states[0]); i++) {
        const char *state = sim_states[i].text;
        if (sim_states[i].is_word ? strstr(text, state) != NULL : strcmp(text, state) == 0) {
            sim_states[i].act(modem);
            return;
        }
    }
    blame_strange(modem);
}

/* 27.007 9.2.1, and 27.005 3.2.5 for those that answer so here too. */
static void on_state_error(struct modem *modem, struct gsm_cause cause)
{
    static const struct {
        enum gsm_cause_kind kind;
        int code;
        void (*act)(struct modem *modem);
    } rows[] = {
        {GSM_CAUSE_CME, 10, blame_missing}, {GSM_CAUSE_CMS, 310, blame_missing},
        {GSM_CAUSE_CME, 13, blame_broken},  {GSM_CAUSE_CMS, 313, blame_broken},
        {GSM_CAUSE_CME, 15, blame_misfit},  {GSM_CAUSE_CMS, 315, blame_misfit},
        {GSM_CAUSE_CME, 11, ask_for_pin},   {GSM_CAUSE_CMS, 311, ask_for_pin},
        {GSM_CAUSE_CME, 12, ask_for_puk},   {GSM_CAUSE_CMS, 316, ask_for_puk},
        {GSM_CAUSE_CME, 14, wait_for_busy}, {GSM_CAUSE_CMS, 314, wait_for_busy},
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
    else if (reply->result == AT_RESULT_OK)
        wait_for_word(modem);
    else
        on_state_error(modem, reply->cause);
}

void start_look_at_sim(struct modem *modem)
{
    unsigned ms = modem->driver->pin_state_ms;
    modem_command(modem, &(struct at_request){.command = "AT+CPIN?",
                                              .prefix = "+CPIN:",
                                              .final_ms = ms > 0 ? ms : ASK_MS,
                                              .fn = on_state,
                                              .user = modem});
}

void modem_start_enter_sim(struct modem *modem)
{
    modem->start->card.is_iccid_asked = false;
    modem->start->card.is_radio_asked = false;
    modem->start->card.waits = 0;
    start_look_at_sim(modem);
}

void modem_look_again(struct modem *modem)
{
    modem->shown.blocked_since_us = modem->shown.since_us;
    modem->shown.looked_as = modem->shown.blocked_as;
    modem_enter(modem, MODEM_SIM);
}

void modem_start_enter_blocked(struct modem *modem)
{
    modem_set_timer(modem, BLOCKED_RETRY_MS, modem_look_again);
}
