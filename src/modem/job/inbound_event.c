/* SPDX-License-Identifier: EUPL-1.2 */
/* Announcements of messages (+CMTI, +CDSI) and messages given directly (+CMT). Source: 27.005
 * 3.4.1. */
#include "modem/job/inbound_private.h"

#include "at/fields.h"
#include "at/syntax.h"
#include "base/hex.h"
#include "gsm/deliver.h"

#include <ctype.h>
#include <string.h>

enum { DIRECT_BYTES = AT_LINE_MAX / 2 };

/* Two letters (27.005 3.2.2): what goes into a command of ours must be no more than a name. */
static bool is_memory(const char *name)
{
    return isupper((unsigned char)name[0]) && isupper((unsigned char)name[1]) && name[2] == '\0';
}

/* +CMTI: "SM",3 — and "SM",-1 or nothing at all from those that did not keep it (MODEMS 2). */
static void on_announced(struct modem *modem, struct at_fields *fields, bool is_report)
{
    char memory[16] = "";
    int index = -1;
    bool has_place =
        at_fields_text(fields, memory, sizeof(memory)) && at_fields_int(fields, &index);
    if (has_place && index >= 0) {
        for (char *at = memory; *at != '\0'; at++)
            *at = (char)toupper((unsigned char)*at);
        const char *named = memory[0] != '\0' ? memory : inbound_memories[0];
        if (!is_memory(named)) { /* wherever it is, a list shows it */
            modem_note_nonsense(modem, NONSENSE_ANNOUNCED);
            job_sweep_inbound(modem);
            return;
        }
        if (is_report)
            inbound_add_report(modem->jobs->inbox, named, index);
        else
            inbound_add_slot(modem->jobs->inbox, named, index);
        inbound_work_arises(modem);
        return;
    }
    if (memory[0] != '\0' && !has_place) { /* a place alone, or a memory */
        job_sweep_inbound(modem);
        return;
    }
    modem->counters.unkept++;
    if (!modem->jobs->inbox->said.unkept)
        log_warning("módem %s: ha llegado un SMS que el módem no guarda y no se puede leer. Vacíe "
                    "la memoria de la SIM o actualice el firmware.",
                    modem->config.name);
    modem->jobs->inbox->said.unkept = true;
}

/* Shown raw where it cannot be read: the modem does not keep it. */
static void on_direct(struct modem *modem, const char *pdu)
{
    uint8_t bytes[DIRECT_BYTES];
    size_t len = 0, digits = strlen(pdu);
    struct gsm_deliver deliver;
    if (!hex_decode(pdu, digits - digits % 2, bytes, sizeof(bytes), &len)) {
        modem_note_nonsense(modem, NONSENSE_MESSAGE);
        return;
    }
    if (digits % 2 != 0 || !gsm_deliver_decode(bytes, len, &deliver) || deliver.is_cut)
        modem_note_nonsense(modem, NONSENSE_MESSAGE);
    modem->counters.received++;
    modem->events->inbound(
        modem, &(struct modem_inbound){.pdu = bytes, .len = len, .is_cut = digits % 2 != 0},
        modem->user);
}

static bool is_full(const char *line)
{
    return strncmp(line, "^SMMEMFULL", 10) == 0 || strncmp(line, "#SMSFULL", 8) == 0 ||
           (strncmp(line, "+CIEV:", 6) == 0 && strcasestr(line, "smsfull") != NULL);
}

bool inbound_take_event(struct modem *modem, const char *line, const char *pdu)
{
    struct at_fields fields;
    if (at_fields_init(&fields, line, "+CMTI:"))
        on_announced(modem, &fields, false);
    else if (at_fields_init(&fields, line, "+CDSI:"))
        on_announced(modem, &fields, true);
    else if (pdu != NULL && at_line_behind(line, "+CMT:") != NULL)
        on_direct(modem, pdu);
    else if (is_full(line))
        job_sweep_inbound(modem);
    else
        return false;
    return true;
}
