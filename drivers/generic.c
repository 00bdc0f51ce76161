/* SPDX-License-Identifier: EUPL-1.2 */
/* Any modem that keeps to 3GPP TS 27.005 and 27.007. Rows of MODEMS 2, "CNMI/CSMS/CMMS policy". */
#include "modem/driver.h"

#include <stddef.h>

static const struct driver_init init[] = {
    /* PDU mode: the only one that every modem has in the same way */
    {.commands = {"AT+CMGF=0"}},
    /* phase 2 service would ask for an AT+CNMA per report; a missing one stops some modems for good
     */
    {.commands = {"AT+CSMS=0"}, .optional = true},
    /* inbound stored and announced, reports direct (+CDS): ds=2 loses reports where the SR memory
       is small */
    {.commands = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1,1",
                  "AT+CNMI=1,1,0,1,1", "AT+CNMI=2,1,0,0,0"},
     .optional = true},
    {.commands = {NULL}},
};

static const char *const events[] = {
    "+CREG:", "+CGREG:", "+CEREG:", "+CMTI:", "+CDSI:", "+CUSD:",
    "RING",   "+CRING:", "^",       "+CIEV:", NULL,
};

/* The families' words for it (MODEMS 2); looked for in a modem that was ready. */
static const char *const restarts[] = {
    "RDY",      "^SYSSTART",    "*ATREADY", "Call Ready", "SMS Ready",
    "SMS DONE", "+CPIN: READY", "+CFUN: 1", NULL,
};

const struct driver driver_generic = {
    .name = "generic",
    .init = init,
    .events = events,
    .restarts = restarts,
};
