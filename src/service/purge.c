/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/purge.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "service/retention.h"
#include "store/audit.h"
#include "store/audit_search.h"
#include "store/db_lead.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FIRST_ROWS = 50,
    LEAST_ROWS = 20, /* on a busy machine most of the time is other programs' */
    MOST_ROWS = 500,
    SHORT_US = 1500, /* a piece that took less may grow */
    LONG_US = 2500,  /* … and one that took more is cut: nobody may wait for 5 ms */
    LOG_PAGES = 100, /* fewer than most pieces write: each commit moves what it wrote, no more */
    PAUSE_US = 3000  /* between two pieces: their commits wait for the disk */
};

struct purge {
    struct service *service;
    struct tidy *tidy;
    struct loop_source *timer;
    int64_t last_run_ms; /* when the last whole run was begun; -1 = not read yet */
    bool is_ending;      /* the piece in the turn is the last one */
    bool has_more;       /* of the kind, behind the piece in the turn */
    int64_t rows;        /* of the next piece, at most */
    int64_t count;       /* of the piece in the turn */
    int64_t took_us;     /* its statements, with their waits for the disk or a server */
    int64_t cpu_us;      /* of the process behind them: what comes until the commit is its work */
    enum cc_err told;    /* the fault that the log has told */
    struct purge_report report;
    struct purge_report
        before; /* the order for a run: it is the report again if that is not kept */
};

static int64_t count_all(const struct purge_report *report)
{
    int64_t sum = 0;
    for (int kind = 0; kind < PURGE_KINDS; kind++)
        sum += report->counts[kind];
    return sum;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void note_failure(struct purge *purge, enum cc_err err)
{
    db_bound_log(purge->service->store->db, 0);
    purge->report.state = PURGE_FAILED;
    purge->report.err = err;
    purge->report.ended_ms = service_now_ms(purge->service);
    bool is_at_end = purge->report.kind == PURGE_KINDS;
    if (purge->told != err)
        log_error("retención: no se puede destruir lo que ha cumplido su plazo (%s): %s Se vuelve "
                  "a intentar cada minuto.",
                  is_at_end ? "final" : purge_kind_token(purge->report.kind), err_text(err));
    purge->told = err;
}

/* Dots between the thousands: the log blanks a long number as if it were a telephone's. */
static void write_dotted(int64_t number, char ret[32])
{
    char digits[24];
    int at = 0, len = snprintf(digits, sizeof(digits), "%" PRId64, number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            ret[at++] = '.';
        ret[at++] = digits[i];
    }
    ret[at] = '\0';
}

/* Once a night, into a log that others keep: a trail that is written anew has another seal there.
 */
static void tell_anchor(const struct purge *purge)
{
    const struct audit_tail *tail = &purge->service->store->audit_committed;
    char number[32], seal[AUDIT_SEAL_SIZE];
    write_dotted(tail->id, number);
    audit_write_seal(tail->tag, seal);
    log_notice("la última anotación de la auditoría es la %s, con el sello %s", number, seal);
}

static void note_end(struct purge *purge)
{
    tell_anchor(purge);
    db_bound_log(purge->service->store->db, 0);
    struct purge_report *report = &purge->report;
    report->state = PURGE_DONE;
    report->ended_ms = service_now_ms(purge->service);
    purge->last_run_ms = report->began_ms;
    purge->told = CC_OK;
    if (count_all(report) == 0)
        return;
    log_notice("retención: destruidas %" PRId64 " filas que han cumplido su plazo",
               count_all(report));
    if (purge->tidy != NULL)
        tidy_ask(purge->tidy);
}

static enum cc_err audit_count(struct purge *purge, enum purge_kind kind, int64_t now_ms)
{
    const struct audit_entry entry = {.event = "retencion",
                                      .actor = purge->report.by,
                                      .result = purge_kind_token(kind),
                                      .reference = purge->report.counts[kind]};
    return entry.reference > 0 ? audit_append(purge->service->store, &entry, now_ms, NULL) : CC_OK;
}

static enum cc_err write_end(struct purge *purge)
{
    struct store *store = purge->service->store;
    enum cc_err err = purge_set_last_run(store, purge->report.began_ms);
    for (int kind = 0; kind < PURGE_KINDS && err == CC_OK; kind++)
        err = audit_count(purge, (enum purge_kind)kind, service_now_ms(purge->service));
    return err;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static enum cc_err run_piece(struct purge *purge)
{
    const struct purge_report *report = &purge->report;
    struct service *service = purge->service;
    int64_t now_ms = report->began_ms;
    int64_t before_ms = purge_before_ms(&service->settings->terms, report->kind, now_ms);
    if (report->kind > PURGE_PEOPLE)
        return purge_piece(service->store, report->kind, before_ms, now_ms, purge->rows,
                           &purge->count, &purge->has_more);
    enum cc_err err =
        retention_piece(service, report->kind, before_ms, now_ms, purge->rows, &purge->count);
    purge->has_more = purge->count > 0;
    return err;
}

/* Waits for the disk in a commit say nothing of how much there was to commit, and its processor
 * time jumps now and then: cut by a quarter, not by half. */
static void set_pace(struct purge *purge)
{
    int64_t commit_us = clock_cpu_us() - purge->cpu_us;
    int64_t took_us = commit_us > purge->took_us ? commit_us : purge->took_us;
    if (took_us > LONG_US && purge->rows > LEAST_ROWS)
        purge->rows -= purge->rows / 4;
    else if (took_us < SHORT_US && purge->rows < MOST_ROWS)
        purge->rows += purge->rows / 4;
}

static void on_committed(bool committed, void *user)
{
    struct purge *purge = user;
    if (!committed) {
        note_failure(purge, CC_ERR_DB);
        return;
    }
    if (purge->is_ending) {
        note_end(purge);
        return;
    }
    purge->report.counts[purge->report.kind] += purge->count;
    set_pace(purge);
    if (!purge->has_more) {
        purge->report.kind++;
        purge->rows = FIRST_ROWS; /* those of another kind cost more, or less */
    }
    loop_timer_in(purge->timer, PAUSE_US);
}

static void on_timer(void *user)
{
    struct purge *purge = user;
    struct turn *turn = purge->service->turn;
    enum cc_err err = turn_enter(turn);
    if (err != CC_OK) {
        note_failure(purge, err);
        return;
    }
    int64_t began_us = loop_now_us(purge->service->loop);
    purge->count = 0;
    purge->has_more = false;
    purge->is_ending = purge->report.kind == PURGE_KINDS;
    err = purge->is_ending ? write_end(purge) : run_piece(purge);
    purge->took_us = loop_now_us(purge->service->loop) - began_us;
    purge->cpu_us = clock_cpu_us();
    turn_leave(turn, err == CC_OK);
    if (err == CC_OK)
        turn_after(turn, on_committed, purge);
    else
        note_failure(purge, err);
}

/* ---- the beginning --------------------------------------------------------------------------- */

/* Where it was: at the beginning, or at the piece that failed. */
static void go_on(struct purge *purge)
{
    purge->report.state = PURGE_RUNNING;
    purge->report.ended_ms = 0;
    purge->rows = FIRST_ROWS;
    db_bound_log(purge->service->store->db, LOG_PAGES);
    loop_timer_in(purge->timer, PAUSE_US);
}

static void note_begin(struct purge *purge, const char *by, int64_t now_ms)
{
    purge->report = (struct purge_report){.state = PURGE_RUNNING, .began_ms = now_ms};
    (void)snprintf(purge->report.by, sizeof(purge->report.by), "%s", by);
}

struct purge *purge_new(struct service *service, struct tidy *tidy)
{
    struct purge *purge = alloc_or_abort(sizeof(*purge));
    purge->service = service;
    purge->tidy = tidy;
    purge->last_run_ms = -1;
    purge->timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_timer, purge);
    return purge;
}

void purge_free(struct purge *purge)
{
    if (purge == NULL)
        return;
    loop_source_free(purge->timer);
    free(purge);
}

void purge_look(struct purge *purge, int64_t now_ms)
{
    if (purge == NULL || purge->report.state == PURGE_RUNNING ||
        !db_leads(purge->service->store->db))
        return;
    if (purge->report.state == PURGE_FAILED) {
        go_on(purge);
        return;
    }
    bool is_known = purge->last_run_ms >= 0 && !db_is_shared(purge->service->store->db);
    if (!is_known && purge_last_run(purge->service->store, &purge->last_run_ms) != CC_OK)
        return; /* the next minute asks again */
    if (tidy_night(purge->last_run_ms) == tidy_night(now_ms))
        return;
    note_begin(purge, "sistema", now_ms);
    go_on(purge);
}

static void on_ordered(bool committed, void *user)
{
    struct purge *purge = user;
    if (!committed)
        purge->report = purge->before;
    else if (purge->report.state == PURGE_RUNNING)
        go_on(purge);
}

enum cc_err purge_ask(struct purge *purge, const struct caller *caller, int64_t now_ms)
{
    int64_t sweep_ms = 0;
    if (!service_find_sweep_time(purge->service, &sweep_ms))
        return CC_ERR_CLOCK_UNRELIABLE;
    struct store *store = purge->service->store;
    enum cc_err err = service_audit(purge->service, caller,
                                    AUDIT_ACT(.event = "retencion", .result = "pedida"), now_ms);
    bool leads = db_leads(store->db);
    if (err == CC_OK && !leads)
        err = purge_set_last_run(store, 0);
    if (err != CC_OK || purge->report.state == PURGE_RUNNING)
        return err;
    purge->before = purge->report;
    if (leads)
        note_begin(purge, caller->name, sweep_ms);
    else
        purge->report = (struct purge_report){.state = PURGE_PASSED_ON};
    turn_after(purge->service->turn, on_ordered, purge);
    return CC_OK;
}

const struct purge_report *purge_report_of(const struct purge *purge)
{
    return &purge->report;
}
