/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config.h"
#include "app/config_keys.h"
#include "app/config_parse.h"
#include "app/config_values.h"
#include "base/alloc.h"
#include "domain/clave.h"
#include "domain/text.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char default_database[] = "/var/lib/contraclaved/contraclaved.db";
static const char default_key[] = "/var/lib/contraclaved-clave/clave-maestra";

static const struct config_modem modem_default = {
    .config = {.device = "auto",
               .prompt_ms = 10000,
               .final_ms = 150000,
               .balance_pattern = "saldo|recarg|cr(e|é|è)dit|balance|top.?up"},
    .per_minute = 30,
};

/* Texts that have no other default are "". base: of the configuration, or of a modem in it. */
static void fill_texts(void *base, bool is_modem)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        const char **text = (const char **)(void *)((char *)base + key->offset);
        if ((strcmp(key->section, "modem") == 0) == is_modem && key->read == config_read_text &&
            *text == NULL)
            *text = "";
    }
}

static void config_defaults(struct config *config)
{
    *config = (struct config){
        .zone = "Europe/Madrid",
        .profile = "pin24h",
        .database = default_database,
        .key = default_key,
        .http = {.listen = "127.0.0.1:8024",
                 .control_path = "/run/contraclaved/control.sock",
                 .proxies = "127.0.0.1, ::1",
                 .per_address = 64,
                 .header_ms = 10000,
                 .body_ms = 10000,
                 .idle_ms = 30000},
        .log_level = LOG_LEVEL_INFO,
        .copies = {.seal = "",
                   .keep = 14,
                   .other_disk = true,
                   .known_hosts = "/etc/contraclaved/sftp_conocidos",
                   .authority = ""},
        .settings = {.origin = "",
                     .desk = {.template_folder = "/etc/contraclaved/plantillas",
                              .takes_minors = true},
                     .trust_folder = "/etc/contraclaved/confianza",
                     .ways[WAY_IN_PERSON] = {.last = INT32_MAX},
                     .ways[WAY_PHONE] = {.last = INT32_MAX},
                     .methods[METHOD_PIN24H] = {.last = INT32_MAX},
                     .alerts = {.after_ms = INT64_C(600000), .queue_ms = INT64_C(900000)},
                     .report_window_ms = 60000,
                     .secret_ms = 300,
                     .challenge_bits = 18,
                     .terms = purge_default_terms},
    };
    fill_texts(config, false);
}

static bool has_value(const struct config_file *file, const struct config_key *key)
{
    for (const struct config_value *v = file->values; v != NULL; v = v->next)
        if (v->key == key)
            return true;
    return false;
}

/* Of several boxes, one may do without a modem: what it accepts goes by those of the others. */
static bool is_on_server(const struct config_file *file)
{
    for (const struct config_value *v = file->values; v != NULL; v = v->next)
        if (v->key != NULL && strcmp(v->key->name, "base_datos") == 0)
            return store_is_on_server(v->text);
    return false;
}

static bool is_complete(const struct config_file *file)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (key->required && !has_value(file, key))
            return config_refuse(file, file->lines, "%s: falta esta clave", key->name);
    return file->modem_count > 0 || is_on_server(file) ||
           config_refuse(file, file->lines,
                         "falta la sección de al menos un módem; escriba por ejemplo: modem "
                         "principal { dispositivo = \"auto\" }");
}

/* Copies the values over the defaults: those of the root section, or those of all others. */
static void copy_values(const struct config_file *file, struct config *config, bool is_root)
{
    for (const struct config_value *v = file->values; v != NULL; v = v->next) {
        bool is_modem = strcmp(v->section, "modem") == 0;
        char *base = (char *)(is_modem ? (void *)&config->modems[v->modem] : config);
        if (v->key == NULL && is_modem)
            (void)snprintf(config->modems[v->modem].config.name, MODEM_NAME_SIZE, "%s", v->text);
        else if (v->key != NULL && (strcmp(v->section, "root") == 0) == is_root)
            (void)v->key->read(v->key, v->text, base + v->key->offset); /* was good when parsed */
    }
}

static void fill_config(const struct config_file *file, struct config *config)
{
    config_defaults(config);
    config->modem_count = file->modem_count;
    for (size_t i = 0; i < file->modem_count; i++) {
        config->modems[i] = modem_default;
        fill_texts(&config->modems[i], true);
    }
    copy_values(file, config, true);
    config->settings.limits = *limits_profile(config->profile); /* `limites` overrides each */
    copy_values(file, config, false);
}

/* The name and the domain may each be right and yet not fit one SMS together. */
static bool texts_fit(const struct config_file *file, const struct config *config)
{
    char code[CODE_SIZE];
    struct text_values values = {
        .entity = config->settings.entity_sms, .code = code, .origin = config->settings.origin};
    clave_from_number(0, (size_t)config->settings.limits.code.digits, code);
    for (int lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        char storage[700];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        if (text_render((enum text_lang)lang, TEXT_CONTRACLAVE, &values, &out) != CC_OK)
            return config_refuse(file, file->lines,
                                 "dominio_sede: con nombre_sms no cabe en un solo SMS; acorte "
                                 "nombre_sms o deje dominio_sede = \"\"");
    }
    return true;
}

static bool alerts_fit(const struct config_file *file, const struct config *config)
{
    const char *why = config_explain_alerts(&config->settings.alerts, &config->settings.mail);
    return why == NULL || config_refuse(file, file->lines, "%s", why);
}

enum cc_err config_load(const char *path, enum config_voice voice, struct config **ret)
{
    struct config *config = alloc_or_abort(sizeof(*config));
    struct config_file *file = alloc_or_abort(sizeof(*file));
    bool good = config_parse(path, voice, file) && is_complete(file);
    if (good) {
        fill_config(file, config);
        good = texts_fit(file, config) && alerts_fit(file, config);
    }
    config->texts = file;
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
    config_file_done(config->texts);
    free(config->texts);
    free(config);
}

void config_beside(const struct config *config, char ret[CONFIG_BESIDE_SIZE])
{
    const char *path = config->database, *slash = strrchr(config->key, '/');
    if (!store_is_on_server(path))
        (void)snprintf(ret, CONFIG_BESIDE_SIZE, "%s", path);
    else if (strcmp(config->key, default_key) == 0)
        (void)snprintf(ret, CONFIG_BESIDE_SIZE, "%s", default_database);
    else
        (void)snprintf(ret, CONFIG_BESIDE_SIZE, "%.*scontraclaved.db",
                       slash != NULL ? (int)(slash + 1 - config->key) : 0, config->key);
}
