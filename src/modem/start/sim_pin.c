/* SPDX-License-Identifier: EUPL-1.2 */
/* The PIN of the SIM: given once per card and never again, and never as the last try (MODEMS 1
 * #10).
 */
#include "modem/find/open.h"
#include "modem/recover/recover.h"
#include "modem/start/private.h"

#include "at/fields.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIN_MS = 20000, /* MODEMS 3 */
    BUSY_RETRY_MS = 1000,
    AFTER_PIN_MS = 500,
    COMMAND_SIZE = 32,
    COUNTER_SIZE = 16,
    UNKNOWN = -1,
};

static const char blocked_as[] = "sim_pin";

static void block_pin(struct modem *modem, const char *sentence)
{
    bool has_pin = modem->config.pin != NULL && modem->config.pin[0] != '\0';
    modem->shown.reason = has_pin ? MODEM_PIN_WITHHELD : MODEM_PIN_MISSING;
    start_block_sim(modem, blocked_as, sentence);
}

static void block_refused(struct modem *modem)
{
    modem->start->pin.step = PIN_NOT_GIVEN;
    block_pin(modem,
              "La SIM no acepta el PIN configurado. No se repetirá: compruébelo en un teléfono y "
              "cambie pin_sim.");
}

/* ---- giving it ------------------------------------------------------------------------------ */

static void on_pin(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    bool is_busy = modem_reply_is_busy(reply);
    if (is_busy && modem->start->pin.step == PIN_GIVEN)
        modem->start->pin.step =
            PIN_BUSY; /* the PIN may have been taken all the same: +CPIN? will tell */
    if (reply->result == AT_RESULT_OK || is_busy)
        modem_set_timer(modem, is_busy ? BUSY_RETRY_MS : AFTER_PIN_MS, start_look_at_sim);
    else if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem); /* +CPIN? will tell */
    else if (reply->result != AT_RESULT_LOST)
        start_want_pin(modem);
}

static void give_pin(struct modem *modem, int left)
{
    struct start_pin *pin = &modem->start->pin;
    char command[COMMAND_SIZE];
    bool again = pin->step == PIN_BUSY;
    if (!again &&
        !modem->events->pin_try(modem, modem->identity.iccid, modem->config.pin, modem->user)) {
        block_pin(modem,
                  "Este PIN ya se probó una vez en esta SIM y no se repetirá: compruébelo en un "
                  "teléfono y cambie pin_sim.");
        return;
    }
    pin->step = again ? PIN_REPEATED : PIN_GIVEN;
    pin->left = left;
    memcpy(pin->iccid, modem->identity.iccid, sizeof(pin->iccid));
    (void)snprintf(command, sizeof(command), "AT+CPIN=\"%s\"", modem->config.pin);
    modem_command(modem, &(struct at_request){
                             .command = command, .final_ms = PIN_MS, .fn = on_pin, .user = modem});
    secret_wipe(command, sizeof(command));
}

/* The last try belongs to a person: a wrong PIN would lock the card. So does a try that may be the
 * last. */
static void decide_on_pin(struct modem *modem, int left)
{
    if (left == 0 || left == 1)
        block_pin(modem,
                  "A la SIM le queda un solo intento de PIN y no se gastará: ponga el PIN en un "
                  "teléfono y devuelva la SIM al módem.");
    else if (modem->start->pin.step == PIN_BUSY &&
             (left == UNKNOWN || left != modem->start->pin.left))
        block_refused(modem);
    else if (left == UNKNOWN && !modem->config.force_pin)
        block_pin(
            modem,
            "El módem no dice cuántos intentos de PIN quedan y no se gastará ninguno: compruebe "
            "el PIN en un teléfono y ponga pin_sim_forzar = si.");
    else
        give_pin(modem, left);
}

/* ---- how many tries are left ---------------------------------------------------------------- */

static const struct driver_form *forms_of(const struct driver *driver)
{
    return driver->pin_counters;
}

static bool read_counter(struct modem *modem, const struct driver_form *form, const char *line)
{
    struct at_fields fields;
    char text[COUNTER_SIZE];
    if (!at_fields_init(&fields, line, form->prefix))
        return false;
    for (int i = 0; i < form->field; i++) {
        if (!at_fields_text(&fields, text, sizeof(text)) ||
            (i == 0 && form->word != NULL && strcmp(text, form->word) != 0))
            return false;
    }
    if (!at_fields_text(&fields, text, sizeof(text)))
        return false;
    size_t digits = strspn(text, "0123456789"); /* "3; PUK1=10" */
    if (digits != 1 && digits != 2)
        return false;
    modem->start->pin.told = (int)strtol(text, NULL, 10);
    return true;
}

static void on_counted(struct modem *modem, bool is_told)
{
    if (!is_told)
        modem->start->pin.told = UNKNOWN;
    decide_on_pin(modem, modem->start->pin.told);
}

void modem_start_enter_unlocking(struct modem *modem)
{
    start_ask_forms(modem, &(struct start_forms){.of = forms_of,
                                                 .read = read_counter,
                                                 .done = on_counted,
                                                 .mute = &modem->start->mute.counter_forms});
}

int modem_count_pin_tries(const struct modem *modem)
{
    return modem->start->pin.told;
}

/* ---- to whom --------------------------------------------------------------------------------- */

/*
 * With "auto" and no card named, any device that says SIM PIN would be told it: a
 * gadget's answer is no proof. What a person named, or a maker of modems', is.
 */
static bool is_stranger(const struct modem *modem)
{
    const struct find_port *port = modem_find_port(modem);
    bool is_named = modem_find_kind(modem) != FIND_AUTO ||
                    (modem->config.iccid != NULL && modem->config.iccid[0] != '\0');
    return !is_named && port->vid != 0 &&
           !find_is_known_vendor(modem->config.drivers, port->vid, port->pid);
}

static void block_stranger(struct modem *modem)
{
    char sentence[MODEM_DETAIL_SIZE];
    const struct find_port *port = modem_find_port(modem);
    (void)snprintf(sentence, sizeof(sentence),
                   "No se da el PIN al dispositivo USB %04x:%04x, de un fabricante que no se "
                   "conoce. Si es su módem, escriba dispositivo = \"usb:%04x:%04x\".",
                   port->vid, port->pid, port->vid, port->pid);
    block_pin(modem, sentence);
}

/* ---- the card asks for it ------------------------------------------------------------------- */

void start_want_pin(struct modem *modem)
{
    if (modem->start->pin.step == PIN_BUSY)
        modem_start_enter_unlocking(modem);
    else if (modem->start->pin.step != PIN_NOT_GIVEN) /* and asked for again */
        block_refused(modem);
    else if (modem->config.pin == NULL || modem->config.pin[0] == '\0')
        block_pin(modem, "La SIM pide PIN y no hay ninguno configurado. Escríbalo en pin_sim.");
    else if (is_stranger(modem))
        block_stranger(modem);
    else
        modem_enter(modem, MODEM_UNLOCKING);
}
