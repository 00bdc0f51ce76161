/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/method.h"

#include <string.h>

const struct method_row method_rows[METHODS] = {
    [METHOD_PIN24H] = {"pin24h", {"nif", "clave", "contraclave"}, .is_proved_here = true},
    [METHOD_PASSWORD_SMS] = {"contrasena_sms",
                             {"nif", "contrasena", "codigo"},
                             .is_proved_here = true,
                             .credential = CREDENTIAL_PASSWORD,
                             .sends_code = true},
    [METHOD_PASSWORD] = {"contrasena",
                         {"nif", "contrasena"},
                         .is_proved_here = true,
                         .credential = CREDENTIAL_PASSWORD},
    [METHOD_TOWN_KEY] = {"clave_ayto",
                         {"nif", "contrasena"},
                         .is_proved_here = true,
                         .credential = CREDENTIAL_TOWN_KEY},
    [METHOD_CERTIFICATE] = {"certificado", {"certificado"}, .is_proved_here = false},
    [METHOD_ASSERTED] = {"afirmado", {"nif"}, .is_proved_here = false},
};

enum method method_by_code(enum credential_kind kind)
{
    enum method m = 0;
    while (m < METHODS - 1 && method_rows[m].credential != kind)
        m++;
    return m;
}

enum cc_err method_parse_entry(const char *token, enum method *ret)
{
    for (enum method m = 0; m < METHODS; m++)
        if (method_rows[m].credential != CREDENTIAL_NONE &&
            strcmp(token, method_rows[m].token) == 0) {
            *ret = m;
            return CC_OK;
        }
    return CC_ERR_METHOD_UNKNOWN;
}
