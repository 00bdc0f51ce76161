/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/pin.h"

#include "sim/commands.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>

/* Printed on the card of this simulator. */
static const char puk[] = "12345678";

void sim_pin_init(struct sim *sim, const char *pin)
{
    sim->pin = (struct sim_pin){.pin_left = SIM_PIN_TRIES, .puk_left = SIM_PUK_TRIES};
    if (pin != NULL)
        snprintf(sim->pin.pin, sizeof(sim->pin.pin), "%s", pin);
}

const char *sim_pin_state(const struct sim *sim)
{
    if (sim->pin.pin_left == 0)
        return "SIM PUK";
    return sim->pin.pin[0] == '\0' || sim->pin.unlocked ? "READY" : "SIM PIN";
}

bool sim_pin_is_ready(const struct sim *sim)
{
    return sim->pin.pin_left > 0 && (sim->pin.pin[0] == '\0' || sim->pin.unlocked);
}

struct sim_result sim_cpin_read(struct sim *sim)
{
    if (sim_fault_is_on(sim, SIM_FAULT_NO_SIM))
        return sim_cme(SIM_CME_NO_SIM);
    sim_line_text(sim, "+CPIN: %s", sim_pin_state(sim));
    bool is_mute =
        sim_has_quirk(sim, SIM_QUIRK_CPIN_NO_OK) || sim_fault_is_on(sim, SIM_FAULT_CPIN_NO_OK);
    return is_mute ? sim_mute() : sim_ok();
}

struct sim_result sim_cpinr_exec(struct sim *sim)
{
    sim_line_text(sim, "+CPINR: SIM PIN,%d,%d", sim->pin.pin_left, SIM_PIN_TRIES);
    sim_line_text(sim, "+CPINR: SIM PUK,%d,%d", sim->pin.puk_left, SIM_PUK_TRIES);
    return sim_ok();
}

static struct sim_result on_unlocked(struct sim *sim)
{
    sim->pin.unlocked = true;
    sim->pin.pin_left = SIM_PIN_TRIES;
    sim_network_search(sim);
    return sim_ok();
}

static struct sim_result unblock_card(struct sim *sim, const char *given, const char *new_pin)
{
    size_t len = strlen(new_pin);
    if (sim->pin.puk_left == 0)
        return sim_cme(SIM_CME_NOT_ALLOWED);
    if (len < 4 || len > 8)
        return sim_cme(SIM_CME_PUK_REQUIRED);
    if (strcmp(given, puk) != 0) {
        sim->pin.puk_left--;
        return sim_cme(SIM_CME_WRONG_PASSWORD);
    }
    memcpy(sim->pin.pin, new_pin, len + 1);
    sim->pin.puk_left = SIM_PUK_TRIES;
    return on_unlocked(sim);
}

struct sim_result sim_cpin_set(struct sim *sim, const struct sim_args *args)
{
    if (sim->pin.pin_left == 0)
        return unblock_card(sim, sim_args_text(args, 0), sim_args_text(args, 1));
    if (sim_pin_is_ready(sim))
        return sim_cme(SIM_CME_NOT_ALLOWED);
    if (strcmp(sim_args_text(args, 0), sim->pin.pin) != 0) {
        sim->pin.pin_left--;
        return sim_cme(SIM_CME_WRONG_PASSWORD);
    }
    return on_unlocked(sim);
}

/* Only the question whether the card asks for a PIN: +CLCK="SC",2. */
struct sim_result sim_clck_set(struct sim *sim, const struct sim_args *args)
{
    if (strcmp(sim_args_text(args, 0), "SC") != 0 || strcmp(sim_args_text(args, 1), "2") != 0)
        return sim_cme(SIM_CME_NOT_ALLOWED);
    sim_line_text(sim, "+CLCK: %d", sim->pin.pin[0] != '\0');
    return sim_ok();
}
