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

void sim_network_init(struct sim *sim)
{
    for (int i = 0; i < SIM_DOMAINS; i++)
        sim->network.forced[i] = SIM_CREG_NOT_FORCED;
    sim->network.csq = 20;
    snprintf(sim->network.lac, sizeof(sim->network.lac), "00A1");
    snprintf(sim->network.ci, sizeof(sim->network.ci), "0000F3B0");
    snprintf(sim->network.operator_name, sizeof(sim->network.operator_name), "Red Simulada");
    snprintf(sim->network.operator_code, sizeof(sim->network.operator_code), "00101");
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

/* 27.007 7.2: home, roaming, the same for SMS only, and the same for CSFB not preferred. */
static bool is_registered(int stat)
{
    static const bool registered[11] = {
        [1] = true, [5] = true, [6] = true, [7] = true, [9] = true, [10] = true};
    return stat >= 0 && stat <= 10 && registered[stat];
}

bool sim_network_can_send(struct sim *sim)
{
    for (int i = 0; i < SIM_DOMAINS; i++)
        if (is_registered(sim_network_stat(sim, (enum sim_domain)i)))
            return true;
    return false;
}

static void format_cell(struct sim *sim, enum sim_domain domain, char *out, size_t cap)
{
    int stat = sim_network_stat(sim, domain);
    int len = snprintf(out, cap, "%d", stat);
    if (sim->profile.registration_urc[domain] != 2 || !is_registered(stat))
        return;
    len +=
        snprintf(out + len, cap - (size_t)len, ",\"%s\",\"%s\"", sim->network.lac, sim->network.ci);
    if (sim->network.act != SIM_ACT_NONE)
        snprintf(out + len, cap - (size_t)len, ",%d", sim->network.act);
}

static void announce_state(struct sim *sim, enum sim_domain domain)
{
    char cell[48];
    char line[64];
    if (sim->profile.registration_urc[domain] == 0)
        return;
    format_cell(sim, domain, cell, sizeof(cell));
    snprintf(line, sizeof(line), "%s: %s", domain_names[domain], cell);
    sim_line_urc(sim, line, strlen(line));
}

static void set_found(struct sim *sim, bool found)
{
    if (sim->network.found == found)
        return;
    sim->network.found = found;
    for (int i = 0; i < SIM_DOMAINS; i++)
        if (sim->network.forced[i] == SIM_CREG_NOT_FORCED)
            announce_state(sim, (enum sim_domain)i);
}

void sim_network_moved(struct sim *sim)
{
    for (int i = 0; i < SIM_DOMAINS; i++)
        if (sim->profile.registration_urc[i] == 2)
            announce_state(sim, (enum sim_domain)i);
}

static void on_found(struct sim *sim, void *arg)
{
    const unsigned *search = arg;
    if (*search != sim->network.search)
        return;
    set_found(sim, true);
    sim_nitz_announce(sim);
    sim_reports_release(sim);
}

void sim_network_search(struct sim *sim)
{
    set_found(sim, false);
    sim->network.search++;
    if (sim->profile.cfun != 1 || !sim_pin_is_ready(sim))
        return;
    unsigned *search = sim_alloc(1, sizeof(*search));
    *search = sim->network.search;
    sim_later(sim, sim->network.register_us, on_found, search);
}

void sim_network_force(struct sim *sim, enum sim_domain domain, int stat)
{
    int before = sim_network_stat(sim, domain);
    sim->network.forced[domain] = stat;
    if (sim_network_stat(sim, domain) != before)
        announce_state(sim, domain);
    sim_reports_release(sim);
}

/* ---- the commands ---- */

static struct sim_result registration_read(struct sim *sim, enum sim_domain domain)
{
    char cell[48];
    format_cell(sim, domain, cell, sizeof(cell));
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
    const struct sim_network *network = &sim->network;
    int format = sim->profile.cops_format; /* 0 long, 1 short, 2 numeric */
    const char *name = format == 2 ? network->operator_code : network->operator_name;
    int len = format == 1 ? 8 : (int)strlen(name);
    if (!sim_network_can_send(sim))
        sim_line_text(sim, "+COPS: 0");
    else if (network->act == SIM_ACT_NONE)
        sim_line_text(sim, "+COPS: 0,%d,\"%.*s\"", format, len, name);
    else
        sim_line_text(sim, "+COPS: 0,%d,\"%.*s\",%d", format, len, name, network->act);
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

/* ---- how strong ---- */

/* 27.007 8.5: 0 is -113 dBm or less, steps of 2; 99 = not known. */
int sim_network_dbm(const struct sim *sim)
{
    return sim->network.csq == 99 ? -113 : -113 + 2 * sim->network.csq;
}

/* The reference signal is one carrier of the many that make the whole. */
int sim_network_rsrp_dbm(const struct sim *sim)
{
    return sim_network_dbm(sim) - 22;
}

static int draw_between(int value, int min, int max)
{
    return value < min ? min : value > max ? max : value;
}

/* 27.007 8.69: what the present radio does not have is 99 or 255. */
struct sim_result sim_cesq_exec(struct sim *sim)
{
    int dbm = sim_network_dbm(sim);
    int act = sim->network.act;
    if (sim->network.csq == 99)
        sim_line_text(sim, "+CESQ: 99,99,255,255,255,255");
    else if (act >= 7)
        sim_line_text(sim, "+CESQ: 99,99,255,255,20,%d",
                      draw_between(sim_network_rsrp_dbm(sim) + 141, 0, 97));
    else if (act >= 2)
        sim_line_text(sim, "+CESQ: 99,99,%d,40,255,255", draw_between(dbm + 121, 0, 96));
    else
        sim_line_text(sim, "+CESQ: %d,0,255,255,255,255", draw_between(dbm + 111, 0, 63));
    return sim_ok();
}
