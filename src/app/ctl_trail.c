/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/ctl_export.h"
#include "app/ctl_http.h"
#include "app/ctl_table.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_SHOWN = 500 };

static const char *const columns[] = {"numero",    "hora",       "suceso", "quien",    "persona",
                                      "resultado", "referencia", "ip",     "evidencia"};
static int gather_page(const char *socket_path, const char *path, json_t *body, json_t *whole)
{
    json_t *answer = NULL;
    json_object_set(body, "cursor", json_object_get(whole, "siguiente"));
    int code = ctl_http_ask(socket_path, "POST", path, body, &answer);
    json_array_extend(json_object_get(whole, "anotaciones"),
                      json_object_get(answer, "anotaciones"));
    json_object_set(whole, "siguiente", json_object_get(answer, "siguiente"));
    json_object_set(whole, "quedan", json_object_get(answer, "quedan"));
    json_decref(answer);
    return code;
}

int ctl_trail_gather(const char *socket_path, const char *path, json_t *body, json_t *answer)
{
    int code = EXIT_SUCCESS;
    const json_t *rows = json_object_get(answer, "anotaciones");
    while (code == EXIT_SUCCESS && json_array_size(rows) < ROWS_SHOWN &&
           json_is_string(json_object_get(answer, "siguiente"))) {
        ctl_export_tell_left(answer);
        code = gather_page(socket_path, path, body, answer);
    }
    ctl_export_tell_left(NULL);
    return code;
}

void ctl_trail_print(const json_t *answer)
{
    static const struct ctl_column shown[] = {
        {"numero", "NÚMERO"},   {"hora", "HORA"},       {"suceso", "SUCESO"},
        {"quien", "QUIÉN"},     {"persona", "PERSONA"}, {"resultado", "RESULTADO"},
        {"referencia", "REF."}, {"ip", "IP"},           {"evidencia", "EVIDENCIA"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "anotaciones"), shown);
    if (json_is_string(json_object_get(answer, "siguiente")))
        puts("Hay más: acote con --desde y --hasta, o use auditoria exporta.");
}

int ctl_trail_export(const char *socket_path, const char *path, json_t *body, bool json)
{
    const struct ctl_export trail = {.path = path,
                                     .rows = "anotaciones",
                                     .columns = columns,
                                     .column_count = sizeof(columns) / sizeof(columns[0])};
    return ctl_export_pages(socket_path, &trail, body, json);
}
