/* SPDX-License-Identifier: EUPL-1.2 */
/* A value of a row's column, as every engine has it. */
#ifndef CC_STORE_DB_VALUE_H
#define CC_STORE_DB_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* Kinds of a column's value. DB_OTHER is a kind that the tables do not allow, or a value that does
 * not fit: a statement that it is bound to is not run, and ends with CC_ERR_NO_SPACE. */
enum db_kind { DB_NULL, DB_INT, DB_TEXT, DB_BLOB, DB_OTHER };

struct db_value {
    enum db_kind kind;
    int64_t number;    /* of a DB_INT, else 0 */
    const void *bytes; /* of a text or a blob, valid until the next step; else NULL */
    size_t len;
};

static inline struct db_value db_null(void)
{
    return (struct db_value){.kind = DB_NULL};
}

static inline struct db_value db_int(int64_t number)
{
    return (struct db_value){.kind = DB_INT, .number = number};
}

static inline struct db_value db_text(const char *text)
{
    return (struct db_value){.kind = DB_TEXT, .bytes = text};
}

static inline struct db_value db_blob(const void *bytes, size_t len)
{
    return (struct db_value){.kind = DB_BLOB, .bytes = bytes, .len = len};
}

#endif
