/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/tape.h"

#include "base/clock.h"
#include "base/hex.h"

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
};

/* What one direction has said and is not written yet. */
struct stream {
    char text[TEXT_SIZE];
    size_t len;
    char run[SECRET_RUN]; /* the digits of the run so far, while it may still be harmless */
    size_t run_len;       /* may span many calls: a secret cut in two reads is still one */
};

struct tape {
    struct stream streams[2];
    char recent[TAPE_RECENT]; /* a ring */
    size_t recent_end;        /* bytes ever written to it */
    char *path;
    int fd; /* -1 = no file */
    off_t size;
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

static void flush_text(struct tape *tape, enum tape_direction direction)
{
    struct stream *s = &tape->streams[direction];
    if (s->len == 0)
        return;
    char record[TEXT_SIZE + 48];
    int64_t now = clock_mono_us();
    int n = snprintf(record, sizeof(record), "%lld.%06lld %c %.*s\n", (long long)(now / 1000000),
                     (long long)(now % 1000000), direction == TAPE_TO_MODEM ? '>' : '<',
                     (int)s->len, s->text);
    s->len = 0;
    if (n <= 0)
        return;
    for (int i = 0; i < n; i++)
        tape->recent[tape->recent_end++ % TAPE_RECENT] = record[i];
    if (tape->fd >= 0 && write(tape->fd, record, (size_t)n) > 0)
        tape->size += n;
    if (tape->size > FILE_LIMIT)
        turn_over(tape);
}

static void append(struct tape *tape, enum tape_direction direction, const char *text, size_t len)
{
    struct stream *s = &tape->streams[direction];
    if (s->len + len > sizeof(s->text))
        flush_text(tape, direction);
    memcpy(s->text + s->len, text, len);
    s->len += len;
}

static void end_run(struct tape *tape, enum tape_direction direction)
{
    struct stream *s = &tape->streams[direction];
    char blank[32];
    if (s->run_len >= SECRET_RUN) {
        int n = snprintf(blank, sizeof(blank), "<%zu>", s->run_len);
        append(tape, direction, blank, n > 0 ? (size_t)n : 0);
    } else {
        append(tape, direction, s->run, s->run_len);
    }
    s->run_len = 0;
}

static void put_plain(struct tape *tape, enum tape_direction direction, uint8_t byte)
{
    char shown[8];
    int n;
    if (byte == '\r' || byte == '\n')
        n = snprintf(shown, sizeof(shown), "%s", byte == '\r' ? "\\r" : "\\n");
    else if (byte < 0x20 || byte > 0x7E || byte == '\\')
        n = snprintf(shown, sizeof(shown), "\\x%02X", byte);
    else
        n = snprintf(shown, sizeof(shown), "%c", byte);
    append(tape, direction, shown, n > 0 ? (size_t)n : 0);
}

void tape_write(struct tape *tape, enum tape_direction direction, const uint8_t *bytes, size_t len)
{
    struct stream *s = &tape->streams[direction];
    flush_text(tape, direction == TAPE_TO_MODEM ? TAPE_FROM_MODEM : TAPE_TO_MODEM);
    for (size_t i = 0; i < len; i++) {
        if (hex_value((char)bytes[i]) >= 0) {
            if (s->run_len < SECRET_RUN)
                s->run[s->run_len] = (char)bytes[i];
            s->run_len++;
            continue;
        }
        end_run(tape, direction);
        put_plain(tape, direction, bytes[i]);
        if (bytes[i] == '\n')
            flush_text(tape, direction);
    }
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
    for (int d = TAPE_TO_MODEM; d <= TAPE_FROM_MODEM; d++) {
        end_run(tape, (enum tape_direction)d);
        flush_text(tape, (enum tape_direction)d);
    }
    if (tape->fd >= 0)
        close(tape->fd);
    free(tape->path);
    free(tape);
}
