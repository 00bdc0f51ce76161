/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Text of an operator (+CUSD) over several lines: where it begins and ends. Its menu lines ("> 1
 * Saldo") look like prompts and may look like results. Pure.
 */
#ifndef CC_AT_TEXT_H
#define CC_AT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Start it at 0. */
struct at_text {
    int64_t end_us; /* the text goes on until then at most; 0 = no text goes on */
    unsigned lines;
    bool has_odd_quotes;
};

bool at_text_is_open(const struct at_text *text);
/* Begins with the first line, at now_us of the loop; a line that has both quotes ends the text. */
void at_text_begin(struct at_text *text, const char *line, int64_t now_us);
/* Adds a line to an open text. False when it has more lines than a text can have: the text is over,
 * and the line is not of it. */
bool at_text_add(struct at_text *text, const char *line);
void at_text_end(struct at_text *text);
/* Ends a text whose last quote did not come in time. */
void at_text_expire(struct at_text *text, int64_t now_us);

#endif
