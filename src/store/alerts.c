/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/alerts.h"

#include <stdio.h>
#include <string.h>

#define COPY(to, from) ((void)snprintf((to), sizeof(to), "%s", (from)))

/* Boxes that share a database share their alerts: the one that leads sends them. */
static const char *box_of(const struct store *store)
{
    return db_is_shared(store->db) ? "" : store->box;
}

static enum alert_event read_event(struct db_stmt *st, int column)
{
    int64_t event = db_column_int(st, column);
    return event > ALERT_NONE && event < ALERT_EVENT_COUNT ? (enum alert_event)event : ALERT_NONE;
}

static void read_record(struct db_stmt *st, struct alert_record *ret)
{
    int64_t phase = db_column_int(st, 1);
    ret->state = (struct alert_state){
        .phase = phase >= ALERT_FINE && phase <= ALERT_OPEN ? (enum alert_phase)phase : ALERT_FINE,
        .since_ms = db_column_int(st, 2),
        .calm_ms = db_column_int(st, 3),
        .opened_ms = db_column_int(st, 4),
        .told_ms = db_column_int(st, 5),
        .relapses = db_column_int(st, 6),
    };
    ret->waiting[ALERT_MAIL] =
        (struct alert_waiting){.event = read_event(st, 7), .tries = db_column_int(st, 8)};
    ret->waiting[ALERT_WEBHOOK] =
        (struct alert_waiting){.event = read_event(st, 9), .tries = db_column_int(st, 10)};
    COPY(ret->sentence, db_column_text(st, 11));
    COPY(ret->action, db_column_text(st, 12));
    COPY(ret->cause, db_column_text(st, 13));
}

static enum cc_err load_records(struct store *store, struct alert_record records[ALERT_KIND_COUNT])
{
    struct db_stmt *st =
        db_query(store->db, "SELECT kind, phase, since_ms, calm_ms, opened_ms, told_ms, relapses,"
                            " mail_event, mail_tries, hook_event, hook_tries, sentence, action,"
                            " cause FROM alerts WHERE box = $1");
    db_bind_text(st, 1, box_of(store));
    while (db_step(st)) {
        int64_t kind = db_column_int(st, 0);
        if (kind >= 0 && kind < ALERT_KIND_COUNT)
            read_record(st, &records[kind]);
    }
    return db_finish(st);
}

static enum cc_err load_results(struct store *store,
                                struct alert_result results[ALERT_CHANNEL_COUNT])
{
    struct db_stmt *st = db_query(
        store->db, "SELECT channel, at_ms, is_sent, detail FROM alert_results WHERE box = $1");
    db_bind_text(st, 1, box_of(store));
    while (db_step(st)) {
        int64_t channel = db_column_int(st, 0);
        if (channel < 0 || channel >= ALERT_CHANNEL_COUNT)
            continue;
        results[channel].at_ms = db_column_int(st, 1);
        results[channel].is_sent = db_column_int(st, 2) != 0;
        COPY(results[channel].detail, db_column_text(st, 3));
    }
    return db_finish(st);
}

enum cc_err alerts_load(struct store *store, struct alert_record records[ALERT_KIND_COUNT],
                        struct alert_result results[ALERT_CHANNEL_COUNT])
{
    memset(records, 0, ALERT_KIND_COUNT * sizeof(records[0]));
    memset(results, 0, ALERT_CHANNEL_COUNT * sizeof(results[0]));
    enum cc_err err = load_records(store, records);
    return err == CC_OK ? load_results(store, results) : err;
}

enum cc_err alerts_save(struct store *store, enum alert_kind kind,
                        const struct alert_record *record)
{
    const struct alert_state *state = &record->state;
    const struct alert_waiting *mail = &record->waiting[ALERT_MAIL];
    const struct alert_waiting *hook = &record->waiting[ALERT_WEBHOOK];
    struct db_stmt *st = db_query(
        store->db,
        "INSERT INTO alerts (box, kind, phase, since_ms, calm_ms, opened_ms, told_ms, relapses,"
        " mail_event, mail_tries, hook_event, hook_tries, sentence, action, cause)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        " ON CONFLICT (box, kind) DO UPDATE SET phase = excluded.phase,"
        " since_ms = excluded.since_ms, calm_ms = excluded.calm_ms,"
        " opened_ms = excluded.opened_ms, told_ms = excluded.told_ms,"
        " relapses = excluded.relapses, mail_event = excluded.mail_event,"
        " mail_tries = excluded.mail_tries, hook_event = excluded.hook_event,"
        " hook_tries = excluded.hook_tries, sentence = excluded.sentence,"
        " action = excluded.action, cause = excluded.cause");
    DB_BIND(st, 1, db_text(box_of(store)), db_int(kind), db_int(state->phase),
            db_int(state->since_ms), db_int(state->calm_ms), db_int(state->opened_ms),
            db_int(state->told_ms), db_int(state->relapses), db_int(mail->event),
            db_int(mail->tries), db_int(hook->event), db_int(hook->tries),
            db_text(record->sentence), db_text(record->action), db_text(record->cause));
    return db_run(st);
}

enum cc_err alerts_save_result(struct store *store, enum alert_channel channel,
                               const struct alert_result *result)
{
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO alert_results (box, channel, at_ms, is_sent, detail)"
                   " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (box, channel) DO UPDATE SET"
                   " at_ms = excluded.at_ms, is_sent = excluded.is_sent, detail = excluded.detail");
    DB_BIND(st, 1, db_text(box_of(store)), db_int(channel), db_int(result->at_ms),
            db_int(result->is_sent), db_text(result->detail));
    return db_run(st);
}
