/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/control_set.h"

#include "sim/state.h"

#include <stdio.h>
#include <string.h>

/* ---- numbers ---- */

static void set_cmgs_latency(struct sim *sim, double seconds)
{
    sim->sms.cmgs_latency_us = (int64_t)(seconds * 1e6);
}

static void set_report_latency(struct sim *sim, double seconds)
{
    sim->sms.report_latency_us = (int64_t)(seconds * 1e6);
}

static void set_register_delay(struct sim *sim, double seconds)
{
    sim->network.register_us = (int64_t)(seconds * 1e6);
}

static void set_ussd_latency(struct sim *sim, double seconds)
{
    sim->ussd.latency_us = (int64_t)(seconds * 1e6);
}

static void set_creg(struct sim *sim, double stat)
{
    for (int i = 0; i < SIM_DOMAINS; i++)
        sim_network_force(sim, (enum sim_domain)i, (int)stat);
}

static void set_cgreg(struct sim *sim, double stat)
{
    sim_network_force(sim, SIM_DOMAIN_PS, (int)stat);
}

static void set_cereg(struct sim *sim, double stat)
{
    sim_network_force(sim, SIM_DOMAIN_EPS, (int)stat);
}

static void set_csq(struct sim *sim, double csq)
{
    sim->network.csq = (int)csq;
}

static void set_act(struct sim *sim, double act)
{
    sim->network.act = (int)act;
    sim_network_moved(sim);
}

static void set_temperature(struct sim *sim, double celsius)
{
    sim->vendor.temperature_c = (int)celsius;
}

static void set_voltage(struct sim *sim, double millivolts)
{
    sim->vendor.voltage_mv = (int)millivolts;
}

static void set_nitz_offset(struct sim *sim, double seconds)
{
    sim->nitz.offset_ms = (int64_t)(seconds * 1e3);
    sim_nitz_announce(sim);
}

static void set_nitz_zone(struct sim *sim, double quarters)
{
    sim->nitz.zone = (int)quarters;
    sim_nitz_announce(sim);
}

/* A card has as many tries as this from its birth. */
static void set_pin_left(struct sim *sim, double tries)
{
    sim->pin.pin_left = (int)tries;
}

/* ---- texts ---- */

static bool is_hex(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789ABCDEF") == strlen(text);
}

static bool is_digits(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* An empty one is a card without a service centre. */
static bool is_centre(const char *text)
{
    return text[0] == '\0' || gsm_addr_is_number(text);
}

static bool is_plain(const char *text)
{
    return strpbrk(text, "\"\r\n") == NULL;
}

static bool is_line(const char *text)
{
    return text[0] != '\0' && is_plain(text);
}

#define TEXT(member) offsetof(struct sim, member), sizeof(((struct sim *)NULL)->member)

/* ---- the table ---- */

struct setting {
    const char *key;
    double min;
    double max;
    void (*apply)(struct sim *sim, double value);
    bool (*is_valid)(const char *text);
    size_t text; /* where it goes, and how much fits */
    size_t size;
    void (*after)(struct sim *sim);
};

#define NUMBER_KEY(name, lowest, highest, function)                                                \
    {                                                                                              \
        .key = (name), .min = (lowest), .max = (highest), .apply = (function)                      \
    }

static const struct setting settings[] = {
    NUMBER_KEY("cmgs_latency_s", 0, 3600, set_cmgs_latency),
    NUMBER_KEY("report_latency_s", 0, 86400, set_report_latency),
    NUMBER_KEY("register_delay_s", 0, 3600, set_register_delay),
    NUMBER_KEY("ussd_latency_s", 0, 3600, set_ussd_latency),
    NUMBER_KEY("creg", 0, 10, set_creg),
    NUMBER_KEY("cgreg", 0, 10, set_cgreg),
    NUMBER_KEY("cereg", 0, 10, set_cereg),
    NUMBER_KEY("csq", 0, 99, set_csq),
    NUMBER_KEY("act", SIM_ACT_NONE, 13, set_act),
    NUMBER_KEY("temperature_c", -60, 150, set_temperature),
    NUMBER_KEY("voltage_mv", 0, 30000, set_voltage),
    NUMBER_KEY("nitz_offset_s", -4e9, 4e9, set_nitz_offset),
    NUMBER_KEY("nitz_zone", -48, 56, set_nitz_zone),
    NUMBER_KEY("pin_left", 0, 3, set_pin_left),
    {"ussd", 0, 0, NULL, is_plain, TEXT(ussd.text), NULL},
    {"lac", 0, 0, NULL, is_hex, TEXT(network.lac), sim_network_moved},
    {"ci", 0, 0, NULL, is_hex, TEXT(network.ci), sim_network_moved},
    {"operator", 0, 0, NULL, is_line, TEXT(network.operator_name), NULL},
    {"operator_code", 0, 0, NULL, is_digits, TEXT(network.operator_code), NULL},
    {"smsc", 0, 0, NULL, is_centre, TEXT(sms.smsc), NULL},
    {"iccid", 0, 0, NULL, is_digits, TEXT(identity.iccid), NULL},
    {"imsi", 0, 0, NULL, is_digits, TEXT(identity.imsi), NULL},
    {"imei", 0, 0, NULL, is_digits, TEXT(identity.imei), NULL},
    {.key = NULL},
};

static const struct setting *find_setting(const char *key)
{
    const struct setting *setting = settings;
    while (setting->key != NULL && strcmp(setting->key, key) != 0)
        setting++;
    return setting->key != NULL ? setting : NULL;
}

static bool is_right(const struct setting *setting, const json_t *value)
{
    const char *text = json_string_value(value);
    double number = json_number_value(value);
    if (setting == NULL)
        return false;
    if (setting->apply != NULL)
        return json_is_number(value) && number >= setting->min && number <= setting->max;
    return text != NULL && strlen(text) < setting->size && setting->is_valid(text);
}

static void apply_setting(struct sim *sim, const struct setting *setting, const json_t *value)
{
    if (setting->apply != NULL) {
        setting->apply(sim, json_number_value(value));
        return;
    }
    snprintf((char *)sim + setting->text, setting->size, "%s", json_string_value(value));
    if (setting->after != NULL)
        setting->after(sim);
}

bool sim_set_is_valid(const json_t *command)
{
    json_t *fields = json_deep_copy(command);
    const char *key;
    json_t *value;
    bool valid = true;
    json_object_del(fields, "cmd");
    json_object_foreach(fields, key, value)
    {
        valid = valid && is_right(find_setting(key), value);
    }
    json_decref(fields);
    return valid;
}

bool sim_set(struct sim *sim, const json_t *command)
{
    if (!sim_set_is_valid(command))
        return false;
    json_t *fields = json_deep_copy(command);
    const char *key;
    json_t *value;
    json_object_del(fields, "cmd");
    json_object_foreach(fields, key, value)
    {
        const struct setting *setting = find_setting(key);
        if (setting != NULL)
            apply_setting(sim, setting, value);
    }
    json_decref(fields);
    return true;
}
