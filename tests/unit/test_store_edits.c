/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * 10 000 random edits of values and rows, and 10 000 of the bytes of the file, without the key:
 * each is told, and none is honoured, that is, no client, citizen or request is read other than it
 * was written, but where the whole database is in doubt and the sede is refused.
 */
#include "tests/unit/test_store_check_fixture.h"

#include "store/engines.h"

#include <fcntl.h>

enum { EDITS = 10000, BYTE_EDITS = 2000, ITEMS_MAX = 64, NEAR_BYTES = 160 };

/* The row of the engine's own that a column of this type takes, as an SQL literal or expression. */
static void draw_value(const char *type, const char *column, char out[80])
{
    static const char *const numbers[] = {"0",      "1",   "-1000000",      "%s + 1",
                                          "%s - 1", "127", "%s + 86400000", "9223372036854775807"};
    uint32_t n = secret_random_below(8);
    if (strcmp(type, "INTEGER") == 0)
        (void)snprintf(out, 80, n == 3 || n == 4 || n == 6 ? "%s%s" : "%s", column,
                       n == 3   ? " + 1"
                       : n == 4 ? " - 1"
                                : " + 86400000");
    if (strcmp(type, "INTEGER") == 0 && n != 3 && n != 4 && n != 6)
        (void)snprintf(out, 80, "%s", numbers[n]);
    else if (strcmp(type, "BLOB") == 0)
        (void)snprintf(out, 80, "%s", n < 4 ? "randomblob(16)" : n < 6 ? "x''" : "x'00'");
    else if (strcmp(type, "TEXT") == 0)
        (void)snprintf(out, 80, "'%c' || %s", 'a' + (int)n, column);
}

struct edit {
    char table[32], sql[400];
};

/* Draws an edit: a value of a row, a row gone, or a row twice under another number. */
static void draw_edit(struct store *store, struct edit *ret)
{
    static const char *const names[] = {"clients", "citizens", "requests", "failures",
                                        "meta",    "audit",    "notices",  "sim_pins"};
    char value[80], column[64] = "", type[16] = "";
    (void)snprintf(ret->table, sizeof ret->table, "%s", names[secret_random_below(8)]);
    struct db_stmt *st = db_query(store->db, "SELECT name, type FROM pragma_table_info($1)"
                                             " WHERE name <> 'touched' ORDER BY random()"
                                             " LIMIT 1");
    db_bind_text(st, 1, ret->table);
    assert_true(db_step(st));
    (void)snprintf(column, sizeof column, "%s", db_column_text(st, 0));
    (void)snprintf(type, sizeof type, "%s", db_column_text(st, 1));
    assert_ok(db_finish(st));
    const char *key = strcmp(ret->table, "meta") == 0 ? "name" : "id";
    draw_value(type, column, value);
    if (secret_random_below(10) == 0)
        (void)snprintf(ret->sql, sizeof ret->sql,
                       "DELETE FROM %s WHERE %s = (SELECT %s FROM %s ORDER BY random() LIMIT 1)",
                       ret->table, key, key, ret->table);
    else
        (void)snprintf(ret->sql, sizeof ret->sql,
                       "UPDATE OR IGNORE %s SET %s = %s WHERE %s = (SELECT %s FROM %s"
                       " ORDER BY random() LIMIT 1)",
                       ret->table, column, value, key, key, ret->table);
}

/* A sum of all rows: an edit that leaves it is none. False: the database cannot be read. */
static bool read_digest(struct store *store, uint64_t *ret)
{
    static const char *const queries[] = {
        "SELECT * FROM clients ORDER BY id",
        "SELECT " CITIZENS_TAGGED " FROM citizens ORDER BY id", /* entries decide nothing */
        "SELECT " REQUESTS_TAGGED " FROM requests ORDER BY id", /* `touched` means nothing */
        "SELECT * FROM failures ORDER BY id",
        /* of the head only the sealed bytes say anything */
        ("SELECT name, bytes, CASE name WHEN 'audit_head' THEN NULL ELSE number END,"
         " CASE name WHEN 'audit_head' THEN NULL ELSE row_tag END FROM meta ORDER BY name"),
        "SELECT * FROM audit ORDER BY id",
        "SELECT * FROM notices ORDER BY id",
        "SELECT * FROM sim_pins ORDER BY id",
    };
    uint64_t sum = 1469598103934665603U;
    for (size_t q = 0; q < sizeof queries / sizeof queries[0]; q++) {
        struct db_stmt *st = db_query(store->db, queries[q]);
        while (db_step(st)) {
            for (int c = 0; c < db_column_count(st); c++) {
                size_t len = 0;
                int64_t number =
                    db_column_kind(st, c) == DB_INT ? db_column_int(st, c) : (int64_t)len;
                const uint8_t *bytes =
                    db_column_kind(st, c) == DB_INT ? NULL : db_column_blob(st, c, &len);
                sum = (sum ^ (uint64_t)number) * 1099511628211U; /* NULL, 0, empty: the same */
                for (size_t i = 0; i < len; i++)
                    sum = (sum ^ bytes[i]) * 1099511628211U;
                sum = (sum ^ len) * 1099511628211U;
            }
        }
        if (db_finish(st) != CC_OK)
            return false;
    }
    *ret = sum;
    return true;
}

static uint64_t digest(struct store *store)
{
    uint64_t sum = 0;
    assert_true(read_digest(store, &sum));
    return sum;
}

/* ---- what the store believes ----------------------------------------------------------------- */

/* A sum of each client, citizen and live request that the store hands out. */
struct belief {
    size_t count;
    uint64_t items[ITEMS_MAX];
};

static uint64_t mix(uint64_t sum, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ ((const uint8_t *)bytes)[i]) * 1099511628211U;
    return (sum ^ len) * 1099511628211U;
}

static uint64_t mix_int(uint64_t sum, int64_t value)
{
    return mix(sum, &value, sizeof(value));
}

static void believe(struct belief *belief, uint64_t item)
{
    assert_true(belief->count < ITEMS_MAX);
    belief->items[belief->count++] = item;
}

static bool take_client(const struct client *client, void *user)
{
    if (client->is_altered)
        return true;
    uint64_t sum = mix(1, client->name, strlen(client->name));
    sum = mix(mix_int(sum, client->id), client->token_tag, SECRET_TAG_BYTES);
    sum = mix_int(mix_int(sum, client->scopes), client->created_ms);
    sum = mix(sum, client->networks, strlen(client->networks));
    sum = mix(sum, client->certificates, strlen(client->certificates));
    sum = mix(mix_int(sum, client->old_ends_ms), client->old_token_tag, SECRET_TAG_BYTES);
    sum = mix_int(mix_int(sum, client->used_ms), client->token_used_ms);
    believe(user, mix_int(mix_int(sum, client->expires_ms), client->revoked_ms));
    return true;
}

static void take_requests(struct store *store, int64_t citizen_id, struct belief *belief)
{
    static struct request live[REQUEST_LIVE_MAX];
    size_t count = 0;
    if (requests_live(store, citizen_id, limits_profile("pin24h"), T0 + MINUTE, live, &count) !=
        CC_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct request *request = &live[i];
        uint64_t sum = mix(mix_int(3, request->id), request->public_id, REQUEST_ID_BYTES);
        sum = mix(mix_int(sum, request->citizen_id), request->clave_tag, SECRET_TAG_BYTES);
        sum = mix(mix_int(sum, request->with_contrast), request->code_tag, SECRET_TAG_BYTES);
        sum = mix_int(mix_int(sum, request->created_ms), request->expires_ms);
        believe(belief, mix_int(mix_int(sum, request->tries), request->uses));
    }
}

static void take_citizen(struct store *store, int index, struct belief *belief)
{
    struct citizen citizen = make_citizen("", "");
    int number = 10000000 + index;
    (void)snprintf(citizen.nif.text, sizeof(citizen.nif.text), "%d%c", number,
                   "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]);
    const struct nif nif = citizen.nif;
    if (citizens_find(store, &nif, &citizen) != CC_OK)
        return;
    uint64_t sum = mix(2, citizen.nif.text, strlen(citizen.nif.text));
    sum = mix(sum, citizen.name.given, strlen(citizen.name.given));
    sum = mix(sum, citizen.phone.e164, strlen(citizen.phone.e164));
    sum = mix(sum, citizen.contrast.text, strlen(citizen.contrast.text));
    sum = mix_int(mix_int(sum, citizen.id), (int64_t)citizen.state);
    sum = mix_int(mix_int(sum, (int64_t)citizen.grade), (int64_t)citizen.channel);
    believe(belief, mix_int(mix_int(sum, citizen.locked), citizen.contrast_locked));
    take_requests(store, citizen.id, belief);
}

/* A PIN that was refused must not count as one that was never tried. */
static void take_pin(struct store *store, const char *iccid, struct belief *belief)
{
    bool tried = false;
    if (simpin_was_tried(store, iccid, "1234", &tried) == CC_OK)
        believe(belief, mix_int(mix(4, iccid, strlen(iccid)), tried));
}

static struct belief read_belief(struct store *store)
{
    struct belief belief = {0};
    /* Rows handed out before the failure count too. */
    enum cc_err err = clients_each(store, take_client, &belief);
    assert_true(err == CC_OK || belief.count <= ITEMS_MAX);
    for (int i = 0; i < PEOPLE; i++)
        take_citizen(store, i, &belief);
    take_pin(store, "8934", &belief);
    take_pin(store, "8935", &belief);
    return belief;
}

static bool is_within(const struct belief *belief, const struct belief *whole)
{
    for (size_t i = 0; i < belief->count; i++) {
        size_t k = 0;
        while (k < whole->count && whole->items[k] != belief->items[i])
            k++;
        if (k == whole->count)
            return false;
    }
    return true;
}

/* Whether an edit is believed. `check` is the check of all rows, as it is made at the start. */
static bool is_honoured(struct store *store, const struct check *check, const struct belief *whole)
{
    struct belief belief = read_belief(store);
    check_tell(check, store);
    bool is_refused = integrity_is_in_doubt(store);
    store->integrity = (struct integrity){0};
    store->notices = 0;
    return !is_refused && !is_within(&belief, whole);
}

/* Each altered row is told in the log: 20 000 lines that nobody needs. */
static int hush(void)
{
    int kept = dup(STDERR_FILENO);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(kept >= 0 && nowhere >= 0);
    assert_int_equal(dup2(nowhere, STDERR_FILENO), STDERR_FILENO);
    close(nowhere);
    return kept;
}

static void speak(int kept)
{
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
}

/* ---- values and rows ------------------------------------------------------------------------- */

static void test_ten_thousand_edits(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    const char *fault = "";
    int made = 0;
    fill(store);
    fixture_reopen(f);
    struct check before = run_check(store, 3);
    assert_true(check_is_good(&before));
    uint64_t whole = digest(store);
    struct belief belief = read_belief(store);
    assert_int_equal(belief.count, 2 + 2 * PEOPLE + 2);
    assert_ok(db_exec(store->db, "PRAGMA foreign_keys = OFF"));
    int kept = hush();
    struct edit edit = {{0}, {0}};
    while (made < EDITS && fault[0] == '\0') {
        draw_edit(store, &edit);
        assert_ok(db_begin(store->db));
        assert_ok(db_exec(store->db, edit.sql));
        if (digest(store) != whole) {
            struct check check = run_check(store, 100);
            made++;
            if (check_is_good(&check))
                fault = "is not told";
            else if (is_honoured(store, &check, &belief))
                fault = "is honoured";
        }
        db_rollback(store->db);
    }
    speak(kept);
    if (fault[0] != '\0')
        fail_msg("edit %d %s: %s", made, fault, edit.sql);
}

/* ---- bytes of the file ----------------------------------------------------------------------- */

/* Places in the file that are worth an edit: the tags, beside which their rows are. */
struct file {
    uint8_t bytes[1 << 20];
    size_t len;
    size_t tags[128];
    size_t tag_count;
    int fd;
};

static void find_tags(struct store *store, struct file *file)
{
    static const char *const queries[] = {
        "SELECT row_tag FROM clients",  "SELECT row_tag FROM citizens",
        "SELECT row_tag FROM requests", "SELECT row_tag FROM failures",
        "SELECT row_tag FROM meta",     "SELECT tag FROM audit",
        "SELECT row_tag FROM notices",  "SELECT row_tag FROM sim_pins",
    };
    for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
        struct db_stmt *st = db_query(store->db, queries[q]);
        while (db_step(st) && file->tag_count < 128) {
            uint8_t tag[SECRET_TAG_BYTES];
            if (db_column_is_null(st, 0))
                continue;
            size_t len = 0;
            const void *stored = db_column_blob(st, 0, &len);
            memcpy(tag, stored, SECRET_TAG_BYTES);
            const uint8_t *at = memmem(file->bytes, file->len, tag, sizeof(tag));
            if (at != NULL)
                file->tags[file->tag_count++] = (size_t)(at - file->bytes);
        }
        assert_ok(db_finish(st));
    }
}

/* Up to four bytes: nine times of ten near the tag of a row, else anywhere. */
static void draw_bytes(const struct file *file, size_t *ret_at, uint8_t ret[4], size_t *ret_len)
{
    size_t at = secret_random_below((uint32_t)file->len);
    if (secret_random_below(10) != 0) {
        size_t tag = file->tags[secret_random_below((uint32_t)file->tag_count)];
        at = tag + SECRET_TAG_BYTES - secret_random_below(NEAR_BYTES);
    }
    *ret_at = at + 4 < file->len ? at : file->len - 4;
    *ret_len = 1 + secret_random_below(4);
    memcpy(ret, file->bytes + *ret_at, 4);
    if (secret_random_below(2) == 0)
        ret[0] = (uint8_t)(ret[0] ^ 1U << secret_random_below(8));
    else
        secret_random(ret, *ret_len);
}

/* Opens the edited file. Returns what is wrong with what is told, "" if nothing is. */
static const char *open_edited(const struct fixture *f, const char *path, uint64_t whole,
                               const struct belief *belief, int *made)
{
    struct store store = {0};
    struct check check;
    uint64_t sum = 0;
    bool more = true, is_readable = false;
    const char *fault = "";
    enum cc_err err = store_open_to_read(path, f->key_path, &store);
    if (err != CC_OK) { /* told, and nothing is served */
        (*made)++;
        return "";
    }
    is_readable = read_digest(&store, &sum);
    check_begin(&check, &store, NULL, NULL);
    while (err == CC_OK && more)
        err = check_step(&check, 100, &more);
    bool is_told = err != CC_OK || !check_is_good(&check);
    if (!is_readable || sum != whole) {
        (*made)++;
        if (!is_told && is_readable)
            fault = "is not told";
        else if (is_honoured(&store, &check, belief))
            fault = "is honoured";
    }
    store_close(&store);
    return fault;
}

static void test_edits_of_bytes(void **state)
{
    static struct file file;
    struct fixture *f = *state;
    char copy[340];
    const char *fault = "";
    const char *asked = getenv("BYTE_EDITS");
    int made = 0, wanted = asked != NULL ? (int)strtol(asked, NULL, 10) : BYTE_EDITS;
    size_t at = 0, len = 0;
    uint8_t edited[4];
    fill(&f->store);
    fixture_reopen(f); /* writes the head over the last rows */
    (void)snprintf(copy, sizeof(copy), "%s.copy", f->db_path);
    assert_ok(fsx_create(copy, "", 0, 0600));
    assert_ok(store_engine_of(f->db_path)->files->backup(f->db_path, copy));
    assert_ok(fsx_read(copy, file.bytes, sizeof(file.bytes), &file.len));
    find_tags(&f->store, &file);
    assert_true(file.tag_count > 3 * PEOPLE);
    uint64_t whole = digest(&f->store);
    struct belief belief = read_belief(&f->store);
    file.fd = open(copy, O_RDWR | O_CLOEXEC);
    assert_true(file.fd >= 0);
    assert_string_equal(open_edited(f, copy, whole + 1, &belief, &made), "is not told");
    made = 0;
    int kept = hush();
    while (made < wanted && fault[0] == '\0') {
        draw_bytes(&file, &at, edited, &len);
        assert_int_equal(pwrite(file.fd, edited, len, (off_t)at), len);
        fault = open_edited(f, copy, whole, &belief, &made);
        assert_int_equal(pwrite(file.fd, file.bytes + at, len, (off_t)at), len);
    }
    speak(kept);
    close(file.fd);
    if (fault[0] != '\0')
        fail_msg("edit %d %s: %zu bytes at %zu, the first is 0x%02x", made, fault, len, at,
                 (unsigned)edited[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_ten_thousand_edits),
        fixture_test(test_edits_of_bytes),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
