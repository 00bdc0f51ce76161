/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_command.h"

#include "app/ctl_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 512 };

#define NIF (1U << CTL_FIELD_NIF)
#define NAME (1U << CTL_FIELD_NAME)
#define PHONE (1U << CTL_FIELD_PHONE)
#define SCOPES (1U << CTL_FIELD_SCOPES)
#define EXPIRES (1U << CTL_FIELD_EXPIRES)

const char *const ctl_field_names[CTL_FIELD_COUNT] = {
    [CTL_FIELD_NIF] = "nif",        [CTL_FIELD_NAME] = "nombre",    [CTL_FIELD_PHONE] = "movil",
    [CTL_FIELD_SCOPES] = "ambitos", [CTL_FIELD_EXPIRES] = "caduca",
};

static const struct ctl_command commands[] = {
    {{"cliente", "crear"}, "POST", "/control/clientes", NAME | SCOPES, EXPIRES, ctl_print_token},
    {{"cliente", "lista"}, "GET", "/control/clientes", 0, 0, ctl_print_clients},
    {{"cliente", "revocar"}, "POST", "/control/clientes/revocar", NAME, 0, ctl_print_revoked},
    {{"ciudadano", "alta"},
     "POST",
     "/control/ciudadanos",
     NIF | NAME | PHONE,
     0,
     ctl_print_citizen},
    {{"ciudadano", "ver"}, "POST", "/control/ciudadanos/ver", NIF, 0, ctl_print_citizen},
    {{"ciudadano", "desbloquear"},
     "POST",
     "/control/ciudadanos/desbloquear",
     NIF,
     0,
     ctl_print_citizen},
    {{"reloj", "aceptar"}, "POST", "/control/reloj/aceptar", 0, 0, ctl_print_clock},
    {{"estado", NULL}, "GET", "/control/estado", 0, 0, ctl_print_status},
    {{"cola", NULL}, "GET", "/control/cola", 0, 0, ctl_print_queue},
};

static bool matches(const struct ctl_command *command, char *const *words, int count)
{
    int wanted = command->words[1] != NULL ? 2 : 1;
    if (count != wanted)
        return false;
    for (int i = 0; i < wanted; i++) {
        if (strcmp(command->words[i], words[i]) != 0)
            return false;
    }
    return true;
}

const struct ctl_command *ctl_command_find(char *const *words, int count)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (matches(&commands[i], words, count))
            return &commands[i];
    }
    return NULL;
}

/* A line of stdin keeps a NIF out of the list of processes. */
static const char *value_or_line(const char *value, char line[LINE_SIZE])
{
    if (strcmp(value, "-") != 0)
        return value;
    if (fgets(line, LINE_SIZE, stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static bool put_field(json_t *body, const char *name, const char *value)
{
    char line[LINE_SIZE];
    json_t *text = json_string(value_or_line(value, line));
    if (text == NULL) {
        fprintf(stderr, "contraclavectl: --%s no está en UTF-8\n", name);
        return false;
    }
    return json_object_set_new(body, name, text) == 0;
}

static bool take_field(const struct ctl_command *command, enum ctl_field field, const char *value,
                       json_t *body)
{
    unsigned bit = 1U << field;
    if (value != NULL && (bit & (command->required | command->optional)) != 0)
        return put_field(body, ctl_field_names[field], value);
    bool is_wrong = value != NULL || (bit & command->required) != 0;
    if (is_wrong)
        fprintf(stderr, "contraclavectl: %s --%s\n",
                value != NULL ? "con esta orden no se usa" : "falta", ctl_field_names[field]);
    return !is_wrong;
}

bool ctl_command_body(const struct ctl_command *command, const char *const values[CTL_FIELD_COUNT],
                      json_t **ret_body)
{
    json_t *body = json_object();
    if (body == NULL)
        abort();
    for (int field = 0; field < CTL_FIELD_COUNT; field++) {
        if (!take_field(command, (enum ctl_field)field, values[field], body)) {
            json_decref(body);
            return false;
        }
    }
    if (strcmp(command->method, "GET") == 0) {
        json_decref(body);
        body = NULL;
    }
    *ret_body = body;
    return true;
}
