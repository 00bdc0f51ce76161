/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/audit_search.h"

#include "base/hex.h"
#include "store/audit.h"
#include "store/audit_ip.h"
#include "store/evidence.h"
#include "store/seal.h"

#include <string.h>

/* "ana" is meant for "operador:ana" too: the kind of caller is no part of a person's name. */
static bool is_actor(const char *actor, const char *wanted)
{
    const char *name = strchr(actor, ':');
    return strcmp(actor, wanted) == 0 || (name != NULL && strcmp(name + 1, wanted) == 0);
}

bool audit_filter_fits(const struct audit_filter *filter, const struct audit_found *row)
{
    if (row->at_ms < filter->from_ms || row->at_ms >= filter->until_ms)
        return false;
    if (filter->subject != NULL &&
        (row->subject == NULL || memcmp(row->subject, filter->subject, SECRET_TAG_BYTES) != 0))
        return false;
    if (filter->event[0] != '\0' && strcmp(row->event, filter->event) != 0)
        return false;
    return filter->actor[0] == '\0' || is_actor(row->actor, filter->actor);
}

static void read_row(struct db_stmt *st, uint8_t subject[SECRET_TAG_BYTES], struct audit_found *ret)
{
    *ret = (struct audit_found){.id = db_column_int(st, 0),
                                .at_ms = db_column_int(st, 1),
                                .event = db_column_text(st, 2),
                                .actor = db_column_text(st, 3),
                                .result = db_column_text(st, 5),
                                .reference = db_column_int(st, 6),
                                .address = "",
                                .evidence = ""};
    if (db_column_is_null(st, 4))
        return;
    seal_copy_tag(st, 4, subject);
    ret->subject = subject;
}

static void visit_row(const struct store *store, struct db_stmt *st, struct audit_found *row,
                      audit_search_fn visit, void *user)
{
    struct audit_ip ip;
    char address[ADDRESS_TEXT_SIZE], evidence[EVIDENCE_ID_SIZE];
    audit_ip_read(st, 7, &ip);
    audit_ip_open(store, row->id, row->at_ms, &ip, address);
    evidence_id_of_act(store, row->id, row->event, row->result, evidence);
    row->address = address;
    row->evidence = evidence;
    visit(row, user);
    row->address = row->evidence = "";
}

enum cc_err audit_search(struct store *store, const struct audit_filter *filter, int64_t before_id,
                         int64_t most, audit_search_fn visit, void *user, int64_t *ret_next)
{
    uint8_t subject[SECRET_TAG_BYTES];
    struct audit_found row = {0};
    struct audit_tail start = {.id = 0};
    int64_t read = 0, found = 0;
    enum cc_err err = audit_read_start(store, &start);
    if (err != CC_OK)
        return err;
    struct db_stmt *st =
        db_query(store->db, "SELECT id, at_ms, event, actor, subject, result, reference, ip"
                            " FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2");
    DB_BIND(st, 1, db_int(before_id), db_int(AUDIT_SEARCH_READ));
    for (; found < most && db_step(st); read++) {
        read_row(st, subject, &row);
        if (!audit_filter_fits(filter, &row))
            continue;
        visit_row(store, st, &row, visit, user);
        found++;
    }
    bool is_whole = found < most && read < AUDIT_SEARCH_READ;
    err = db_finish(st);
    if (err == CC_OK)
        *ret_next = is_whole || row.id == start.id + 1 ? 0 : row.id;
    return err;
}

enum cc_err audit_each(struct store *store, int64_t after, int64_t until, int64_t most,
                       audit_search_fn visit, void *user, int64_t *ret_last)
{
    uint8_t subject[SECRET_TAG_BYTES];
    struct audit_found row = {.id = after};
    struct db_stmt *st =
        db_query(store->db, "SELECT id, at_ms, event, actor, subject, result, reference FROM audit"
                            " WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3");
    DB_BIND(st, 1, db_int(after), db_int(until), db_int(most));
    while (db_step(st)) {
        read_row(st, subject, &row);
        visit(&row, user);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_last = row.id;
    return err;
}

void audit_write_seal(const uint8_t tag[SECRET_TAG_BYTES], char ret[AUDIT_SEAL_SIZE])
{
    char digits[2 * SECRET_TAG_BYTES + 1];
    size_t len = 0;
    hex_encode(tag, SECRET_TAG_BYTES, digits);
    for (size_t i = 0; digits[i] != '\0'; i++) {
        if (i > 0 && i % 4 == 0)
            ret[len++] = ':';
        ret[len++] = digits[i];
    }
    ret[len] = '\0';
}

enum cc_err audit_find_seal(struct store *store, int64_t id, char ret[AUDIT_SEAL_SIZE])
{
    uint8_t tag[SECRET_TAG_BYTES];
    struct db_stmt *st = db_query(store->db, "SELECT tag FROM audit WHERE id = $1");
    db_bind_int(st, 1, id);
    enum cc_err err = seal_run_tag(st, tag);
    if (err == CC_OK)
        audit_write_seal(tag, ret);
    return err;
}
