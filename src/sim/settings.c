/* SPDX-License-Identifier: EUPL-1.2 */
/* The parameters of messages. Source: 3GPP TS 27.005 3.2.1, 3.3.1, 3.3.2, 3.4.1, 3.4.4. */
#include "sim/commands.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>

/* Reads count numbers from 0 to their highest; nothing changes unless all are right. */
static bool set_all(const struct sim_args *args, const int *highest, int *values, size_t count)
{
    int read[8];
    if (args->count > count)
        return false;
    memcpy(read, values, count * sizeof(*values));
    for (size_t i = 0; i < count; i++)
        if (!sim_args_int(args, i, 0, highest[i], &read[i]))
            return false;
    memcpy(values, read, count * sizeof(*values));
    return true;
}

struct sim_result sim_cnmi_set(struct sim *sim, const struct sim_args *args)
{
    static const int generic[] = {3, 2, 0, 2, 1};
    const int *highest = sim->personality->cnmi_highest;
    int wanted[5];
    memcpy(wanted, sim->profile.cnmi, sizeof(wanted));
    if (!set_all(args, highest != NULL ? highest : generic, wanted, 5) ||
        (wanted[3] == 1 && sim_fault_is_on(sim, SIM_FAULT_CNMI_DS)))
        return sim_cms(SIM_CMS_NOT_SUPPORTED);
    memcpy(sim->profile.cnmi, wanted, sizeof(wanted));
    return sim_ok();
}

struct sim_result sim_cnmi_read(struct sim *sim)
{
    const int *cnmi = sim->profile.cnmi;
    sim_line_text(sim, "+CNMI: %d,%d,%d,%d,%d", cnmi[0], cnmi[1], cnmi[2], cnmi[3], cnmi[4]);
    return sim_ok();
}

struct sim_result sim_csmp_set(struct sim *sim, const struct sim_args *args)
{
    static const int highest[] = {255, 255, 255, 255};
    if (!set_all(args, highest, sim->profile.csmp, 4))
        return sim_cms(SIM_CMS_INVALID_TEXT);
    return sim_ok();
}

struct sim_result sim_csmp_read(struct sim *sim)
{
    const int *csmp = sim->profile.csmp;
    sim_line_text(sim, "+CSMP: %d,%d,%d,%d", csmp[0], csmp[1], csmp[2], csmp[3]);
    return sim_ok();
}

struct sim_result sim_csms_set(struct sim *sim, const struct sim_args *args)
{
    static const int highest[] = {1};
    if (!set_all(args, highest, &sim->profile.csms, 1))
        return sim_cms(SIM_CMS_NOT_SUPPORTED);
    sim_line_text(sim, "+CSMS: 1,1,1");
    return sim_ok();
}

struct sim_result sim_csms_read(struct sim *sim)
{
    sim_line_text(sim, "+CSMS: %d,1,1,1", sim->profile.csms);
    return sim_ok();
}

/* Only phase 2+ acknowledges; nothing here waits for it. */
struct sim_result sim_cnma_exec(struct sim *sim)
{
    return sim->profile.csms == 1 ? sim_ok() : sim_cms(SIM_CMS_NO_CNMA);
}

struct sim_result sim_csca_set(struct sim *sim, const struct sim_args *args)
{
    const char *number = sim_args_text(args, 0);
    if (!gsm_addr_is_number(number))
        return sim_cms(SIM_CMS_INVALID_PDU);
    snprintf(sim->sms.smsc, sizeof(sim->sms.smsc), "%s", number);
    return sim_ok();
}

struct sim_result sim_csca_read(struct sim *sim)
{
    const char *smsc = sim->sms.smsc;
    sim_line_text(sim, "+CSCA: \"%s\",%d", smsc, smsc[0] == '+' ? 145 : 129);
    return sim_ok();
}
