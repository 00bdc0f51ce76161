/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Set-up rows that many families share, for the init tables of the drivers.
 * Source: 3GPP TS 27.005 3.2.2, 3.2.3, 3.4.1; MODEMS 2, "CNMI/CSMS/CMMS policy".
 */
#ifndef CC_DRIVERS_ROWS_H
#define CC_DRIVERS_ROWS_H

/* PDU mode: the only one that every modem has in the same way. Some refuse to be set to what they
 * are; some refuse it until their card has been read, which takes so many seconds. */
#define ROW_PDU_MODE_WITHIN(seconds)                                                               \
    {                                                                                              \
        .commands = {"AT+CMGF=0"}, .patience = (seconds), .ask = "AT+CMGF?",                       \
        .prefix = "+CMGF:", .wanted = {"0"}, .asks_last = true                                     \
    }
#define ROW_PDU_MODE ROW_PDU_MODE_WITHIN(0)
/* Phase 2+ service would ask for an AT+CNMA per report; a missing one stops some modems for good */
#define ROW_NO_ACKNOWLEDGE                                                                         \
    {                                                                                              \
        .commands = {"AT+CSMS=0"}, .optional = true                                                \
    }
/* All three memories the same, so that what is announced is where we read (MODEMS 1 #18). */
#define ROW_MEMORY_SIM                                                                             \
    {                                                                                              \
        .commands = {"AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CPMS=\"SM\",\"SM\"", "AT+CPMS=\"SM\""},   \
        .optional = true                                                                           \
    }
/* Inbound stored and announced, reports direct (+CDS); a report kept in the SR memory (+CDSI) only
 * where direct is refused, and none at all rather than no announcements. */
#define ROW_NOTIFY_MODE_2                                                                          \
    {                                                                                              \
        .commands = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,1,1", "AT+CNMI=1,1,0,1,0",                \
                     "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,0"},                                    \
        .optional = true                                                                           \
    }
/* The same for the families that advertise mode 2 and then refuse it or lose lines with it. */
#define ROW_NOTIFY_MODE_1                                                                          \
    {                                                                                              \
        .commands = {"AT+CNMI=1,1,0,1,0", "AT+CNMI=1,1,0,1,1", "AT+CNMI=1,1,0,2,0",                \
                     "AT+CNMI=1,1,0,0,0"},                                                         \
        .optional = true                                                                           \
    }
/* The indications of Wavecom off, which it keeps for good: only where they are on. */
#define ROW_INDICATIONS_OFF                                                                        \
    {                                                                                              \
        .ask = "AT+WIND?", .prefix = "+WIND:", .wanted = {"0"}, .commands = {"AT+WIND=0"},         \
        .optional = true, .is_blind = true                                                         \
    }
/* The number of the card and the tries of its PIN, as the standard asks: 27.007 8.18, 8.65. */
#define FORM_ICCID_STANDARD                                                                        \
    {                                                                                              \
        .command = "AT+CRSM=176,12258,0,0,10", .prefix = "+CRSM:", .is_swapped = true              \
    }
#define FORM_PIN_STANDARD                                                                          \
    {                                                                                              \
        .command = "AT+CPINR", .prefix = "+CPINR:", .word = "SIM PIN", .field = 1                  \
    }
#define FORM_END                                                                                   \
    {                                                                                              \
        .command = NULL                                                                            \
    }
#define ROW_END                                                                                    \
    {                                                                                              \
        .commands = { NULL }                                                                       \
    }

/* Notice of families without LTE. */
#define ADVICE_2G_3G                                                                               \
    "Módem solo 2G/3G: hay operadores que ya desmontan esas redes; prevea cambiarlo por uno LTE."

#endif
