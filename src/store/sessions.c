/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sessions.h"

#include "domain/clock_trust.h"
#include "store/rowtag.h"
#include "store/seal.h"

#include <string.h>

static const char address_column[] = "sessions.address";

bool session_is_live(const struct session *session, int64_t now_ms)
{
    bool is_future = session->created_ms > now_ms + CLOCK_FUTURE_MS ||
                     session->used_ms > now_ms + CLOCK_FUTURE_MS;
    return !is_future && now_ms < session_ends_ms(session);
}

int64_t session_ends_ms(const struct session *session)
{
    int64_t idle_ms = session->used_ms + SESSION_IDLE_MS;
    int64_t last_ms = session->created_ms + SESSION_LONGEST_MS;
    return idle_ms < last_ms ? idle_ms : last_ms;
}

static void tag_token(const struct store *store, const char *token, size_t len,
                      uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_SESSION, token, len, NULL, 0, out);
}

static struct session read_session(struct db_stmt *st)
{
    return (struct session){.id = db_column_int(st, 0),
                            .operator_id = db_column_int(st, 1),
                            .created_ms = db_column_int(st, 3),
                            .used_ms = db_column_int(st, 4)};
}

static enum cc_err drop_oldest(struct store *store, int64_t operator_id)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM sessions WHERE operator_id = $1 AND id NOT IN"
                            " (SELECT id FROM sessions WHERE operator_id = $1"
                            " ORDER BY id DESC LIMIT $2) RETURNING row_tag");
    DB_BIND(st, 1, db_int(operator_id), db_int(SESSIONS_PER_OPERATOR));
    return err_allow_absent(rowtag_run_delete(store, ROWTAG_SESSIONS, st));
}

enum cc_err sessions_create(struct store *store, int64_t operator_id, const char *address,
                            int64_t now_ms, char ret_token[SESSION_TOKEN_SIZE], int64_t *ret_id)
{
    uint8_t tag[SECRET_TAG_BYTES], sealed[SESSION_ADDRESS_SIZE + SECRET_SEAL_OVERHEAD];
    secret_random_text(ret_token, SESSION_TOKEN_CHARS);
    tag_token(store, ret_token, SESSION_TOKEN_CHARS, tag);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO sessions (operator_id, token_tag, created_ms, used_ms,"
                            " address) VALUES ($1, $2, $3, $4, $5) RETURNING " SESSIONS_TAGGED);
    DB_BIND(st, 1, db_int(operator_id), db_blob(tag, sizeof(tag)), db_int(now_ms), db_int(now_ms),
            seal_text(store, address_column, tag, address, sealed, sizeof(sealed)));
    enum cc_err err = rowtag_run(store, ROWTAG_SESSIONS, st, ret_id);
    return err == CC_OK ? drop_oldest(store, operator_id) : err;
}

/* The row of st; one that was altered is none. */
static enum cc_err take_session(struct store *store, struct db_stmt *st, struct session *ret)
{
    bool found = db_step(st) && rowtag_fits(store, ROWTAG_SESSIONS, st);
    if (found)
        *ret = read_session(st);
    return db_finish_with(st, found ? CC_OK : CC_ERR_UNAUTHENTICATED);
}

enum cc_err sessions_find(struct store *store, const char *token, size_t len, struct session *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    tag_token(store, token, len, tag);
    struct db_stmt *st =
        db_query(store->db, "SELECT " SESSIONS_TAGGED " FROM sessions WHERE token_tag = $1");
    db_bind_blob(st, 1, tag, sizeof(tag));
    return take_session(store, st, ret);
}

enum cc_err sessions_find_id(struct store *store, int64_t id, struct session *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " SESSIONS_TAGGED " FROM sessions WHERE id = $1");
    db_bind_int(st, 1, id);
    return take_session(store, st, ret);
}

enum cc_err sessions_touch(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, "UPDATE sessions SET used_ms = $1 WHERE id = $2"
                                             " RETURNING " SESSIONS_TAGGED);
    DB_BIND(st, 1, db_int(now_ms), db_int(id));
    return rowtag_run(store, ROWTAG_SESSIONS, st, NULL);
}

enum cc_err sessions_end(struct store *store, int64_t operator_id, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM sessions WHERE operator_id = $1"
                                             " AND id = $2 RETURNING row_tag");
    DB_BIND(st, 1, db_int(operator_id), db_int(id));
    return rowtag_run_delete(store, ROWTAG_SESSIONS, st);
}

enum cc_err sessions_end_others(struct store *store, int64_t operator_id, int64_t but_id)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM sessions WHERE operator_id = $1"
                                             " AND id <> $2 RETURNING row_tag");
    DB_BIND(st, 1, db_int(operator_id), db_int(but_id));
    return err_allow_absent(rowtag_run_delete(store, ROWTAG_SESSIONS, st));
}

enum cc_err sessions_each(struct store *store, int64_t operator_id, int64_t now_ms,
                          void (*visit)(const struct session *, void *user), void *user)
{
    struct db_stmt *st = db_query(store->db, "SELECT " SESSIONS_TAGGED " FROM sessions"
                                             " WHERE operator_id = $1 ORDER BY id DESC");
    db_bind_int(st, 1, operator_id);
    while (db_step(st)) {
        struct session session = read_session(st);
        if (!rowtag_fits(store, ROWTAG_SESSIONS, st) || !session_is_live(&session, now_ms))
            continue;
        uint8_t row[SECRET_TAG_BYTES];
        seal_copy_tag(st, 2, row);
        if (seal_column(store, st, 5, address_column, row, session.address,
                        sizeof(session.address)) == CC_OK)
            visit(&session, user);
    }
    return db_finish(st);
}
