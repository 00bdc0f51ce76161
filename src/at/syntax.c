/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/syntax.h"

enum { CTRL_Z = 0x1A, ESC = 0x1B, XON = 0x11, XOFF = 0x13 };

void at_syntax_init(struct at_syntax *s)
{
    *s = (struct at_syntax){.len = 0};
}

void at_syntax_expect_prompt(struct at_syntax *s, bool expect)
{
    s->want_prompt = expect;
}

static void add_byte(struct at_syntax *s, uint8_t byte);

static enum at_token take_line_end(struct at_syntax *s)
{
    s->len -= s->junk_end;
    s->junk_end = 0;
    while (s->len > 0 && s->line[s->len - 1] == ' ') /* some firmware sends them */
        s->len--;
    if (s->len == 0 && s->has_junk && !s->dropping)
        add_byte(s, '?'); /* nothing but noise: to be counted */
    if (s->dropping || s->len == 0) {
        /* The end of a dropped line, the \n of \r\n, or an empty line: nothing to hand out. */
        s->dropping = false;
        s->len = 0;
        return AT_TOKEN_NONE;
    }
    s->line[s->len] = '\0';
    s->complete = true;
    return AT_TOKEN_LINE;
}

static void add_byte(struct at_syntax *s, uint8_t byte)
{
    bool is_text = byte >= 0x20 && byte <= 0x7E;
    if (s->len == 0) {
        s->odd = s->has_junk;
        s->has_junk = false;
    }
    if (!is_text && byte != CTRL_Z && byte != ESC)
        s->odd = true;
    s->junk_end = byte > 0x7E ? s->junk_end + 1 : 0;
    s->line[s->len++] = is_text ? (char)byte : '?';
}

/* Bytes of a power-on, a break or the flow control: never a part of a line's text. */
static bool is_line_noise(struct at_syntax *s, uint8_t byte)
{
    bool is_junk = byte == 0 || (s->len == 0 && byte > 0x7E);
    if (is_junk && s->len == 0)
        s->has_junk = true;
    else if (is_junk)
        s->odd = true;
    return is_junk || byte == XON || byte == XOFF;
}

static enum at_token take_byte(struct at_syntax *s, uint8_t byte)
{
    if (byte == '\r' || byte == '\n')
        return take_line_end(s);
    if (byte == '\t')
        byte = ' ';
    if (s->dropping || is_line_noise(s, byte))
        return AT_TOKEN_NONE;
    if (s->len == 0) {
        /* The blank of "> " may come a read later than its '>': it must not open a line. */
        if (byte == ' ')
            return AT_TOKEN_NONE;
        if (byte == '>' && s->want_prompt) {
            s->want_prompt = false;
            return AT_TOKEN_PROMPT;
        }
    }
    if (s->len == AT_LINE_MAX) {
        s->dropping = true;
        s->len = s->junk_end = 0;
        return AT_TOKEN_TOO_LONG;
    }
    add_byte(s, byte);
    return AT_TOKEN_NONE;
}

size_t at_syntax_feed(struct at_syntax *s, const uint8_t *bytes, size_t len,
                      enum at_token *ret_token)
{
    size_t used = 0;
    enum at_token token = AT_TOKEN_NONE;

    if (s->complete) {
        s->complete = false;
        s->len = 0;
    }
    while (used < len && token == AT_TOKEN_NONE)
        token = take_byte(s, bytes[used++]);
    *ret_token = token;
    return used;
}
