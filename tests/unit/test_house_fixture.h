/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The whole house in one process, on a driven clock (base/loop.h): simulated modems, the modem
 * room, pool, services and a store in a folder of its own, wired as the daemon wires them. HTTP is
 * left out: tests call the services. Nothing waits: a day takes about a second.
 */
#ifndef CC_TEST_HOUSE_FIXTURE_H
#define CC_TEST_HOUSE_FIXTURE_H

#include "tests/unit/test_store_fixture.h"

#include "base/log.h"
#include "domain/clave.h"
#include "drivers/registry.h"
#include "service/dispatch.h"
#include "service/enrol.h"
#include "service/request.h"
#include "service/verify.h"
#include "sim/sim.h"
#include "sim/state.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND INT64_C(1000)
#define NIF "12345678Z"
#define PHONE "+34600123123"
#define CLAVE "4821"

enum { HOUSE_MODEMS = 4, HOUSE_TEXT = 512, NIF_SIZE = NIF_CHARS + 1 };

/* A simulated modem, its card and its network: they outlive the daemon. */
struct house_line {
    struct sim *sim;
    struct modem_config config;
    struct pool_limits limits;
    struct link_scheme schemes[2];
    unsigned openings;
    struct modem *modem; /* NULL while the daemon is down */
};

struct house {
    struct fixture *files;
    struct loop *loop;
    struct settings settings;
    struct service service;
    struct pool *pool;
    struct dispatch *dispatch;
    struct house_line lines[HOUSE_MODEMS];
    size_t line_count;
    FILE *log; /* text on stderr */
    int real_stderr;
};

/* The house of the test that runs: house_tear_down() frees it however the test ends. */
static struct house *house_now;

/* ---- time ------------------------------------------------------------------------------------ */

static inline int64_t house_now_ms(const struct house *house)
{
    return loop_wall_ms(house->loop);
}

/* Runs a pass of the loop, or moves the clocks to the next timer, at most to end_us. False when
 * nothing is left to do until then. */
static inline bool house_step(struct house *house, int64_t end_us)
{
    int64_t left_us = end_us - loop_now_us(house->loop);
    return loop_step(house->loop, left_us > 0 ? (uint64_t)left_us : 0) ||
           loop_now_us(house->loop) < end_us;
}

static inline void house_live(struct house *house, int64_t ms)
{
    int64_t end_us = loop_now_us(house->loop) + ms * 1000;
    while (house_step(house, end_us))
        ;
}

/* Lives until the condition holds; fails the test when it does not within so many milliseconds. */
#define house_await(house, condition, ms)                                                          \
    do {                                                                                           \
        const int64_t end_us_ = loop_now_us((house)->loop) + (ms)*INT64_C(1000);                   \
        while (!(condition)) {                                                                     \
            if (!house_step((house), end_us_))                                                     \
                fail_msg("not within %" PRId64 " ms: %s", (int64_t)(ms), #condition);              \
        }                                                                                          \
    } while (0)

/* ---- modems ---------------------------------------------------------------------------------- */

/* A new pair for each opening; no port while the simulator has vanished. */
static inline enum cc_err house_plug_in(const char *address, void *user, int *ret_fd)
{
    struct house_line *line = user;
    int ends[2];
    (void)address;
    if (line->sim->vanished)
        return CC_ERR_DEVICE_MISSING;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    sim_attach(line->sim, ends[1]);
    line->openings++;
    *ret_fd = ends[0];
    return CC_OK;
}

static inline void house_start_modem(struct house *house, struct house_line *line)
{
    line->modem = modem_new(house->loop, &line->config, &dispatch_modem_events, house->dispatch);
    assert_ok(pool_add(house->pool, line->modem, &line->limits));
}

/* A line without a modem yet: its scheme's open and user are the caller's. */
static inline struct house_line *house_add_line(struct house *house)
{
    assert_true(house->line_count < HOUSE_MODEMS);
    struct house_line *line = &house->lines[house->line_count++];
    *line = (struct house_line){
        .config = {.drivers = &driver_registry,
                   .pin = "",
                   .prompt_ms = 10000,
                   .final_ms = 150000,
                   .tape_path = "",
                   .iccid = "",
                   .smsc = "",
                   .ussd = "",
                   .power_key = ""},
        .schemes = {{.prefix = "sim:"}},
    };
    (void)snprintf(line->config.name, sizeof(line->config.name), "m%zu", house->line_count);
    line->config.device = "sim:";
    line->config.drivers = &driver_registry;
    line->config.schemes = line->schemes;
    return line;
}

/* A simulated modem. sim NULL = healthy and without a PIN. line->config and line->limits may be
 * changed until house_start(). */
static inline struct house_line *house_add_modem(struct house *house, const struct sim_config *sim)
{
    struct house_line *line = house_add_line(house);
    struct sim_config healthy;
    sim_config_default(&healthy);
    line->sim = sim_new(house->loop, sim != NULL ? sim : &healthy);
    line->schemes[0].open = house_plug_in;
    line->schemes[0].user = line;
    return line;
}

static inline struct modem_status house_status(const struct house_line *line)
{
    struct modem_status status;
    modem_status(line->modem, &status);
    return status;
}

/* Whether the sentence of its status page has this text. */
static inline bool house_says(const struct house_line *line, const char *text)
{
    return strstr(house_status(line).detail, text) != NULL;
}

/* A control command of the simulated modem (hw/simmodem.md), which must be answered ok. */
static inline json_t *house_control(const struct house_line *line, const char *command)
{
    json_t *asked = json_loads(command, 0, NULL);
    assert_non_null(asked);
    json_t *answer = sim_control(line->sim, asked);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    json_decref(asked);
    return answer;
}

static inline void house_tell(const struct house_line *line, const char *command)
{
    json_decref(house_control(line, command));
}

static inline void house_fault(const struct house_line *line, const char *fault)
{
    assert_true(sim_fault(line->sim, fault));
}

/* Messages, each part of a long one, that this telephone has got through it; NULL = all of
 * them. */
static inline size_t house_count_received(const struct house_line *line, const char *number)
{
    json_t *messages = sim_handset_messages(&line->sim->handset, number);
    size_t count = json_array_size(messages);
    json_decref(messages);
    return count;
}

/* The last message that this telephone got, which must have one. */
static inline void house_last_text(const struct house_line *line, const char *number,
                                   char ret[HOUSE_TEXT])
{
    json_t *messages = sim_handset_messages(&line->sim->handset, number);
    size_t count = json_array_size(messages);
    assert_true(count > 0);
    json_t *last = json_array_get(messages, count - 1);
    (void)snprintf(ret, HOUSE_TEXT, "%s", json_string_value(json_object_get(last, "text")));
    json_decref(messages);
}

/* How often it was given this command since its counters began, such as "+CMGS". */
static inline int64_t house_count_command(const struct house_line *line, const char *name)
{
    json_t *answer = house_control(line, "{\"cmd\":\"state\"}");
    json_t *counts = json_object_get(answer, "by_command");
    int64_t count = json_integer_value(json_object_get(counts, name));
    json_decref(answer);
    return count;
}

/* ---- the log
 * --------------------------------------------------------------------------------- */

/* From here on stderr goes to a file, so that a test can read what the daemon has logged. */
static inline void house_take_log(struct house *house)
{
    house->log = tmpfile();
    assert_non_null(house->log);
    house->real_stderr = dup(STDERR_FILENO);
    assert_true(house->real_stderr >= 0 && dup2(fileno(house->log), STDERR_FILENO) >= 0);
    log_init(LOG_LEVEL_INFO);
}

/* stderr is itself again, and shows what was logged: a runner hides that of a test that passes.
 */
static inline void house_return_log(struct house *house)
{
    char bytes[4096];
    size_t len;
    assert_true(dup2(house->real_stderr, STDERR_FILENO) >= 0);
    close(house->real_stderr);
    rewind(house->log);
    while ((len = fread(bytes, 1, sizeof(bytes), house->log)) > 0)
        (void)fwrite(bytes, 1, len, stderr);
    (void)fclose(house->log);
}

/* How many lines of the log have this text. */
static inline size_t house_count_log(const struct house *house, const char *text)
{
    char line[2048];
    size_t count = 0;
    rewind(house->log);
    while (fgets(line, sizeof(line), house->log) != NULL)
        count += strstr(line, text) != NULL;
    (void)fseek(house->log, 0, SEEK_END);
    return count;
}

/* ---- the daemon
 * ------------------------------------------------------------------------------ */

/* Limits of nothing: what a test asks for is taken on. */
static inline struct limits house_no_limits(void)
{
    struct limits limits = limits_pin24h;
    limits.code.uses = limits.code.tries = limits.citizen.live = 0;
    limits.citizen.gap_s = limits.citizen.sends_hour = limits.citizen.sends_day =
        limits.citizen.sms_per_phone_day = 0;
    limits.citizen.contrast_after = limits.citizen.lock_after = limits.address.failures_hour = 0;
    limits.town.nifs_contrast = limits.town.failures = 0;
    return limits;
}

static inline struct house *house_new(void)
{
    struct house *house = calloc(1, sizeof(*house));
    void *files = NULL;
    assert_non_null(house);
    (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    (void)setenv("TZ", "Europe/Madrid", 1);
    tzset();
    (void)fixture_empty(&files);
    house->files = files;
    house_now = house;
    house_take_log(house);
    house->loop = loop_new();
    loop_drive(house->loop, T0);
    house->settings = (struct settings){.entity_sms = "Ayto. de Alpedrete",
                                        .origin = "",
                                        .exempt_networks = "",
                                        .clause = "",
                                        .terms = purge_default_terms,
                                        .limits = limits_pin24h,
                                        .report_window_ms = 10 * MINUTE};
    return house;
}

/* As the daemon starts: the store, the services, the modems. */
static inline void house_start(struct house *house)
{
    struct store *store = &house->files->store;
    assert_ok(store_open(house->files->db_path, house->files->key_path, store));
    house->service = (struct service){.loop = house->loop,
                                      .store = store,
                                      .turn = turn_new(house->loop, store),
                                      .settings = &house->settings};
    house->pool = pool_new();
    assert_ok(dispatch_new(house->loop, &house->service, house->pool, &house->dispatch));
    for (size_t i = 0; i < house->line_count; i++)
        house_start_modem(house, &house->lines[i]);
}

/* The end of the daemon by a kill: what was not committed is lost, and whoever waits for the commit
 * frees what it holds. Modems and time go on. */
static inline void house_kill(struct house *house)
{
    db_rollback(house->service.store->db);
    if (turn_enter(house->service.turn) == CC_OK)
        turn_leave(house->service.turn, false);
    pool_free(house->pool);
    dispatch_free(house->dispatch);
    turn_free(house->service.turn);
    store_close(&house->files->store);
    house->pool = NULL;
    house->dispatch = NULL;
    for (size_t i = 0; i < house->line_count; i++)
        house->lines[i].modem = NULL;
}

static inline void house_free(struct house *house)
{
    void *files = house->files;
    if (house->dispatch != NULL)
        house_kill(house);
    for (size_t i = 0; i < house->line_count; i++)
        if (house->lines[i].sim != NULL)
            sim_free(house->lines[i].sim);
    loop_free(house->loop);
    house_return_log(house);
    (void)fixture_close(&files);
    free(house);
    house_now = NULL;
}

/* ---- what people do
 * -------------------------------------------------------------------------- */

/* Another person for each number; NULL where a datum is not wanted. */
static inline void house_person(int number, char *ret_nif, char *ret_phone)
{
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    const unsigned n = (unsigned)number % 100000;
    if (ret_nif != NULL)
        (void)snprintf(ret_nif, NIF_SIZE, "510%05u%c", n, letters[(51000000 + n) % 23]);
    if (ret_phone != NULL)
        (void)snprintf(ret_phone, PHONE_SIZE, "+346001%05u", n);
}

static const struct caller house_registro = {
    .kind = CALLER_CLIENT, .id = 2, .name = "cliente:registro"};

static inline enum cc_err house_enrol(struct house *house, const char *nif, const char *phone)
{
    struct citizen citizen;
    struct enrol_input input = {.name = {"Begoña", "Núñez", "Ibáñez"}, .caller = &house_registro};
    assert_ok(nif_parse(nif, strlen(nif), &input.nif));
    (void)snprintf(input.phone.e164, sizeof(input.phone.e164), "%s", phone);
    assert_ok(turn_enter(house->service.turn));
    enum cc_err err = enrol_person(&house->service, &input, house_now_ms(house), &citizen);
    turn_leave(house->service.turn, err == CC_OK);
    return err;
}

static const struct address_keys house_nowhere = {"", ""};
static const struct caller house_sede = {.kind = CALLER_CLIENT, .id = 1, .name = "cliente:sede"};

/* "Quiero un pin". Durable when the loop has gone on. */
static inline enum cc_err house_ask(struct house *house, const char *nif, const char *clave)
{
    struct request_output out;
    int64_t wait_s = 0;
    struct request_input input = {.from = &house_nowhere, .caller = &house_sede};
    assert_ok(nif_parse(nif, strlen(nif), &input.nif));
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    assert_ok(turn_enter(house->service.turn));
    enum cc_err err = service_check_clock(&house->service);
    if (err == CC_OK)
        err = request_create(&house->service, &input, house_now_ms(house), &out, &wait_s);
    turn_leave(house->service.turn, err == CC_OK);
    return err;
}

/* "Ya tengo el pin": whether it is right. */
static inline bool house_verify(struct house *house, const char *nif, const char *clave,
                                const char *code)
{
    struct verify_output out = {.correct = false};
    int64_t wait_s = 0;
    struct verify_input input = {.from = &house_nowhere, .caller = &house_sede};
    assert_ok(nif_parse(nif, strlen(nif), &input.nif));
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    (void)snprintf(input.contraclave, sizeof(input.contraclave), "%s", code);
    assert_ok(turn_enter(house->service.turn));
    enum cc_err err = verify_pin(&house->service, &input, house_now_ms(house), &out, &wait_s);
    turn_leave(house->service.turn, err == CC_OK);
    assert_ok(err);
    return out.correct;
}

/* The contraclave in the last message of this telephone. */
static inline void house_last_code(const struct house_line *line, const char *number,
                                   char ret[CODE_SIZE])
{
    char text[HOUSE_TEXT];
    house_last_text(line, number, text);
    const char *at = strstr(text, "PIN24H es ");
    assert_non_null(at);
    (void)snprintf(ret, CODE_SIZE, "%.4s", at + strlen("PIN24H es "));
}

/* A message for this telephone, straight into the outbox, that may go until its expiry. */
static inline int64_t house_post(struct house *house, const char *phone, enum outbox_class class)
{
    struct outbox_message message = make_message(phone, house_now_ms(house));
    int64_t id = 0;
    message.class = class;
    message.expires_ms = message.created_ms + DAY;
    assert_ok(turn_enter(house->service.turn));
    assert_ok(outbox_insert(&house->files->store, &message, &id));
    turn_leave(house->service.turn, true);
    return id;
}

/* ---- cmocka ---- */

/* A house in service, with one healthy simulated modem and the citizen NIF. */
static inline struct house *house_new_ready(void)
{
    struct house *house = house_new();
    house_add_modem(house, NULL);
    house_start(house);
    assert_ok(house_enrol(house, NIF, PHONE));
    house_await(house, modem_is_ready(house->lines[0].modem), 10 * SECOND);
    return house;
}

static inline int house_tear_down(void **state)
{
    (void)state;
    if (house_now != NULL)
        house_free(house_now);
    return 0;
}

#define house_test(test) cmocka_unit_test_teardown(test, house_tear_down)

#include "tests/unit/test_house_look_fixture.h"

#endif
