/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The run that destroys what has had its term (store/purge.h): each night after 03:00, town time,
 * or in the first minutes of a box that was off then, and when a person asks for it. One piece a
 * turn of the loop, with the next one's size by how long the last took, so that nobody waits; what
 * a run destroyed is an act of the trail, kind by kind, and the write-ahead log is emptied behind
 * it. A run that a fault ends goes on a minute later; one that the end of the program cut begins
 * anew.
 */
#ifndef CC_SERVICE_PURGE_H
#define CC_SERVICE_PURGE_H

#include "service/caller.h"
#include "service/service.h"
#include "service/tidy.h"
#include "store/purge.h"

struct purge;

/* PURGE_PASSED_ON: the box that leads does it, within a minute. */
enum purge_state { PURGE_NEVER, PURGE_RUNNING, PURGE_DONE, PURGE_FAILED, PURGE_PASSED_ON };

/* The last run since the start of the program. */
struct purge_report {
    enum purge_state state;
    int64_t began_ms, ended_ms; /* UTC; 0 = not yet */
    char by[CALLER_NAME_SIZE];
    enum purge_kind kind; /* being destroyed */
    int64_t counts[PURGE_KINDS];
    enum cc_err err; /* of one that failed */
};

/* service stays the caller's, and tidy, which may be NULL. Owns: purge_free(). */
struct purge *purge_new(struct service *service, struct tidy *tidy);
void purge_free(struct purge *purge);
/* Each minute, with UTC ms that have passed for certain: begins the run of the night, on the box
 * that leads (store/db_lead.h). Takes NULL. */
void purge_look(struct purge *purge, int64_t now_ms);
/* Begins a run; one that is on its way goes on. Its order is an act of the trail. In a turn.
 * Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB. */
enum cc_err purge_ask(struct purge *purge, const struct caller *caller,
                      int64_t now_ms) CC_MUST_CHECK;
/* *ret lives as long as purge, and changes with the next piece. */
const struct purge_report *purge_report_of(const struct purge *purge);

#endif
