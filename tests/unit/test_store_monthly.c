/* SPDX-License-Identifier: EUPL-1.2 */
/* Figures by month: what each row of the trail counts as, in which month, and that each counts
 * once, however the counting is cut into pieces. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/monthly.h"

#include <time.h>

static const int64_t december_ms = INT64_C(1796083199000); /* 2026-11-30 23:59:59 UTC */
static const int64_t day_ms = INT64_C(86400000);

static void set_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void test_what_counts(void **state)
{
    (void)state;
    static const struct {
        const char *event, *result;
        int64_t reference;
        enum monthly_kind kind; /* MONTHLY_KINDS = nothing */
        int64_t count;
    } rows[] = {
        {"alta", "presencial", 77, MONTHLY_IN_PERSON, 1},
        {"alta", "en_linea", 77, MONTHLY_ONLINE, 1},
        {"alta", "certificado", 77, MONTHLY_CERTIFICATE, 1},
        {"alta", "telefono", 77, MONTHLY_PHONE, 1},
        {"alta", "identidad", 77, MONTHLY_ASSERTED, 1},
        {"alta", "otra", 77, MONTHLY_KINDS, 0},
        {"alta_solicitada", "correcto", 0, MONTHLY_KINDS, 0},
        {"renuncia", "correcto", 0, MONTHLY_LEFT, 1},
        {"defuncion", "correcto", 0, MONTHLY_LEFT, 1},
        {"anulacion", "correcto", 0, MONTHLY_LEFT, 1},
        {"cambio_nif", "correcto", 0, MONTHLY_LEFT, 1},
        {"suspension", "correcto", 0, MONTHLY_KINDS, 0},
        {"solicitud", "enviar", 5, MONTHLY_REQUESTS, 1},
        {"solicitud", "nif_desconocido", 0, MONTHLY_REQUESTS, 1},
        {"verificacion", "correcto", 5, MONTHLY_ENTERED, 1},
        {"verificacion", "rechazado", 3, MONTHLY_REFUSED, 3},
        {"verificacion", "sin_coincidencia", 40, MONTHLY_REFUSED, 40},
        {"verificacion", "rechazado", INT64_MAX, MONTHLY_REFUSED, 1},
        {"verificacion", "rechazado", -7, MONTHLY_REFUSED, 1},
        {"sesion_abrir", "correcto", 1, MONTHLY_KINDS, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum monthly_kind kind = MONTHLY_KINDS;
        int64_t count = 0;
        bool counts =
            monthly_counts_as(rows[i].event, rows[i].result, rows[i].reference, &kind, &count);
        if (counts != (rows[i].kind != MONTHLY_KINDS) || kind != rows[i].kind ||
            count != rows[i].count)
            fail_msg("%s %s: kind %d, %lld", rows[i].event, rows[i].result, (int)kind,
                     (long long)count);
    }
}

static void test_months_of_the_zone(void **state)
{
    (void)state;
    set_zone("UTC");
    assert_int_equal(monthly_month_of(december_ms), 2026 * 12 + 10);
    assert_int_equal(monthly_month_of(december_ms + 1000), 2026 * 12 + 11);
    set_zone("Europe/Madrid");
    assert_int_equal(monthly_month_of(december_ms - 3600 * 1000 + 1000), 2026 * 12 + 11);
    assert_int_equal(monthly_month_of(december_ms - 3600 * 1000), 2026 * 12 + 10);
}

static void append(struct store *store, const char *event, const char *result, int64_t at_ms)
{
    const struct audit_entry entry = {
        .event = event, .actor = "cliente:sede", .result = result, .reference = 2};
    assert_ok(audit_append(store, &entry, at_ms, NULL));
}

static bool fold(struct store *store, bool keep)
{
    bool more = false;
    assert_ok(db_begin(store->db));
    assert_ok(monthly_fold(store, &more));
    if (keep)
        assert_ok(store_commit(store));
    else
        db_rollback(store->db);
    return more;
}

static const struct monthly_row *look_at(struct store *store, struct monthly_table *table,
                                         size_t back)
{
    assert_ok(monthly_read(store, december_ms + day_ms, table));
    assert_in_range(table->count, back + 1, MONTHLY_SHOWN);
    return &table->rows[table->count - 1 - back];
}

static void test_each_row_counts_once(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct monthly_table table;
    set_zone("UTC");
    assert_ok(db_begin(store->db));
    append(store, "alta", "presencial", december_ms);
    append(store, "alta", "en_linea", december_ms);
    for (int i = 0; i < MONTHLY_FOLD_ROWS; i++)
        append(store, "verificacion", "correcto", december_ms + 1000);
    append(store, "verificacion", "rechazado", december_ms + 1000);
    append(store, "renuncia", "correcto", december_ms + 1000);
    assert_ok(store_commit(store));
    assert_int_equal(look_at(store, &table, 0)->counts[MONTHLY_ENTERED], MONTHLY_FOLD_ROWS - 2);
    assert_false(table.is_whole);
    assert_true(fold(store, false)); /* cut off before it was durable */
    assert_true(fold(store, true));
    assert_int_equal(look_at(store, &table, 0)->counts[MONTHLY_ENTERED], MONTHLY_FOLD_ROWS);
    assert_true(table.is_whole); /* the rest is counted as it is read */
    assert_false(fold(store, true));
    assert_false(fold(store, true));
    const struct monthly_row *row = look_at(store, &table, 0);
    assert_int_equal(row->counts[MONTHLY_ENTERED], MONTHLY_FOLD_ROWS);
    assert_int_equal(row->counts[MONTHLY_REFUSED], 2);
    assert_int_equal(row->counts[MONTHLY_LEFT], 1);
    assert_int_equal(row->people, 1);
    row = look_at(store, &table, 1);
    assert_int_equal(row->month, 2026 * 12 + 10);
    assert_int_equal(row->people, 2);
    assert_int_equal(table.count, 2);
}

/* A figure stays when the rows that it counts are destroyed. */
static void test_the_trail_may_be_cut(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct monthly_table table;
    set_zone("UTC");
    append(store, "solicitud", "enviar", december_ms);
    append(store, "solicitud", "enviar", december_ms);
    assert_false(fold(store, true));
    assert_ok(db_exec(store->db, "DELETE FROM audit WHERE id = 1"));
    assert_false(fold(store, true));
    assert_int_equal(look_at(store, &table, 1)->counts[MONTHLY_REQUESTS], 2);
}

static void test_sms_and_old_months(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct monthly_table table;
    set_zone("UTC");
    append(store, "alta", "presencial", december_ms - 1500 * day_ms); /* before the table */
    append(store, "alta", "presencial", december_ms - 90 * day_ms);
    append(store, "alta", "presencial", december_ms + 900 * day_ms); /* a clock that was wrong */
    assert_ok(db_begin(store->db));
    assert_ok(monthly_add(store, MONTHLY_ACTIVE, 5, december_ms - 1500 * day_ms));
    assert_ok(monthly_add(store, MONTHLY_ACTIVE, -2, december_ms));
    assert_ok(monthly_add(store, MONTHLY_SMS_SENT, 3, december_ms));
    assert_ok(monthly_add(store, MONTHLY_SMS_SENT, 1, december_ms));
    assert_ok(monthly_add(store, MONTHLY_SMS_FAILED, 2, december_ms));
    assert_ok(monthly_add(store, MONTHLY_SMS_FAILED, -1, december_ms));
    assert_ok(store_commit(store));
    assert_false(fold(store, true));
    const struct monthly_row *row = look_at(store, &table, 1);
    assert_int_equal(table.count, MONTHLY_SHOWN);
    assert_int_equal(row->counts[MONTHLY_SMS_SENT], 4);
    assert_int_equal(row->counts[MONTHLY_SMS_FAILED], 1);
    assert_true(row->knows_sms && table.rows[table.count - 1].knows_sms);
    assert_false(table.rows[table.count - 3].knows_sms); /* nothing was counted yet */
    assert_int_equal(row->people, 2);
    assert_int_equal(table.rows[0].people, 1);
    assert_int_equal(table.rows[0].active, 5);
    assert_int_equal(row->active, 3);
    assert_true(row->knows_active && table.rows[0].knows_active);
}

/* A box that is upgraded knows how many there are now, and not how many there were. */
static void test_active_before_they_were_counted(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct monthly_table table;
    set_zone("UTC");
    append(store, "alta", "presencial", december_ms - 90 * day_ms);
    assert_ok(db_exec(store->db, "UPDATE monthly SET count = 7 WHERE month = 0 AND kind = 12"));
    assert_int_equal(look_at(store, &table, 0)->active, 7);
    assert_true(look_at(store, &table, 0)->knows_active);
    assert_false(look_at(store, &table, 1)->knows_active);
    assert_ok(db_begin(store->db));
    assert_ok(monthly_add(store, MONTHLY_ACTIVE, 1, december_ms));
    assert_ok(store_commit(store));
    assert_int_equal(look_at(store, &table, 0)->active, 8);
    assert_true(look_at(store, &table, 1)->knows_active);
    assert_false(look_at(store, &table, 2)->knows_active);
}

/* Rows that no program of ours has written are left out. */
static void test_rows_of_no_kind(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct monthly_table table;
    set_zone("UTC");
    assert_ok(db_exec(store->db, "INSERT INTO monthly (month, kind, count) VALUES"
                                 " (24322, -9, 5), (24322, 99, 5), (24322, 0, 5), (24322, 6, 5)"));
    const struct monthly_row *row = look_at(store, &table, 1);
    assert_int_equal(row->month, 24322);
    assert_int_equal(row->counts[MONTHLY_LEFT], 5);
    assert_int_equal(row->counts[MONTHLY_FOLDED], 0);
}

static void test_a_new_box(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct monthly_table table;
    assert_int_equal(look_at(store, &table, 0)->people, 0);
    assert_int_equal(table.count, 1);
    assert_false(table.rows[0].knows_sms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_counts),      cmocka_unit_test(test_months_of_the_zone),
        fixture_test(test_each_row_counts_once), fixture_test(test_the_trail_may_be_cut),
        fixture_test(test_sms_and_old_months),   fixture_test(test_active_before_they_were_counted),
        fixture_test(test_rows_of_no_kind),      fixture_test(test_a_new_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
