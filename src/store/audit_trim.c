/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The oldest rows of the trail go at the end of their term. The number and the tag of the last one
 * that went stand in meta, under a row tag: the chain begins there.
 */
#include "store/audit.h"

#include "domain/clock_trust.h"
#include "store/meta.h"
#include "store/monthly.h"
#include "store/seal.h"

#include <string.h>

static const char start_name[] = "audit_start";

enum { TRIM_LOOKS_AT = 5000 }; /* rows of the future among them that are stepped over */

enum cc_err audit_read_start(struct store *store, struct audit_tail *ret)
{
    int64_t count = 0; /* a database from before the row tags has none */
    enum cc_err err = db_run_int(
        db_query(store->db, "SELECT count(*) FROM meta WHERE name = 'audit_start'"), &count);
    if (err == CC_OK && count == 0)
        *ret = (struct audit_tail){.id = 0};
    if (err != CC_OK || count == 0)
        return err;
    struct meta_row row;
    err = meta_read(store, start_name, &row);
    if (err != CC_OK)
        return err;
    *ret = (struct audit_tail){.id = row.number};
    memcpy(ret->tag, row.tag, sizeof ret->tag);
    return CC_OK;
}

/* A row stays while the figures of the months have not counted it; the last one stays for good. */
static enum cc_err find_limit(struct store *store, int64_t *ret_id)
{
    int64_t folded = 0;
    enum cc_err err = monthly_last_folded(store, &folded);
    if (err == CC_OK)
        *ret_id = folded < store->audit_tail.id ? folded : store->audit_tail.id - 1;
    return err;
}

/*
 * The last of the rows that are due, which are the first ones of the trail, `most` of them. A row
 * dated in the future, by a clock that was ahead, is due with the one that follows it.
 */
static enum cc_err find_last_due(struct store *store, int64_t before_ms, int64_t now_ms,
                                 int64_t most, int64_t *ret_id)
{
    int64_t limit = 0, count = 0;
    enum cc_err err = find_limit(store, &limit);
    if (err != CC_OK)
        return err;
    struct db_stmt *st =
        db_query(store->db, "SELECT id, at_ms FROM audit WHERE id <= $1 ORDER BY id LIMIT $2");
    DB_BIND(st, 1, db_int(limit), db_int(TRIM_LOOKS_AT));
    for (*ret_id = 0; count < most && db_step(st);) {
        int64_t at_ms = db_column_int(st, 1);
        if (at_ms >= before_ms && at_ms <= now_ms + CLOCK_FUTURE_MS)
            break;
        ++count;
        if (at_ms < before_ms)
            *ret_id = db_column_int(st, 0);
    }
    return db_finish(st);
}

/* Whether the rows until this one are as they were written; *ret_start is where the chain then
 * goes on. What was changed without the key stays for a person to see. */
static enum cc_err walk_to(struct store *store, int64_t last, struct audit_tail *ret_start,
                           bool *ret_fits)
{
    struct audit_walk walk = {.accepted = 0};
    struct audit_tail start = {.id = 0};
    bool more = false;
    enum cc_err err = audit_read_start(store, &start);
    if (err == CC_OK)
        err = audit_walk(store, &walk, last - start.id, &more);
    if (err != CC_OK)
        return err;
    *ret_start = walk.tail;
    *ret_fits = walk.tail.id == last && !audit_walk_is_broken(&walk);
    return CC_OK;
}

static enum cc_err drop_until(struct store *store, const struct audit_tail *start,
                              int64_t *ret_count)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM audit WHERE id <= $1");
    db_bind_int(st, 1, start->id);
    enum cc_err err = db_run_count(st, ret_count);
    return err == CC_OK ? meta_write(store, start_name, start->id, start->tag) : err;
}

/* The tag that the row has in this trail, where it is another's last row that went. */
static enum cc_err find_tag(struct store *store, struct audit_tail *start)
{
    struct db_stmt *st = db_query(store->db, "SELECT tag FROM audit WHERE id = $1");
    db_bind_int(st, 1, start->id);
    return seal_run_tag(st, start->tag);
}

enum cc_err audit_carry_start(struct store *from, struct audit_tail *from_tail, struct store *to)
{
    struct audit_tail start = {.id = 0}, begun = {.id = 0};
    int64_t count = 0;
    enum cc_err err = audit_read_start(from, &start);
    if (err == CC_OK)
        err = audit_read_start(to, &begun);
    if (err != CC_OK || start.id <= begun.id)
        return err;
    if (start.id > from_tail->id) { /* nothing of what is there now was taken over yet */
        *from_tail = start;
        to->audit_tail.id = start.id;
        memcpy(to->audit_tail.tag, start.tag, sizeof start.tag);
        to->head.is_stale = true;
    } else {
        err = find_tag(to, &start);
    }
    return err == CC_OK ? drop_until(to, &start, &count) : err;
}

enum cc_err audit_trim(struct store *store, int64_t before_ms, int64_t now_ms, int64_t most,
                       int64_t *ret_count)
{
    struct audit_tail start = {.id = 0};
    int64_t last = 0;
    bool fits = false;
    *ret_count = 0;
    enum cc_err err = audit_refresh(store);
    if (err == CC_OK)
        err = find_last_due(store, before_ms, now_ms, most, &last);
    if (err != CC_OK || last == 0 || integrity_is_in_doubt(store))
        return err;
    err = walk_to(store, last, &start, &fits);
    if (err == CC_OK && !fits)
        integrity_add(store, INTEGRITY_AUDIT);
    if (err != CC_OK || !fits)
        return err;
    return drop_until(store, &start, ret_count);
}
