/* SPDX-License-Identifier: EUPL-1.2 */
/* How long a sealed row is tells nothing of whose it is, and rows of before the padding open. */
#include "tests/unit/test_rotation_fixture.h"

#include "store/applications.h"
#include "store/life.h"
#include "store/mails.h"
#include "store/seal.h"

enum { NAMES = 4 };

static const struct person_name names[NAMES] = {
    {"Ana", "", ""},
    {"Jon", "Gil", "Ruiz"},
    {"María de los Ángeles", "Fernández de Córdoba", "Íñiguez"},
    {"Maximiliano José", "Goikoetxeandia", "Zubizarreta"},
};

static void set_name(struct person_name *name, size_t i)
{
    *name = names[i];
}

static void assert_one_length(struct store *store, const char *sql, int64_t pad)
{
    struct db_stmt *st = db_query(store->db, sql);
    int64_t lengths = 0, length = 0, rows = 0;
    assert_true(db_step(st));
    lengths = db_column_int(st, 0);
    length = db_column_int(st, 1);
    rows = db_column_int(st, 2);
    assert_ok(db_finish(st));
    if (lengths != 1 || rows < NAMES || (length - SECRET_SEAL_OVERHEAD) % pad != 0)
        fail_msg("%s: %d lengths, %d bytes, %d rows", sql, (int)lengths, (int)length, (int)rows);
}

#define LENGTHS(table)                                                                             \
    "SELECT count(DISTINCT length(sealed)), max(length(sealed)), count(*) FROM " table

static struct nif nif_of(size_t i)
{
    struct nif nif = {0};
    (void)snprintf(nif.text, sizeof(nif.text), "%08zuX", 12345600 + i);
    return nif;
}

static void add_person(struct store *store, size_t i)
{
    static const char *const reasons[NAMES] = {
        "", "no", "ha perdido el teléfono y no recuerda el número de antes",
        "lo pide por escrito, con instancia del 3 de noviembre, su hija, que trae el poder"};
    struct citizen citizen = make_citizen(nif_of(i).text, "");
    struct life_edge edge = {.act = LIFE_ENROL, .at_ms = T0, .phone_proven = i % 2 == 0};
    int64_t id = 0;
    set_name(&citizen.name, i);
    (void)snprintf(citizen.phone.e164, sizeof(citizen.phone.e164), "+3460000000%zu", i);
    assert_ok(citizens_insert(store, &citizen, &id));
    assert_ok(citizens_find(store, &citizen.nif, &citizen));
    (void)snprintf(edge.actor, sizeof(edge.actor), "%s", i % 2 == 0 ? "a" : "cliente:registro");
    (void)snprintf(edge.reason, sizeof(edge.reason), "%s", reasons[i]);
    assert_ok(life_append(store, &citizen, &edge));
}

static void add_application(struct store *store, size_t i)
{
    static const struct address_keys nowhere = {"", ""};
    struct application application = {
        .created_ms = T0, .nif = nif_of(i), .document_count = 1, .documents = {{.size = 7}}};
    int64_t id = 0;
    set_name(&application.name, i);
    secret_random(application.public_id, sizeof(application.public_id));
    memset(application.documents[0].key, 3, SEALED_FILE_KEY_BYTES);
    assert_ok(applications_insert(store, &application, &nowhere, &id));
    assert_ok(applications_find(store, application.public_id, &application));
    assert_int_equal(application.document_count, 1);
    assert_int_equal(application.documents[0].key[SEALED_FILE_KEY_BYTES - 1], 3);
    assert_string_equal(application.name.given, names[i].given);
}

static void add_mail(struct store *store, size_t i)
{
    static const char *const to[NAMES] = {"a@b.es", "ana@example.org",
                                          "registro.general@ayuntamiento-de-alpedrete.example.org",
                                          "maximiliano.goikoetxeandia.zubizarreta@example.org"};
    struct mail mail = {.created_ms = T0, .expires_ms = T0 + DAY};
    (void)snprintf(mail.to.text, sizeof(mail.to.text), "%s", to[i]);
    (void)snprintf(mail.value, sizeof(mail.value), "%.*s", (int)i * 8,
                   "0123456789012345678901234567890");
    assert_ok(mails_insert(store, &mail));
}

static void assert_lengths(struct store *store)
{
    assert_one_length(store, LENGTHS("citizens"), SEAL_PAD_PERSON);
    assert_one_length(store, LENGTHS("life"), SEAL_PAD_ROW);
    assert_one_length(store, LENGTHS("applications"), SEAL_PAD_ROW);
    assert_one_length(store, LENGTHS("mails"), SEAL_PAD_ROW);
}

static void they_tell_nothing(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (size_t i = 0; i < NAMES; i++) {
        add_person(store, i);
        add_application(store, i);
        add_mail(store, i);
    }
    assert_lengths(store);
}

/* ---- rows of an older program ---------------------------------------------------------------- */

static void seal_unpadded(struct store *store, const struct citizen *citizen, const char *plain,
                          size_t len)
{
    uint8_t sealed[256];
    secret_seal(store->keys, "citizens.sealed", citizen->nif_index, SECRET_TAG_BYTES, plain, len,
                sealed);
    struct db_stmt *st = db_query(store->db, "UPDATE citizens SET sealed = $1 WHERE id = $2"
                                             " RETURNING " CITIZENS_TAGGED);
    db_bind_blob(st, 1, sealed, len + SECRET_SEAL_OVERHEAD);
    db_bind_int(st, 2, citizen->id);
    assert_ok(rowtag_run(store, ROWTAG_CITIZENS, st, NULL));
}

/* As rows were before surnames, and before the padding. */
static void make_old(struct store *store)
{
    static const char first[] = "12345600X\0Ana\0+34600000000";
    static const char second[] = "12345601X\0Jon\0+34600000001\0Gil\0Ruiz\0eu\0";
    struct nif nif = nif_of(0);
    struct citizen citizen;
    assert_ok(citizens_find(store, &nif, &citizen));
    seal_unpadded(store, &citizen, first, sizeof(first) - 1);
    nif = nif_of(1);
    assert_ok(citizens_find(store, &nif, &citizen));
    seal_unpadded(store, &citizen, second, sizeof(second) - 1);
}

static void assert_people(struct store *store)
{
    for (size_t i = 0; i < NAMES; i++) {
        struct nif nif = nif_of(i);
        struct citizen citizen;
        assert_ok(citizens_find(store, &nif, &citizen));
        assert_string_equal(citizen.name.given, names[i].given);
        assert_string_equal(citizen.name.second_surname, names[i].second_surname);
        assert_int_equal(citizen.phone.e164[11], '0' + (int)i);
    }
}

static void change_key(struct fixture *f)
{
    const struct audit_entry entry = {.event = "clave_cambiada", .actor = "x", .result = "y"};
    struct rotation *rotation = rotation_copied(f);
    assert_ok(rotation_finish(rotation, &entry, T0));
    rotation_free(rotation);
}

static void an_old_row_is_padded_when_it_is_written(void **state)
{
    struct fixture *f = *state;
    struct nif nif = nif_of(0);
    struct citizen citizen;
    for (size_t i = 0; i < NAMES; i++)
        add_person(&f->store, i);
    make_old(&f->store);
    assert_people(&f->store);
    assert_ok(citizens_find(&f->store, &nif, &citizen));
    assert_ok(citizens_update(&f->store, &citizen));
    assert_int_equal(ask_int(&f->store, LENGTHS("citizens")), 2);
    assert_people(&f->store);
    change_key(f);
    assert_one_length(&f->store, LENGTHS("citizens"), SEAL_PAD_PERSON);
    assert_people(&f->store);
    make_old(&f->store);
    change_key(f);
    assert_one_length(&f->store, LENGTHS("citizens"), SEAL_PAD_PERSON);
    assert_people(&f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(they_tell_nothing),
        fixture_test(an_old_row_is_padded_when_it_is_written),
    };
    fixture_use_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
