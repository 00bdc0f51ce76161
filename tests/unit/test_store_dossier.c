/* SPDX-License-Identifier: EUPL-1.2 */
/* A person's file in pages: every row once, newest first, and the trail in steps that end. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/dossier.h"

enum { MANY = 2 * DOSSIER_PAGE + 7 };

struct pages {
    int64_t rows, last_at_ms;
    bool is_ordered;
};

static void count_row(const struct dossier_row *row, void *user)
{
    struct pages *pages = user;
    pages->is_ordered = pages->is_ordered && row->at_ms <= pages->last_at_ms;
    pages->last_at_ms = row->at_ms;
    pages->rows++;
}

/* Reads every page; returns how many there were. */
static int read_pages(struct fixture *f, const struct citizen *citizen, enum dossier_part part,
                      struct pages *ret)
{
    int count = 0;
    int64_t next = INT64_MAX;
    *ret = (struct pages){.last_at_ms = INT64_MAX, .is_ordered = true};
    do {
        assert_ok(dossier_list(&f->store, citizen, part, next, count_row, ret, &next));
        count++;
    } while (next != 0 && count < 100);
    return count;
}

static void find_person(struct fixture *f, struct citizen *ret)
{
    (void)add_citizen(&f->store, "12345678Z", "+34600123123");
    (void)add_citizen(&f->store, "87654321X", "+34600123124");
    const struct nif nif = make_citizen("12345678Z", "").nif;
    assert_ok(citizens_find(&f->store, &nif, ret));
}

static void each_request_is_in_one_page(void **state)
{
    struct fixture *f = *state;
    struct citizen person;
    struct pages pages;
    find_person(f, &person);
    const struct nif other = make_citizen("87654321X", "").nif;
    struct citizen neighbour;
    assert_ok(citizens_find(&f->store, &other, &neighbour));
    assert_int_equal(read_pages(f, &person, DOSSIER_REQUESTS, &pages), 1);
    assert_int_equal(pages.rows, 0);
    for (int i = 0; i < MANY; i++) {
        (void)add_request(&f->store, person.id, T0 + i, T0 + DAY);
        (void)add_failure(&f->store, person.id, 1, "", T0 + i);
        (void)add_request(&f->store, neighbour.id, T0 + i, T0 + DAY);
    }
    const enum dossier_part parts[] = {DOSSIER_REQUESTS, DOSSIER_FAILURES};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        assert_int_equal(read_pages(f, &person, parts[i], &pages), 3);
        assert_int_equal(pages.rows, MANY);
        assert_true(pages.is_ordered);
    }
}

static void messages_are_those_of_the_person(void **state)
{
    struct fixture *f = *state;
    struct citizen person;
    struct pages pages;
    find_person(f, &person);
    struct outbox_message own = make_message("+34600123123", T0), foreign = own;
    own.request_id = add_request(&f->store, person.id, T0, T0 + DAY);
    foreign.request_id = own.request_id + 1; /* another person's, to the same phone */
    int64_t id = 0;
    assert_ok(outbox_insert(&f->store, &own, &id));
    assert_ok(outbox_insert(&f->store, &foreign, &id));
    (void)add_message(&f->store, "+34600123123", T0); /* a notice */
    (void)add_message(&f->store, "+34600123124", T0);
    (void)read_pages(f, &person, DOSSIER_MESSAGES, &pages);
    assert_int_equal(pages.rows, 2);
    person.shares_phone = true; /* then a notice may be the other's */
    (void)read_pages(f, &person, DOSSIER_MESSAGES, &pages);
    assert_int_equal(pages.rows, 1);
}

static void append(struct fixture *f, const struct nif *subject, int64_t at_ms)
{
    const struct audit_entry entry = {
        .event = "verificacion", .actor = "cliente:sede", .subject = subject, .result = "correcto"};
    assert_ok(audit_append(&f->store, &entry, at_ms, NULL));
}

/* The trail is read a bounded number of rows at a time, however few of them are the person's. */
static void the_trail_is_read_in_steps(void **state)
{
    struct fixture *f = *state;
    struct citizen person;
    struct pages pages;
    int64_t next = 0;
    find_person(f, &person);
    assert_ok(db_begin(f->store.db));
    for (int i = 0; i < 3; i++)
        append(f, &person.nif, T0 + i);
    for (int i = 0; i < DOSSIER_AUDIT_READ; i++)
        append(f, NULL, T0 + 10);
    append(f, &person.nif, T0 + 20);
    assert_ok(store_commit(&f->store));
    pages = (struct pages){.last_at_ms = INT64_MAX, .is_ordered = true};
    assert_ok(dossier_list(&f->store, &person, DOSSIER_AUDIT, INT64_MAX, count_row, &pages, &next));
    assert_int_equal(pages.rows, 1);
    assert_true(next > 3);
    assert_int_equal(read_pages(f, &person, DOSSIER_AUDIT, &pages), 2);
    assert_int_equal(pages.rows, 4);
    assert_true(pages.is_ordered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(each_request_is_in_one_page),
        fixture_test(messages_are_those_of_the_person),
        fixture_test(the_trail_is_read_in_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
