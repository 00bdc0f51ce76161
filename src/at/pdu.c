/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/pdu.h"

#include "at/command.h"
#include "at/fields.h"
#include "base/hex.h"
#include "gsm/deliver.h"
#include "gsm/report.h"

#include <string.h>

enum {
    NEAR_US = 2000 * 1000, /* 400 digits take half a second at 9600 baud */
    WAIT_US = 10 * 1000 * 1000,
    NUMBER_DIGITS = 20, /* of an ICCID; more are no number, and an odd one was a PDU */
};

size_t at_pdu_digits(const char **line)
{
    *line += strspn(*line, " \"");
    size_t digits = strspn(*line, "0123456789ABCDEFabcdef");
    return (*line)[digits + strspn(*line + digits, " \"")] == '\0' ? digits : 0;
}

static bool copy_pdu(const char *line, char ret_pdu[AT_LINE_MAX + 1])
{
    size_t digits = at_pdu_digits(&line);
    if (digits < AT_PDU_DIGITS_MIN || (digits % 2 != 0 && digits <= NUMBER_DIGITS))
        return false;
    memcpy(ret_pdu, line, digits);
    ret_pdu[digits] = '\0';
    return true;
}

bool at_pdu_in_line(const char *line, char ret_pdu[AT_LINE_MAX + 1])
{
    const char *last = line + strlen(line);
    while (last > line && strchr(" ,", last[-1]) == NULL)
        last--;
    return copy_pdu(last, ret_pdu);
}

int at_pdu_length(const char *line)
{
    struct at_fields fields;
    int len = -1;
    if (!at_fields_init(&fields, line + strcspn(line, ":"), ":"))
        return -1;
    while (at_fields_count(&fields) > 1)
        (void)at_fields_skip(&fields);
    return at_fields_int(&fields, &len) ? len : -1;
}

bool at_pdu_fits(const uint8_t *bytes, size_t len, int tpdu_len)
{
    return len > 0 && tpdu_len > 0 && len == 1U + bytes[0] + (size_t)tpdu_len;
}

void at_pdu_await(struct at_pdu *pdu, const char *line, int64_t now_us)
{
    *pdu = (struct at_pdu){.near_us = now_us + NEAR_US, .end_us = now_us + WAIT_US};
    memcpy(pdu->line, line, strlen(line) + 1);
}

/* A PDU of the kind that was announced, with any announced length. */
static bool is_of_kind(const struct at_pdu *pdu, const uint8_t *bytes, size_t len)
{
    struct gsm_report report;
    struct gsm_deliver deliver;
    if (at_line_behind(pdu->line, "+CDS:") != NULL)
        return gsm_report_decode(bytes, len, &report);
    return at_line_behind(pdu->line, "+CMT:") != NULL && gsm_deliver_decode(bytes, len, &deliver) &&
           !deliver.is_cut;
}

/* Some announce a wrong length, and some PDUs cannot be read: either speaks for a line that follows
 * its own, and for any other line both must. */
static bool is_whole(const struct at_pdu *pdu, const char *digits)
{
    uint8_t bytes[AT_LINE_MAX / 2];
    size_t len = 0;
    if (!hex_decode(digits, strlen(digits), bytes, sizeof(bytes), &len))
        return false;
    bool fits = at_pdu_fits(bytes, len, at_pdu_length(pdu->line));
    bool is_kind = is_of_kind(pdu, bytes, len);
    return pdu->is_apart ? fits && is_kind : fits || is_kind;
}

/* The line as the PDU, or as its second part. */
static bool take_whole(struct at_pdu *pdu, const char *line, char ret_pdu[AT_LINE_MAX + 1])
{
    size_t digits = at_pdu_digits(&line), before = strlen(pdu->part);
    if (digits == 0 || before + digits > AT_LINE_MAX)
        return false;
    memcpy(ret_pdu, pdu->part, before);
    memcpy(ret_pdu + before, line, digits);
    ret_pdu[before + digits] = '\0';
    return strlen(ret_pdu) >= AT_PDU_DIGITS_MIN && is_whole(pdu, ret_pdu);
}

static enum at_pdu_step give_up(struct at_pdu *pdu, char ret_pdu[AT_LINE_MAX + 1])
{
    pdu->end_us = 0;
    if (pdu->part[0] == '\0')
        return AT_PDU_CUT;
    memcpy(ret_pdu, pdu->part, sizeof(pdu->part));
    return AT_PDU_OVER;
}

/* Events and noise may fall anywhere; a message that is read brings a PDU of its own. */
static bool is_passing_by(const char *line)
{
    bool is_message =
        at_line_behind(line, "+CMGR:") != NULL || at_line_behind(line, "+CMGL:") != NULL;
    return (strchr("+^*#", line[0]) != NULL && !is_message) || line[strspn(line, "? ")] == '\0';
}

enum at_pdu_step at_pdu_take(struct at_pdu *pdu, const char *line, int64_t now_us,
                             char ret_pdu[AT_LINE_MAX + 1])
{
    if (pdu->end_us == 0)
        return AT_PDU_NONE;
    if (now_us > pdu->end_us || at_line_has_pdu(line))
        return give_up(pdu, ret_pdu);
    pdu->is_apart = pdu->is_apart || now_us > pdu->near_us;
    if (take_whole(pdu, line, ret_pdu)) {
        pdu->end_us = 0;
        return AT_PDU_WHOLE;
    }
    if (is_passing_by(line))
        return AT_PDU_NONE;
    if (copy_pdu(line, ret_pdu)) {
        if (pdu->part[0] != '\0')
            return give_up(pdu, ret_pdu);
        if (!pdu->is_apart) {
            memcpy(pdu->part, ret_pdu, strlen(ret_pdu) + 1);
            pdu->end_us = now_us + NEAR_US;
            return AT_PDU_PART;
        }
    }
    pdu->is_apart = true;
    return AT_PDU_NONE;
}
