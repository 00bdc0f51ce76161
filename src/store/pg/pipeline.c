/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Statements of a transaction that go to the server together: writes whose outcome nobody needs
 * before the commit, and SELECTs that are known to come. They are sent with the next statement
 * whose answer is waited for, all in one way to the server and back.
 */
#include "store/pg/pipeline.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

struct pg_pipeline *pg_pipeline_new(void)
{
    return calloc(1, sizeof(struct pg_pipeline));
}

void pg_pipeline_free(struct pg_pipeline *pipeline)
{
    for (size_t i = 0; pipeline != NULL && i < pipeline->ahead_count; i++)
        PQclear(pipeline->ahead[i].result);
    free(pipeline);
}

bool pg_pipeline_is_empty(const struct pg_db *pg)
{
    return pg->pipeline->count == 0;
}

/* The answers that were asked for ahead, and those that are still to come, are nobody's. */
void pg_pipeline_drop_ahead(struct pg_db *pg)
{
    struct pg_pipeline *pipeline = pg->pipeline;
    for (size_t i = 0; i < pipeline->ahead_count; i++)
        PQclear(pipeline->ahead[i].result);
    pipeline->ahead_count = 0;
    for (size_t i = 0; i < pipeline->count; i++)
        if (pipeline->items[i].wants == PG_WANTS_AHEAD)
            pipeline->items[i].wants = PG_WANTS_NOTHING;
}

void pg_pipeline_forget(struct pg_db *pg)
{
    pg_pipeline_drop_ahead(pg);
    pg->pipeline->count = pg->pipeline->writes = 0;
}

enum cc_err pg_pipeline_enter(struct pg_db *pg, const char *sql)
{
    if (pg->pipeline->count + 2 >= PG_PIPELINE_MAX) { /* its preparation may come before it */
        enum cc_err err = pg_pipeline_settle(pg);
        if (err != CC_OK)
            return err;
    }
    return pg->pipeline->count > 0 || PQenterPipelineMode(pg->conn) == 1
               ? CC_OK
               : pg_note_away(pg, PQerrorMessage(pg->conn), sql);
}

void pg_pipeline_note(struct pg_db *pg, const struct pg_item *item)
{
    pg->pipeline->items[pg->pipeline->count++] = *item;
}

/* Within it nothing can be saved any more, and the requests before this one were told that they
 * are: each statement fails until db_rollback(), as after a lost connection. */
static void spoil_transaction(struct pg_db *pg)
{
    if (pg->state != PG_UP || pg->db.has_lost)
        return;
    if (PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        (void)pg_exec(pg, "ROLLBACK");
    if (pg->state != PG_UP)
        return; /* lost by now, and noted */
    pg->is_open = false;
    pg->db.has_lost = true;
    pg->db.rollbacks++;
}

/* The answers so far, summed up. */
struct answers {
    enum cc_err err;
    bool is_spoiled; /* the error is of a statement that was answered as done */
    PGresult *last;
};

static enum cc_err check_answer(struct pg_db *pg, const struct pg_item *item, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR)
        return pg_note(pg, result, item->sql);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return CC_ERR_DB; /* behind an error, which was noted */
    int64_t before = pg->total_changes;
    pg_count_changes(pg, result);
    if (item->wants != PG_WANTS_A_CHANGE || pg->total_changes > before)
        return CC_OK;
    log_error("base de datos: no hay fila que cambiar, en: %s", item->sql);
    return CC_ERR_DB;
}

static void note_failure(const struct pg_item *item, enum cc_err err, struct answers *io)
{
    bool is_awaited = item->wants == PG_WANTS_ROWS || item->wants == PG_WANTS_AHEAD;
    if (item->prepared_in != NULL)
        *item->prepared_in = 0;
    else if (!is_awaited)
        io->is_spoiled = true;
    if (io->err == CC_OK)
        io->err = err;
}

static void keep_answer(struct pg_db *pg, const struct pg_item *item, PGresult *result,
                        struct answers *io)
{
    enum cc_err err = check_answer(pg, item, result);
    if (err != CC_OK)
        note_failure(item, err, io);
    if (err == CC_OK && item->wants == PG_WANTS_AHEAD)
        pg->pipeline->ahead[item->ahead].result = result;
    else if (err == CC_OK && item->wants == PG_WANTS_ROWS)
        io->last = result;
    else
        PQclear(result);
}

/* Takes the answers in their order; false: the connection is lost, which was noted. */
static bool take_answers(struct pg_db *pg, struct answers *ret)
{
    struct pg_pipeline *pipeline = pg->pipeline;
    bool is_gone = false;
    for (size_t i = 0; i < pipeline->count && pg->state == PG_UP; i++) {
        const struct pg_item *item = &pipeline->items[i];
        PGresult *result = pg_receive_next(pg, &is_gone);
        if (is_gone || result == NULL)
            (void)pg_note_away(pg, pg_words_of(pg), item->sql);
        else
            keep_answer(pg, item, result, ret);
        if (pg->state == PG_UP)
            PQclear(pg_receive_next(pg, &is_gone)); /* NULL ends the answer */
    }
    if (pg->state == PG_UP) /* the mark of pg_pipeline_end() */
        PQclear(pg_receive_next(pg, &is_gone));
    if (pg->state == PG_UP && (is_gone || PQexitPipelineMode(pg->conn) == 0))
        (void)pg_note_away(pg, pg_words_of(pg), "");
    return pg->state == PG_UP;
}

enum cc_err pg_pipeline_end(struct pg_db *pg, PGresult **ret_last)
{
    struct answers answers = {.err = CC_OK};
    *ret_last = NULL;
    if (PQpipelineSync(pg->conn) == 0 || !pg_send_all(pg))
        return pg_note_away(pg, pg_words_of(pg), pg->pipeline->items[0].sql);
    if (!take_answers(pg, &answers)) {
        PQclear(answers.last);
        return CC_ERR_DB;
    }
    pg->pipeline->count = pg->pipeline->writes = 0;
    pg->is_open = PQtransactionStatus(pg->conn) != PQTRANS_IDLE;
    if (answers.err != CC_OK)
        pg_pipeline_drop_ahead(pg);
    if (answers.is_spoiled)
        spoil_transaction(pg);
    if (answers.err == CC_OK)
        *ret_last = answers.last;
    else
        PQclear(answers.last);
    return answers.err;
}

enum cc_err pg_pipeline_settle(struct pg_db *pg)
{
    PGresult *none = NULL;
    enum cc_err err = pg_pipeline_is_empty(pg) ? CC_OK : pg_pipeline_end(pg, &none);
    PQclear(none);
    return err;
}

struct pg_ahead *pg_pipeline_find(struct pg_db *pg, const struct pg_ahead *asked)
{
    struct pg_pipeline *pipeline = pg->pipeline;
    for (size_t i = 0; i < pipeline->ahead_count; i++) {
        struct pg_ahead *ahead = &pipeline->ahead[i];
        if (ahead->statement == asked->statement && ahead->len == asked->len &&
            memcmp(ahead->bytes, asked->bytes, ahead->len) == 0)
            return ahead;
    }
    return NULL;
}
