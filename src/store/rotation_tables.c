/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each table of the schema, and what becomes of its columns when the master key is replaced. A test
 * holds the list to the schema (test_store_rotation).
 */
#include "store/rotation_tables.h"

#include "store/rowtag.h"
#include "store/seal.h"

#define MARKS_3 "$1, $2, $3"
#define MARKS_4 MARKS_3 ", $4"
#define MARKS_5 MARKS_4 ", $5"
#define MARKS_6 MARKS_5 ", $6"
#define MARKS_7 MARKS_6 ", $7"
#define MARKS_8 MARKS_7 ", $8"
#define MARKS_9 MARKS_8 ", $9"
#define MARKS_10 MARKS_9 ", $10"
#define MARKS_11 MARKS_10 ", $11"
#define MARKS_14 MARKS_11 ", $12, $13, $14"
#define MARKS_15 MARKS_14 ", $15"
#define MARKS_16 MARKS_15 ", $16"
#define MARKS_19 MARKS_16 ", $17, $18, $19"
#define MARKS_21 MARKS_19 ", $20, $21"
#define MARKS_26 MARKS_21 ", $22, $23, $24, $25, $26"

#define COPIED(name_, columns_, where_, marks_, kinds_, returning_)                                \
    .kinds = kinds_, .select = "SELECT " columns_ " FROM " name_ " WHERE " where_,                 \
    .insert = "INSERT INTO " name_ " (" columns_ ") VALUES (" marks_                               \
              ") ON CONFLICT DO NOTHING" returning_

/* A table whose rows are found by one column: a number of the row, or of what it is about. */
#define TABLE(name_, slot_, columns_, marks_, kinds_)                                              \
    .name = name_, .slot = slot_,                                                                  \
    .next = "SELECT min(" slot_ ") FROM " name_ " WHERE " slot_ " > $1",                           \
    .erase = "DELETE FROM " name_ " WHERE " slot_ " = $1",                                         \
    COPIED(name_, columns_, slot_ " = $1", marks_, kinds_, "")
#define TAGGED_TABLE(name_, slot_, columns_, marks_, kinds_, table_, tagged_)                      \
    .is_tagged = true, .table = (table_), .name = name_, .slot = slot_,                            \
    .next = "SELECT min(" slot_ ") FROM " name_ " WHERE " slot_ " > $1",                           \
    .erase = "DELETE FROM " name_ " WHERE " slot_ " = $1 RETURNING row_tag",                       \
    COPIED(name_, columns_, slot_ " = $1", marks_, kinds_, " RETURNING " tagged_)
/* Rows of people who are registered: that of another, whose index is nowhere, opens no more. */
#define PERSONS_TABLE(name_, columns_, marks_, kinds_)                                             \
    .name = name_, .slot = "citizen_id",                                                           \
    .next = "SELECT min(citizen_id) FROM " name_ " WHERE citizen_id > $1",                         \
    .erase = "DELETE FROM " name_ " WHERE citizen_id = $1",                                        \
    COPIED(name_, columns_, "citizen_id = $1 AND citizen_id IN (SELECT id FROM citizens)", marks_, \
           kinds_, "")
/* The key begins with the grade, of which there are three: each is looked into. */
#define GRADED_TABLE(name_, columns_, marks_, kinds_)                                              \
    .name = name_, .slot = "start_ms",                                                             \
    .next = "SELECT min(start_ms) FROM (SELECT min(start_ms) AS start_ms FROM " name_              \
            " WHERE grade = 0 AND start_ms > $1 UNION ALL SELECT min(start_ms) FROM " name_        \
            " WHERE grade = 1 AND start_ms > $1 UNION ALL SELECT min(start_ms) FROM " name_        \
            " WHERE grade = 2 AND start_ms > $1) AS grades",                                       \
    .erase = "DELETE FROM " name_ " WHERE grade IN (0, 1, 2) AND start_ms = $1",                   \
    COPIED(name_, columns_, "grade IN (0, 1, 2) AND start_ms = $1", marks_, kinds_, "")
/* Rows of the new database's own stay: the proof of its key, its name, its head. */
#define META_OWN "('key_check', 'database_id', 'audit_head', 'audit_start', 'audit_ip', 'touched')"
#define META_TABLE                                                                                 \
    .is_tagged = true, .table = ROWTAG_META, .name = "meta", .slot = "0",                          \
    .next = "SELECT min(0) FROM meta WHERE 0 > $1",                                                \
    .erase = "DELETE FROM meta WHERE name NOT IN " META_OWN " AND 0 = $1 RETURNING row_tag",       \
    COPIED("meta", META_TAGGED, "name NOT IN " META_OWN " AND 0 = $1", MARKS_4, "..m-",            \
           " RETURNING " META_TAGGED)

const struct rotation_table rotation_tables[] = {
    {META_TABLE},
    {TAGGED_TABLE("citizens", "id",
                  "id, phone_index, sealed, state, level, channel, locked, created_ms,"
                  " contrast, contrast_locked, row_tag, entered_ms, nif_index, gone_ms",
                  MARKS_14, "cPs.....s.-.N.", ROWTAG_CITIZENS, CITIZENS_TAGGED),
     .sealed = {{"citizens.sealed", 2, {{PIECE_BYTES, 12}}, SEAL_PAD_PERSON},
                {"citizens.contrast", 8, {{PIECE_BYTES, 12}}, 0}}},
    {TAGGED_TABLE("clients", "id",
                  "id, name, scopes, token_tag, created_ms, expires_ms, revoked_ms,"
                  " row_tag, networks, old_token_tag, old_ends_ms, used_ms,"
                  " token_used_ms, certificates",
                  MARKS_14, "...T...-.T....", ROWTAG_CLIENTS, CLIENTS_TAGGED)},
    {TAGGED_TABLE("operators", "id",
                  "id, row_key, name, folded, role, active, password, language,"
                  " totp_state, totp, totp_step, codes, created_ms, changed_ms, row_tag",
                  MARKS_15, "......s..s.R..-", ROWTAG_OPERATORS, OPERATORS_TAGGED),
     .sealed = {{"operators.password", 6, {{PIECE_BYTES, 1}}, 0},
                {"operators.totp", 9, {{PIECE_BYTES, 1}}, 0}}},
    {TAGGED_TABLE("sessions", "id",
                  "id, operator_id, token_tag, created_ms, used_ms, address, row_tag", MARKS_7,
                  "..S..s-", ROWTAG_SESSIONS, SESSIONS_TAGGED),
     .sealed = {{"sessions.address", 5, {{PIECE_BYTES, 2}}, 0}}},
    {TAGGED_TABLE("requests", "id",
                  "id, public_id, client_id, ip_tag, clave_tag, code_tag, created_ms,"
                  " expires_ms, tries, uses, with_contrast, replaced_ms, touched,"
                  " row_tag, citizen_id, resent_ms, cancelled_ms, sealed, entered_ms",
                  MARKS_19, "...ICD.......-c..s.", ROWTAG_REQUESTS, REQUESTS_TAGGED),
     .sealed = {{"requests.sealed", 17, {{PIECE_BYTES, 1}}, 0}}},
    {TAGGED_TABLE("failures", "id",
                  "id, citizen_id, request_id, ip_tag, created_ms, kind, settled,"
                  " row_tag, ip_wide_tag",
                  MARKS_9, ".c.I...-I", ROWTAG_FAILURES, FAILURES_TAGGED)},
    {TAGGED_TABLE("notices", "id", "id, citizen_id, kind, told_ms, row_tag", MARKS_5, ".c..-",
                  ROWTAG_NOTICES, NOTICES_TAGGED)},
    {TAGGED_TABLE("sim_pins", "id", "id, pair_tag, tried_ms, row_tag", MARKS_4, ".M.-",
                  ROWTAG_SIM_PINS, SIM_PINS_TAGGED)},
    {TAGGED_TABLE("credentials", "id",
                  "id, citizen_id, kind, state, secret, must_change, expires_ms,"
                  " created_ms, code_purpose, code_id, code_tag, code_sent_ms,"
                  " code_tries, code_message_id, code_contrast, row_tag",
                  MARKS_16, ".c..s.....V....-", ROWTAG_CREDENTIALS, CREDENTIALS_TAGGED),
     .sealed = {{"credentials.secret", 4, {{PIECE_NUMBER, 1}, {PIECE_NUMBER, 2}}, 0}}},
    {TABLE("emails", "created_ms",
           "owner, created_ms, proven_ms, dead_ms, link_ms, sends, link_tag,"
           " sealed",
           MARKS_8, "o.....Ls"),
     .sealed = {{"emails.sealed",
                 7,
                 {{PIECE_BYTES, 0},
                  {PIECE_BYTES, 6},
                  {PIECE_NUMBER, 1},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4},
                  {PIECE_NUMBER, 5}},
                 0}}},
    {TABLE("mails", "id",
           "id, box, message_id, kind, state, owner, created_ms, not_before_ms,"
           " expires_ms, attempts, refusals, done_ms, reply, sealed",
           MARKS_14, ".....o.......s"),
     .sealed = {{"mails.sealed",
                 13,
                 {{PIECE_BYTES, 2},
                  {PIECE_BYTES, 5},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 6},
                  {PIECE_NUMBER, 8}},
                 SEAL_PAD_ROW}}},
    {TABLE("life", "id", "id, citizen_id, act, channel, at_ms, message_id, sealed", MARKS_7,
           ".c....s"),
     .sealed = {{"life.sealed",
                 6,
                 {{PIECE_PERSON, 1},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4},
                  {PIECE_NUMBER, 5}},
                 SEAL_PAD_ROW}}},
    {PERSONS_TABLE("phone_codes", "citizen_id, code_ms, tries, sends, message_id, code_tag, sealed",
                   MARKS_7, "c....Vs"),
     .sealed = {{"phone_codes.sealed",
                 6,
                 {{PIECE_PERSON, 0},
                  {PIECE_BYTES, 5},
                  {PIECE_NUMBER, 1},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4}},
                 0}}},
    {TABLE("applications", "id",
           "id, public_id, client_id, state, created_ms, ended_ms, code_ms, tries,"
           " sends, bytes, code_tag, ip_tag, ip_wide_tag, sealed",
           MARKS_14, "..........VIIs"),
     .sealed = {{"applications.sealed",
                 13,
                 {{PIECE_BYTES, 1},
                  {PIECE_BYTES, 10},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4},
                  {PIECE_NUMBER, 5},
                  {PIECE_NUMBER, 6},
                  {PIECE_NUMBER, 7},
                  {PIECE_NUMBER, 8},
                  {PIECE_NUMBER, 9}},
                 SEAL_PAD_ROW}}},
    {TABLE("evidence", "id", "id, at_ms, is_settled, sealed", MARKS_4, "...s"),
     .sealed = {{"evidence.sealed", 3, {{PIECE_NUMBER, 0}, {PIECE_NUMBER, 1}}, 0}}},
    {TABLE("outbox", "id",
           "id, row_key, request_id, class, state, phone_index, phone, text,"
           " created_ms, not_before_ms, expires_ms, attempts, crashes, refusals,"
           " is_repeat, modem, reference, sent_ms, window_ends_ms, done_ms,"
           " cause_kind, cause_code, avoid, avoid_until_ms, only_modem, box",
           MARKS_26, ".....Pss.................."),
     .sealed = {{"outbox.phone", 6, {{PIECE_BYTES, 1}}, 0},
                {"outbox.text", 7, {{PIECE_BYTES, 1}}, 0}}},
    {TABLE("inbox", "id",
           "id, row_key, modem, kind, sender, text, parts, sent_ms, received_ms,"
           " read_ms, box",
           MARKS_11, "....ss....."),
     .sealed = {{"inbox.sender", 4, {{PIECE_BYTES, 1}}, 0},
                {"inbox.text", 5, {{PIECE_BYTES, 1}}, 0}}},
    {TABLE("inbox_groups", "id",
           "id, row_key, tag, modem, sender, total, sent_ms, received_ms, box", MARKS_9,
           "..X.s...."),
     .sealed = {{"inbox_groups.sender", 4, {{PIECE_BYTES, 1}}, 0}}},
    {TABLE("inbox_parts", "group_id", "group_id, part_index, part", MARKS_3, "..s"),
     .sealed = {{"inbox_parts.part", 2, {{PIECE_GROUP, 0}, {PIECE_BYTE, 1}}, 0}}},
    {TABLE("inbox_seen", "id", "id, tag, seen_ms, box", MARKS_4, ".X..")},
    {TABLE("ip_requests", "id", "id, ip_tag, created_ms", MARKS_3, ".I.")},
    {TABLE("refusals", "id", "id, subject, minute_ms, actor, is_compared, count, audited", MARKS_7,
           ".N.....")},
    {TABLE("idempotency", "id", "id, key_tag, request_tag, status, answer, created_ms", MARKS_6,
           ".KK.s."),
     .sealed = {{"idempotency.answer", 4, {{PIECE_BYTES, 1}}, 0}}},
    {TABLE("balances", "0", "box, modem, asked_ms, ended_ms, error, told_ms, row_key, text",
           MARKS_8, ".......s"),
     .sealed = {{"balances.text", 7, {{PIECE_BYTES, 6}}, 0}}},
    {TABLE("recoveries", "id", "id, modem, at_ms, ended_ms, rung, evidence, worked, box", MARKS_8,
           "........")},
    {TABLE("events", "id", "id, box, kind, level, at_ms, since_ms, token, topic, modem, actor",
           MARKS_10, "..........")},
    {TABLE("alerts", "0",
           "box, kind, phase, since_ms, calm_ms, opened_ms, told_ms, relapses,"
           " mail_event, mail_tries, hook_event, hook_tries, sentence, action,"
           " cause",
           MARKS_15, "...............")},
    {TABLE("alert_results", "0", "box, channel, at_ms, is_sent, detail", MARKS_5, ".....")},
    {TABLE("boxes", "0", "box, seen_ms, sends_ms, modems, ready, leads", MARKS_6, "......")},
    {TABLE("pauses", "0", "box, since_ms, actor, reason", MARKS_4, "....")},
    {TABLE("monthly", "month", "month, kind, count", MARKS_3, "...")},
    {GRADED_TABLE("samples",
                  "grade, start_ms, modem, box, count, registered, rat, signal_sum,"
                  " signal_count, signal_min, rsrp_sum, rsrp_count, rsrq_sum, rsrq_count,"
                  " temperature_max, supply_min, storage_max, storage_total, sent,"
                  " refused, unknown",
                  MARKS_21, ".....................")},
    {GRADED_TABLE("box_samples", "grade, start_ms, box, count, queued_max", MARKS_5, ".....")},
    {GRADED_TABLE("deliveries", "grade, start_ms, box, seconds, count", MARKS_5, ".....")},
};

const int rotation_table_count = sizeof(rotation_tables) / sizeof(rotation_tables[0]);
