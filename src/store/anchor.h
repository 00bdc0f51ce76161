/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The anchor: a small file beside the master key (`<key>.ancla`, 0600) that remembers the last
 * commit of the database, under a keyed tag. A database that is older than its anchor, or another
 * one, is told at the start. The anchor is written after each commit and never before, so a crash
 * leaves it behind the database, which is no fault; it is synced at most once a minute and at the
 * end, because after a power cut an older anchor does no harm.
 */
#ifndef CC_STORE_ANCHOR_H
#define CC_STORE_ANCHOR_H

#include "base/err.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct store;

enum anchor_state { ANCHOR_MISSING, ANCHOR_FALSE, ANCHOR_GOOD };

struct anchor {
    char *path;
    int fd;    /* -1 = none open */
    uid_t uid; /* the key's owner, whose the anchor is too, also where another user makes it */
    gid_t gid;
    enum anchor_state state;
    uint8_t database_id[SECRET_TAG_BYTES];
    uint8_t accepted_id[SECRET_TAG_BYTES]; /* the next one, when store_accept() is committed */
    int64_t schema;                        /* the highest version that the database reached */
    int64_t commit;                        /* struct head's; 0 = made before the first commit */
    int64_t audit_id;                      /* the last row of the audit trail, and its tag */
    uint8_t audit_tag[SECRET_TAG_BYTES];
    int64_t synced_us;
    bool is_dirty;
};

/* Reads the anchor of the key at key_path. That of an older key is removed where the key is new.
 * Errors: CC_ERR_MEMORY. */
enum cc_err anchor_open(struct store *store, const char *key_path, bool is_new_key) CC_MUST_CHECK;
/* Whether the database may be begun, or tagged for the first time: its key never saw it before. */
bool anchor_is_first_start(const struct store *store);
/* Makes the file, durable, before the first commit; draws database_id. A folder that does not let
 * it is told, and the daemon goes on without. */
void anchor_begin(struct store *store);
/* Compares the opened database with its anchor and tells what is wrong. */
enum cc_err anchor_check(struct store *store) CC_MUST_CHECK;
/* After a commit. Nothing while the database is in doubt: the anchor is then the evidence. */
void anchor_write(struct store *store);
/* Writes it over any other: a person has accepted the database. */
void anchor_renew(struct store *store);
/* The file has got another name, that beside this key. */
void anchor_move(struct store *store, const char *key_path);
void anchor_close(struct store *store);

#endif
