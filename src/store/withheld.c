/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/withheld.h"

#include "store/outbox_row.h"
#include "store/requests.h"
#include "store/requests_id.h"
#include "store/rowtag.h"
#include "store/seal.h"

static const int64_t message_kept_ms = 60000;

const struct phone withheld_phone = {"+34000000000"};

_Static_assert(OUTBOX_WITHHELD == 8, "the number is in the statements");

/* The name that stands for a modem: no configuration can have it. */
static const char no_modem[] = "-";

/* What outbox_next() reads of a message that is sent. */
static enum cc_err read_message(struct store *store, int64_t message_id)
{
    struct outbox_message message = {0};
    struct db_stmt *st = db_query(store->db, "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE id = $1");
    db_bind_int(st, 1, message_id);
    enum cc_err err =
        db_finish_with(st, db_step(st) ? outbox_row_read(store, st, &message) : CC_OK);
    secret_wipe(&message, sizeof(message));
    return err;
}

enum cc_err withheld_mark(struct store *store, int64_t message_id, int64_t now_ms)
{
    enum cc_err err = read_message(store, message_id);
    if (err != CC_OK)
        return err;
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET state = 8, attempts = attempts + 1, modem = $1,"
                            " sent_ms = $2 WHERE id = $3 AND state = 0");
    DB_BIND(st, 1, db_text(no_modem), db_int(now_ms), db_int(message_id));
    return db_run(st);
}

static enum cc_err forget_requests(struct store *store, int64_t now_ms, int64_t max)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM requests WHERE id IN (SELECT id FROM (SELECT id,"
                            " expires_ms FROM requests WHERE citizen_id IS NULL"
                            " ORDER BY expires_ms, id LIMIT $1) AS oldest WHERE expires_ms <= $2"
                            " OR id <= (SELECT max(id) FROM requests) - $3)"
                            " RETURNING row_tag");
    DB_BIND(st, 1, db_int(max), db_int(now_ms - REQUESTS_KNOWN_AFTER_MS), db_int(REQUESTS_KNOWN));
    return err_allow_absent(rowtag_run_delete(store, ROWTAG_REQUESTS, st));
}

static enum cc_err forget_messages(struct store *store, int64_t now_ms, int64_t max)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, withheld_phone.e164, phone_index);
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM outbox WHERE id IN (SELECT id FROM (SELECT id,"
                            " created_ms FROM outbox WHERE phone_index = $1"
                            " ORDER BY created_ms, id LIMIT $2) AS oldest WHERE created_ms <= $3)");
    DB_BIND(st, 1, db_blob(phone_index, sizeof(phone_index)), db_int(max),
            db_int(now_ms - message_kept_ms));
    return db_run(st);
}

enum cc_err withheld_forget(struct store *store, int64_t now_ms, int64_t max)
{
    enum cc_err err = forget_requests(store, now_ms, max);
    return err == CC_OK ? forget_messages(store, now_ms, max) : err;
}
