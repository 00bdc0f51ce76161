/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_export.h"

#include "app/ctl_http.h"
#include "app/ctl_table.h"
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HTTP_OK = 200, EXIT_IO = 74 };

static const char path[] = "/v1/registro/ciudadanos/busqueda/exportacion";
static const char *const columns[] = {"nif",       "nombre", "apellido1", "apellido2", "movil",
                                      "contraste", "idioma", "estado",    "alta"};
enum { COLUMN_COUNT = sizeof(columns) / sizeof(columns[0]) };

/*
 * Quoted only where it must be, with its quotes doubled. A value that a spreadsheet would take for
 * a formula gets an apostrophe before it, also a phone with its +.
 */
static void put_value(const char *value)
{
    bool is_plain = value[strcspn(value, "\",\r\n")] == '\0';
    if (!is_plain)
        putchar('"');
    if (value[0] != '\0' && strchr("=+-@\t\r", value[0]) != NULL)
        putchar('\'');
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"')
            putchar('"');
        putchar(*c);
    }
    if (!is_plain)
        putchar('"');
}

static void put_person(const json_t *person, bool json)
{
    if (json)
        json_dumpf(person, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    for (size_t i = 0; i < COLUMN_COUNT && !json; i++) {
        if (i > 0)
            putchar(',');
        put_value(person != NULL ? ctl_text(person, columns[i]) : columns[i]);
    }
    fputs(json ? "\n" : "\r\n", stdout);
}

/* One page; *cursor_io is that of the next, NULL = there is none. Adds to the rows that the box
 * cannot read. */
static int export_page(const struct config *config, bool json, char **cursor_io,
                       json_int_t *unreadable_io)
{
    json_t *answer = NULL, *body = json_object(), *person;
    size_t i;
    int code = EXIT_SUCCESS;
    if (*cursor_io != NULL)
        json_object_set_new(body, "cursor", json_string(*cursor_io));
    free(*cursor_io);
    *cursor_io = NULL;
    long status = ctl_http_call(config->control, "POST", path, body, &answer, &code);
    if (status == HTTP_OK) {
        json_array_foreach(json_object_get(answer, "ciudadanos"), i, person)
            put_person(person, json);
        *unreadable_io += json_integer_value(json_object_get(answer, "ilegibles"));
        if (json_is_string(json_object_get(answer, "siguiente")))
            *cursor_io = strdup(ctl_text(answer, "siguiente"));
    } else if (status != 0) {
        fprintf(stderr, "contraclavectl: %s\n", ctl_text(answer, "title"));
        code = err_exit_code(err_from_token(ctl_text(answer, "type")));
    }
    json_decref(answer);
    json_decref(body);
    return code;
}

int ctl_export_run(const struct config *config, const char *const *values, bool json)
{
    char *cursor = NULL;
    json_int_t unreadable = 0;
    int code;
    (void)values;
    if (!json)
        put_person(NULL, json);
    do
        code = export_page(config, json, &cursor, &unreadable);
    while (code == EXIT_SUCCESS && cursor != NULL);
    free(cursor);
    if (code == EXIT_SUCCESS && (fflush(stdout) != 0 || ferror(stdout) != 0)) {
        fputs("contraclavectl: no se ha podido escribir todo; mire si queda sitio\n", stderr);
        code = EXIT_IO;
    }
    if (code == EXIT_SUCCESS && unreadable > 0) {
        fprintf(stderr,
                "contraclavectl: filas que faltan porque no se pueden leer: %" JSON_INTEGER_FORMAT
                "; ejecute contraclavectl auditoria comprobar\n",
                unreadable);
        code = EXIT_IO;
    }
    return code;
}
