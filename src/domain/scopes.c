/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/scopes.h"

#include "base/buf.h"
#include "base/list.h"

#include <string.h>

static const struct {
    const char *name;
    enum client_scope bit;
} rows[] = {
    {"solicitar", SCOPE_SOLICITAR},
    {"verificar", SCOPE_VERIFICAR},
    {"alta", SCOPE_ALTA},
    {"registro", SCOPE_REGISTRO},
    {"tecnico", SCOPE_TECNICO},
    {"auditoria", SCOPE_AUDITORIA},
    {"admin", SCOPE_ADMIN},
    {"buzon", SCOPE_BUZON},
    {"metricas", SCOPE_METRICAS},
    {"estado", SCOPE_ESTADO},
    {"operadores", SCOPE_OPERADORES},
    {"supervision", SCOPE_SUPERVISION},
    {"certificado", SCOPE_CERTIFICADO},
    {"identidad", SCOPE_IDENTIDAD},
    {"evidencia", SCOPE_EVIDENCIA},
};
enum { SCOPE_COUNT = sizeof(rows) / sizeof(rows[0]) };

const char *scopes_name_at(size_t index, unsigned *ret_bit)
{
    if (index >= SCOPE_COUNT)
        return NULL;
    *ret_bit = (unsigned)rows[index].bit;
    return rows[index].name;
}

static unsigned scope_bit(const char *name, size_t len)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            return (unsigned)rows[i].bit;
    }
    return 0;
}

enum cc_err scopes_parse(const char *text, unsigned *ret)
{
    unsigned scopes = 0;
    const char *name;
    size_t len;
    text += strspn(text, " ");
    do {
        unsigned bit = list_take(&text, &name, &len) ? scope_bit(name, len) : 0;
        if (bit == 0)
            return CC_ERR_SCOPE_UNKNOWN;
        scopes |= bit;
    } while (*text != '\0');
    *ret = scopes;
    return CC_OK;
}

void scopes_format(unsigned scopes, char out[SCOPES_SIZE])
{
    struct buf b;
    buf_init(&b, out, SCOPES_SIZE);
    for (size_t i = 0; i < SCOPE_COUNT; i++) {
        if ((scopes & (unsigned)rows[i].bit) == 0)
            continue;
        if (b.len > 0)
            buf_byte(&b, ',');
        buf_str(&b, rows[i].name);
    }
    (void)buf_cstr(&b); /* all the names fit: see SCOPES_SIZE */
}
