/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/application_files.h"

#include "base/child.h"
#include "base/fsx.h"
#include "base/hex.h"
#include "base/log.h"
#include "store/db_fault.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_SIZE = APPLICATION_ID_SIZE + 2, /* "0123…ef-1" */
    SETTLE_MS = 30 * 1000
};

struct application_upload {
    struct service *service;
    uint8_t public_id[APPLICATION_ID_BYTES];
    size_t begun; /* files; the last of them may not be whole */
    size_t count; /* whole ones */
    struct application_document documents[DOCUMENTS_MAX];
    struct sealed_writer *writer; /* of the file that is coming in */
    uint8_t head[DOCUMENT_HEAD_BYTES];
    size_t head_len;
    struct { /* on its way to the disk */
        struct child *child;
        application_settled_fn fn;
        void *user;
        struct application_upload *next;
    } settling;
};

static void write_path(const struct service *service, const uint8_t public_id[APPLICATION_ID_BYTES],
                       size_t index, char out[PATH_MAX])
{
    char id[APPLICATION_ID_SIZE];
    hex_encode(public_id, APPLICATION_ID_BYTES, id);
    (void)snprintf(out, PATH_MAX, "%s/%s-%zu", service->documents.folder, id, index + 1);
}

static void remove_files(const struct service *service,
                         const uint8_t public_id[APPLICATION_ID_BYTES], size_t count)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < count; i++) {
        write_path(service, public_id, i, path);
        if (unlink(path) < 0 && errno != ENOENT)
            log_error("no se puede borrar el documento de un alta: %s. Revise los permisos de %s",
                      err_system_text(errno), service->documents.folder);
    }
}

/* ---- files that no alta has ------------------------------------------------------------------ */

/* Whether an open alta has the file; true where the database does not tell. */
static bool is_needed(const struct service *service, const uint8_t public_id[APPLICATION_ID_BYTES])
{
    CC_WIPED(application) application;
    enum cc_err err = applications_find(service->store, public_id, &application);
    bool is_gone = err == CC_ERR_NOT_FOUND || (err == CC_OK && application.ended_ms != 0);
    return !is_gone;
}

static bool read_name(const char *name, uint8_t ret_public_id[APPLICATION_ID_BYTES])
{
    size_t len = 0;
    return strlen(name) == NAME_SIZE - 1 && name[APPLICATION_ID_SIZE - 1] == '-' &&
           hex_decode(name, APPLICATION_ID_SIZE - 1, ret_public_id, APPLICATION_ID_BYTES, &len);
}

enum cc_err application_files_start(struct service *service, const char *database)
{
    uint8_t public_id[APPLICATION_ID_BYTES];
    const char *slash = strrchr(database, '/');
    int parent_len = slash != NULL ? (int)(slash + 1 - database) : 0;
    if (asprintf(&service->documents.folder, "%.*sdocumentos", parent_len, database) < 0)
        abort(); /* at the start of the program only */
    if (mkdir(service->documents.folder, 0700) < 0 && errno != EEXIST)
        return CC_ERR_IO;
    DIR *folder = opendir(service->documents.folder);
    if (folder == NULL)
        return CC_ERR_IO;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (read_name(entry->d_name, public_id) && !is_needed(service, public_id))
            remove_files(service, public_id, DOCUMENTS_MAX);
    closedir(folder);
    return CC_OK;
}

void application_files_stop(struct service *service)
{
    free(service->documents.folder);
    service->documents.folder = NULL;
}

/* ---- files that come in ---------------------------------------------------------------------- */

/* Files whose row cannot be written would stay until the next start; a lock is soon over. */
static enum cc_err check_room(struct service *service)
{
    const struct box_facts *disk = box_look(service);
    enum db_fault fault = db_fault(service->store->db);
    if (service->documents.uploads >= APPLICATION_UPLOADS_MAX)
        return CC_ERR_UPLOADS;
    if (fault == DB_FAULT_FULL || (disk->disk_total > 0 && disk->disk_free < APPLICATION_DISK_KEPT))
        return CC_ERR_DISK_FULL;
    return fault == DB_FAULT_NONE || fault == DB_FAULT_BUSY ? CC_OK : CC_ERR_DB;
}

enum cc_err application_upload_open(struct service *service, void **ret_user)
{
    enum cc_err err = check_room(service);
    if (err != CC_OK)
        return err;
    struct application_upload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL)
        return CC_ERR_MEMORY;
    upload->service = service;
    secret_random(upload->public_id, sizeof(upload->public_id));
    service->documents.uploads++;
    *ret_user = upload;
    return CC_OK;
}

/* Logged once until a document is stored again; errno says why. A full disk has words for the
 * citizen. */
static enum cc_err note_write(struct service *service, enum cc_err err)
{
    int error = errno;
    if (err != CC_ERR_IO)
        return err;
    if (!service->documents.is_told) {
        log_error(
            "no se puede guardar el documento de un alta en %s: %s. Revise el disco; mientras "
            "tanto, las altas con documento se hacen en el Registro",
            service->documents.folder, err_system_text(error));
        service->documents.is_told = true;
    }
    return error == ENOSPC || error == EDQUOT ? CC_ERR_DISK_FULL : CC_ERR_IO;
}

enum cc_err application_upload_begin(void *user)
{
    char path[PATH_MAX];
    struct application_upload *upload = user;
    write_path(upload->service, upload->public_id, upload->begun++, path);
    upload->head_len = 0;
    return note_write(upload->service, sealed_writer_new(path, &upload->writer));
}

enum cc_err application_upload_add(void *user, const void *bytes, size_t len)
{
    struct application_upload *upload = user;
    struct application_document *document = &upload->documents[upload->count];
    size_t room = sizeof(upload->head) - upload->head_len, take = len < room ? len : room;
    enum cc_err err = CC_OK;
    memcpy(upload->head + upload->head_len, bytes, take);
    upload->head_len += take;
    if (take > 0 && upload->head_len == sizeof(upload->head))
        err = document_sniff(upload->head, upload->head_len, &document->type);
    document->size += (int64_t)len;
    if (err != CC_OK)
        return err;
    return note_write(upload->service, sealed_writer_add(upload->writer, bytes, len));
}

enum cc_err application_upload_end(void *user)
{
    struct application_upload *upload = user;
    struct application_document *document = &upload->documents[upload->count];
    enum cc_err err = document_sniff(upload->head, upload->head_len, &document->type);
    if (err == CC_OK)
        err = note_write(upload->service, sealed_writer_finish(upload->writer, document->key));
    if (err != CC_OK)
        return err;
    sealed_writer_free(upload->writer);
    upload->writer = NULL;
    upload->count++;
    return CC_OK;
}

/* In the child. */
static bool sync_files(void *arg)
{
    char path[PATH_MAX];
    const struct application_upload *upload = arg;
    bool is_done = true;
    for (size_t i = 0; is_done && i < upload->count; i++) {
        write_path(upload->service, upload->public_id, i, path);
        is_done = fsx_sync(path) == CC_OK;
    }
    return is_done;
}

/* Out of the list before its owner hears of it. */
static void end_settling(struct application_upload *upload, enum cc_err err)
{
    struct application_upload **link = &upload->service->documents.settling;
    while (*link != upload)
        link = &(*link)->settling.next;
    *link = upload->settling.next;
    upload->settling.child = NULL;
    upload->settling.fn(err, upload->settling.user);
}

static void on_synced(bool has_worked, void *user)
{
    struct application_upload *upload = user;
    child_free(upload->settling.child);
    upload->service->documents.is_told = upload->service->documents.is_told && !has_worked;
    errno = EIO; /* the child's own is not known */
    end_settling(upload, note_write(upload->service, has_worked ? CC_OK : CC_ERR_IO));
}

enum cc_err application_upload_settle(struct application_upload *upload, application_settled_fn fn,
                                      void *user)
{
    struct service_documents *documents = &upload->service->documents;
    if (documents->is_stopped)
        return CC_ERR_SHUTTING_DOWN;
    if (child_start(upload->service->loop, sync_files, upload, SETTLE_MS, on_synced, upload,
                    &upload->settling.child) != CC_OK)
        return CC_ERR_UPLOADS;
    upload->settling.fn = fn;
    upload->settling.user = user;
    upload->settling.next = documents->settling;
    documents->settling = upload;
    return CC_OK;
}

void application_files_drain(struct service *service)
{
    service->documents.is_stopped = true;
    while (service->documents.settling != NULL) {
        child_end(service->documents.settling->settling.child);
        end_settling(service->documents.settling, CC_ERR_SHUTTING_DOWN);
    }
}

void application_upload_close(void *user)
{
    struct application_upload *upload = user;
    sealed_writer_free(upload->writer);
    if (!is_needed(upload->service, upload->public_id))
        remove_files(upload->service, upload->public_id, upload->begun);
    upload->service->documents.uploads--;
    secret_wipe(upload, sizeof(*upload));
    free(upload);
}

bool application_upload_has_any(const struct application_upload *upload)
{
    return upload->count > 0;
}

void application_upload_fill(const struct application_upload *upload, struct application *ret)
{
    memcpy(ret->public_id, upload->public_id, sizeof(ret->public_id));
    memcpy(ret->documents, upload->documents, sizeof(ret->documents));
    ret->document_count = upload->count;
}

/* ---- files that go --------------------------------------------------------------------------- */

struct drop {
    struct service *service;
    uint8_t public_id[APPLICATION_ID_BYTES];
};

static void on_dropped(bool committed, void *user)
{
    struct drop *drop = user;
    if (committed)
        remove_files(drop->service, drop->public_id, DOCUMENTS_MAX);
    free(drop);
}

enum cc_err application_files_drop(struct service *service,
                                   const uint8_t public_id[APPLICATION_ID_BYTES])
{
    struct drop *drop = malloc(sizeof(*drop));
    if (drop == NULL)
        return CC_ERR_MEMORY;
    drop->service = service;
    memcpy(drop->public_id, public_id, sizeof(drop->public_id));
    turn_after(service->turn, on_dropped, drop);
    return CC_OK;
}

enum cc_err application_files_read(const struct service *service,
                                   const struct application *application, size_t index,
                                   struct sealed_reader **ret)
{
    char path[PATH_MAX];
    if (index >= application->document_count)
        return CC_ERR_NOT_FOUND;
    write_path(service, application->public_id, index, path);
    enum cc_err err = sealed_reader_new(path, application->documents[index].key, ret);
    bool is_elsewhere = err == CC_ERR_NOT_FOUND && db_is_shared(service->store->db);
    return is_elsewhere ? CC_ERR_DOCUMENT_ELSEWHERE : err;
}
