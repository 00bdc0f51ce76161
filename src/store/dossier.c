/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/dossier.h"

#include "store/audit_ip.h"
#include "store/seal.h"

/* What is asked; the index must last until the rows are read. */
struct question {
    const struct citizen *citizen;
    int64_t before_id;
    uint8_t phone_index[SECRET_TAG_BYTES];
};

static struct db_stmt *ask_requests(struct store *store, const struct question *question)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT id, created_ms, expires_ms, tries, uses, with_contrast"
                            " FROM requests WHERE citizen_id = $1 AND id < $2"
                            " ORDER BY id DESC LIMIT $3");
    DB_BIND(st, 1, db_int(question->citizen->id), db_int(question->before_id),
            db_int(DOSSIER_PAGE));
    return st;
}

static void read_request(const struct store *store, struct db_stmt *st, struct dossier_row *ret)
{
    (void)store;
    ret->expires_ms = db_column_int(st, 2);
    ret->tries = db_column_int(st, 3);
    ret->uses = db_column_int(st, 4);
    ret->with_contrast = db_column_int(st, 5) != 0;
}

/* A notice names no person: of a phone that others share, only what has a request of this one. */
static struct db_stmt *ask_messages(struct store *store, const struct question *question)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT id, created_ms, class, state, sent_ms, done_ms FROM outbox"
                            " WHERE phone_index = $1 AND id < $2 AND"
                            " (request_id IN (SELECT id FROM requests WHERE citizen_id = $3)"
                            " OR (request_id = 0 AND $4 = 0)) ORDER BY id DESC LIMIT $5");
    DB_BIND(st, 1, db_blob(question->phone_index, SECRET_TAG_BYTES), db_int(question->before_id),
            db_int(question->citizen->id), db_int(question->citizen->shares_phone),
            db_int(DOSSIER_PAGE));
    return st;
}

static void read_message(const struct store *store, struct db_stmt *st, struct dossier_row *ret)
{
    (void)store;
    ret->class = (enum outbox_class)db_column_int(st, 2);
    ret->state = (enum outbox_state)db_column_int(st, 3);
    ret->sent_ms = db_column_int(st, 4);
    ret->done_ms = db_column_int(st, 5);
}

static struct db_stmt *ask_failures(struct store *store, const struct question *question)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT id, created_ms, kind FROM failures"
                            " WHERE citizen_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    DB_BIND(st, 1, db_int(question->citizen->id), db_int(question->before_id),
            db_int(DOSSIER_PAGE));
    return st;
}

static void read_failure(const struct store *store, struct db_stmt *st, struct dossier_row *ret)
{
    (void)store;
    ret->failure = (enum failure_kind)db_column_int(st, 2);
}

static struct db_stmt *ask_audit(struct store *store, const struct question *question)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT id, at_ms, event, actor, result, ip"
                            " FROM audit WHERE id < $1 AND id >= $2 AND subject = $3"
                            " ORDER BY id DESC LIMIT $4");
    DB_BIND(st, 1, db_int(question->before_id), db_int(question->before_id - DOSSIER_AUDIT_READ),
            db_blob(question->citizen->nif_index, SECRET_TAG_BYTES), db_int(DOSSIER_PAGE));
    return st;
}

static void read_audit(const struct store *store, struct db_stmt *st, struct dossier_row *ret)
{
    struct audit_ip ip;
    ret->event = db_column_text(st, 2);
    ret->actor = db_column_text(st, 3);
    ret->result = db_column_text(st, 4);
    audit_ip_read(st, 5, &ip);
    audit_ip_open(store, ret->id, ret->at_ms, &ip, ret->address);
    evidence_id_of_act(store, ret->id, ret->event, ret->result, ret->evidence);
}

static const struct {
    struct db_stmt *(*ask)(struct store *store, const struct question *question);
    void (*read)(const struct store *store, struct db_stmt *st, struct dossier_row *ret);
} parts[DOSSIER_PARTS] = {
    [DOSSIER_REQUESTS] = {ask_requests, read_request},
    [DOSSIER_MESSAGES] = {ask_messages, read_message},
    [DOSSIER_FAILURES] = {ask_failures, read_failure},
    [DOSSIER_AUDIT] = {ask_audit, read_audit},
};

static enum cc_err find_last_audit(struct store *store, int64_t *ret_id)
{
    return db_run_int(db_query(store->db, "SELECT coalesce(max(id), 0) AS n FROM audit"), ret_id);
}

enum cc_err dossier_list(struct store *store, const struct citizen *citizen, enum dossier_part part,
                         int64_t before_id, dossier_visit_fn visit, void *user, int64_t *ret_next)
{
    struct question question = {.citizen = citizen, .before_id = before_id};
    int64_t last = 0, count = 0;
    enum cc_err err = part == DOSSIER_AUDIT ? find_last_audit(store, &last) : CC_OK;
    if (err != CC_OK)
        return err;
    if (part == DOSSIER_AUDIT && before_id > last)
        question.before_id = last + 1;
    seal_phone_index(store, citizen->phone.e164, question.phone_index);
    struct db_stmt *st = parts[part].ask(store, &question);
    struct dossier_row row = {0};
    for (; db_step(st); count++) {
        row = (struct dossier_row){.id = db_column_int(st, 0), .at_ms = db_column_int(st, 1)};
        parts[part].read(store, st, &row);
        visit(&row, user);
    }
    err = db_finish(st);
    int64_t next = count == DOSSIER_PAGE ? row.id : 0;
    if (part == DOSSIER_AUDIT && next == 0 && question.before_id > DOSSIER_AUDIT_READ + 1)
        next = question.before_id - DOSSIER_AUDIT_READ;
    if (err == CC_OK)
        *ret_next = next;
    return err;
}
