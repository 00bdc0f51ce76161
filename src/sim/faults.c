/* SPDX-License-Identifier: EUPL-1.2 */
/* Arming, taking and listing of faults; what they are is in fault_table.c. */
#include "sim/faults.h"

#include "base/loop.h"
#include "sim/control_set.h"
#include "sim/state.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- arming ---- */

/* A number of digits only; false, and *text unmoved, when there is none or it is too large. */
static bool take_number(const char **text, int *ret)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 9)
        return false;
    *ret = (int)strtol(*text, NULL, 10);
    *text += digits;
    return true;
}

static bool take_text(const char **text, char *out)
{
    size_t len = strcspn(*text, ":*");
    if (len == 0 || len >= SIM_FAULT_TEXT)
        return false;
    memcpy(out, *text, len);
    out[len] = '\0';
    *text += len;
    return true;
}

/* Takes the arguments in turn, each behind its colon; those that may be left out come last. */
static bool take_args(const struct sim_fault_row *row, const char **text, struct sim_armed *armed)
{
    int numbers = 0;
    for (const char *kind = row->args != NULL ? row->args : ""; *kind != '\0'; kind++) {
        if (**text != ':')
            return *kind == 'N';
        ++*text;
        if (*kind == 't' ? !take_text(text, armed->text)
                         : !take_number(text, &armed->number[numbers++]))
            return false;
    }
    return true;
}

static bool take_count(const struct sim_fault_row *row, const char **text, int *remaining)
{
    bool is_counted = row->kind == SIM_FAULT_COUNTED || row->kind == SIM_FAULT_STANDING;
    *remaining = row->kind == SIM_FAULT_COUNTED ? 1 : SIM_FAULT_FOREVER;
    if (**text != '*' || !is_counted || row->arg_is_count)
        return **text == '\0';
    ++*text;
    *remaining = 0;
    (void)take_number(text, remaining);
    if (*remaining == 0)
        *remaining = SIM_FAULT_FOREVER;
    return **text == '\0';
}

static const struct sim_fault_row *find_row(const char *text, size_t len)
{
    for (int id = 0; id < SIM_FAULT_COUNT; id++) {
        const struct sim_fault_row *row = &sim_fault_table[id];
        if (strlen(row->name) == len && strncmp(row->name, text, len) == 0)
            return row;
    }
    return NULL;
}

static bool parse_fault(const char *text, struct sim_armed *armed)
{
    size_t len = strcspn(text, ":*");
    const struct sim_fault_row *row = find_row(text, len);
    if (row == NULL)
        return false;
    *armed = (struct sim_armed){.id = (enum sim_fault_id)(row - sim_fault_table)};
    text += len;
    if (!take_args(row, &text, armed) || !take_count(row, &text, &armed->remaining))
        return false;
    if (row->arg_is_count)
        armed->remaining = armed->number[0];
    return (row->max == 0 || armed->number[0] <= row->max) &&
           (row->is_valid == NULL || row->is_valid(armed));
}

bool sim_fault_is_valid(const char *text)
{
    struct sim_armed armed;
    return parse_fault(text, &armed);
}

bool sim_fault(struct sim *sim, const char *text)
{
    struct sim_armed armed;
    if (!parse_fault(text, &armed) || sim->faults.count == SIM_FAULTS_MAX)
        return false;
    const struct sim_fault_row *row = &sim_fault_table[armed.id];
    sim_log(sim, "fault", "{s:s, s:s}", "fault", text, "is", "armed");
    if (row->kind == SIM_FAULT_MODE && armed.number[0] > 0)
        armed.until_us = loop_now_us(sim->loop) + (int64_t)armed.number[0] * 1000;
    if (row->kind != SIM_FAULT_ACTION && armed.remaining != 0)
        sim->faults.armed[sim->faults.count++] = armed;
    if (row->sets != NULL)
        sim_set_number(sim, row->sets, armed.number[0]);
    if (row->apply != NULL)
        row->apply(sim, &armed);
    sim_line_flush(sim);
    return true;
}

/* ---- taking ---- */

static void disarm_fault(struct sim_faults *armed, size_t index)
{
    armed->count--;
    memmove(&armed->armed[index], &armed->armed[index + 1],
            (armed->count - index) * sizeof(armed->armed[0]));
}

static bool is_meant(const struct sim_armed *armed, const char *name)
{
    return name == NULL || strcasecmp(armed->text, name) == 0 ||
           (gsm_addr_is_number(name) && gsm_addr_same(armed->text, name));
}

static struct sim_armed *find_fault(struct sim *sim, enum sim_fault_id id, const char *name)
{
    struct sim_faults *f = &sim->faults;
    for (size_t i = 0; i < f->count; i++) {
        if (f->armed[i].id != id || !is_meant(&f->armed[i], name))
            continue;
        if (f->armed[i].until_us == 0 || loop_now_us(sim->loop) < f->armed[i].until_us)
            return &f->armed[i];
        disarm_fault(f, i--);
    }
    return NULL;
}

bool sim_fault_is_on(struct sim *sim, enum sim_fault_id id)
{
    return find_fault(sim, id, NULL) != NULL;
}

bool sim_is_dead(struct sim *sim)
{
    return sim_fault_is_on(sim, SIM_FAULT_SILENT) || sim_fault_is_on(sim, SIM_FAULT_BOOT_FLOOD);
}

bool sim_fault_take_named(struct sim *sim, enum sim_fault_id id, const char *name,
                          struct sim_armed *ret)
{
    struct sim_armed *armed = find_fault(sim, id, name);
    if (armed == NULL)
        return false;
    if (ret != NULL)
        *ret = *armed;
    sim_log(sim, "fault", "{s:s, s:s}", "fault", sim_fault_table[id].name, "is", "taken");
    if (armed->remaining != SIM_FAULT_FOREVER && --armed->remaining == 0)
        disarm_fault(&sim->faults, (size_t)(armed - sim->faults.armed));
    return true;
}

bool sim_fault_take(struct sim *sim, enum sim_fault_id id, int *ret_number)
{
    struct sim_armed armed;
    if (!sim_fault_take_named(sim, id, NULL, &armed))
        return false;
    if (ret_number != NULL)
        *ret_number = armed.number[0];
    return true;
}

/* ---- all of them ---- */

void sim_faults_clear(struct sim *sim)
{
    sim->faults.count = 0;
    sim->busy.until_us = 0;
    for (int i = 0; i < SIM_DOMAINS; i++)
        sim_network_force(sim, (enum sim_domain)i, SIM_CREG_NOT_FORCED);
    if (sim->line.state == SIM_LINE_COMMAND)
        sim_line_idle(sim);
    sim_log(sim, "fault", "{s:s}", "is", "cleared");
}

json_t *sim_faults_list(struct sim *sim)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sim->faults.count; i++) {
        const struct sim_armed *armed = &sim->faults.armed[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:i, s:i}", "name", sim_fault_table[armed->id].name, "text",
                            armed->text, "arg", armed->number[0], "remaining", armed->remaining));
    }
    return list;
}
