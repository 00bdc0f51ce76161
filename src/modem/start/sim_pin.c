/* SPDX-License-Identifier: EUPL-1.2 */
/* The PIN of the SIM: given once per card and never again, and never as the last try (MODEMS 1
 * #10).
 */
#include "modem/core.h"

#include "at/fields.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ASK_MS = 5000,
    PIN_MS = 20000, /* MODEMS 3 */
    BUSY_RETRY_MS = 1000,
    BUSY_TRIES = 20,
    AFTER_PIN_MS = 500,
    COMMAND_SIZE = 32,
    COUNTER_SIZE = 16,
    UNKNOWN = -1,
};

static const char blocked_as[] = "sim_pin";

static void block(struct modem *modem, const char *sentence)
{
    bool has_pin = modem->config.pin != NULL && modem->config.pin[0] != '\0';
    modem->reason = has_pin ? MODEM_PIN_WITHHELD : MODEM_PIN_MISSING;
    modem_sim_block(modem, blocked_as, sentence);
}

static void not_accepted(struct modem *modem)
{
    modem->pin = PIN_NOT_GIVEN;
    block(modem,
          "La SIM no acepta el PIN configurado. No se repetirá: compruébelo en un teléfono y "
          "cambie pin_sim.");
}

/* ---- giving it ------------------------------------------------------------------------------ */

static void on_pin(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    bool is_busy = modem_reply_is_busy(reply);
    if (is_busy && modem->pin == PIN_GIVEN)
        modem->pin = PIN_BUSY; /* it may have been taken all the same: +CPIN? will tell */
    if (reply->result == AT_RESULT_OK || is_busy)
        modem_timer(modem, is_busy ? BUSY_RETRY_MS : AFTER_PIN_MS, modem_sim_look);
    else if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem); /* +CPIN? will tell */
    else if (reply->result != AT_RESULT_LOST)
        modem_pin_wanted(modem);
}

static void give(struct modem *modem, int left)
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
    memcpy(modem->pin_iccid, modem->iccid, sizeof(modem->pin_iccid));
    (void)snprintf(command, sizeof(command), "AT+CPIN=\"%s\"", modem->config.pin);
    modem_command(modem, &(struct at_request){
                             .command = command, .final_ms = PIN_MS, .fn = on_pin, .user = modem});
    secret_wipe(command, sizeof(command));
}

/* The last try belongs to a person: a wrong one would lock the card. So does one that may be it. */
static void counted(struct modem *modem, int left)
{
    modem->pin_told = left;
    if (left == 0 || left == 1)
        block(modem, "A la SIM le queda un solo intento de PIN y no se gastará: ponga el PIN en un "
                     "teléfono y devuelva la SIM al módem.");
    else if (modem->pin == PIN_BUSY && (left == UNKNOWN || left != modem->pin_left))
        not_accepted(modem);
    else if (left == UNKNOWN && !modem->config.force_pin)
        block(modem,
              "El módem no dice cuántos intentos de PIN quedan y no se gastará ninguno: compruebe "
              "el PIN en un teléfono y ponga pin_sim_forzar = si.");
    else
        give(modem, left);
}

/* ---- how many tries are left ---------------------------------------------------------------- */

/* The standard's word and the families' own; one that a modem does not know is refused at once. */
static const struct {
    const char *command;
    const char *prefix;
    const char *word; /* the line's first field; NULL = any */
    int field;        /* the tries that are left for the PIN */
} counters[] = {
    {"AT+CPINR", "+CPINR:", "SIM PIN", 1},  /* 27.007 8.65 */
    {"AT+QPINC?", "+QPINC:", "SC", 1},      /* Quectel */
    {"AT^CPIN?", "^CPIN:", "SIM PIN", 3},   /* Huawei: state, tries, PUK, PIN, PUK2, PIN2 */
    {"AT+SPIC", "+SPIC:", NULL, 0},         /* SIMCom */
    {"AT+ZPINPUK=?", "+ZPINPUK:", NULL, 0}, /* ZTE: PIN, PUK */
    {"AT#PCT", "#PCT:", NULL, 0},           /* Telit: of what it is waiting for */
    {"AT+UPINCNT", "+UPINCNT:", NULL, 0},   /* u-blox: PIN, PIN2, PUK, PUK2 */
    {"AT+CPINC?", "+CPINC:", NULL, 0},      /* Sierra: PIN, PIN2, PUK, PUK2 */
    {"AT^SPIC", "^SPIC:", NULL, 0},         /* Cinterion: of what it is waiting for */
    {"AT+XPINCNT", "+XPINCNT:", NULL, 0},   /* Intel: PIN, PIN2, PUK, PUK2 */
    {"AT+CPNNUM", "PIN1=", NULL, 0},        /* Longcheer, Alcatel: PIN1=3; PUK1=10; … */
};

enum { COUNTERS = sizeof(counters) / sizeof(counters[0]) };

static int read_counter(int form, const char *line)
{
    struct at_fields fields;
    char text[COUNTER_SIZE];
    const char *word = counters[form].word;
    if (!at_fields_init(&fields, line, counters[form].prefix))
        return UNKNOWN;
    for (int i = 0; i < counters[form].field; i++) {
        if (!at_fields_text(&fields, text, sizeof(text)) ||
            (i == 0 && word != NULL && strcmp(text, word) != 0))
            return UNKNOWN;
    }
    if (!at_fields_text(&fields, text, sizeof(text)))
        return UNKNOWN;
    size_t digits = strspn(text, "0123456789"); /* "3; PUK1=10" */
    return digits == 1 || digits == 2 ? (int)strtol(text, NULL, 10) : UNKNOWN;
}

static void ask(struct modem *modem);

static void on_counter(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    int left = UNKNOWN;
    if (reply->result == AT_RESULT_LOST)
        return;
    for (size_t i = 0; i < reply->line_count && left == UNKNOWN; i++)
        left = read_counter(modem->sim_form, reply->lines[i]);
    if (reply->result == AT_RESULT_TIMEOUT) {
        modem->counter_mute |= 1U << modem->sim_form;
        modem_resync(modem);
    } else if (left != UNKNOWN) {
        counted(modem, left);
    } else if (modem_reply_is_busy(reply) && ++modem->tries < BUSY_TRIES) {
        modem_timer(modem, BUSY_RETRY_MS, ask);
    } else {
        modem->sim_form++;
        ask(modem);
    }
}

static void ask(struct modem *modem)
{
    while (modem->sim_form < COUNTERS && (modem->counter_mute & 1U << modem->sim_form) != 0)
        modem->sim_form++;
    if (modem->sim_form == COUNTERS) {
        counted(modem, UNKNOWN);
        return;
    }
    modem_command(modem, &(struct at_request){.command = counters[modem->sim_form].command,
                                              .prefix = counters[modem->sim_form].prefix,
                                              .final_ms = ASK_MS,
                                              .fn = on_counter,
                                              .user = modem});
}

void modem_enter_unlocking(struct modem *modem)
{
    modem->tries = 0;
    modem->sim_form = 0;
    ask(modem);
}

/* ---- to whom --------------------------------------------------------------------------------- */

/*
 * With "auto" and no card named, whatever is plugged in and says SIM PIN would be told it: a
 * gadget's answer is no proof. What a person named, or a maker of modems', is.
 */
static bool is_stranger(const struct modem *modem)
{
    const struct find_port *port = &modem->find.now;
    bool is_named = modem->find.wish.spec.kind != FIND_AUTO ||
                    (modem->config.iccid != NULL && modem->config.iccid[0] != '\0');
    return !is_named && port->vid != 0 &&
           !find_is_known_vendor(modem->config.drivers, port->vid, port->pid);
}

static void block_stranger(struct modem *modem)
{
    char sentence[MODEM_DETAIL_SIZE];
    const struct find_port *port = &modem->find.now;
    (void)snprintf(sentence, sizeof(sentence),
                   "No se da el PIN al dispositivo USB %04x:%04x, de un fabricante que no se "
                   "conoce. Si es su módem, escriba dispositivo = \"usb:%04x:%04x\".",
                   port->vid, port->pid, port->vid, port->pid);
    block(modem, sentence);
}

/* ---- the card asks for it ------------------------------------------------------------------- */

void modem_pin_wanted(struct modem *modem)
{
    if (modem->pin == PIN_BUSY)
        modem_enter_unlocking(modem);
    else if (modem->pin != PIN_NOT_GIVEN) /* and asked for again */
        not_accepted(modem);
    else if (modem->config.pin == NULL || modem->config.pin[0] == '\0')
        block(modem, "La SIM pide PIN y no hay ninguno configurado. Escríbalo en pin_sim.");
    else if (is_stranger(modem))
        block_stranger(modem);
    else
        modem_enter(modem, MODEM_UNLOCKING);
}
