/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/wiring.h"

#include "api/live.h"
#include "api/routes.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/utf8.h"
#include "drivers/registry.h"
#include "http/listen.h"
#include "http/server.h"
#include "modem/find/claims.h"
#include "service/access.h"
#include "service/alerts.h"
#include "service/application_files.h"
#include "service/bouncer.h"
#include "service/chronicle.h"
#include "service/dispatch.h"
#include "service/entry.h"
#include "service/forward.h"
#include "service/import.h"
#include "service/inspect.h"
#include "service/key_change.h"
#include "service/mailer.h"
#include "service/monthly.h"
#include "service/people.h"
#include "service/proofs.h"
#include "service/purge.h"
#include "service/sending.h"
#include "service/tidy.h"
#include "store/copy.h"
#include "store/db_fault.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { DRAIN_US = 10 * 1000 * 1000 }; /* a send in flight may last longer: it is then unknown */

enum { CONFIG_TEXT_SIZE = 24 * 1024 };

struct wiring {
    const char *config_path;
    struct config *started; /* configuration of the running modems, store and sockets */
    struct config *current; /* whose settings hold; the same until a reload */
    struct store store;
    struct loop *loop;
    struct service service;
    struct find_claims *claims; /* USB devices of each modem */
    struct dispatch *dispatch;
    struct tidy *tidy;
    struct forward *forward;
    struct monthly *monthly;
    struct http *http;
    char beside[CONFIG_BESIDE_SIZE]; /* config_beside() */
    char *own_certificate;           /* path of the one that the box makes: beside the database */
    struct live *live;
    struct loop_source *terminate, *interrupt, *hangup;
    struct loop_source *deadline;       /* of the drain */
    char config_text[CONFIG_TEXT_SIZE]; /* of `current`, without secrets */
    char config_version[16];
    struct loop_source *quiet; /* runs when nothing else is left to do */
    bool is_ending;
};

static void on_quiet(void *user)
{
    struct wiring *w = user;
    loop_exit(w->loop, EXIT_SUCCESS);
}

/* Nothing is in flight: commit what is open, and let its answers leave before the end. */
static void on_idle(void *user)
{
    struct wiring *w = user;
    service_finish(&w->service, service_now_ms(&w->service));
    turn_flush(w->service.turn);
    loop_deferred_arm(w->quiet);
}

/* A mail whose sending is cut off would go a second time. */
static void on_modems_idle(void *user)
{
    struct wiring *w = user;
    mailer_drain(w->service.senders.mailer, on_idle, w);
}

static void on_deadline(void *user)
{
    struct wiring *w = user;
    log_warning("un envío seguía en curso al cerrar; se comprobará al arrancar");
    service_finish(&w->service, service_now_ms(&w->service));
    turn_flush(w->service.turn);
    loop_exit(w->loop, EXIT_SUCCESS);
}

static void on_terminate(void *user)
{
    struct wiring *w = user;
    if (w->is_ending)
        return;
    w->is_ending = true;
    log_notice("cerrando");
    sd_notify(0, "STOPPING=1\nSTATUS=Cerrando");
    loop_timer_in(w->deadline, DRAIN_US);
    http_drain(w->http);
    /* a connection that waits for a password, a certificate or the disk cannot be closed */
    people_stop(w->service.people);
    proofs_stop(w->service.proofs);
    application_files_drain(&w->service);
    dispatch_drain(w->dispatch, on_modems_idle, w);
}

/* For a report, and for evidence; a configuration too long for it is cut. */
static void describe_configuration(struct wiring *w)
{
    char digest[SECRET_DIGEST_HEX_SIZE];
    struct buf text;
    buf_init(&text, w->config_text, sizeof(w->config_text) - 1);
    config_describe(w->current, &text);
    w->config_text[text.len] = '\0';
    secret_digest_hex(w->config_text, text.len, digest);
    /* groups that no redaction takes for a number or a token */
    (void)snprintf(w->config_version, sizeof(w->config_version), "%.4s-%.4s-%.4s", digest,
                   digest + 4, digest + 8);
}

/* The strings of the old settings go with them; those that modems and sockets hold stay. */
static void take_settings(struct wiring *w, struct config *reread)
{
    struct config *old = w->current;
    char storage[200];
    struct buf names;
    w->current = reread;
    w->service.settings = &reread->settings;
    describe_configuration(w);
    log_init(reread->log_level);
    if (old != w->started)
        config_free(old);
    buf_init(&names, storage, sizeof(storage));
    config_needs_restart(w->started, reread, &names);
    if (names.len > 0)
        log_warning("configuración releída; estos cambios necesitan reiniciar el servicio: %s",
                    buf_cstr(&names));
    else
        log_notice("configuración releída");
}

static struct tls_files tls_files(const struct wiring *w, const struct config *config)
{
    struct tls_files files = config->http.tls;
    files.own = w->own_certificate;
    return files;
}

/* For links to the pages. */
static void tell_address(struct wiring *w)
{
    char storage[PEOPLE_URL_SIZE];
    struct buf url;
    buf_init(&url, storage, sizeof(storage));
    http_write_url(w->http, &url);
    people_set_address(w->service.people, buf_cstr(&url) != NULL ? buf_cstr(&url) : "");
}

static void on_hangup(void *user)
{
    struct wiring *w = user;
    struct config *reread = NULL;
    if (w->is_ending)
        return;
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64, loop_now_us(w->loop));
    if (config_load(w->config_path, CONFIG_TO_LOG, &reread) == CC_OK)
        take_settings(w, reread);
    else
        log_error("se mantiene la configuración anterior");
    const struct tls_files files = tls_files(w, w->current);
    if (http_reload_tls(w->http, &files) == CC_OK)
        tell_address(w);
    sd_notify(0, "READY=1");
}

static enum cc_err start_modem(struct wiring *w, size_t index)
{
    const struct config_modem *from = &w->started->modems[index];
    struct modem_config config = from->config;
    config.drivers = &driver_registry;
    config.claims = w->claims;
    return pool_add(w->service.pool,
                    modem_new(w->loop, &config, &dispatch_modem_events, w->dispatch),
                    &(struct pool_limits){.per_minute = (unsigned)from->per_minute,
                                          .per_day = (unsigned)from->per_day});
}

static enum cc_err start_modems(struct wiring *w)
{
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < w->started->modem_count && err == CC_OK; i++)
        err = start_modem(w, i);
    return err;
}

/* A server takes UTF-8 alone, and a machine's name may be any bytes. */
static void make_name_valid(char *box)
{
    for (; !utf8_is_valid(box, strlen(box)) && *box != '\0'; box++)
        if ((unsigned char)*box > 0x7F)
            *box = '_';
}

/* box has room for the machine's name. */
static struct store_place place_of(const struct wiring *w, char box[STORE_BOX_SIZE])
{
    if (w->started->box[0] != '\0' || gethostname(box, STORE_BOX_SIZE) != 0)
        (void)snprintf(box, STORE_BOX_SIZE, "%s", w->started->box);
    if (store_is_on_server(w->started->database))
        make_name_valid(box);
    return (struct store_place){
        .db_path = w->started->database, .key_path = w->started->key, .box = box};
}

static enum cc_err start_store(struct wiring *w)
{
    char box[STORE_BOX_SIZE] = "";
    const struct store_place place = place_of(w, box);
    config_beside(w->started, w->beside);
    enum cc_err err = store_open_place(&place, &w->store);
    if (err == CC_OK)
        copy_forget_upgrades(w->beside, clock_wall_ms());
    return err;
}

static void start_care(struct wiring *w)
{
    char box[STORE_BOX_SIZE] = "";
    const struct store_place place = place_of(w, box);
    w->service.upkeep.key_change = key_change_new(&w->service, &place);
    day_start(&w->service);
}

static enum cc_err start_service(struct wiring *w)
{
    w->loop = loop_new();
    describe_configuration(w);
    w->service = (struct service){.loop = w->loop,
                                  .store = &w->store,
                                  .turn = turn_new(w->loop, &w->store),
                                  .settings = &w->current->settings,
                                  .pool = pool_new(),
                                  .box_facts = {.database = w->beside},
                                  .installation = {.entity = w->started->entity,
                                                   .zone = w->started->zone,
                                                   .config_text = w->config_text,
                                                   .config_version = w->config_version,
                                                   .started_ms = loop_wall_ms(w->loop)}};
    w->tidy = tidy_new(&w->service);
    w->forward = forward_new(&w->service);
    w->monthly = monthly_new(&w->service);
    w->service.upkeep.inspect =
        inspect_new(w->loop, &w->store, w->started->database, w->started->key);
    w->service.upkeep.purge = purge_new(&w->service, w->tidy);
    w->claims = find_claims_new();
    w->service.people = people_new(&w->service);
    entry_prepare(&w->service);
    w->service.proofs = proofs_new(w->loop);
    enum cc_err err = access_new(&w->store, &w->service.access);
    if (err == CC_OK)
        err = sending_load(&w->service);
    if (err == CC_OK)
        err = application_files_start(&w->service, w->beside);
    if (err == CC_OK)
        err = import_new(&w->service, &w->service.documents.import);
    if (err == CC_OK)
        err = chronicle_new(&w->service, &w->service.chronicle);
    if (err == CC_OK)
        err = alerts_new(&w->service, &w->service.senders.alerts);
    if (err == CC_OK)
        err = mailer_new(&w->service, &w->service.senders.mailer);
    if (err == CC_OK) {
        w->service.senders.bouncer = bouncer_new(&w->service);
        start_care(w);
    }
    return err == CC_OK ? dispatch_new(w->loop, &w->service, w->service.pool, &w->dispatch) : err;
}

static char *path_of_certificate(const char *database)
{
    static const char name[] = "certificado.pem";
    const char *slash = strrchr(database, '/');
    char *path = NULL;
    if (asprintf(&path, "%.*s%s", slash != NULL ? (int)(slash + 1 - database) : 0, database, name) <
        0)
        abort();
    return path;
}

static enum cc_err start_http(struct wiring *w)
{
    w->own_certificate = path_of_certificate(w->beside);
    w->live = live_new(w->loop, &w->service);
    struct http_config config = w->started->http;
    config.routes = routes;
    config.route_count = routes_count;
    config.shared = w->live;
    config.tls = tls_files(w, w->started);
    return http_new(&w->service, &config, &w->http);
}

static enum cc_err start_signals(struct wiring *w)
{
    w->deadline = loop_add_timer(w->loop, LOOP_PRIORITY_URGENT, on_deadline, w);
    w->quiet = loop_add_deferred(w->loop, LOOP_PRIORITY_COMMIT, on_quiet, w);
    w->terminate = loop_add_signal(w->loop, SIGTERM, on_terminate, w);
    w->interrupt = loop_add_signal(w->loop, SIGINT, on_terminate, w);
    w->hangup = loop_add_signal(w->loop, SIGHUP, on_hangup, w);
    loop_enable_watchdog(w->loop);
    return CC_OK;
}

enum cc_err wiring_start(struct config *config, const char *config_path, struct wiring **ret)
{
    static const struct {
        const char *what;
        enum cc_err (*start)(struct wiring *w);
    } steps[] = {
        {"base de datos", start_store}, {"cola de mensajes", start_service},
        {"módems", start_modems},       {"servidor HTTP", start_http},
        {"señales", start_signals},
    };
    struct wiring *w = alloc_or_abort(sizeof(*w));
    w->config_path = config_path;
    w->started = w->current = config;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        enum cc_err err = steps[i].start(w);
        if (err != CC_OK) {
            fprintf(stderr, "contraclaved: %s: %s\n", steps[i].what, err_text(err));
            wiring_free(w);
            return err;
        }
    }
    *ret = w;
    return CC_OK;
}

/* Where nobody can log in yet, how to. */
static void greet(struct wiring *w)
{
    tell_address(w);
    enum cc_err err = people_greet(w->service.people, service_now_ms(&w->service));
    if (err != CC_OK)
        log_error("no se puede preparar el enlace de puesta en marcha: %s", err_text(err));
}

/* `systemctl status` says what the page, contraclavectl and the alerts say. */
static void on_verdict(const char *text, void *user)
{
    const struct wiring *w = user;
    char storage[LISTEN_MAX * LISTEN_TEXT_SIZE];
    struct buf where;
    if (w->is_ending)
        return;
    buf_init(&where, storage, sizeof(storage));
    http_write_listening(w->http, &where);
    sd_notifyf(0, "STATUS=%s Atiende en %s.", text, buf_cstr(&where));
}

int wiring_run(struct wiring *w)
{
    char storage[LISTEN_MAX * LISTEN_TEXT_SIZE];
    struct buf where;
    buf_init(&where, storage, sizeof(storage));
    http_write_listening(w->http, &where);
    db_fail_fast(w->store.db); /* from here on the loop has others to serve */
    greet(w);
    chronicle_start(w->service.chronicle, on_verdict, w);
    log_notice("contraclaved " CC_VERSION " escucha en %s", buf_cstr(&where));
    sd_notifyf(0, "READY=1\nSTATUS=Atendiendo en %s", buf_cstr(&where));
    return loop_run(w->loop);
}

void wiring_free(struct wiring *w)
{
    if (w == NULL)
        return;
    struct loop_source *sources[] = {w->terminate, w->interrupt, w->hangup, w->deadline, w->quiet};
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        loop_source_free(sources[i]);
    http_free(w->http);
    free(w->own_certificate);
    application_files_stop(&w->service);
    live_free(w->live);
    alerts_free(w->service.senders.alerts);
    mailer_free(w->service.senders.mailer);
    bouncer_free(w->service.senders.bouncer);
    pool_free(w->service.pool);
    find_claims_free(w->claims);
    dispatch_free(w->dispatch);
    tidy_free(w->tidy);
    forward_free(w->forward);
    monthly_free(w->monthly);
    key_change_free(w->service.upkeep.key_change);
    purge_free(w->service.upkeep.purge);
    inspect_free(w->service.upkeep.inspect);
    day_stop(&w->service);
    chronicle_free(w->service.chronicle);
    access_free(w->service.access);
    people_free(w->service.people);
    proofs_free(w->service.proofs);
    import_free(w->service.documents.import);
    turn_free(w->service.turn);
    loop_free(w->loop);
    if (w->store.db != NULL && db_empty_log(w->store.db) != CC_OK) /* closing does it, if alone */
        log_info("otro programa lee la base de datos: su diario queda sin vaciar");
    store_close(&w->store);
    if (w->current != w->started)
        config_free(w->current);
    config_free(w->started);
    free(w);
}
