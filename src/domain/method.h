/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The methods by which a citizen enters a sede (seeds 002 and 003): what each asks for, and who
 * proves it. The order is that of the sede's page. Pure.
 */
#ifndef CC_DOMAIN_METHOD_H
#define CC_DOMAIN_METHOD_H

#include <stdbool.h>

enum method {
    METHOD_PIN24H,      /* clave and contraclave: the box proves them */
    METHOD_CERTIFICATE, /* certificado: the sede asks the browser for it */
    METHOD_ASSERTED,    /* afirmado: another system that the sede admits, as Cl@ve */
    METHODS
};

enum { METHOD_ASKS_MAX = 3 };

struct method_row {
    const char *token;                 /* its name in the API and the configuration */
    const char *asks[METHOD_ASKS_MAX]; /* fields of the page; NULL behind the last one */
    bool is_proved_here;
};

extern const struct method_row method_rows[METHODS];

#endif
