/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/faults.h"

#include "base/clock.h"
#include "sim/state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fault_kind {
    COUNTED, /* waits for its occasion, as often as its count says */
    MODE,    /* on until cleared, or for its argument in ms */
    ACTION,  /* takes effect when armed */
};

enum { ARG_NONE, ARG_OPTIONAL, ARG_REQUIRED };

struct fault {
    const char *name;
    enum fault_kind kind;
    int arg;
    bool arg_is_count;
    int max; /* of the argument; 0 = none */
    void (*apply)(struct sim *sim, int arg);
};

static void apply_creg(struct sim *sim, int stat)
{
    for (int i = 0; i < SIM_DOMAINS; i++)
        sim_network_force(sim, (enum sim_domain)i, stat);
}

static void apply_cgreg(struct sim *sim, int stat)
{
    sim_network_force(sim, SIM_DOMAIN_PS, stat);
}

static void apply_cereg(struct sim *sim, int stat)
{
    sim_network_force(sim, SIM_DOMAIN_EPS, stat);
}

static void apply_csq(struct sim *sim, int csq)
{
    sim->network.csq = csq;
}

static void apply_pin_counter(struct sim *sim, int left)
{
    sim->pin.pin_left = left;
}

static void apply_vanish(struct sim *sim, int ms)
{
    sim_vanish(sim, (int64_t)ms * 1000);
}

static void release_held(struct sim *sim, void *arg)
{
    (void)arg;
    if (sim->line.state == SIM_LINE_COMMAND)
        sim_line_idle(sim);
}

/* What was held back while the modem was dead goes out when it lives again. */
static void apply_silent(struct sim *sim, int ms)
{
    if (ms > 0)
        sim_later(sim, (int64_t)ms * 1000 + 1, release_held, NULL);
}

static const struct fault faults[SIM_FAULT_COUNT] = {
    [SIM_FAULT_CEREG] =
        {.name = "cereg", .kind = ACTION, .arg = ARG_REQUIRED, .max = 10, .apply = apply_cereg},
    [SIM_FAULT_CGREG] =
        {.name = "cgreg", .kind = ACTION, .arg = ARG_REQUIRED, .max = 10, .apply = apply_cgreg},
    [SIM_FAULT_CME_BUSY] = {.name = "cme-busy",
                            .kind = COUNTED,
                            .arg = ARG_REQUIRED,
                            .arg_is_count = true},
    [SIM_FAULT_CMS] = {.name = "cms", .kind = COUNTED, .arg = ARG_REQUIRED, .max = 65535},
    [SIM_FAULT_CMS_AFTER] = {.name = "cms-after",
                             .kind = COUNTED,
                             .arg = ARG_REQUIRED,
                             .max = 65535},
    [SIM_FAULT_CREG] =
        {.name = "creg", .kind = ACTION, .arg = ARG_REQUIRED, .max = 10, .apply = apply_creg},
    [SIM_FAULT_CRLF_DOUBLE] = {.name = "crlf-double", .kind = MODE, .arg = ARG_OPTIONAL},
    [SIM_FAULT_CSQ] =
        {.name = "csq", .kind = ACTION, .arg = ARG_REQUIRED, .max = 99, .apply = apply_csq},
    [SIM_FAULT_ECHO_OFF] = {.name = "echo-off", .kind = MODE, .arg = ARG_OPTIONAL},
    [SIM_FAULT_FINAL_LATE] = {.name = "final-late", .kind = COUNTED, .arg = ARG_REQUIRED},
    [SIM_FAULT_GARBAGE] = {.name = "garbage", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_LOST_REPLY] = {.name = "lost-reply", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_NO_REPORT] = {.name = "no-report", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_PIN_COUNTER] = {.name = "pin-counter",
                               .kind = ACTION,
                               .arg = ARG_REQUIRED,
                               .max = 3,
                               .apply = apply_pin_counter},
    [SIM_FAULT_PROMPT_BARE] = {.name = "prompt-bare", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_PROMPT_LATE] = {.name = "prompt-late", .kind = COUNTED, .arg = ARG_REQUIRED},
    [SIM_FAULT_PROMPT_LOST] = {.name = "prompt-lost", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_REPORT_EARLY] = {.name = "report-early", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_REPORT_LATE] = {.name = "report-late", .kind = COUNTED, .arg = ARG_REQUIRED},
    [SIM_FAULT_REPORT_TWICE] = {.name = "report-twice", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_SILENT] = {.name = "silent",
                          .kind = MODE,
                          .arg = ARG_OPTIONAL,
                          .apply = apply_silent},
    [SIM_FAULT_URC_NOISE] = {.name = "urc-noise", .kind = COUNTED, .arg = ARG_NONE},
    [SIM_FAULT_VANISH] = {.name = "vanish",
                          .kind = ACTION,
                          .arg = ARG_REQUIRED,
                          .apply = apply_vanish},
    [SIM_FAULT_VANISH_PDU] = {.name = "vanish-pdu", .kind = COUNTED, .arg = ARG_REQUIRED},
};

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

static bool parse_suffixes(const struct fault *fault, const char *text, struct sim_armed *armed)
{
    bool has_arg = false;
    if (*text == ':') {
        text++;
        has_arg = take_number(&text, &armed->arg);
        if (!has_arg || fault->arg == ARG_NONE)
            return false;
    }
    if (fault->arg == ARG_REQUIRED && !has_arg)
        return false;
    if (fault->max > 0 && armed->arg > fault->max)
        return false;
    if (*text == '*' && fault->kind == COUNTED && !fault->arg_is_count) {
        text++;
        armed->remaining = 0;
        (void)take_number(&text, &armed->remaining);
        if (armed->remaining == 0)
            armed->remaining = SIM_FAULT_FOREVER;
    }
    return *text == '\0';
}

static bool parse(const char *text, struct sim_armed *armed)
{
    size_t len = strcspn(text, ":*");
    for (int id = 0; id < SIM_FAULT_COUNT; id++) {
        if (strlen(faults[id].name) == len && strncmp(faults[id].name, text, len) == 0) {
            *armed = (struct sim_armed){.id = (enum sim_fault_id)id, .remaining = 1};
            return parse_suffixes(&faults[id], text + len, armed);
        }
    }
    return false;
}

bool sim_fault(struct sim *sim, const char *text)
{
    struct sim_armed armed;
    if (!parse(text, &armed) || sim->faults.count == SIM_FAULTS_MAX)
        return false;
    const struct fault *fault = &faults[armed.id];
    sim_log(sim, "fault", "{s:s, s:s}", "fault", text, "is", "armed");
    if (fault->arg_is_count)
        armed.remaining = armed.arg;
    if (fault->kind == MODE) {
        armed.remaining = SIM_FAULT_FOREVER;
        armed.until_us = armed.arg > 0 ? clock_mono_us() + (int64_t)armed.arg * 1000 : 0;
    }
    if (fault->kind != ACTION && armed.remaining != 0)
        sim->faults.armed[sim->faults.count++] = armed;
    if (fault->apply != NULL)
        fault->apply(sim, armed.arg);
    return true;
}

static void disarm(struct sim_faults *armed, size_t index)
{
    armed->count--;
    memmove(&armed->armed[index], &armed->armed[index + 1],
            (armed->count - index) * sizeof armed->armed[0]);
}

static struct sim_armed *find(struct sim *sim, enum sim_fault_id id)
{
    struct sim_faults *f = &sim->faults;
    for (size_t i = 0; i < f->count; i++) {
        if (f->armed[i].id != id)
            continue;
        if (f->armed[i].until_us == 0 || clock_mono_us() < f->armed[i].until_us)
            return &f->armed[i];
        disarm(f, i--);
    }
    return NULL;
}

bool sim_fault_is_on(struct sim *sim, enum sim_fault_id id)
{
    return find(sim, id) != NULL;
}

bool sim_fault_take(struct sim *sim, enum sim_fault_id id, int *ret_arg)
{
    struct sim_armed *armed = find(sim, id);
    if (armed == NULL)
        return false;
    if (ret_arg != NULL)
        *ret_arg = armed->arg;
    sim_log(sim, "fault", "{s:s, s:s}", "fault", faults[id].name, "is", "taken");
    if (armed->remaining != SIM_FAULT_FOREVER && --armed->remaining == 0)
        disarm(&sim->faults, (size_t)(armed - sim->faults.armed));
    return true;
}

void sim_faults_clear(struct sim *sim)
{
    sim->faults.count = 0;
    for (int i = 0; i < SIM_DOMAINS; i++)
        sim_network_force(sim, (enum sim_domain)i, SIM_CREG_NOT_FORCED);
    release_held(sim, NULL);
    sim_log(sim, "fault", "{s:s}", "is", "cleared");
}

json_t *sim_faults_list(struct sim *sim)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sim->faults.count; i++) {
        const struct sim_armed *armed = &sim->faults.armed[i];
        json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "name", faults[armed->id].name,
                                              "arg", armed->arg, "remaining", armed->remaining));
    }
    return list;
}

/* ---- what they put on the line ---- */

static unsigned next_random(struct sim *sim)
{
    sim->faults.random = sim->faults.random * 1103515245U + 12345U;
    return sim->faults.random >> 16;
}

void sim_noise(struct sim *sim)
{
    static const char *const lines[] = {"^RSSI:25", "RING", "^BOOT:1,0,0,0,6", "+CREG: 1",
                                        "+QIND: SMS DONE"};
    enum { LINES = sizeof lines / sizeof lines[0] };
    if (sim_fault_is_on(sim, SIM_FAULT_URC_NOISE))
        sim_line_text(sim, "%s", lines[next_random(sim) % LINES]);
}

/* No line end in it by chance: it must not complete a line that means something. */
void sim_garbage(struct sim *sim)
{
    uint8_t bytes[64];
    if (!sim_fault_take(sim, SIM_FAULT_GARBAGE, NULL))
        return;
    for (size_t i = 0; i < sizeof bytes; i++) {
        uint8_t byte = (uint8_t)next_random(sim);
        bytes[i] = i % 8 == 0 || byte == '\r' || byte == '\n' ? 0 : byte;
    }
    sim_line_raw(sim, bytes, sizeof bytes);
}
