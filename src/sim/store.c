/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/store.h"

#include "base/loop.h"
#include "sim/commands.h"
#include "sim/messages.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>

static const char *const memory_names[SIM_MEMORIES] = {
    [SIM_MEMORY_SM] = "SM",
    [SIM_MEMORY_ME] = "ME",
    [SIM_MEMORY_SR] = "SR",
};

const char *sim_memory_name(enum sim_memory memory)
{
    return memory_names[memory];
}

static int count_used(struct sim *sim, enum sim_memory memory)
{
    int used = 0;
    if (sim_memory_is_full(sim, memory))
        return SIM_SLOTS;
    for (int i = 0; i < SIM_SLOTS; i++)
        used += sim->stores.slots[memory][i].used;
    return used;
}

bool sim_memory_find(const char *name, enum sim_memory *ret)
{
    for (int i = 0; i < SIM_MEMORIES; i++) {
        if (strcmp(memory_names[i], name) == 0) {
            *ret = (enum sim_memory)i;
            return true;
        }
    }
    return false;
}

struct sim_result sim_cpms_set(struct sim *sim, const struct sim_args *args)
{
    enum sim_memory wanted[3];
    memcpy(wanted, sim->stores.used, sizeof(wanted));
    if (args->count > 2 && sim_has_quirk(sim, SIM_QUIRK_CPMS_TWO))
        return sim_error();
    if (args->count > 3)
        return sim_cms(SIM_CMS_NOT_ALLOWED);
    for (size_t i = 0; i < args->count; i++) {
        const char *name = sim_args_text(args, i);
        bool must_be_given = i == 0;
        if ((name[0] != '\0' || must_be_given) && !sim_memory_find(name, &wanted[i]))
            return sim_cms(SIM_CMS_NOT_ALLOWED);
        if (i > 0 && wanted[i] == SIM_MEMORY_SR) /* only reports are kept there */
            return sim_cms(SIM_CMS_NOT_ALLOWED);
    }
    memcpy(sim->stores.used, wanted, sizeof(wanted));
    const int used[3] = {count_used(sim, wanted[0]), count_used(sim, wanted[1]),
                         count_used(sim, wanted[2])};
    sim_line_text(sim, "+CPMS: %d,%d,%d,%d,%d,%d", used[0], SIM_SLOTS, used[1], SIM_SLOTS, used[2],
                  SIM_SLOTS);
    return sim_ok();
}

struct sim_result sim_cpms_read(struct sim *sim)
{
    char line[96] = "+CPMS: ";
    struct buf text;
    buf_init(&text, line, sizeof(line));
    buf_str(&text, "+CPMS: ");
    for (int i = 0; i < 3; i++) {
        enum sim_memory memory = sim->stores.used[i];
        buf_fmt(&text, "%s\"%s\",%d,%d", i > 0 ? "," : "", memory_names[memory],
                count_used(sim, memory), SIM_SLOTS);
    }
    sim_line_block(sim, text.data, text.len);
    return sim_ok();
}

struct sim_slot *sim_slot_at(struct sim *sim, int index)
{
    if (index < 1 || index > SIM_SLOTS)
        return NULL;
    struct sim_slot *slot = &sim->stores.slots[sim->stores.used[0]][index - 1];
    bool is_there = slot->used && (slot->from_us == 0 || loop_now_us(sim->loop) >= slot->from_us);
    return is_there ? slot : NULL;
}

static void clear_slots(struct sim *sim, bool read_only)
{
    for (int i = 1; i <= SIM_SLOTS; i++) {
        struct sim_slot *slot = sim_slot_at(sim, i);
        if (slot != NULL && (slot->read || !read_only))
            slot->used = false;
    }
}

/* 27.005 3.5.4: flag 1-3 = all that are read (nothing here is unsent), 4 = all. */
struct sim_result sim_cmgd_set(struct sim *sim, const struct sim_args *args)
{
    int index = -1;
    int flag = 0;
    if (args->count > 2 || !sim_args_int(args, 0, 0, SIM_SLOTS, &index) ||
        !sim_args_int(args, 1, 0, 4, &flag) || index < (flag == 0 ? 1 : 0))
        return sim_cms(SIM_CMS_INVALID_INDEX);
    if (flag != 0) {
        clear_slots(sim, flag != 4);
        return sim_ok();
    }
    struct sim_slot *slot = sim_slot_at(sim, index);
    if (slot != NULL)
        slot->used = false;
    return sim_ok();
}

struct sim_result sim_cmgd_test(struct sim *sim)
{
    char line[160];
    struct buf text;
    const char *comma = "";
    buf_init(&text, line, sizeof(line));
    buf_str(&text, "+CMGD: (");
    for (int i = 1; i <= SIM_SLOTS; i++) {
        if (sim_slot_at(sim, i) != NULL) {
            buf_fmt(&text, "%s%d", comma, i);
            comma = ",";
        }
    }
    buf_str(&text, "),(0-4)");
    sim_line_block(sim, text.data, text.len);
    return sim_ok();
}
