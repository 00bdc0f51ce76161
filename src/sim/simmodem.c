/* SPDX-License-Identifier: EUPL-1.2 */
/* simmodem: the simulated modem as a program of its own. */
#include "base/log.h"
#include "sim/ask.h"
#include "sim/console.h"
#include "sim/options.h"
#include "sim/port.h"
#include "sim/sim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { LOG_BUFFER = 64 * 1024 };

static FILE *open_log(const char *path)
{
    if (path == NULL)
        return NULL;
    FILE *log = strcmp(path, "-") == 0 ? stdout : fopen(path, "ae");
    if (log == NULL) {
        fprintf(stderr, "simmodem: %s: %s\n", path, strerror(errno));
        exit(EX_CANTCREAT);
    }
    setvbuf(log, NULL, _IOFBF, LOG_BUFFER);
    return log;
}

static void on_stop(void *user)
{
    loop_exit(user, EXIT_SUCCESS);
}

static bool play_scenario(struct sim *sim, const struct sim_options *options)
{
    char error[512];
    if (options->scenario == NULL ||
        sim_play(sim, options->scenario, options->scenario_speed, error, sizeof(error)))
        return true;
    log_error("simmodem: %s", error);
    return false;
}

/* Behind the opening of the port, which a fault may take away again. */
static bool arm_faults(struct sim *sim, const struct sim_options *options)
{
    for (int i = 0; i < options->fault_count; i++) {
        if (!sim_fault(sim, options->faults[i])) {
            log_error("simmodem: unknown fault: %s", options->faults[i]);
            return false;
        }
    }
    return true;
}

static int run_loop(struct loop *loop, struct sim *sim, const struct sim_options *options,
                    const struct sim_port *port)
{
    char spec[512];
    if (!arm_faults(sim, options) || !play_scenario(sim, options))
        return EX_USAGE;
    sim_port_spec(port, spec, sizeof(spec));
    printf("listening %s\n", spec);
    fflush(stdout);
    return loop_run(loop);
}

static int serve_control(struct loop *loop, struct sim *sim, const struct sim_options *options)
{
    struct sim_port *port = NULL;
    struct sim_console *console = NULL;
    int code = EX_OSERR;
    if (options->control != NULL &&
        sim_console_open(loop, sim, options->control, &console) != CC_OK)
        log_error("simmodem: %s: %s", options->control, strerror(errno));
    else if (sim_port_open(loop, sim, (enum sim_port_kind)options->port_kind, options->address,
                           &port) == CC_OK)
        code = run_loop(loop, sim, options, port);
    sim_port_free(port);
    sim_console_free(console);
    return code;
}

int main(int argc, char **argv)
{
    struct sim_options options;
    if (argc == 4 && strcmp(argv[1], "--ask") == 0)
        return sim_ask(argv[2], argv[3]);
    log_init(LOG_LEVEL_INFO);
    sim_options_read(argc, argv, &options);
    FILE *log = open_log(options.log);
    options.config.log = log;
    signal(SIGPIPE, SIG_IGN);
    struct loop *loop = loop_new();
    struct loop_source *stops[] = {loop_add_signal(loop, SIGTERM, on_stop, loop),
                                   loop_add_signal(loop, SIGINT, on_stop, loop)};
    struct sim *sim = sim_new(loop, &options.config);
    int code = serve_control(loop, sim, &options);
    sim_free(sim);
    loop_source_free(stops[0]);
    loop_source_free(stops[1]);
    loop_free(loop);
    if (log != NULL && log != stdout)
        fclose(log);
    return code;
}
