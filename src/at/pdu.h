/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The PDU that follows a line of its own, as behind +CDS: and its like: also where other lines fall
 * between the two, or where the PDU itself comes in two lines. Source: 3GPP TS 27.005 3.4.1.
 */
#ifndef CC_AT_PDU_H
#define CC_AT_PDU_H

#include "at/syntax.h"

enum at_pdu_step {
    AT_PDU_NONE,  /* none is awaited, or something else falls before it */
    AT_PDU_CUT,   /* none came in time; the line is something else */
    AT_PDU_PART,  /* the line is kept: the rest of the PDU may follow it */
    AT_PDU_OVER,  /* no rest came: ret_pdu is what was kept, and the line is something else */
    AT_PDU_WHOLE, /* taken; the line before it is in `line` */
};

struct at_pdu {
    char line[AT_LINE_MAX + 1];
    char part[AT_LINE_MAX + 1]; /* of the PDU; "" = nothing of it has come */
    bool is_apart;              /* from its line, by others or by time */
    int64_t near_us;            /* until then the next line is the PDU, whatever is in it… */
    int64_t end_us;             /* …until then one that fits; 0 = none is awaited */
};

enum { AT_PDU_DIGITS_MIN = 14 }; /* fewer are a number or a result, and no PDU (23.040 9.2.2.3) */

/* How many hexadecimal digits a line has, with *line at the first; 0 = it has others than these,
 * and blanks or quotes around them. */
size_t at_pdu_digits(const char **line);
/* The length of the TPDU, as the line that announces it tells: its last number; -1 = it has none.
 */
int at_pdu_length(const char *line);
/* A PDU of this TPDU's length, with its service centre in front. */
bool at_pdu_fits(const uint8_t *bytes, size_t len, int tpdu_len);
/* A PDU that stands at the end of the line which announces it. */
bool at_pdu_in_line(const char *line, char ret_pdu[AT_LINE_MAX + 1]);
void at_pdu_await(struct at_pdu *pdu, const char *line, int64_t now_us);
enum at_pdu_step at_pdu_take(struct at_pdu *pdu, const char *line, int64_t now_us,
                             char ret_pdu[AT_LINE_MAX + 1]);

#endif
