/* SPDX-License-Identifier: EUPL-1.2 */
/* The state of an import, shared by the files of the module. */
#ifndef CC_SERVICE_IMPORT_PRIVATE_H
#define CC_SERVICE_IMPORT_PRIVATE_H

#include "service/import.h"
#include "service/import_keys.h"
#include "store/imports.h"

/* How far an import is: what a step changes, and what holds only once its turn is committed. */
struct import_mark {
    enum import_state state;
    size_t at;    /* in the text */
    int64_t line; /* number of the last that was read */
    int64_t part; /* number of the last that was written */
    int64_t written;
};

struct import {
    struct service *service;
    struct loop_source *step;   /* when nothing else is to be done */
    struct loop_source *pause;  /* before the next step */
    struct loop_source *expiry; /* of a file that nobody orders */
    struct import_mark mark, next;
    bool is_committing; /* `next` waits for its commit */
    bool is_cancelled;
    bool is_enrolling; /* its own altas are not held back by it */
    unsigned uploads;  /* coming in now */
    uint8_t id[IMPORTS_ID_BYTES];
    struct caller caller; /* only its name holds after a start */
    char *text;           /* NULL = none */
    size_t len;
    struct import_columns columns;
    struct import_keys *keys;
    struct import_counts counts; /* written: see the mark */
    struct import_fault faults[IMPORT_FAULTS_MAX];
    enum cc_err trouble;
    int halvings; /* of the lines of a step, which took longer than a server is waited for */
};

/* The text from its first line on, with nothing counted; the keys are empty. Errors:
 * CC_ERR_MEMORY. */
enum cc_err import_rewind(struct import *import) CC_MUST_CHECK;
bool import_has_mark_of_utf8(const struct import *import);

/* One step of the state: a few lines, a few milliseconds. In a turn, but for IMPORT_READING. A
 * step that fails is done again later. Errors: CC_ERR_MEMORY, CC_ERR_DB and others of the store. */
enum cc_err import_step_read(struct import *import, struct import_mark *next) CC_MUST_CHECK;
enum cc_err import_step_store(struct import *import, struct import_mark *next) CC_MUST_CHECK;
enum cc_err import_step_undo(struct import *import, struct import_mark *next) CC_MUST_CHECK;
enum cc_err import_step_write(struct import *import, struct import_mark *next) CC_MUST_CHECK;
/* Sets the state by what the database has: an order with its parts, whose keys are read again,
 * parts that were not ordered, or nothing. Errors: CC_ERR_MEMORY, CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err import_load_order(struct import *import) CC_MUST_CHECK;

#endif
