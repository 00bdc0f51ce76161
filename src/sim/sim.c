/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/sim.h"

#include "base/loop.h"
#include "sim/commands.h"
#include "sim/state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void sim_config_default(struct sim_config *config)
{
    *config = (struct sim_config){.number = "+34600000001"};
}

/* Settings to their defaults, the PIN asked anew, registration from the start. */
static void power_on(struct sim *sim)
{
    sim_profile_default(&sim->profile);
    sim->pin.unlocked = false;
    sim_network_search(sim);
    sim_personality_power_on(sim);
}

struct sim *sim_new(struct loop *loop, const struct sim_config *config)
{
    struct sim *sim = sim_alloc(1, sizeof(*sim));
    sim->loop = loop;
    sim->sms.cmgs_latency_us = config->cmgs_latency_us;
    sim->sms.report_latency_us = config->report_latency_us;
    sim->network.register_us = config->register_us;
    sim->identity.number = sim_strdup(config->number != NULL ? config->number : "");
    sim_log_init(sim, loop, config->log);
    sim_tasks_init(sim, loop);
    sim_line_init(sim);
    sim_network_init(sim);
    sim_identity_init(sim, config->imei);
    sim_personality_init(sim, config->personality);
    sim_nitz_init(sim);
    sim_ussd_init(sim);
    sim_pin_init(sim, config->pin);
    sim_sms_init(sim);
    power_on(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    sim->host.calls = NULL;
    sim_scenario_done(sim);
    sim_log_stop(sim);
    sim_line_detach(sim);
    sim_line_done(sim);
    sim_tasks_done(sim);
    sim_sms_done(sim);
    sim_handset_clear(&sim->handset);
    free(sim->identity.number);
    free(sim);
}

void sim_set_host(struct sim *sim, const struct sim_host *host, void *user)
{
    sim->host.calls = host;
    sim->host.user = user;
}

void sim_attach(struct sim *sim, int fd)
{
    const struct sim_host *host = sim->host.calls;
    /* replaced, not left: the host need not offer a new port */
    sim->host.calls = NULL;
    sim_line_detach(sim);
    sim->host.calls = host;
    if (sim->vanished) {
        close(fd);
        return;
    }
    int flags = fcntl(fd, F_GETFL);
    (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    sim_line_attach(sim, sim->loop, fd);
}

bool sim_has_client(struct sim *sim)
{
    if (sim->line.fd >= 0)
        sim_line_receive(sim);
    return sim->line.fd >= 0;
}

static void log_back(struct sim *sim)
{
    char name[512] = "";
    if (sim->host.calls != NULL)
        sim->host.calls->name(sim->host.user, name, sizeof(name));
    sim_log(sim, "back", "{s:s}", "name", name);
}

static void on_back(struct sim *sim, void *arg)
{
    (void)arg;
    sim->vanished = false;
    power_on(sim);
    sim_reports_release(sim);
    if (sim->host.calls != NULL)
        sim->host.calls->back(sim->host.user, sim->renamed);
    log_back(sim);
}

void sim_vanish(struct sim *sim, int64_t for_us, bool renamed)
{
    if (sim->vanished)
        return;
    sim->vanished = true;
    sim->renamed = renamed || sim_fault_is_on(sim, SIM_FAULT_RENAME);
    sim_log(sim, "vanish", "{s:f}", "for_s", (double)for_us / 1e6);
    if (sim->host.calls != NULL)
        sim->host.calls->vanished(sim->host.user);
    sim_line_detach(sim);
    sim_later(sim, for_us > 0 ? for_us : 1, on_back, NULL);
}

void sim_become_busy(struct sim *sim)
{
    const struct sim_personality *row = sim->personality;
    struct sim_armed armed = {.number = {row->busy_after_cfun_ms, row->busy_code}};
    (void)sim_fault_take_named(sim, SIM_FAULT_CME_AFTER_CFUN, NULL, &armed);
    if (armed.number[0] == 0)
        return;
    sim->busy.until_us = loop_now_us(sim->loop) + (int64_t)armed.number[0] * 1000;
    sim->busy.code = armed.number[1] > 0 ? armed.number[1] : SIM_CME_BUSY;
}

static void on_reenumerate(struct sim *sim, void *arg)
{
    const int *ms = arg;
    sim_vanish(sim, (int64_t)*ms * 1000, true);
}

void sim_restart(struct sim *sim)
{
    enum { OK_LEAVES_US = 50000 }; /* a hang-up takes with it what the client has not read */
    int ms = 0;
    sim_become_busy(sim);
    if (sim_fault_take(sim, SIM_FAULT_CFUN_REENUMERATE, &ms)) {
        int *arg = sim_alloc(1, sizeof(*arg));
        *arg = ms;
        sim_later(sim, OK_LEAVES_US, on_reenumerate, arg);
    } else {
        power_on(sim);
    }
}
