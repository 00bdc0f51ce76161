/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_export.h"
#include "app/ctl_orders.h"

#include "app/ctl_http.h"
#include "app/ctl_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char *const people_columns[] = {
    "nif",    "nombre", "apellido1", "apellido2",     "movil",      "comparte_movil", "contraste",
    "idioma", "estado", "correo",    "correo_estado", "contrasena", "clave_ayto",     "alta"};
static const struct ctl_export people = {
    .path = "/v1/registro/ciudadanos/busqueda/exportacion",
    .rows = "ciudadanos",
    .columns = people_columns,
    .column_count = sizeof(people_columns) / sizeof(people_columns[0]),
};

/*
 * Quoted only where it must be, with its quotes doubled. What a spreadsheet would take for a
 * formula gets an apostrophe before it, also a phone with its +; and behind a semicolon, which in
 * Spanish ones begins a cell, whatever is quoted.
 */
static void put_value(const char *value)
{
    bool is_plain = value[strcspn(value, "\",\r\n")] == '\0';
    char before = ';';
    if (!is_plain)
        putchar('"');
    for (const char *c = value; *c != '\0'; before = *c++) {
        if (before == ';' && strchr("=+-@\t\r", *c) != NULL)
            putchar('\'');
        if (*c == '"')
            putchar('"');
        putchar(*c);
    }
    if (!is_plain)
        putchar('"');
}

static void put_member(const json_t *row, const char *name)
{
    const json_t *member = json_object_get(row, name);
    if (json_is_integer(member))
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(member));
    else if (json_is_true(member)) /* a word that an import takes for a reason */
        put_value("si");
    else
        put_value(ctl_text(row, name));
}

/* row NULL: the names of the columns. */
static void put_row(const struct ctl_export *what, const json_t *row, bool json)
{
    if (json)
        ctl_print_json(row);
    for (size_t i = 0; i < what->column_count && !json; i++) {
        if (i > 0)
            putchar(',');
        if (row != NULL)
            put_member(row, what->columns[i]);
        else
            put_value(what->columns[i]);
    }
    if (!json)
        fputs("\r\n", stdout);
}

void ctl_export_tell_left(const json_t *answer)
{
    const json_t *left = json_object_get(answer, "quedan");
    if (isatty(STDERR_FILENO) == 0)
        return;
    if (json_is_integer(left))
        fprintf(stderr, "\rQuedan %" JSON_INTEGER_FORMAT " por mirar \033[K",
                json_integer_value(left));
    else if (answer == NULL)
        fputs("\r\033[K", stderr);
}

/* Exports a page; the question gets the cursor of the next, *ret_more false = there is none. Adds
 * to the rows that the box cannot read. */
static int export_page(const char *socket_path, const struct ctl_export *what, json_t *question,
                       bool json, bool *ret_more, json_int_t *unreadable_io)
{
    json_t *answer = NULL, *row;
    size_t i;
    int code = ctl_http_ask(socket_path, "POST", what->path, question, &answer);
    json_array_foreach(json_object_get(answer, what->rows), i, row) put_row(what, row, json);
    *unreadable_io += json_integer_value(json_object_get(answer, "ilegibles"));
    *ret_more = json_is_string(json_object_get(answer, "siguiente"));
    json_object_set(question, "cursor", json_object_get(answer, "siguiente"));
    ctl_export_tell_left(answer);
    json_decref(answer);
    return code;
}

int ctl_export_pages(const char *socket_path, const struct ctl_export *what, json_t *question,
                     bool json)
{
    json_int_t unreadable = 0;
    bool more = false;
    int code;
    if (!json)
        put_row(what, NULL, json);
    do
        code = export_page(socket_path, what, question, json, &more, &unreadable);
    while (code == EXIT_SUCCESS && more && ferror(stdout) == 0);
    ctl_export_tell_left(NULL);
    if (code == EXIT_SUCCESS && unreadable > 0) {
        fprintf(stderr,
                "contraclavectl: filas que faltan porque no se pueden leer: %" JSON_INTEGER_FORMAT
                "; ejecute contraclavectl auditoria comprobar\n",
                unreadable);
        code = EX_IOERR;
    }
    return code;
}

int ctl_export_run(const struct config *config, const char *const *values, bool json)
{
    json_t *question = json_object();
    (void)values;
    int code = ctl_export_pages(config->http.control_path, &people, question, json);
    json_decref(question);
    return code;
}
