/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each table of the schema, and what becomes of its columns when the master key is replaced. A test
 * holds the list to the schema (test_store_rotation).
 */
#include "store/rotation_tables.h"

#include "store/rowtag.h"
#include "store/seal.h"

#define MARKS_3 "$1, $2, $3"
#define MARKS_4 "$1, $2, $3, $4"
#define MARKS_5 "$1, $2, $3, $4, $5"
#define MARKS_6 "$1, $2, $3, $4, $5, $6"
#define MARKS_7 "$1, $2, $3, $4, $5, $6, $7"
#define MARKS_8 "$1, $2, $3, $4, $5, $6, $7, $8"
#define MARKS_9 "$1, $2, $3, $4, $5, $6, $7, $8, $9"
#define MARKS_10 "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10"
#define MARKS_11 "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11"
#define MARKS_14 "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14"
#define MARKS_15 "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15"
#define MARKS_16 "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16"
#define MARKS_19                                                                                   \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19"
#define MARKS_21                                                                                   \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "  \
    "$21"
#define MARKS_26                                                                                   \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "  \
    "$21, $22, $23, $24, $25, $26"

#define COPIED(name_, columns_, where_, marks_, returning_)                                        \
    .select = "SELECT " columns_ " FROM " name_ " WHERE " where_,                                  \
    .insert = "INSERT INTO " name_ " (" columns_ ") VALUES (" marks_                               \
              ") ON CONFLICT DO NOTHING" returning_

/* A table whose rows are found by one column: a number of the row, or of what it is about. */
#define TABLE(name_, slot_, columns_, marks_)                                                      \
    .name = name_, .slot = slot_,                                                                  \
    .next = "SELECT min(" slot_ ") FROM " name_ " WHERE " slot_ " > $1",                           \
    .erase = "DELETE FROM " name_ " WHERE " slot_ " = $1",                                         \
    COPIED(name_, columns_, slot_ " = $1", marks_, "")
#define TAGGED_TABLE(name_, slot_, columns_, marks_, table_, tagged_)                              \
    .is_tagged = true, .table = (table_), .name = name_, .slot = slot_,                            \
    .next = "SELECT min(" slot_ ") FROM " name_ " WHERE " slot_ " > $1",                           \
    .erase = "DELETE FROM " name_ " WHERE " slot_ " = $1 RETURNING row_tag",                       \
    COPIED(name_, columns_, slot_ " = $1", marks_, " RETURNING " tagged_)
/* The key begins with the grade, of which there are three: each is looked into. */
#define GRADED_TABLE(name_, columns_, marks_)                                                      \
    .name = name_, .slot = "start_ms",                                                             \
    .next = "SELECT min(start_ms) FROM (SELECT min(start_ms) AS start_ms FROM " name_              \
            " WHERE grade = 0 AND start_ms > $1 UNION ALL SELECT min(start_ms) FROM " name_        \
            " WHERE grade = 1 AND start_ms > $1 UNION ALL SELECT min(start_ms) FROM " name_        \
            " WHERE grade = 2 AND start_ms > $1) AS grades",                                       \
    .erase = "DELETE FROM " name_ " WHERE grade IN (0, 1, 2) AND start_ms = $1",                   \
    COPIED(name_, columns_, "grade IN (0, 1, 2) AND start_ms = $1", marks_, "")
/* Rows of the new database's own stay: the proof of its key, its name, its head. */
#define META_OWN "('key_check', 'database_id', 'audit_head', 'audit_start', 'audit_ip', 'touched')"
#define META_TABLE                                                                                 \
    .is_tagged = true, .table = ROWTAG_META, .name = "meta", .slot = "0",                          \
    .next = "SELECT min(0) FROM meta WHERE 0 > $1",                                                \
    .erase = "DELETE FROM meta WHERE name NOT IN " META_OWN " AND 0 = $1 RETURNING row_tag",       \
    COPIED("meta", META_TAGGED, "name NOT IN " META_OWN " AND 0 = $1", MARKS_4,                    \
           " RETURNING " META_TAGGED)

const struct rotation_table rotation_tables[] = {
    {
        META_TABLE,
        .kinds = "..m-",
    },
    {
        TAGGED_TABLE("citizens", "id",
                     "id, phone_index, sealed, state, level, channel, locked, created_ms,"
                     " contrast, contrast_locked, row_tag, entered_ms, nif_index, gone_ms",
                     MARKS_14, ROWTAG_CITIZENS, CITIZENS_TAGGED),
        .kinds = "cPs.....s.-.N.",
        .sealed =
            {
                {"citizens.sealed", 2, {{PIECE_BYTES, 12}}, SEAL_PAD_PERSON},
                {"citizens.contrast", 8, {{PIECE_BYTES, 12}}, 0},
            },
    },
    {
        TAGGED_TABLE("clients", "id",
                     "id, name, scopes, token_tag, created_ms, expires_ms, revoked_ms,"
                     " row_tag, networks, old_token_tag, old_ends_ms, used_ms,"
                     " token_used_ms, certificates",
                     MARKS_14, ROWTAG_CLIENTS, CLIENTS_TAGGED),
        .kinds = "...T...-.T....",
    },
    {
        TAGGED_TABLE("operators", "id",
                     "id, row_key, name, folded, role, active, password, language,"
                     " totp_state, totp, totp_step, codes, created_ms, changed_ms, row_tag",
                     MARKS_15, ROWTAG_OPERATORS, OPERATORS_TAGGED),
        .kinds = "......s..s.R..-",
        .sealed =
            {
                {"operators.password", 6, {{PIECE_BYTES, 1}}, 0},
                {"operators.totp", 9, {{PIECE_BYTES, 1}}, 0},
            },
    },
    {
        TAGGED_TABLE("sessions", "id",
                     "id, operator_id, token_tag, created_ms, used_ms, address, row_tag", MARKS_7,
                     ROWTAG_SESSIONS, SESSIONS_TAGGED),
        .kinds = "..S..s-",
        .sealed =
            {
                {"sessions.address", 5, {{PIECE_BYTES, 2}}, 0},
            },
    },
    {
        TAGGED_TABLE("requests", "id",
                     "id, public_id, client_id, ip_tag, clave_tag, code_tag, created_ms,"
                     " expires_ms, tries, uses, with_contrast, replaced_ms, touched,"
                     " row_tag, citizen_id, resent_ms, cancelled_ms, sealed, entered_ms",
                     MARKS_19, ROWTAG_REQUESTS, REQUESTS_TAGGED),
        .kinds = "...ICD.......-c..s.",
        .sealed =
            {
                {"requests.sealed", 17, {{PIECE_BYTES, 1}}, 0},
            },
    },
    {
        TAGGED_TABLE("failures", "id",
                     "id, citizen_id, request_id, ip_tag, created_ms, kind, settled,"
                     " row_tag, ip_wide_tag",
                     MARKS_9, ROWTAG_FAILURES, FAILURES_TAGGED),
        .kinds = ".c.I...-I",
    },
    {
        TAGGED_TABLE("notices", "id", "id, citizen_id, kind, told_ms, row_tag", MARKS_5,
                     ROWTAG_NOTICES, NOTICES_TAGGED),
        .kinds = ".c..-",
    },
    {
        TAGGED_TABLE("sim_pins", "id", "id, pair_tag, tried_ms, row_tag", MARKS_4, ROWTAG_SIM_PINS,
                     SIM_PINS_TAGGED),
        .kinds = ".M.-",
    },
    {
        TAGGED_TABLE("credentials", "id",
                     "id, citizen_id, kind, state, secret, must_change, expires_ms,"
                     " created_ms, code_purpose, code_id, code_tag, code_sent_ms,"
                     " code_tries, code_message_id, code_contrast, row_tag",
                     MARKS_16, ROWTAG_CREDENTIALS, CREDENTIALS_TAGGED),
        .kinds = ".c..s.....V....-",
        .sealed =
            {
                {"credentials.secret", 4, {{PIECE_NUMBER, 1}, {PIECE_NUMBER, 2}}, 0},
            },
    },
    {
        TABLE("emails", "created_ms",
              "owner, created_ms, proven_ms, dead_ms, link_ms, sends, link_tag,"
              " sealed",
              MARKS_8),
        .kinds = "o.....Ls",
        .sealed =
            {
                {"emails.sealed",
                 7,
                 {{PIECE_BYTES, 0},
                  {PIECE_BYTES, 6},
                  {PIECE_NUMBER, 1},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4},
                  {PIECE_NUMBER, 5}},
                 0},
            },
    },
    {
        TABLE("mails", "id",
              "id, box, message_id, kind, state, owner, created_ms, not_before_ms,"
              " expires_ms, attempts, refusals, done_ms, reply, sealed",
              MARKS_14),
        .kinds = ".....o.......s",
        .sealed =
            {
                {"mails.sealed",
                 13,
                 {{PIECE_BYTES, 2},
                  {PIECE_BYTES, 5},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 6},
                  {PIECE_NUMBER, 8}},
                 SEAL_PAD_ROW},
            },
    },
    {
        TABLE("life", "id", "id, citizen_id, act, channel, at_ms, message_id, sealed", MARKS_7),
        .kinds = ".c....s",
        .sealed =
            {
                {"life.sealed",
                 6,
                 {{PIECE_PERSON, 1},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4},
                  {PIECE_NUMBER, 5}},
                 SEAL_PAD_ROW},
            },
    },
    {
        TABLE("phone_codes", "citizen_id",
              "citizen_id, code_ms, tries, sends, message_id, code_tag, sealed", MARKS_7),
        .kinds = "c....Vs",
        .sealed =
            {
                {"phone_codes.sealed",
                 6,
                 {{PIECE_PERSON, 0},
                  {PIECE_BYTES, 5},
                  {PIECE_NUMBER, 1},
                  {PIECE_NUMBER, 2},
                  {PIECE_NUMBER, 3},
                  {PIECE_NUMBER, 4}},
                 0},
            },
    },
    {
        TABLE("applications", "id",
              "id, public_id, client_id, state, created_ms, ended_ms, code_ms, tries,"
              " sends, bytes, code_tag, ip_tag, ip_wide_tag, sealed",
              MARKS_14),
        .kinds = "..........VIIs",
        .sealed =
            {
                {"applications.sealed",
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
                 SEAL_PAD_ROW},
            },
    },
    {
        TABLE("evidence", "id", "id, at_ms, is_settled, sealed", MARKS_4),
        .kinds = "...s",
        .sealed =
            {
                {"evidence.sealed", 3, {{PIECE_NUMBER, 0}, {PIECE_NUMBER, 1}}, 0},
            },
    },
    {
        TABLE("outbox", "id",
              "id, row_key, request_id, class, state, phone_index, phone, text,"
              " created_ms, not_before_ms, expires_ms, attempts, crashes, refusals,"
              " is_repeat, modem, reference, sent_ms, window_ends_ms, done_ms,"
              " cause_kind, cause_code, avoid, avoid_until_ms, only_modem, box",
              MARKS_26),
        .kinds = ".....Pss..................",
        .sealed =
            {
                {"outbox.phone", 6, {{PIECE_BYTES, 1}}, 0},
                {"outbox.text", 7, {{PIECE_BYTES, 1}}, 0},
            },
    },
    {
        TABLE("inbox", "id",
              "id, row_key, modem, kind, sender, text, parts, sent_ms, received_ms,"
              " read_ms, box",
              MARKS_11),
        .kinds = "....ss.....",
        .sealed =
            {
                {"inbox.sender", 4, {{PIECE_BYTES, 1}}, 0},
                {"inbox.text", 5, {{PIECE_BYTES, 1}}, 0},
            },
    },
    {
        TABLE("inbox_groups", "id",
              "id, row_key, tag, modem, sender, total, sent_ms, received_ms, box", MARKS_9),
        .kinds = "..X.s....",
        .sealed =
            {
                {"inbox_groups.sender", 4, {{PIECE_BYTES, 1}}, 0},
            },
    },
    {
        TABLE("inbox_parts", "group_id", "group_id, part_index, part", MARKS_3),
        .kinds = "..s",
        .sealed =
            {
                {"inbox_parts.part", 2, {{PIECE_GROUP, 0}, {PIECE_BYTE, 1}}, 0},
            },
    },
    {
        TABLE("inbox_seen", "id", "id, tag, seen_ms, box", MARKS_4),
        .kinds = ".X..",
    },
    {
        TABLE("ip_requests", "id", "id, ip_tag, created_ms", MARKS_3),
        .kinds = ".I.",
    },
    {
        TABLE("refusals", "id", "id, subject, minute_ms, actor, is_compared, count, audited",
              MARKS_7),
        .kinds = ".N.....",
    },
    {
        TABLE("idempotency", "id", "id, key_tag, request_tag, status, answer, created_ms", MARKS_6),
        .kinds = ".KK.s.",
        .sealed =
            {
                {"idempotency.answer", 4, {{PIECE_BYTES, 1}}, 0},
            },
    },
    {
        TABLE("balances", "0", "box, modem, asked_ms, ended_ms, error, told_ms, row_key, text",
              MARKS_8),
        .kinds = ".......s",
        .sealed =
            {
                {"balances.text", 7, {{PIECE_BYTES, 6}}, 0},
            },
    },
    {
        TABLE("recoveries", "id", "id, modem, at_ms, ended_ms, rung, evidence, worked, box",
              MARKS_8),
        .kinds = "........",
    },
    {
        TABLE("events", "id", "id, box, kind, level, at_ms, since_ms, token, topic, modem, actor",
              MARKS_10),
        .kinds = "..........",
    },
    {
        TABLE("alerts", "0",
              "box, kind, phase, since_ms, calm_ms, opened_ms, told_ms, relapses,"
              " mail_event, mail_tries, hook_event, hook_tries, sentence, action,"
              " cause",
              MARKS_15),
        .kinds = "...............",
    },
    {
        TABLE("alert_results", "0", "box, channel, at_ms, is_sent, detail", MARKS_5),
        .kinds = ".....",
    },
    {
        TABLE("boxes", "0", "box, seen_ms, sends_ms, modems, ready, leads", MARKS_6),
        .kinds = "......",
    },
    {
        TABLE("pauses", "0", "box, since_ms, actor, reason", MARKS_4),
        .kinds = "....",
    },
    {
        TABLE("monthly", "month", "month, kind, count", MARKS_3),
        .kinds = "...",
    },
    {
        GRADED_TABLE("samples",
                     "grade, start_ms, modem, box, count, registered, rat, signal_sum,"
                     " signal_count, signal_min, rsrp_sum, rsrp_count, rsrq_sum, rsrq_count,"
                     " temperature_max, supply_min, storage_max, storage_total, sent,"
                     " refused, unknown",
                     MARKS_21),
        .kinds = ".....................",
    },
    {
        GRADED_TABLE("box_samples", "grade, start_ms, box, count, queued_max", MARKS_5),
        .kinds = ".....",
    },
    {
        GRADED_TABLE("deliveries", "grade, start_ms, box, seconds, count", MARKS_5),
        .kinds = ".....",
    },
};

const int rotation_table_count = sizeof(rotation_tables) / sizeof(rotation_tables[0]);
