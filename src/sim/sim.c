/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/sim.h"

#include "sim/commands.h"
#include "sim/state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void sim_config_default(struct sim_config *config)
{
    *config = (struct sim_config){.number = "+34600000001"};
}

void sim_power_on(struct sim *sim)
{
    sim_profile_default(&sim->profile);
    sim->pin.unlocked = false;
    sim_network_search(sim);
}

struct sim *sim_new(struct loop *loop, const struct sim_config *config)
{
    struct sim *sim = sim_alloc(1, sizeof *sim);
    sim->loop = loop;
    sim->cmgs_latency_us = config->cmgs_latency_us;
    sim->report_latency_us = config->report_latency_us;
    sim->register_us = config->register_us;
    sim->number = sim_strdup(config->number != NULL ? config->number : "");
    sim_log_init(sim, loop, config->log);
    sim_tasks_init(sim, loop);
    sim_line_init(sim);
    sim_network_init(sim);
    sim_pin_init(sim, config->pin);
    sim_sms_init(sim);
    sim_power_on(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    sim->host = NULL;
    sim_log_stop(sim);
    sim_line_detach(sim);
    sim_line_done(sim);
    sim_tasks_done(sim);
    sim_sms_done(sim);
    sim_handset_clear(&sim->handset);
    free(sim->number);
    free(sim);
}

void sim_set_host(struct sim *sim, const struct sim_host *host, void *user)
{
    sim->host = host;
    sim->host_user = user;
}

void sim_attach(struct sim *sim, int fd)
{
    const struct sim_host *host = sim->host;
    /* replaced, not left: the host need not offer a new port */
    sim->host = NULL;
    sim_line_detach(sim);
    sim->host = host;
    if (sim->vanished) {
        close(fd);
        return;
    }
    int flags = fcntl(fd, F_GETFL);
    (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    sim_line_attach(sim, sim->loop, fd);
}

void sim_detach(struct sim *sim)
{
    sim_line_detach(sim);
}

bool sim_has_client(struct sim *sim)
{
    if (sim->line.fd >= 0)
        sim_line_receive(sim);
    return sim->line.fd >= 0;
}

static void on_back(struct sim *sim, void *arg)
{
    (void)arg;
    sim->vanished = false;
    sim_power_on(sim);
    sim_reports_release(sim);
    if (sim->host != NULL)
        sim->host->back(sim->host_user);
}

void sim_vanish(struct sim *sim, int64_t for_us)
{
    if (sim->vanished)
        return;
    sim->vanished = true;
    sim_line_detach(sim);
    if (sim->host != NULL)
        sim->host->vanished(sim->host_user);
    sim_later(sim, for_us > 0 ? for_us : 1, on_back, NULL);
}
