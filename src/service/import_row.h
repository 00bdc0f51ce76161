/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One line of a file of people as the import takes it: the fields of an alta in person by the names
 * of its columns, held to the same rules. What `contraclavectl ciudadano exporta` writes is such a
 * file. Pure.
 */
#ifndef CC_SERVICE_IMPORT_ROW_H
#define CC_SERVICE_IMPORT_ROW_H

#include "domain/csv.h"
#include "domain/email.h"
#include "service/enrol.h"

enum { IMPORT_LINE_MAX = 2048, IMPORT_FIELD_SIZE = 33 };
/* Stands before the reason of the file in each person's history: a reason leaves room for it. */
#define IMPORT_REASON "importación"
enum { IMPORT_WHY_SIZE = LIFE_REASON_SIZE - (sizeof(IMPORT_REASON ": ") - 1) };

/* How the file is written, and which column each field of its lines is. */
struct import_columns {
    char separator;
    bool is_1252; /* else UTF-8 */
    size_t count;
    uint8_t at[CSV_FIELDS_MAX]; /* numbers of the table in import_row.c */
};

enum import_fate {
    IMPORT_ACTIVE,
    IMPORT_SUSPENDED,
    IMPORT_LEFT_OUT, /* estado is baja or pendiente_movil: nobody to register */
    IMPORT_EMPTY     /* a line without a value, as spreadsheets leave at the end */
};

struct import_person {
    struct enrol_input input; /* without a caller */
    struct email email;       /* "" = none */
    enum import_fate fate;
};
CC_WIPER(import_person)

/*
 * Reads the line of the names; separator and columns are set. Case and accents of the names do not
 * matter. Errors, with the name of the column: CC_ERR_CSV_COLUMN, CC_ERR_CSV_COLUMN_MISSING; with
 * "" CC_ERR_CSV_QUOTES, CC_ERR_CSV_COUNT, CC_ERR_CSV_LINE.
 */
enum cc_err import_columns_parse(const struct csv_field *line, struct import_columns *ret,
                                 char ret_column[IMPORT_FIELD_SIZE]) CC_MUST_CHECK;
/*
 * Errors, with the name of the column or "" for the whole line: those of the CSV, of the parsers of
 * the fields, CC_ERR_FIELD_MISSING, CC_ERR_NIF_TEST, CC_ERR_STATE_UNKNOWN.
 */
enum cc_err import_row_parse(const struct import_columns *columns, const struct csv_field *line,
                             bool allow_test_nifs, struct import_person *ret,
                             char ret_column[IMPORT_FIELD_SIZE]) CC_MUST_CHECK;
/* Names the column of a fault. */
void import_name_column(char ret[IMPORT_FIELD_SIZE], const char *name);

#endif
