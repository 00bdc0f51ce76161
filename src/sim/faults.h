/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Faults of the simulated modem, by name: `name[:arg[:arg]][*count]`; `*` or `*0` = until cleared.
 * The table is fault_table.c, its page hw/simmodem.md.
 */
#ifndef CC_SIM_FAULTS_H
#define CC_SIM_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum sim_fault_id {
    SIM_FAULT_ABSURD,
    SIM_FAULT_BOOT_FLOOD,
    SIM_FAULT_CEREG,
    SIM_FAULT_CFUN_REENUMERATE,
    SIM_FAULT_CGREG,
    SIM_FAULT_CME,
    SIM_FAULT_CME_AFTER_CFUN,
    SIM_FAULT_CME_BUSY,
    SIM_FAULT_CMS,
    SIM_FAULT_CMS_AFTER,
    SIM_FAULT_CMTI_EARLY,
    SIM_FAULT_CMTI_MEMORY,
    SIM_FAULT_CMTI_MINUS_ONE,
    SIM_FAULT_CNMI_DS,
    SIM_FAULT_CPIN_NO_OK,
    SIM_FAULT_CREG,
    SIM_FAULT_CRLF_DOUBLE,
    SIM_FAULT_CSQ,
    SIM_FAULT_DEAD_NUMBER,
    SIM_FAULT_ECHO_OFF,
    SIM_FAULT_ESC_IGNORED,
    SIM_FAULT_FINAL_LATE,
    SIM_FAULT_GARBAGE,
    SIM_FAULT_GARBAGE_LINE,
    SIM_FAULT_HALF_PDU,
    SIM_FAULT_LOST_REPLY,
    SIM_FAULT_MR_STUCK,
    SIM_FAULT_MUTE,
    SIM_FAULT_NO_NITZ,
    SIM_FAULT_NO_REPORT,
    SIM_FAULT_NO_SIM,
    SIM_FAULT_NOT_SUPPORTED,
    SIM_FAULT_NULS,
    SIM_FAULT_PIN_COUNTER,
    SIM_FAULT_PROMPT_BARE,
    SIM_FAULT_PROMPT_LATE,
    SIM_FAULT_PROMPT_LOST,
    SIM_FAULT_REFERENCE,
    SIM_FAULT_RENAME,
    SIM_FAULT_REPORT_EARLY,
    SIM_FAULT_REPORT_LATE,
    SIM_FAULT_REPORT_TWICE,
    SIM_FAULT_RING_PDU,
    SIM_FAULT_SILENT,
    SIM_FAULT_STORAGE_FILL,
    SIM_FAULT_STORAGE_FULL,
    SIM_FAULT_STRAY_REPLY,
    SIM_FAULT_URC_NOISE,
    SIM_FAULT_USSD,
    SIM_FAULT_USSD_LOST,
    SIM_FAULT_VANISH,
    SIM_FAULT_VANISH_ENTRY,
    SIM_FAULT_VANISH_PDU,
    SIM_FAULT_VANISH_RENAME,
    SIM_FAULT_COUNT
};

enum { SIM_FAULTS_MAX = 32, SIM_FAULT_FOREVER = -1, SIM_FAULT_TEXT = 32, SIM_FAULT_NUMBERS = 2 };

struct sim_armed {
    enum sim_fault_id id;
    char text[SIM_FAULT_TEXT];     /* the argument that is a name or a telephone number */
    int number[SIM_FAULT_NUMBERS]; /* arguments that are numbers; 0 where not given */
    int remaining;                 /* or SIM_FAULT_FOREVER */
    int64_t until_us;              /* 0 = no end */
};

/* Armed ones in their order: two of a kind take effect one after the other. */
struct sim_faults {
    struct sim_armed armed[SIM_FAULTS_MAX];
    size_t count;
    unsigned random; /* of the noise: the same in each run */
    unsigned absurd; /* state of the noise: the same in each run */
    bool flooding;   /* the lines of boot-flood are on their way */
};

enum sim_fault_kind {
    SIM_FAULT_COUNTED,  /* waits for its occasion, once or as often as its count says */
    SIM_FAULT_STANDING, /* the same, but until cleared when no count is given */
    SIM_FAULT_MODE,     /* on until cleared, or for its argument in ms */
    SIM_FAULT_ACTION,   /* takes effect when armed */
};

struct sim_fault_row {
    const char *name;
    enum sim_fault_kind kind;
    const char *args;  /* t = text, n = number, N = number that may be left out; NULL = none */
    bool arg_is_count; /* the number says how often */
    int max;           /* of the first number; 0 = no limit */
    bool (*is_valid)(const struct sim_armed *armed); /* NULL = all are */
    const char *sets; /* key of control_set.h that its number is for */
    void (*apply)(struct sim *sim, const struct sim_armed *armed);
};

extern const struct sim_fault_row sim_fault_table[SIM_FAULT_COUNT];

/* Whether sim_fault() would take it, but for a full list. */
bool sim_fault_is_valid(const char *text);
/* True when one is armed; uses up one of its count. *ret_number: its first; may be NULL. */
bool sim_fault_take(struct sim *sim, enum sim_fault_id id, int *ret_number);
/* The same for the one whose text is this name (any case) or telephone number; NULL = any. */
bool sim_fault_take_named(struct sim *sim, enum sim_fault_id id, const char *name,
                          struct sim_armed *ret);
/* True when one is armed; nothing is used up. */
bool sim_fault_is_on(struct sim *sim, enum sim_fault_id id);
/* Nothing is answered to anything: silent, boot-flood. */
bool sim_is_dead(struct sim *sim);
void sim_faults_clear(struct sim *sim);
/* The armed ones as an array of objects. */
json_t *sim_faults_list(struct sim *sim);

#endif
