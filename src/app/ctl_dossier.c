/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/ctl_http.h"
#include "app/ctl_print.h"
#include "app/ctl_table.h"

#include <stdio.h>
#include <stdlib.h>

static const struct ctl_view parts[] = {
    {"\nPeticiones de PIN\n",
     "peticiones",
     {{"hora", "HORA"},
      {"caduca", "CADUCA"},
      {"con_contraste", "CON CONTRASTE"},
      {"usos", "USOS"},
      {"fallos", "FALLOS"}}},
    {"\nMensajes a su móvil\n",
     "mensajes",
     {{"hora", "HORA"},
      {"clase", "CLASE"},
      {"estado", "ESTADO"},
      {"enviado", "ENVIADO"},
      {"acabado", "ACABADO"}}},
    {"\nFallos al comprobar\n", "fallos", {{"hora", "HORA"}, {"que", "QUÉ"}}},
    {"\nRegistro de auditoría\n",
     "auditoria",
     {{"hora", "HORA"},
      {"suceso", "SUCESO"},
      {"quien", "QUIÉN"},
      {"resultado", "RESULTADO"},
      {"ip", "IP"},
      {"evidencia", "EVIDENCIA"}}},
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
            code = gather_page(socket_path, path, body, parts[i].list, rows, &next);
        while (code == EXIT_SUCCESS && next != 0);
        json_object_set_new(answer, parts[i].list, rows);
    }
    return code;
}

void ctl_dossier_print(const json_t *answer)
{
    static const struct ctl_column person[] = {
        CTL_PERSON_COLUMNS,
        {"comparte_movil", "Comparte móvil"},
        {"correo", "Correo"},
        {"correo_estado", "Estado del correo"},
        {"bloqueado", "Bloqueado"},
        {"contraste_bloqueado", "Contraste bloqueado"},
        {NULL, NULL},
    };
    static const struct ctl_view secrets = {"\nContraseña y clave del ayuntamiento\n",
                                            "credenciales",
                                            {{"tipo", "TIPO"},
                                             {"estado", "ESTADO"},
                                             {"desde", "DESDE"},
                                             {"caduca", "CADUCA"},
                                             {"debe_cambiarla", "DEBE CAMBIARLA"}}};
    puts("Datos de la persona");
    ctl_table_fields(json_object_get(answer, "persona"), person);
    ctl_view_show(&secrets, answer);
    puts("\nHistoria de su alta");
    ctl_view_show(&ctl_view_life, answer);
    for (size_t i = 0; i < PART_COUNT; i++)
        ctl_view_show(&parts[i], answer);
}
