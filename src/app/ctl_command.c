/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_command.h"

#include "app/copies.h"
#include "app/ctl_audit.h"
#include "app/ctl_follow.h"
#include "app/ctl_print.h"
#include "app/doctor.h"
#include "app/doctor_usb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 512 };

#define NIF (1U << CTL_FIELD_NIF)
#define NAME (1U << CTL_FIELD_NAME)
#define PHONE (1U << CTL_FIELD_PHONE)
#define SCOPES (1U << CTL_FIELD_SCOPES)
#define EXPIRES (1U << CTL_FIELD_EXPIRES)
#define NUMBER (1U << CTL_FIELD_NUMBER)
#define NEEDS_IP (1U << CTL_FIELD_NEEDS_IP)
#define CONTRAST (1U << CTL_FIELD_CONTRAST)
#define FILE_ (1U << CTL_FIELD_FILE)
#define WITH_KEY (1U << CTL_FIELD_WITH_KEY)

const char *const ctl_field_names[CTL_FIELD_COUNT] = {
    [CTL_FIELD_NIF] = "nif",
    [CTL_FIELD_NAME] = "nombre",
    [CTL_FIELD_PHONE] = "movil",
    [CTL_FIELD_SCOPES] = "ambitos",
    [CTL_FIELD_EXPIRES] = "caduca",
    [CTL_FIELD_NUMBER] = "numero",
    [CTL_FIELD_CONTRAST] = "contraste",
    [CTL_FIELD_FILE] = "fichero",
    [CTL_FIELD_WITH_KEY] = "clave",
    [CTL_FIELD_NEEDS_IP] = "ip-obligatoria",
};

#define ASK(path_, needs_, takes_, print_)                                                         \
    .method = "GET", .path = (path_), .required = (needs_), .optional = (takes_), .print = (print_)
#define DO(path_, needs_, takes_, print_)                                                          \
    .method = "POST", .path = (path_), .required = (needs_), .optional = (takes_), .print = (print_)

static const struct ctl_command commands[] = {
    {{"cliente", "crear"},
     DO("/control/clientes", NAME | SCOPES, EXPIRES | NEEDS_IP, ctl_print_token)},
    {{"cliente", "lista"}, ASK("/control/clientes", 0, 0, ctl_print_clients)},
    {{"cliente", "revocar"}, DO("/control/clientes/revocar", NAME, 0, ctl_print_revoked)},
    {{"ciudadano", "alta"},
     DO("/control/ciudadanos", NIF | NAME | PHONE, CONTRAST, ctl_print_citizen)},
    {{"ciudadano", "contraste"},
     DO("/control/ciudadanos/contraste", NIF | CONTRAST, 0, ctl_print_citizen)},
    {{"ciudadano", "ver"}, DO("/control/ciudadanos/ver", NIF, 0, ctl_print_citizen)},
    {{"ciudadano", "desbloquear"},
     DO("/control/ciudadanos/desbloquear", NIF, 0, ctl_print_citizen)},
    {{"limites", NULL}, DO("/control/limites", 0, NIF, ctl_print_limits)},
    {{"modem", "lista"}, ASK("/control/estado", 0, 0, ctl_print_modems)},
    {{"modem", "ver"}, DO("/control/modems/ver", 0, NAME, ctl_print_modem), .operand = NAME},
    {{"modem", "prueba"},
     DO("/control/modems/prueba", NUMBER, NAME, ctl_print_trial),
     .operand = NUMBER,
     .follow = ctl_follow_trial},
    {{"modem", "saldo"},
     DO("/control/modems/saldo", 0, NAME, ctl_print_balance),
     .operand = NAME,
     .follow = ctl_follow_balance},
    {{"modem", "historia"},
     DO("/control/modems/historia", 0, NAME, ctl_print_history),
     .operand = NAME},
    {{"modem", "reinicia"},
     DO("/control/modems/reinicia", 0, NAME, ctl_print_restart),
     .operand = NAME},
    {{"modem", "regla"}, .run = doctor_print_rules},
    {{"modem", "traza"}, DO("/control/modems/traza", 0, NAME, ctl_print_trace), .operand = NAME},
    {{"buzon", NULL}, ASK("/control/buzon", 0, 0, ctl_print_inbox)},
    {{"buzon", "leido"}, DO("/control/buzon/leer", 0, 0, ctl_print_read)},
    {{"reloj", "aceptar"}, DO("/control/reloj/aceptar", 0, 0, ctl_print_clock)},
    {{"auditoria", "aceptar"}, DO("/control/auditoria/aceptar", 0, 0, ctl_print_accepted)},
    {{"auditoria", "comprobar"}, .run = ctl_audit_check},
    {{"copia", NULL},
     .run = copies_make,
     .required = FILE_,
     .optional = WITH_KEY,
     .operand = FILE_},
    {{"restaura", NULL}, .run = copies_restore, .required = FILE_, .operand = FILE_},
    {{"diagnostico", NULL}, .run = doctor_run},
    {{"estado", NULL}, ASK("/control/estado", 0, 0, ctl_print_status)},
    {{"cola", NULL}, ASK("/control/cola", 0, 0, ctl_print_queue)},
};

static int word_count(const struct ctl_command *command)
{
    return command->words[1] != NULL ? 2 : 1;
}

static bool matches(const struct ctl_command *command, char *const *words, int count)
{
    int wanted = word_count(command);
    if (count != wanted && (count != wanted + 1 || command->operand == 0))
        return false;
    for (int i = 0; i < wanted; i++) {
        if (strcmp(command->words[i], words[i]) != 0)
            return false;
    }
    return true;
}

static void take_operand(const struct ctl_command *command, const char *word,
                         const char *values[CTL_FIELD_COUNT])
{
    for (int field = 0; field < CTL_FIELD_COUNT; field++)
        if (command->operand == 1U << field)
            values[field] = word;
}

const struct ctl_command *ctl_command_find(char *const *words, int count,
                                           const char *values[CTL_FIELD_COUNT])
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!matches(&commands[i], words, count))
            continue;
        if (count > word_count(&commands[i]))
            take_operand(&commands[i], words[count - 1], values);
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
    if (command->method == NULL || strcmp(command->method, "GET") == 0) {
        json_decref(body);
        body = NULL;
    }
    *ret_body = body;
    return true;
}
