/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Scopes: what a caller of the API may ask for (DOMAIN 6). A client carries its own set of them, a
 * person the set of a role (roles.h). The bits are stored: append only. Pure.
 */
#ifndef CC_DOMAIN_SCOPES_H
#define CC_DOMAIN_SCOPES_H

#include "base/err.h"

#include <stddef.h>

enum client_scope {
    SCOPE_SOLICITAR = 1 << 0,
    SCOPE_VERIFICAR = 1 << 1,
    SCOPE_ALTA = 1 << 2,
    SCOPE_REGISTRO = 1 << 3,
    SCOPE_TECNICO = 1 << 4,
    SCOPE_AUDITORIA = 1 << 5,
    SCOPE_ADMIN = 1 << 6, /* holds all the others */
    SCOPE_BUZON = 1 << 7,
    SCOPE_METRICAS = 1 << 8,
    SCOPE_ESTADO = 1 << 9, /* reads the status, changes nothing */
    SCOPE_OPERADORES = 1 << 10,
    SCOPE_SUPERVISION = 1 << 11, /* what a clerk may not decide alone */
    SCOPE_CERTIFICADO = 1 << 12, /* forwards the certificates of citizens */
    SCOPE_IDENTIDAD = 1 << 13,   /* asserts who a citizen is: the box believes it */
    SCOPE_EVIDENCIA = 1 << 14,   /* reads who entered, as a signed document */
    SCOPES_ALL = (1 << 15) - 1,
};

/* "solicitar,…,evidencia" is 140 characters. */
enum { SCOPES_SIZE = 160 };

/* The names in the order of the table, NULL behind the last. */
const char *scopes_name_at(size_t index, unsigned *ret_bit);
/* "solicitar,verificar" to bits and back. Errors: CC_ERR_SCOPE_UNKNOWN (also when empty). */
enum cc_err scopes_parse(const char *text, unsigned *ret) CC_MUST_CHECK;
void scopes_format(unsigned scopes, char out[SCOPES_SIZE]);

#endif
