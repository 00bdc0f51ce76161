/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/events.h"

#include <stdio.h>

#define COLUMNS "id, kind, level, at_ms, since_ms, token, topic, modem, actor"

enum cc_err events_insert(struct store *store, const struct event *event)
{
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO events (kind, level, at_ms, since_ms, token, topic, modem, actor,"
                   " box) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    DB_BIND(st, 1, db_int(event->kind), db_int(event->level), db_int(event->at_ms),
            db_int(event->since_ms), db_text(event->token), db_text(event->topic),
            db_text(event->modem), db_text(event->actor), db_text(store->box));
    return db_run(st);
}

static void read_row(struct db_stmt *st, struct event *ret)
{
    *ret = (struct event){.id = db_column_int(st, 0),
                          .kind = (enum event_kind)db_column_int(st, 1),
                          .level = (enum event_level)db_column_int(st, 2),
                          .at_ms = db_column_int(st, 3),
                          .since_ms = db_column_int(st, 4)};
    (void)snprintf(ret->token, sizeof(ret->token), "%s", db_column_text(st, 5));
    (void)snprintf(ret->topic, sizeof(ret->topic), "%s", db_column_text(st, 6));
    (void)snprintf(ret->modem, sizeof(ret->modem), "%s", db_column_text(st, 7));
    (void)snprintf(ret->actor, sizeof(ret->actor), "%s", db_column_text(st, 8));
}

static enum cc_err visit_rows(struct db_stmt *st, events_visit *visit, void *user)
{
    bool more = true;
    while (more && db_step(st)) {
        struct event event;
        read_row(st, &event);
        more = visit(&event, user);
    }
    return db_finish(st);
}

enum cc_err events_list(struct store *store, int64_t since_ms, const char *left_out, int64_t max,
                        events_visit *visit, void *user)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " COLUMNS " FROM events WHERE box = $1 AND at_ms >= $2"
                            " AND topic <> $3 ORDER BY id DESC LIMIT $4");
    DB_BIND(st, 1, db_text(store->box), db_int(since_ms), db_text(left_out), db_int(max));
    return visit_rows(st, visit, user);
}

enum cc_err events_list_after(struct store *store, int64_t id, const char *left_out, int64_t max,
                              events_visit *visit, void *user)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " COLUMNS " FROM events WHERE id > $1 AND box = $2"
                            " AND topic <> $3 ORDER BY id LIMIT $4");
    DB_BIND(st, 1, db_int(id), db_text(store->box), db_text(left_out), db_int(max));
    return visit_rows(st, visit, user);
}

enum cc_err events_list_open(struct store *store, events_visit *visit, void *user)
{
    struct db_stmt *st = db_query(
        store->db, "SELECT " COLUMNS " FROM events WHERE kind = $1 AND id IN (SELECT max(id)"
                   " FROM events WHERE box = $2 AND kind > 0 GROUP BY modem, topic) ORDER BY id");
    DB_BIND(st, 1, db_int(EVENT_BEGIN), db_text(store->box));
    return visit_rows(st, visit, user);
}

enum cc_err events_newest(struct store *store, int64_t *ret_id)
{
    return db_run_int(db_query(store->db, "SELECT coalesce(max(id), 0) FROM events"), ret_id);
}

enum cc_err events_sum_spans(struct store *store, const char *topic, int64_t since_ms,
                             int64_t *ret_ms)
{
    struct db_stmt *st = db_query(
        store->db, "SELECT coalesce(sum(at_ms - CASE WHEN since_ms > $1 THEN since_ms ELSE $1 END),"
                   " 0) FROM events WHERE topic = $2 AND at_ms >= $1 AND kind = $3 AND box = $4");
    DB_BIND(st, 1, db_int(since_ms), db_text(topic), db_int(EVENT_END), db_text(store->box));
    return db_run_int(st, ret_ms);
}
