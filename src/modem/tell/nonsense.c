/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/nonsense.h"

#include "at/command.h"

#include <string.h>

static const char *const predicates[NONSENSE_COUNT] = {
    [AT_NONSENSE_LONG_LINE] = "envía líneas que no acaban",
    [AT_NONSENSE_LONG_REPLY] = "contesta mucho más de lo que se le pregunta",
    [AT_NONSENSE_CUT_PDU] = "envía a medias un SMS o un informe de entrega",
    [AT_NONSENSE_BYTES] = "envía bytes que no son texto",
    [NONSENSE_REPLY] = "contesta a órdenes que no se le han dado",
    [NONSENSE_REPORT] = ("envía un informe de entrega que no se puede leer (el mensaje al que se "
                         "refiere queda sin confirmar)"),
    [NONSENSE_MESSAGE] = "envía un SMS que no se puede leer entero",
    [NONSENSE_ANNOUNCED] = "anuncia un SMS en una memoria que no existe",
    [NONSENSE_FORMAT] = "no da los SMS guardados en el formato que se le pide",
    [NONSENSE_REGISTRATION] = "da un estado de la red que no existe",
};

const char *nonsense_note(struct nonsense *nonsense, unsigned kind)
{
    if (nonsense->told & 1U << kind)
        return NULL;
    nonsense->told |= 1U << kind;
    return predicates[kind];
}

bool nonsense_is_stray_reply(const char *line)
{
    static const char reference[] = "+CMGS:";
    struct gsm_cause cause;
    return at_final(line, &cause) != AT_RESULT_NONE ||
           strncmp(line, reference, sizeof(reference) - 1) == 0;
}
