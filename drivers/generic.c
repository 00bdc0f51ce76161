/* SPDX-License-Identifier: EUPL-1.2 */
/* Any modem that keeps to 3GPP TS 27.005 and 27.007. Rows of MODEMS 2, "CNMI/CSMS/CMMS policy". */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const struct driver_init init[] = {
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    /* the card's memory first: what is in it goes with the card */
    {.commands = {"AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CPMS=\"ME\",\"ME\",\"ME\"",
                  "AT+CPMS=\"SM\",\"SM\"", "AT+CPMS=\"SM\""},
     .optional = true},
    /* an unknown modem: both modes, both ways of flushing, reports direct, then
       kept (+CDSI), then none; announcements always */
    {.commands = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1,1",
                  "AT+CNMI=1,1,0,1,1", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,2,0",
                  "AT+CNMI=2,1,0,0,0", "AT+CNMI=1,1,0,0,0"},
     .optional = true},
    ROW_END,
};

static const char *const events[] = {
    "+CREG:", "+CGREG:", "+CEREG:", "+C5GREG:", "+CMTI:",     "+CDSI:", "+CUSD:",
    "RING",   "+CRING:", "^",       "+CIEV:",   "NO CARRIER", NULL,
};

/* The families' words for it (MODEMS 2); looked for in a modem that was ready. */
static const char *const restarts[] = {
    "RDY",      "^SYSSTART", "*ATREADY",  "Call Ready", "SMS Ready",     "SMS DONE", "+CPIN: READY",
    "+CFUN: 1", "APP RDY",   "+SYSSTART", "*EMRDY",     "MODEM:STARTUP", NULL,
};

const struct driver_form driver_ccid_forms[] = {
    FORM_ICCID_STANDARD,
    {.command = "AT+CCID"},
    FORM_END,
};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT+XPINCNT", .prefix = "+XPINCNT:"}, /* Intel: PIN, PIN2, PUK, PUK2 */
    {.command = "AT+CPNNUM", .prefix = "PIN1="},      /* Longcheer, Alcatel: PIN1=3; PUK1=10; … */
    FORM_END,
};

const struct driver driver_generic = {
    .name = "generic",
    .init = init,
    .events = events,
    .restarts = restarts,
    .iccid_forms = driver_ccid_forms,
    .pin_counters = pin_counters,
};
