/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/network.h"

#include "sim/commands.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>

static const char *const domain_names[SIM_DOMAINS] = {
    [SIM_DOMAIN_CS] = "+CREG",
    [SIM_DOMAIN_PS] = "+CGREG",
    [SIM_DOMAIN_EPS] = "+CEREG",
};

/* Formats 0, 1, 2 of +COPS: long, short, numeric. */
static const char *const operator_names[] = {"Red Simulada", "RedSim", "00101"};

void sim_network_init(struct sim *sim)
{
    for (int i = 0; i < SIM_DOMAINS; i++)
        sim->network.forced[i] = SIM_CREG_NOT_FORCED;
    sim->network.csq = 20;
}

int sim_network_stat(struct sim *sim, enum sim_domain domain)
{
    int forced = sim->network.forced[domain];
    if (forced != SIM_CREG_NOT_FORCED)
        return forced;
    if (sim->profile.cfun != 1 || !sim_pin_is_ready(sim) || sim_fault_is_on(sim, SIM_FAULT_NO_SIM))
        return 0;
    return sim->network.found ? SIM_CREG_HOME : SIM_CREG_SEARCHING;
}

bool sim_network_can_send(struct sim *sim)
{
    /* 27.007 7.2: home, roaming, the same for SMS only, and the same for CSFB not preferred */
    static const bool registered[11] = {
        [1] = true, [5] = true, [6] = true, [7] = true, [9] = true, [10] = true};
    for (int i = 0; i < SIM_DOMAINS; i++) {
        int stat = sim_network_stat(sim, (enum sim_domain)i);
        if (stat >= 0 && stat <= 10 && registered[stat])
            return true;
    }
    return false;
}

static void format_cell(struct sim *sim, enum sim_domain domain, char *out, size_t cap)
{
    int stat = sim_network_stat(sim, domain);
    if (sim->profile.registration_urc[domain] == 2 && (stat == 1 || stat == 5))
        snprintf(out, cap, "%d,\"00A1\",\"0000F3B0\",7", stat);
    else
        snprintf(out, cap, "%d", stat);
}

static void announce(struct sim *sim, enum sim_domain domain)
{
    char cell[48];
    char line[64];
    if (sim->profile.registration_urc[domain] == 0)
        return;
    format_cell(sim, domain, cell, sizeof cell);
    snprintf(line, sizeof line, "%s: %s", domain_names[domain], cell);
    sim_line_urc(sim, line, strlen(line));
}

static void set_found(struct sim *sim, bool found)
{
    if (sim->network.found == found)
        return;
    sim->network.found = found;
    for (int i = 0; i < SIM_DOMAINS; i++) {
        if (sim->network.forced[i] == SIM_CREG_NOT_FORCED)
            announce(sim, (enum sim_domain)i);
    }
}

static void on_found(struct sim *sim, void *arg)
{
    const unsigned *search = arg;
    if (*search != sim->network.search)
        return;
    set_found(sim, true);
    sim_reports_release(sim);
}

void sim_network_search(struct sim *sim)
{
    set_found(sim, false);
    sim->network.search++;
    if (sim->profile.cfun != 1 || !sim_pin_is_ready(sim))
        return;
    unsigned *search = sim_alloc(1, sizeof *search);
    *search = sim->network.search;
    sim_later(sim, sim->register_us, on_found, search);
}

void sim_network_force(struct sim *sim, enum sim_domain domain, int stat)
{
    int before = sim_network_stat(sim, domain);
    sim->network.forced[domain] = stat;
    if (sim_network_stat(sim, domain) != before)
        announce(sim, domain);
    sim_reports_release(sim);
}

/* ---- the commands ---- */

static struct sim_result registration_read(struct sim *sim, enum sim_domain domain)
{
    char cell[48];
    format_cell(sim, domain, cell, sizeof cell);
    sim_line_text(sim, "%s: %d,%s", domain_names[domain], sim->profile.registration_urc[domain],
                  cell);
    return sim_ok();
}

struct sim_result sim_creg_read(struct sim *sim)
{
    return registration_read(sim, SIM_DOMAIN_CS);
}

struct sim_result sim_cgreg_read(struct sim *sim)
{
    return registration_read(sim, SIM_DOMAIN_PS);
}

struct sim_result sim_cereg_read(struct sim *sim)
{
    return registration_read(sim, SIM_DOMAIN_EPS);
}

struct sim_result sim_cops_read(struct sim *sim)
{
    int format = sim->profile.cops_format;
    if (sim_network_can_send(sim))
        sim_line_text(sim, "+COPS: 0,%d,\"%s\",7", format, operator_names[format]);
    else
        sim_line_text(sim, "+COPS: 0");
    return sim_ok();
}

struct sim_result sim_cops_set(struct sim *sim, const struct sim_args *args)
{
    int mode = -1;
    int format = sim->profile.cops_format;
    if (!sim_args_int(args, 0, 0, 4, &mode) || !sim_args_int(args, 1, 0, 2, &format) || mode < 0)
        return sim_cme(SIM_CME_INCORRECT);
    sim->profile.cops_format = format;
    return sim_ok();
}

struct sim_result sim_csq_exec(struct sim *sim)
{
    sim_line_text(sim, "+CSQ: %d,99", sim->network.csq);
    return sim_ok();
}
