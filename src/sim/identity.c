/* SPDX-License-Identifier: EUPL-1.2 */
/* Who the modem and its card are, and its general settings. Source: 3GPP TS 27.007 5, 8.2, 8.18. */
#include "sim/commands.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>

/* 3GPP TS 51.011 9.2.1, 10.1.1 */
enum { CRSM_READ_BINARY = 176, EF_ICCID = 12258 };

/* An ICCID of the Spanish prefix (8934) and the test network's IMSI; the last digits are Luhn's. */
void sim_identity_init(struct sim *sim, const char *imei)
{
    struct sim_identity *id = &sim->identity;
    snprintf(id->iccid, sizeof(id->iccid), "8934001234567890127");
    snprintf(id->imsi, sizeof(id->imsi), "001010123456789");
    snprintf(id->imei, sizeof(id->imei), "%s", imei != NULL ? imei : "490154203237518");
}

void sim_profile_default(struct sim_profile *profile)
{
    *profile = (struct sim_profile){
        .echo = 1,
        .verbose = 1,
        .cfun = 1,
        .cgsms = 1,
        .csmp = {17, 167, 0, 0},
        .cscs = "GSM",
    };
}

struct sim_result sim_reset_profile(struct sim *sim)
{
    int cfun = sim->profile.cfun;
    sim_profile_default(&sim->profile);
    sim->profile.cfun = cfun;
    return sim_ok();
}

/* EF_ICCID is read without a PIN; its digits stand swapped, padded with F. */
struct sim_result sim_crsm_set(struct sim *sim, const struct sim_args *args)
{
    char swapped[21] = "FFFFFFFFFFFFFFFFFFFF";
    const char *iccid = sim->identity.iccid;
    int command = 0;
    int file = 0;
    if (!sim_args_int(args, 0, 0, 255, &command) || !sim_args_int(args, 1, 0, 65535, &file))
        return sim_cme(SIM_CME_INCORRECT);
    if (command != CRSM_READ_BINARY || file != EF_ICCID) {
        sim_line_text(sim, "+CRSM: 106,130");
        return sim_ok();
    }
    for (size_t i = 0; iccid[i] != '\0' && i < sizeof(swapped) - 1; i++)
        swapped[i ^ 1] = iccid[i];
    sim_line_text(sim, "+CRSM: 144,0,\"%s\"", swapped);
    return sim_ok();
}

struct sim_result sim_cnum_exec(struct sim *sim)
{
    const char *number = sim->identity.number;
    if (number[0] != '\0')
        sim_line_text(sim, "+CNUM: ,\"%s\",%d", number, number[0] == '+' ? 145 : 129);
    return sim_ok();
}

struct sim_result sim_cscs_read(struct sim *sim)
{
    sim_line_text(sim, "+CSCS: \"%s\"", sim->profile.cscs);
    return sim_ok();
}

struct sim_result sim_cscs_set(struct sim *sim, const struct sim_args *args)
{
    static const char *const known[] = {"GSM", "IRA", "UCS2", NULL};
    for (const char *const *name = known; *name != NULL; name++) {
        if (strcmp(*name, sim_args_text(args, 0)) == 0) {
            snprintf(sim->profile.cscs, sizeof(sim->profile.cscs), "%s", *name);
            return sim_ok();
        }
    }
    return sim_cme(SIM_CME_INCORRECT);
}

struct sim_result sim_cfun_set(struct sim *sim, const struct sim_args *args)
{
    int level = -1;
    int restart = 0;
    if (!sim_args_int(args, 0, 0, 4, &level) || !sim_args_int(args, 1, 0, 1, &restart) ||
        (level != 0 && level != 1 && level != 4))
        return sim_cme(SIM_CME_INCORRECT);
    if (restart)
        return (struct sim_result){.kind = SIM_FINAL_RESTART};
    if (level != sim->profile.cfun) {
        sim->profile.cfun = level;
        sim_network_search(sim);
    }
    if (level == 1)
        sim_become_busy(sim);
    return sim_ok();
}
