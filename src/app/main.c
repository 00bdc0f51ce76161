/* SPDX-License-Identifier: EUPL-1.2 */
/* contraclaved: the daemon's command line and the order of its start. */
#include "app/config.h"
#include "app/memory.h"
#include "app/wiring.h"
#include "base/log.h"
#include "http/tls.h"

#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

struct arguments {
    const char *config_path;
    bool check_only;
};

static const char help[] =
    "Uso: contraclaved [-c FICHERO] [--comprobar]\n"
    "Servicio de contraclaves por SMS para la sede electrónica de un ayuntamiento.\n"
    "\n"
    "  -c, --config FICHERO  configuración (/etc/contraclaved/contraclaved.conf)\n"
    "      --comprobar       comprueba la configuración y termina\n"
    "      --help            muestra esta ayuda\n"
    "      --version         muestra la versión\n"
    "\n"
    "SIGHUP vuelve a leer la configuración; SIGTERM termina sin perder ningún mensaje.\n"
    "Termina con 78 si la configuración no es válida.\n";

/* -1 = go on; else the exit code. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"comprobar", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":c:", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            ret->config_path = optarg;
            break;
        case 'k':
            ret->check_only = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_SUCCESS;
        case 'v':
            puts("contraclaved " CC_VERSION);
            return EXIT_SUCCESS;
        default:
            fprintf(stderr, "contraclaved: %s «%s»; pruebe contraclaved --help\n",
                    option == ':' ? "falta el valor de" : "no se entiende", argv[optind - 1]);
            return EX_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "contraclaved: sobra el argumento «%s»\n", argv[optind]);
        return EX_USAGE;
    }
    return -1;
}

static enum cc_err check_certificate(const struct config *config)
{
    log_init(config->log_level);
    return tls_check(&config->http.tls);
}

static int serve_until_stopped(struct config *config, const char *config_path)
{
    struct wiring *wiring = NULL;
    /* the zone of the town is the zone of the process: expiry and texts read it by localtime_r */
    if (setenv("TZ", config->zone, 1) != 0)
        abort();
    tzset();
    log_init(config->log_level);
    enum cc_err err = wiring_start(config, config_path, &wiring);
    if (err != CC_OK)
        return err_exit_code(err);
    int code = wiring_run(wiring);
    wiring_free(wiring);
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.config_path = "/etc/contraclaved/contraclaved.conf"};
    struct config *config = NULL;
    int code = read_arguments(argc, argv, &arguments);
    if (code != -1)
        return code;
    umask(077);
    memory_keep_private();
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0) {
        fputs("contraclaved: no se puede iniciar la biblioteca de cifrado\n", stderr);
        return EX_SOFTWARE;
    }
    enum cc_err err = config_load(arguments.config_path, CONFIG_TO_STDERR, &config);
    if (err != CC_OK)
        return err_exit_code(err);
    if (arguments.check_only) {
        err = check_certificate(config);
        if (err == CC_OK)
            puts("configuración correcta");
        config_free(config);
        return err_exit_code(err);
    }
    return serve_until_stopped(config, arguments.config_path);
}
