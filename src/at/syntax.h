/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bytes to lines and prompts. Pure, no allocation, any chunking gives the same tokens.
 * Takes \r\n, \r\r\n, bare \r and bare \n; a prompt is '>' at the start of a line, with or without
 * the space (MODEMS 1 #16), looked for only while one is expected. Control characters and bytes
 * over 0x7E become
 * '?' in the line. An overlong line is cut, counted and dropped up to its end. Source: ITU-T
 * V.250 5.2, 5.7; 3GPP TS 27.005 3.1, 4.3.
 */
#ifndef CC_AT_SYNTAX_H
#define CC_AT_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AT_LINE_MAX = 1024 };

enum at_token {
    AT_TOKEN_NONE, /* all bytes used, nothing complete yet */
    AT_TOKEN_LINE, /* s->line, terminated, never empty */
    AT_TOKEN_PROMPT,
    AT_TOKEN_TOO_LONG, /* a line over AT_LINE_MAX was dropped */
};

struct at_syntax {
    char line[AT_LINE_MAX + 1];
    size_t len;
    bool want_prompt;
    bool dropping;
    bool odd; /* bytes that are no text were in the line; Ctrl-Z and ESC, which an echo brings back,
                 do not count */
    size_t junk_end; /* bytes over 0x7E at the end of the line so far: no part of its text */
    bool has_junk;   /* such bytes were left out in front of the line */
    bool complete;   /* the line was handed out; start anew at the next byte */
};

void at_syntax_init(struct at_syntax *s);
/* While true, '>' at the start of a line is a prompt; reset by the prompt itself. */
void at_syntax_expect_prompt(struct at_syntax *s, bool expect);
/* Reads until one token is complete; returns the bytes used (call again with the rest). */
size_t at_syntax_feed(struct at_syntax *s, const uint8_t *bytes, size_t len,
                      enum at_token *ret_token);

#endif
