/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * fill_town DATABASE KEY CITIZENS PENDING ENDED: a registry of that size for a daemon that has not
 * started yet, each person by an alta in person, with online altas that wait for a clerk or were
 * decided. Number n has the NIF 10000000 + n and the mobile +346 and n.
 */
#include "base/clock.h"
#include "base/log.h"
#include "service/enrol.h"
#include "service/service.h"
#include "store/applications.h"

#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_NIF = 10000000, PER_COMMIT = 20000, CITIZENS_MAX = 2000000 };

static const struct caller clerk = {.kind = CALLER_SESSION, .name = "operador:relleno"};

static void must(enum cc_err result, const char *what)
{
    if (result != CC_OK)
        errx(1, "%s: %s", what, err_token(result));
}

static void number_person(long n, struct nif *ret_nif, struct person_name *ret_name,
                          struct phone *ret_phone)
{
    char text[NIF_CHARS + 1];
    unsigned number = (FIRST_NIF + (unsigned)n) % 100000000;
    (void)snprintf(text, sizeof(text), "%08u%c", number, "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]);
    must(nif_parse(text, NIF_CHARS, ret_nif), "NIF");
    (void)snprintf(ret_name->given, NAME_PART_SIZE, "Persona %ld", n);
    (void)snprintf(ret_name->first_surname, NAME_PART_SIZE, "Fernández");
    (void)snprintf(ret_name->second_surname, NAME_PART_SIZE, "Íñiguez");
    (void)snprintf(ret_phone->e164, sizeof(ret_phone->e164), "+346%08ld", n);
}

static void add_citizen(struct service *service, long n)
{
    struct citizen citizen;
    struct enrol_input input = {
        .channel = CITIZEN_CHANNEL_IN_PERSON, .contrast = {"2031-04-09"}, .caller = &clerk};
    number_person(n, &input.nif, &input.name, &input.phone);
    (void)snprintf(input.reference, sizeof(input.reference), "2026-E-RC-%ld", n);
    must(enrol_person(service, &input, clock_wall_ms(), &citizen), "alta");
}

static void add_application(struct service *service, long n, enum application_state state)
{
    static const struct address_keys nowhere = {"", ""};
    int64_t id = 0, now_ms = clock_wall_ms();
    struct application application = {
        .client_id = 1,
        .state = state,
        .created_ms = now_ms,
        .ended_ms = state == APPLICATION_PENDING ? 0 : now_ms,
    };
    secret_random(application.public_id, sizeof(application.public_id));
    number_person(n, &application.nif, &application.name, &application.phone);
    must(applications_insert(service->store, &application, &nowhere, &id), "online alta");
}

/* Large transactions: a commit of each would cost more than the rows. */
static void commit_after(struct store *store, long n)
{
    if (n % PER_COMMIT != 0)
        return;
    must(store_commit(store), "commit");
    must(db_begin(store->db), "begin");
}

static long number_of(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || number < 0 || number > CITIZENS_MAX)
        errx(2, "from 0 to %d, not %s", CITIZENS_MAX, text);
    return number;
}

int main(int argc, char **argv)
{
    static struct store store;
    static const struct settings settings = {.clause = "2026-11"};
    static struct service service = {.store = &store, .settings = &settings};
    if (argc != 6)
        errx(2, "usage: fill_town DATABASE KEY CITIZENS PENDING ENDED");
    long citizens = number_of(argv[3]), pending = number_of(argv[4]), ended = number_of(argv[5]);
    if (sodium_init() < 0)
        errx(1, "sodium");
    log_init(LOG_LEVEL_ERROR);
    must(store_open(argv[1], argv[2], &store), "store");
    /* rows fall anywhere into the tables: what the daemon may keep in memory is too little here */
    must(db_exec(store.db, "PRAGMA cache_size = -1000000"), "cache");
    must(db_begin(store.db), "begin");
    for (long n = 0; n < citizens; commit_after(&store, ++n))
        add_citizen(&service, n);
    for (long n = 0; n < ended; commit_after(&store, ++n))
        add_application(&service, citizens + n, APPLICATION_ACCEPTED);
    for (long n = 0; n < pending; commit_after(&store, ++n))
        add_application(&service, citizens + ended + n, APPLICATION_PENDING);
    must(store_commit(&store), "commit");
    must(db_empty_log(store.db), "log");
    store_close(&store);
    return 0;
}
