/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Wavecom Fastrack and its kin, 2G, on a UART. Sources: MODEMS 2; Wavecom AT command guides
 * (WM_ASW_OAT_UGD_00044; +WIND also in Multi-Tech S000293I p. 111); the fake modem of
 * python-gsmmodem. Its CME ERROR 515 after AT+CFUN=1 counts as busy (gsm/cause).
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const struct driver_init init[] = {
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    ROW_INDICATIONS_OFF,
    /* three memories are answered with ERROR */
    {.commands = {"AT+CPMS=\"SM\",\"SM\"", "AT+CPMS=\"SM\""}, .optional = true},
    {.commands = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,1", "AT+CNMI=2,1,0,2", "AT+CNMI=2,1,0,0"},
     .optional = true},
    ROW_END,
};

static const char *const events[] = {"+WIND:", NULL};
/* 3 = takes basic commands; only where +WIND=0 was lost, as it is when the settings are reset */
static const char *const restarts[] = {"+WIND: 3", NULL};
static const char *const restart_ways[] = {"AT+CFUN=1", NULL};
static const char *const manufacturers[] = {"WAVECOM", NULL};

const struct driver driver_wavecom = {
    .name = "wavecom",
    .manufacturers = manufacturers,
    .init = init,
    .events = events,
    .restarts = restarts,
    .restart_ways = restart_ways,
    .iccid_forms = driver_ccid_forms,
    .pin_state_ms = 1000,
    .advice = "Módem solo 2G: el apagado de esas redes ya se estudia en España; prevea cambiarlo "
              "por uno LTE.",
};
