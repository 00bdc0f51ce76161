/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config.h"
#include "app/config_grammar.h"
#include "app/config_keys.h"
#include "domain/clave.h"
#include "domain/text.h"

#include <stdlib.h>
#include <string.h>

static const struct config_modem modem_default = {
    .device = "auto",
    .pin = "",
    .tape = "",
    .prompt_ms = 10000,
    .final_ms = 150000,
    .iccid = "",
    .smsc = "",
    .ussd = "",
    .balance_sender = "",
    .balance_pattern = "saldo|recarg|cr(e|é|è)dit|balance|top.?up",
    .power_key = "",
    .per_minute = 30,
};

static void config_defaults(struct config *config)
{
    *config = (struct config){
        .zone = "Europe/Madrid",
        .profile = "pin24h",
        .database = "/var/lib/contraclaved/contraclaved.db",
        .key = "/var/lib/contraclaved-clave/clave-maestra",
        .listen = "127.0.0.1:8024",
        .control = "/run/contraclaved/control.sock",
        .proxies = "127.0.0.1, ::1",
        .per_address = 64,
        .header_ms = 10000,
        .body_ms = 10000,
        .idle_ms = 30000,
        .log_level = LOG_LEVEL_INFO,
        .settings = {.origin = "",
                     .exempt_networks = "",
                     .report_window_ms = 60000,
                     .resend_after_ms = 60000},
    };
}

/* Copies the values of one section over the defaults in base. */
static bool fill(cfg_t *cfg, const char *section, void *base)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        if (strcmp(key->section, section) != 0)
            continue;
        const char *value = cfg_getstr(cfg, key->name);
        if (value != NULL && !key->read(key, value, (char *)base + key->offset))
            return false; /* cannot be: on_value took it */
        if (value == NULL && key->required) {
            config_complain(cfg, key->name, "falta esta clave");
            return false;
        }
    }
    return true;
}

static bool fill_modems(cfg_t *cfg, struct config *config)
{
    config->modem_count = cfg_size(cfg, "modem");
    for (unsigned i = 0; i < config->modem_count; i++) {
        cfg_t *section = cfg_getnsec(cfg, "modem", i);
        config->modems[i] = modem_default;
        config->modems[i].name = cfg_title(section);
        if (!fill(section, "modem", &config->modems[i]))
            return false;
    }
    if (config->modem_count == 0) {
        cfg_error(cfg, "%s",
                  "falta la sección de al menos un módem; escriba por ejemplo: modem principal { "
                  "dispositivo = \"auto\" }");
        return false;
    }
    return true;
}

/* The name and the domain may each be right and yet not fit one SMS together. */
static bool texts_fit(cfg_t *cfg, const struct config *config)
{
    char code[CODE_SIZE];
    struct text_values values = {
        .entity = config->settings.entity_sms, .code = code, .origin = config->settings.origin};
    clave_from_number(0, (size_t)config->settings.limits.code_digits, code);
    for (int lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        char storage[700];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        if (text_render((enum text_lang)lang, TEXT_CONTRACLAVE, &values, &out) != CC_OK) {
            config_complain(cfg, "dominio_sede",
                            "con nombre_sms no cabe en un solo SMS; acorte nombre_sms o deje "
                            "dominio_sede = \"\"");
            return false;
        }
    }
    return true;
}

static bool fill_all(cfg_t *cfg, struct config *config)
{
    static const char *const sections[] = {"http", "limites"};
    config_defaults(config);
    if (!fill(cfg, "root", config))
        return false;
    config->settings.limits = *limits_profile(config->profile); /* `limites` overrides each */
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (cfg_size(cfg, sections[i]) > 0 &&
            !fill(cfg_getsec(cfg, sections[i]), sections[i], config))
            return false;
    }
    return fill_modems(cfg, config) && texts_fit(cfg, config);
}

enum cc_err config_load(const char *path, enum config_voice voice, struct config **ret)
{
    cfg_t *cfg = config_parse(path, voice);
    if (cfg == NULL)
        return CC_ERR_CONFIG;
    struct config *config = calloc(1, sizeof(*config));
    if (config == NULL)
        abort();
    bool good = fill_all(cfg, config);
    config->texts = cfg;
    if (!good) {
        config_free(config);
        return CC_ERR_CONFIG;
    }
    *ret = config;
    return CC_OK;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    config_forget(config->texts);
    free(config);
}
