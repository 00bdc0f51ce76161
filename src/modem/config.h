/* SPDX-License-Identifier: EUPL-1.2 */
/* Parameters of modem_new(). Strings and tables live as long as the modem. */
#ifndef CC_MODEM_CONFIG_H
#define CC_MODEM_CONFIG_H

#include "link/link.h"

#include <stdbool.h>
#include <stdint.h>

enum { MODEM_NAME_SIZE = 33 };

struct driver_table;
struct find_claims;

struct modem_config {
    char name[MODEM_NAME_SIZE];
    const char *device;    /* see find_spec_parse(); lives as long as the modem */
    const char *pin;       /* "" = none; lives as long as the modem */
    int64_t prompt_ms;     /* 10 000 (MODEMS 3) */
    int64_t final_ms;      /* 150 000: longer than TR1M, so that silence really means unknown */
    const char *tape_path; /* "" = no byte tape */
    bool force_pin; /* pin_sim_forzar: also when the card does not tell how many tries are left */
    const char *iccid; /* the only card it may work with; "" = any */
    const char *smsc;  /* centro_mensajes: written to the card when it has another; "" = leave it */
    const char *ussd;  /* ussd_saldo: asks for the balance; "" = none */
    const char *balance_pattern; /* aviso_saldo; "" or NULL = none */
    const char *balance_sender; /* remitente_saldo: who may say so besides short codes; "" = none */
    const char *power_key;      /* gpio_encendido: "gpiochip0:17"; "" = none */
    bool may_cut_power;         /* corte_usb: uhubctl may cut the supply of its USB port */
    const struct driver_table *drivers; /* the families it may be of; never NULL */
    struct find_claims *claims;         /* shared by the modems of the box; NULL = alone */
    const struct link_scheme *schemes;  /* extra kinds of device; NULL = none */
};

#endif
