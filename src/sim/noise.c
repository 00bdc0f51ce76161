/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/noise.h"

#include "sim/state.h"

#include <stdlib.h>

enum { FLOOD_US = 200000, GARBAGE_DEFAULT = 64, LINE_DEFAULT = 64 * 1024 };

static unsigned next_random(struct sim *sim)
{
    sim->faults.random = sim->faults.random * 1103515245U + 12345U;
    return sim->faults.random >> 16;
}

void sim_noise(struct sim *sim)
{
    static const char *const lines[] = {"^RSSI:25", "RING", "^BOOT:1,0,0,0,6", "+CREG: 1",
                                        "+QIND: SMS DONE"};
    enum { LINES = sizeof(lines) / sizeof(lines[0]) };
    if (sim_fault_is_on(sim, SIM_FAULT_URC_NOISE))
        sim_line_text(sim, "%s", lines[next_random(sim) % LINES]);
}

/* No line end in it by chance: it must not complete a line that means something. */
static uint8_t put_rubbish(struct sim *sim, size_t i)
{
    uint8_t byte = (uint8_t)next_random(sim);
    return i % 8 == 0 || byte == '\r' || byte == '\n' ? 0 : byte;
}

static uint8_t put_printable(struct sim *sim, size_t i)
{
    (void)i;
    return (uint8_t)(' ' + next_random(sim) % ('~' - ' ' + 1));
}

static uint8_t put_nul(struct sim *sim, size_t i)
{
    (void)sim;
    (void)i;
    return 0;
}

static const struct {
    enum sim_fault_id id;
    int len;
    uint8_t (*byte)(struct sim *sim, size_t i);
} garbage[] = {
    {SIM_FAULT_GARBAGE, GARBAGE_DEFAULT, put_rubbish},
    {SIM_FAULT_GARBAGE_LINE, LINE_DEFAULT, put_printable},
    {SIM_FAULT_NULS, 0, put_nul},
};

static void put_noise(struct sim *sim, size_t len, uint8_t (*byte)(struct sim *sim, size_t i))
{
    uint8_t *bytes = sim_alloc(len + 1, 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = byte(sim, i);
    sim_line_raw(sim, bytes, len);
    free(bytes);
}

void sim_garbage(struct sim *sim)
{
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        int len = 0;
        if (sim_fault_take(sim, garbage[i].id, &len))
            put_noise(sim, (size_t)(len > 0 ? len : garbage[i].len), garbage[i].byte);
    }
}

/* As an E220 that has hung itself up: it says that it starts, and hears nothing. */
static void on_flood(struct sim *sim, void *arg)
{
    (void)arg;
    sim->faults.flooding = sim_fault_is_on(sim, SIM_FAULT_BOOT_FLOOD);
    if (sim->faults.flooding) {
        sim_line_text(sim, "^BOOT:26510952,0,0,0,6");
        sim_line_text(sim, "^RSSI:25");
        sim_later(sim, FLOOD_US, on_flood, NULL);
    } else if (sim->line.state == SIM_LINE_COMMAND) {
        sim_line_idle(sim);
    }
}

void sim_flood(struct sim *sim)
{
    if (!sim->faults.flooding)
        on_flood(sim, NULL);
}

bool sim_absurd(struct sim *sim, const char *name)
{
    static const char *const nonsense[] = {
        "-7,-7,-7,-7,-7,-7",
        "99999999999,99999999999,99999999999,99999999999",
        "\"muchos\",,\"\",pocos",
    };
    enum { KINDS = sizeof(nonsense) / sizeof(nonsense[0]) };
    if (!sim_fault_take(sim, SIM_FAULT_ABSURD, NULL))
        return false;
    sim_line_text(sim, "%s: %s", name, nonsense[sim->faults.absurd++ % KINDS]);
    return true;
}
