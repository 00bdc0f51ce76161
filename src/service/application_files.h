/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The documents of online altas: sealed files in a folder beside the database, each with a key of
 * its own that only the sealed row of its alta has. A file is durable before its row is written; it
 * goes after the commit that ended or deleted the row, which forgets the key. What a crash leaves
 * between is found at the next start.
 */
#ifndef CC_SERVICE_APPLICATION_FILES_H
#define CC_SERVICE_APPLICATION_FILES_H

#include "service/service.h"
#include "store/applications.h"

enum {
    APPLICATION_UPLOADS_MAX = 8, /* at once */
    /* Below this the disk keeps what it has for the requests of those who are registered. */
    APPLICATION_DISK_KEPT = 100 * 1000 * 1000
};

/* The documents of one alta while they come in. */
struct application_upload;

/* At the start of the program: makes the folder beside the database, and removes files that no open
 * alta has. Errors: CC_ERR_IO, CC_ERR_DB. Owns: application_files_stop(). */
enum cc_err application_files_start(struct service *service, const char *database) CC_MUST_CHECK;
/* Ends each application_upload_settle() with CC_ERR_SHUTTING_DOWN, and takes no more. */
void application_files_drain(struct service *service);
void application_files_stop(struct service *service);

/* For http/upload.h; user is a struct application_upload. Errors: CC_ERR_UPLOADS,
 * CC_ERR_DISK_FULL, CC_ERR_DB (which has a fault now), CC_ERR_IO, CC_ERR_MEMORY; CC_ERR_FILE_TYPE
 * and CC_ERR_FILE_EMPTY, by content. */
enum cc_err application_upload_open(struct service *service, void **ret_user) CC_MUST_CHECK;
enum cc_err application_upload_begin(void *user) CC_MUST_CHECK;
enum cc_err application_upload_add(void *user, const void *bytes, size_t len) CC_MUST_CHECK;
enum cc_err application_upload_end(void *user) CC_MUST_CHECK;
/*
 * Makes the whole files durable, by a child: a slow disk does not hold up the loop. fn is called
 * once, from the loop, with CC_OK, CC_ERR_IO or CC_ERR_SHUTTING_DOWN. Errors: CC_ERR_UPLOADS (no
 * more processes), CC_ERR_SHUTTING_DOWN.
 */
typedef void (*application_settled_fn)(enum cc_err err, void *user);
enum cc_err application_upload_settle(struct application_upload *upload, application_settled_fn fn,
                                      void *user) CC_MUST_CHECK;
/* After the commit: removes the files, unless there is a row that has them. */
void application_upload_close(void *user);

bool application_upload_has_any(const struct application_upload *upload);
/* Fills public_id and documents. */
void application_upload_fill(const struct application_upload *upload, struct application *ret);
/* Removes the files of an alta that was ended or deleted when the turn is committed. At the end of
 * what is written. Errors: CC_ERR_MEMORY. */
enum cc_err application_files_drop(struct service *service,
                                   const uint8_t public_id[APPLICATION_ID_BYTES]) CC_MUST_CHECK;
/* A document, from 0, for reading. Errors: those of sealed_reader_new(), and
 * CC_ERR_DOCUMENT_ELSEWHERE: another box of those that share the database has it. Owns:
 * sealed_reader_free(). */
enum cc_err application_files_read(const struct service *service,
                                   const struct application *application, size_t index,
                                   struct sealed_reader **ret) CC_MUST_CHECK;

#endif
