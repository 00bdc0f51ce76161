/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows of settings that any modem may have lost, or that another program left otherwise (settings.c
 * says when they are gone through). Private to modem/.
 * Source: 3GPP TS 27.007 8.2 (CFUN), 5.5 (CSCS), 7.3 (COPS), 10.1.9 (CGATT), 10.1.21
 * (CGSMS); 27.005 3.2.3 (CMGF).
 */
#ifndef CC_MODEM_START_SETTING_ROWS_H
#define CC_MODEM_START_SETTING_ROWS_H

enum {
    MODEM_RADIO_MS = 15000,   /* AT+CFUN=1, MODEMS 3 */
    MODEM_NETWORK_MS = 60000, /* AT+COPS=0 */
};

/* Radio on. Some start with it off, and AT+CFUN=1,1 brings them back so: AT+CFUN=1 alone helps. */
#define MODEM_ROW_RADIO                                                                              \
    {                                                                                                \
        .ask = "AT+CFUN?", .prefix = "+CFUN:", .wanted = {"1"},                                      \
        .commands = {"AT+CFUN=1", "AT+CFUN=1,0"}, .optional = true, .wait_ms = MODEM_RADIO_MS,       \
        .refused = "El módem tiene la radio apagada y se niega a encenderla (AT+CFUN=1). Mire si "  \
                   "tiene un interruptor de modo avión, quítele la corriente diez segundos y, si " \
                   "sigue así, cámbielo."                                                          \
    }
/* Letters as they are. With UCS2, operators, numbers and USSD are hexadecimal, both ways; the last
 * alternative is "GSM" in it, which some ask for then. */
#define MODEM_ROW_CHARACTERS                                                                       \
    {                                                                                              \
        .ask = "AT+CSCS?", .prefix = "+CSCS:", .wanted = {"GSM", "IRA"},                           \
        .commands = {"AT+CSCS=\"GSM\"", "AT+CSCS=\"IRA\"", "AT+CSCS=\"00470053004D\""},            \
        .optional = true, .is_blind = true                                                         \
    }
/* Messages as PDUs. */
#define MODEM_ROW_FORMAT                                                                           \
    {                                                                                              \
        .ask = "AT+CMGF?", .prefix = "+CMGF:", .wanted = {"0"}, .commands = {"AT+CMGF=0"},         \
        .optional = true                                                                           \
    }
/* Another program may have taken it off the network on purpose (2), or tied it to one that this
 * card has no right to or that is not here (1). */
#define MODEM_ROW_NETWORK                                                                          \
    {                                                                                              \
        .ask = "AT+COPS?", .prefix = "+COPS:", .wanted = {"0", "4"}, .commands = {"AT+COPS=0"},    \
        .optional = true, .wait_ms = MODEM_NETWORK_MS,                                             \
        .refused = "El módem está atado a una red o dado de baja de ella, y se niega a buscar "  \
                   "otra (AT+COPS=0). Quítele la corriente diez segundos y, si sigue así, "      \
                   "cámbielo."                                                                    \
    }
/* Attached to the packets of the network, by which LTE registers at all. */
#define MODEM_ROW_ATTACHED                                                                         \
    {                                                                                              \
        .ask = "AT+CGATT?", .prefix = "+CGATT:", .wanted = {"1"}, .commands = {"AT+CGATT=1"},      \
        .optional = true, .wait_ms = MODEM_NETWORK_MS                                              \
    }
/* Messages by packets alone (0) are refused by many networks; 3 and 2 take either way. */
#define MODEM_ROW_SERVICE                                                                          \
    {                                                                                              \
        .ask = "AT+CGSMS?", .prefix = "+CGSMS:", .wanted = {"1", "2", "3"},                        \
        .commands = {"AT+CGSMS=3", "AT+CGSMS=2", "AT+CGSMS=1"}, .optional = true                   \
    }
#define MODEM_ROW_END                                                                              \
    {                                                                                              \
        .commands = { NULL }                                                                       \
    }

#endif
