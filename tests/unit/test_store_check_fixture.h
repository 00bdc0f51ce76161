/* SPDX-License-Identifier: EUPL-1.2 */
/* A database with rows in every tagged table, and its check. */
#ifndef CC_TEST_STORE_CHECK_FIXTURE_H
#define CC_TEST_STORE_CHECK_FIXTURE_H

#include "tests/unit/test_store_fixture.h"

#include "base/fsx.h"
#include "store/audit.h"
#include "store/check.h"
#include "store/clients.h"
#include "store/notices.h"
#include "store/simpin.h"

enum { PEOPLE = 8 };

static inline void fill(struct store *store)
{
    char token[CLIENT_TOKEN_SIZE];
    int64_t id = 0;
    assert_ok(clients_create(store, "sede", SCOPE_VERIFICAR, T0 + DAY, T0, token, &id));
    assert_ok(clients_create(store, "otra", SCOPE_SOLICITAR, 0, T0, token, &id));
    assert_ok(clients_revoke(store, "otra", T0 + 1));
    for (int i = 0; i < PEOPLE; ++i) {
        char nif[16], phone[16];
        int number = 10000000 + i;
        (void)snprintf(nif, sizeof nif, "%d%c", number, "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]);
        (void)snprintf(phone, sizeof phone, "+3460012310%d", i);
        int64_t citizen = add_citizen(store, nif, phone);
        int64_t request = add_request(store, citizen, T0, T0 + DAY);
        assert_ok(requests_set_tries(store, request, i % 3, 3));
        (void)add_failure(store, citizen, request, "10.0.0.1", T0 + i);
        const struct audit_entry entry = {
            .event = "verificacion", .actor = "cliente:sede", .result = "rechazado"};
        assert_ok(audit_append(store, &entry, T0 + i, NULL));
    }
    bool is_first = false;
    assert_ok(notices_mark(store, 1, NOTICE_LOCKED, T0, &is_first));
    assert_ok(notices_mark(store, 2, NOTICE_WITHHELD, T0 + 1, &is_first));
    assert_ok(simpin_trying(store, "8934", "1234", T0));
    assert_ok(simpin_trying(store, "8935", "1234", T0));
    assert_ok(store_raise_time(store, T0));
}

static inline struct check run_check(struct store *store, int64_t rows)
{
    struct check check;
    bool more = true;
    check_begin(&check, store, NULL, NULL);
    while (more)
        assert_ok(check_step(&check, rows, &more));
    return check;
}

#endif
