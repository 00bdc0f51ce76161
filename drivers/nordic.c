/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Nordic nRF91: it has no interactive mode, so that the message must follow AT+CMGS=<length> in the
 * same write, behind a CR that must not end the command; and whether a command ends in CR, LF or
 * both is compiled into the program on its other core (nrfconnect/sdk-nrf PR 1657, 2296).
 * Source: nRF91 AT Commands Reference Guide, +CMGS.
 */
#include "drivers/families.h"

#include <stddef.h>

static const char *const makers[] = {"Nordic Semiconductor", NULL};

const struct driver driver_nordic = {
    .name = "nordic",
    .manufacturers = makers,
    .unfit =
        "Es un nRF91 de Nordic, que no pide el SMS con «>» y por eso no puede enviarlos con este "
        "programa. Ponga un módem de los que recomienda hw/README.md.",
};
