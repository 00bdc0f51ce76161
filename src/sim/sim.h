/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A strict GSM modem in software, with a network and a handset whose inbox can be read: behind
 * the tests and in the program simmodem; the daemon has none of it. It answers as the manuals say
 * (V.250, 27.005, 27.007): echo on by default, \r\n framing, CMGS length checked against the PDU,
 * ERROR for what it does not know. It is a peer, not a mock: gammu and smstools can use it.
 */
#ifndef CC_SIM_SIM_H
#define CC_SIM_SIM_H

#include "base/err.h"
#include "base/loop.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sim;

struct sim_config {
    int64_t cmgs_latency_us;   /* network time of one submit */
    int64_t report_latency_us; /* from the submit to its status report */
    int64_t register_us;       /* from power-on to registered */
    const char *pin;           /* NULL or "" = the SIM asks for none */
    const char *number;        /* the SIM's own number, as senders see it */
    const char *imei;          /* NULL = that of the simulator */
    const char *personality;   /* a maker's dialect; NULL = generic */
    FILE *log;                 /* JSON lines; NULL = none; stays the caller's */
};

/* The defaults of a healthy modem: no latency, reports at once, registered at once. */
void sim_config_default(struct sim_config *config);
/* generic, quectel, simcom, huawei, huawei-lte, zte, wavecom: sim/personalities.c. */
bool sim_has_personality(const char *name);
/* An unknown personality is the generic one. */
struct sim *sim_new(struct loop *loop, const struct sim_config *config);
void sim_free(struct sim *sim);
/*
 * Plugs a descriptor in as the modem's serial line (the sim owns it from then on), in place of any
 * earlier one. Bytes in flight on the old line are gone, as when a cable is pulled.
 */
void sim_attach(struct sim *sim, int fd);
/* Runs a control command given as JSON and returns its answer as a new reference; the control
 * socket takes the same commands. */
json_t *sim_control(struct sim *sim, const json_t *command);
/* Arms a fault by its name and argument, "lost-reply", "cms:38", "silent"…: see sim/faults.c. False
 * if unknown. */
bool sim_fault(struct sim *sim, const char *text);
/*
 * Things that happen by themselves: a file of lines, see sim/scenario.h. Hours pass `speed` times
 * as fast in it. In place of any earlier one. False with "FILE:LINE: what is wrong" in error.
 */
bool sim_play(struct sim *sim, const char *path, double speed, char *error, size_t cap);

#endif
