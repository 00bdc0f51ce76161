/* SPDX-License-Identifier: EUPL-1.2 */
/* Tables of a box and its modems: what they told, received and suffered. */
#include "store/schema_texts.h"

/* Several modems: which one is not to get a message again at once, and how much each has had. */
const char schema_pool_sql[] =
    "ALTER TABLE outbox ADD COLUMN avoid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE outbox ADD COLUMN avoid_until_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox ADD COLUMN only_modem TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX outbox_modem ON outbox (modem, sent_ms) WHERE sent_ms > 0;";

#define SAMPLE_COLUMNS                                                                             \
    "grade, start_ms, modem, count, registered, rat, signal_sum, signal_count, signal_min,"        \
    " rsrp_sum, rsrp_count, rsrq_sum, rsrq_count, temperature_max, supply_min, storage_max,"       \
    " storage_total, sent, refused, unknown"

/* Readings of the modems, thinned with age, and their recoveries. */
const char schema_watch_sql[] =
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
const char schema_inbox_sql[] =
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
 * The box whose modems a row is about (DESIGN 7). sim_pins has none: a SIM card that moves to
 * another box must not get a PIN there that it refused here. The columns of a primary key come
 * first, in its order: quick_check of SQLite 3.40 otherwise takes a good table WITHOUT ROWID for a
 * damaged one.
 */
const char schema_box_sql[] =
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
const char schema_pause_sql[] =
    "CREATE TABLE pauses (box TEXT NOT NULL PRIMARY KEY, since_ms {int} NOT NULL,"
    " actor TEXT NOT NULL, reason TEXT NOT NULL){keyed};";

/* Events of the box and its modems: store/events.h. */
const char schema_events_sql[] =
    "CREATE TABLE events (id {id}, box TEXT NOT NULL, kind {int} NOT NULL,"
    " level {int} NOT NULL, at_ms {int} NOT NULL, since_ms {int} NOT NULL,"
    " token TEXT NOT NULL, topic TEXT NOT NULL, modem TEXT NOT NULL,"
    " actor TEXT NOT NULL){table};"
    "CREATE INDEX events_topic ON events (topic, at_ms);";

/* Alerts to people, and how the last sending by each channel ended: store/alerts.h. */
const char schema_alerts_sql[] =
    "CREATE TABLE alerts (box TEXT NOT NULL, kind {int} NOT NULL, phase {int} NOT NULL,"
    " since_ms {int} NOT NULL, calm_ms {int} NOT NULL, opened_ms {int} NOT NULL,"
    " told_ms {int} NOT NULL, relapses {int} NOT NULL, mail_event {int} NOT NULL,"
    " mail_tries {int} NOT NULL, hook_event {int} NOT NULL, hook_tries {int} NOT NULL,"
    " sentence TEXT NOT NULL, action TEXT NOT NULL, cause TEXT NOT NULL,"
    " PRIMARY KEY (box, kind)){keyed};"
    "CREATE TABLE alert_results (box TEXT NOT NULL, channel {int} NOT NULL, at_ms {int} NOT NULL,"
    " is_sent {int} NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (box, channel)){keyed};";

/* The queue and the durations of deliveries of the whole box: store/box_samples.h. */
const char schema_box_samples_sql[] =
    "CREATE TABLE box_samples (grade {int} NOT NULL, start_ms {int} NOT NULL, box TEXT NOT NULL,"
    " count {int} NOT NULL, queued_max {int} NOT NULL,"
    " PRIMARY KEY (grade, start_ms, box)){keyed};"
    "CREATE TABLE deliveries (grade {int} NOT NULL, start_ms {int} NOT NULL, box TEXT NOT NULL,"
    " seconds {int} NOT NULL, count {int} NOT NULL,"
    " PRIMARY KEY (grade, start_ms, box, seconds)){keyed};";

/* Boxes that share the database, and when each was there and could send last: store/boxes.h. */
const char schema_boxes_sql[] = "CREATE TABLE boxes (box TEXT NOT NULL PRIMARY KEY,"
                                " seen_ms {int} NOT NULL, sends_ms {int} NOT NULL){keyed};";

/* What each of them tells of its modems, and which one does the work that is done once. */
const char schema_box_states_sql[] = "ALTER TABLE boxes ADD COLUMN modems {int} NOT NULL DEFAULT 0;"
                                     "ALTER TABLE boxes ADD COLUMN ready {int} NOT NULL DEFAULT 0;"
                                     "ALTER TABLE boxes ADD COLUMN leads {int} NOT NULL DEFAULT 0;";
