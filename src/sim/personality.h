/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Dialects: what a modem of some maker says that 27.005 and 27.007 do not, as data. The rows are in
 * personalities.c; NULL and 0 mean the generic way. Sources: MODEMS 2 and the makers' manuals.
 */
#ifndef CC_SIM_PERSONALITY_H
#define CC_SIM_PERSONALITY_H

#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum sim_vendor_effect {
    SIM_EFFECT_NONE,
    SIM_EFFECT_ANY,     /* `say` is only the beginning: anything may follow */
    SIM_EFFECT_SILENCE, /* and the noise stops */
    SIM_EFFECT_PASS,    /* the noise stops, and the common command answers */
    SIM_EFFECT_RESTART, /* OK, then it starts anew */
};

/*
 * Command of the maker's. `say` is all of it, in upper case outside quotes; with a value it is the
 * beginning, and a number up to max follows. In an answer `$` and a letter stand for a current
 * value: see personality.c.
 */
struct sim_vendor_row {
    const char *say;
    const char *answer; /* NULL = OK alone */
    enum sim_vendor_effect effect;
    size_t value; /* offset of an int in struct sim; 0 = none */
    int max;
};

enum {
    SIM_QUIRK_CPIN_NO_OK = 1,    /* +CPIN: READY and no OK */
    SIM_QUIRK_CPMS_TWO = 2,      /* a third memory in +CPMS= is an ERROR */
    SIM_QUIRK_CDS_COMMA = 4,     /* +CDS: ,<length> */
    SIM_QUIRK_CRLF_DOUBLE = 8,   /* \r\r\n */
    SIM_QUIRK_NOT_SUPPORTED = 16 /* COMMAND NOT SUPPORT for what it does not know */
};

struct sim_personality {
    const char *name;
    const char *manufacturer;
    const char *model;
    const char *revision;
    int act; /* access technology, 27.007 7.3; SIM_ACT_NONE = it does not tell */
    unsigned quirks;
    const char *const *power_on; /* said one after the other after a start; ends with NULL */
    const char *const *noise;    /* said in turn until silenced; ends with NULL */
    int64_t noise_every_us;
    const struct sim_vendor_row *rows; /* ends with say NULL; they go before the common commands */
    const char *const *missing;        /* common commands that it does not know; ends with NULL */
    const int *cnmi_highest;           /* five numbers that +CNMI= takes at most */
    const char *full;                  /* how it says that a memory is full; $M = which */
    int busy_after_cfun_ms;            /* its own cme-after-cfun, with busy_code */
    int busy_code;
};

enum { SIM_ACT_NONE = -1 };

/* State set by vendor commands, and the position in the noise. */
struct sim_vendor {
    int ims;
    int radio_mode;
    int temperature_c;
    int voltage_mv;
    bool silenced;
    unsigned power_on; /* counts the starts: what an earlier one still had to say is dropped */
};

/* Ends with a name NULL; the first one is the generic modem. */
extern const struct sim_personality sim_personalities[];

void sim_personality_init(struct sim *sim, const char *name);
/* Begins to say what it says at a start. */
void sim_personality_power_on(struct sim *sim);
bool sim_has_quirk(const struct sim *sim, unsigned quirk);
/* True when the maker has a command of this name and form; *ret is how it ended. */
bool sim_vendor_run(struct sim *sim, const char *name, const char *form, struct sim_result *ret);
/* Whether the maker left this common command out. */
bool sim_is_missing(const struct sim *sim, const char *name);
/* Expands the $ letters; `memory` is $M. */
void sim_vendor_expand(struct sim *sim, const char *text, const char *memory, char *out,
                       size_t cap);

#endif
