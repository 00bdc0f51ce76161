/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Durable verifications per second over 64 keep-alive connections, with 100 000 citizens, as ratios
 * within one run: against a bare libmicrohttpd handler on the same loop and door, and against one
 * commit per request. Three rounds of all three, medians. The processor time of a request is told
 * beside them: what others do on the computer hardly changes it.
 */
#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "domain/expiry.h"
#include "http/door.h"
#include "http/listen.h"
#include "http/server.h"
#include "service/access.h"
#include "service/service.h"
#include "store/citizens.h"
#include "store/clients.h"
#include "store/requests.h"
#include "tests/lib/load.h"

#include <err.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CITIZENS = 100000, ASKED = 10000, CONNECTIONS = 64, ROUNDS = 3 };

enum mode { BARE, GROUPED, EACH, MODES };

static const char *const mode_names[MODES] = {"bare handler", "grouped commits",
                                              "one commit per request"};

static struct {
    char folder[64], db[512], key[96];
    char token[CLIENT_TOKEN_SIZE];
    struct turn *commit_each; /* not NULL: the turn ends as soon as a request waits for it */
} bench;

void __real_turn_after(struct turn *turn, turn_fn fn, void *user);
void __wrap_turn_after(struct turn *turn, turn_fn fn, void *user);

/* Stands before turn_after(): the one place where a request begins to wait for its commit. */
void __wrap_turn_after(struct turn *turn, turn_fn fn, void *user)
{
    __real_turn_after(turn, fn, user);
    if (bench.commit_each != NULL)
        turn_flush(bench.commit_each);
}

static void must(enum cc_err result, const char *what)
{
    if (result != CC_OK)
        errx(1, "%s: %s", what, err_token(result));
}

static void nif_of(size_t n, char out[NIF_CHARS + 1])
{
    (void)snprintf(out, NIF_CHARS + 1, "%08zu%c", 10000000 + n,
                   "TRWAGMYFPDXBNJZSQVHLCKE"[(10000000 + n) % 23]);
}

static void add_citizen(struct store *store, size_t n, int64_t now_ms)
{
    struct citizen citizen = {
        .state = LIFE_ACTIVE, .grade = CITIZEN_GRADE_ADVANCED, .created_ms = now_ms};
    char nif[NIF_CHARS + 1];
    struct request request = {.created_ms = now_ms, .expires_ms = expiry_of_request(now_ms)};
    nif_of(n, nif);
    must(nif_parse(nif, NIF_CHARS, &citizen.nif), "nif");
    (void)snprintf(citizen.name.given, NAME_PART_SIZE, "Persona Número %zu", n);
    (void)snprintf(citizen.phone.e164, sizeof(citizen.phone.e164), "+346%08zu", n);
    must(citizens_insert(store, &citizen, &request.citizen_id), "citizen");
    if (n >= ASKED)
        return;
    secret_random(request.public_id, sizeof(request.public_id));
    must(citizens_find(store, &citizen.nif, &citizen), "citizen");
    const struct request_owner owner = {request.public_id, citizen.nif_root, request.expires_ms};
    request_clave_tag(store, &owner, "4821", request.clave_tag);
    request_code_tag(store, &owner, "4821", "0481", request.code_tag);
    must(requests_insert(store, &request, 1, "", &request.id), "request");
}

static void seed(size_t citizens)
{
    struct store store;
    int64_t now_ms = clock_wall_ms(), id;
    must(store_open(bench.db, bench.key, &store), "store");
    must(db_begin(store.db), "begin");
    for (size_t n = 0; n < citizens; n++)
        add_citizen(&store, n, now_ms);
    must(clients_create(&store, "sede", SCOPE_VERIFICAR, 0, now_ms, bench.token, &id), "client");
    must(store_commit(&store), "commit");
    store_close(&store);
}

static enum MHD_Result bare_request(void *user, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **request)
{
    static char answer[] = "{\"resultado\":\"correcto\"}";
    static int seen;
    (void)user, (void)url, (void)method, (void)version, (void)data;
    if (*request == NULL) {
        *request = &seen;
        return MHD_YES;
    }
    if (*data_len > 0) {
        *data_len = 0;
        return MHD_YES;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof(answer) - 1, answer, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static void bare_completed(void *user, struct MHD_Connection *connection, void **request,
                           enum MHD_RequestTerminationCode reason)
{
    (void)user, (void)connection, (void)request, (void)reason;
}

static unsigned serve_bare(struct loop *loop)
{
    struct door_config config = {
        .limits.total = 256, .on_request = bare_request, .on_completed = bare_completed};
    struct door *door;
    struct listen_list listening;
    unsigned port;
    must(listen_parse("127.0.0.1:0", &listening), "address");
    must(listen_tcp(&listening.items[0], &config.listen_fd, &port), "listen");
    must(door_new(loop, &config, &door), "door");
    return port;
}

static unsigned serve_house(struct loop *loop, bool each)
{
    static struct store store;
    static struct settings settings;
    static struct service service;
    struct http *http;
    must(store_open(bench.db, bench.key, &store), "store");
    settings = (struct settings){.entity_sms = "Ayto.",
                                 .origin = "",
                                 .clause = "",
                                 .limits = limits_pin24h,
                                 .methods = {[METHOD_PIN24H] = {.last = INT32_MAX}}};
    settings.limits.client.per_second = 0;
    settings.limits.code.uses = 0; /* the rounds share the requests */
    service = (struct service){
        .loop = loop, .store = &store, .turn = turn_new(loop, &store), .settings = &settings};
    must(access_new(&store, &service.access), "access");
    if (each)
        bench.commit_each = service.turn;
    const struct http_config config = {.routes = routes,
                                       .route_count = routes_count,
                                       .listen = "127.0.0.1:0",
                                       .control_path = "",
                                       .proxies = "127.0.0.1",
                                       .trusted = ""};
    must(http_new(&service, &config, &http), "http");
    return http_port(http);
}

static pid_t start(enum mode mode, unsigned *ret_port)
{
    int pipe_fds[2];
    if (pipe(pipe_fds) != 0)
        err(1, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct loop *loop = loop_new();
        unsigned port = mode == BARE ? serve_bare(loop) : serve_house(loop, mode == EACH);
        if (write(pipe_fds[1], &port, sizeof(port)) != sizeof(port))
            err(1, "pipe");
        _exit(loop_run(loop));
    }
    if (pid < 0 || read(pipe_fds[0], ret_port, sizeof(*ret_port)) != sizeof(*ret_port))
        errx(1, "server");
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    return pid;
}

static size_t compose(size_t n, char *out, size_t cap, void *user)
{
    char nif[NIF_CHARS + 1], body[128];
    (void)user;
    nif_of((n * 7919) % ASKED, nif);
    int len = snprintf(body, sizeof(body),
                       "{\"nif\":\"%s\",\"clave\":\"4821\",\"contraclave\":\"0481\"}", nif);
    int total =
        snprintf(out, cap,
                 "POST /v1/verificaciones HTTP/1.1\r\nHost: sede\r\nAuthorization: Bearer %s\r\n"
                 "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                 bench.token, len, body);
    return (size_t)total;
}

/* Of a process, since it began. */
static double processor_s(pid_t pid)
{
    char path[64];
    unsigned long long ns = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%llu", &ns) != 1)
        err(1, "%s", path);
    (void)fclose(file);
    return (double)ns / 1e9;
}

struct measured {
    double rate;        /* a second */
    double processor_s; /* of a request */
};

static struct measured measure(enum mode mode, size_t connections)
{
    unsigned port = 0;
    pid_t pid = start(mode, &port);
    struct load load = {.port = port,
                        .connections = connections,
                        .seconds = 1,
                        .compose = compose,
                        .expect = "\"correcto\""};
    (void)load_run(&load); /* a server reads its pages from the disk once */
    load.seconds = 2;
    double begin_s = processor_s(pid);
    struct measured measured = {.rate = load_run(&load)};
    measured.processor_s = (processor_s(pid) - begin_s) / (measured.rate * load.seconds);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return measured;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * For bench_boxes.py, which knows a server: seeds the database at one place and serves it from
 * another, which may be a longer way to the same; a line for each number of clients.
 */
static int tell_rates(const char *seed_at, const char *serve_at)
{
    static const size_t clients[] = {1, 8, CONNECTIONS};
    (void)snprintf(bench.db, sizeof(bench.db), "%s", seed_at);
    seed(ASKED);
    (void)snprintf(bench.db, sizeof(bench.db), "%s", serve_at);
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
        printf("%zu %.1f\n", clients[i], measure(GROUPED, clients[i]).rate);
    return 0;
}

/* A line of the table of tests/bench/run.sh. */
static bool tell_ratio(const char *what, double ratio, double least)
{
    printf("  %s verifications: grouped against %s | %.2f times | at least %.2g\n",
           ratio >= least ? "ok  " : "FAIL", what, ratio, least);
    return ratio >= least;
}

int main(int argc, char **argv)
{
    double rates[MODES][ROUNDS], costs[MODES][ROUNDS], median[MODES];
    const char *base = getenv("TMPDIR");
    if (sodium_init() < 0)
        errx(1, "sodium");
    log_init(LOG_LEVEL_ERROR);
    (void)snprintf(bench.folder, sizeof(bench.folder), "%s/cc-bench-XXXXXX",
                   base != NULL ? base : "/tmp");
    if (mkdtemp(bench.folder) == NULL)
        err(1, "%s", bench.folder);
    (void)snprintf(bench.db, sizeof(bench.db), "%s/db", bench.folder);
    (void)snprintf(bench.key, sizeof(bench.key), "%s/key", bench.folder);
    if (argc == 3)
        return tell_rates(argv[1], argv[2]);
    seed(CITIZENS);
    for (int round = 0; round < ROUNDS; round++)
        for (int mode = BARE; mode < MODES; mode++) {
            const struct measured measured = measure((enum mode)mode, CONNECTIONS);
            rates[mode][round] = measured.rate;
            costs[mode][round] = measured.processor_s;
        }
    for (int mode = BARE; mode < MODES; mode++) {
        qsort(rates[mode], ROUNDS, sizeof(double), ascending);
        qsort(costs[mode], ROUNDS, sizeof(double), ascending);
        median[mode] = rates[mode][ROUNDS / 2];
        printf("  ok   verifications: %s | %.0f /s |\n", mode_names[mode], median[mode]);
        printf("  ok   verifications: %s, processor time | %.1f us |\n", mode_names[mode],
               costs[mode][ROUNDS / 2] * 1e6);
    }
    bool is_good = tell_ratio("bare handler", median[GROUPED] / median[BARE], 0.20);
    is_good = tell_ratio("one commit each", median[GROUPED] / median[EACH], 4) && is_good;
    static const char *const files[] = {"db", "db-wal", "db-shm", "key", "key.ancla"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", bench.folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(bench.folder);
    return is_good ? 0 : 1;
}
