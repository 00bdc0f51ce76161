/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/clave.h"

#include <string.h>

enum cc_err clave_parse(const char *text, size_t len, size_t digits, enum cc_err err, char *ret)
{
    if (len != digits)
        return err;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return err;
    }
    memcpy(ret, text, len);
    ret[len] = '\0';
    return CC_OK;
}

uint32_t clave_count(size_t digits)
{
    uint32_t count = 1;
    for (size_t i = 0; i < digits; i++)
        count *= 10;
    return count;
}

void clave_from_number(uint32_t n, size_t digits, char *out)
{
    for (size_t i = digits; i > 0; i--) {
        out[i - 1] = (char)('0' + n % 10);
        n /= 10;
    }
    out[digits] = '\0';
}
