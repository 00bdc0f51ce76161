/* SPDX-License-Identifier: EUPL-1.2 */
/* Another master key while the database is in use: all is found under it, nothing under the old. */
#include "tests/unit/test_store_fixture.h"

#include "base/secret_old.h"
#include "store/audit.h"
#include "store/check.h"
#include "store/clients.h"
#include "store/engine.h"
#include "store/evidence.h"
#include "store/idempotency.h"
#include "store/life.h"
#include "store/monthly.h"
#include "store/operators.h"
#include "store/phone_codes.h"
#include "store/requests_id.h"
#include "store/rotation.h"
#include "store/rotation_tables.h"
#include "store/seal.h"
#include "store/sessions.h"
#include "store/simpin.h"

#include <sys/stat.h>

static const struct nif ana = {.text = "12345678Z"}, luis = {.text = "00000001R"};
static const struct audit_entry changed = {
    .event = "clave_rotada", .actor = "sistema", .result = "correcto"};

static struct store_place place_of(const struct fixture *f)
{
    return (struct store_place){.db_path = f->db_path, .key_path = f->key_path};
}

static void rotate_to(struct fixture *f, struct rotation *rotation)
{
    bool ready = false;
    while (!ready)
        assert_ok(rotation_step(rotation, 16, &ready));
    assert_ok(rotation_finish(rotation, &changed, T0));
    rotation_free(rotation);
    assert_int_equal(f->store.integrity.facts, 0);
}

static struct rotation *begin(struct fixture *f)
{
    const struct store_place place = place_of(f);
    struct rotation *rotation = NULL;
    assert_ok(rotation_begin(&f->store, &place, T0, &rotation));
    return rotation;
}

static bool is_good(struct store *store)
{
    struct check check;
    bool more = true;
    check_begin(&check, store, NULL, NULL);
    while (more)
        assert_ok(check_step(&check, 100, &more));
    return check_is_good(&check);
}

static void assert_file(const struct fixture *f, const char *suffix, bool is_there)
{
    char path[400];
    (void)snprintf(path, sizeof(path), "%s%s", f->dir, suffix);
    if ((access(path, F_OK) == 0) != is_there)
        fail_msg("%s: %d", path, !is_there);
}

/* ---- the list of the tables ------------------------------------------------------------------ */

static const struct rotation_table *find_table(const char *name)
{
    for (int i = 0; i < rotation_table_count; i++)
        if (strcmp(rotation_tables[i].name, name) == 0)
            return &rotation_tables[i];
    return NULL;
}

static bool is_left_out(const char *name)
{
    static const char *const names[] = {"audit", "old_keys", "import_parts", "sqlite_sequence"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whoever adds a column says what becomes of it. */
static void check_columns(struct store *store, const char *name)
{
    const struct rotation_table *table = find_table(name);
    if (table == NULL) {
        fail_msg("store/rotation_tables.c has no table %s", name);
        return;
    }
    char list[1000], *rest = NULL;
    size_t count = 0;
    (void)snprintf(list, sizeof(list), "%s", table->select + strlen("SELECT "));
    *strstr(list, " FROM ") = '\0';
    for (char *word = strtok_r(list, ", ", &rest); word != NULL; word = strtok_r(NULL, ", ", &rest))
        count++;
    struct db_stmt *st = db_query(store->db, "SELECT count(*) FROM pragma_table_info($1)");
    int64_t columns = 0;
    db_bind_text(st, 1, name);
    assert_ok(db_run_int(st, &columns));
    if (columns != (int64_t)count || strlen(table->kinds) != count)
        fail_msg("%s has %d columns, store/rotation_tables.c copies %zu, of %zu kinds", name,
                 (int)columns, count, strlen(table->kinds));
}

static void each_table_and_column_is_in_the_list(void **state)
{
    struct fixture *f = *state;
    char names[64][64];
    size_t count = 0;
    struct db_stmt *st =
        db_query(f->store.db, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    while (db_step(st))
        (void)snprintf(names[count++], sizeof(names[0]), "%s", db_column_text(st, 0));
    assert_ok(db_finish(st));
    for (size_t i = 0; i < count; i++)
        if (!is_left_out(names[i]))
            check_columns(&f->store, names[i]);
    for (int i = 0; i < rotation_table_count; i++) {
        const struct rotation_table *table = &rotation_tables[i];
        const char *const texts[] = {table->next, table->select, table->insert, table->erase};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            assert_non_null(db_query(f->store.db, texts[k]));
    }
}

/* ---- what is found --------------------------------------------------------------------------- */

struct town {
    char client[CLIENT_TOKEN_SIZE], session[SESSION_TOKEN_SIZE], evidence[EVIDENCE_ID_SIZE];
    uint8_t request[REQUEST_ID_BYTES], public_key[SECRET_PUBLIC_BYTES];
    int64_t audit, ana, luis, message;
};

static void add_live_request(struct store *store, struct town *town)
{
    struct request request = {.citizen_id = town->ana, .created_ms = T0, .expires_ms = T0 + HOUR};
    const struct request_secret secret = {.nif = ana, .contraclave = "0481"};
    struct citizen citizen;
    int64_t id = 0;
    assert_ok(citizens_find(store, &ana, &citizen));
    secret_random(request.public_id, sizeof(request.public_id));
    const struct request_owner owner = {request.public_id, citizen.nif_root, request.expires_ms};
    request_clave_tag(store, &owner, "7391", request.clave_tag);
    request_code_tag(store, &owner, "7391", "0481", request.code_tag);
    request.secret = &secret;
    assert_ok(requests_insert(store, &request, 1, "192.0.2.1", &id));
    memcpy(town->request, request.public_id, sizeof(town->request));
}

static void add_person(struct store *store, struct town *town)
{
    struct operator_row row = {.name = "Begoña", .role = ROLE_TECNICO, .hash = "hash"};
    int64_t id = 0;
    assert_ok(operators_insert(store, &row, T0));
    assert_ok(sessions_create(store, row.id, "192.0.2.1", T0, town->session, &id));
    assert_ok(clients_create(store, "sede", 1, 0, T0, town->client, &id));
}

static void add_traces(struct store *store, const struct citizen *citizen)
{
    const struct life_edge edge = {.act = LIFE_ENROL, .at_ms = T0, .actor = "begona"};
    struct phone_code code = {.code = {.sent_ms = T0}, .phone = {"+34600000001"}};
    assert_ok(life_append(store, citizen, &edge));
    phone_codes_tag(store, &ana, T0, "123456", code.tag);
    assert_ok(phone_codes_put(store, &ana, &code));
    assert_ok(idempotency_keep(store, 1, "k", "r", 1, T0, 202, "{}"));
    assert_ok(simpin_trying(store, "8934", "1111", T0));
    (void)add_failure(store, citizen->id, 1, "192.0.2.1", T0);
}

static struct town build_town(struct store *store)
{
    struct town town = {0};
    struct citizen citizen;
    const struct audit_entry entry = {
        .event = "alta", .actor = "a", .subject = &ana, .result = "x"};
    town.ana = add_citizen(store, ana.text, "+34600000001");
    town.luis = add_citizen(store, luis.text, "+34600000002");
    assert_ok(citizens_find(store, &ana, &citizen));
    struct audit_entry alta = entry;
    alta.reference = town.ana;
    assert_ok(audit_append(store, &alta, T0, &town.audit));
    add_live_request(store, &town);
    add_person(store, &town);
    add_traces(store, &citizen);
    town.message = add_message(store, "+34600000001", T0);
    evidence_id(store, town.audit, town.evidence);
    secret_public_key(store->keys, town.public_key);
    return town;
}

static void check_codes(struct store *store, const struct town *town, const struct citizen *citizen)
{
    struct request request;
    struct request_secret secret;
    uint8_t tag[SECRET_TAG_BYTES];
    assert_ok(requests_find(store, town->request, 1, T0, &request));
    const struct request_owner owner = {request.public_id, citizen->nif_root, request.expires_ms};
    request_clave_tag(store, &owner, "7391", tag);
    assert_memory_equal(tag, request.clave_tag, sizeof(tag));
    request_code_tag(store, &owner, "7391", "0481", tag);
    assert_memory_equal(tag, request.code_tag, sizeof(tag));
    assert_int_equal(request.citizen_id, citizen->id);
    assert_ok(requests_open(store, &request, &secret));
    assert_string_equal(secret.contraclave, "0481");
    struct phone_code code;
    assert_ok(phone_codes_find(store, &ana, &code));
    phone_codes_tag(store, &ana, T0, "123456", tag);
    assert_memory_equal(tag, code.tag, sizeof(tag));
    assert_string_equal(code.phone.e164, "+34600000001");
}

static void count_edge(const struct life_edge *edge, void *user)
{
    assert_string_equal(edge->actor, "begona");
    ++*(int *)user;
}

static void check_town(struct store *store, const struct town *town)
{
    struct citizen citizen;
    struct session session;
    char answer[IDEMPOTENCY_ANSWER_MAX];
    uint8_t tag[SECRET_TAG_BYTES];
    int status = 0, edges = 0;
    int64_t id = 0;
    bool tried = false;
    assert_ok(citizens_find(store, &ana, &citizen));
    assert_string_equal(citizen.name.first_surname, "Núñez");
    assert_string_equal(citizen.phone.e164, "+34600000001");
    assert_int_not_equal(citizen.id, town->ana);
    check_codes(store, town, &citizen);
    assert_ok(life_each(store, &citizen, 10, count_edge, &edges));
    assert_int_equal(edges, 1);
    assert_ok(sessions_find(store, town->session, SESSION_TOKEN_CHARS, &session));
    client_token_tag(store, town->client, strlen(town->client), tag);
    struct db_stmt *st = db_query(store->db, "SELECT count(*) FROM clients WHERE token_tag = $1");
    db_bind_blob(st, 1, tag, sizeof(tag));
    assert_ok(db_run_int(st, &id));
    assert_int_equal(id, 1);
    assert_ok(idempotency_find(store, 1, "k", "r", 1, T0, &status, answer));
    assert_string_equal(answer, "{}");
    assert_ok(simpin_was_tried(store, "8934", "1111", &tried));
    assert_true(tried);
    assert_ok(evidence_parse_id(store, town->evidence, &id));
    assert_int_equal(id, town->audit);
    st = db_query(store->db, "SELECT count(*) FROM audit WHERE subject = $1 AND reference = $2");
    db_bind_blob(st, 1, citizen.nif_index, SECRET_TAG_BYTES);
    db_bind_int(st, 2, citizen.id);
    assert_ok(db_run_int(st, &id));
    assert_int_equal(id, 1);
    assert_true(is_good(store));
}

static void all_is_found_after_one_key_and_after_three(void **state)
{
    struct fixture *f = *state;
    struct town town = build_town(&f->store);
    uint8_t key[SECRET_KEY_BYTES], next[SECRET_KEY_BYTES], old[SECRET_PUBLIC_BYTES];
    for (size_t i = 1; i <= 3; i++) {
        assert_ok(secret_key_read(f->key_path, key));
        rotate_to(f, begin(f));
        assert_ok(secret_key_read(f->key_path, next));
        assert_memory_not_equal(key, next, sizeof(key));
        check_town(&f->store, &town);
        assert_int_equal(secret_keys_generation(f->store.keys), i);
        secret_old_public_key(f->store.keys, 0, old);
        assert_memory_equal(old, town.public_key, sizeof(old));
        fixture_reopen(f);
        assert_int_equal(f->store.integrity.facts, 0);
        check_town(&f->store, &town);
        assert_file(f, "/contraclaved.db.rota", false);
        assert_file(f, "/contraclaved.db.rota-wal", false);
        assert_file(f, "/clave-maestra.nueva", false);
        assert_file(f, "/clave-maestra.nueva.ancla", false);
    }
    assert_true(add_message(&f->store, "+34600000001", T0) > town.message);
}

/* ---- meanwhile ------------------------------------------------------------------------------- */

static void set_phone(struct store *store, const struct nif *nif, const char *phone)
{
    struct citizen citizen;
    assert_ok(citizens_find(store, nif, &citizen));
    (void)snprintf(citizen.phone.e164, sizeof(citizen.phone.e164), "%s", phone);
    assert_ok(citizens_update(store, &citizen));
}

static int64_t count(struct store *store, const char *sql)
{
    return ask_int(store, sql);
}

static void change_much(struct store *store, int turn)
{
    char text[NIF_CHARS + 1];
    struct citizen citizen;
    (void)snprintf(text, sizeof(text), "%08uX", (1000U + (unsigned)turn) % 100000000U);
    assert_ok(db_begin(store->db));
    (void)add_citizen(store, text, text);
    (void)add_message(store, "+34600000003", T0 + turn);
    assert_ok(audit_append(store, &(struct audit_entry){.event = "x", .actor = "y", .result = "z"},
                           T0 + turn, NULL));
    assert_ok(store_commit(store));
    assert_ok(db_begin(store->db));
    (void)add_message(store, "+34600000009", T0);
    db_rollback(store->db); /* never was */
    set_phone(store, &ana, "+34600000004");
    set_phone(store, &luis, "+34600000001");
    set_phone(store, &luis, "+34600000002");
    set_phone(store, &ana, turn % 2 == 0 ? "+34600000005" : "+34600000001");
    assert_ok(citizens_find(store, &ana, &citizen));
}

static void what_changes_meanwhile_is_there(void **state)
{
    struct fixture *f = *state;
    struct town town = build_town(&f->store);
    for (int i = 0; i < 100; i++)
        (void)add_message(&f->store, "+34600000001", T0 + i);
    int64_t message = 0;
    struct rotation *rotation = begin(f);
    bool ready = false;
    for (int turn = 0; turn < 60; turn++) {
        assert_ok(rotation_step(rotation, 4, &ready));
        change_much(&f->store, turn);
        if (turn == 30) {
            message = add_message(&f->store, "+34600000007", T0);
            assert_ok(db_run(db_query(f->store.db, "DELETE FROM outbox WHERE id > 150")));
        }
    }
    set_phone(&f->store, &ana, "+34600000001");
    struct store *store = &f->store;
    static const char citizens[] = "SELECT count(*) FROM citizens",
                      outbox[] = "SELECT count(*) FROM outbox",
                      audit[] = "SELECT count(*) FROM audit";
    int64_t before[] = {count(store, citizens), count(store, outbox), count(store, audit)};
    rotate_to(f, rotation);
    assert_int_equal(count(store, citizens), before[0]);
    assert_int_equal(count(store, outbox), before[1]);
    assert_int_equal(count(store, audit), before[2] + 1);
    check_town(store, &town);
    assert_true(add_message(store, "+34600000001", T0) > message);
    fixture_reopen(f);
    check_town(store, &town);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void write_file(const struct fixture *f, const void *bytes, size_t len, mode_t mode)
{
    char path[400];
    (void)snprintf(path, sizeof(path), "%s.nueva", f->key_path);
    (void)unlink(path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_new_key_that_is_none(void **state)
{
    struct fixture *f = *state;
    struct town town = build_town(&f->store);
    const struct store_place place = place_of(f);
    struct rotation *rotation = NULL;
    uint8_t key[SECRET_KEY_BYTES + 1] = {0}, now[SECRET_KEY_BYTES];
    const struct {
        size_t len;
        mode_t mode;
    } rows[] = {{0, 0400}, {31, 0400}, {33, 0400}, {32, 0440}, {32, 0404}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_file(f, key, rows[i].len, rows[i].mode);
        assert_int_equal(rotation_begin(&f->store, &place, T0, &rotation), CC_ERR_NEW_MASTER_KEY);
    }
    assert_ok(secret_key_read(f->key_path, key));
    write_file(f, key, SECRET_KEY_BYTES, 0400);
    assert_int_equal(rotation_begin(&f->store, &place, T0, &rotation), CC_ERR_NEW_MASTER_KEY);
    fixture_reopen(f);
    memset(key, 7, sizeof(key));
    write_file(f, key, SECRET_KEY_BYTES, 0400);
    rotate_to(f, begin(f));
    assert_ok(secret_key_read(f->key_path, now));
    assert_memory_equal(now, key, sizeof(now));
    check_town(&f->store, &town);
    while (secret_keys_generation(f->store.keys) < SECRET_OLD_MAX)
        assert_ok(secret_keys_add_old(f->store.keys, (uint8_t[SECRET_KEPT_BYTES]){0}));
    assert_int_equal(rotation_begin(&f->store, &place, T0, &rotation), CC_ERR_MASTER_KEYS_USED_UP);
}

static void what_was_altered_is_not_made_good(void **state)
{
    struct fixture *f = *state;
    (void)build_town(&f->store);
    struct rotation *rotation = begin(f);
    bool ready = false;
    assert_ok(db_exec(f->store.db, "UPDATE citizens SET level = level + 1"));
    enum cc_err err = CC_OK;
    while (err == CC_OK && !ready)
        err = rotation_step(rotation, 16, &ready);
    assert_int_equal(err, CC_ERR_ALTERED);
    rotation_free(rotation);
    const struct store_place place = place_of(f);
    assert_int_equal(rotation_begin(&f->store, &place, T0, &rotation), CC_ERR_ALTERED);
    assert_file(f, "/contraclaved.db.rota", false);
}

static void a_break_in_the_trail_stays(void **state)
{
    struct fixture *f = *state;
    const struct audit_entry entry = {.event = "x", .actor = "y", .result = "z"};
    for (int i = 0; i < 10; i++)
        assert_ok(audit_append(&f->store, &entry, T0 + i, NULL));
    struct rotation *rotation = begin(f);
    assert_ok(db_exec(f->store.db, "UPDATE audit SET at_ms = at_ms + 1 WHERE id = 4"));
    rotate_to(f, rotation);
    int64_t bad = 0;
    assert_ok(audit_verify(&f->store, &bad));
    assert_int_equal(bad, 4);
}

static void trim(struct store *store, int64_t days)
{
    int64_t went = 0;
    bool more = true;
    assert_ok(db_begin(store->db));
    while (more)
        assert_ok(monthly_fold(store, &more));
    assert_ok(audit_trim(store, T0 + days * DAY, T0 + 400 * DAY, 1000, &went));
    assert_ok(store_commit(store));
    assert_true(went > 0);
}

/* The trail may be trimmed before, behind what was taken over, and ahead of it. */
static void a_trail_that_is_trimmed(void **state)
{
    struct fixture *f = *state;
    const struct audit_entry entry = {.event = "x", .actor = "y", .result = "z"};
    bool ready = false;
    for (int i = 0; i < 200; i++)
        assert_ok(audit_append(&f->store, &entry, T0 + i * DAY, NULL));
    trim(&f->store, 20);
    struct rotation *rotation = begin(f);
    trim(&f->store, 30);
    for (int i = 0; i < 3; i++)
        assert_ok(rotation_step(rotation, 40, &ready));
    trim(&f->store, 50);
    assert_ok(rotation_step(rotation, 40, &ready));
    trim(&f->store, 190);
    rotate_to(f, rotation);
    assert_true(is_good(&f->store));
    assert_int_equal(count(&f->store, "SELECT count(*) FROM audit"), 11);
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
    trim(&f->store, 195);
    assert_true(is_good(&f->store));
    rotate_to(f, begin(f));
    assert_true(is_good(&f->store));
}

static void ended_before_its_end(void **state)
{
    struct fixture *f = *state;
    struct town town = build_town(&f->store);
    bool ready = false;
    struct rotation *rotation = begin(f);
    assert_ok(rotation_step(rotation, 16, &ready));
    rotation_free(rotation);
    change_much(&f->store, 1);
    fixture_reopen(f);
    assert_true(is_good(&f->store));
    rotate_to(f, begin(f));
    check_town(&f->store, &town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(each_table_and_column_is_in_the_list),
        fixture_test(all_is_found_after_one_key_and_after_three),
        fixture_test(what_changes_meanwhile_is_there),
        fixture_test(a_new_key_that_is_none),
        fixture_test(what_was_altered_is_not_made_good),
        fixture_test(a_break_in_the_trail_stays),
        fixture_test(a_trail_that_is_trimmed),
        fixture_test(ended_before_its_end),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
