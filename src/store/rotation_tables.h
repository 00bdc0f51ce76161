/* SPDX-License-Identifier: EUPL-1.2 */
/* Columns of each table, and how a change of the master key treats them: store/rotation.h. */
#ifndef CC_STORE_ROTATION_TABLES_H
#define CC_STORE_ROTATION_TABLES_H

#include "store/rowtag.h"

enum { ROTATION_COLUMNS_MAX = 28, ROTATION_PIECES_MAX = 10, ROTATION_SEALED_MAX = 2 };

/* A part of what a sealed column is bound to. */
enum rotation_piece_kind {
    PIECE_NONE,
    PIECE_BYTES,  /* the column's bytes, as they are in the same row */
    PIECE_NUMBER, /* its number, in 8 bytes */
    PIECE_BYTE,   /* the same in one */
    PIECE_PERSON, /* the blind index of the NIF of the citizen whose id it is */
    PIECE_GROUP,  /* the key of the group of parts whose id it is */
};

struct rotation_sealed {
    const char *where; /* NULL = the table has no further one */
    int column;
    struct {
        enum rotation_piece_kind kind;
        int column;
    } pieces[ROTATION_PIECES_MAX];
    size_t pad; /* its text is filled to a multiple of so many bytes; 0 = it stays as long */
};

/*
 * kinds has a letter for each column: '.' it stays as it is; 's' it is sealed; 'c' the id of a
 * citizen; '-' the row's tag, which is made anew; 'm' what the row of meta with that name has; 'o'
 * the owner of an address of mail; any other: a tag, or several, of the use that rotation_use_of()
 * tells.
 */
struct rotation_table {
    const char *name,
        *slot;        /* slot: the column by which rows are found; "0" = all of them at once */
    const char *next; /* the slot after $1, NULL = none */
    const char *select, *insert, *erase; /* of the slot $1; of one row; of the slot $1 */
    const char *kinds;
    struct rotation_sealed sealed[ROTATION_SEALED_MAX];
    bool is_tagged;
    enum rowtag_table table; /* where it is tagged */
};

extern const struct rotation_table rotation_tables[];
extern const int rotation_table_count;

#endif
