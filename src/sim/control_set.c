/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/control_set.h"

#include "sim/state.h"

#include <stdio.h>
#include <string.h>

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

/* ---- the table ---- */

enum { EACH_DOMAIN = (1 << SIM_DOMAINS) - 1 };

struct setting {
    const char *key;
    double min, max;  /* of a number */
    unsigned domains; /* a state that is forced on those of these bits; 0 = a field of struct sim */
    size_t at;
    double scale; /* of an int64_t; 0 = an int */
    size_t size;  /* of a text; 0 = a number */
    bool (*is_valid)(const char *text);
    void (*after)(struct sim *sim);
};

#define TEXT(member)                                                                               \
    .at = offsetof(struct sim, member), .size = sizeof(((struct sim *)NULL)->member)
#define NUMBER(lowest, highest, member)                                                            \
    .min = (lowest), .max = (highest), .at = offsetof(struct sim, member)
#define SECONDS(highest, member) NUMBER(0, highest, member), .scale = 1e6

static const struct setting settings[] = {
    {"cmgs_latency_s", SECONDS(3600, sms.cmgs_latency_us)},
    {"report_latency_s", SECONDS(86400, sms.report_latency_us)},
    {"register_delay_s", SECONDS(3600, network.register_us)},
    {"ussd_latency_s", SECONDS(3600, ussd.latency_us)},
    {"creg", 0, 10, .domains = EACH_DOMAIN},
    {"cgreg", 0, 10, .domains = 1 << SIM_DOMAIN_PS},
    {"cereg", 0, 10, .domains = 1 << SIM_DOMAIN_EPS},
    {"csq", NUMBER(0, 99, network.csq)},
    {"act", NUMBER(SIM_ACT_NONE, 13, network.act), .after = sim_network_moved},
    {"temperature_c", NUMBER(-60, 150, vendor.temperature_c)},
    {"voltage_mv", NUMBER(0, 30000, vendor.voltage_mv)},
    {"nitz_offset_s", NUMBER(-4e9, 4e9, nitz.offset_ms), .scale = 1e3, .after = sim_nitz_announce},
    {"nitz_zone", NUMBER(-48, 56, nitz.zone), .after = sim_nitz_announce},
    {"pin_left", NUMBER(0, 3, pin.pin_left)}, /* a card has as many tries as this from its birth */
    {"ussd", TEXT(ussd.text), .is_valid = is_plain},
    {"lac", TEXT(network.lac), .is_valid = is_hex, .after = sim_network_moved},
    {"ci", TEXT(network.ci), .is_valid = is_hex, .after = sim_network_moved},
    {"operator", TEXT(network.operator_name), .is_valid = is_line},
    {"operator_code", TEXT(network.operator_code), .is_valid = is_digits},
    {"smsc", TEXT(sms.smsc), .is_valid = is_centre},
    {"iccid", TEXT(identity.iccid), .is_valid = is_digits},
    {"imsi", TEXT(identity.imsi), .is_valid = is_digits},
    {"imei", TEXT(identity.imei), .is_valid = is_digits},
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
    if (setting->size == 0)
        return json_is_number(value) && number >= setting->min && number <= setting->max;
    return text != NULL && strlen(text) < setting->size && setting->is_valid(text);
}

static void set_number(struct sim *sim, const struct setting *setting, double number)
{
    void *place = (char *)sim + setting->at;
    for (int i = 0; i < SIM_DOMAINS; i++)
        if ((setting->domains & (1U << i)) != 0)
            sim_network_force(sim, (enum sim_domain)i, (int)number);
    if (setting->domains == 0 && setting->scale > 0)
        *(int64_t *)place = (int64_t)(number * setting->scale);
    else if (setting->domains == 0)
        *(int *)place = (int)number;
}

static void apply_setting(struct sim *sim, const struct setting *setting, const json_t *value)
{
    if (setting->size > 0)
        snprintf((char *)sim + setting->at, setting->size, "%s", json_string_value(value));
    else
        set_number(sim, setting, json_number_value(value));
    if (setting->after != NULL)
        setting->after(sim);
}

void sim_set_number(struct sim *sim, const char *key, int number)
{
    set_number(sim, find_setting(key), number);
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
