/* SPDX-License-Identifier: EUPL-1.2 */
/* Which card it is: its number, ICCID, readable before the PIN; and whether it is the right one. */
#include "modem/core.h"

#include "at/fields.h"

#include <ctype.h>
#include <string.h>

enum {
    ASK_MS = 5000,
    BUSY_RETRY_MS = 1000,
    BUSY_TRIES = 20,
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

/* The standard's way, which nearly all know; then the families' own words for it. */
static const struct {
    const char *command;
    const char *prefix; /* NULL = any line, with a name before the number or without */
    bool (*read)(const char *line, char out[MODEM_ICCID_SIZE]);
} forms[] = {
    {"AT+CRSM=176,12258,0,0,10", "+CRSM:", read_swapped}, /* 27.007 8.18 */
    {"AT+CCID", NULL, read_plain},                        /* u-blox, Telit, Wavecom, SIM800 */
    {"AT+QCCID", NULL, read_plain},                       /* Quectel */
    {"AT+CICCID", NULL, read_plain},                      /* SIM7x00 */
    {"AT^ICCID?", "^ICCID:", read_plain},                 /* Huawei */
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* The check digit is on some cards and not on others, and modems differ in telling it. */
static bool same_card(const char *a, const char *b)
{
    size_t len_a = strlen(a), len_b = strlen(b);
    size_t len = len_a < len_b ? len_a : len_b;
    return len >= ICCID_MIN && len_a + len_b - 2 * len <= 1 && strncmp(a, b, len) == 0;
}

static void known(struct modem *modem)
{
    const char *wanted = modem->config.iccid;
    bool is_read = strcmp(modem->iccid, MODEM_NO_ICCID) != 0;
    modem->iccid_asked = true;
    if (wanted == NULL || wanted[0] == '\0' || (is_read && same_card(wanted, modem->iccid))) {
        modem->after_iccid(modem);
        return;
    }
    modem->blocked_as = "sim_otra";
    if (is_read)
        modem_set_detail(modem, LOG_LEVEL_ERROR,
                         "La SIM puesta (acaba en %s) no es la de iccid_sim. Ponga la suya, o "
                         "corrija iccid_sim.",
                         modem->iccid + strlen(modem->iccid) - LAST_DIGITS);
    else
        modem_set_detail(modem, LOG_LEVEL_ERROR,
                         "El módem no dice el número de la SIM y no se puede comparar con "
                         "iccid_sim. Deje iccid_sim vacía, o use otro módem.");
    modem_enter(modem, MODEM_BLOCKED);
}

static void ask(struct modem *modem);

static void on_iccid(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT) {
        modem->iccid_mute |= 1U << modem->sim_form;
        modem_resync(modem);
        return;
    }
    if (modem_reply_is_busy(reply) && ++modem->tries < BUSY_TRIES) {
        modem_timer(modem, BUSY_RETRY_MS, ask);
        return;
    }
    for (size_t i = 0; i < reply->line_count; i++) {
        if (forms[modem->sim_form].read(reply->lines[i], modem->iccid)) {
            known(modem);
            return;
        }
    }
    modem->sim_form++;
    ask(modem);
}

static void ask(struct modem *modem)
{
    while (modem->sim_form < FORMS && (modem->iccid_mute & 1U << modem->sim_form) != 0)
        modem->sim_form++;
    if (modem->sim_form == FORMS) {
        /* counts as one card: its PIN is tried once all the same */
        memcpy(modem->iccid, MODEM_NO_ICCID, sizeof(MODEM_NO_ICCID));
        known(modem);
        return;
    }
    modem_command(modem, &(struct at_request){.command = forms[modem->sim_form].command,
                                              .prefix = forms[modem->sim_form].prefix,
                                              .final_ms = ASK_MS,
                                              .fn = on_iccid,
                                              .user = modem});
}

void modem_sim_identify(struct modem *modem, void (*done)(struct modem *modem))
{
    modem->after_iccid = done;
    if (modem->iccid_asked) {
        done(modem);
        return;
    }
    modem->tries = 0;
    modem->sim_form = 0;
    ask(modem);
}
