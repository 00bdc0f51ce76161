/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIM: its state, and its PIN, which is given once and never again (MODEMS 1 #10). */
#include "modem/private.h"

#include "at/fields.h"
#include "base/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    ASK_MS = 20000,
    PIN_MS = 20000, /* MODEMS 3 */
    BUSY_RETRY_MS = 1000,
    BUSY_TRIES = 20,
    BLOCKED_RETRY_MS =
        30000, /* somebody may have put in another card, or unlocked it in a telephone */
    AFTER_PIN_MS = 500,
    COMMAND_SIZE = 32,
};

static void ask_state(struct modem *modem);

static void block(struct modem *modem, const char *sentence)
{
    modem_set_detail(modem, LOG_LEVEL_ERROR, "%s", sentence);
    modem_enter(modem, MODEM_BLOCKED);
}

static void sim_is_open(struct modem *modem)
{
    if (modem->pin !=
        PIN_NOT_GIVEN) /* the line may have dropped in between, as sticks do after the PIN */
        modem->events->pin_worked(modem, modem->iccid, modem->config.pin, modem->user);
    modem->pin = PIN_NOT_GIVEN;
    modem_enter(modem, MODEM_SETUP);
}

static void not_accepted(struct modem *modem)
{
    modem->pin = PIN_NOT_GIVEN;
    block(modem,
          "La SIM no acepta el PIN configurado. No se repetirá: compruébelo en un teléfono y "
          "cambie pin_sim.");
}

static void ask_counter(struct modem *modem);

static void wants_pin(struct modem *modem)
{
    if (modem->pin == PIN_BUSY) {
        ask_counter(modem);
    } else if (modem->pin != PIN_NOT_GIVEN) { /* and asked for again */
        not_accepted(modem);
    } else if (modem->config.pin == NULL || modem->config.pin[0] == '\0') {
        block(modem, "La SIM pide PIN y no hay ninguno configurado. Escríbalo en pin_sim.");
    } else {
        modem_enter(modem, MODEM_UNLOCKING);
    }
}

static void wants_puk(struct modem *modem)
{
    block(modem, "La SIM pide el PUK. Desbloquéela en un teléfono con el PUK de su operador.");
}

/* What +CPIN: may say (27.007 8.3); anything else is a lock that we cannot open. */
static const struct {
    const char *text;
    void (*act)(struct modem *modem);
} sim_states[] = {
    {"READY", sim_is_open},
    {"SIM PUK", wants_puk},
    {"SIM PIN", wants_pin},
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
    block(modem, "La SIM o el módem tienen un bloqueo que solo puede quitar su operador.");
}

static void on_state_error(struct modem *modem, struct gsm_cause cause)
{
    static const struct {
        int cme;
        const char *sentence;
    } rows[] = {
        {10, "No hay tarjeta SIM. Ponga una SIM en el módem."},
        {13, "La SIM falla. Límpiela o cámbiela por otra."},
        {15, "La SIM no sirve en este módem. Pruebe con otra."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (cause.kind == GSM_CAUSE_CME && cause.code == rows[i].cme) {
            block(modem, rows[i].sentence);
            return;
        }
    }
    modem_set_detail(modem, LOG_LEVEL_INFO, "La SIM todavía no responde. Espere un momento.");
    modem_timer(modem, BUSY_RETRY_MS, ask_state);
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
        modem_resync(modem);
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
    ask_state(modem);
}

static void look_again(struct modem *modem)
{
    modem_enter(modem, MODEM_SIM);
}

void modem_enter_blocked(struct modem *modem)
{
    modem_timer(modem, BLOCKED_RETRY_MS, look_again);
}

/* ---- the PIN -------------------------------------------------------------------------------- */

static void on_pin(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    bool is_busy = modem_reply_is_busy(reply);
    if (is_busy && modem->pin == PIN_GIVEN)
        modem->pin = PIN_BUSY; /* it may have been taken all the same: +CPIN? will tell */
    if (reply->result == AT_RESULT_OK || is_busy)
        modem_timer(modem, is_busy ? BUSY_RETRY_MS : AFTER_PIN_MS, ask_state);
    else if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem); /* +CPIN? will tell */
    else if (reply->result != AT_RESULT_LOST)
        wants_pin(modem);
}

static void give_pin(struct modem *modem, int left)
{
    char command[COMMAND_SIZE];
    bool again = modem->pin == PIN_BUSY;
    if (!again && !modem->events->pin_try(modem, modem->iccid, modem->config.pin, modem->user)) {
        block(modem, "Este PIN ya se probó una vez en esta SIM y no se repetirá: compruébelo en un "
                     "teléfono y cambie pin_sim.");
        return;
    }
    modem->pin = again ? PIN_REPEATED : PIN_GIVEN;
    modem->pin_left = left;
    (void)snprintf(command, sizeof(command), "AT+CPIN=\"%s\"", modem->config.pin);
    modem_command(modem, &(struct at_request){
                             .command = command, .final_ms = PIN_MS, .fn = on_pin, .user = modem});
    secret_wipe(command, sizeof(command));
}

/* The last try belongs to a person: a wrong one would lock the card (MODEMS 1 #10). */
static void on_counter(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct at_fields fields;
    char kind[MODEM_FACT_SIZE];
    int left = -1; /* many modems do not tell: a card that was never tried has them all */
    if (reply->result == AT_RESULT_LOST)
        return;
    for (size_t i = 0; i < reply->line_count; i++)
        if (at_fields_init(&fields, reply->lines[i], "+CPINR:") &&
            at_fields_text(&fields, kind, sizeof(kind)) && strcmp(kind, "SIM PIN") == 0)
            (void)at_fields_int(&fields, &left);
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem);
    else if (left == 0 || left == 1)
        block(modem, "A la SIM le queda un solo intento de PIN y no se gastará: ponga el PIN en un "
                     "teléfono y devuelva la SIM al módem.");
    else if (modem->pin == PIN_BUSY && (left < 0 || left != modem->pin_left))
        not_accepted(modem);
    else
        give_pin(modem, left);
}

static void ask_counter(struct modem *modem)
{
    modem_command(modem, &(struct at_request){.command = "AT+CPINR",
                                              .prefix = "+CPINR:",
                                              .final_ms = ASK_MS,
                                              .fn = on_counter,
                                              .user = modem});
}

/* EF_ICCID is ten octets of swapped digits (51.011 10.1.1), readable before the PIN. */
static void read_iccid(struct modem *modem, const char *line)
{
    struct at_fields fields;
    char swapped[sizeof(modem->iccid)] = "";
    if (!at_fields_init(&fields, line, "+CRSM:") || !at_fields_skip(&fields) ||
        !at_fields_skip(&fields) || !at_fields_text(&fields, swapped, sizeof(swapped)))
        return;
    size_t n = 0;
    for (size_t i = 0; i + 1 < sizeof(swapped) && swapped[i] != '\0' && swapped[i + 1] != '\0';
         i += 2) {
        modem->iccid[n++] = swapped[i + 1];
        if (isdigit((unsigned char)swapped[i]))
            modem->iccid[n++] = swapped[i];
    }
    modem->iccid[n] = '\0';
}

static void ask_iccid(struct modem *modem);

static void on_iccid(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (modem_reply_is_busy(reply) && ++modem->tries < BUSY_TRIES) {
        modem_timer(modem, BUSY_RETRY_MS, ask_iccid);
        return;
    }
    /* a card without a readable number counts as one card: its PIN is tried once all the same */
    memcpy(modem->iccid, MODEM_NO_ICCID, sizeof(MODEM_NO_ICCID));
    if (reply->line_count > 0)
        read_iccid(modem, reply->lines[0]);
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem);
    else
        ask_counter(modem);
}

static void ask_iccid(struct modem *modem)
{
    modem_command(modem, &(struct at_request){.command = "AT+CRSM=176,12258,0,0,10",
                                              .prefix = "+CRSM:",
                                              .final_ms = ASK_MS,
                                              .fn = on_iccid,
                                              .user = modem});
}

void modem_enter_unlocking(struct modem *modem)
{
    modem->iccid[0] = '\0';
    modem->tries = 0;
    ask_iccid(modem);
}
