/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/nitz.h"

#include "sim/commands.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { QUARTER_S = 15 * 60, CTZR_ZONE = 1, CTZR_FULL = 2 };

void sim_nitz_init(struct sim *sim)
{
    sim->nitz.zone = 4; /* Spain in winter */
}

/* `yyyy/MM/dd,hh:mm:ss`, so many seconds from UTC. */
static void format_time(struct sim *sim, int64_t shift_s, char *out, size_t cap)
{
    time_t seconds = (time_t)((loop_wall_ms(sim->loop) + sim->nitz.offset_ms) / 1000 + shift_s);
    struct tm t;
    gmtime_r(&seconds, &t);
    strftime(out, cap, "%Y/%m/%d,%H:%M:%S", &t);
}

void sim_nitz_announce(struct sim *sim)
{
    char now[32];
    char line[80] = "";
    int zone = sim->nitz.zone;
    if (sim->profile.ctzr == 0 || sim_fault_is_on(sim, SIM_FAULT_NO_NITZ))
        return;
    format_time(sim, 0, now, sizeof(now));
    if (sim->profile.ctzr == CTZR_ZONE)
        snprintf(line, sizeof(line), "+CTZV: \"%+03d\"", zone);
    else
        snprintf(line, sizeof(line), "+CTZE: \"%+03d\",0,\"%s\"", zone, now);
    sim_line_urc(sim, line, strlen(line));
}

/* A clock that no network has set starts at its epoch. */
struct sim_result sim_cclk_read(struct sim *sim)
{
    char now[32];
    if (sim_fault_is_on(sim, SIM_FAULT_NO_NITZ)) {
        sim_line_text(sim, "+CCLK: \"80/01/06,00:00:00+00\"");
        return sim_ok();
    }
    format_time(sim, (int64_t)sim->nitz.zone * QUARTER_S, now, sizeof(now));
    sim_line_text(sim, "+CCLK: \"%s%+03d\"", now + 2, sim->nitz.zone); /* a year of two figures */
    return sim_ok();
}
