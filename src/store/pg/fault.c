/* SPDX-License-Identifier: EUPL-1.2 */
/* Maps the SQLSTATE of an error to a kind of fault. */
#include "store/pg/turns.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/*
 * PostgreSQL manual, appendix A: two characters are a class. A statement that was cancelled has run
 * out of the time of PG_SERVING_MS, or of PG_LOCK_MS while another box had its turn.
 */
static const struct {
    const char *state;
    enum db_fault fault;
} states[] = {
    {"08", DB_FAULT_AWAY},       {"57P01", DB_FAULT_AWAY},    {"57P02", DB_FAULT_AWAY},
    {"57P03", DB_FAULT_AWAY},    {"57P05", DB_FAULT_AWAY},    {"25P03", DB_FAULT_AWAY},
    {"53100", DB_FAULT_REFUSED}, {"53", DB_FAULT_BUSY},       {"25006", DB_FAULT_REFUSED},
    {"58", DB_FAULT_REFUSED},    {"42501", DB_FAULT_REFUSED}, {"XX001", DB_FAULT_DAMAGED},
    {"XX002", DB_FAULT_DAMAGED}, {"55P03", DB_FAULT_BUSY},    {"57014", DB_FAULT_BUSY},
    {"40", DB_FAULT_BUSY},       {"26000", DB_FAULT_AWAY}, /* its prepared statements are gone:
                                                              another connection has its own */
};

static enum db_fault fault_of(const char *state)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].fault;
    return DB_FAULT_NONE;
}

enum { WORDS_SIZE = 256 };

/* The first line: libpq adds others, and the text of the statement. */
static void copy_line(const char *words, char ret[WORDS_SIZE])
{
    size_t len = strcspn(words, "\n");
    if (len >= WORDS_SIZE)
        len = WORDS_SIZE - 1;
    memcpy(ret, words, len);
    ret[len] = '\0';
}

enum cc_err pg_note_away(struct pg_db *pg, const char *words, const char *sql)
{
    char line[WORDS_SIZE];
    copy_line(words, line);
    pg_lose(pg);
    return db_fault_note(&pg->db, DB_FAULT_AWAY, line, "libpq", sql);
}

enum cc_err pg_note(struct pg_db *pg, const PGresult *result, const char *sql)
{
    char line[WORDS_SIZE];
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    copy_line(words != NULL ? words : PQresultErrorMessage(result), line);
    if (state == NULL) /* of libpq itself: the connection broke */
        return pg_note_away(pg, line, sql);
    if (strcmp(state, "23505") == 0)
        return CC_ERR_ALREADY_REGISTERED; /* an answer, not a fault: not logged */
    if (strcmp(state, "25P02") == 0)
        return CC_ERR_DB; /* after another error of this transaction, which was logged */
    enum db_fault fault = fault_of(state);
    bool has_other = pg_turns_count(&pg->address) > 1; /* which may take the writes now */
    if (fault == DB_FAULT_AWAY || (strcmp(state, "25006") == 0 && has_other))
        return pg_note_away(pg, line, sql);
    return db_fault_note(&pg->db, fault, line, state, sql);
}
