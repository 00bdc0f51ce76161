/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The inside of the simulator: one struct for the whole, shared by the files of this room only.
 * Each part has its own header with what it does.
 */
#ifndef CC_SIM_STATE_H
#define CC_SIM_STATE_H

#include "sim/bytes.h"
#include "sim/faults.h"
#include "sim/handset.h"
#include "sim/line.h"
#include "sim/log.h"
#include "sim/network.h"
#include "sim/nitz.h"
#include "sim/personality.h"
#include "sim/pin.h"
#include "sim/result.h"
#include "sim/scenario.h"
#include "sim/sim.h"
#include "sim/sms.h"
#include "sim/store.h"
#include "sim/tasks.h"
#include "sim/ussd.h"

/* Room for one counter per command; commands.c checks it against its table. */
enum { SIM_COMMANDS_MAX = 80 };

/* Settings changed by AT commands and put back by ATZ (V.250 6.1.1). */
struct sim_profile {
    int echo;
    int verbose;
    int quiet;
    int cmee;
    int ignored; /* parameters that are taken and change nothing here: &C, &D, X, S0… */
    int cmgf;
    int cmms;
    int csms;
    int csdh;
    int cfun;
    int registration_urc[SIM_DOMAINS]; /* n of CREG, CGREG, CEREG */
    int cops_format;
    int cgsms;
    int ctzu;
    int ctzr;
    int cusd;
    int cnmi[5]; /* mode, mt, bm, ds, bfr */
    int csmp[4]; /* fo, vp, pid, dcs */
    char cscs[8];
};

enum { SIM_ICCID_SIZE = 21, SIM_IMSI_SIZE = 16 };

/* Who the modem and its card are. */
struct sim_identity {
    char iccid[SIM_ICCID_SIZE];
    char imsi[SIM_IMSI_SIZE];
    char imei[SIM_IMSI_SIZE];
    char *number; /* +CNUM; "" = the card does not know it */
};

struct sim_counters {
    unsigned long commands;
    unsigned long submits;
    unsigned long refused;
    unsigned long by_command[SIM_COMMANDS_MAX]; /* but for their reads ("AT+CFUN?")… */
    unsigned long reads[SIM_COMMANDS_MAX];      /* …which change nothing */
    unsigned long unknown;
};

/* Callbacks of the program around the simulator, for its port. */
struct sim_host {
    void (*detached)(void *user); /* the line was closed; a new one may be attached from here */
    void (*vanished)(void *user);
    void (*back)(void *user, bool renamed);
    void (*name)(void *user, char *out, size_t cap); /* path that a client opens now */
};

struct sim {
    struct loop *loop; /* in front: an offset of 0 in the tables of commands is no value */
    struct sim_profile profile;
    struct sim_counters counters;
    struct sim_log log;
    struct sim_identity identity;
    const struct sim_personality *personality;
    struct sim_vendor vendor;
    struct sim_nitz nitz;
    struct sim_ussd ussd;
    struct sim_tasks tasks;
    struct sim_line line;
    struct sim_faults faults;
    struct sim_scenario *scenario; /* NULL = none */
    unsigned plays;                /* how many there have been */
    struct sim_pin pin;
    struct sim_network network;
    struct sim_sms sms;
    struct sim_stores stores;
    struct sim_handset handset;
    struct {
        const struct sim_host *calls; /* NULL = there is no program around */
        void *user;
    } host;
    struct {
        int64_t until_us; /* commands with + get the code until then */
        int code;
    } busy;
    bool vanished;
    bool renamed; /* comes back under another name */
};

void sim_profile_default(struct sim_profile *profile);
void sim_identity_init(struct sim *sim, const char *imei);
/* +CFUN=1,1 and its like: a new power-on, behind its OK; see cfun-reenumerate, cme-after-cfun. */
void sim_restart(struct sim *sim);
/* +CFUN=1: from now on the modem is busy for as long as cme-after-cfun says. */
void sim_become_busy(struct sim *sim);
/* Closes the line now and refuses any other for this time, then powers on. */
void sim_vanish(struct sim *sim, int64_t for_us, bool renamed);
void sim_set_host(struct sim *sim, const struct sim_host *host, void *user);
/* Whether a client holds the line, looked up now: one that has just left is noticed here. */
bool sim_has_client(struct sim *sim);

#endif
