/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/simline.h"

#include "base/log.h"
#include "sim/console.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <sys/socket.h>

struct simline {
    struct sim *sim;
    struct sim_console *console;
    struct link_scheme schemes[2];
};

/* The modem keeps one end of a pair; the other is plugged in as the simulator's serial line. */
static enum cc_err plug_in(const char *address, void *user, int *ret_fd)
{
    struct simline *simline = user;
    int ends[2];
    (void)address;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        return CC_ERR_IO;
    sim_attach(simline->sim, ends[1]);
    *ret_fd = ends[0];
    return CC_OK;
}

enum cc_err simline_new(struct loop *loop, const char *control, const char *pin,
                        struct simline **ret)
{
    struct sim_config config;
    struct simline *simline = calloc(1, sizeof(*simline));
    if (simline == NULL)
        abort(); /* at the start of the program only */
    sim_config_default(&config);
    config.pin = pin;
    simline->sim = sim_new(loop, &config);
    simline->schemes[0] = (struct link_scheme){.prefix = "sim:", .open = plug_in, .user = simline};
    if (control[0] != '\0' &&
        sim_console_open(loop, simline->sim, control, &simline->console) != CC_OK) {
        log_error("módem simulado: no se puede abrir su zócalo de control %s", control);
        simline_free(simline);
        return CC_ERR_IO;
    }
    *ret = simline;
    return CC_OK;
}

void simline_free(struct simline *simline)
{
    if (simline == NULL)
        return;
    sim_console_free(simline->console);
    sim_free(simline->sim);
    free(simline);
}

const struct link_scheme *simline_schemes(const struct simline *simline)
{
    return simline->schemes;
}
