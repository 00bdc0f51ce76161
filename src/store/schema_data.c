/* SPDX-License-Identifier: EUPL-1.2 */
/* Tables of the citizens, their requests, the queue, and those who may call. */
#include "store/schema_texts.h"

const char schema_first_sql[] =
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

/*
 * The limits of DOMAIN 5. The contrast datum is sealed; NULL = none recorded. Failures are from now
 * on those that were compared: the others go, with the counter that was made of them. A refusal's
 * subject is the NIF's blind index, or zeros for all that are not registered.
 */
const char schema_limits_sql[] =
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
const char schema_lean_sql[] = "DROP INDEX outbox_due;"
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
const char schema_tags_sql[] = "ALTER TABLE meta ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE clients ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE citizens ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE requests ADD COLUMN row_tag {bytes};"
                               "ALTER TABLE failures ADD COLUMN row_tag {bytes};";

/* The IPv6 /48 of an end user. */
const char schema_address_sql[] =
    "ALTER TABLE failures ADD COLUMN ip_wide_tag {bytes};"
    "CREATE INDEX failures_ip_wide ON failures (ip_wide_tag, created_ms)"
    " WHERE ip_wide_tag IS NOT NULL;";

/* The history of each registration; its personal part is sealed. */
const char schema_life_sql[] =
    "CREATE TABLE life (id {id}, citizen_id {int} NOT NULL, act {int} NOT NULL,"
    " channel {int} NOT NULL, at_ms {int} NOT NULL, message_id {int} NOT NULL,"
    " sealed {bytes} NOT NULL){table};"
    "CREATE INDEX life_citizen ON life (citizen_id, id);";

/*
 * The whole blind index of each NIF, which opens a row whose NIF nobody has typed: for lists. Of
 * the rows that are there, the trail of audit has it with their alta. It needs no tag: with another
 * one the row does not open.
 */
const char schema_lists_sql[] =
    "ALTER TABLE citizens ADD COLUMN nif_index {bytes};"
    "CREATE INDEX audit_altas ON audit (reference) WHERE event = 'alta';"
    "UPDATE citizens SET nif_index = (SELECT subject FROM audit WHERE event = 'alta'"
    " AND reference = citizens.id ORDER BY audit.id DESC LIMIT 1);"
    "DROP INDEX audit_altas;";

/* Instant of the baja: store/retention.h. It has no tag: before data go it is held against the
 * history. */
const char schema_retention_sql[] =
    "ALTER TABLE citizens ADD COLUMN gone_ms {int} NOT NULL DEFAULT 0;"
    "UPDATE citizens SET gone_ms = coalesce((SELECT max(at_ms) FROM life"
    " WHERE life.citizen_id = citizens.id), created_ms) WHERE state = 2;"
    "CREATE INDEX citizens_gone ON citizens (gone_ms) WHERE gone_ms > 0;";

/* Last two entries of each person. They decide nothing and carry no tag. */
const char schema_entries_sql[] =
    "ALTER TABLE citizens ADD COLUMN entered_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE citizens ADD COLUMN entered_before_ms {int} NOT NULL DEFAULT 0;";

/* Last use of a request: an entry writes its row already. Swept rows leave theirs to the person's.
 */
const char schema_last_use_sql[] =
    "ALTER TABLE requests ADD COLUMN entered_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE citizens DROP COLUMN entered_before_ms;";

/* The people who log in. Password hash and one-time secret are sealed, codes and tokens are tags.
 */
const char schema_people_sql[] =
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
const char schema_withheld_sql[] =
    "DROP INDEX requests_expires;"
    "ALTER TABLE requests ADD COLUMN owner_id {int} REFERENCES citizens (id)"
    " DEFERRABLE INITIALLY DEFERRED;"
    "UPDATE requests SET owner_id = citizen_id;"
    "ALTER TABLE requests DROP COLUMN citizen_id;"
    "ALTER TABLE requests RENAME COLUMN owner_id TO citizen_id;"
    "CREATE INDEX requests_expires ON requests (citizen_id, expires_ms);"
    /* the queue's own index has these times too */
    "DROP INDEX outbox_expiry;";

/* Tables whose rows get tags, and an id to find them by. */
const char schema_more_tags_sql[] =
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

/*
 * What a request needs to be sent again, sealed: store/requests_id.c. NULL: none was kept, or the
 * request has ended.
 */
const char schema_resend_sql[] =
    "ALTER TABLE requests ADD COLUMN resent_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN cancelled_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE requests ADD COLUMN sealed {bytes};";
/* Online altas until a clerk has decided; what is personal is sealed: store/applications.h. */
const char schema_applications_sql[] =
    "CREATE TABLE applications (id {id}, public_id {bytes} NOT NULL UNIQUE,"
    " client_id {int} NOT NULL, state {int} NOT NULL, created_ms {int} NOT NULL,"
    " ended_ms {int} NOT NULL, code_ms {int} NOT NULL, tries {int} NOT NULL,"
    " sends {int} NOT NULL, bytes {int} NOT NULL, code_tag {bytes} NOT NULL,"
    " ip_tag {bytes}, ip_wide_tag {bytes}, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX applications_state ON applications (state, created_ms);"
    "CREATE INDEX applications_created ON applications (created_ms);"
    "CREATE INDEX applications_ip ON applications (ip_tag, created_ms) WHERE ip_tag IS NOT NULL;"
    "CREATE INDEX applications_ip_wide ON applications (ip_wide_tag, created_ms)"
    " WHERE ip_wide_tag IS NOT NULL;";

/*
 * Who waits for the proof of a mobile (state 4) keeps that mobile to a single NIF too. The codes by
 * which one is proven at the desk: store/phone_codes.h.
 */
const char schema_phone_codes_sql[] =
    "DROP INDEX citizens_phone;"
    "CREATE UNIQUE INDEX citizens_phone ON citizens (phone_index) WHERE state < 2 OR state = 4;"
    "CREATE TABLE phone_codes (citizen_id {int} PRIMARY KEY, code_ms {int} NOT NULL,"
    " tries {int} NOT NULL, sends {int} NOT NULL, message_id {int} NOT NULL,"
    " code_tag {bytes} NOT NULL, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX phone_codes_sent ON phone_codes (code_ms);";

/*
 * An import of people on its way into the registry, in sealed parts: store/imports.h. They decide
 * nothing without the order, part 0, and carry no tag: sealed, they open only as they were written.
 */
const char schema_imports_sql[] =
    "CREATE TABLE import_parts (part {int} PRIMARY KEY, sealed {bytes} NOT NULL){table};";
/* Evidence of each entry, with the number of its row in the trail of audit: store/evidence.h. */
const char schema_evidence_sql[] =
    "CREATE TABLE evidence (id {int} PRIMARY KEY, at_ms {int} NOT NULL,"
    " is_settled {int} NOT NULL, sealed {bytes} NOT NULL){table};"
    "CREATE INDEX evidence_open ON evidence (id) WHERE is_settled = 0;";
/* Figures of each month: store/monthly.h. They decide nothing and have no tag. */
const char schema_monthly_sql[] =
    "CREATE TABLE monthly (month {int} NOT NULL, kind {int} NOT NULL, count {int} NOT NULL,"
    " PRIMARY KEY (month, kind)){keyed};";

/* The list of one state, page after page. */
const char schema_application_lists_sql[] =
    "CREATE INDEX applications_list ON applications (state, id);";

/* Those who are active when their changes begin to be counted: kind 12 of month 0. */
const char schema_active_sql[] = "INSERT INTO monthly (month, kind, count)"
                                 " SELECT 0, 12, count(*) FROM citizens WHERE state = 0"
                                 " ON CONFLICT (month, kind) DO NOTHING;";

/* From where a client may call, its token of before, and its last use: store/clients.h. */
const char schema_client_bounds_sql[] =
    "ALTER TABLE clients ADD COLUMN networks TEXT;"
    "ALTER TABLE clients ADD COLUMN old_token_tag {bytes};"
    "ALTER TABLE clients ADD COLUMN old_ends_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE clients ADD COLUMN used_ms {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE clients ADD COLUMN token_used_ms {int} NOT NULL DEFAULT 0;";

/* Rows of evidence that still have the end users' addresses. */
const char schema_addresses_sql[] =
    "CREATE INDEX evidence_settled ON evidence (id) WHERE is_settled = 1;";

/*
 * Mails (store/mails.h) and the addresses of people and of online altas (store/emails.h). Sealed,
 * bound to what decides something of their rows, and without a tag.
 */
const char schema_mails_sql[] =
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
    "CREATE INDEX emails_dead ON emails (dead_ms) WHERE dead_ms > 0;";

/* The TLS certificates that a client must show: domain/pins.h. */
const char schema_client_pins_sql[] = "ALTER TABLE clients ADD COLUMN certificates TEXT;";

/* The secrets that persons are known by: store/credentials.h. */
const char schema_credentials_sql[] =
    "CREATE TABLE credentials (id {id}, citizen_id {int} NOT NULL, kind {int} NOT NULL,"
    " state {int} NOT NULL, secret {bytes} NOT NULL, must_change {int} NOT NULL,"
    " expires_ms {int} NOT NULL, created_ms {int} NOT NULL, code_purpose {int} NOT NULL,"
    " code_id {bytes} UNIQUE, code_tag {bytes}, code_sent_ms {int} NOT NULL,"
    " code_tries {int} NOT NULL, code_message_id {int} NOT NULL, code_contrast {int} NOT NULL,"
    " row_tag {bytes}, UNIQUE (citizen_id, kind)){table};"
    "CREATE INDEX credentials_state ON credentials (state, id);";

/*
 * Subkeys of each master key that was replaced, sealed: store/old_keys.h. The index is for a change
 * of the key, which goes through the addresses by it.
 */
const char schema_old_keys_sql[] = "CREATE TABLE old_keys (number {int} PRIMARY KEY,"
                                   " ended_ms {int} NOT NULL, sealed {bytes} NOT NULL){table};"
                                   "CREATE INDEX emails_created ON emails (created_ms);";

/* The address that an entry of the audit trail came from: store/audit_ip.h. */
const char schema_audit_ip_sql[] = "ALTER TABLE audit ADD COLUMN ip {bytes};";
