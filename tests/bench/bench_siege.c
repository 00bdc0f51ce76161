/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A month of siege (DOMAIN 5): an attacker who has a list of all 1500 registered NIFs of a town,
 * and citizens who go about their business. The real rules and the real store, time driven, each
 * strategy in a town of its own. What it prints: comparisons that the attacker got, which are his
 * chances (each finds a code of four digits with 1/10^4), entries that he made, and citizens who
 * could not enter.
 */
#include "base/buf.h"
#include "base/log.h"
#include "service/request.h"
#include "service/service.h"
#include "service/town.h"
#include "service/verify.h"
#include "store/citizens.h"
#include "store/outbox.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEOPLE = 1500, DAYS = 30, HONEST_PER_DAY = 20, ADDRESSES = 4000 };
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define START_MS INT64_C(1795000000000) /* November 2026 */

/* Bounds of the issue: chances per NIF and month, of the town per wave; both in 1/10^4. */
enum { NIF_BOUND = 15, WAVE_BOUND = 100 };

struct person {
    struct nif nif;
    struct contraste contrast;
    bool gives_contrast;
    char code[CODE_SIZE]; /* of the last SMS */
    int64_t comparisons;  /* the attacker's, in the month, until he enters */
    bool is_broken;
};

struct siege {
    struct store store;
    struct settings settings;
    struct service service;
    struct person *people;
    int64_t now_ms;
    unsigned address;
    char folder[64];
    uint64_t dice;
    /* results */
    int64_t entries, comparisons, wave, largest_wave, waves;
    int64_t honest, failed_with_contrast, failed_asked, failed_attacked, failed_otherwise;
    int64_t entered_while_asked;
};

static const struct caller sede = {.kind = CALLER_CLIENT, .id = 1, .name = "cliente:sede"};

static void check(enum cc_err err, const char *what)
{
    if (err == CC_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, err_token(err));
    exit(1);
}

/* Splitmix64: the same month each time. */
static uint32_t roll(struct siege *s, uint32_t bound)
{
    uint64_t z = (s->dice += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) % bound);
}

static void random_date(struct siege *s, struct contraste *ret)
{
    *ret = (struct contraste){""};
    (void)snprintf(ret->text, sizeof(ret->text), "%04u-%02u-%02u", 2026 + roll(s, 10),
                   1 + roll(s, 12), 1 + roll(s, 28));
}

static void enrol(struct siege *s, unsigned n)
{
    struct person *person = &s->people[n];
    struct citizen citizen = {.state = LIFE_ACTIVE, .created_ms = s->now_ms};
    char text[16];
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    (void)snprintf(text, sizeof(text), "%08u%c", 10000000 + n * 7,
                   letters[(10000000 + n * 7) % 23]);
    check(nif_parse(text, strlen(text), &person->nif), "nif");
    random_date(s, &person->contrast);
    person->gives_contrast = n % 2 == 0;
    citizen.nif = person->nif;
    citizen.contrast = person->contrast;
    (void)snprintf(citizen.name.given, NAME_PART_SIZE, "Persona %u", n);
    (void)snprintf(citizen.phone.e164, sizeof(citizen.phone.e164), "+346%08u", n);
    check(citizens_insert(&s->store, &citizen, &citizen.id), "alta");
}

/* ---- what a sede does ------------------------------------------------------------------------ */

/* Every SMS is delivered at once; the number at the end of the phone is the person's. */
static void deliver(struct siege *s)
{
    struct outbox_message message;
    while (outbox_next(&s->store, s->now_ms, "m", OUTBOX_CONTRACLAVE, &message) == CC_OK) {
        const char *code = strstr(message.text, " es ");
        unsigned n = (unsigned)strtoul(message.phone.e164 + 4, NULL, 10);
        if (message.class == OUTBOX_CONTRACLAVE && code != NULL)
            (void)snprintf(s->people[n].code, CODE_SIZE, "%.4s", code + 4);
        check(outbox_claim(&s->store, message.id, "m", s->now_ms), "claim");
        check(outbox_sent(&s->store, message.id, 1, s->now_ms), "sent");
    }
}

static const struct address_keys *next_address(struct siege *s, struct address_keys *out)
{
    unsigned n = s->address++ % ADDRESSES;
    *out = (struct address_keys){"", ""};
    (void)snprintf(out->narrow, sizeof(out->narrow), "198.%u.%u.%u", 18 + n / 65536, n / 256 % 256,
                   n % 256);
    return out;
}

/* Returns whether the town asks for the contrast. */
static bool ask(struct siege *s, struct person *person, const char *clave,
                const struct contraste *contrast)
{
    struct address_keys from;
    int64_t wait_s = 0;
    struct request_output out = {.asks_contrast = false};
    struct request_input input = {
        .nif = person->nif, .from = next_address(s, &from), .caller = &sede};
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    if (contrast != NULL)
        input.contrast = *contrast;
    check(db_begin(s->store.db), "begin");
    check(request_create(&s->service, &input, s->now_ms, &out, &wait_s), "solicitud");
    check(store_commit(&s->store), "commit");
    check(db_begin(s->store.db), "begin");
    deliver(s);
    check(store_commit(&s->store), "commit");
    return out.asks_contrast;
}

static bool enter(struct siege *s, struct person *person, const char *clave, const char *code,
                  const struct contraste *contrast)
{
    struct address_keys from;
    int64_t wait_s = 0;
    struct verify_output out = {.correct = false};
    struct verify_input input = {
        .nif = person->nif, .from = next_address(s, &from), .caller = &sede};
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    (void)snprintf(input.contraclave, sizeof(input.contraclave), "%s", code);
    if (contrast != NULL)
        input.contrast = *contrast;
    check(db_begin(s->store.db), "begin");
    check(verify_pin(&s->service, &input, s->now_ms, &out, &wait_s), "verificación");
    check(store_commit(&s->store), "commit");
    return out.correct;
}

static int64_t count_failures(struct siege *s)
{
    int64_t id = 0;
    check(db_run_int(db_query(s->store.db, "SELECT count(*) FROM failures WHERE kind = 0"), &id),
          "failures");
    return id;
}

/* ---- citizens -------------------------------------------------------------------------------- */

/* Asks, reads the SMS, types; one in twenty mistypes first. */
static void live_a_day(struct siege *s, struct person *person)
{
    char clave[CLAVE_SIZE], wrong[CODE_SIZE];
    const struct contraste *contrast = person->gives_contrast ? &person->contrast : NULL;
    clave_from_number(roll(s, 10000), 4, clave);
    memset(person->code, 0, sizeof(person->code));
    bool asked = ask(s, person, clave, contrast);
    (void)snprintf(wrong, sizeof(wrong), "%04u", (unsigned)((atol(person->code) + 1) % 10000));
    if (person->code[0] != '\0' && roll(s, 20) == 0)
        (void)enter(s, person, clave, wrong, contrast);
    bool in = person->code[0] != '\0' && enter(s, person, clave, person->code, contrast);
    s->honest++;
    s->entered_while_asked += in && asked;
    if (in)
        return;
    if (person->gives_contrast)
        s->failed_with_contrast++;
    else if (asked)
        s->failed_asked++;
    else if (person->comparisons > 0)
        s->failed_attacked++;
    else
        s->failed_otherwise++;
}

/* ---- the attacker ---------------------------------------------------------------------------- */

/* Guesses the code of a request that was opened with this clave; false = the guess was not
 * compared. */
static bool guess(struct siege *s, struct person *person, const char *clave, unsigned code,
                  const struct contraste *contrast)
{
    char text[CODE_SIZE];
    bool asked = s->service.town.asks;
    int64_t before = count_failures(s);
    (void)snprintf(text, sizeof(text), "%04u", code % 10000);
    bool in = enter(s, person, clave, text, contrast);
    int64_t compared = in ? 0 : count_failures(s) - before;
    s->entries += in && !person->is_broken;
    person->comparisons += person->is_broken ? 0 : compared;
    person->is_broken = person->is_broken || in;
    s->comparisons += compared;
    s->wave += compared;
    if (!asked && s->service.town.asks) {
        s->waves++;
        s->largest_wave = s->wave > s->largest_wave ? s->wave : s->largest_wave;
        s->wave = 0;
    }
    return in || compared > 0;
}

static void open_and_guess(struct siege *s, struct person *person, const struct contraste *contrast)
{
    unsigned first = roll(s, 10000);
    (void)ask(s, person, "9090", contrast);
    for (unsigned i = 0; i < 3; i++)
        if (!guess(s, person, "9090", first + i, contrast))
            return;
}

/* A few at everybody, each day. */
static void spray(struct siege *s, int day)
{
    (void)day;
    for (unsigned n = 0; n < PEOPLE; n++)
        open_and_guess(s, &s->people[n], NULL);
}

/* Opens all that can be opened, and guesses in one burst, before anybody can count. */
static void open_first(struct siege *s, int day)
{
    unsigned first = (unsigned)day * 50 % PEOPLE;
    for (unsigned round = 0; round < 3; round++, s->now_ms += 2 * MINUTE_MS)
        for (unsigned n = first; n < first + 50; n++)
            (void)ask(s, &s->people[n % PEOPLE], "9090", NULL);
    for (unsigned n = first; n < first + 50; n++)
        for (unsigned code = 0; code < 9; code++)
            (void)guess(s, &s->people[n % PEOPLE], "9090", code * 977 + n, NULL);
}

/* All day at the same few, also at the claves that their owners may have chosen. */
static void few_nifs(struct siege *s, int day)
{
    char clave[CLAVE_SIZE];
    (void)day;
    for (unsigned hour = 0; hour < 12; hour++, s->now_ms += 10 * MINUTE_MS)
        for (unsigned n = 0; n < 4; n++) {
            open_and_guess(s, &s->people[n], NULL);
            for (unsigned i = 0; i < 30; i++) {
                clave_from_number(roll(s, 10000), 4, clave);
                (void)guess(s, &s->people[n], clave, roll(s, 10000), NULL);
            }
        }
}

/* Guesses the contrast with each call. */
static void contrast_guessing(struct siege *s, int day)
{
    struct contraste contrast;
    unsigned first = (unsigned)day % 3 * 40;
    for (unsigned round = 0; round < 6; round++, s->now_ms += 5 * MINUTE_MS)
        for (unsigned n = first; n < first + 40; n++) {
            random_date(s, &contrast);
            open_and_guess(s, &s->people[n], &contrast);
        }
}

/* Stays under every alarm of a day: a drip. */
static void drip(struct siege *s, int day)
{
    for (unsigned round = 0; round < 3; round++, s->now_ms += 25 * MINUTE_MS)
        for (unsigned n = 0; n < 9; n++)
            open_and_guess(s, &s->people[((unsigned)day * 9 + n) % PEOPLE], NULL);
}

/* ---- the month ------------------------------------------------------------------------------- */

struct strategy {
    const char *name;
    void (*attack)(struct siege *s, int day);
    bool is_wave; /* bounded by the town's alarm; a drip is told by its alarm */
};

static void set_up(struct siege *s)
{
    char db[128], key[128];
    const char *tmp = getenv("TMPDIR");
    *s = (struct siege){.now_ms = START_MS, .dice = 20261128};
    (void)snprintf(s->folder, sizeof(s->folder), "%.40s/cc-siege-XXXXXX", tmp ? tmp : "/tmp");
    if (mkdtemp(s->folder) == NULL)
        exit(1);
    (void)snprintf(db, sizeof(db), "%s/db", s->folder);
    (void)snprintf(key, sizeof(key), "%s/key", s->folder);
    check(store_open(db, key, &s->store), "store");
    check(db_exec(s->store.db, "PRAGMA synchronous = OFF"), "pragma");
    s->settings = (struct settings){
        .entity_sms = "Ayto. de Alpedrete", .origin = "", .limits = limits_pin24h};
    s->service = (struct service){.loop = loop_new(), .store = &s->store, .settings = &s->settings};
    s->people = calloc(PEOPLE, sizeof(*s->people));
    if (s->people == NULL)
        exit(1);
    check(db_begin(s->store.db), "begin");
    for (unsigned n = 0; n < PEOPLE; n++)
        enrol(s, n);
    check(store_commit(&s->store), "commit");
}

static void tear_down(struct siege *s)
{
    loop_free(s->service.loop);
    store_close(&s->store);
    DIR *folder = opendir(s->folder);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof(path), "%s/%s", s->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            (void)unlink(path);
    }
    if (folder != NULL)
        closedir(folder);
    (void)rmdir(s->folder);
    free(s->people);
}

static void live_through(struct siege *s, const struct strategy *strategy)
{
    for (int day = 0; day < DAYS; day++) {
        int64_t morning_ms = START_MS + day * DAY_MS;
        s->now_ms = morning_ms;
        strategy->attack(s, day);
        for (unsigned i = 0; i < HONEST_PER_DAY; i++, s->now_ms += 5 * MINUTE_MS)
            live_a_day(s, &s->people[roll(s, i % 4 == 0 ? 12 : PEOPLE)]);
        check(db_begin(s->store.db), "begin");
        check(store_sweep(&s->store, s->now_ms), "sweep");
        check(store_commit(&s->store), "commit");
    }
}

/* A line of the table of tests/bench/run.sh. */
static void tell(const char *strategy, const char *what, int64_t count, int64_t most)
{
    printf("  %s siege, %s: %s | %" PRId64 " | at most %" PRId64 "\n",
           count <= most ? "ok  " : "FAIL", strategy, what, count, most);
}

/* Prints the month; returns whether the bounds hold. */
static bool judge(const struct siege *s, const struct strategy *strategy)
{
    int64_t most = 0;
    for (unsigned n = 0; n < PEOPLE; n++)
        most = s->people[n].comparisons > most ? s->people[n].comparisons : most;
    bool good = most <= NIF_BOUND && s->largest_wave <= WAVE_BOUND &&
                s->failed_with_contrast == 0 && s->failed_otherwise == 0;
    const char *name = strategy->name;
    printf("siege, %s: %" PRId64 " comparisons, %" PRId64 " entries, %" PRId64 " waves; of %" PRId64
           " citizens turned away: %" PRId64 " while the contrast was asked for, %" PRId64
           " of attacked NIFs\n",
           name, s->comparisons, s->entries, s->waves, s->honest, s->failed_asked,
           s->failed_attacked);
    tell(name, "comparisons of a NIF", most, NIF_BOUND);
    tell(name, "comparisons in a wave", s->largest_wave, WAVE_BOUND);
    tell(name, "turned away with the contrast", s->failed_with_contrast, 0);
    tell(name, "turned away otherwise", s->failed_otherwise, 0);
    return good;
}

int main(int argc, char **argv)
{
    static const struct strategy strategies[] = {
        {"spray", spray, true},
        {"open, guess later", open_first, true},
        {"few NIFs, all day", few_nifs, false},
        {"contrast guessing", contrast_guessing, true},
        {"drip", drip, false},
    };
    bool good = true;
    if (sodium_init() < 0)
        return 1;
    log_init(LOG_LEVEL_ERROR);
    setenv("TZ", "Europe/Madrid", 1);
    printf("a month of siege, %d NIFs; a comparison finds the code once in 10^4\n", PEOPLE);
    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
        if (argc > 1 && strcmp(argv[1], strategies[i].name) != 0)
            continue;
        static struct siege siege;
        set_up(&siege);
        live_through(&siege, &strategies[i]);
        good = judge(&siege, &strategies[i]) && good;
        tear_down(&siege);
    }
    return good ? 0 : 1;
}
