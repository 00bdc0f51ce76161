/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/store.h"

#include "base/log.h"
#include "base/span.h"
#include "domain/clock_trust.h"
#include "store/audit.h"
#include "store/boxes.h"
#include "store/check.h"
#include "store/clock.h"
#include "store/copy.h"
#include "store/db_fault.h"
#include "store/db_lead.h"
#include "store/engines.h"
#include "store/evidence.h"
#include "store/idempotency.h"
#include "store/key_check.h"
#include "store/meta.h"
#include "store/requests.h"
#include "store/requests_id.h"
#include "store/rotation.h"
#include "store/rowtag.h"
#include "store/schema.h"
#include "store/withheld.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { START_CHECK_MS = 200 }; /* a town's database is read whole in that time */
/* A start reads all of it once, and locked memory that it took would never be given back. */
enum { START_CACHE_KIB = 256, CACHE_KIB = 6 * 1024 };

/* *ret_in_use: data is in there, sealed with a key that we must not replace. */
static enum cc_err find_in_use(struct db *db, bool *ret_in_use)
{
    int64_t rows = 0;
    struct db_stmt *st =
        db_query(db, "SELECT count(*) FROM (SELECT 1 FROM meta WHERE name = 'key_check'"
                     " UNION ALL SELECT 1 FROM citizens UNION ALL SELECT 1 FROM clients"
                     " UNION ALL SELECT 1 FROM outbox LIMIT 1) AS any_row");
    enum cc_err err = db_run_int(st, &rows);
    if (err == CC_OK)
        *ret_in_use = rows > 0;
    return err;
}

/* Before anything is written: is the key that we have, or have not, the database's? */
static enum cc_err check_key(struct store *store, const char *key_path)
{
    bool in_use = false;
    if (db_user_version(store->db) > 0) {
        enum cc_err err = find_in_use(store->db, &in_use);
        if (err != CC_OK)
            return err;
    }
    if (!in_use)
        return CC_OK;
    enum cc_err err = store->keys ? key_check_compare(store) : CC_ERR_KEY_MISSING;
    if (err != CC_OK)
        log_error("la clave maestra %s %s", key_path,
                  store->keys ? "no es la de esta base de datos"
                              : "falta y la base de datos no está vacía");
    return err;
}

/*
 * The first start with this database, new or from before the row tags: its rows are tagged as they
 * are. Only where the anchor does not know of any commit: an attacker who lowers the version in the
 * file, or takes the tags out of it, does not get his rows tagged.
 */
static enum cc_err adopt_database(struct store *store, bool is_new)
{
    bool head_fits = is_new;
    anchor_begin(store);
    enum cc_err err = meta_write(store, "database_id", 0, store->anchor.database_id);
    if (err == CC_OK)
        err = rowtag_tag_untagged(store, ROWTAG_META);
    if (err == CC_OK && !is_new)
        err = audit_plain_head_fits(store, &head_fits);
    /* a head that does not fit is left for audit_open() to tell */
    return err == CC_OK && head_fits ? audit_begin(store) : err;
}

enum cc_err store_check_untagged(struct store *store, bool *ret)
{
    int64_t rows = 0;
    enum cc_err err = db_run_int(
        db_query(store->db, "SELECT count(*) FROM meta WHERE name = 'database_id'"), &rows);
    if (err == CC_OK)
        *ret = rows == 0;
    return err;
}

/* A database is begun once: with the proof of its key and the head of an empty audit trail. */
static enum cc_err begin_database(struct store *store)
{
    bool is_new = false, is_untagged = false;
    enum cc_err err = key_check_write(store, &is_new);
    if (err == CC_OK)
        err = store_check_untagged(store, &is_untagged);
    if (err != CC_OK)
        return err;
    if (is_untagged && anchor_is_first_start(store))
        return adopt_database(store, is_new);
    return is_new ? audit_begin(store) : CC_OK;
}

static void add_row(enum rowtag_table table, int64_t id, void *user)
{
    integrity_add_row(user, table, id);
}

/* Before anything is served: what was changed while we were away. A malformed page in the way is
 * told by db_check(), and ends no start. */
static enum cc_err check_rows(struct store *store)
{
    struct check check;
    enum cc_err err = db_is_shared(store->db) ? db_begin_snapshot(store->db) : CC_OK;
    if (err == CC_OK)
        err = check_run(&check, store, add_row, store);
    if (db_is_shared(store->db)) /* other boxes write meanwhile */
        db_rollback(store->db);
    if (err != CC_OK)
        return CC_OK;
    check_tell(&check, store);
    head_set_citizens(store, check.sums.citizens);
    return CC_OK;
}

/*
 * The rows of the tables that got tags later, on the first start with that version. Only where the
 * anchor, which the key vouches for, has not seen the version yet.
 */
static enum cc_err tag_new_tables(struct store *store)
{
    if (store->anchor.schema >= SCHEMA_MORE_TAGS || integrity_is_in_doubt(store))
        return CC_OK;
    enum cc_err err = db_begin(store->db);
    if (err == CC_OK)
        err = rowtag_tag_untagged(store, ROWTAG_NOTICES);
    return err == CC_OK ? store_commit(store) : err;
}

static enum cc_err check_end(struct store *store)
{
    enum cc_err err = audit_open(store);
    return err == CC_OK ? anchor_check(store) : err;
}

/* The end of the trail and the head are two rows of one commit: other boxes are kept out while both
 * are read. */
static enum cc_err begin_and_check_end(struct store *store)
{
    bool is_shared = db_is_shared(store->db);
    enum cc_err err = db_begin(store->db);
    if (err == CC_OK)
        err = begin_database(store);
    if (err == CC_OK && is_shared)
        err = check_end(store);
    if (err == CC_OK)
        err = integrity_is_in_doubt(store) ? store_commit(store) : db_commit(store->db);
    return err == CC_OK && !is_shared ? check_end(store) : err;
}

static enum cc_err begin_or_go_on(struct store *store)
{
    enum cc_err err = begin_and_check_end(store);
    if (err == CC_OK)
        err = tag_new_tables(store);
    if (err == CC_OK)
        err = check_rows(store);
    if (err == CC_OK)
        anchor_write(store);
    return err;
}

static enum cc_err say_key_fault(const char *path, const char *act, enum cc_err err)
{
    log_error("la clave maestra %s no se puede %s: %s", path, act,
              err == CC_ERR_IO ? err_system_text(errno) : err_text(err));
    return err;
}

static enum cc_err load_key(const char *path, struct secret_keys **ret)
{
    enum cc_err err = secret_keys_load(path, false, ret);
    if (err == CC_OK || err == CC_ERR_KEY_MISSING)
        return CC_OK;
    return say_key_fault(path, "leer", err);
}

static enum cc_err store_make_key(const char *path, struct secret_keys **ret)
{
    enum cc_err err = secret_keys_load(path, true, ret);
    return err == CC_OK ? CC_OK : say_key_fault(path, "crear", err);
}

static enum cc_err bring_up_to_date(struct db *db, const struct store_engine *engine,
                                    const char *db_path)
{
    enum cc_err err = db_user_version(db) < schema_newest() ? db_check_alone(db) : CC_OK;
    if (err == CC_OK)
        err = copy_before_upgrade(db, engine, db_path);
    return err == CC_OK ? schema_migrate(db) : err;
}

/* A key that exists but cannot be used ends it before the database is touched. */
static enum cc_err open_parts(struct store *store, const struct store_place *place)
{
    const struct store_engine *engine =
        place->engine != NULL ? place->engine : store_engine_of(place->db_path);
    const struct db_identity ours = schema_identity();
    const char *key_path = place->key_path;
    enum cc_err err = load_key(key_path, &store->keys);
    if (err == CC_OK)
        err = db_open(engine, place->db_path, &ours, &store->db);
    if (err == CC_OK) {
        db_bound_cache(store->db, START_CACHE_KIB);
        err = db_lock(store->db, store->box);
    }
    if (err == CC_OK)
        err = check_key(store, key_path);
    bool makes_key = store->keys == NULL;
    if (err == CC_OK && makes_key) /* where it cannot be, no table is left behind */
        err = store_make_key(key_path, &store->keys);
    if (err == CC_OK)
        err = bring_up_to_date(store->db, engine, place->db_path);
    if (err == CC_OK)
        err = anchor_open(store, key_path, makes_key);
    if (err == CC_OK)
        err = begin_or_go_on(store);
    if (err == CC_OK)
        err = clock_load_void(store);
    return err == CC_OK ? box_adopt_rows(store) : err;
}

enum cc_err store_open_place(const struct store_place *place, struct store *ret)
{
    struct store store = {.anchor.fd = -1};
    int len = snprintf(store.box, sizeof(store.box), "%s", place->box != NULL ? place->box : "");
    if (len < 0 || (size_t)len >= sizeof(store.box))
        return CC_ERR_NO_SPACE;
    enum cc_err err = rotation_settle(place);
    if (err == CC_OK)
        err = open_parts(&store, place);
    if (err != CC_OK) {
        store_close(&store);
        return err;
    }
    /* a malformed page that the start did not need is told of; what does not need it is served */
    db_check(store.db, START_CHECK_MS);
    db_bound_cache(store.db, CACHE_KIB);
    *ret = store;
    return CC_OK;
}

bool store_is_on_server(const char *db_path)
{
    return store_engine_of(db_path)->sharing != NULL;
}

enum cc_err store_open(const char *db_path, const char *key_path, struct store *ret)
{
    return store_open_place(&(struct store_place){.db_path = db_path, .key_path = key_path}, ret);
}

enum cc_err store_open_sealed(const char *db_path, struct db **ret)
{
    const struct db_identity ours = schema_identity();
    return db_open_to_read(store_engine_of(db_path), db_path, &ours, ret);
}

enum cc_err store_open_to_read(const char *db_path, const char *key_path, struct store *ret)
{
    struct store store = {.anchor.fd = -1};
    enum cc_err err = secret_keys_load(key_path, false, &store.keys);
    if (err == CC_OK)
        err = store_open_sealed(db_path, &store.db);
    if (err == CC_OK)
        err = key_check_compare(&store);
    if (err == CC_ERR_KEY_WRONG)
        log_error("la clave maestra %s no es la de %s", key_path, db_path);
    if (err != CC_OK) {
        store_close(&store);
        return err;
    }
    *ret = store;
    return CC_OK;
}

static void after_commit(struct store *store)
{
    audit_committed(store);
    head_committed(store);
    if (store->erased.rollbacks == db_rollbacks(store->db))
        store->erased.id = store->erased.open_id;
    if (head_is_accepted(store)) {
        integrity_forget(store);
        anchor_renew(store);
    }
    store->head.accepted = 0;
    anchor_write(store);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->db && !db_is_shared(store->db) && store->head.is_stale &&
        audit_close(store) == CC_OK)
        after_commit(store); /* rows written outside a transaction, each of which was a commit */
    evidence_forget(store);
    anchor_close(store);
    db_close(store->db);
    secret_keys_free(store->keys);
    *store = (struct store){0};
}

enum cc_err store_highest_time(struct store *store, int64_t *ret_ms)
{
    return meta_read_number(store, "highest_time", ret_ms);
}

enum cc_err store_raise_time(struct store *store, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO meta (name, number) VALUES ('highest_time', $1)"
                            " ON CONFLICT (name) DO UPDATE SET number = excluded.number"
                            " WHERE coalesce(meta.number, 0) < excluded.number"
                            " RETURNING " META_TAGGED);
    db_bind_int(st, 1, now_ms);
    return err_allow_absent(rowtag_run(store, ROWTAG_META, st, NULL));
}

enum cc_err store_set_time(struct store *store, int64_t now_ms)
{
    return meta_write_number(store, "highest_time", now_ms);
}

enum cc_err store_touch(struct store *store, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO meta (name, number) VALUES ('touched', $1)"
                            " ON CONFLICT (name) DO UPDATE SET number = excluded.number");
    db_bind_int(st, 1, now_ms);
    return db_run(st);
}

enum cc_err store_town_asks(struct store *store, bool *ret)
{
    struct meta_row row;
    enum cc_err err = meta_read(store, "town_asks", &row);
    if (err == CC_OK)
        *ret = row.is_altered || row.number != 0; /* altered: the careful answer */
    return err;
}

enum cc_err store_set_town_asks(struct store *store, bool asks)
{
    return meta_write_number(store, "town_asks", asks);
}

enum {
    SWEEP_BATCH = 500,
    SETTLE_ENTRIES = 200,
    REFUSALS_BATCH = 10000, /* more NIFs than all clients can try in a minute */
};

/* Ids grow with time, so the oldest rows are the first ones and no index on time is needed. Rows
 * dated after $1, in the future, are stepped over. */
#define SWEEP(table, time, more, and)                                                              \
    "DELETE FROM " table " WHERE id IN (SELECT id FROM (SELECT id, " time more " FROM " table      \
    " WHERE " time " <= $1 ORDER BY id LIMIT $2) AS oldest WHERE " time " < $3" and                \
        ")"

static const struct {
    const char *sql;
    int64_t age_ms;
    int64_t batch;
    enum rowtag_table tagged; /* 0 = its rows carry no tag */
} sweeps[] = {
    {SWEEP("failures", "created_ms", "", "") " RETURNING row_tag", 31 * DAY_MS, SWEEP_BATCH,
     ROWTAG_FAILURES},
    {SWEEP("sessions", "created_ms", "", "") " RETURNING row_tag", 10 * HOUR_MS, SWEEP_BATCH,
     ROWTAG_SESSIONS},
    {SWEEP("refusals", "minute_ms", ", count, audited", " AND audited = count"), 2 * HOUR_MS,
     REFUSALS_BATCH, 0},
    {SWEEP("ip_requests", "created_ms", "", ""), HOUR_MS, SWEEP_BATCH, 0},
    /* refused, and kept in case their modem was to blame; done_ms: by the index of what has ended
     */
    {"UPDATE outbox SET text = NULL WHERE id IN (SELECT id FROM (SELECT id, expires_ms FROM outbox"
     " WHERE done_ms > 0 AND state = 6 AND text IS NOT NULL AND created_ms <= $1 LIMIT $2)"
     " AS refused WHERE expires_ms < $3)",
     0, SWEEP_BATCH, 0},
    {SWEEP("inbox_seen", "seen_ms", "", ""), 7 * DAY_MS, SWEEP_BATCH, 0},
    {SWEEP("events", "at_ms", "", ""), 90 * DAY_MS, SWEEP_BATCH, 0},
};

static enum cc_err sweep_tables(struct store *store, int64_t now_ms)
{
    for (size_t i = 0; i < sizeof sweeps / sizeof sweeps[0]; ++i) {
        struct db_stmt *st = db_query(store->db, sweeps[i].sql);
        DB_BIND(st, 1, db_int(now_ms + CLOCK_FUTURE_MS), db_int(sweeps[i].batch),
                db_int(now_ms - sweeps[i].age_ms));
        enum cc_err err =
            sweeps[i].tagged ? rowtag_run_delete(store, sweeps[i].tagged, st) : db_run(st);
        if (err != CC_OK && err != CC_ERR_NOT_FOUND)
            return err;
    }
    return CC_OK;
}

enum cc_err store_sweep(struct store *store, int64_t now_ms)
{
    bool more = false;
    enum cc_err err = evidence_settle(store, now_ms, SETTLE_ENTRIES, &more);
    if (err == CC_OK)
        err = sweep_tables(store, now_ms);
    if (err == CC_OK)
        err = withheld_forget(store, now_ms, SWEEP_BATCH);
    if (err == CC_OK)
        err = idempotency_sweep(store, now_ms);
    return err == CC_OK ? requests_erase_expired(store, now_ms) : err;
}

static enum cc_err commit_by(struct store *store, enum cc_err (*commit)(struct db *db))
{
    enum cc_err err = evidence_close(store);
    if (err == CC_OK)
        err = audit_close(store);
    if (err == CC_OK)
        err = commit(store->db);
    if (err == CC_OK)
        after_commit(store);
    return err;
}

enum cc_err store_commit(struct store *store)
{
    return commit_by(store, db_commit);
}

enum cc_err store_commit_now(struct store *store)
{
    return commit_by(store, db_commit_now);
}

enum cc_err store_begin_alone(struct store *store, bool *ret_is_alone)
{
    bool is_open = db_in_transaction(store->db);
    enum cc_err err = is_open ? CC_OK : db_begin(store->db);
    *ret_is_alone = !is_open && err == CC_OK;
    return err;
}

enum cc_err store_end_alone(struct store *store, bool is_alone, enum cc_err err)
{
    if (is_alone && err == CC_OK)
        err = store_commit(store);
    if (is_alone && err != CC_OK)
        db_rollback(store->db);
    return err;
}
