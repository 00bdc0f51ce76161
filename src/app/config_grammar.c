/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config_grammar.h"
#include "app/config_keys.h"
#include "app/config_scan.h"
#include "app/config_values.h"
#include "base/fsx.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FILE_MAX_BYTES = 256 * 1024,
    OPTIONS_MAX = CONFIG_KEYS + 7, /* three sections and four ends */
};

static void say(enum config_voice voice, const char *file, int line, const char *text)
{
    char where[32] = "";
    if (line > 0)
        snprintf(where, sizeof(where), ":%d", line);
    if (voice == CONFIG_TO_LOG)
        log_error("%s%s: %s", file, where, text);
    else
        fprintf(stderr, "%s%s: %s\n", file, where, text);
}

/* libConfuse's own messages, which have one text argument or none, and ours ("%s"). */
static void say_confuse(enum config_voice voice, const cfg_t *cfg, const char *format, va_list args)
{
    static const struct {
        const char *format, *before, *after;
    } rows[] = {
        {"%s", "", ""},
        {"no such option '%s'", "no se conoce la clave '",
         "'; compruebe cómo está escrita en el fichero de ejemplo"},
        {"found duplicate title '%s'", "la sección modem '",
         "' está repetida; dé a cada módem un nombre distinto"},
        {"missing title for section '%s'", "a la sección ",
         " le falta un nombre; escriba por ejemplo: modem principal {"},
        {"missing equal sign after option '%s'", "falta el signo = detrás de '", "'"},
        {"missing opening brace for section '%s'", "falta { detrás de la sección '", "'"},
        {"attempt to append to non-list option '%s'", "use = en vez de += en '", "'"},
        {"unexpected token '%s'", "sobra '", "'; escriba: clave = \"valor\""},
        {"unexpected closing brace", "sobra una }", NULL},
        {"premature end of file", "el fichero termina a medias; falta un valor", NULL},
    };
    char text[600];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].format, format) != 0)
            continue;
        if (rows[i].after != NULL)
            snprintf(text, sizeof(text), "%s%s%s", rows[i].before, va_arg(args, const char *),
                     rows[i].after);
        else
            snprintf(text, sizeof(text), "%s", rows[i].before);
        say(voice, cfg->filename, cfg->line, text);
        return;
    }
    say(voice, cfg->filename, cfg->line, "esta línea no se entiende; escriba: clave = \"valor\"");
}

static void say_to_stderr(cfg_t *cfg, const char *format, va_list args)
{
    say_confuse(CONFIG_TO_STDERR, cfg, format, args);
}

static void say_to_log(cfg_t *cfg, const char *format, va_list args)
{
    say_confuse(CONFIG_TO_LOG, cfg, format, args);
}

void config_complain(cfg_t *cfg, const char *name, const char *what)
{
    char text[400];
    snprintf(text, sizeof(text), "%s: %s", name, what);
    cfg_error(cfg, "%s", text);
}

/* Each value as it is read, so that a mistake is told with its line. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    const struct config_key *key = config_key_find(cfg->name, opt->name);
    union {
        int64_t number;
        const char *text;
    } scratch;
    /* libConfuse forgets the earlier value before it asks; its note on the option stays */
    if (cfg_opt_getcomment(opt) != NULL) {
        config_complain(cfg, opt->name, "la clave está repetida; deje solo una");
        return -1;
    }
    if (key == NULL || !config_is_line(value) || !key->read(key, value, &scratch)) {
        const char *why = key != NULL && key->explain != NULL ? key->explain(value) : NULL;
        if (why == NULL)
            why = key != NULL ? key->wanted : "no se conoce";
        config_complain(cfg, opt->name, why);
        return -1;
    }
    char seen[] = "ya leída";
    if (cfg_opt_setcomment(opt, seen) != CFG_SUCCESS)
        abort();
    memcpy(result, &value, sizeof(value));
    return 0;
}

static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
    unsigned count = cfg_opt_size(opt);
    bool is_modem = strcmp(opt->name, "modem") == 0;
    if (!is_modem && count > 1) {
        config_complain(cfg, opt->name, "la sección está repetida; deje solo una");
        return -1;
    }
    if (is_modem && count > POOL_MAX) {
        config_complain(cfg, opt->name, "hay más de 16 módems; quite alguno");
        return -1;
    }
    if (is_modem && !config_is_modem_name(cfg_title(cfg_opt_getnsec(opt, count - 1)))) {
        config_complain(cfg, opt->name,
                        "el nombre del módem debe tener de 1 a 32 letras sin tilde, cifras, - o _");
        return -1;
    }
    return 0;
}

/* The keys of one section from options on; returns where its CFG_END is. */
static cfg_opt_t *section_options(const char *section, cfg_opt_t *options)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        if (strcmp(key->section, section) == 0)
            *options++ = (cfg_opt_t)CFG_STR_CB(key->name, NULL, CFGF_NONE, on_value);
    }
    *options = (cfg_opt_t)CFG_END();
    return options;
}

/* The grammar; libConfuse makes its own copy of the options. */
static cfg_t *grammar_new(enum config_voice voice)
{
    cfg_opt_t *options = calloc(OPTIONS_MAX, sizeof(*options)); /* too large for the stack */
    if (options == NULL)
        abort();
    cfg_opt_t *http = options;
    cfg_opt_t *limits = section_options("http", http) + 1;
    cfg_opt_t *modem = section_options("limites", limits) + 1;
    cfg_opt_t *root = section_options("modem", modem) + 1;
    cfg_opt_t *end = section_options("root", root);
    /* CFGF_MULTI also where one is allowed: libConfuse would merge the second in silence */
    *end++ = (cfg_opt_t)CFG_SEC("http", http, CFGF_MULTI);
    *end++ = (cfg_opt_t)CFG_SEC("limites", limits, CFGF_MULTI);
    *end++ = (cfg_opt_t)CFG_SEC("modem", modem, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    *end = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(root, CFGF_NONE);
    free(options);
    if (cfg == NULL)
        abort();
    cfg_set_error_function(cfg, voice == CONFIG_TO_LOG ? say_to_log : say_to_stderr);
    cfg_set_validate_func(cfg, "http", on_section);
    cfg_set_validate_func(cfg, "limites", on_section);
    cfg_set_validate_func(cfg, "modem", on_section);
    return cfg;
}

/* The whole file and a blank; said and NULL when it cannot be had. Owns: free(). */
static char *file_text(const char *path, enum config_voice voice, size_t *ret_len)
{
    struct stat info;
    char *text = malloc(FILE_MAX_BYTES + 1);
    if (text == NULL)
        abort();
    enum cc_err err = fsx_read(path, text, FILE_MAX_BYTES, ret_len);
    const char *why = NULL;
    if (err == CC_ERR_NOT_FOUND)
        why = "el fichero de configuración no existe; indique otro con -c";
    else if (err == CC_ERR_NO_SPACE)
        why = "el fichero es demasiado grande para ser una configuración";
    else if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        why = "es una carpeta; indique un fichero";
    else if (err != CC_OK)
        why = "no se puede leer; compruebe los permisos del fichero";
    if (why == NULL) {
        /* never empty: flex takes an empty stream for an error, without a word */
        text[(*ret_len)++] = ' ';
        return text;
    }
    say(voice, path, 0, why);
    free(text);
    return NULL;
}

static bool parse(cfg_t *cfg, const char *path, enum config_voice voice)
{
    size_t len = 0;
    char *text = file_text(path, voice, &len);
    if (text == NULL)
        return false;
    int line = 0;
    const char *wrong = config_scan(text, len, &line);
    bool good = false;
    if (wrong != NULL) {
        say(voice, path, line, wrong);
    } else {
        /* cfg_parse_buf() would call the file "[buf]" in its messages */
        FILE *stream = fmemopen(text, len, "r");
        cfg->filename = strdup(path);
        if (stream == NULL || cfg->filename == NULL)
            abort();
        good = cfg_parse_fp(cfg, stream) == CFG_SUCCESS;
        fclose(stream);
    }
    secret_wipe(text, len);
    free(text);
    return good;
}

cfg_t *config_parse(const char *path, enum config_voice voice)
{
    cfg_t *cfg = grammar_new(voice);
    if (parse(cfg, path, voice))
        return cfg;
    config_forget(cfg);
    return NULL;
}

void config_forget(cfg_t *cfg)
{
    for (unsigned i = 0; i < cfg_size(cfg, "modem"); i++) {
        char *pin = cfg_getstr(cfg_getnsec(cfg, "modem", i), "pin_sim");
        if (pin != NULL)
            secret_wipe(pin, strlen(pin));
    }
    cfg_free(cfg);
}
