/* SPDX-License-Identifier: EUPL-1.2 */
/* Columns of a result in PostgreSQL's binary form. */
#include "store/pg/statement.h"

int pg_column_count(const void *handle)
{
    const struct pg_statement *st = handle;
    return st->result != NULL ? PQnfields(st->result) : 0;
}

static enum db_kind kind_of_column(void *handle, int column)
{
    const struct pg_statement *st = handle;
    if (PQgetisnull(st->result, st->row, column) == 1)
        return DB_NULL;
    switch (PQftype(st->result, column)) {
    case OID_BOOL:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_NUMERIC:
        return DB_INT;
    case OID_TEXT:
        return DB_TEXT;
    case OID_BYTEA:
        return DB_BLOB;
    default:
        return DB_OTHER;
    }
}

static uint64_t read_big_endian(const uint8_t *bytes, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return value;
}

/*
 * The sum of integers is a numeric: digits to the base of 10000, the first of which has `weight`.
 * Source: PostgreSQL 15, numeric.c, numeric_send().
 */
static int64_t read_numeric(const uint8_t *bytes)
{
    enum { HEADER = 8, BASE = 10000, NEGATIVE = 0x4000 };
    int digits = (int)read_big_endian(bytes, 2);
    int weight = (int16_t)read_big_endian(bytes + 2, 2);
    int64_t value = 0;
    for (int i = 0; i <= weight; i++)
        value = value * BASE +
                (i < digits ? (int64_t)read_big_endian(bytes + HEADER + 2 * (size_t)i, 2) : 0);
    return read_big_endian(bytes + 4, 2) == NEGATIVE ? -value : value;
}

int64_t pg_column_int(void *handle, int column)
{
    const struct pg_statement *st = handle;
    const uint8_t *bytes = (const uint8_t *)PQgetvalue(st->result, st->row, column);
    if (PQgetisnull(st->result, st->row, column) == 1)
        return 0;
    switch (PQftype(st->result, column)) {
    case OID_BOOL:
        return bytes[0] != 0;
    case OID_INT2:
        return (int16_t)read_big_endian(bytes, 2);
    case OID_INT4:
        return (int32_t)read_big_endian(bytes, 4);
    case OID_INT8:
        return (int64_t)read_big_endian(bytes, PG_VALUE_SIZE);
    case OID_NUMERIC:
        return read_numeric(bytes);
    default:
        return 0;
    }
}

const char *pg_column_text(void *handle, int column)
{
    const struct pg_statement *st = handle;
    return PQgetisnull(st->result, st->row, column) == 1 ? NULL
                                                         : PQgetvalue(st->result, st->row, column);
}

const void *pg_column_blob(void *handle, int column, size_t *ret_len)
{
    const struct pg_statement *st = handle;
    *ret_len = (size_t)PQgetlength(st->result, st->row, column);
    return PQgetisnull(st->result, st->row, column) == 1 ? NULL
                                                         : PQgetvalue(st->result, st->row, column);
}

void pg_column_read(void *handle, int column, struct db_value *ret)
{
    *ret = (struct db_value){.kind = kind_of_column(handle, column)};
    if (ret->kind == DB_INT)
        ret->number = pg_column_int(handle, column);
    else
        ret->bytes = pg_column_blob(handle, column, &ret->len);
}
