/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Import of people from a CSV file, while the box serves: the file is looked through line by line
 * and nobody is registered; then, if it is without fault and a person orders it, all of them are,
 * each as an alta in person by who ordered it. All or nothing: the order and the lines are durable
 * before the first alta, and a start after a crash carries an order to its end. Until that end the
 * NIFs and phones of the file are held for it. The loop is given back after each few lines.
 */
#ifndef CC_SERVICE_IMPORT_H
#define CC_SERVICE_IMPORT_H

#include "service/caller.h"
#include "service/import_row.h"
#include "service/service.h"

enum {
    IMPORT_BYTES_MAX = 4 * 1024 * 1024,
    IMPORT_FAULTS_MAX = 100, /* that are told; all are counted */
    IMPORT_SAMPLE_MAX = 5,
    IMPORT_ID_SIZE = 33
};

enum import_state {
    IMPORT_NONE,
    IMPORT_READING, /* the lines are looked at */
    IMPORT_READ,    /* waits for the order, or has faults */
    IMPORT_STORING, /* ordered: the lines become durable */
    IMPORT_UNDOING, /* a fault that was not there before, or cancelled */
    IMPORT_WRITING, /* the altas */
    IMPORT_DONE,
    IMPORT_STATES
};

struct import_fault {
    int64_t line;
    enum cc_err err;
    char column[IMPORT_FIELD_SIZE]; /* "" = the whole line */
};

struct import_counts {
    int64_t people;   /* to register */
    int64_t left_out; /* of baja in the file */
    int64_t faults;
    int64_t written;
};

struct import_view {
    enum import_state state;
    char id[IMPORT_ID_SIZE]; /* "" = there is none */
    const char *actor;       /* who sent the file, then who ordered it */
    unsigned percent;        /* of this state */
    struct import_counts counts;
    const struct import_fault *faults;
    size_t fault_count;
    enum cc_err trouble; /* why it does not go on just now; CC_OK = it does */
};

/* Reads an order of before the start, and goes on with it; one that does not open is given up, told
 * in the log. Errors: CC_ERR_MEMORY (its keys), CC_ERR_DB. Owns: import_free(). */
enum cc_err import_new(struct service *service, struct import **ret) CC_MUST_CHECK;
/* Takes NULL. */
void import_free(struct import *import);

/* A file while it comes in: for http/upload.h. Errors: CC_ERR_IMPORT_BUSY, CC_ERR_UPLOADS,
 * CC_ERR_MEMORY, CC_ERR_FILE_TOO_LARGE, CC_ERR_CSV_TYPE, CC_ERR_FILE_EMPTY. */
enum cc_err import_upload_open(struct service *service, void **ret_user) CC_MUST_CHECK;
enum cc_err import_upload_begin(void *user) CC_MUST_CHECK;
enum cc_err import_upload_add(void *user, const void *bytes, size_t len) CC_MUST_CHECK;
enum cc_err import_upload_end(void *user) CC_MUST_CHECK;
void import_upload_close(void *user);

/* Begins to look through a file that has come in, in place of one that was not ordered. Errors:
 * CC_ERR_IMPORT_BUSY, CC_ERR_MEMORY. */
enum cc_err import_begin(struct import *import, void *upload,
                         const struct caller *caller) CC_MUST_CHECK;
/* Orders what was looked through. In a turn: it begins with the commit. Errors: CC_ERR_IMPORT_STATE
 * (another id, or not ready), CC_ERR_IMPORT_NOBODY. */
enum cc_err import_order(struct import *import, const char *id,
                         const struct caller *caller) CC_MUST_CHECK;
/* Forgets a file that was not ordered, or whose lines are not all durable; or the rest of one that
 * cannot go on, because its lines were changed in the database. Errors: CC_ERR_IMPORT_STATE
 * (too late, or there is none). */
enum cc_err import_cancel(struct import *import) CC_MUST_CHECK;
/* Valid until the next call to this module. */
void import_look(const struct import *import, struct import_view *ret);
/* The first people of a file that is not ordered yet. Returns how many; the caller wipes them. */
size_t import_sample(const struct import *import, struct import_person ret[IMPORT_SAMPLE_MAX]);

/*
 * Whether an ordered import has this NIF or phone, so that nobody else may take it meanwhile: to be
 * asked before an alta and a change of phone. Errors: CC_ERR_ALREADY_REGISTERED,
 * CC_ERR_PHONE_IN_USE.
 */
enum cc_err import_check_nif(const struct service *service, const struct nif *nif) CC_MUST_CHECK;
enum cc_err import_check_phone(const struct service *service,
                               const struct phone *phone) CC_MUST_CHECK;

#endif
