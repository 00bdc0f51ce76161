/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The opened store: database, keys, migrations, and the check that the key belongs to the database
 * (DESIGN 7, 8). Names, phones, NIFs and texts are sealed at rest; look-ups go by blind index.
 * Each function of store/ that reads or writes rows may return CC_ERR_DB, CC_ERR_DB_BUSY and
 * CC_ERR_DB_DAMAGED: see store/db_fault.h. The comments name its other errors.
 */
#ifndef CC_STORE_STORE_H
#define CC_STORE_STORE_H

#include "base/err.h"
#include "base/secret.h"
#include "store/anchor.h"
#include "store/db.h"
#include "store/head.h"
#include "store/integrity.h"

#include <stdbool.h>
#include <stdint.h>

/* The end of the audit chain as last written; it holds while `rollbacks` is the database's. */
struct audit_tail {
    int64_t id;
    uint8_t tag[SECRET_TAG_BYTES];
    uint64_t rollbacks;
};

/* Nonce of the next address in the audit trail: store/audit_ip.c. */
struct audit_nonce {
    uint8_t bytes[SECRET_SEAL_BEFORE];
    uint64_t transaction; /* that it was drawn for, plus 1; 0 = none was drawn */
};

/* Requests up to this id that are dated later than this: made while the clock was ahead. */
struct void_requests {
    int64_t id; /* 0 = none */
    int64_t since_ms;
    int64_t until_ms; /* none is dated later */
};

/* How far the contraclaves of expired requests are erased: requests_erase_expired(). */
struct erased_requests {
    int64_t id;         /* up to this one, for good */
    int64_t open_id;    /* and by a transaction that is open, which holds as long as `rollbacks` */
    uint64_t rollbacks; /* is the database's */
};

enum { STORE_BOX_SIZE = 65 };

/* Place that store_open_place() opens. */
struct store_place {
    const struct store_engine *engine; /* NULL = store_engine_of(db_path) */
    const char *db_path;               /* a file, or what else the engine takes */
    const char *key_path;
    const char *box; /* name of this box, under STORE_BOX_SIZE bytes; NULL: see store_open() */
};

struct evidence_group; /* store/evidence_group.c */

struct store {
    struct db *db;
    struct secret_keys *keys;
    char box[STORE_BOX_SIZE]; /* the rows of other boxes' modems are not this daemon's */
    struct audit_tail audit_tail;
    struct audit_nonce audit_nonce;
    struct void_requests void_requests; /* store/clock.h */
    struct erased_requests erased;
    struct evidence_group *evidence;   /* of the open transaction; NULL = none yet */
    struct audit_tail audit_committed; /* the last commit's; must still be there */
    struct head head;
    struct anchor anchor;
    struct integrity integrity;
    unsigned notices; /* bits of enum data_notice: see store/notice.h */
};

/*
 * Opens or makes the database, loads or makes the key, migrates. A key is made only for an empty
 * database. Errors: those of db_open() and secret_keys_load(), db_lock(), CC_ERR_DB_NEWER,
 * CC_ERR_KEY_WRONG, CC_ERR_KEY_MISSING, CC_ERR_NO_SPACE (name of the box).
 * A database that only this box can write to is all its own: after a change of the box's name, or
 * of the box, its rows are given the new name.
 */
enum cc_err store_open_place(const struct store_place *place, struct store *ret) CC_MUST_CHECK;
/* The same for no box: for tools that leave the rows of modems alone, and
 * tests. */
enum cc_err store_open(const char *db_path, const char *key_path, struct store *ret) CC_MUST_CHECK;
/* A copy of a database, for reading, with the key that must be its own. Errors: those of
 * db_open_to_read() and secret_keys_load(), CC_ERR_KEY_WRONG, CC_ERR_KEY_MISSING. */
enum cc_err store_open_to_read(const char *db_path, const char *key_path,
                               struct store *ret) CC_MUST_CHECK;
/* Opens a database without its key, for reading: for a look at its state. Errors: those of
 * db_open_to_read(). Owns: db_close(). */
enum cc_err store_open_sealed(const char *db_path, struct db **ret) CC_MUST_CHECK;
/* Whether the place is the address of a server, and no file. */
bool store_is_on_server(const char *db_path);
void store_close(struct store *store);
/* Whether the database was never tagged: made by a version from before the row tags. */
enum cc_err store_check_untagged(struct store *store, bool *ret) CC_MUST_CHECK;
/*
 * Commits the open transaction; the audit trail's head is written first, once for all of its rows.
 * store_commit_now() begins the next one at once, if one was open.
 */
enum cc_err store_commit(struct store *store) CC_MUST_CHECK;
enum cc_err store_commit_now(struct store *store) CC_MUST_CHECK;

/* A change that needs a transaction: begins one where none is open, and commits what was begun so
 * or, after an error, takes it back. Returns that error, or that of the commit. */
enum cc_err store_begin_alone(struct store *store, bool *ret_is_alone) CC_MUST_CHECK;
enum cc_err store_end_alone(struct store *store, bool is_alone, enum cc_err err) CC_MUST_CHECK;

/* The highest wall time ever stored (UTC ms), and raising it; the clock's witness (DESIGN 10). */
enum cc_err store_highest_time(struct store *store, int64_t *ret_ms) CC_MUST_CHECK;
enum cc_err store_raise_time(struct store *store, int64_t now_ms) CC_MUST_CHECK;
/* Lowers it too: a person says that the clock is right. */
enum cc_err store_set_time(struct store *store, int64_t now_ms) CC_MUST_CHECK;

/* A write that changes nothing anybody reads: see service/decoy.h; and service/turn.c, to learn
 * whether the disk takes writes again. */
enum cc_err store_touch(struct store *store, int64_t now_ms) CC_MUST_CHECK;

/* Whether the town asks for the contrast datum (DOMAIN 5); it survives the program. */
enum cc_err store_town_asks(struct store *store, bool *ret) CC_MUST_CHECK;
enum cc_err store_set_town_asks(struct store *store, bool asks) CC_MUST_CHECK;

/*
 * Deletes what is no longer needed, but no row that is dated in the future (store/clock.h):
 * failures after 31 days, refusals that the audit trail has after 2 h, counters per IP after 1 h,
 * kept answers after 24 h, tags of inbound messages after 7 days, events after 90. Bounded: at most
 * 500 rows of each per call, refusals 10000. What a town sets a term for is store/purge.h's.
 */
enum cc_err store_sweep(struct store *store, int64_t now_ms) CC_MUST_CHECK;

#endif
