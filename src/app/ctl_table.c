/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_table.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { CELL_SIZE = 400, LINE_SIZE = 2048, GAP = 2, COLUMNS_MAX = 12 };

const char *ctl_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

const json_t *ctl_find_modem(const json_t *status, const char *name)
{
    const json_t *modems = json_object_get(status, "modems");
    for (size_t i = 0; i < json_array_size(modems); i++)
        if (strcmp(ctl_text(json_array_get(modems, i), "nombre"), name) == 0)
            return json_array_get(modems, i);
    return NULL;
}

void ctl_print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    putchar('\n');
}

/* Puts ? for each byte of a character that must not reach a terminal (utf8_is_unsafe()): some cells
 * come from a modem or from an SMS. */
static void blank_unsafe(char *text)
{
    size_t at = 0, len = strlen(text);
    while (at < len) {
        size_t from = at;
        int32_t code = utf8_next(text, len, &at);
        if (code < 0) /* cut in the middle of a character */
            at = len;
        if (code < 0 || utf8_is_unsafe(code))
            memset(text + from, '?', at - from);
    }
}

static void cell_text(const json_t *value, char out[CELL_SIZE])
{
    if (json_is_string(value) && json_string_length(value) > 0)
        snprintf(out, CELL_SIZE, "%s", json_string_value(value));
    else if (json_is_integer(value))
        snprintf(out, CELL_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(out, CELL_SIZE, "%s", json_is_true(value) ? "sí" : "no");
    else
        snprintf(out, CELL_SIZE, "-");
    blank_unsafe(out);
}

/* Cells on a terminal: accents take none, ideographs two (wcwidth(3)). */
static int width_of(const char *text)
{
    int width = 0;
    size_t at = 0, len = strlen(text);
    int32_t code;
    while ((code = utf8_next(text, len, &at)) >= 0) {
        int cells = wcwidth((wchar_t)code);
        width += cells > 0 ? cells : 0;
    }
    return width;
}

static void put_padded(const char *text, int width)
{
    printf("%s%*s", text, width - width_of(text) + GAP, "");
}

/* The last of a line is not padded. */
static void put_cell(const char *text, int width, const struct ctl_column *column)
{
    if (column[1].key != NULL)
        put_padded(text, width);
    else
        puts(text);
}

static void widen_column(int *width, const char *text)
{
    if (width_of(text) > *width)
        *width = width_of(text);
}

static void measure_text(const json_t *rows, const struct ctl_column *columns,
                         int widths[COLUMNS_MAX])
{
    for (size_t c = 0; columns[c].key != NULL; c++) {
        char cell[CELL_SIZE];
        widths[c] = 0;
        widen_column(&widths[c], columns[c].title);
        for (size_t r = 0; r < json_array_size(rows); r++) {
            cell_text(json_object_get(json_array_get(rows, r), columns[c].key), cell);
            widen_column(&widths[c], cell);
        }
    }
}

void ctl_print_line(const char *text)
{
    char line[LINE_SIZE];
    snprintf(line, sizeof(line), "%s", text);
    blank_unsafe(line);
    puts(line);
}

void ctl_table_rows(const json_t *rows, const struct ctl_column *columns)
{
    int widths[COLUMNS_MAX];
    measure_text(rows, columns, widths);
    for (size_t c = 0; columns[c].key != NULL; c++)
        put_cell(columns[c].title, widths[c], &columns[c]);
    for (size_t r = 0; r < json_array_size(rows); r++) {
        for (size_t c = 0; columns[c].key != NULL; c++) {
            char cell[CELL_SIZE];
            cell_text(json_object_get(json_array_get(rows, r), columns[c].key), cell);
            put_cell(cell, widths[c], &columns[c]);
        }
    }
}

void ctl_table_fields(const json_t *object, const struct ctl_column *columns)
{
    int width = 0;
    for (size_t c = 0; columns[c].key != NULL; c++)
        widen_column(&width, columns[c].title);
    for (size_t c = 0; columns[c].key != NULL; c++) {
        char cell[CELL_SIZE];
        const json_t *value = json_object_get(object, columns[c].key);
        if (value == NULL)
            continue;
        cell_text(value, cell);
        put_padded(columns[c].title, width);
        puts(cell);
    }
}

/* A text with the members of the answer in the place of their names. */
static void put_text(const char *text, const json_t *answer)
{
    for (const char *open; (open = strchr(text, '{')) != NULL; text = strchr(open, '}') + 1) {
        char name[CELL_SIZE];
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(open + 1, "}"), open + 1);
        printf("%.*s", (int)(open - text), text);
        if (json_is_integer(json_object_get(answer, name)))
            printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(answer, name)));
        else
            fputs(ctl_text(answer, name), stdout);
    }
    fputs(text, stdout);
}

void ctl_view_show(const struct ctl_view *view, const json_t *answer)
{
    if (view->text != NULL)
        put_text(view->text, answer);
    if (view->list != NULL)
        ctl_table_rows(json_object_get(answer, view->list), view->columns);
    else
        ctl_table_fields(answer, view->columns);
}
