/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/clave.h"

#include <string.h>

enum cc_err clave_parse(const char *text, size_t len, enum cc_err err, char ret[CLAVE_SIZE])
{
    if (len != CLAVE_DIGITS)
        return err;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return err;
    }
    memcpy(ret, text, CLAVE_DIGITS);
    ret[CLAVE_DIGITS] = '\0';
    return CC_OK;
}

void clave_from_number(uint32_t n, char out[CLAVE_SIZE])
{
    for (int i = CLAVE_DIGITS - 1; i >= 0; i--) {
        out[i] = (char)('0' + n % 10);
        n /= 10;
    }
    out[CLAVE_DIGITS] = '\0';
}
