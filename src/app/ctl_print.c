/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_print.h"

#include "app/ctl_table.h"

#include <stdio.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

void ctl_print_token(const json_t *answer)
{
    printf("Cliente «%s» creado con los ámbitos %s.\n"
           "Su token, que no se volverá a mostrar:\n%s\n",
           text_of(answer, "nombre"), text_of(answer, "ambitos"), text_of(answer, "token"));
}

void ctl_print_clients(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"id", "ID"},         {"nombre", "NOMBRE"}, {"ambitos", "ÁMBITOS"},
        {"creado", "CREADO"}, {"caduca", "CADUCA"}, {"revocado", "REVOCADO"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "clientes"), columns);
}

void ctl_print_revoked(const json_t *answer)
{
    printf("Cliente «%s» revocado: su token ya no sirve.\n", text_of(answer, "nombre"));
}

void ctl_print_citizen(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nif", "NIF"},
        {"nombre", "Nombre"},
        {"movil", "Móvil"},
        {"estado", "Estado"},
        {"nivel", "Nivel"},
        {"via_alta", "Vía de alta"},
        {"alta", "Fecha de alta"},
        {"fallos_seguidos", "Fallos seguidos"},
        {"bloqueado", "Bloqueado"},
        {NULL, NULL},
    };
    ctl_table_fields(answer, columns);
}

void ctl_print_clock(const json_t *answer)
{
    static const struct ctl_column columns[] = {{"hora", "Hora aceptada"}, {NULL, NULL}};
    ctl_table_fields(answer, columns);
}

void ctl_print_status(const json_t *answer)
{
    static const struct ctl_column town[] = {
        {"entidad", "Entidad"},           {"version", "Versión"},
        {"listo", "Puede enviar"},        {"hora_local", "Hora del equipo"},
        {"reloj_fiable", "Reloj fiable"}, {"ciudadanos", "Ciudadanos de alta"},
        {"alarma", "Alarma por fallos"},  {NULL, NULL},
    };
    static const struct ctl_column queue[] = {
        {"en_cola", "en cola"},      {"enviando", "enviando"},          {"enviado", "enviados"},
        {"entregado", "entregados"}, {"no_entregado", "no entregados"}, {"incierto", "inciertos"},
        {"rechazado", "rechazados"}, {"caducado", "caducados"},         {NULL, NULL},
    };
    static const struct ctl_column modems[] = {
        {"nombre", "MÓDEM"},      {"estado", "ESTADO"},         {"dispositivo", "DISPOSITIVO"},
        {"modelo", "MODELO"},     {"senal_dbm", "SEÑAL (dBm)"}, {"enviados", "ENVIADOS"},
        {"perdidas", "PÉRDIDAS"}, {"detalle", "DETALLE"},       {NULL, NULL},
    };
    ctl_table_fields(answer, town);
    puts("\nMensajes");
    ctl_table_fields(json_object_get(answer, "cola"), queue);
    putchar('\n');
    ctl_table_rows(json_object_get(answer, "modems"), modems);
}

void ctl_print_queue(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"id", "ID"},       {"creado", "CREADO"},
        {"clase", "CLASE"}, {"estado", "ESTADO"},
        {"movil", "MÓVIL"}, {"intentos", "INTENTOS"},
        {"modem", "MÓDEM"}, {"entrega_s", "ENTREGA (s)"},
        {"causa", "CAUSA"}, {"causa_texto", ""},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "mensajes"), columns);
}
