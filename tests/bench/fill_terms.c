/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * fill_terms DATABASE KEY ROWS: so many rows that have had their term, a third each of requests,
 * messages that were sent and entries of the audit trail, for a daemon that has not started yet.
 */
#include "base/clock.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/citizens.h"
#include "store/monthly.h"
#include "store/outbox.h"
#include "store/requests.h"

#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PER_COMMIT = 20000, ROWS_MAX = 100000000, CITIZENS = 1000 };

#define DAY_MS INT64_C(86400000)

static int64_t citizens[CITIZENS];

static void must(enum cc_err result, const char *what)
{
    if (result != CC_OK)
        errx(1, "%s: %s", what, err_token(result));
}

static void add_citizens(struct store *store)
{
    for (unsigned n = 0; n < CITIZENS; n++) {
        struct citizen citizen = {.channel = CITIZEN_CHANNEL_IN_PERSON};
        unsigned number = 90000000 + n;
        (void)snprintf(citizen.nif.text, sizeof(citizen.nif.text), "%08u%c", number,
                       "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]);
        (void)snprintf(citizen.phone.e164, sizeof(citizen.phone.e164), "+347%08u", n);
        must(citizens_insert(store, &citizen, &citizens[n]), "citizen");
    }
}

static void add_entry(struct store *store, long n, int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = "solicitud", .actor = "cliente:sede", .result = "enviar", .reference = n};
    must(audit_append(store, &entry, now_ms - 800 * DAY_MS, NULL), "audit");
}

static void add_request(struct store *store, int64_t citizen_id, int64_t now_ms)
{
    int64_t id = 0;
    struct request request = {.citizen_id = citizen_id,
                              .created_ms = now_ms - 100 * DAY_MS,
                              .expires_ms = now_ms - 99 * DAY_MS};
    secret_random(request.public_id, sizeof(request.public_id));
    secret_random(request.clave_tag, sizeof(request.clave_tag));
    secret_random(request.code_tag, sizeof(request.code_tag));
    must(requests_insert(store, &request, 1, "203.0.113.7", &id), "request");
}

static void add_message(struct store *store, long n, int64_t now_ms)
{
    int64_t id = 0;
    struct outbox_message message = {.created_ms = now_ms - 100 * DAY_MS, .text = "0000"};
    (void)snprintf(message.phone.e164, sizeof(message.phone.e164), "+346%08ld", n % 100000000);
    must(outbox_insert(store, &message, &id), "message");
}

static void end_messages(struct store *store)
{
    must(db_exec(store->db, "UPDATE outbox SET state = 3, text = NULL, sent_ms = created_ms,"
                            " done_ms = created_ms"),
         "sent");
}

static void fold(struct store *store)
{
    for (bool more = true; more;)
        must(monthly_fold(store, &more), "figures");
}

static void fill(struct store *store, long rows)
{
    int64_t now_ms = clock_wall_ms();
    add_citizens(store);
    for (long n = 0; n < rows / 3; n++) {
        add_entry(store, n, now_ms);
        add_request(store, citizens[n % CITIZENS], now_ms);
        add_message(store, n, now_ms);
        if (n % PER_COMMIT == PER_COMMIT - 1) {
            must(store_commit(store), "commit");
            must(db_begin(store->db), "begin");
        }
    }
}

int main(int argc, char **argv)
{
    static struct store store;
    char *end = NULL;
    long rows = argc == 4 ? strtol(argv[3], &end, 10) : 0;
    if (rows < 1 || rows > ROWS_MAX || *end != '\0')
        errx(2, "usage: fill_terms DATABASE KEY ROWS");
    if (sodium_init() < 0)
        errx(1, "sodium");
    log_init(LOG_LEVEL_ERROR);
    must(store_open(argv[1], argv[2], &store), "store");
    if (gethostname(store.box, STORE_BOX_SIZE) != 0) /* or the daemon renames each message first */
        err(1, "gethostname");
    must(db_exec(store.db, "PRAGMA cache_size = -2000000"), "cache");
    must(db_begin(store.db), "begin");
    fill(&store, rows);
    end_messages(&store);
    fold(&store);
    must(store_commit(&store), "commit");
    must(db_empty_log(store.db), "log");
    store_close(&store);
    return 0;
}
