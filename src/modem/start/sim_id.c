/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads the card's number (ICCID), before the PIN, and checks it against the configured one. */
#include "modem/start/private.h"

#include "at/fields.h"

#include <ctype.h>
#include <string.h>

enum {
    ICCID_MIN = 18, /* ITU-T E.118, with and without the check digit */
    ICCID_MAX = 22,
    LAST_DIGITS = 4, /* as much of it as is shown */
};

/* A run of digits in the line; some cards have letters among them, and most end with an F. */
static bool read_plain(const char *line, char out[MODEM_ICCID_SIZE])
{
    static const char chars[] = "0123456789ABCDEFabcdef";
    for (const char *at = line; *at != '\0'; at += strspn(at, chars)) {
        at += strcspn(at, chars);
        size_t len = strspn(at, chars);
        while (len > 0 && toupper((unsigned char)at[len - 1]) == 'F')
            len--;
        if (len < ICCID_MIN || len > ICCID_MAX)
            continue;
        memcpy(out, at, len);
        out[len] = '\0';
        return true;
    }
    return false;
}

/* EF_ICCID is ten octets of swapped digits (51.011 10.1.1), in the third field. */
static bool read_swapped(const char *line, char out[MODEM_ICCID_SIZE])
{
    struct at_fields fields;
    char swapped[MODEM_ICCID_SIZE] = "", straight[MODEM_ICCID_SIZE] = "";
    if (!at_fields_init(&fields, line, "+CRSM:") || !at_fields_skip(&fields) ||
        !at_fields_skip(&fields) || !at_fields_text(&fields, swapped, sizeof(swapped)))
        return false;
    for (size_t i = 0; swapped[i] != '\0' && swapped[i + 1] != '\0'; i += 2) {
        straight[i] = swapped[i + 1];
        straight[i + 1] = swapped[i];
    }
    return read_plain(straight, out);
}

/* The check digit is on some cards and not on others, and modems differ in telling it. */
static bool same_card(const char *a, const char *b)
{
    size_t len_a = strlen(a), len_b = strlen(b);
    size_t len = len_a < len_b ? len_a : len_b;
    return len >= ICCID_MIN && len_a + len_b - 2 * len <= 1 && strncmp(a, b, len) == 0;
}

static void check_card(struct modem *modem)
{
    const char *wanted = modem->config.iccid;
    bool is_read = strcmp(modem->identity.iccid, MODEM_NO_ICCID) != 0;
    modem->start->card.is_iccid_asked = true;
    if (wanted == NULL || wanted[0] == '\0' ||
        (is_read && same_card(wanted, modem->identity.iccid))) {
        modem->start->card.identified(modem);
        return;
    }
    modem->shown.blocked_as = "sim_otra";
    if (is_read)
        modem_set_detail(modem, LOG_LEVEL_ERROR,
                         "La SIM puesta (acaba en %s) no es la de iccid_sim. Ponga la suya, o "
                         "corrija iccid_sim.",
                         modem->identity.iccid + strlen(modem->identity.iccid) - LAST_DIGITS);
    else
        modem_set_detail(modem, LOG_LEVEL_ERROR,
                         "El módem no dice el número de la SIM y no se puede comparar con "
                         "iccid_sim. Deje iccid_sim vacía, o use otro módem.");
    modem_enter(modem, MODEM_BLOCKED);
}

static const struct driver_form *forms_of(const struct driver *driver)
{
    return driver->iccid_forms;
}

static bool read_form(struct modem *modem, const struct driver_form *form, const char *line)
{
    return form->is_swapped ? read_swapped(line, modem->identity.iccid)
                            : read_plain(line, modem->identity.iccid);
}

static void on_asked(struct modem *modem, bool is_told)
{
    if (!is_told) /* counts as one card: its PIN is tried once all the same */
        memcpy(modem->identity.iccid, MODEM_NO_ICCID, sizeof(MODEM_NO_ICCID));
    check_card(modem);
}

void start_identify_sim(struct modem *modem, void (*done)(struct modem *modem))
{
    modem->start->card.identified = done;
    if (modem->start->card.is_iccid_asked) {
        done(modem);
        return;
    }
    start_ask_forms(modem, &(struct start_forms){.of = forms_of,
                                                 .read = read_form,
                                                 .done = on_asked,
                                                 .mute = &modem->start->mute.iccid_forms});
}
