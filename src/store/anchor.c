/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/anchor.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/le64.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/meta.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAGIC_BYTES = 8,
    TAGGED_BYTES = MAGIC_BYTES + 3 * LE64_BYTES + 2 * SECRET_TAG_BYTES,
    FILE_BYTES = TAGGED_BYTES + SECRET_TAG_BYTES,
    SYNC_EVERY_US = 60 * 1000 * 1000,
};

static const char magic[MAGIC_BYTES + 1] = "CCANCLA1";

static void encode_anchor(const struct store *store, uint8_t out[FILE_BYTES])
{
    const struct anchor *anchor = &store->anchor;
    struct buf b;
    buf_init(&b, out, FILE_BYTES);
    buf_str(&b, magic);
    buf_le64(&b, (uint64_t)anchor->schema);
    buf_le64(&b, (uint64_t)anchor->commit);
    buf_le64(&b, (uint64_t)anchor->audit_id);
    buf_put(&b, anchor->audit_tag, SECRET_TAG_BYTES);
    buf_put(&b, anchor->database_id, SECRET_TAG_BYTES);
    secret_tag(store->keys, SECRET_USE_ANCHOR, out, TAGGED_BYTES, NULL, 0, out + TAGGED_BYTES);
}

static bool decode_anchor(struct store *store, const uint8_t bytes[FILE_BYTES])
{
    struct anchor *anchor = &store->anchor;
    uint8_t expected[SECRET_TAG_BYTES];
    secret_tag(store->keys, SECRET_USE_ANCHOR, bytes, TAGGED_BYTES, NULL, 0, expected);
    if (memcmp(bytes, magic, MAGIC_BYTES) != 0 || !secret_tag_equal(bytes + TAGGED_BYTES, expected))
        return false;
    const uint8_t *at = bytes + MAGIC_BYTES;
    anchor->schema = (int64_t)le64_get(at);
    anchor->commit = (int64_t)le64_get(at + LE64_BYTES);
    anchor->audit_id = (int64_t)le64_get(at + 2 * LE64_BYTES);
    at += 3 * LE64_BYTES;
    memcpy(anchor->audit_tag, at, SECRET_TAG_BYTES);
    memcpy(anchor->database_id, at + SECRET_TAG_BYTES, SECRET_TAG_BYTES);
    return true;
}

/* Opened for writing where the folder and the file allow it; -1 is told at the first write. */
static int open_file(const char *path)
{
    return open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
}

enum cc_err anchor_open(struct store *store, const char *key_path, bool is_new_key)
{
    struct anchor *anchor = &store->anchor;
    uint8_t bytes[FILE_BYTES];
    size_t len = 0;
    if (asprintf(&anchor->path, "%s.ancla", key_path) < 0) {
        anchor->path = NULL;
        return CC_ERR_MEMORY;
    }
    struct stat key = {0};
    if (stat(key_path, &key) == 0) {
        anchor->uid = key.st_uid;
        anchor->gid = key.st_gid;
    }
    if (is_new_key)
        (void)unlink(anchor->path);
    anchor->fd = open_file(anchor->path);
    enum cc_err err = fsx_read(anchor->path, bytes, sizeof bytes, &len);
    if (err == CC_ERR_NOT_FOUND)
        anchor->state = ANCHOR_MISSING;
    else if (err == CC_OK && len == sizeof bytes && decode_anchor(store, bytes))
        anchor->state = ANCHOR_GOOD;
    else
        anchor->state = ANCHOR_FALSE;
    return CC_OK;
}

bool anchor_is_first_start(const struct store *store)
{
    const struct anchor *anchor = &store->anchor;
    return anchor->state == ANCHOR_MISSING || (anchor->state == ANCHOR_GOOD && anchor->commit == 0);
}

/* Records the state after the last commit. */
static void take_state(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    int64_t schema = db_user_version(store->db);
    if (schema > anchor->schema)
        anchor->schema = schema;
    anchor->commit = store->head.commit;
    anchor->audit_id = store->audit_committed.id;
    memcpy(anchor->audit_tag, store->audit_committed.tag, SECRET_TAG_BYTES);
}

static void sync_file(struct anchor *anchor)
{
    if (anchor->fd < 0 || !anchor->is_dirty)
        return;
    anchor->synced_us = clock_mono_us();
    anchor->is_dirty = fdatasync(anchor->fd) != 0;
}

static void write_file(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    uint8_t bytes[FILE_BYTES];
    encode_anchor(store, bytes);
    if (anchor->fd < 0 || pwrite(anchor->fd, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        integrity_add(store, INTEGRITY_ANCHOR_IO);
        return;
    }
    integrity_remove(store, INTEGRITY_ANCHOR_IO);
    anchor->is_dirty = true;
}

static void make_file(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    uint8_t bytes[FILE_BYTES];
    encode_anchor(store, bytes);
    if (fsx_create(anchor->path, bytes, sizeof bytes, 0600) == CC_OK)
        anchor->fd = open_file(anchor->path);
    /* contraclavectl makes it as root: the daemon must be able to write it */
    if (anchor->fd >= 0 && geteuid() == 0 && fchown(anchor->fd, anchor->uid, anchor->gid) != 0)
        log_error("no se puede dar el ancla %s al dueño de la clave maestra", anchor->path);
    if (anchor->fd < 0)
        integrity_add(store, INTEGRITY_ANCHOR_IO);
}

void anchor_begin(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    if (anchor->state == ANCHOR_GOOD)
        return; /* made by a start that ended before its first commit */
    secret_random(anchor->database_id, sizeof anchor->database_id);
    make_file(store);
    anchor->state = ANCHOR_GOOD;
}

enum cc_err anchor_check(struct store *store)
{
    const struct anchor *anchor = &store->anchor;
    struct meta_row id;
    bool has_row = false;
    if (anchor->state != ANCHOR_GOOD) {
        bool can_never_be = anchor->state == ANCHOR_MISSING && !fsx_can_create(anchor->path);
        integrity_add(store, can_never_be ? INTEGRITY_ANCHOR_IO : INTEGRITY_NO_ANCHOR);
        return CC_OK;
    }
    enum cc_err err = meta_read(store, "database_id", &id);
    if (err == CC_OK)
        err = audit_find_row(store, anchor->audit_id, anchor->audit_tag, &has_row);
    if (err != CC_OK)
        return err;
    if (!secret_tag_equal(id.tag, anchor->database_id))
        integrity_add(store, INTEGRITY_SWAPPED);
    else if (!has_row || store->head.commit < anchor->commit ||
             db_user_version(store->db) < anchor->schema)
        integrity_add(store, INTEGRITY_OLD);
    return CC_OK;
}

void anchor_write(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    if (integrity_is_in_doubt(store) || anchor->commit == store->head.commit)
        return;
    bool is_first = anchor->commit == 0;
    take_state(store);
    write_file(store);
    if (is_first || clock_mono_us() - anchor->synced_us >= SYNC_EVERY_US)
        sync_file(anchor);
}

void anchor_renew(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    take_state(store);
    memcpy(anchor->database_id, anchor->accepted_id, SECRET_TAG_BYTES);
    anchor->schema = db_user_version(store->db);
    if (anchor->fd < 0)
        make_file(store);
    write_file(store);
    sync_file(anchor);
    anchor->state = ANCHOR_GOOD;
}

void anchor_move(struct store *store, const char *key_path)
{
    char *path = NULL;
    if (asprintf(&path, "%s.ancla", key_path) < 0)
        abort(); /* a name of a few bytes */
    free(store->anchor.path);
    store->anchor.path = path;
}

void anchor_close(struct store *store)
{
    struct anchor *anchor = &store->anchor;
    if (anchor->path == NULL)
        return; /* never opened */
    sync_file(anchor);
    if (anchor->fd >= 0)
        close(anchor->fd);
    free(anchor->path);
    *anchor = (struct anchor){.fd = -1};
}
