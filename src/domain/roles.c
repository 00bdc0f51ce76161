/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/roles.h"

#include "domain/scopes.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned scopes;
} rows[ROLE_COUNT] = {
    [ROLE_NONE] = {"", 0},
    [ROLE_LECTOR] = {"lector", SCOPE_ESTADO},
    [ROLE_REGISTRO] = {"registro", SCOPE_ESTADO | SCOPE_REGISTRO},
    [ROLE_SUPERVISOR] = {"supervisor",
                         SCOPE_ESTADO | SCOPE_REGISTRO | SCOPE_ALTA | SCOPE_SUPERVISION},
    [ROLE_TECNICO] = {"tecnico", SCOPE_ESTADO | SCOPE_TECNICO | SCOPE_BUZON | SCOPE_METRICAS},
    [ROLE_AUDITOR] = {"auditor", SCOPE_ESTADO | SCOPE_AUDITORIA | SCOPE_EVIDENCIA},
    [ROLE_ADMINISTRADOR] = {"administrador", SCOPES_ALL},
};

enum cc_err roles_parse(const char *text, enum role *ret)
{
    for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++) {
        if (strcmp(rows[role].name, text) == 0) {
            *ret = (enum role)role;
            return CC_OK;
        }
    }
    return CC_ERR_ROLE_UNKNOWN;
}

const char *roles_name(enum role role)
{
    return role < ROLE_COUNT ? rows[role].name : "";
}

unsigned roles_scopes(enum role role)
{
    return role < ROLE_COUNT ? rows[role].scopes : 0;
}
