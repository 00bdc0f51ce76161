/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PREFIX_MAX = 16,
    MESSAGE_MAX = 1000,
    /* Scrubbed but never shown: a secret cut short at the end of the line is still seen whole. */
    MARGIN = 100,
    DIGITS_SECRET = 7,
    TOKEN_SECRET = 32,
};

static struct {
    enum log_level max;
    bool journal;
} state = {.max = LOG_LEVEL_INFO};

void log_init(enum log_level max)
{
    state.max = max;
    state.journal = getenv("JOURNAL_STREAM") != NULL;
}

static const char *level_name(enum log_level level)
{
    static const char *const names[] = {
        [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "aviso", [LOG_LEVEL_NOTICE] = "nota",
        [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "detalle",
    };
    return names[level];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Hexadecimal is within base64url, so one class finds tokens, keys and PDUs. */
static bool is_base64url(char c)
{
    return is_alnum(c) || c == '-' || c == '_';
}

static bool is_long(const char *run, size_t len)
{
    (void)run;
    return len >= TOKEN_SECRET;
}

static bool has_number(const char *run, size_t len)
{
    size_t digits = 0;
    for (size_t i = 0; i < len; i++) {
        digits = is_digit(run[i]) ? digits + 1 : 0;
        if (digits == DIGITS_SECRET)
            return true;
    }
    return false;
}

static void blank_runs(char *line, size_t len, bool (*belongs)(char),
                       bool (*is_secret)(const char *run, size_t len))
{
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && belongs(line[i]))
            continue;
        if (is_secret(line + start, i - start))
            memset(line + start, '*', i - start);
        start = i + 1;
    }
}

/* C0, DEL, and C1 in its UTF-8 form (C2 80 to C2 9F): none may reach a terminal. */
static void blank_controls(char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7F)
            line[i] = '?';
        if (c == 0xC2 && i + 1 < len && ((unsigned char)line[i + 1] & 0xE0) == 0x80)
            line[i] = line[i + 1] = '?';
    }
}

void log_scrub(char *line, size_t len)
{
    /* Tokens first: a blanked number inside a token would break the run in two. */
    blank_runs(line, len, is_base64url, is_long);
    blank_runs(line, len, is_alnum, has_number);
    blank_controls(line, len);
}

/* Cuts a long message where a UTF-8 character begins. */
static size_t shown_length(const char *message, size_t len)
{
    if (len <= MESSAGE_MAX)
        return len;
    len = MESSAGE_MAX;
    while (len > 0 && ((unsigned char)message[len] & 0xC0) == 0x80)
        len--;
    return len;
}

void log_write(enum log_level level, const char *format, ...)
{
    if (level > state.max)
        return;
    char line[PREFIX_MAX + MESSAGE_MAX + MARGIN];
    int prefix = state.journal ? snprintf(line, PREFIX_MAX, "<%d>", (int)level)
                               : snprintf(line, PREFIX_MAX, "%s: ", level_name(level));
    char *message = line + prefix;
    va_list args;
    va_start(args, format);
    int written = vsnprintf(message, MESSAGE_MAX + MARGIN, format, args);
    va_end(args);
    if (written < 0)
        return;
    size_t len = strnlen(message, MESSAGE_MAX + MARGIN);
    log_scrub(message, len);
    len = shown_length(message, len);
    message[len] = '\n';
    /* A log that cannot be written has nowhere to complain. */
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)prefix + len + 1);
    (void)ignored;
}
