/* SPDX-License-Identifier: EUPL-1.2 */
/* The settings of the messages, by the lists of the family and, where those are refused, by the
 * forms of the standard; and once more behind the network. Source: 27.005 3.4.1. */
#include "modem/start/private.h"
#include "modem/start/setting_rows.h"

/* The forms of the standard, for a family that refuses its own. Two values are all that some take,
 * and 3 is the only mode of others (Sony Ericsson, Motorola). */
static const struct driver_init notify_rows[] = {
    {.commands = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1", "AT+CNMI=3,1,0,1,0",
                  "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1", "AT+CNMI=1,1", "AT+CNMI=3,1"},
     .optional = true},
    MODEM_ROW_END,
};

/* Commands that some modems refuse until the card is open. */
static const struct driver_init card_open_rows[] = {MODEM_ROW_CHARACTERS, MODEM_ROW_END};

static void setup_done(struct modem *modem)
{
    modem_enter(modem, MODEM_REGISTERING);
}

static const struct driver_init *driver_rows(const struct modem *modem)
{
    return modem->driver->init != NULL ? modem->driver->init : modem->config.drivers->generic->init;
}

static void notify_rows_done(struct modem *modem)
{
    modem_run_rows(modem, card_open_rows, setup_done);
}

static void driver_rows_done(struct modem *modem)
{
    if (modem->start->notify == NULL)
        modem_run_rows(modem, notify_rows, notify_rows_done);
    else
        notify_rows_done(modem);
}

void modem_start_enter_setup(struct modem *modem)
{
    modem->start->late = (struct start_late){.is_wanted = false};
    modem_run_rows(modem, driver_rows(modem), driver_rows_done);
}

static void late_rows_done(struct modem *modem)
{
    if (modem->start->notify == NULL)
        log_warning("módem %s: rechaza AT+CNMI: no dará informes de entrega y los SMS recibidos se "
                    "verán con retraso. Pruebe con otro firmware o modelo.",
                    modem->config.name);
    modem->start->late.done(modem);
}

static void late_driver_rows_done(struct modem *modem)
{
    if (modem->start->notify == NULL)
        modem_run_rows(modem, notify_rows, late_rows_done);
    else
        late_rows_done(modem);
}

bool start_run_late_rows(struct modem *modem, void (*done)(struct modem *modem))
{
    if (!modem->start->late.is_wanted)
        return false;
    modem->start->late = (struct start_late){.done = done};
    modem_run_rows(modem, driver_rows(modem), late_driver_rows_done);
    return true;
}
