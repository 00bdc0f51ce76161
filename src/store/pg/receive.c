/* SPDX-License-Identifier: EUPL-1.2 */
/* Sending to the server and waiting for what it says, within the time of the transaction. */
#include "store/pg/pipeline.h"

#include "base/clock.h"
#include "base/span.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/*
 * False: the time of this transaction is over, or the connection is. Where the answer came within
 * the time and the clock says more, this process was held, not the server, which is charged with
 * half of its time: a machine that was paused does not lose its server by that.
 */
static bool wait_within_budget(struct pg_db *pg, short events)
{
    int64_t begun_us = clock_mono_us();
    bool is_ready =
        pg->left_us > 0 && pg_wait_for_file(pg, events, (int)(pg->left_us / US_PER_MS) + 1);
    int64_t took_us = clock_mono_us() - begun_us;
    bool was_held = is_ready && took_us > pg->left_us;
    pg->left_us -= was_held ? pg->left_us / 2 : took_us;
    return is_ready;
}

bool pg_send_all(struct pg_db *pg)
{
    int left = PQflush(pg->conn);
    while (left > 0 && wait_within_budget(pg, POLLIN | POLLOUT) && PQconsumeInput(pg->conn) == 1)
        left = PQflush(pg->conn);
    return left == 0;
}

static bool receive_one(struct pg_db *pg)
{
    while (PQisBusy(pg->conn) == 1)
        if (!wait_within_budget(pg, POLLIN) || PQconsumeInput(pg->conn) == 0)
            return false;
    return true;
}

void pg_count_changes(struct pg_db *pg, PGresult *result)
{
    static const char *const commands[] = {"INSERT", "UPDATE", "DELETE"};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strncmp(PQcmdStatus(result), commands[i], strlen(commands[i])) == 0) {
            pg->changes = strtoll(PQcmdTuples(result), NULL, 10);
            pg->total_changes += pg->changes;
        }
}

const char *pg_words_of(const struct pg_db *pg)
{
    const char *words = PQerrorMessage(pg->conn);
    return words[0] != '\0' ? words : "tarda demasiado";
}

enum cc_err pg_receive(struct pg_db *pg, const char *sql, PGresult **ret_result)
{
    enum cc_err err = CC_OK;
    PGresult *last = NULL;
    *ret_result = NULL;
    if (!pg_send_all(pg))
        return pg_note_away(pg, pg_words_of(pg), sql);
    for (bool more = true; more;) {
        if (!receive_one(pg)) {
            PQclear(last);
            return pg_note_away(pg, pg_words_of(pg), sql);
        }
        PGresult *result = PQgetResult(pg->conn);
        more = result != NULL;
        if (!more)
            break;
        PQclear(last);
        last = result;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR && err == CC_OK)
            err = pg_note(pg, result, sql);
        else
            pg_count_changes(pg, result);
        if (pg->state != PG_UP)
            more = false;
    }
    if (pg->state == PG_UP)
        pg->is_open = PQtransactionStatus(pg->conn) != PQTRANS_IDLE;
    if (err != CC_OK) {
        PQclear(last);
        return err;
    }
    *ret_result = last;
    return CC_OK;
}

PGresult *pg_receive_next(struct pg_db *pg, bool *ret_gone)
{
    *ret_gone = !receive_one(pg);
    return *ret_gone ? NULL : PQgetResult(pg->conn);
}

enum cc_err pg_begin_copy(struct pg_db *pg, const char *sql)
{
    bool is_gone = false;
    if (!pg_is_ready(pg) || pg_pipeline_settle(pg) != CC_OK)
        return CC_ERR_DB;
    pg_pipeline_drop_ahead(pg);
    if (PQsendQuery(pg->conn, sql) == 0 || !pg_send_all(pg))
        return pg_note_away(pg, pg_words_of(pg), sql);
    PGresult *result = pg_receive_next(pg, &is_gone);
    if (is_gone)
        return pg_note_away(pg, pg_words_of(pg), sql);
    bool is_taken = PQresultStatus(result) == PGRES_COPY_IN;
    enum cc_err err = is_taken ? CC_OK : pg_note(pg, result, sql);
    PQclear(result);
    if (!is_taken && pg->state == PG_UP) {
        (void)pg_receive(pg, sql, &result); /* the end of the answer */
        PQclear(result);
    }
    return err;
}

enum cc_err pg_exec(struct pg_db *pg, const char *sql)
{
    PGresult *result = NULL;
    if (!pg_is_ready(pg) || pg_pipeline_settle(pg) != CC_OK)
        return CC_ERR_DB;
    pg_pipeline_drop_ahead(pg);
    if (PQsendQuery(pg->conn, sql) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), sql);
    enum cc_err err = pg_receive(pg, sql, &result);
    PQclear(result);
    return err;
}
