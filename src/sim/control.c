/* SPDX-License-Identifier: EUPL-1.2 */
/* The control commands, one JSON object each. Their page is hw/simmodem.md. */
#include "gsm/segment.h"
#include "sim/commands.h"
#include "sim/control_set.h"
#include "sim/state.h"
#include "sim/tpdu.h"

#include <stdio.h>
#include <string.h>

static json_t *answer_failed(const char *error)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

static json_t *answer_done(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *run_inbox(struct sim *sim, const json_t *command)
{
    const char *number = json_string_value(json_object_get(command, "number"));
    return json_pack("{s:b, s:o, s:o}", "ok", 1, "messages",
                     sim_handset_messages(&sim->handset, number), "texts",
                     sim_handset_texts(&sim->handset, number));
}

static json_t *run_fault(struct sim *sim, const json_t *command)
{
    const char *fault = json_string_value(json_object_get(command, "fault"));
    return fault != NULL && sim_fault(sim, fault) ? answer_done() : answer_failed("unknown fault");
}

static json_t *run_clear_faults(struct sim *sim, const json_t *command)
{
    (void)command;
    sim_faults_clear(sim);
    return answer_done();
}

static json_t *run_set(struct sim *sim, const json_t *command)
{
    return sim_set(sim, command) ? answer_done() : answer_failed("unknown setting or bad value");
}

/* ---- an inbound message ---- */

static bool deliver_part(struct sim *sim, const char *from, const struct gsm_part *part)
{
    uint8_t storage[SIM_PDU_MAX];
    struct buf pdu;
    size_t tpdu_len = 0;
    struct gsm_deliver deliver = {
        .sent_ms = loop_wall_ms(sim->loop),
        .alphabet = part->alphabet,
        .concat = part->concat,
        .data_len = part->data_len,
    };
    memcpy(deliver.data, part->data, part->data_len);
    snprintf(deliver.smsc.text, sizeof(deliver.smsc.text), "%s", sim->sms.smsc);
    snprintf(deliver.from.text, sizeof(deliver.from.text), "%s", from);
    buf_init(&pdu, storage, sizeof(storage));
    return sim_deliver_encode(&deliver, &pdu, &tpdu_len) &&
           sim_receive(sim, pdu.data, pdu.len, tpdu_len);
}

static json_t *run_deliver(struct sim *sim, const json_t *command)
{
    struct gsm_part parts[GSM_PARTS_MAX];
    size_t count = 0;
    const char *from = json_string_value(json_object_get(command, "from"));
    const char *text = json_string_value(json_object_get(command, "text"));
    if (from == NULL || text == NULL)
        return answer_failed("needs from and text");
    if (!gsm_segment(text, strlen(text), ++sim->sms.inbound_reference, parts, &count))
        return answer_failed("text is empty or too long");
    for (size_t i = 0; i < count; i++)
        if (!deliver_part(sim, from, &parts[i]))
            return answer_failed("sender not valid, or the modem's memory is full");
    return answer_done();
}

/* ---- the rest ---- */

static json_t *run_state(struct sim *sim, const json_t *command)
{
    char name[512] = "";
    (void)command;
    if (sim->host.calls != NULL)
        sim->host.calls->name(sim->host.user, name, sizeof(name));
    return json_pack(
        "{s:b, s:s, s:b, s:b, s:i, s:i, s:s, s:i, s:I, s:I, s:I, s:o, s:o}", "ok", 1, "device",
        name, "attached", sim->line.fd >= 0, "vanished", sim->vanished, "creg",
        sim_network_stat(sim, SIM_DOMAIN_CS), "csq", sim->network.csq, "pin", sim_pin_state(sim),
        "pin_left", sim->pin.pin_left, "commands", (json_int_t)sim->counters.commands, "submits",
        (json_int_t)sim->counters.submits, "refused", (json_int_t)sim->counters.refused,
        "by_command", sim_commands_count(sim), "faults", sim_faults_list(sim));
}

static json_t *run_urc(struct sim *sim, const json_t *command)
{
    const char *line = json_string_value(json_object_get(command, "line"));
    if (line == NULL)
        return answer_failed("needs line");
    sim_line_text(sim, "%s", line);
    return answer_done();
}

static json_t *run_vanish(struct sim *sim, const json_t *command)
{
    json_t *ms = json_object_get(command, "ms");
    if (!json_is_integer(ms) || json_integer_value(ms) < 0)
        return answer_failed("needs ms");
    sim_vanish(sim, json_integer_value(ms) * 1000,
               json_is_true(json_object_get(command, "rename")));
    return answer_done();
}

static json_t *run_scenario(struct sim *sim, const json_t *command)
{
    char error[512];
    const char *file = json_string_value(json_object_get(command, "file"));
    const json_t *speed = json_object_get(command, "speed");
    if (file == NULL || (speed != NULL && !(json_number_value(speed) > 0)))
        return answer_failed("needs file, and a speed above 0 if one is given");
    double times = speed != NULL ? json_number_value(speed) : 1;
    return sim_play(sim, file, times, error, sizeof(error)) ? answer_done() : answer_failed(error);
}

static json_t *run_reset(struct sim *sim, const json_t *command)
{
    (void)command;
    sim_handset_clear(&sim->handset);
    sim->counters = (struct sim_counters){0};
    return answer_done();
}

static const struct {
    const char *name;
    json_t *(*run)(struct sim *sim, const json_t *command);
} commands[] = {
    {"inbox", run_inbox},       {"fault", run_fault},     {"clear-faults", run_clear_faults},
    {"set", run_set},           {"deliver", run_deliver}, {"state", run_state},
    {"urc", run_urc},           {"vanish", run_vanish},   {"reset", run_reset},
    {"scenario", run_scenario},
};

json_t *sim_control(struct sim *sim, const json_t *command)
{
    const char *name = json_string_value(json_object_get(command, "cmd"));
    for (size_t i = 0; name != NULL && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            json_t *answer = commands[i].run(sim, command);
            sim_line_flush(sim);
            return answer;
        }
    }
    return answer_failed("unknown command");
}
