/* SPDX-License-Identifier: EUPL-1.2 */
/* A store in a folder of its own, with a key of its own, for the tests of the room. */
#ifndef CC_TEST_STORE_FIXTURE_H
#define CC_TEST_STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/nif.h"
#include "store/citizens.h"
#include "store/engines.h"
#include "store/failures.h"
#include "store/outbox_list.h"
#include "store/outbox_report.h"
#include "store/purge.h"
#include "store/requests.h"
#include "store/store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0 INT64_C(1795000000000) /* November 2026 */
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define assert_ok(call) assert_int_equal((call), CC_OK)

struct fixture {
    char dir[256];
    char db_path[300];
    char key_path[300];
    struct store store;
};

/* The server that $CC_SERVER names (tests/lib/pg.sh), or NULL: the engine is then SQLite. */
static inline const char *fixture_server(void)
{
    const char *server = getenv("CC_SERVER");
    return server != NULL && server[0] != '\0' ? server : NULL;
}

/* A schema of its own in the server's database, or a file in the folder. */
static inline void fixture_place(struct fixture *f)
{
    static unsigned count;
    const struct db_identity none = {0};
    char sql[64];
    struct db *db = NULL;
    (void)snprintf(f->db_path, sizeof f->db_path, "%s/contraclaved.db", f->dir);
    if (fixture_server() == NULL)
        return;
    (void)snprintf(sql, sizeof sql, "CREATE SCHEMA t%d_%u", (int)getpid(), ++count);
    assert_ok(db_open(store_engine_of(fixture_server()), fixture_server(), &none, &db));
    assert_ok(db_exec(db, sql));
    db_close(db);
    (void)snprintf(f->db_path, sizeof f->db_path, "%s&options=-csearch_path%%3D%s",
                   fixture_server(), sql + strlen("CREATE SCHEMA "));
}

static inline void fixture_paths(struct fixture *f)
{
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(f->dir, sizeof f->dir, "%s/cc-store-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    fixture_place(f);
    (void)snprintf(f->key_path, sizeof f->key_path, "%s/clave-maestra", f->dir);
}

/* Folder only; for those who test the opening. */
static inline int fixture_empty(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    fixture_paths(f);
    *state = f;
    return 0;
}

static inline int fixture_open(void **state)
{
    (void)fixture_empty(state);
    struct fixture *f = *state;
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    return 0;
}

static inline void fixture_reopen(struct fixture *f)
{
    store_close(&f->store);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
}

/* A whole run of one kind, by the terms of a box that says nothing. */
static inline int64_t purge_kind(struct store *store, enum purge_kind kind, int64_t now_ms)
{
    int64_t count = 0, all = 0;
    for (bool more = true; more; all += count)
        assert_ok(purge_piece(store, kind, purge_before_ms(&purge_default_terms, kind, now_ms),
                              now_ms, 3, &count, &more));
    return all;
}

static inline void purge_all(struct store *store, int64_t now_ms)
{
    for (int kind = 0; kind < PURGE_KINDS; kind++)
        (void)purge_kind(store, (enum purge_kind)kind, now_ms);
}

static inline int fixture_close(void **state)
{
    struct fixture *f = *state;
    store_close(&f->store);
    DIR *dir = opendir(f->dir);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, entry->d_name);
        if (entry->d_name[0] != '.')
            (void)unlink(path);
    }
    (void)closedir(dir);
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

#define fixture_test(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

static inline struct citizen make_citizen(const char *nif, const char *phone)
{
    struct citizen citizen = {.state = LIFE_ACTIVE,
                              .grade = CITIZEN_GRADE_ADVANCED,
                              .channel = CITIZEN_CHANNEL_IN_PERSON,
                              .created_ms = T0};
    (void)snprintf(citizen.nif.text, sizeof citizen.nif.text, "%.9s", nif);
    (void)snprintf(citizen.name.given, NAME_PART_SIZE, "Begoña");
    (void)snprintf(citizen.name.first_surname, NAME_PART_SIZE, "Núñez");
    (void)snprintf(citizen.name.second_surname, NAME_PART_SIZE, "Ibáñez");
    (void)snprintf(citizen.phone.e164, sizeof citizen.phone.e164, "%.16s", phone);
    return citizen;
}

static inline int64_t add_citizen(struct store *store, const char *nif, const char *phone)
{
    struct citizen citizen = make_citizen(nif, phone);
    int64_t id = 0;
    assert_ok(citizens_insert(store, &citizen, &id));
    return id;
}

static inline struct request make_request(const struct store *store, int64_t citizen_id,
                                          int64_t created_ms, int64_t expires_ms)
{
    struct request request = {
        .citizen_id = citizen_id, .created_ms = created_ms, .expires_ms = expires_ms};
    secret_random(request.public_id, sizeof request.public_id);
    static const uint8_t nif_index[SECRET_TAG_BYTES] = {7};
    const struct request_owner owner = {request.public_id, nif_index, expires_ms};
    request_clave_tag(store, &owner, "7391", request.clave_tag);
    request_code_tag(store, &owner, "7391", "0481", request.code_tag);
    return request;
}

static inline int64_t add_request(struct store *store, int64_t citizen_id, int64_t created_ms,
                                  int64_t expires_ms)
{
    struct request request = make_request(store, citizen_id, created_ms, expires_ms);
    int64_t id = 0;
    assert_ok(requests_insert(store, &request, 1, "", &id));
    return id;
}

/* A compared failure. */
static inline int64_t add_failure(struct store *store, int64_t citizen_id, int64_t request_id,
                                  const char *ip, int64_t at_ms)
{
    const struct failure failure = {FAILURE_CODE, citizen_id, request_id, ip, ""};
    int64_t id = 0;
    assert_ok(failures_insert(store, &failure, at_ms, &id));
    return id;
}

static inline struct outbox_message make_message(const char *phone, int64_t created_ms)
{
    struct outbox_message message = {.class = OUTBOX_CONTRACLAVE,
                                     .created_ms = created_ms,
                                     .not_before_ms = created_ms,
                                     .expires_ms = created_ms + HOUR,
                                     .reference = -1};
    (void)snprintf(message.phone.e164, sizeof message.phone.e164, "%s", phone);
    (void)snprintf(message.text, sizeof message.text, "su contraclave PIN24H es 0481");
    return message;
}

static inline int64_t add_message(struct store *store, const char *phone, int64_t created_ms)
{
    struct outbox_message message = make_message(phone, created_ms);
    int64_t id = 0;
    assert_ok(outbox_insert(store, &message, &id));
    return id;
}

/* For tests: any number of uses, as verifications would have left it. */
static inline enum cc_err set_uses(struct store *store, int64_t id, int64_t uses)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE requests SET uses = $1 WHERE id = $2 RETURNING " REQUESTS_TAGGED);
    db_bind_int(st, 1, uses);
    db_bind_int(st, 2, id);
    return rowtag_run(store, ROWTAG_REQUESTS, st, NULL);
}

/*
 * A NIF that nobody has, from number `from` on. Rows are found by a keyed index, so that who stands
 * behind it in the table is chance: somebody does, as behind nearly every NIF in a town.
 */
static inline void find_unknown(struct store *store, int from, char ret[NIF_CHARS + 1])
{
    int64_t behind = 0;
    for (int n = from; behind == 0; n++) {
        struct citizen citizen;
        (void)snprintf(ret, NIF_CHARS + 1, "%08u%c", (unsigned)n % 100000000,
                       "TRWAGMYFPDXBNJZSQVHLCKE"[n % 23]);
        struct nif nif = make_citizen(ret, "").nif;
        assert_int_equal(citizens_find(store, &nif, &citizen), CC_ERR_NOT_FOUND);
        uint64_t bits = 0;
        for (size_t i = 0; i < sizeof bits; i++)
            bits = bits << 8 | citizen.nif_index[i];
        struct db_stmt *st = db_query(store->db, "SELECT count(*) FROM citizens WHERE id > $1");
        db_bind_int(st, 1, (int64_t)(bits >> 2) + 1);
        assert_ok(db_run_int(st, &behind));
    }
}

/* Runs statements in which bytes are written x'00FF' and BLOB, as SQLite has them. */
static inline enum cc_err exec_sql(struct store *store, const char *sql)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    for (; *sql != '\0'; sql++) {
        if (fixture_server() != NULL && strncmp(sql, "BLOB", 4) == 0) {
            (void)fputs("bytea", out);
            sql += 3;
            continue;
        }
        bool is_bytes = fixture_server() != NULL && sql[0] == 'x' && sql[1] == '\'';
        if (!is_bytes) {
            (void)fputc(*sql, out);
            continue;
        }
        size_t digits = strcspn(sql + 2, "'");
        (void)fprintf(out, "'\\x%.*s'::bytea", (int)digits, sql + 2);
        sql += 2 + digits;
    }
    assert_int_equal(fclose(out), 0);
    enum cc_err err = db_exec(store->db, text);
    free(text);
    return err;
}

/* For a program all of whose tests are about files, at its start. */
static inline void fixture_use_files(void)
{
    (void)unsetenv("CC_SERVER");
}

/* Ends a test of what only a file can be. */
#define needs_file()                                                                               \
    do {                                                                                           \
        if (fixture_server() != NULL)                                                              \
            skip();                                                                                \
    } while (0)

static inline int64_t ask_int(struct store *store, const char *sql)
{
    int64_t value = -1;
    assert_ok(db_run_int(db_query(store->db, sql), &value));
    return value;
}

#endif
