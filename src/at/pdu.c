/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/pdu.h"

#include "at/command.h"

#include <string.h>

enum {
    WAIT_US = 2000 * 1000, /* 400 digits take half a second at 9600 baud */
    NUMBER_DIGITS = 20,    /* of an ICCID; more are no number, and an odd one was a PDU */
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

void at_pdu_await(struct at_pdu *pdu, const char *line, int64_t now_us)
{
    memcpy(pdu->line, line, strlen(line) + 1);
    pdu->end_us = now_us + WAIT_US;
}

/* Both lines come in one breath: a number that answers some later command is no PDU. */
enum at_pdu_step at_pdu_take(struct at_pdu *pdu, const char *line, int64_t now_us,
                             char ret_pdu[AT_LINE_MAX + 1])
{
    bool is_late = now_us > pdu->end_us;
    bool is_event = strchr("+^*#", line[0]) != NULL && !at_line_has_pdu(line);
    bool is_noise = line[strspn(line, "? ")] == '\0';
    if (pdu->end_us == 0 || ((is_event || is_noise) && !is_late))
        return AT_PDU_NONE;
    pdu->end_us = 0;
    return !is_late && copy_pdu(line, ret_pdu) ? AT_PDU_WHOLE : AT_PDU_CUT;
}
