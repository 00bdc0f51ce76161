/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/rotation.h"

#include "base/log.h"
#include "base/secret_old.h"
#include "store/db_history.h"
#include "store/engine.h"
#include "store/engines.h"
#include "store/evidence.h"
#include "store/head.h"
#include "store/key_check.h"
#include "store/rotation_place.h"
#include "store/rotation_row.h"
#include "store/schema.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLES_MAX = 64,
    LAST_SLOTS = 64,       /* so many changed slots are left to the end */
    LAST_SLOTS_MAX = 4096, /* more than one turn of the loop can add to them */
    AUDIT_ROWS = 64,
};

struct slot {
    int64_t table, slot;
};

struct rotation {
    struct rotation_files files;
    const struct engine_rotation *engine;
    struct rotation_pair pair;
    struct store next;
    struct engine_watched watched[TABLES_MAX];
    int table;               /* that is being copied; rotation_table_count = all were */
    int64_t after;           /* the slot up to which it is */
    struct audit_tail audit; /* the last row of the trail that was taken over */
    int64_t rows, total;
    bool is_finished;
};

/* ---- the beginning -------------------------------------------------------------------------- */

static enum cc_err check_new_key(const struct rotation_files *files, const struct store *store)
{
    uint8_t own[SECRET_PUBLIC_BYTES], other[SECRET_PUBLIC_BYTES];
    struct secret_keys *keys = NULL;
    enum cc_err err = secret_keys_load(files->next_key, true, &keys);
    if (err == CC_ERR_KEY_FORMAT)
        return CC_ERR_NEW_MASTER_KEY;
    if (err != CC_OK)
        return err;
    secret_public_key(store->keys, own);
    secret_public_key(keys, other);
    secret_keys_free(keys);
    return memcmp(own, other, sizeof(own)) == 0 ? CC_ERR_NEW_MASTER_KEY : CC_OK;
}

static enum cc_err begin_next(struct rotation *rotation, int64_t now_ms)
{
    const struct rotation_files *files = &rotation->files;
    struct store *next = &rotation->next;
    const struct store_place place = {.engine = files->engine,
                                      .db_path = files->next_database,
                                      .key_path = files->next_key,
                                      .box = files->box};
    enum cc_err err = store_open_place(&place, next);
    if (err == CC_OK)
        err = rotation->engine->relax(next->db);
    if (err == CC_OK)
        err = db_begin(next->db);
    if (err == CC_OK)
        err = key_check_write_old(next, rotation->pair.from, now_ms);
    if (err == CC_OK)
        err = key_check_renew(next);
    return err == CC_OK ? store_commit(next) : err;
}

static enum cc_err watch_tables(struct rotation *rotation)
{
    for (int i = 0; i < rotation_table_count; i++)
        rotation->watched[i] = (struct engine_watched){
            .number = i, .table = rotation_tables[i].name, .slot = rotation_tables[i].slot};
    return rotation->engine->watch(rotation->pair.from->db, rotation->watched,
                                   (size_t)rotation_table_count);
}

/* Nothing is counted: to read the table through holds all that is served meanwhile. */
static void count_rows(struct rotation *rotation)
{
    struct store *store = rotation->pair.from;
    int64_t citizens = 0;
    (void)head_tell_citizens(store, &citizens);
    rotation->total = citizens + store->audit_tail.id;
}

static enum cc_err begin(struct rotation *rotation, int64_t now_ms)
{
    struct store *store = rotation->pair.from;
    rotation->engine = engines_find_rotation(rotation->files.engine);
    if (rotation->engine == NULL)
        return CC_ERR_ON_SERVER;
    if (store->integrity.facts != 0)
        return CC_ERR_ALTERED;
    if (secret_keys_generation(store->keys) == SECRET_OLD_MAX)
        return CC_ERR_MASTER_KEYS_USED_UP;
    enum cc_err err = check_new_key(&rotation->files, store);
    if (err != CC_OK)
        return err;
    rotation_files_drop(&rotation->files);
    err = watch_tables(rotation);
    count_rows(rotation);
    return err == CC_OK ? begin_next(rotation, now_ms) : err;
}

enum cc_err rotation_begin(struct store *store, const struct store_place *place, int64_t now_ms,
                           struct rotation **ret)
{
    struct rotation *rotation = calloc(1, sizeof(*rotation));
    uint8_t *room = malloc(ROTATION_ROOM);
    if (rotation == NULL || room == NULL || rotation_table_count > TABLES_MAX) {
        free(rotation);
        free(room);
        return CC_ERR_MEMORY;
    }
    rotation->next = (struct store){.anchor.fd = -1};
    rotation->pair = (struct rotation_pair){.from = store, .to = &rotation->next, .room = room};
    rotation->after = INT64_MIN;
    enum cc_err err = rotation_files_name(place, &rotation->files);
    if (err == CC_OK)
        err = begin(rotation, now_ms);
    if (err != CC_OK) {
        rotation_free(rotation);
        return err;
    }
    *ret = rotation;
    return CC_OK;
}

void rotation_free(struct rotation *rotation)
{
    if (rotation == NULL)
        return;
    if (!rotation->is_finished) {
        if (rotation->engine != NULL)
            rotation->engine->unwatch(rotation->pair.from->db, rotation->watched,
                                      (size_t)rotation_table_count);
        if (rotation->next.db != NULL)
            db_rollback(rotation->next.db);
        store_close(&rotation->next);
        rotation_files_drop(&rotation->files);
    }
    free(rotation->pair.room);
    free(rotation);
}

void rotation_leave(struct rotation *rotation)
{
    store_close(&rotation->next);
    free(rotation->pair.room);
    free(rotation);
}

/* ---- row by row ----------------------------------------------------------------------------- */

static enum cc_err copy_slot(struct rotation *rotation, int64_t number, int64_t slot)
{
    bool fits = true;
    enum cc_err err = rotation_copy_slot(&rotation->pair, &rotation_tables[number], slot, &fits);
    rotation->rows++;
    /* an older state of another row has its place: after that one */
    if (err == CC_OK && !fits)
        err = rotation->engine->give_back(rotation->pair.from->db, number, slot);
    return err;
}

static enum cc_err copy_next(struct rotation *rotation)
{
    int64_t slot = 0;
    struct db_stmt *st = db_query(rotation->pair.from->db, rotation_tables[rotation->table].next);
    db_bind_int(st, 1, rotation->after);
    bool found = db_step(st) && !db_column_is_null(st, 0);
    if (found)
        slot = db_column_int(st, 0);
    enum cc_err err = db_finish(st);
    if (err != CC_OK)
        return err;
    rotation->after = found ? slot : INT64_MIN;
    rotation->table += !found;
    return found ? copy_slot(rotation, rotation->table, slot) : CC_OK;
}

static enum cc_err copy_changed(struct rotation *rotation)
{
    int64_t number = 0, slot = 0;
    enum cc_err err = rotation->engine->take(rotation->pair.from->db, &number, &slot);
    if (err != CC_OK)
        return err_allow_absent(err);
    return copy_slot(rotation, number, slot);
}

static enum cc_err take_audit(struct rotation *rotation, int64_t rows, bool *ret_more)
{
    int64_t before = rotation->audit.id;
    enum cc_err err =
        audit_carry(rotation->pair.from, &rotation->audit, rotation->pair.to, rows, ret_more);
    rotation->rows += rotation->audit.id - before;
    return err;
}

static enum cc_err take_some(struct rotation *rotation, int64_t slots, bool *ret_ready)
{
    bool more = true;
    int64_t changed = 0;
    enum cc_err err = CC_OK;
    for (; rotation->table < rotation_table_count && slots > 0 && err == CC_OK; slots--)
        err = copy_next(rotation);
    if (err != CC_OK || slots == 0)
        return err;
    err = take_audit(rotation, AUDIT_ROWS, &more);
    for (; !more && slots > 0 && err == CC_OK; slots--)
        err = copy_changed(rotation);
    if (err == CC_OK)
        err = rotation->engine->count(rotation->pair.from->db, &changed);
    *ret_ready = err == CC_OK && !more && changed <= LAST_SLOTS;
    return err;
}

enum cc_err rotation_step(struct rotation *rotation, int64_t slots, bool *ret_ready)
{
    struct store *next = rotation->pair.to;
    *ret_ready = false;
    if (db_in_transaction(rotation->pair.from->db))
        return CC_OK;
    enum cc_err err = db_begin(next->db);
    if (err == CC_OK)
        err = take_some(rotation, slots, ret_ready);
    return err == CC_OK ? store_commit(next) : err;
}

struct rotation_progress rotation_progress(const struct rotation *rotation)
{
    int64_t rows = rotation->rows < rotation->total ? rotation->rows : rotation->total;
    return (struct rotation_progress){.rows = rows, .total = rotation->total};
}

/* ---- the end -------------------------------------------------------------------------------- */

static enum cc_err take_all_changed(struct rotation *rotation, struct slot slots[LAST_SLOTS_MAX],
                                    size_t *ret_count)
{
    enum cc_err err = CC_OK;
    *ret_count = 0;
    while (err == CC_OK && *ret_count < LAST_SLOTS_MAX) {
        struct slot *slot = &slots[*ret_count];
        err = rotation->engine->take(rotation->pair.from->db, &slot->table, &slot->slot);
        *ret_count += err == CC_OK;
    }
    return err_allow_absent(err);
}

/* First all of the old states go, so that none is in the way of what must be unique. */
static enum cc_err copy_all_changed(struct rotation *rotation, const struct slot *slots,
                                    size_t count)
{
    enum cc_err err = CC_OK;
    bool fits = true;
    for (size_t i = 0; i < count && err == CC_OK; i++)
        err = rotation_erase_slot(&rotation->pair, &rotation_tables[slots[i].table], slots[i].slot);
    for (size_t i = 0; i < count && err == CC_OK; i++) {
        err = rotation_copy_slot(&rotation->pair, &rotation_tables[slots[i].table], slots[i].slot,
                                 &fits);
        if (err == CC_OK && !fits)
            err = CC_ERR_DB;
    }
    return err;
}

/* They go when the new key takes its place: a process that dies before begins anew, and counts them
 * anew. */
static enum cc_err audit_older(struct rotation *rotation, const struct audit_entry *entry,
                               int64_t now_ms)
{
    struct audit_entry older = *entry;
    older.event = "copias_destruidas";
    older.reference = rotation_files_count_older(&rotation->files);
    return older.reference == 0 ? CC_OK : audit_append(rotation->pair.to, &older, now_ms, NULL);
}

static enum cc_err take_rest(struct rotation *rotation, const struct audit_entry *entry,
                             int64_t now_ms)
{
    struct slot *slots = calloc(LAST_SLOTS_MAX, sizeof(*slots));
    size_t count = 0;
    bool more = true;
    enum cc_err err = slots != NULL ? CC_OK : CC_ERR_MEMORY;
    if (err == CC_OK)
        err = take_all_changed(rotation, slots, &count);
    if (err == CC_OK)
        err = copy_all_changed(rotation, slots, count);
    while (err == CC_OK && more)
        err = take_audit(rotation, AUDIT_ROWS, &more);
    if (err == CC_OK)
        err = audit_append(rotation->pair.to, entry, now_ms, NULL);
    if (err == CC_OK)
        err = audit_older(rotation, entry, now_ms);
    if (err == CC_OK)
        err = rotation->engine->copy_numbers(rotation->pair.from->db, rotation->pair.to->db);
    free(slots);
    return err;
}

/* Facts about the database that are in memory alone. */
static void take_memory(struct store *next, const struct store *store)
{
    next->void_requests = store->void_requests;
    next->erased = store->erased;
    next->notices = store->notices;
    next->integrity = store->integrity;
}

/* The opened database that took the place, where the counters of the store go on. */
static void open_place(struct rotation *rotation, const struct db_history *before)
{
    struct store *next = &rotation->next;
    const struct db_identity ours = schema_identity();
    if (db_open(rotation->files.engine, rotation->files.database, &ours, &next->db) != CC_OK ||
        db_lock(next->db, next->box) != CC_OK) {
        log_error("la base de datos no se puede abrir otra vez después de cambiar la clave "
                  "maestra: el servicio se para");
        abort(); /* nothing can be served; the next start finds all in its place */
    }
    db_succeed(next->db, before);
    next->audit_tail.rollbacks = next->audit_committed.rollbacks = next->head.rollbacks =
        db_rollbacks(next->db);
}

static enum cc_err take_place(struct rotation *rotation)
{
    struct store *store = rotation->pair.from, *next = &rotation->next;
    const struct db_history before = db_history(store->db);
    db_close(next->db);
    next->db = NULL;
    db_close(store->db);
    store->db = NULL;
    if (rotation_files_exchange(&rotation->files) != CC_OK ||
        rotation_files_take_key(&rotation->files) != CC_OK) {
        log_error("no se puede terminar el cambio de la clave maestra: el servicio se para");
        abort(); /* whichever database has the name, the next start goes on with it */
    }
    open_place(rotation, &before);
    anchor_move(next, rotation->files.key);
    take_memory(next, store);
    anchor_close(store);
    evidence_forget(store);
    secret_keys_free(store->keys);
    *store = *next;
    rotation->is_finished = true;
    return CC_OK;
}

bool rotation_forget(const struct store_place *place)
{
    struct rotation_files files;
    return rotation_files_name(place, &files) != CC_OK || rotation_files_shrink_old(&files);
}

/* Errors: CC_ERR_DB_BUSY: nothing was taken yet. */
static enum cc_err begin_rest(struct rotation *rotation)
{
    struct db *from = rotation->pair.from->db;
    int64_t imports = 0, changed = 0;
    enum cc_err err = db_run_int(db_query(from, "SELECT count(*) FROM import_parts"), &imports);
    if (err == CC_OK)
        err = rotation->engine->count(from, &changed);
    if (err == CC_OK && (imports > 0 || changed > LAST_SLOTS_MAX))
        err = CC_ERR_DB_BUSY;
    if (err == CC_OK)
        err = db_empty_log(from);
    return err == CC_OK ? db_begin(rotation->next.db) : err;
}

enum cc_err rotation_finish(struct rotation *rotation, const struct audit_entry *entry,
                            int64_t now_ms)
{
    struct store *next = &rotation->next;
    enum cc_err err = begin_rest(rotation);
    if (err != CC_OK)
        return err;
    err = take_rest(rotation, entry, now_ms);
    if (err == CC_OK)
        err = store_commit(next);
    if (err == CC_OK)
        err = db_empty_log(next->db);
    if (err != CC_OK) /* what was taken is noted nowhere else: nobody may try again from here */
        return err == CC_ERR_DB_BUSY ? CC_ERR_DB : err;
    if (rotation->pair.unread > 0)
        log_warning("%" PRId64 " datos no se descifraban con la clave anterior, ni con la nueva",
                    rotation->pair.unread);
    return take_place(rotation);
}
