/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/tape.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECRET_RUN = 4,           /* the shortest secret (PIN, clave, contraclave) has four digits */
    TEXT_SIZE = 256,          /* of one written record */
    FILE_LIMIT = 1024 * 1024, /* then the file is turned over: at most two are kept */
    FILE_PACE = 64 * 1024,    /* bytes a second: a modem that floods does not wear out the card */
    HEAD_SIZE = 12,           /* as much of a line as tells what it is: "+CME ERROR:" */
    CTRL_Z = 0x1A,            /* ends a payload, 27.005 4.3 */
};

/* Bytes of a direction that are not written yet. */
struct stream {
    char text[TEXT_SIZE];
    size_t len;
    char run[SECRET_RUN]; /* the digits of the run so far, while it may still be harmless */
    size_t run_len;       /* may span many calls: a secret cut in two reads is still one */
};

/* The line that the modem is saying. */
struct line {
    char head[HEAD_SIZE];
    size_t len;     /* of the whole line; 0 = it has not begun */
    bool is_hidden; /* from here to its end… */
    size_t hidden;  /* …so many bytes by now */
};

struct tape {
    struct stream streams[2];
    struct line line;
    bool secret_in_flight;    /* a payload or a PIN was written and has no final result yet */
    bool text_open;           /* in the quotes of a +CUSD, which may hold line ends */
    char recent[TAPE_RECENT]; /* a ring */
    size_t recent_end;        /* bytes ever written to it */
    char *path;
    int fd; /* -1 = no file */
    off_t size;
    int64_t second_us;     /* when the second began of which… */
    size_t second_written; /* …so many bytes are in the file… */
    unsigned long omitted; /* …and so many lines are not */
};

static void turn_over(struct tape *tape)
{
    char old[4096];
    int n = snprintf(old, sizeof(old), "%s.1", tape->path);
    if (n > 0 && (size_t)n < sizeof(old))
        (void)rename(tape->path, old);
    int fd = open(tape->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return; /* keep writing to the old one rather than to nothing */
    close(tape->fd);
    tape->fd = fd;
    tape->size = 0;
}

static void write_file(struct tape *tape, const char *text, size_t len)
{
    if (write(tape->fd, text, len) > 0)
        tape->size += (off_t)len;
    if (tape->size > FILE_LIMIT)
        turn_over(tape);
}

static void say_omitted(struct tape *tape)
{
    char text[64];
    int n = snprintf(text, sizeof(text), "… %lu líneas omitidas\n", tape->omitted);
    if (tape->omitted > 0 && n > 0)
        write_file(tape, text, (size_t)n);
    tape->omitted = 0;
}

static void to_file(struct tape *tape, int64_t now_us, const char *record, size_t len)
{
    if (now_us - tape->second_us >= US_PER_S) {
        say_omitted(tape);
        tape->second_us = now_us;
        tape->second_written = 0;
    }
    if (tape->omitted > 0 || tape->second_written + len > FILE_PACE) {
        tape->omitted++;
        return;
    }
    tape->second_written += len;
    write_file(tape, record, len);
}

static void flush_text(struct tape *tape, enum tape_direction direction)
{
    struct stream *s = &tape->streams[direction];
    if (s->len == 0)
        return;
    char record[TEXT_SIZE + 48];
    int64_t now = clock_mono_us();
    int n = snprintf(record, sizeof(record), "%lld.%06lld %c %.*s\n", (long long)(now / US_PER_S),
                     (long long)(now % US_PER_S), direction == TAPE_TO_MODEM ? '>' : '<',
                     (int)s->len, s->text);
    s->len = 0;
    if (n <= 0)
        return;
    for (int i = 0; i < n; i++)
        tape->recent[tape->recent_end++ % TAPE_RECENT] = record[i];
    if (tape->fd >= 0)
        to_file(tape, now, record, (size_t)n);
}

static void append_line(struct tape *tape, enum tape_direction direction, const char *text,
                        size_t len)
{
    struct stream *s = &tape->streams[direction];
    if (s->len + len > sizeof(s->text))
        flush_text(tape, direction);
    memcpy(s->text + s->len, text, len);
    s->len += len;
}

static void put_blank(struct tape *tape, enum tape_direction direction, size_t len)
{
    char blank[32];
    int n = snprintf(blank, sizeof(blank), "<%zu>", len);
    append_line(tape, direction, blank, n > 0 ? (size_t)n : 0);
}

static void end_run(struct tape *tape, enum tape_direction direction)
{
    struct stream *s = &tape->streams[direction];
    if (s->run_len >= SECRET_RUN)
        put_blank(tape, direction, s->run_len);
    else
        append_line(tape, direction, s->run, s->run_len);
    s->run_len = 0;
}

static void put_plain(struct tape *tape, enum tape_direction direction, uint8_t byte)
{
    char shown[8] = {(char)byte};
    int n = 1;
    if (byte == '\r' || byte == '\n')
        n = snprintf(shown, sizeof(shown), "%s", byte == '\r' ? "\\r" : "\\n");
    else if (byte < 0x20 || byte > 0x7E || byte == '\\')
        n = snprintf(shown, sizeof(shown), "\\x%02X", byte);
    append_line(tape, direction, shown, n > 0 ? (size_t)n : 0);
}

static void put_byte(struct tape *tape, enum tape_direction direction, uint8_t byte)
{
    struct stream *s = &tape->streams[direction];
    if (hex_value((char)byte) >= 0) {
        if (s->run_len < SECRET_RUN)
            s->run[s->run_len] = (char)byte;
        s->run_len++;
        return;
    }
    end_run(tape, direction);
    put_plain(tape, direction, byte);
    if (byte == '\n')
        flush_text(tape, direction);
}

/* ---- what the modem says, line by line ------------------------------------------------------- */

/* Some firmware sends blanks behind it. */
static bool is_word(const struct line *line, const char *word)
{
    size_t at = strlen(word);
    if (line->len < at || line->len > HEAD_SIZE || memcmp(line->head, word, at) != 0)
        return false;
    while (at < line->len && line->head[at] == ' ')
        at++;
    return at == line->len;
}

static bool begins_with(const struct line *line, const char *with)
{
    size_t len = strlen(with);
    return line->len >= len && memcmp(line->head, with, len) == 0;
}

static bool is_final(const struct line *line)
{
    return is_word(line, "OK") || is_word(line, "ERROR") || begins_with(line, "+CME ERROR") ||
           begins_with(line, "+CMS ERROR");
}

static void end_line(struct tape *tape)
{
    struct line *line = &tape->line;
    bool ends = is_final(line);
    end_run(tape, TAPE_FROM_MODEM);
    if (line->hidden > 0 && ends)
        append_line(tape, TAPE_FROM_MODEM, line->head, line->len);
    else if (line->hidden > 0)
        put_blank(tape, TAPE_FROM_MODEM, line->hidden);
    if (ends)
        tape->secret_in_flight = tape->text_open = false;
    *line = (struct line){0};
}

/* With a secret in flight, anything may be a piece of its echo but what begins as an answer; and an
 * echo's piece may begin so too ("+CPIN="), up to its equals sign. */
static void put_in_line(struct tape *tape, uint8_t byte)
{
    struct line *line = &tape->line;
    if (line->len < HEAD_SIZE)
        line->head[line->len] = (char)byte;
    line->len++;
    if (line->len == 1)
        line->is_hidden =
            tape->text_open || (tape->secret_in_flight && memchr("+^#*", byte, 4) == NULL);
    bool is_ussd = tape->text_open || begins_with(line, "+CUSD:");
    if (is_ussd && byte == '"')
        tape->text_open = !tape->text_open;
    if (line->is_hidden) {
        line->hidden++;
        return;
    }
    put_byte(tape, TAPE_FROM_MODEM, byte);
    line->is_hidden = is_ussd || (tape->secret_in_flight && byte == '=');
}

static void from_modem(struct tape *tape, uint8_t byte)
{
    bool is_end = byte == '\r' || byte == '\n';
    if (is_end && tape->line.len > 0)
        end_line(tape);
    if (is_end || (tape->line.len == 0 && (byte == '>' || byte == ' '))) /* the prompt */
        put_byte(tape, TAPE_FROM_MODEM, byte);
    else
        put_in_line(tape, byte);
}

/* ---- what it is told ------------------------------------------------------------------------- */

static bool is_secret(const uint8_t *bytes, size_t len)
{
    static const char *const commands[] = {"AT+CPIN=", "AT+CLCK=", "AT+CPWD="};
    if (len > 0 && bytes[len - 1] == CTRL_Z)
        return true;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (len >= strlen(commands[i]) && memcmp(bytes, commands[i], strlen(commands[i])) == 0)
            return true;
    return false;
}

static void to_modem(struct tape *tape, const uint8_t *bytes, size_t len)
{
    if (is_secret(bytes, len)) {
        tape->secret_in_flight = true;
        tape->line.is_hidden = true; /* its rest, if one has begun */
    }
    for (size_t i = 0; i < len; i++)
        put_byte(tape, TAPE_TO_MODEM, bytes[i]);
}

void tape_write(struct tape *tape, enum tape_direction direction, const uint8_t *bytes, size_t len)
{
    flush_text(tape, direction == TAPE_TO_MODEM ? TAPE_FROM_MODEM : TAPE_TO_MODEM);
    if (direction == TAPE_TO_MODEM)
        to_modem(tape, bytes, len);
    else
        for (size_t i = 0; i < len; i++)
            from_modem(tape, bytes[i]);
}

enum cc_err tape_new(struct tape **ret)
{
    struct tape *tape = calloc(1, sizeof(*tape));
    if (tape == NULL)
        return CC_ERR_MEMORY;
    tape->fd = -1;
    *ret = tape;
    return CC_OK;
}

enum cc_err tape_to_file(struct tape *tape, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return CC_ERR_IO;
    tape->path = strdup(path);
    if (tape->path == NULL) {
        close(fd);
        return CC_ERR_MEMORY;
    }
    off_t end = lseek(fd, 0, SEEK_END);
    tape->size = end > 0 ? end : 0;
    tape->fd = fd;
    return CC_OK;
}

size_t tape_recent(const struct tape *tape, char *out, size_t cap)
{
    size_t kept = tape->recent_end < TAPE_RECENT ? tape->recent_end : TAPE_RECENT;
    size_t len = kept < cap ? kept : cap - 1;
    size_t from = tape->recent_end - len;
    if (len < tape->recent_end) /* cut somewhere: up to the next whole line */
        while (len > 0 && tape->recent[(from - 1) % TAPE_RECENT] != '\n')
            from++, len--;
    for (size_t i = 0; i < len; i++)
        out[i] = tape->recent[(from + i) % TAPE_RECENT];
    out[len] = '\0';
    return len;
}

void tape_close(struct tape *tape)
{
    if (tape == NULL)
        return;
    end_line(tape);
    for (int d = TAPE_TO_MODEM; d <= TAPE_FROM_MODEM; d++) {
        end_run(tape, (enum tape_direction)d);
        flush_text(tape, (enum tape_direction)d);
    }
    if (tape->fd >= 0) {
        say_omitted(tape);
        close(tape->fd);
    }
    free(tape->path);
    free(tape);
}
