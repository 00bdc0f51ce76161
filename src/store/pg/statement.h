/* SPDX-License-Identifier: EUPL-1.2 */
/* A prepared statement of the PostgreSQL engine, and the columns of the row that it stands on. */
#ifndef CC_STORE_PG_STATEMENT_H
#define CC_STORE_PG_STATEMENT_H

#include "store/pg/private.h"

enum { PG_PARAMETERS = 40, PG_VALUE_SIZE = 8 };

/* Of pg_type.h: types that the tables and their functions have. */
enum {
    OID_NONE = 0, /* the server finds it */
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_NUMERIC = 1700,
};

/* How a statement goes to the server. */
enum statement_kind {
    KIND_PREPARED,
    KIND_BEGIN, /* sent as written, like the next two; it may come with statements of its own */
    KIND_COMMIT,
    KIND_OTHER, /* of transactions */
};

struct pg_statement {
    struct pg_db *pg;
    const char *sql;
    enum statement_kind kind;
    char name[24];
    uint64_t generation; /* of the connection that it was prepared in; 0 = of none */
    Oid prepared[PG_PARAMETERS];

    int count; /* highest parameter that was bound */
    Oid types[PG_PARAMETERS];
    const char *values[PG_PARAMETERS];
    int lengths[PG_PARAMETERS];
    int formats[PG_PARAMETERS];
    uint8_t ints[PG_PARAMETERS][PG_VALUE_SIZE];

    PGresult *result;
    int row;      /* of the result, that the statement stands on */
    bool streams; /* the result has one row; the next one is still to come */
};

extern const struct engine_statements pg_statements;
/* Takes the rows of this statement one by one, for any number of them. */
void pg_statement_stream(void *handle);

int pg_column_count(const void *handle);
void pg_column_read(void *handle, int column, struct db_value *ret);
int64_t pg_column_int(void *handle, int column);
const char *pg_column_text(void *handle, int column);
const void *pg_column_blob(void *handle, int column, size_t *ret_len);

#endif
