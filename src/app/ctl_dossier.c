/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_dossier.h"

#include "app/ctl_http.h"
#include "app/ctl_print.h"
#include "app/ctl_table.h"

#include <stdio.h>
#include <stdlib.h>

struct part {
    const char *name, *title;
    struct ctl_column columns[8];
};

static const struct part parts[] = {
    {"peticiones",
     "Peticiones de PIN",
     {{"hora", "HORA"},
      {"caduca", "CADUCA"},
      {"con_contraste", "CON CONTRASTE"},
      {"usos", "USOS"},
      {"fallos", "FALLOS"},
      {NULL, NULL}}},
    {"mensajes",
     "Mensajes a su móvil",
     {{"hora", "HORA"},
      {"clase", "CLASE"},
      {"estado", "ESTADO"},
      {"enviado", "ENVIADO"},
      {"acabado", "ACABADO"},
      {NULL, NULL}}},
    {"fallos", "Fallos al comprobar", {{"hora", "HORA"}, {"que", "QUÉ"}, {NULL, NULL}}},
    {"auditoria",
     "Registro de auditoría",
     {{"hora", "HORA"},
      {"suceso", "SUCESO"},
      {"quien", "QUIÉN"},
      {"resultado", "RESULTADO"},
      {"ip", "IP"},
      {"evidencia", "EVIDENCIA"},
      {NULL, NULL}}},
};
enum { PART_COUNT = sizeof(parts) / sizeof(parts[0]) };

/* One page of a part; *next_io is where it begins, 0 = at the newest, and where the next does. */
static int gather_page(const char *socket_path, const char *path, json_t *body, const char *part,
                       json_t *rows, json_int_t *next_io)
{
    json_t *answer = NULL;
    json_object_set_new(body, "parte", json_string(part));
    if (*next_io != 0)
        json_object_set_new(body, "antes", json_integer(*next_io));
    else
        json_object_del(body, "antes");
    int code = ctl_http_ask(socket_path, "POST", path, body, &answer);
    json_array_extend(rows, json_object_get(answer, "filas"));
    *next_io = json_integer_value(json_object_get(answer, "sigue"));
    json_decref(answer);
    return code;
}

int ctl_dossier_gather(const char *socket_path, const char *path, json_t *body, json_t *answer)
{
    int code = EXIT_SUCCESS;
    for (size_t i = 0; i < PART_COUNT && code == EXIT_SUCCESS; i++) {
        json_t *rows = json_array();
        json_int_t next = 0;
        do
            code = gather_page(socket_path, path, body, parts[i].name, rows, &next);
        while (code == EXIT_SUCCESS && next != 0);
        json_object_set_new(answer, parts[i].name, rows);
    }
    return code;
}

void ctl_dossier_print(const json_t *answer)
{
    static const struct ctl_column person[] = {
        {"nif", "NIF"},
        {"nombre", "Nombre"},
        {"apellido1", "Primer apellido"},
        {"apellido2", "Segundo apellido"},
        {"movil", "Móvil"},
        {"idioma", "Idioma"},
        {"contraste", "Dato de contraste"},
        {"estado", "Estado"},
        {"registro", "Registro"},
        {"via_alta", "Vía de alta"},
        {"alta", "Fecha de alta"},
        {"comparte_movil", "Comparte móvil"},
        {"correo", "Correo"},
        {"correo_estado", "Estado del correo"},
        {"bloqueado", "Bloqueado"},
        {"contraste_bloqueado", "Contraste bloqueado"},
        {NULL, NULL},
    };
    static const struct ctl_column secrets[] = {{"tipo", "TIPO"},
                                                {"estado", "ESTADO"},
                                                {"desde", "DESDE"},
                                                {"caduca", "CADUCA"},
                                                {"debe_cambiarla", "DEBE CAMBIARLA"},
                                                {NULL, NULL}};
    puts("Datos de la persona");
    ctl_table_fields(json_object_get(answer, "persona"), person);
    puts("\nContraseña y clave del ayuntamiento");
    ctl_table_rows(json_object_get(answer, "credenciales"), secrets);
    puts("\nHistoria de su alta");
    ctl_print_life(answer);
    for (size_t i = 0; i < PART_COUNT; i++) {
        printf("\n%s\n", parts[i].title);
        ctl_table_rows(json_object_get(answer, parts[i].name), parts[i].columns);
    }
}
