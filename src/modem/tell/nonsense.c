/* SPDX-License-Identifier: EUPL-1.2 */
/* What a modem says that makes no sense: counted for the status page, and told once a kind. */
#include "modem/core.h"

#include <string.h>

static const char *const sentences[NONSENSE_COUNT] = {
    [AT_NONSENSE_LONG_LINE] = "envía líneas que no acaban",
    [AT_NONSENSE_LONG_REPLY] = "contesta mucho más de lo que se le pregunta",
    [AT_NONSENSE_CUT_PDU] = "envía a medias un SMS o un informe de entrega",
    [AT_NONSENSE_BYTES] = "envía bytes que no son texto",
    [NONSENSE_REPLY] = "contesta a órdenes que no se le han dado",
    [NONSENSE_REPORT] = "envía un informe de entrega que no se puede leer",
    [NONSENSE_MESSAGE] = "envía un SMS que no se puede leer entero",
    [NONSENSE_ANNOUNCED] = "anuncia un SMS en una memoria que no existe",
    [NONSENSE_FORMAT] = "no da los SMS guardados en el formato que se le pide",
    [NONSENSE_REGISTRATION] = "da un estado de la red que no existe",
};

void modem_nonsense(struct modem *modem, unsigned what)
{
    modem->garbage++;
    if (modem->nonsense_told & 1U << what)
        return;
    modem->nonsense_told |= 1U << what;
    log_warning("módem %s: %s. No se le hace caso, y no se repetirá este aviso. Si funciona mal, "
                "revise el cable, la alimentación y que ningún otro programa use su puerto.",
                modem->config.name, sentences[what]);
}

void modem_unknown_line(struct modem *modem, const char *line)
{
    static const char reference[] = "+CMGS:";
    struct gsm_cause cause;
    bool is_reply = at_final(line, &cause) != AT_RESULT_NONE ||
                    strncmp(line, reference, sizeof(reference) - 1) == 0;
    /* on a line out of step a reply may well come late, or be that to an ESC */
    if (is_reply && modem->state != MODEM_PROBING)
        modem_nonsense(modem, NONSENSE_REPLY);
    else if (at_chat_line_is_odd(modem->chat))
        modem_nonsense(modem, AT_NONSENSE_BYTES);
}
