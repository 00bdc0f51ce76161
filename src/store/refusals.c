/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/refusals.h"

#include "base/span.h"
#include "store/audit.h"
#include "store/db_ahead.h"
#include "store/seal.h"

#include <stdio.h>
#include <string.h>

enum {
    ACTOR_SIZE = 96,
    OWN_ROWS_MAX = 20, /* NIFs of one client and minute that have an audit row of their own */
};

/* The subjects of NIFs that are not registered: zeros, then a number of one byte. */
enum { NUMBER_AT = SECRET_TAG_BYTES - 1 };

static int64_t minute_of(int64_t now_ms)
{
    return now_ms - now_ms % MINUTE_MS;
}

void refusals_subject(const uint8_t nif_index[SECRET_TAG_BYTES], bool is_registered,
                      uint8_t ret[SECRET_TAG_BYTES])
{
    memset(ret, 0, NUMBER_AT);
    ret[NUMBER_AT] = nif_index[0];
    if (is_registered)
        memcpy(ret, nif_index, SECRET_TAG_BYTES);
}

static bool is_stranger(const uint8_t subject[SECRET_TAG_BYTES])
{
    static const uint8_t zeros[NUMBER_AT];
    return memcmp(subject, zeros, sizeof(zeros)) == 0;
}

enum cc_err refusals_add(struct store *store, const struct refusal *refusal, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO refusals (subject, minute_ms, actor, is_compared, count,"
                            " audited) VALUES ($1, $2, $3, $4, 1, 0)"
                            " ON CONFLICT (subject, minute_ms, actor, is_compared)"
                            " DO UPDATE SET count = refusals.count + 1");
    DB_BIND(st, 1, db_blob(refusal->subject, SECRET_TAG_BYTES), db_int(minute_of(now_ms)),
            db_text(refusal->actor), db_int(refusal->is_compared));
    return db_run_later(st);
}

enum cc_err refusals_count(struct store *store, const uint8_t subject[SECRET_TAG_BYTES],
                           int64_t now_ms, int64_t *ret_hour, int64_t *ret_minute)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT minute_ms, count FROM refusals WHERE subject = $1"
                            " AND minute_ms > $2 AND minute_ms <= $3 AND is_compared = 0");
    DB_BIND(st, 1, db_blob(subject, SECRET_TAG_BYTES), db_int(now_ms - HOUR_MS),
            db_int(minute_of(now_ms)));
    int64_t hour = 0, minute = 0;
    while (db_step(st)) {
        hour += db_column_int(st, 1);
        if (db_column_int(st, 0) == minute_of(now_ms))
            minute += db_column_int(st, 1);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK) {
        *ret_hour = hour;
        *ret_minute = minute;
    }
    return err;
}

/* The rows of one client and minute while they are read in order. */
struct batch {
    char actor[ACTOR_SIZE];
    int64_t minute_ms;
    int own_rows;
    int64_t together;
};

static enum cc_err append_row(struct store *store, const char *actor, const uint8_t *subject,
                              bool is_compared, int64_t count, int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = "verificacion",
        .actor = actor,
        .subject_index = subject,
        .result = is_compared ? "rechazado" : "sin_coincidencia",
        .reference = count,
    };
    return audit_append(store, &entry, now_ms, NULL);
}

static enum cc_err end_batch(struct store *store, const struct batch *batch, int64_t now_ms)
{
    if (batch->together == 0)
        return CC_OK;
    return append_row(store, batch->actor, NULL, false, batch->together, now_ms);
}

static enum cc_err take_row(struct store *store, struct db_stmt *st, struct batch *batch,
                            int64_t now_ms)
{
    uint8_t subject[SECRET_TAG_BYTES];
    const char *actor = db_column_text(st, 1);
    int64_t minute_ms = db_column_int(st, 2), count = db_column_int(st, 4);
    bool is_compared = db_column_int(st, 3) != 0;
    if (minute_ms != batch->minute_ms || strcmp(actor, batch->actor) != 0) {
        enum cc_err err = end_batch(store, batch, now_ms);
        if (err != CC_OK)
            return err;
        *batch = (struct batch){.minute_ms = minute_ms};
        (void)snprintf(batch->actor, sizeof(batch->actor), "%s", actor);
    }
    seal_copy_tag(st, 0, subject);
    if (!is_stranger(subject) && (is_compared || batch->own_rows < OWN_ROWS_MAX)) {
        batch->own_rows++;
        return append_row(store, batch->actor, subject, is_compared, count, now_ms);
    }
    batch->together += count;
    return CC_OK;
}

enum cc_err refusals_audit(struct store *store, int64_t now_ms, bool is_end)
{
    struct batch batch = {.minute_ms = -1};
    enum cc_err err = CC_OK;
    int64_t open_minute = is_end ? -1 : minute_of(now_ms);
    struct db_stmt *st =
        db_query(store->db, "SELECT subject, actor, minute_ms, is_compared, count - audited"
                            " FROM refusals WHERE audited < count AND minute_ms <> $1"
                            " ORDER BY minute_ms, actor, is_compared DESC, id");
    db_bind_int(st, 1, open_minute);
    while (err == CC_OK && db_step(st))
        err = take_row(store, st, &batch, now_ms);
    err = db_finish_with(st, err);
    if (err == CC_OK)
        err = end_batch(store, &batch, now_ms);
    if (err != CC_OK)
        return err;
    st = db_query(store->db, "UPDATE refusals SET audited = count"
                             " WHERE audited < count AND minute_ms <> $1");
    db_bind_int(st, 1, open_minute);
    return db_run(st);
}
