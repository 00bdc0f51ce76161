/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/setup_answers.h"

#include "app/config_keys.h"
#include "app/config_values.h"
#include "app/ctl_ask.h"
#include "app/ctl_table.h"
#include "app/setup_text.h"
#include "base/secret.h"
#include "domain/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    TRIES = 5, /* at the terminal, before it is given up */
    LINE_SIZE = SETUP_ANSWER_SIZE + 120
};

static const char too_long[] = "es demasiado largo; acórtelo";

static const struct question {
    const char *option, *member; /* "--option"; its name in the request */
    const char *section, *key;   /* of the configuration; NULL = none */
    const char *question;
    const char *fallback;
    bool is_secret;
} questions[SETUP_ANSWERS] = {
    [SETUP_ENTITY] = {"entidad", "entidad", "root", "entidad",
                      "Nombre del ayuntamiento, como «Ayuntamiento de Alpedrete»", "", false},
    [SETUP_SMS_NAME] = {"nombre-sms", "nombre_sms", "root", "nombre_sms",
                        "Nombre con que empieza el SMS, hasta 30 caracteres", "", false},
    [SETUP_ZONE] = {"zona", "zona", "root", "zona_horaria", "Zona horaria", "Europe/Madrid", false},
    [SETUP_DOMAIN] = {"dominio", "dominio", "root", "dominio_sede",
                      "Dominio de la sede, como «sede.alpedrete.es» (vacío = sin él)", "", false},
    [SETUP_DEVICE] = {"dispositivo", "dispositivo", "modem", "dispositivo",
                      "Módem («auto» = el USB que haya)", "auto", false},
    [SETUP_PIN] = {"pin-sim", "pin_sim", "modem", "pin_sim",
                   "PIN de la SIM (vacío = no lo pide, o el que ya está puesto)", "", true},
    [SETUP_NUMBER] = {"numero", "numero", NULL, NULL,
                      "Móvil al que enviar un SMS de prueba (vacío = ninguno)", "", false},
    [SETUP_CLIENT] = {"nombre", "nombre", NULL, NULL,
                      "Nombre del cliente de la sede, al que se da un token", "sede", false},
};

bool setup_answer_key(enum setup_answer answer, const char **ret_section, const char **ret_key)
{
    *ret_section = questions[answer].section;
    *ret_key = questions[answer].key;
    return questions[answer].key != NULL;
}

bool setup_answer_is_default(enum setup_answer answer, const char *value)
{
    return strcmp(questions[answer].fallback, value) == 0;
}

/* The short name that an SMS begins with, from the name of the town; "" = none can be told. */
static void shorten_name(const char *entity, char ret[SETUP_ANSWER_SIZE])
{
    static const char *const starts[][2] = {{"Ayuntamiento de ", "Ayto. de "},
                                            {"Ayuntamiento del ", "Ayto. del "},
                                            {"Ajuntament de ", "Ajunt. de "},
                                            {"Ajuntament d'", "Ajunt. d'"},
                                            {"", ""}};
    char name[SETUP_ANSWER_SIZE] = "";
    ret[0] = '\0';
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]) && ret[0] == '\0'; i++) {
        size_t len = strlen(starts[i][0]);
        if (strncmp(entity, starts[i][0], len) == 0)
            (void)snprintf(name, sizeof(name), "%s%s", starts[i][1], entity + len);
        if (name[0] != '\0' && config_is_sms_name(name))
            memcpy(ret, name, sizeof(name));
    }
}

/* ---- one answer ----------------------------------------------------------------------------- */

/* NULL = it is right; else what to write. */
static const char *find_mistake(enum setup_answer answer, const char *text)
{
    union {
        int64_t number;
        const char *text;
    } scratch;
    struct phone phone;
    const struct question *q = &questions[answer];
    if (answer == SETUP_NUMBER && text[0] != '\0') {
        enum cc_err err = phone_parse(text, strlen(text), &phone);
        return err != CC_OK ? err_text(err) : NULL;
    }
    if (q->key == NULL)
        return NULL;
    const struct config_key *key = config_key_find(q->section, q->key);
    if (config_is_line(text) && key->read(key, text, &scratch))
        return NULL;
    const char *why = key->explain != NULL ? key->explain(text) : NULL;
    return why != NULL ? why : key->wanted;
}

/* The answer when nothing is said: the configuration's own, or the default. */
static bool find_default(enum setup_answer answer, const char *conf_text,
                         const struct setup_answers *answers, char ret[SETUP_ANSWER_SIZE])
{
    char value[CONFIG_WORD_MAX] = "";
    const struct question *q = &questions[answer];
    if (q->key != NULL && !setup_text_get(conf_text, q->section, q->key, value))
        return false;
    if (strlen(value) >= SETUP_ANSWER_SIZE)
        value[0] = '\0';
    (void)snprintf(ret, SETUP_ANSWER_SIZE, "%.*s", SETUP_ANSWER_SIZE - 1,
                   value[0] != '\0' ? value : q->fallback);
    if (answer == SETUP_SMS_NAME && ret[0] == '\0')
        shorten_name(answers->text[SETUP_ENTITY], ret);
    secret_wipe(value, sizeof(value));
    return true;
}

static int say_mistake(const struct question *q, const char *why, int code)
{
    fprintf(stderr, "contraclavectl: --%s: %s\n", q->option, why);
    return code;
}

/* By an option. had: what the configuration has, "" = nothing. */
static int take_option(enum setup_answer answer, const char *given, const char *had,
                       bool may_replace, char ret[SETUP_ANSWER_SIZE])
{
    const struct question *q = &questions[answer];
    const char *why = find_mistake(answer, given);
    if (why != NULL || strlen(given) >= SETUP_ANSWER_SIZE)
        return say_mistake(q, why != NULL ? why : too_long, EX_DATAERR);
    if (q->key != NULL && had[0] != '\0' && strcmp(had, given) != 0 && !may_replace) {
        fprintf(stderr,
                "contraclavectl: --%s: la configuración ya tiene %s%s%s; con --cambia se "
                "sustituye\n",
                q->option, q->is_secret ? "otro" : "«", q->is_secret ? "" : had,
                q->is_secret ? "" : "»");
        return EX_CANTCREAT;
    }
    (void)snprintf(ret, SETUP_ANSWER_SIZE, "%s", given);
    return EXIT_SUCCESS;
}

/* At the terminal, again while it is wrong. ret: the default, which an empty line takes. */
static int ask_person(enum setup_answer answer, char ret[SETUP_ANSWER_SIZE])
{
    const struct question *q = &questions[answer];
    char line[LINE_SIZE], typed[SETUP_ANSWER_SIZE];
    const char *why = NULL;
    if (q->is_secret || ret[0] == '\0')
        (void)snprintf(line, sizeof(line), "%s", q->question);
    else
        (void)snprintf(line, sizeof(line), "%s [%s]", q->question, ret);
    for (int tries = 0; tries < TRIES; tries++) {
        bool is_read = q->is_secret ? ctl_ask_secret(line, typed, sizeof(typed))
                                    : ctl_ask_line(line, typed, sizeof(typed));
        if (!is_read && feof(stdin) != 0)
            return say_mistake(q, "falta la respuesta", EX_USAGE);
        if (is_read && typed[0] != '\0')
            memcpy(ret, typed, sizeof(typed));
        secret_wipe(typed, sizeof(typed));
        why = is_read ? find_mistake(answer, ret) : too_long;
        if (why == NULL)
            return EXIT_SUCCESS;
        fprintf(stderr, "  %s\n", why);
    }
    return say_mistake(q, why, EX_DATAERR);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static int find_answer(enum setup_answer answer, const char *conf_text, const json_t *given,
                       struct setup_answers *answers)
{
    const struct question *q = &questions[answer];
    const json_t *option = json_object_get(given, q->member);
    char *ret = answers->text[answer], had[SETUP_ANSWER_SIZE];
    char value[CONFIG_WORD_MAX] = "";
    if (!find_default(answer, conf_text, answers, had))
        return say_mistake(q, "no se entiende la configuración: mire «contraclaved --comprobar»",
                           EX_CONFIG);
    if (option == NULL) {
        memcpy(ret, had, sizeof(had));
        secret_wipe(had, sizeof(had));
        if (isatty(STDIN_FILENO))
            return ask_person(answer, ret);
        const char *why = find_mistake(answer, ret);
        return why == NULL ? EXIT_SUCCESS : say_mistake(q, why, EX_USAGE);
    }
    if (q->key != NULL)
        (void)setup_text_get(conf_text, q->section, q->key, value);
    int code = take_option(answer, json_string_value(option), value,
                           json_object_get(given, "cambia") != NULL, ret);
    secret_wipe(value, sizeof(value));
    secret_wipe(had, sizeof(had));
    return code;
}

int setup_answers_ask(const char *conf_text, const json_t *given, struct setup_answers *ret)
{
    int code = EXIT_SUCCESS;
    *ret = (struct setup_answers){0};
    for (int i = 0; i < SETUP_ANSWERS && code == EXIT_SUCCESS; i++)
        code = find_answer((enum setup_answer)i, conf_text, given, ret);
    return code;
}
