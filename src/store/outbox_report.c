/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Finds the message of a status report. References are one byte: they come round again, some modems
 * never change theirs, some put another in the PDU than they tell (MODEMS 1 #20, 3). So the
 * centre's stamp has a say: it took the message when we sent it, or one of the clocks is wrong.
 */
#include "store/outbox_report.h"

#include "store/outbox_row.h"
#include "store/seal.h"

enum {
    CLOCKS_APART_MS = 2 * 60 * 1000, /* the centre's behind ours */
    TAKEN_LATE_MS = 5 * 60 * 1000,   /* a slow network, and the centre's clock ahead of ours */
    STAMP_MS = 999,                  /* stamps are whole seconds */
};

/* $1 number, $2 modem, $3 since, $4 said since, $5 box, $6 reference, $7-$8 the sent_ms that fit
 * the stamp, $9 the stamp */
#define MAY_BE_MEANT                                                                               \
    "phone_index = $1 AND modem = $2 AND sent_ms >= $3"                                            \
    " AND (state IN (1, 2, 5) OR (state = 0 AND is_repeat = 1)"                                    \
    " OR (state IN (3, 4) AND done_ms >= $4)) AND box = $5"
#define FITS "sent_ms BETWEEN $7 AND $8"
/* The last one sent before the stamp, else the first behind it. Where one second had several, each
 * report is for one that has had none. */
#define NEAREST                                                                                    \
    " CASE WHEN " FITS " AND sent_ms > $9 THEN 1 ELSE 0 END,"                                      \
    " CASE WHEN " FITS " AND state IN (3, 4) THEN 1 ELSE 0 END,"                                   \
    " CASE WHEN " FITS " THEN abs(sent_ms - $9) ELSE 0 END, sent_ms DESC, id DESC LIMIT 1"

static const char by_reference[] =
    "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE " MAY_BE_MEANT " AND reference IN ($6, -1)"
    " ORDER BY CASE WHEN " FITS
    " THEN 0 ELSE 2 END + CASE WHEN reference = $6 THEN 0 ELSE 1 END," NEAREST;
static const char by_stamp[] = "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE " MAY_BE_MEANT
                               " AND reference <> $6 AND " FITS " ORDER BY" NEAREST;

static enum cc_err find_message(struct store *store, const char *sql,
                                const struct outbox_report *report, struct outbox_message *ret)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    struct db_stmt *st = db_query(store->db, sql);
    bool has_stamp = report->submitted_ms > 0;
    seal_phone_index(store, report->number, phone_index);
    DB_BIND(st, 1, db_blob(phone_index, sizeof phone_index), db_text(report->modem),
            db_int(report->since_ms), db_int(report->said_since_ms), db_text(store->box),
            db_int(report->reference), db_int(has_stamp ? report->submitted_ms - TAKEN_LATE_MS : 1),
            db_int(has_stamp ? report->submitted_ms + CLOCKS_APART_MS : 0),
            db_int(report->submitted_ms + STAMP_MS));
    enum cc_err read = CC_ERR_NOT_FOUND;
    if (db_step(st))
        read = outbox_row_read(store, st, ret);
    return db_finish_with(st, read);
}

enum cc_err outbox_match_report(struct store *store, const struct outbox_report *report,
                                struct outbox_message *ret)
{
    struct outbox_message message;
    enum cc_err err = find_message(store, by_reference, report, &message);
    if (err == CC_ERR_NOT_FOUND)
        err = find_message(store, by_stamp, report, &message);
    if (err == CC_OK && message.state == OUTBOX_SENDING)
        err = CC_ERR_NOT_FOUND;
    if (err == CC_OK)
        *ret = message;
    secret_wipe(&message, sizeof message);
    return err;
}
