/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/line.h"

#include "sim/commands.h"
#include "sim/state.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { CTRL_Z = 0x1A, ESC = 0x1B, DEL = 0x7F, OUT_MAX = 1 << 20 };

void sim_line_init(struct sim *sim)
{
    sim->line.fd = -1;
}

void sim_line_done(struct sim *sim)
{
    sim_bytes_done(&sim->line.out);
    sim_bytes_done(&sim->line.held);
}

static void on_line(uint32_t events, void *user)
{
    struct sim *sim = user;
    if (events & EPOLLOUT)
        sim_line_flush(sim);
    if (sim->line.fd >= 0)
        sim_line_receive(sim);
}

void sim_line_attach(struct sim *sim, struct loop *loop, int fd)
{
    sim->line.fd = fd;
    sim->line.heard = false;
    sim->line.source = loop_add_fd(loop, fd, EPOLLIN, on_line, sim);
    sim_log(sim, "attach", "{}");
}

void sim_line_detach(struct sim *sim)
{
    struct sim_line *line = &sim->line;
    if (line->fd < 0)
        return;
    int left = line->fd;
    sim_log(sim, "detach", "{}");
    loop_source_free(line->source);
    line->source = NULL;
    line->fd = -1;
    line->epoch++;
    line->out.len = 0;
    line->held.len = 0;
    sim_line_enter(sim, SIM_LINE_COMMAND);
    if (sim->host.calls != NULL && !sim->vanished)
        sim->host.calls->detached(sim->host.user);
    close(left); /* last: the kernel gives its name to the next process */
}

void sim_line_enter(struct sim *sim, enum sim_line_state state)
{
    sim->line.state = state;
    sim->line.len = 0;
    sim->line.overflow = false;
}

/* ---- out ---- */

void sim_line_raw(struct sim *sim, const void *bytes, size_t len)
{
    struct sim_line *line = &sim->line;
    /* A peer that does not read loses, as on a wire without flow control. */
    if (line->fd >= 0 && line->out.len + len <= OUT_MAX)
        sim_bytes_put(&line->out, bytes, len);
}

static void put_framed(struct sim *sim, struct sim_bytes *out, const char *text, size_t len)
{
    bool is_double =
        sim_has_quirk(sim, SIM_QUIRK_CRLF_DOUBLE) || sim_fault_is_on(sim, SIM_FAULT_CRLF_DOUBLE);
    const char *line_break = is_double ? "\r\r\n" : "\r\n";
    if (sim->line.fd < 0 || out->len > OUT_MAX)
        return;
    if (sim->profile.verbose)
        sim_bytes_str(out, line_break);
    for (const char *end; (end = memchr(text, '\n', len)) != NULL; text = end + 1) {
        sim_bytes_put(out, text, (size_t)(end - text));
        sim_bytes_str(out, line_break);
        len -= (size_t)(end + 1 - text);
    }
    sim_bytes_put(out, text, len);
    sim_bytes_str(out, line_break);
}

void sim_line_block(struct sim *sim, const void *text, size_t len)
{
    put_framed(sim, &sim->line.out, text, len);
}

void sim_line_text(struct sim *sim, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    sim_line_block(sim, text, strlen(text));
}

static bool is_idle(struct sim *sim)
{
    return sim->line.state == SIM_LINE_COMMAND && sim->line.len == 0 && !sim_is_dead(sim);
}

void sim_line_urc(struct sim *sim, const void *text, size_t len)
{
    put_framed(sim, is_idle(sim) ? &sim->line.out : &sim->line.held, text, len);
}

void sim_line_idle(struct sim *sim)
{
    sim_line_enter(sim, SIM_LINE_COMMAND);
    if (!is_idle(sim))
        return;
    sim_line_raw(sim, sim->line.held.data, sim->line.held.len);
    sim->line.held.len = 0;
}

void sim_line_flush(struct sim *sim)
{
    struct sim_line *line = &sim->line;
    bool was_blocked = false;
    if (line->fd < 0)
        return;
    if (!sim_bytes_write(&line->out, line->fd, &was_blocked)) {
        sim_line_detach(sim);
        return;
    }
    loop_fd_set_events(line->source, was_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* ---- in ---- */

/* V.250 5.2.1: what stands before "AT" means nothing. */
static void collect_byte(struct sim *sim, char byte)
{
    struct sim_line *line = &sim->line;
    int upper = toupper((unsigned char)byte);
    if (line->len == 1 && upper != 'T')
        line->len = 0;
    if (line->len == 0 && upper != 'A')
        return;
    if (line->len == 0)
        sim_log(sim, "rx_first", "{}");
    if (line->len < SIM_LINE_MAX)
        line->text[line->len++] = byte;
    else
        line->overflow = true;
}

static void end_of_line(struct sim *sim)
{
    struct sim_line *line = &sim->line;
    bool is_command = line->len >= 2;
    bool overflow = line->overflow;
    line->text[line->len] = '\0';
    sim_line_enter(sim, is_command ? SIM_LINE_BUSY : SIM_LINE_COMMAND);
    if (!is_command)
        sim_line_idle(sim);
    else if (overflow)
        sim_final(sim, sim_error());
    else
        sim_execute(sim, line->text);
}

static void command_byte(struct sim *sim, char byte)
{
    struct sim_line *line = &sim->line;
    if (byte == '\r')
        end_of_line(sim);
    else if ((byte == '\b' || byte == DEL) && line->len > 0)
        line->len--;
    else if ((unsigned char)byte >= ' ' && byte != DEL)
        collect_byte(sim, byte);
}

static void echo_byte(struct sim *sim, char byte)
{
    bool ends_entry = sim->line.state == SIM_LINE_ENTRY && (byte == CTRL_Z || byte == ESC);
    if (sim->profile.echo && !ends_entry && !sim_fault_is_on(sim, SIM_FAULT_ECHO_OFF))
        sim_line_raw(sim, &byte, 1);
}

static void take_byte(struct sim *sim, char byte)
{
    if (sim->line.state == SIM_LINE_BUSY) {
        sim->line.ignored++;
        return;
    }
    echo_byte(sim, byte);
    if (sim->line.state == SIM_LINE_ENTRY)
        sim_sms_byte(sim, byte);
    else
        command_byte(sim, byte);
}

static void take_chunk(struct sim *sim, const uint8_t *bytes, size_t len)
{
    sim->line.heard = true;
    if (sim_is_dead(sim)) {
        sim->line.ignored += len;
    } else {
        unsigned epoch = sim->line.epoch;
        for (size_t i = 0; i < len && sim->line.epoch == epoch; i++)
            take_byte(sim, (char)bytes[i]);
    }
    if (sim->line.ignored > 0)
        sim_log(sim, "ignored", "{s:I}", "bytes", (json_int_t)sim->line.ignored);
    sim->line.ignored = 0;
}

void sim_line_receive(struct sim *sim)
{
    uint8_t bytes[4096];
    unsigned epoch = sim->line.epoch;
    while (sim->line.fd >= 0 && sim->line.epoch == epoch) {
        ssize_t n = read(sim->line.fd, bytes, sizeof(bytes));
        if (n > 0)
            take_chunk(sim, bytes, (size_t)n);
        else if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        else
            sim_line_detach(sim);
    }
    sim_line_flush(sim);
}
