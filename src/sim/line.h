/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The serial line: bytes in, echo, assembly of a command line or of a message behind its prompt;
 * answers out, collected and written once per pass. Source: ITU-T V.250 5.2, 5.4.1, 5.7.
 */
#ifndef CC_SIM_LINE_H
#define CC_SIM_LINE_H

#include "base/loop.h"
#include "sim/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum { SIM_LINE_MAX = 2048 };

enum sim_line_state {
    SIM_LINE_COMMAND,
    SIM_LINE_ENTRY, /* behind a prompt, until Ctrl-Z or ESC */
    SIM_LINE_BUSY,  /* a command runs: what comes is dropped */
};

struct sim_line {
    int fd; /* -1 = none */
    struct loop_source *source;
    enum sim_line_state state;
    unsigned epoch; /* an answer for an earlier line is dropped */
    char text[SIM_LINE_MAX + 1];
    size_t len;
    bool overflow;
    bool heard;     /* the client has said something: before that, noise would only pile up */
    size_t ignored; /* bytes dropped while busy, since the last log line */
    struct sim_bytes out;
    struct sim_bytes held; /* unsolicited lines that wait for the end of a command */
};

void sim_line_init(struct sim *sim);
void sim_line_done(struct sim *sim);
void sim_line_attach(struct sim *sim, struct loop *loop, int fd);
void sim_line_detach(struct sim *sim);
/* Reads what is there now, answers it, writes. */
void sim_line_receive(struct sim *sim);
void sim_line_flush(struct sim *sim);
/* Goes to a state with an empty line. */
void sim_line_enter(struct sim *sim, enum sim_line_state state);

/* Bytes as they are: echo, prompt. */
void sim_line_raw(struct sim *sim, const void *bytes, size_t len);
/* Sends a framed answer; '\n' inside is a line break of the modem's kind. */
void sim_line_text(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for bytes, at once. */
void sim_line_block(struct sim *sim, const void *text, size_t len);
/* An unsolicited result: at once when the line is idle, else behind the running command. */
void sim_line_urc(struct sim *sim, const void *text, size_t len);
/* The command has ended: back to commands, and what was held goes out. */
void sim_line_idle(struct sim *sim);

#endif
