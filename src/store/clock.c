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
    enum cc_err err = meta_read_number(store, "clock_void_id", &store->void_requests.id);
    return err == CC_OK
               ? meta_read_number(store, "clock_void_since", &store->void_requests.since_ms)
               : err;
}

/* Requests of an earlier false period stay void: the two are widened, never narrowed. No row is
 * looked at, of the many that there may be. */
static enum cc_err void_requests(struct store *store, int64_t since_ms)
{
    struct void_requests *known = &store->void_requests;
    int64_t id = 0;
    struct db_stmt *st = db_query(store->db, "SELECT coalesce(max(id), 0) FROM requests");
    enum cc_err err = db_run_int(st, &id);
    if (err != CC_OK || id == 0)
        return err;
    if (known->id == 0 || since_ms < known->since_ms)
        known->since_ms = since_ms;
    known->id = id > known->id ? id : known->id;
    err = meta_write_number(store, "clock_void_id", known->id);
    return err == CC_OK ? meta_write_number(store, "clock_void_since", known->since_ms) : err;
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

enum cc_err clock_void_future(struct store *store, int64_t now_ms)
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
    enum cc_err err = void_requests(store, now_ms + CLOCK_FUTURE_MS);
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
    return run_all(store, statements, sizeof(statements) / sizeof(statements[0]), now_ms);
}
