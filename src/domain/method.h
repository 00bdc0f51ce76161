/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The methods by which a citizen enters a sede (seeds 002 and 003): what each asks for, and who
 * proves it. The order is that of the sede's page. Pure.
 */
#ifndef CC_DOMAIN_METHOD_H
#define CC_DOMAIN_METHOD_H

#include "domain/credential.h"

#include <stdbool.h>

enum method {
    METHOD_PIN24H,       /* clave and contraclave: the box proves them */
    METHOD_PASSWORD_SMS, /* contrasena, and a code by SMS: likewise */
    METHOD_PASSWORD,     /* contrasena alone, if the town says so */
    METHOD_TOWN_KEY,     /* clave_ayto, mailed by the town: to be changed with a code by SMS */
    METHOD_CERTIFICATE,  /* certificado: the sede asks the browser for it */
    METHOD_ASSERTED,     /* afirmado: another system that the sede admits, as Cl@ve */
    METHODS
};

enum { METHOD_ASKS_MAX = 3 };

struct method_row {
    const char *token;                 /* its name in the API and the configuration */
    const char *asks[METHOD_ASKS_MAX]; /* fields of the page; NULL behind the last one */
    bool is_proved_here;
    enum credential_kind credential; /* secret of the person that it compares */
    bool sends_code;                 /* and a code by SMS */
};

extern const struct method_row method_rows[METHODS];

/* The method of an entry by such a secret and a code by SMS. */
enum method method_by_code(enum credential_kind kind);
/* Errors: CC_ERR_METHOD_UNKNOWN: none of that name that POST /v1/accesos takes. */
enum cc_err method_parse_entry(const char *token, enum method *ret) CC_MUST_CHECK;

#endif
