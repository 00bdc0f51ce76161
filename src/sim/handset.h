/* SPDX-License-Identifier: EUPL-1.2 */
/* The citizens' telephones: what reached each number, and what a person reads on the screen. */
#ifndef CC_SIM_HANDSET_H
#define CC_SIM_HANDSET_H

#include "gsm/addr.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct sim_received {
    char number[GSM_ADDR_SIZE];
    char smsc[GSM_ADDR_SIZE];
    char *text;
    int concat_reference;
    int part; /* 1 of 1 without a header */
    int parts;
    int pid;
    int dcs;
    int64_t vp_s;
    int reference; /* TP-MR */
    int srr;
    int64_t at_us;
};

struct sim_handset {
    struct sim_received *messages;
    size_t count;
    size_t cap;
};

/* Owns: takes message->text. */
void sim_handset_receive(struct sim_handset *handset, const struct sim_received *message);
void sim_handset_clear(struct sim_handset *handset);
/* Every part as it came; number NULL = all numbers. */
json_t *sim_handset_messages(const struct sim_handset *handset, const char *number);
/*
 * Texts on the screen: parts merged once all are there, and a message with a Replace PID in the
 * place of the earlier one of its kind (23.040 9.2.3.9).
 */
json_t *sim_handset_texts(const struct sim_handset *handset, const char *number);

#endif
