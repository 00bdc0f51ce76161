/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/accept.h"

#include "store/audit.h"
#include "store/check.h"
#include "store/meta.h"
#include "store/schema.h"
#include "store/seal.h"

#include <string.h>

enum { STEP_ROWS = 200 };

struct dropped {
    size_t count;
    struct {
        enum rowtag_table table;
        int64_t id;
    } rows[STEP_ROWS]; /* of one step of the check */
};

/* Altered rows that no person can vouch for. Those of the other tables stay, and stay refused. */
static const char *const drops[ROWTAG_TABLES] = {
    [ROWTAG_REQUESTS] = "DELETE FROM requests WHERE id = $1 RETURNING row_tag",
    [ROWTAG_FAILURES] = "DELETE FROM failures WHERE id = $1 RETURNING row_tag",
    [ROWTAG_NOTICES] = "DELETE FROM notices WHERE id = $1 RETURNING row_tag",
    [ROWTAG_SIM_PINS] = "DELETE FROM sim_pins WHERE id = $1 RETURNING row_tag",
    [ROWTAG_CREDENTIALS] = "DELETE FROM credentials WHERE id = $1 RETURNING row_tag",
};

static void note_dropped(enum rowtag_table table, int64_t id, void *user)
{
    struct dropped *dropped = user;
    if (drops[table] == NULL)
        return;
    dropped->rows[dropped->count].table = table;
    dropped->rows[dropped->count++].id = id;
}

static enum cc_err drop_rows(struct store *store, struct dropped *dropped)
{
    enum cc_err err = CC_OK;
    for (; dropped->count > 0 && err == CC_OK; dropped->count--) {
        enum rowtag_table table = dropped->rows[dropped->count - 1].table;
        struct db_stmt *st = db_query(store->db, drops[table]);
        db_bind_int(st, 1, dropped->rows[dropped->count - 1].id);
        err = rowtag_run_delete(store, table, st);
    }
    return err;
}

static enum cc_err drop_altered(struct store *store)
{
    struct check check;
    struct dropped dropped = {0};
    bool more = true;
    enum cc_err err = CC_OK;
    check_begin(&check, store, note_dropped, &dropped);
    while (err == CC_OK && more) {
        err = check_step(&check, STEP_ROWS, &more);
        if (err == CC_OK)
            err = drop_rows(store, &dropped);
    }
    return err;
}

/* The anchors of other boxes name it too. Errors: CC_ERR_NOT_FOUND (it was taken away), CC_ERR_DB.
 */
static enum cc_err keep_database_id(struct store *store)
{
    return seal_run_tag(db_query(store->db, "SELECT bytes FROM meta WHERE name = 'database_id'"),
                        store->anchor.accepted_id);
}

/* Accepts the row of meta with the rest: the highest time is made good by the next request. */
static enum cc_err write_meta(struct store *store)
{
    struct db_stmt *st = db_query(store->db, "UPDATE meta SET bytes = bytes"
                                             " WHERE name NOT IN ('audit_head', 'touched')"
                                             " RETURNING " META_TAGGED);
    enum cc_err err = rowtag_run(store, ROWTAG_META, st, NULL);
    if (err == CC_OK)
        err = db_is_shared(store->db) ? keep_database_id(store) : CC_ERR_NOT_FOUND;
    if (err != CC_ERR_NOT_FOUND)
        return err;
    secret_random(store->anchor.accepted_id, SECRET_TAG_BYTES);
    return meta_write(store, "database_id", 0, store->anchor.accepted_id);
}

static enum cc_err write_audit(struct store *store, const char *actor, const uint8_t *address,
                               int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = "auditoria_aceptar", .actor = actor, .address = address, .result = "correcto"};
    enum cc_err err = audit_append(store, &entry, now_ms, NULL);
    return err == CC_OK ? meta_write_number(store, "audit_accepted", store->audit_tail.id) : err;
}

enum cc_err store_accept(struct store *store, const char *actor, const uint8_t *address,
                         int64_t now_ms)
{
    struct check check;
    bool is_untagged = false;
    enum cc_err err = store_check_untagged(store, &is_untagged);
    bool has_new_tables = store->anchor.schema < SCHEMA_MORE_TAGS;
    /* from before the tags: a person says that it is good */
    if (err == CC_OK && (is_untagged || has_new_tables))
        err = rowtag_tag_untagged(store, is_untagged ? ROWTAG_META : ROWTAG_NOTICES);
    if (err == CC_OK)
        err = drop_altered(store);
    if (err == CC_OK)
        err = write_meta(store);
    if (err == CC_OK)
        err = write_audit(store, actor, address, now_ms);
    if (err == CC_OK)
        err = check_run(&check, store, NULL, NULL);
    if (err != CC_OK)
        return err;
    head_accept(store, &check.sums, store->anchor.commit);
    return CC_OK;
}

enum cc_err store_accept_file(const char *db_path, const char *key_path, const char *actor,
                              int64_t now_ms)
{
    struct store store = {.anchor.fd = -1};
    enum cc_err err = store_open(db_path, key_path, &store);
    if (err == CC_OK)
        err = db_begin(store.db);
    if (err == CC_OK)
        err = store_accept(&store, actor, NULL, now_ms);
    if (err == CC_OK)
        err = store_commit(&store);
    store_close(&store);
    return err;
}
