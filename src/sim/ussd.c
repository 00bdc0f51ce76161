/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/ussd.h"

#include "sim/commands.h"
#include "sim/messages.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>

enum { USSD_OFF, USSD_ON, USSD_GIVE_UP };

struct answer {
    unsigned session;
    int result; /* 0 = no more to do; 2 = ended by the network; 4 = not supported; 5 = no answer */
};

void sim_ussd_init(struct sim *sim)
{
    snprintf(sim->ussd.text, sizeof(sim->ussd.text), "Su saldo es 12,34 EUR. Valido hasta 31/12.");
    sim->ussd.latency_us = 300000;
}

static void on_answer(struct sim *sim, void *arg)
{
    const struct answer *answer = arg;
    char line[SIM_MESSAGE_TEXT];
    struct buf text;
    if (answer->session != sim->ussd.session || sim->profile.cusd == USSD_OFF)
        return;
    buf_init(&text, line, sizeof(line));
    buf_fmt(&text, "+CUSD: %d", answer->result);
    if (answer->result == 0) {
        buf_str(&text, ",\"");
        sim_put_text(sim, sim->ussd.text, strlen(sim->ussd.text), &text);
        buf_str(&text, "\",15");
    }
    sim_line_urc(sim, text.data, text.len);
}

static void ask_operator(struct sim *sim)
{
    int result = 0;
    bool is_lost = sim_fault_take(sim, SIM_FAULT_USSD_LOST, NULL);
    (void)sim_fault_take(sim, SIM_FAULT_USSD, &result);
    sim->ussd.session++;
    if (is_lost)
        return;
    struct answer *answer = sim_alloc(1, sizeof(*answer));
    *answer = (struct answer){.session = sim->ussd.session, .result = result};
    sim_later(sim, sim->ussd.latency_us > 0 ? sim->ussd.latency_us : 1, on_answer, answer);
}

struct sim_result sim_cusd_set(struct sim *sim, const struct sim_args *args)
{
    int mode = USSD_OFF;
    int dcs = 15;
    if (args->count > 3 || !sim_args_int(args, 0, USSD_OFF, USSD_GIVE_UP, &mode) ||
        !sim_args_int(args, 2, 0, 255, &dcs))
        return sim_cme(SIM_CME_INCORRECT);
    if (mode == USSD_GIVE_UP) {
        sim->ussd.session++;
        return sim_ok();
    }
    sim->profile.cusd = mode;
    if (sim_args_text(args, 1)[0] == '\0')
        return sim_ok();
    if (!sim_network_can_send(sim))
        return sim_cme(SIM_CME_NO_NETWORK);
    ask_operator(sim);
    return sim_ok();
}

struct sim_result sim_cusd_read(struct sim *sim)
{
    sim_line_text(sim, "+CUSD: %d", sim->profile.cusd);
    return sim_ok();
}
