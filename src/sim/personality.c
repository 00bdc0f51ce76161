/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/personality.h"

#include "base/buf.h"
#include "sim/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POWER_ON_STEP_US = 50000, ANSWER_MAX = 256 };

bool sim_has_personality(const char *name)
{
    const struct sim_personality *row = sim_personalities;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    return row->name != NULL;
}

void sim_personality_init(struct sim *sim, const char *name)
{
    const struct sim_personality *row = sim_personalities;
    while (name != NULL && row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    sim->personality = row->name != NULL ? row : sim_personalities;
    sim->vendor =
        (struct sim_vendor){.ims = 1, .radio_mode = 2, .temperature_c = 34, .voltage_mv = 3850};
    sim->network.act = sim->personality->act;
}

bool sim_has_quirk(const struct sim *sim, unsigned quirk)
{
    return (sim->personality->quirks & quirk) != 0;
}

static bool is_listed(const char *const *list, const char *name)
{
    for (; list != NULL && *list != NULL; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

bool sim_is_missing(const struct sim *sim, const char *name)
{
    return is_listed(sim->personality->missing, name);
}

/* ---- what a $ and a letter stand for ---- */

static bool put_number(struct sim *sim, char letter, struct buf *out)
{
    const struct {
        char letter;
        int value;
    } numbers[] = {
        {'1', sim->pin.pin_left},
        {'2', sim->pin.puk_left},
        {'I', sim->vendor.ims},
        {'U', sim->vendor.ims != 2}, /* 2 = barred, else in use */
        {'R', sim->vendor.radio_mode},
        {'d', sim_network_dbm(sim)},
        {'h', sim_network_dbm(sim) + 121},
        {'p', sim_network_rsrp_dbm(sim)},
        {'q', sim->network.csq},
        {'t', sim->vendor.temperature_c},
        {'T', sim->vendor.temperature_c * 10},
        {'v', sim->vendor.voltage_mv},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i].letter == letter) {
            buf_fmt(out, "%d", numbers[i].value);
            return true;
        }
    }
    return false;
}

static bool put_text(struct sim *sim, char letter, const char *memory, struct buf *out)
{
    bool is_ready = sim_pin_is_ready(sim);
    const struct {
        char letter;
        const char *value;
    } texts[] = {
        {'M', memory},
        {'P', sim_pin_state(sim)},
        {'c', sim->network.ci},
        {'e', sim->identity.imei},
        {'g', sim->personality->model},
        {'i', sim->identity.iccid},
        {'l', sim->network.lac},
        {'m', sim->personality->manufacturer},
        {'n', sim->network.operator_code},
        {'o', sim->network.operator_name},
        {'r', sim->personality->revision},
        {'s', is_ready                ? ""
              : sim->pin.pin_left > 0 ? "$1"
                                      : "$2"}, /* tries of what it asks for */
        {'y', sim->identity.imsi},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].letter == letter && texts[i].value[0] == '$')
            return put_number(sim, texts[i].value[1], out);
        if (texts[i].letter == letter) {
            buf_str(out, texts[i].value);
            return true;
        }
    }
    return false;
}

void sim_vendor_expand(struct sim *sim, const char *text, const char *memory, char *out, size_t cap)
{
    struct buf b;
    buf_init(&b, out, cap);
    for (; *text != '\0'; text++) {
        bool is_letter = *text == '$' && text[1] != '\0';
        if (is_letter && text[1] == 'V')
            buf_fmt(&b, "%d.%03d", sim->vendor.voltage_mv / 1000, sim->vendor.voltage_mv % 1000);
        else if (!is_letter ||
                 !(put_number(sim, text[1], &b) || put_text(sim, text[1], memory, &b)))
            buf_byte(&b, (uint8_t)*text);
        text += is_letter;
    }
    if (buf_cstr(&b) == NULL && cap > 0)
        out[0] = '\0';
}

/* ---- at a start, and while it runs ---- */

static void say_line(struct sim *sim, const char *line)
{
    char text[ANSWER_MAX];
    sim_vendor_expand(sim, line, "", text, sizeof(text));
    sim_line_urc(sim, text, strlen(text));
}

struct turn {
    unsigned power_on;
    size_t next;
};

static void schedule_noise(struct sim *sim, int64_t delay_us, sim_task_fn fn, size_t next)
{
    struct turn *turn = sim_alloc(1, sizeof(*turn));
    *turn = (struct turn){.power_on = sim->vendor.power_on, .next = next};
    sim_later(sim, delay_us, fn, turn);
}

static void on_noise(struct sim *sim, void *arg)
{
    const struct turn *turn = arg;
    const struct sim_personality *row = sim->personality;
    if (turn->power_on != sim->vendor.power_on || sim->vendor.silenced)
        return;
    size_t next = row->noise[turn->next] != NULL ? turn->next : 0;
    if (sim->line.heard && !sim_is_dead(sim))
        say_line(sim, row->noise[next]);
    schedule_noise(sim, row->noise_every_us, on_noise, next + 1);
}

static void on_power_on(struct sim *sim, void *arg)
{
    const struct turn *turn = arg;
    const char *const *lines = sim->personality->power_on;
    if (turn->power_on != sim->vendor.power_on)
        return;
    say_line(sim, lines[turn->next]);
    if (lines[turn->next + 1] != NULL)
        schedule_noise(sim, POWER_ON_STEP_US, on_power_on, turn->next + 1);
}

void sim_personality_power_on(struct sim *sim)
{
    sim->vendor.power_on++;
    sim->vendor.silenced = false;
    if (sim->personality->power_on != NULL)
        schedule_noise(sim, POWER_ON_STEP_US, on_power_on, 0);
    if (sim->personality->noise != NULL)
        schedule_noise(sim, sim->personality->noise_every_us, on_noise, 0);
}

/* ---- the maker's commands ---- */

static int *value_of(struct sim *sim, const struct sim_vendor_row *row)
{
    return (int *)(void *)((char *)sim + row->value);
}

/* Finds the text after `say` in the command; NULL when the command is another. */
static const char *rest_of(const struct sim_vendor_row *row, const char *name, const char *form)
{
    size_t name_len = strlen(name);
    size_t len = strlen(row->say);
    if (len < name_len || strncmp(row->say, name, name_len) != 0 ||
        strncmp(row->say + name_len, form, len - name_len) != 0)
        return NULL;
    return form + (len - name_len);
}

static bool takes_value(const struct sim_vendor_row *row, const char *rest)
{
    if (row->value == 0)
        return rest[0] == '\0' || row->effect == SIM_EFFECT_ANY;
    return rest[0] != '\0' && strspn(rest, "0123456789") == strlen(rest) && strlen(rest) < 6;
}

static struct sim_result run_vendor_row(struct sim *sim, const struct sim_vendor_row *row,
                                        const char *rest)
{
    char text[ANSWER_MAX];
    int number = row->value != 0 ? (int)strtol(rest, NULL, 10) : 0;
    if (number > row->max)
        return sim_error();
    if (row->value != 0)
        *value_of(sim, row) = number;
    if (row->effect == SIM_EFFECT_SILENCE)
        sim->vendor.silenced = true;
    if (row->answer != NULL) {
        sim_vendor_expand(sim, row->answer, "", text, sizeof(text));
        sim_line_text(sim, "%s", text);
    }
    return row->effect == SIM_EFFECT_RESTART ? (struct sim_result){.kind = SIM_FINAL_RESTART}
                                             : sim_ok();
}

bool sim_vendor_run(struct sim *sim, const char *name, const char *form, struct sim_result *ret)
{
    const struct sim_vendor_row *row = sim->personality->rows;
    for (; row != NULL && row->say != NULL; row++) {
        const char *rest = rest_of(row, name, form);
        if (rest == NULL || !takes_value(row, rest))
            continue;
        if (row->effect == SIM_EFFECT_PASS) {
            sim->vendor.silenced = true;
        } else {
            *ret = run_vendor_row(sim, row, rest);
            return true;
        }
    }
    return false;
}
