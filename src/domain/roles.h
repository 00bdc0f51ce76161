/* SPDX-License-Identifier: EUPL-1.2 */
/* Roles of the people who log in: each is a set of scopes (scopes.h). The numbers are stored:
 * append only. Pure. Source: the five places of work of the pages, and a reader. */
#ifndef CC_DOMAIN_ROLES_H
#define CC_DOMAIN_ROLES_H

#include "base/err.h"

enum role {
    ROLE_NONE,
    ROLE_LECTOR,
    ROLE_REGISTRO,
    ROLE_SUPERVISOR,
    ROLE_TECNICO,
    ROLE_AUDITOR,
    ROLE_ADMINISTRADOR,
    ROLE_COUNT
};

/* Errors: CC_ERR_ROLE_UNKNOWN. */
enum cc_err roles_parse(const char *text, enum role *ret) CC_MUST_CHECK;
/* "lector"; "" for a number that is no role. */
const char *roles_name(enum role role);
/* Bits of enum client_scope; 0 for a number that is no role. */
unsigned roles_scopes(enum role role);

#endif
