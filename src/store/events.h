/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Events of the box and its modems, for people: kept 90 days (store_sweep()). A row
 * holds tokens; its sentence is made when it is shown. Nothing personal is in it but the name of
 * the member of staff who acted.
 */
#ifndef CC_STORE_EVENTS_H
#define CC_STORE_EVENTS_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum { EVENT_TOKEN_SIZE = 33, EVENT_MODEM_SIZE = 33, EVENT_ACTOR_SIZE = 81 };

enum event_kind {
    EVENT_NOTE,  /* it happened, and that is all */
    EVENT_BEGIN, /* a finding that lasts until its EVENT_END */
    EVENT_END,
};

enum event_level { EVENT_GOOD, EVENT_CARE, EVENT_BAD, EVENT_RECOVERY };

struct event {
    int64_t id; /* grows with each event */
    enum event_kind kind;
    enum event_level level;
    int64_t at_ms;                /* UTC */
    int64_t since_ms;             /* UTC, when the finding began; 0 for an EVENT_NOTE */
    char token[EVENT_TOKEN_SIZE]; /* which event, stable */
    char topic[EVENT_TOKEN_SIZE]; /* what of a modem or the box: one finding of a topic at a time */
    char modem[EVENT_MODEM_SIZE]; /* "" = the box */
    char actor[EVENT_ACTOR_SIZE]; /* "" = none */
};

typedef bool events_visit(const struct event *event, void *user);

/* Writes an event, whose id is drawn. Inside a turn. */
enum cc_err events_insert(struct store *store, const struct event *event) CC_MUST_CHECK;
/* The newest max events since then that are not of the topic `left_out`, newest first. visit says
 * whether to go on. */
enum cc_err events_list(struct store *store, int64_t since_ms, const char *left_out, int64_t max,
                        events_visit *visit, void *user) CC_MUST_CHECK;
/* The same after this id, oldest first. */
enum cc_err events_list_after(struct store *store, int64_t id, const char *left_out, int64_t max,
                              events_visit *visit, void *user) CC_MUST_CHECK;
/* The findings that have begun and have not ended. */
enum cc_err events_list_open(struct store *store, events_visit *visit, void *user) CC_MUST_CHECK;
/* Id of the newest event; 0 = there is none. */
enum cc_err events_newest(struct store *store, int64_t *ret_id) CC_MUST_CHECK;
/* How long the ended findings of this topic lasted from since_ms on. Units: ms. */
enum cc_err events_sum_spans(struct store *store, const char *topic, int64_t since_ms,
                             int64_t *ret_ms) CC_MUST_CHECK;

#endif
