/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/purge.h"

#include "base/span.h"
#include "store/audit.h"
#include "store/audit_ip.h"
#include "store/clock.h"
#include "store/evidence.h"
#include "store/meta.h"
#include "store/rowtag.h"

const struct purge_terms purge_default_terms = {.days = {[PURGE_PENDING] = 30,
                                                         [PURGE_BLOCKED] = 30,
                                                         [PURGE_PEOPLE] = 1095,
                                                         [PURGE_EVIDENCE] = 1095,
                                                         [PURGE_ADDRESSES] = 90,
                                                         [PURGE_REQUESTS] = 30,
                                                         [PURGE_MESSAGES] = 30,
                                                         [PURGE_INBOX] = 90,
                                                         [PURGE_AUDIT] = 730}};

/*
 * Ids grow with time, so the oldest rows are the first ones and no index on time is needed. Rows
 * dated after $1, in the future, are stepped over; of the others the first hundreds are looked at,
 * so that a few that stay do not keep those behind them.
 */
#define OLD_REQUESTS                                                                               \
    "(SELECT id FROM (SELECT id, expires_ms FROM requests WHERE created_ms <= $1 ORDER BY id"      \
    " LIMIT 1000) AS oldest WHERE expires_ms < $2 LIMIT $3)"

/* Before its row goes, the last entry of a person is kept. */
static const char last_entries_sql[] =
    "UPDATE citizens SET entered_ms = (SELECT max(entered_ms) FROM requests"
    " WHERE citizen_id = citizens.id) WHERE id IN (SELECT citizen_id FROM requests"
    " WHERE entered_ms > 0 AND id IN " OLD_REQUESTS ")"
    " AND entered_ms < (SELECT max(entered_ms) FROM requests WHERE citizen_id = citizens.id)";
static const char requests_sql[] =
    "DELETE FROM requests WHERE id IN " OLD_REQUESTS " RETURNING row_tag";
static const char messages_sql[] =
    "DELETE FROM outbox WHERE id IN (SELECT id FROM (SELECT id, created_ms, done_ms FROM outbox"
    " WHERE created_ms <= $1 ORDER BY id LIMIT 1000) AS oldest WHERE created_ms < $2"
    " AND done_ms > 0 LIMIT $3)";
static const char inbox_sql[] =
    "DELETE FROM inbox WHERE id IN (SELECT id FROM (SELECT id, received_ms FROM inbox"
    " WHERE received_ms <= $1 ORDER BY id LIMIT 1000) AS oldest WHERE received_ms < $2"
    " LIMIT $3)";

/* A piece of a kind: rows dated before an instant, by now_ms, `most` of them. */
struct piece {
    int64_t before_ms, now_ms, most;
    bool *more; /* set where there may be others although fewer were counted */
};

typedef enum cc_err piece_fn(struct store *store, const struct piece *piece, int64_t *ret_count);

static struct db_stmt *begin_piece(struct store *store, const char *sql, const struct piece *piece)
{
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_int(piece->now_ms + CLOCK_FUTURE_MS), db_int(piece->before_ms),
            db_int(piece->most));
    return st;
}

static enum cc_err drop_evidence(struct store *store, const struct piece *piece, int64_t *ret_count)
{
    return evidence_destroy(store, piece->before_ms, piece->now_ms, piece->most, ret_count);
}

static enum cc_err drop_addresses(struct store *store, const struct piece *piece,
                                  int64_t *ret_count)
{
    int64_t left, count = 0;
    enum cc_err err =
        evidence_forget_addresses(store, piece->before_ms, piece->now_ms, piece->most, ret_count);
    left = piece->most - *ret_count;
    if (err == CC_OK && left > 0)
        err = audit_ip_forget(store, piece->before_ms, piece->now_ms, left, &count, piece->more);
    *ret_count += count;
    return err;
}

static enum cc_err drop_requests(struct store *store, const struct piece *piece, int64_t *ret_count)
{
    enum cc_err err = db_run(begin_piece(store, last_entries_sql, piece));
    if (err == CC_OK)
        err = rowtag_run_delete(store, ROWTAG_REQUESTS, begin_piece(store, requests_sql, piece));
    if (err == CC_OK)
        *ret_count = db_changes(store->db);
    return err_allow_absent(err);
}

static enum cc_err drop_messages(struct store *store, const struct piece *piece, int64_t *ret_count)
{
    return db_run_count(begin_piece(store, messages_sql, piece), ret_count);
}

static enum cc_err drop_inbox(struct store *store, const struct piece *piece, int64_t *ret_count)
{
    return db_run_count(begin_piece(store, inbox_sql, piece), ret_count);
}

static enum cc_err drop_audit(struct store *store, const struct piece *piece, int64_t *ret_count)
{
    return audit_trim(store, piece->before_ms, piece->now_ms, piece->most, ret_count);
}

static const struct {
    const char *token;
    piece_fn *fn;          /* NULL = not of this file */
    bool is_settled_first; /* evidence reads it until then */
    const char *count_sql; /* of what is dated before $1, and not in the future, $2 */
} kinds[PURGE_KINDS] = {
    [PURGE_PENDING] = {"pendientes", NULL, false,
                       "SELECT count(*) FROM citizens WHERE gone_ms > 0 AND gone_ms < $1"
                       " AND gone_ms <= $2 AND state = 4"},
    [PURGE_BLOCKED] = {"bloqueadas", NULL, false,
                       "SELECT count(*) FROM citizens WHERE gone_ms > 0 AND gone_ms < $1"
                       " AND gone_ms <= $2 AND state = 2"},
    [PURGE_PEOPLE] = {"personas", NULL, false,
                      "SELECT count(*) FROM citizens WHERE gone_ms > 0 AND gone_ms < $1"
                      " AND gone_ms <= $2 AND state IN (2, 3)"},
    [PURGE_EVIDENCE] = {"evidencias", drop_evidence, false,
                        "SELECT count(*) FROM evidence WHERE at_ms < $1 AND at_ms <= $2"},
    [PURGE_ADDRESSES] = {"ip", drop_addresses, false,
                         "SELECT (SELECT count(*) FROM evidence WHERE is_settled = 1 AND at_ms < $1"
                         " AND at_ms <= $2) + (SELECT count(*) FROM audit WHERE at_ms < $1"
                         " AND at_ms <= $2 AND length(ip) > 16)"},
    [PURGE_REQUESTS] = {"solicitudes", drop_requests, true,
                        "SELECT count(*) FROM requests WHERE expires_ms < $1"
                        " AND created_ms <= $2"},
    [PURGE_MESSAGES] = {"mensajes", drop_messages, true,
                        "SELECT count(*) FROM outbox WHERE created_ms < $1 AND created_ms <= $2"
                        " AND done_ms > 0"},
    [PURGE_INBOX] = {"buzon", drop_inbox, false,
                     "SELECT count(*) FROM inbox WHERE received_ms < $1 AND received_ms <= $2"},
    [PURGE_AUDIT] = {"auditoria", drop_audit, false,
                     "SELECT count(*) FROM audit WHERE at_ms < $1 AND at_ms <= $2"},
};

const char *purge_kind_token(enum purge_kind kind)
{
    return kinds[kind].token;
}

int64_t purge_before_ms(const struct purge_terms *terms, enum purge_kind kind, int64_t now_ms)
{
    int64_t days = terms->days[kind];
    if (kind == PURGE_PEOPLE)
        days += terms->days[PURGE_BLOCKED];
    return now_ms - days * DAY_MS;
}

enum cc_err purge_piece(struct store *store, enum purge_kind kind, int64_t before_ms,
                        int64_t now_ms, int64_t most, int64_t *ret_count, bool *ret_more)
{
    bool unsettled = false, has_more = false;
    const struct piece piece = {before_ms, now_ms, most, &has_more};
    int64_t count = 0;
    enum cc_err err = CC_OK;
    if (kinds[kind].is_settled_first)
        err = evidence_settle(store, now_ms, most, &unsettled);
    if (err == CC_OK && !unsettled && kinds[kind].fn != NULL)
        err = kinds[kind].fn(store, &piece, &count);
    if (err != CC_OK)
        return err;
    *ret_count = count;
    *ret_more = unsettled || has_more || count >= most;
    return CC_OK;
}

enum cc_err purge_count(struct store *store, enum purge_kind kind, int64_t before_ms,
                        int64_t now_ms, int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, kinds[kind].count_sql);
    DB_BIND(st, 1, db_int(before_ms), db_int(now_ms + CLOCK_FUTURE_MS));
    return db_run_int(st, ret);
}

static const char last_run_name[] = "retention_run";

enum cc_err purge_last_run(struct store *store, int64_t *ret_ms)
{
    return meta_read_number(store, last_run_name, ret_ms);
}

enum cc_err purge_set_last_run(struct store *store, int64_t now_ms)
{
    return meta_write_number(store, last_run_name, now_ms);
}
