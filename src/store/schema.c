/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/schema.h"

#include "base/log.h"

#include <inttypes.h>
#include <stddef.h>

/*
 * Times are UTC ms, states the numbers of the enums in the headers, 0 stands for "none" in times
 * and ids. Rows that outlive what they point to (failures, messages, audit) have no foreign key.
 * Words in braces are each engine's (struct engine_word): {id} is a number that the engine draws
 * and never gives twice, for what the audit trail names; {row} may be given again when its row is
 * gone.
 */
static const char first_sql[] =
    "CREATE TABLE meta ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " number {int},"
    " bytes {bytes}"
    "){keyed};"

    /* The id is made of the NIF's blind index: see store/citizens.c. */
    "CREATE TABLE citizens ("
    " id {int} PRIMARY KEY,"
    " phone_index {bytes} NOT NULL,"
    " sealed {bytes} NOT NULL,"
    " state {int} NOT NULL,"
    " level {int} NOT NULL,"
    " channel {int} NOT NULL,"
    " failures_in_a_row {int} NOT NULL,"
    " locked {int} NOT NULL,"
    " created_ms {int} NOT NULL"
    "){table};"
    /* A phone belongs to a single NIF (DOMAIN 5), among the citizens who have not left. */
    "CREATE UNIQUE INDEX citizens_phone ON citizens (phone_index) WHERE state < 2;"

    "CREATE TABLE requests ("
    " id {id},"
    " public_id {bytes} NOT NULL UNIQUE,"
    " citizen_id {int} NOT NULL REFERENCES citizens (id) DEFERRABLE INITIALLY DEFERRED,"
    " client_id {int} NOT NULL,"
    " ip_tag {bytes},"
    " clave_tag {bytes} NOT NULL,"
    " code_tag {bytes} NOT NULL,"
    " created_ms {int} NOT NULL,"
    " expires_ms {int} NOT NULL,"
    " tries {int} NOT NULL,"
    " uses {int} NOT NULL"
    "){table};"
    "CREATE INDEX requests_expires ON requests (citizen_id, expires_ms);"
    "CREATE INDEX requests_created ON requests (citizen_id, created_ms);"

    "CREATE TABLE failures ("
    " id {row},"
    " citizen_id {int} NOT NULL,"
    " request_id {int} NOT NULL,"
    " ip_tag {bytes},"
    " created_ms {int} NOT NULL"
    "){table};"
    "CREATE INDEX failures_citizen ON failures (citizen_id, created_ms);"
    "CREATE INDEX failures_ip ON failures (ip_tag, created_ms) WHERE ip_tag IS NOT NULL;"
    "CREATE INDEX failures_town ON failures (created_ms);"

    "CREATE TABLE ip_requests ("
    " id {row},"
    " ip_tag {bytes} NOT NULL,"
    " created_ms {int} NOT NULL"
    "){table};"
    "CREATE INDEX ip_requests_ip ON ip_requests (ip_tag, created_ms);"

    /* done_ms is 0 as long as a further attempt can come; the queue's indexes hold those alone, so
     * that a month of sent messages costs them nothing. State comes first in them, or the planner
     * prefers outbox_state and sorts. */
    "CREATE TABLE outbox ("
    " id {id},"
    " row_key {bytes} NOT NULL,"
    " request_id {int} NOT NULL,"
    " class {int} NOT NULL,"
    " state {int} NOT NULL,"
    " phone_index {bytes} NOT NULL,"
    " phone {bytes} NOT NULL,"
    " text {bytes},"
    " created_ms {int} NOT NULL,"
    " not_before_ms {int} NOT NULL,"
    " expires_ms {int} NOT NULL,"
    " attempts {int} NOT NULL,"
    " crashes {int} NOT NULL DEFAULT 0,"
    " refusals {int} NOT NULL,"
    " is_repeat {int} NOT NULL,"
    " modem TEXT NOT NULL,"
    " reference {int} NOT NULL,"
    " sent_ms {int} NOT NULL,"
    " window_ends_ms {int} NOT NULL,"
    " done_ms {int} NOT NULL,"
    " cause_kind {int} NOT NULL,"
    " cause_code {int} NOT NULL"
    "){table};"
    "CREATE INDEX outbox_queue ON outbox (state, class, id, not_before_ms, expires_ms)"
    " WHERE done_ms = 0;"
    "CREATE INDEX outbox_due ON outbox (state, not_before_ms) WHERE done_ms = 0;"
    "CREATE INDEX outbox_expiry ON outbox (state, expires_ms) WHERE done_ms = 0;"
    "CREATE INDEX outbox_window ON outbox (state, window_ends_ms) WHERE done_ms = 0;"
    "CREATE INDEX outbox_report ON outbox (phone_index, reference, sent_ms);"
    "CREATE INDEX outbox_phone_day ON outbox (phone_index, created_ms) WHERE class < 2;"
    "CREATE INDEX outbox_state ON outbox (state);"

    "CREATE TABLE clients ("
    " id {id},"
    " name TEXT NOT NULL,"
    " scopes {int} NOT NULL,"
    " token_tag {bytes} NOT NULL UNIQUE,"
    " created_ms {int} NOT NULL,"
    " expires_ms {int} NOT NULL,"
    " revoked_ms {int} NOT NULL"
    "){table};"
    "CREATE UNIQUE INDEX clients_name ON clients (name) WHERE revoked_ms = 0;"

    "CREATE TABLE audit ("
    " id {int} PRIMARY KEY,"
    " at_ms {int} NOT NULL,"
    " event TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " subject {bytes},"
    " result TEXT NOT NULL,"
    " reference {int} NOT NULL,"
    " tag {bytes} NOT NULL"
    "){table};"

    "CREATE TABLE idempotency ("
    " id {row},"
    " key_tag {bytes} NOT NULL UNIQUE,"
    " request_tag {bytes} NOT NULL,"
    " status {int} NOT NULL,"
    " answer {bytes} NOT NULL,"
    " created_ms {int} NOT NULL"
    "){table};"

    "CREATE TABLE sim_pins ("
    " pair_tag {bytes} NOT NULL PRIMARY KEY,"
    " tried_ms {int} NOT NULL"
    "){keyed};";

/* Several modems: which one is not to get a message again at once, and how much each has had. */
static const char pool_sql[] =
    "ALTER TABLE outbox ADD COLUMN avoid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE outbox ADD COLUMN avoid_until_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox ADD COLUMN only_modem TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX outbox_modem ON outbox (modem, sent_ms) WHERE sent_ms > 0;";

#define SAMPLE_COLUMNS                                                                             \
    "grade, start_ms, modem, count, registered, rat, signal_sum, signal_count, signal_min,"        \
    " rsrp_sum, rsrp_count, rsrq_sum, rsrq_count, temperature_max, supply_min, storage_max,"       \
    " storage_total, sent, refused, unknown"

/* Readings of the modems, thinned with age, and their recoveries. */
static const char watch_sql[] =
    "CREATE TABLE samples ("
    " grade {int} NOT NULL," /* 0 a minute, 1 a quarter of an hour, 2 a day */
    " start_ms {int} NOT NULL,"
    " modem TEXT NOT NULL,"
    " count {int} NOT NULL,"
    " registered {int} NOT NULL,"
    " rat {int},"
    " signal_sum {int} NOT NULL,"
    " signal_count {int} NOT NULL,"
    " signal_min {int},"
    " rsrp_sum {int} NOT NULL,"
    " rsrp_count {int} NOT NULL,"
    " rsrq_sum {int} NOT NULL,"
    " rsrq_count {int} NOT NULL,"
    " temperature_max {int},"
    " supply_min {int},"
    " storage_max {int},"
    " storage_total {int},"
    " sent {int} NOT NULL,"
    " refused {int} NOT NULL,"
    " unknown {int} NOT NULL,"
    " PRIMARY KEY (grade, start_ms, modem)"
    "){keyed};"

    "CREATE TABLE recoveries ("
    " id {row},"
    " modem TEXT NOT NULL,"
    " at_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL,"
    " rung TEXT NOT NULL,"
    " evidence TEXT NOT NULL,"
    " worked {int} NOT NULL"
    "){table};"
    "CREATE INDEX recoveries_modem ON recoveries (modem, id);";

/* Received messages. A long message lies in groups and parts until it is whole. */
static const char inbox_sql[] =
    "CREATE TABLE inbox ("
    " id {id},"
    " row_key {bytes} NOT NULL,"
    " modem TEXT NOT NULL,"
    " kind {int} NOT NULL,"
    " sender {bytes} NOT NULL,"
    " text {bytes} NOT NULL,"
    " parts {int} NOT NULL,"
    " sent_ms {int} NOT NULL,"
    " received_ms {int} NOT NULL,"
    " read_ms {int} NOT NULL"
    "){table};"
    "CREATE INDEX inbox_unread ON inbox (kind, modem) WHERE read_ms = 0;"

    "CREATE TABLE inbox_groups ("
    " id {id},"
    " row_key {bytes} NOT NULL,"
    " tag {bytes} NOT NULL,"
    " modem TEXT NOT NULL,"
    " sender {bytes} NOT NULL,"
    " total {int} NOT NULL,"
    " sent_ms {int} NOT NULL,"
    " received_ms {int} NOT NULL"
    "){table};"
    "CREATE INDEX inbox_groups_tag ON inbox_groups (tag, id);"

    "CREATE TABLE inbox_parts ("
    " group_id {int} NOT NULL REFERENCES inbox_groups (id) DEFERRABLE INITIALLY DEFERRED,"
    " part_index {int} NOT NULL,"
    " part {bytes} NOT NULL,"
    " PRIMARY KEY (group_id, part_index)"
    "){keyed};"

    "CREATE TABLE inbox_seen ("
    " id {row},"
    " tag {bytes} NOT NULL UNIQUE,"
    " seen_ms {int} NOT NULL"
    "){table};"

    "CREATE TABLE balances ("
    " modem TEXT NOT NULL PRIMARY KEY,"
    " asked_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL DEFAULT 0,"
    " error TEXT NOT NULL DEFAULT '',"
    " told_ms {int} NOT NULL DEFAULT 0,"
    " row_key {bytes},"
    " text {bytes}"
    "){keyed};";

/*
 * The limits of DOMAIN 5. The contrast datum is sealed; NULL = none recorded. Failures are from now
 * on those that were compared: the others go, with the counter that was made of them. A refusal's
 * subject is the NIF's blind index, or zeros for all that are not registered.
 */
static const char limits_sql[] =
    "ALTER TABLE citizens ADD COLUMN contrast {bytes};"
    "ALTER TABLE citizens ADD COLUMN contrast_locked {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE citizens DROP COLUMN failures_in_a_row;"

    "ALTER TABLE requests ADD COLUMN with_contrast {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN replaced_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN touched {int} NOT NULL DEFAULT 0;" /* means nothing */

    "DELETE FROM failures WHERE request_id = 0;"
    "ALTER TABLE failures ADD COLUMN kind {int} NOT NULL DEFAULT 0;" /* 0 code, 1 contrast */
    "ALTER TABLE failures ADD COLUMN settled {int} NOT NULL DEFAULT 0;"

    "CREATE TABLE refusals ("
    " id {row},"
    " subject {bytes} NOT NULL,"
    " minute_ms {int} NOT NULL,"
    " actor TEXT NOT NULL,"
    " is_compared {int} NOT NULL,"
    " count {int} NOT NULL,"
    " audited {int} NOT NULL" /* how many of them the audit trail has */
    "){table};"
    "CREATE UNIQUE INDEX refusals_key ON refusals (subject, minute_ms, actor, is_compared);"
    "CREATE INDEX refusals_new ON refusals (minute_ms) WHERE audited < count;"

    "CREATE TABLE notices ("
    " citizen_id {int} NOT NULL,"
    " kind {int} NOT NULL,"
    " told_ms {int} NOT NULL,"
    " PRIMARY KEY (citizen_id, kind)"
    "){keyed};";

/*
 * Fewer pages for each message: a row leaves the indexes of what waits when it is claimed, those of
 * a number are one, and the few requests of a citizen are found by one index.
 */
static const char lean_sql[] = "DROP INDEX outbox_due;"
                               "DROP INDEX outbox_expiry;"
                               "DROP INDEX outbox_window;"
                               "DROP INDEX outbox_report;"
                               "DROP INDEX outbox_phone_day;"
                               "DROP INDEX outbox_state;"
                               "DROP INDEX requests_created;"
                               "CREATE INDEX outbox_due ON outbox (not_before_ms) WHERE state = 0;"
                               "CREATE INDEX outbox_expiry ON outbox (expires_ms) WHERE state = 0;"
                               "CREATE INDEX outbox_window ON outbox (window_ends_ms, expires_ms)"
                               " WHERE state = 5 AND done_ms = 0;"
                               "CREATE INDEX outbox_phone ON outbox (phone_index, created_ms);"
                               "CREATE INDEX outbox_done ON outbox (state) WHERE done_ms > 0;";

/* Row tags over the security columns: store/rowtag.h. NULL: never tagged. */
static const char tags_sql[] = "ALTER TABLE meta ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE clients ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE citizens ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE requests ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE failures ADD COLUMN row_tag {bytes};";

/* The IPv6 /48 of an end user. */
static const char address_sql[] =
    "ALTER TABLE failures ADD COLUMN ip_wide_tag {bytes};"
    "CREATE INDEX failures_ip_wide ON failures (ip_wide_tag, created_ms)"
    " WHERE ip_wide_tag IS NOT NULL;";

/*
 * The box whose modems a row is about (DESIGN 7). sim_pins has none: a SIM card that moves to
 * another box must not get a PIN there that it refused here. The columns of a primary key come
 * first, in its order: quick_check of SQLite 3.40 otherwise takes a good table WITHOUT ROWID for a
 * damaged one.
 */
static const char box_sql[] =
    "ALTER TABLE outbox ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE inbox ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE inbox_groups ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE recoveries ADD COLUMN box TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE new_seen ("
    " id {row},"
    " tag {bytes} NOT NULL,"
    " seen_ms {int} NOT NULL,"
    " box TEXT NOT NULL DEFAULT '',"
    " UNIQUE (tag, box)"
    "){table};"
    "INSERT INTO new_seen (id, tag, seen_ms) SELECT id, tag, seen_ms FROM inbox_seen;"
    "DROP TABLE inbox_seen;"
    "ALTER TABLE new_seen RENAME TO inbox_seen;"

    "CREATE TABLE new_balances ("
    " box TEXT NOT NULL DEFAULT '',"
    " modem TEXT NOT NULL,"
    " asked_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL DEFAULT 0,"
    " error TEXT NOT NULL DEFAULT '',"
    " told_ms {int} NOT NULL DEFAULT 0,"
    " row_key {bytes},"
    " text {bytes},"
    " PRIMARY KEY (box, modem)"
    "){keyed};"
    "INSERT INTO new_balances (modem, asked_ms, ended_ms, error, told_ms, row_key, text)"
    " SELECT modem, asked_ms, ended_ms, error, told_ms, row_key, text FROM balances;"
    "DROP TABLE balances;"
    "ALTER TABLE new_balances RENAME TO balances;"

    "CREATE TABLE new_samples (grade {int} NOT NULL, start_ms {int} NOT NULL,"
    " modem TEXT NOT NULL, box TEXT NOT NULL DEFAULT '', count {int} NOT NULL,"
    " registered {int} NOT NULL, rat {int}, signal_sum {int} NOT NULL,"
    " signal_count {int} NOT NULL, signal_min {int}, rsrp_sum {int} NOT NULL,"
    " rsrp_count {int} NOT NULL, rsrq_sum {int} NOT NULL, rsrq_count {int} NOT NULL,"
    " temperature_max {int}, supply_min {int}, storage_max {int}, storage_total {int},"
    " sent {int} NOT NULL, refused {int} NOT NULL, unknown {int} NOT NULL,"
    " PRIMARY KEY (grade, start_ms, modem, box)){keyed};"
    "INSERT INTO new_samples (" SAMPLE_COLUMNS ") SELECT " SAMPLE_COLUMNS " FROM samples;"
    "DROP TABLE samples;"
    "ALTER TABLE new_samples RENAME TO samples;";

/* Sending, paused by a person. */
static const char pause_sql[] =
    "CREATE TABLE pauses (box TEXT NOT NULL PRIMARY KEY, since_ms {int} NOT NULL,"
    " actor TEXT NOT NULL, reason TEXT NOT NULL){keyed};";

/* The people who log in. Password hash and one-time secret are sealed, codes and tokens are tags.
 */
static const char people_sql[] =
    "CREATE TABLE operators (id {id}, row_key {bytes} NOT NULL, name TEXT NOT NULL,"
    " folded TEXT NOT NULL UNIQUE, role {int} NOT NULL, active {int} NOT NULL,"
    " password {bytes} NOT NULL, language TEXT NOT NULL, totp_state {int} NOT NULL,"
    " totp {bytes}, totp_step {int} NOT NULL, codes {bytes}, created_ms {int} NOT NULL,"
    " changed_ms {int} NOT NULL, row_tag {bytes}){table};"
    "CREATE TABLE sessions (id {id}, operator_id {int} NOT NULL,"
    " token_tag {bytes} NOT NULL UNIQUE, created_ms {int} NOT NULL, used_ms {int} NOT NULL,"
    " address {bytes} NOT NULL, row_tag {bytes}){table};"
    "CREATE INDEX sessions_operator ON sessions (operator_id, id);";

/* A request that is withheld stays for a while, with NULL for its citizen: store/withheld.h. */
static const char withheld_sql[] =
    "DROP INDEX requests_expires;"
    "ALTER TABLE requests ADD COLUMN owner_id {int} REFERENCES citizens (id)"
    " DEFERRABLE INITIALLY DEFERRED;"
    "UPDATE requests SET owner_id = citizen_id;"
    "ALTER TABLE requests DROP COLUMN citizen_id;"
    "ALTER TABLE requests RENAME COLUMN owner_id TO citizen_id;"
    "CREATE INDEX requests_expires ON requests (citizen_id, expires_ms);"
    /* the queue's own index has these times too */
    "DROP INDEX outbox_expiry;";

/* Events of the box and its modems: store/events.h. */
static const char events_sql[] =
    "CREATE TABLE events (id {id}, box TEXT NOT NULL, kind {int} NOT NULL,"
    " level {int} NOT NULL, at_ms {int} NOT NULL, since_ms {int} NOT NULL,"
    " token TEXT NOT NULL, topic TEXT NOT NULL, modem TEXT NOT NULL,"
    " actor TEXT NOT NULL){table};"
    "CREATE INDEX events_topic ON events (topic, at_ms);";

/* Alerts to people, and how the last sending by each channel ended: store/alerts.h. */
static const char alerts_sql[] =
    "CREATE TABLE alerts (box TEXT NOT NULL, kind {int} NOT NULL, phase {int} NOT NULL,"
    " since_ms {int} NOT NULL, calm_ms {int} NOT NULL, opened_ms {int} NOT NULL,"
    " told_ms {int} NOT NULL, relapses {int} NOT NULL, mail_event {int} NOT NULL,"
    " mail_tries {int} NOT NULL, hook_event {int} NOT NULL, hook_tries {int} NOT NULL,"
    " sentence TEXT NOT NULL, action TEXT NOT NULL, cause TEXT NOT NULL,"
    " PRIMARY KEY (box, kind)){keyed};"
    "CREATE TABLE alert_results (box TEXT NOT NULL, channel {int} NOT NULL, at_ms {int} NOT NULL,"
    " is_sent {int} NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (box, channel)){keyed};";

/* Tables whose rows get tags, and an id to find them by. */
static const char more_tags_sql[] =
    "CREATE TABLE new_notices (id {row}, citizen_id {int} NOT NULL, kind {int} NOT NULL,"
    " told_ms {int} NOT NULL, row_tag {bytes}, UNIQUE (citizen_id, kind)){table};"
    "INSERT INTO new_notices (citizen_id, kind, told_ms)"
    " SELECT citizen_id, kind, told_ms FROM notices;"
    "DROP TABLE notices;"
    "ALTER TABLE new_notices RENAME TO notices;"
    "CREATE TABLE new_pins (id {row}, pair_tag {bytes} NOT NULL UNIQUE, tried_ms {int} NOT NULL,"
    " row_tag {bytes}){table};"
    "INSERT INTO new_pins (pair_tag, tried_ms) SELECT pair_tag, tried_ms FROM sim_pins;"
    "DROP TABLE sim_pins;"
    "ALTER TABLE new_pins RENAME TO sim_pins;";

/* Append only: a box in the field may be at any of these versions. */
static const char *const migrations[] = {first_sql,  pool_sql,   watch_sql,    inbox_sql,
                                         limits_sql, lean_sql,   tags_sql,     address_sql,
                                         box_sql,    pause_sql,  people_sql,   withheld_sql,
                                         events_sql, alerts_sql, more_tags_sql};

int64_t schema_newest(void)
{
    return (int64_t)(sizeof migrations / sizeof migrations[0]);
}

struct db_identity schema_identity(void)
{
    enum { APPLICATION_ID = 0x43434C56 }; /* "CCLV" */
    return (struct db_identity){APPLICATION_ID, schema_newest()};
}

int64_t schema_more_tags(void)
{
    int64_t version = schema_newest();
    while (migrations[version - 1] != more_tags_sql)
        version--;
    return version;
}

static enum cc_err apply_migration(struct db *db, int64_t version)
{
    enum cc_err err = db_exec_schema(db, migrations[version]);
    return err == CC_OK ? db_set_user_version(db, version + 1) : err;
}

enum cc_err schema_migrate_to(struct db *db, int64_t wanted)
{
    for (int64_t version = db_user_version(db); version < wanted; ++version) {
        enum cc_err err = db_begin(db);
        if (err == CC_OK)
            err = apply_migration(db, version);
        if (err == CC_OK)
            err = db_commit(db);
        if (err != CC_OK) {
            db_rollback(db);
            return err;
        }
        log_info("base de datos: al día con la versión %" PRId64, version + 1);
    }
    return CC_OK;
}

enum cc_err schema_migrate(struct db *db)
{
    return schema_migrate_to(db, schema_newest());
}
