/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/clock.h"

#include "domain/clock_trust.h"
#include "store/meta.h"

#include <stddef.h>

static const char *const memory_names[] = {"clock_proven", "clock_future_until", "clock_anchor",
                                           "clock_distrusts_network"};
enum { MEMORY_NUMBERS = sizeof(memory_names) / sizeof(memory_names[0]) };

enum cc_err clock_memory_read(struct store *store, struct clock_memory *ret)
{
    int64_t numbers[MEMORY_NUMBERS];
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < MEMORY_NUMBERS && err == CC_OK; i++)
        err = meta_read_number(store, memory_names[i], &numbers[i]);
    if (err == CC_OK)
        *ret = (struct clock_memory){numbers[0], numbers[1], numbers[2], numbers[3] != 0};
    return err;
}

enum cc_err clock_memory_write(struct store *store, const struct clock_memory *memory)
{
    const int64_t numbers[MEMORY_NUMBERS] = {memory->proven_ms, memory->future_until_ms,
                                             memory->anchor_ms, memory->distrusts_network};
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < MEMORY_NUMBERS && err == CC_OK; i++)
        err = meta_write_number(store, memory_names[i], numbers[i]);
    return err;
}

enum cc_err clock_load_void(struct store *store)
{
    struct void_requests *known = &store->void_requests;
    enum cc_err err = meta_read_number(store, "clock_void_id", &known->id);
    if (err == CC_OK)
        err = meta_read_number(store, "clock_void_since", &known->since_ms);
    if (err == CC_OK)
        err = meta_read_number(store, "clock_void_until", &known->until_ms);
    if (err == CC_OK && known->until_ms == 0) /* as it was written before until was */
        known->until_ms = INT64_MAX;
    return err;
}

static enum cc_err write_void(struct store *store, const struct void_requests *now_void)
{
    enum cc_err err = meta_write_number(store, "clock_void_id", now_void->id);
    if (err == CC_OK)
        err = meta_write_number(store, "clock_void_since", now_void->since_ms);
    if (err == CC_OK)
        err = meta_write_number(store, "clock_void_until", now_void->until_ms);
    if (err == CC_OK)
        store->void_requests = *now_void;
    return err;
}

/*
 * Requests of an earlier false period stay void as long as one of them may have a life: until then
 * the two are widened to one, which costs the good ones between them theirs. No row is looked at,
 * of the many that there may be.
 */
static enum cc_err void_requests(struct store *store, int64_t now_ms, int64_t latest_ms)
{
    struct void_requests next = {.since_ms = now_ms + CLOCK_FUTURE_MS,
                                 .until_ms = latest_ms + CLOCK_FUTURE_MS};
    const struct void_requests *known = &store->void_requests;
    struct db_stmt *st = db_query(store->db, "SELECT coalesce(max(id), 0) FROM requests");
    enum cc_err err = db_run_int(st, &next.id);
    if (err != CC_OK || next.id == 0)
        return err;
    if (known->id != 0 && known->until_ms > now_ms - CLOCK_REQUEST_LIFE_MS) {
        next.id = known->id > next.id ? known->id : next.id;
        next.since_ms = known->since_ms < next.since_ms ? known->since_ms : next.since_ms;
        next.until_ms = known->until_ms > next.until_ms ? known->until_ms : next.until_ms;
    }
    return write_void(store, &next);
}

/* Behind the statements of clock_forget_future() no void request has a date in the future. */
static enum cc_err end_void(struct store *store, int64_t now_ms)
{
    struct void_requests left = store->void_requests;
    if (left.id == 0 || left.until_ms <= now_ms + CLOCK_FUTURE_MS)
        return CC_OK;
    left.until_ms = now_ms + CLOCK_FUTURE_MS;
    return write_void(store, &left);
}

/* Parameters in order, those that the flags name: now, the box; then the latest date that is not in
 * the future. */
struct statement {
    const char *sql;
    bool has_now, has_box;
    enum rowtag_table tagged; /* rows of it are deleted, RETURNING row_tag; 0 = carry no tag */
};

static enum cc_err run_all(struct store *store, const struct statement *statements, size_t count,
                           int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < count && err == CC_OK; i++) {
        struct db_stmt *st = db_query(store->db, statements[i].sql);
        int next = 1;
        if (statements[i].has_now)
            db_bind_int(st, next++, now_ms);
        if (statements[i].has_box)
            db_bind_text(st, next++, store->box);
        db_bind_int(st, next, now_ms + CLOCK_FUTURE_MS);
        err =
            statements[i].tagged ? rowtag_run_delete(store, statements[i].tagged, st) : db_run(st);
        if (err == CC_ERR_NOT_FOUND)
            err = CC_OK;
    }
    return err;
}

enum cc_err clock_void_future(struct store *store, int64_t now_ms, int64_t latest_ms)
{
    static const struct statement statements[] = {
        {"UPDATE outbox SET state = 7, text = NULL, window_ends_ms = 0, done_ms = $1"
         " WHERE done_ms = 0 AND state IN (0, 5) AND box = $2 AND created_ms > $3",
         true, true, 0},
        /* held back under the wrong clock: due at once */
        {"UPDATE outbox SET not_before_ms = $1, avoid_until_ms = 0"
         " WHERE done_ms = 0 AND state = 0 AND box = $2 AND not_before_ms > $3",
         true, true, 0},
        {"UPDATE mails SET state = 6, sealed = NULL, done_ms = $1"
         " WHERE done_ms = 0 AND box = $2 AND created_ms > $3",
         true, true, 0},
        {"UPDATE mails SET not_before_ms = $1"
         " WHERE done_ms = 0 AND state <> 1 AND box = $2 AND not_before_ms > $3",
         true, true, 0},
    };
    enum cc_err err = void_requests(store, now_ms, latest_ms);
    if (err == CC_OK)
        err = run_all(store, statements, sizeof(statements) / sizeof(statements[0]), now_ms);
    return err;
}

enum cc_err clock_forget_future(struct store *store, int64_t now_ms)
{
    static const struct statement statements[] = {
        {"DELETE FROM outbox WHERE box = $1 AND created_ms > $2 AND done_ms > 0", false, true, 0},
        {"DELETE FROM mails WHERE box = $1 AND created_ms > $2 AND done_ms > 0", false, true, 0},
        {"DELETE FROM requests WHERE created_ms > $1 RETURNING row_tag", false, false,
         ROWTAG_REQUESTS},
        {"DELETE FROM failures WHERE created_ms > $1 RETURNING row_tag", false, false,
         ROWTAG_FAILURES},
        {"DELETE FROM refusals WHERE minute_ms > $1 AND audited = count", false, false, 0},
        {"DELETE FROM ip_requests WHERE created_ms > $1", false, false, 0},
        {"DELETE FROM idempotency WHERE created_ms > $1", false, false, 0},
        {"DELETE FROM samples WHERE box = $1 AND start_ms > $2", false, true, 0},
        {"DELETE FROM box_samples WHERE box = $1 AND start_ms > $2", false, true, 0},
        {"DELETE FROM deliveries WHERE box = $1 AND start_ms > $2", false, true, 0},
        {"DELETE FROM recoveries WHERE box = $1 AND at_ms > $2", false, true, 0},
        {"DELETE FROM events WHERE box = $1 AND at_ms > $2", false, true, 0},
        {"UPDATE inbox SET received_ms = $1 WHERE box = $2 AND received_ms > $3", true, true, 0},
        {"UPDATE inbox_groups SET received_ms = $1 WHERE box = $2 AND received_ms > $3", true, true,
         0},
        {"UPDATE inbox_seen SET seen_ms = $1 WHERE box = $2 AND seen_ms > $3", true, true, 0},
    };
    enum cc_err err =
        run_all(store, statements, sizeof(statements) / sizeof(statements[0]), now_ms);
    return err == CC_OK ? end_void(store, now_ms) : err;
}
