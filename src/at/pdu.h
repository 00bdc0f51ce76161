/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The PDU that follows a line of its own, as behind +CDS: and its like. Source: 3GPP TS 27.005
 * 3.4.1.
 */
#ifndef CC_AT_PDU_H
#define CC_AT_PDU_H

#include "at/syntax.h"

enum at_pdu_step {
    AT_PDU_NONE,  /* none is awaited, or an event falls before it */
    AT_PDU_CUT,   /* what came instead is none, or too late */
    AT_PDU_WHOLE, /* taken; the line before it is in `line` */
};

struct at_pdu {
    char line[AT_LINE_MAX + 1];
    int64_t end_us; /* deadline of the PDU; 0 = none is awaited */
};

enum { AT_PDU_DIGITS_MIN = 14 }; /* fewer are a number or a result, and no PDU (23.040 9.2.2.3) */

/* How many hexadecimal digits a line has, with *line at the first; 0 = it has others than these,
 * and blanks or quotes around them. */
size_t at_pdu_digits(const char **line);
/* A PDU that stands at the end of the line which announces it. */
bool at_pdu_in_line(const char *line, char ret_pdu[AT_LINE_MAX + 1]);
void at_pdu_await(struct at_pdu *pdu, const char *line, int64_t now_us);
enum at_pdu_step at_pdu_take(struct at_pdu *pdu, const char *line, int64_t now_us,
                             char ret_pdu[AT_LINE_MAX + 1]);

#endif
