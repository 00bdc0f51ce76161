/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The migrations, in the order of their versions, from 1 on. Append only: a box in the field may be
 * at any of them, and a text that was released never changes.
 */
#include "store/schema_texts.h"

#include <stddef.h>

#define SAMPLE_COLUMNS                                                                             \
    "grade, start_ms, modem, count, registered, rat, signal_sum, signal_count, signal_min,"        \
    " rsrp_sum, rsrp_count, rsrq_sum, rsrq_count, temperature_max, supply_min, storage_max,"       \
    " storage_total, sent, refused, unknown"

const char *const schema_steps[] = {
    /* 1 */
    "CREATE TABLE meta ( name TEXT NOT NULL PRIMARY KEY, number {int}, bytes {bytes}){keyed};"
    /* The id is made of the NIF's blind index: see store/citizens.c. */
    "CREATE TABLE citizens ( id {int} PRIMARY KEY, phone_index {bytes} NOT NULL,"
    " sealed {bytes} NOT NULL, state {int} NOT NULL, level {int} NOT NULL,"
    " channel {int} NOT NULL, failures_in_a_row {int} NOT NULL, locked {int} NOT NULL,"
    " created_ms {int} NOT NULL){table};"
    /* A phone belongs to a single NIF (DOMAIN 5), among the citizens who have not left. */
    "CREATE UNIQUE INDEX citizens_phone ON citizens (phone_index) WHERE state < 2;"
    "CREATE TABLE requests ( id {id}, public_id {bytes} NOT NULL UNIQUE,"
    " citizen_id {int} NOT NULL REFERENCES citizens (id) DEFERRABLE INITIALLY DEFERRED,"
    " client_id {int} NOT NULL, ip_tag {bytes}, clave_tag {bytes} NOT NULL,"
    " code_tag {bytes} NOT NULL, created_ms {int} NOT NULL, expires_ms {int} NOT NULL,"
    " tries {int} NOT NULL, uses {int} NOT NULL){table};"
    "CREATE INDEX requests_expires ON requests (citizen_id, expires_ms);"
    "CREATE INDEX requests_created ON requests (citizen_id, created_ms);"
    "CREATE TABLE failures ( id {row}, citizen_id {int} NOT NULL, request_id {int} NOT NULL,"
    " ip_tag {bytes}, created_ms {int} NOT NULL){table};"
    "CREATE INDEX failures_citizen ON failures (citizen_id, created_ms);"
    "CREATE INDEX failures_ip ON failures (ip_tag, created_ms) WHERE ip_tag IS NOT NULL;"
    "CREATE INDEX failures_town ON failures (created_ms);"
    "CREATE TABLE ip_requests ( id {row}, ip_tag {bytes} NOT NULL,"
    " created_ms {int} NOT NULL){table};"
    "CREATE INDEX ip_requests_ip ON ip_requests (ip_tag, created_ms);"
    /* done_ms is 0 as long as a further attempt can come; the queue's indexes hold those alone, so
     * that a month of sent messages costs them nothing. State comes first in them, or the planner
     * prefers outbox_state and sorts. */
    "CREATE TABLE outbox ( id {id}, row_key {bytes} NOT NULL, request_id {int} NOT NULL,"
    " class {int} NOT NULL, state {int} NOT NULL, phone_index {bytes} NOT NULL,"
    " phone {bytes} NOT NULL, text {bytes}, created_ms {int} NOT NULL,"
    " not_before_ms {int} NOT NULL, expires_ms {int} NOT NULL, attempts {int} NOT NULL,"
    " crashes {int} NOT NULL DEFAULT 0, refusals {int} NOT NULL, is_repeat {int} NOT NULL,"
    " modem TEXT NOT NULL, reference {int} NOT NULL, sent_ms {int} NOT NULL,"
    " window_ends_ms {int} NOT NULL, done_ms {int} NOT NULL, cause_kind {int} NOT NULL,"
    " cause_code {int} NOT NULL){table};"
    "CREATE INDEX outbox_queue ON outbox (state, class, id, not_before_ms, expires_ms)"
    " WHERE done_ms = 0;"
    "CREATE INDEX outbox_due ON outbox (state, not_before_ms) WHERE done_ms = 0;"
    "CREATE INDEX outbox_expiry ON outbox (state, expires_ms) WHERE done_ms = 0;"
    "CREATE INDEX outbox_window ON outbox (state, window_ends_ms) WHERE done_ms = 0;"
    "CREATE INDEX outbox_report ON outbox (phone_index, reference, sent_ms);"
    "CREATE INDEX outbox_phone_day ON outbox (phone_index, created_ms) WHERE class < 2;"
    "CREATE INDEX outbox_state ON outbox (state);"
    "CREATE TABLE clients ( id {id}, name TEXT NOT NULL, scopes {int} NOT NULL,"
    " token_tag {bytes} NOT NULL UNIQUE, created_ms {int} NOT NULL, expires_ms {int} NOT NULL,"
    " revoked_ms {int} NOT NULL){table};"
    "CREATE UNIQUE INDEX clients_name ON clients (name) WHERE revoked_ms = 0;"
    "CREATE TABLE audit ( id {int} PRIMARY KEY, at_ms {int} NOT NULL, event TEXT NOT NULL,"
    " actor TEXT NOT NULL, subject {bytes}, result TEXT NOT NULL, reference {int} NOT NULL,"
    " tag {bytes} NOT NULL){table};"
    "CREATE TABLE idempotency ( id {row}, key_tag {bytes} NOT NULL UNIQUE,"
    " request_tag {bytes} NOT NULL, status {int} NOT NULL, answer {bytes} NOT NULL,"
    " created_ms {int} NOT NULL){table};"
    "CREATE TABLE sim_pins ( pair_tag {bytes} NOT NULL PRIMARY KEY,"
    " tried_ms {int} NOT NULL){keyed};",
    /* 2: Several modems: which one is not to get a message again at once, and how much each has
     * had. */
    "ALTER TABLE outbox ADD COLUMN avoid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE outbox ADD COLUMN avoid_until_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox ADD COLUMN only_modem TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX outbox_modem ON outbox (modem, sent_ms) WHERE sent_ms > 0;",
    /* 3: Readings of the modems, thinned with age, and their recoveries. */
    "CREATE TABLE samples ( grade {int} NOT NULL," /* 0 a minute, 1 a quarter of an hour, 2 a day */
    " start_ms {int} NOT NULL, modem TEXT NOT NULL, count {int} NOT NULL,"
    " registered {int} NOT NULL, rat {int}, signal_sum {int} NOT NULL,"
    " signal_count {int} NOT NULL, signal_min {int}, rsrp_sum {int} NOT NULL,"
    " rsrp_count {int} NOT NULL, rsrq_sum {int} NOT NULL, rsrq_count {int} NOT NULL,"
    " temperature_max {int}, supply_min {int}, storage_max {int}, storage_total {int},"
    " sent {int} NOT NULL, refused {int} NOT NULL, unknown {int} NOT NULL, PRIMARY KEY (grade,"
    " start_ms, modem)){keyed};"
    "CREATE TABLE recoveries ( id {row}, modem TEXT NOT NULL, at_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL, rung TEXT NOT NULL, evidence TEXT NOT NULL,"
    " worked {int} NOT NULL){table};"
    "CREATE INDEX recoveries_modem ON recoveries (modem, id);",
    /* 4: Received messages. A long message lies in groups and parts until it is whole. */
    "CREATE TABLE inbox ( id {id}, row_key {bytes} NOT NULL, modem TEXT NOT NULL,"
    " kind {int} NOT NULL, sender {bytes} NOT NULL, text {bytes} NOT NULL, parts {int} NOT NULL,"
    " sent_ms {int} NOT NULL, received_ms {int} NOT NULL, read_ms {int} NOT NULL){table};"
    "CREATE INDEX inbox_unread ON inbox (kind, modem) WHERE read_ms = 0;"
    "CREATE TABLE inbox_groups ( id {id}, row_key {bytes} NOT NULL, tag {bytes} NOT NULL,"
    " modem TEXT NOT NULL, sender {bytes} NOT NULL, total {int} NOT NULL,"
    " sent_ms {int} NOT NULL, received_ms {int} NOT NULL){table};"
    "CREATE INDEX inbox_groups_tag ON inbox_groups (tag, id);"
    "CREATE TABLE inbox_parts ( group_id {int} NOT NULL"
    " REFERENCES inbox_groups (id) DEFERRABLE INITIALLY DEFERRED, part_index {int} NOT NULL,"
    " part {bytes} NOT NULL, PRIMARY KEY (group_id, part_index)){keyed};"
    "CREATE TABLE inbox_seen ( id {row}, tag {bytes} NOT NULL UNIQUE,"
    " seen_ms {int} NOT NULL){table};"
    "CREATE TABLE balances ( modem TEXT NOT NULL PRIMARY KEY, asked_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',"
    " told_ms {int} NOT NULL DEFAULT 0, row_key {bytes}, text {bytes}){keyed};",
    /* 5: The limits of DOMAIN 5. The contrast datum is sealed; NULL = none recorded. Failures are
     * from now on those that were compared: the others go, with the counter that was made of
     * them. A refusal's subject is the NIF's blind index, or zeros for all that are not
     * registered. */
    "ALTER TABLE citizens ADD COLUMN contrast {bytes};"
    "ALTER TABLE citizens ADD COLUMN contrast_locked {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE citizens DROP COLUMN failures_in_a_row;"
    "ALTER TABLE requests ADD COLUMN with_contrast {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN replaced_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN touched {int} NOT NULL DEFAULT 0;" /* means nothing */
    "DELETE FROM failures WHERE request_id = 0;"
    "ALTER TABLE failures ADD COLUMN kind {int} NOT NULL DEFAULT 0;" /* 0 code, 1 contrast */
    "ALTER TABLE failures ADD COLUMN settled {int} NOT NULL DEFAULT 0;"
    "CREATE TABLE refusals ( id {row}, subject {bytes} NOT NULL, minute_ms {int} NOT NULL,"
    " actor TEXT NOT NULL, is_compared {int} NOT NULL, count {int} NOT NULL,"
    " audited {int} NOT NULL" /* how many of them the audit trail has */
    "){table};"
    "CREATE UNIQUE INDEX refusals_key ON refusals (subject, minute_ms, actor, is_compared);"
    "CREATE INDEX refusals_new ON refusals (minute_ms) WHERE audited < count;"
    "CREATE TABLE notices ( citizen_id {int} NOT NULL, kind {int} NOT NULL,"
    " told_ms {int} NOT NULL, PRIMARY KEY (citizen_id, kind)){keyed};",
    /* 6: Fewer pages for each message: a row leaves the indexes of what waits when it is claimed,
     * those of a number are one, and the few requests of a citizen are found by one index. */
    "DROP INDEX outbox_due;"
    "DROP INDEX outbox_expiry;"
    "DROP INDEX outbox_window;"
    "DROP INDEX outbox_report;"
    "DROP INDEX outbox_phone_day;"
    "DROP INDEX outbox_state;"
    "DROP INDEX requests_created;"
    "CREATE INDEX outbox_due ON outbox (not_before_ms) WHERE state = 0;"
    "CREATE INDEX outbox_expiry ON outbox (expires_ms) WHERE state = 0;"
    "CREATE INDEX outbox_window ON outbox (window_ends_ms, expires_ms) WHERE state = 5"
    " AND done_ms = 0;"
    "CREATE INDEX outbox_phone ON outbox (phone_index, created_ms);"
    "CREATE INDEX outbox_done ON outbox (state) WHERE done_ms > 0;",
    /* 7: Row tags over the security columns: store/rowtag.h. NULL: never tagged. */
    "ALTER TABLE meta ADD COLUMN row_tag {bytes};"
    "ALTER TABLE clients ADD COLUMN row_tag {bytes};"
    "ALTER TABLE citizens ADD COLUMN row_tag {bytes};"
    "ALTER TABLE requests ADD COLUMN row_tag {bytes};"
    "ALTER TABLE failures ADD COLUMN row_tag {bytes};",
    /* 8: The IPv6 /48 of an end user. */
    "ALTER TABLE failures ADD COLUMN ip_wide_tag {bytes};"
    "CREATE INDEX failures_ip_wide ON failures (ip_wide_tag, created_ms)"
    " WHERE ip_wide_tag IS NOT NULL;",
    /* 9: The box whose modems a row is about (DESIGN 7). sim_pins has none: a SIM card that moves
     * to another box must not get a PIN there that it refused here. The columns of a primary key
     * come first, in its order: quick_check of SQLite 3.40 otherwise takes a good table WITHOUT
     * ROWID for a damaged one. */
    "ALTER TABLE outbox ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE inbox ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE inbox_groups ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE recoveries ADD COLUMN box TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE new_seen ( id {row}, tag {bytes} NOT NULL, seen_ms {int} NOT NULL,"
    " box TEXT NOT NULL DEFAULT '', UNIQUE (tag, box)){table};"
    "INSERT INTO new_seen (id, tag, seen_ms) SELECT id, tag, seen_ms FROM inbox_seen;"
    "DROP TABLE inbox_seen;"
    "ALTER TABLE new_seen RENAME TO inbox_seen;"
    "CREATE TABLE new_balances ( box TEXT NOT NULL DEFAULT '', modem TEXT NOT NULL,"
    " asked_ms {int} NOT NULL, ended_ms {int} NOT NULL DEFAULT 0,"
    " error TEXT NOT NULL DEFAULT '', told_ms {int} NOT NULL DEFAULT 0, row_key {bytes},"
    " text {bytes}, PRIMARY KEY (box, modem)){keyed};"
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
    " sent {int} NOT NULL, refused {int} NOT NULL, unknown {int} NOT NULL, PRIMARY KEY (grade,"
    " start_ms, modem, box)){keyed};"
    "INSERT INTO new_samples (" SAMPLE_COLUMNS ") SELECT " SAMPLE_COLUMNS " FROM samples;"
    "DROP TABLE samples;"
    "ALTER TABLE new_samples RENAME TO samples;",
    /* 10: Sending, paused by a person. */
    "CREATE TABLE pauses (box TEXT NOT NULL PRIMARY KEY, since_ms {int} NOT NULL,"
    " actor TEXT NOT NULL, reason TEXT NOT NULL){keyed};",
    /* 11: The people who log in. Password hash and one-time secret are sealed, codes and tokens
     * are tags. */
    "CREATE TABLE operators (id {id}, row_key {bytes} NOT NULL, name TEXT NOT NULL,"
    " folded TEXT NOT NULL UNIQUE, role {int} NOT NULL, active {int} NOT NULL,"
    " password {bytes} NOT NULL, language TEXT NOT NULL, totp_state {int} NOT NULL,"
    " totp {bytes}, totp_step {int} NOT NULL, codes {bytes}, created_ms {int} NOT NULL,"
    " changed_ms {int} NOT NULL, row_tag {bytes}){table};"
    "CREATE TABLE sessions (id {id}, operator_id {int} NOT NULL,"
    " token_tag {bytes} NOT NULL UNIQUE, created_ms {int} NOT NULL, used_ms {int} NOT NULL,"
    " address {bytes} NOT NULL, row_tag {bytes}){table};"
    "CREATE INDEX sessions_operator ON sessions (operator_id, id);",
    /* 12: A request that is withheld stays for a while, with NULL for its citizen:
     * store/withheld.h. */
    "DROP INDEX requests_expires;"
    "ALTER TABLE requests ADD COLUMN owner_id {int}"
    " REFERENCES citizens (id) DEFERRABLE INITIALLY DEFERRED;"
    "UPDATE requests SET owner_id = citizen_id;"
    "ALTER TABLE requests DROP COLUMN citizen_id;"
    "ALTER TABLE requests RENAME COLUMN owner_id TO citizen_id;"
    "CREATE INDEX requests_expires ON requests (citizen_id, expires_ms);"
    /* the queue's own index has these times too */
    "DROP INDEX outbox_expiry;",
    /* 13: Events of the box and its modems: store/events.h. */
    "CREATE TABLE events (id {id}, box TEXT NOT NULL, kind {int} NOT NULL, level {int} NOT NULL,"
    " at_ms {int} NOT NULL, since_ms {int} NOT NULL, token TEXT NOT NULL, topic TEXT NOT NULL,"
    " modem TEXT NOT NULL, actor TEXT NOT NULL){table};"
    "CREATE INDEX events_topic ON events (topic, at_ms);",
    /* 14: Alerts to people, and how the last sending by each channel ended: store/alerts.h. */
    "CREATE TABLE alerts (box TEXT NOT NULL, kind {int} NOT NULL, phase {int} NOT NULL,"
    " since_ms {int} NOT NULL, calm_ms {int} NOT NULL, opened_ms {int} NOT NULL,"
    " told_ms {int} NOT NULL, relapses {int} NOT NULL, mail_event {int} NOT NULL,"
    " mail_tries {int} NOT NULL, hook_event {int} NOT NULL, hook_tries {int} NOT NULL,"
    " sentence TEXT NOT NULL, action TEXT NOT NULL, cause TEXT NOT NULL, PRIMARY KEY (box,"
    " kind)){keyed};"
    "CREATE TABLE alert_results (box TEXT NOT NULL, channel {int} NOT NULL,"
    " at_ms {int} NOT NULL, is_sent {int} NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (box,"
    " channel)){keyed};",
    /* 15: Tables whose rows get tags, and an id to find them by. */
    "CREATE TABLE new_notices (id {row}, citizen_id {int} NOT NULL, kind {int} NOT NULL,"
    " told_ms {int} NOT NULL, row_tag {bytes}, UNIQUE (citizen_id, kind)){table};"
    "INSERT INTO new_notices (citizen_id, kind, told_ms) SELECT citizen_id, kind, told_ms"
    " FROM notices;"
    "DROP TABLE notices;"
    "ALTER TABLE new_notices RENAME TO notices;"
    "CREATE TABLE new_pins (id {row}, pair_tag {bytes} NOT NULL UNIQUE, tried_ms {int} NOT NULL,"
    " row_tag {bytes}){table};"
    "INSERT INTO new_pins (pair_tag, tried_ms) SELECT pair_tag, tried_ms FROM sim_pins;"
    "DROP TABLE sim_pins;"
    "ALTER TABLE new_pins RENAME TO sim_pins;",
    /* 16: The queue and the durations of deliveries of the whole box: store/samples.h. */
    "CREATE TABLE box_samples (grade {int} NOT NULL, start_ms {int} NOT NULL, box TEXT NOT NULL,"
    " count {int} NOT NULL, queued_max {int} NOT NULL, PRIMARY KEY (grade, start_ms,"
    " box)){keyed};"
    "CREATE TABLE deliveries (grade {int} NOT NULL, start_ms {int} NOT NULL, box TEXT NOT NULL,"
    " seconds {int} NOT NULL, count {int} NOT NULL, PRIMARY KEY (grade, start_ms, box,"
    " seconds)){keyed};",
    /* 17: The history of each registration; its personal part is sealed. */
    "CREATE TABLE life (id {id}, citizen_id {int} NOT NULL, act {int} NOT NULL,"
    " channel {int} NOT NULL, at_ms {int} NOT NULL, message_id {int} NOT NULL,"
    " sealed {bytes} NOT NULL){table};"
    "CREATE INDEX life_citizen ON life (citizen_id, id);",
    /* 18: Last two entries of each person. They decide nothing and carry no tag. */
    "ALTER TABLE citizens ADD COLUMN entered_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE citizens ADD COLUMN entered_before_ms {int} NOT NULL DEFAULT 0;",
    /* 19: The whole blind index of each NIF, which opens a row whose NIF nobody has typed: for
     * lists. Of the rows that are there, the trail of audit has it with their alta. It needs no
     * tag: with another one the row does not open. */
    "ALTER TABLE citizens ADD COLUMN nif_index {bytes};"
    "CREATE INDEX audit_altas ON audit (reference) WHERE event = 'alta';"
    "UPDATE citizens SET nif_index = (SELECT subject FROM audit WHERE event = 'alta'"
    " AND reference = citizens.id ORDER BY audit.id DESC LIMIT 1);"
    "DROP INDEX audit_altas;",
    /* 20: What a request needs to be sent again, sealed: store/requests_id.c. NULL: none was
     * kept, or the request has ended. */
    "ALTER TABLE requests ADD COLUMN resent_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN cancelled_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN sealed {bytes};",
    /* 21: Online altas until a clerk has decided; what is personal is sealed:
     * store/applications.h. */
    "CREATE TABLE applications (id {id}, public_id {bytes} NOT NULL UNIQUE,"
    " client_id {int} NOT NULL, state {int} NOT NULL, created_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL, code_ms {int} NOT NULL, tries {int} NOT NULL,"
    " sends {int} NOT NULL, bytes {int} NOT NULL, code_tag {bytes} NOT NULL, ip_tag {bytes},"
    " ip_wide_tag {bytes}, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX applications_state ON applications (state, created_ms);"
    "CREATE INDEX applications_created ON applications (created_ms);"
    "CREATE INDEX applications_ip ON applications (ip_tag, created_ms) WHERE ip_tag IS NOT NULL;"
    "CREATE INDEX applications_ip_wide ON applications (ip_wide_tag, created_ms)"
    " WHERE ip_wide_tag IS NOT NULL;",
    /* 22: Instant of the baja: store/retention.h. It has no tag: before data go it is held
     * against the history. */
    "ALTER TABLE citizens ADD COLUMN gone_ms {int} NOT NULL DEFAULT 0;"
    "UPDATE citizens SET gone_ms = coalesce((SELECT max(at_ms) FROM life"
    " WHERE life.citizen_id = citizens.id), created_ms) WHERE state = 2;"
    "CREATE INDEX citizens_gone ON citizens (gone_ms) WHERE gone_ms > 0;",
    /* 23: Last use of a request: an entry writes its row already. Swept rows leave theirs to the
     * person's. */
    "ALTER TABLE requests ADD COLUMN entered_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE citizens DROP COLUMN entered_before_ms;",
    /* 24: Who waits for the proof of a mobile (state 4) keeps that mobile to a single NIF too.
     * The codes by which one is proven at the desk: store/phone_codes.h. */
    "DROP INDEX citizens_phone;"
    "CREATE UNIQUE INDEX citizens_phone ON citizens (phone_index) WHERE state < 2 OR state = 4;"
    "CREATE TABLE phone_codes (citizen_id {int} PRIMARY KEY, code_ms {int} NOT NULL,"
    " tries {int} NOT NULL, sends {int} NOT NULL, message_id {int} NOT NULL,"
    " code_tag {bytes} NOT NULL, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX phone_codes_sent ON phone_codes (code_ms);",
    /* 25: An import of people on its way into the registry, in sealed parts: store/imports.h.
     * They decide nothing without the order, part 0, and carry no tag: sealed, they open only as
     * they were written. */
    "CREATE TABLE import_parts (part {int} PRIMARY KEY, sealed {bytes} NOT NULL){table};",
    /* 26: Evidence of each entry, with the number of its row in the trail of audit:
     * store/evidence.h. */
    "CREATE TABLE evidence (id {int} PRIMARY KEY, at_ms {int} NOT NULL,"
    " is_settled {int} NOT NULL, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX evidence_open ON evidence (id) WHERE is_settled = 0;",
    /* 27: Figures of each month: store/monthly.h. They decide nothing and have no tag. */
    "CREATE TABLE monthly (month {int} NOT NULL, kind {int} NOT NULL, count {int} NOT NULL,"
    " PRIMARY KEY (month, kind)){keyed};",
    /* 28: The list of one state, page after page. */
    "CREATE INDEX applications_list ON applications (state, id);",
    /* 29: Those who are active when their changes begin to be counted: kind 12 of month 0. */
    "INSERT INTO monthly (month, kind, count) SELECT 0, 12, count(*) FROM citizens"
    " WHERE state = 0 ON CONFLICT (month, kind) DO NOTHING;",
    /* 30: From where a client may call, its token of before, and its last use: store/clients.h. */
    "ALTER TABLE clients ADD COLUMN networks TEXT;"
    "ALTER TABLE clients ADD COLUMN old_token_tag {bytes};"
    "ALTER TABLE clients ADD COLUMN old_ends_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE clients ADD COLUMN used_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE clients ADD COLUMN token_used_ms {int} NOT NULL DEFAULT 0;",
    /* 31: Rows of evidence that still have the end users' addresses. */
    "CREATE INDEX evidence_settled ON evidence (id) WHERE is_settled = 1;",
    /* 32: Mails (store/mails.h) and the addresses of people and of online altas (store/emails.h).
     * Sealed, bound to what decides something of their rows, and without a tag. */
    "CREATE TABLE mails (id {id}, box TEXT NOT NULL, message_id {bytes} NOT NULL UNIQUE,"
    " kind {int} NOT NULL, state {int} NOT NULL, owner {bytes} NOT NULL,"
    " created_ms {int} NOT NULL, not_before_ms {int} NOT NULL, expires_ms {int} NOT NULL,"
    " attempts {int} NOT NULL, refusals {int} NOT NULL, done_ms {int} NOT NULL,"
    " reply {int} NOT NULL, sealed {bytes}){table};"
    "CREATE INDEX mails_due ON mails (box, not_before_ms) WHERE done_ms = 0;"
    "CREATE INDEX mails_done ON mails (done_ms) WHERE done_ms > 0;"
    "CREATE INDEX mails_owner ON mails (owner, id);"
    "CREATE TABLE emails (owner {bytes} PRIMARY KEY, created_ms {int} NOT NULL,"
    " proven_ms {int} NOT NULL, dead_ms {int} NOT NULL, link_ms {int} NOT NULL,"
    " sends {int} NOT NULL, link_tag {bytes} NOT NULL, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX emails_link ON emails (link_tag) WHERE link_ms > 0;"
    "CREATE INDEX emails_dead ON emails (dead_ms) WHERE dead_ms > 0;",
    /* 33: The TLS certificates that a client must show: domain/pins.h. */
    "ALTER TABLE clients ADD COLUMN certificates TEXT;",
    /* 34: The secrets that persons are known by: store/credentials.h. */
    "CREATE TABLE credentials (id {id}, citizen_id {int} NOT NULL, kind {int} NOT NULL,"
    " state {int} NOT NULL, secret {bytes} NOT NULL, must_change {int} NOT NULL,"
    " expires_ms {int} NOT NULL, created_ms {int} NOT NULL, code_purpose {int} NOT NULL,"
    " code_id {bytes} UNIQUE, code_tag {bytes}, code_sent_ms {int} NOT NULL,"
    " code_tries {int} NOT NULL, code_message_id {int} NOT NULL, code_contrast {int} NOT NULL,"
    " row_tag {bytes}, UNIQUE (citizen_id, kind)){table};"
    "CREATE INDEX credentials_state ON credentials (state, id);",
    /* 35: Boxes that share the database, and when each was there and could send last:
     * store/boxes.h. */
    "CREATE TABLE boxes (box TEXT NOT NULL PRIMARY KEY, seen_ms {int} NOT NULL,"
    " sends_ms {int} NOT NULL){keyed};",
    /* 36: Subkeys of each master key that was replaced, sealed: store/key_check.h. The index is
     * for a change of the key, which goes through the addresses by it. */
    "CREATE TABLE old_keys (number {int} PRIMARY KEY, ended_ms {int} NOT NULL,"
    " sealed {bytes} NOT NULL){table};"
    "CREATE INDEX emails_created ON emails (created_ms);",
    /* 37: What each of them tells of its modems, and which one does the work that is done once. */
    "ALTER TABLE boxes ADD COLUMN modems {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE boxes ADD COLUMN ready {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE boxes ADD COLUMN leads {int} NOT NULL DEFAULT 0;",
    /* 38: The address that an entry of the audit trail came from: store/audit_ip.h. */
    "ALTER TABLE audit ADD COLUMN ip {bytes};",
    NULL,
};
