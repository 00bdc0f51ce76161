/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * List of every limit, for the configuration (what may be written) and for «contraclavectl
 * limites» (what it is). Pure.
 */
#ifndef CC_DOMAIN_LIMITS_TABLE_H
#define CC_DOMAIN_LIMITS_TABLE_H

#include "domain/limits_values.h"

#include <stddef.h>

/*
 * LIMIT(key, field of struct limits, highest, what it is): from 0, which is no limit.
 * RANGE(key, field, lowest, highest, what it is): 0 is nothing special, or not allowed.
 */
#define LIMITS_TABLE(LIMIT, RANGE)                                                                 \
    RANGE("cifras_contraclave", code.digits, 4, 8, "cifras de la contraclave")                     \
    RANGE("minutos_de_vida", code.life_minutes, 0, 1440,                                           \
          "minutos que vale una contraclave; 0 = hasta las 02:00 del día siguiente")               \
    LIMIT("usos_por_peticion", code.uses, 1000000, "veces que sirve la misma contraclave")         \
    LIMIT("intentos_por_peticion", code.tries, 1000000,                                            \
          "fallos comparados; después, la contraclave queda anulada")                              \
    LIMIT("vivas_por_nif", citizen.live, 8,                                                        \
          "contraclaves en vigor a la vez, y otras tantas pedidas con el contraste")               \
    LIMIT("segundos_entre_peticiones", citizen.gap_s, 1000000,                                     \
          "entre una contraclave y la siguiente")                                                  \
    LIMIT("peticiones_nif_hora", citizen.sends_hour, 1000000,                                      \
          "contraclaves sin contraste en una hora")                                                \
    LIMIT("peticiones_nif_dia", citizen.sends_day, 1000000, "contraclaves sin contraste en 24 h")  \
    LIMIT("peticiones_contraste_hora", citizen.contrast_sends_hour, 1000000,                       \
          "contraclaves con el contraste correcto en una hora")                                    \
    LIMIT("peticiones_contraste_dia", citizen.contrast_sends_day, 1000000,                         \
          "contraclaves con el contraste correcto en 24 h")                                        \
    RANGE("contraste_siempre", citizen.contrast_always, 0, 1,                                      \
          "1 = no se envía ninguna contraclave sin el contraste")                                  \
    LIMIT("contrastes_direccion_dia", citizen.wrong_contrasts_here, 1000000,                       \
          "contrastes erróneos de un NIF desde una dirección en 24 h; después no se le admiten")   \
    LIMIT("contrastes_nif_dia", citizen.wrong_contrasts_day, 1000000,                              \
          "contrastes erróneos en 24 h; después no se admite hasta que el personal lo desbloquee") \
    LIMIT("contrastes_nif_30d", citizen.wrong_contrasts_month, 1000000,                            \
          "contrastes erróneos en 30 días; después, lo mismo")                                     \
    LIMIT("fallos_seguidos_contraste", citizen.contrast_after, 1000000,                            \
          "fallos comparados en 30 días; después se pide el contraste")                            \
    LIMIT("fallos_seguidos_bloqueo", citizen.lock_after, 1000000,                                  \
          "fallos comparados en 30 días; después, bloqueo hasta que el personal lo quite")         \
    LIMIT("rechazos_nif_hora", citizen.refusals_hour, 1000000,                                     \
          "verificaciones con otra clave en una hora; después se mira una por minuto")             \
    LIMIT("sms_movil_dia", citizen.sms_per_phone_day, 1000000, "SMS al mismo móvil en 24 h")       \
    LIMIT("contrasena_fallos_dia", citizen.secret_failures_day, 1000000,                           \
          "contraseñas erróneas de un NIF en 24 h; después hace falta el contraste")               \
    LIMIT("contrasena_contraste_dia", citizen.secret_contrast_failures_day, 1000000,               \
          "contraseñas erróneas en 24 h con el contraste correcto")                                \
    LIMIT("fallos_ip_hora", address.failures_hour, 1000000,                                        \
          "fallos comparados desde una dirección en una hora")                                     \
    LIMIT("peticiones_ip_hora", address.requests_hour, 1000000,                                    \
          "peticiones desde una dirección en una hora")                                            \
    LIMIT("ip_por_segundo", address.per_second, 1000000, "llamadas desde una dirección, de media") \
    LIMIT("ip_rafaga", address.burst, 1000000, "llamadas desde una dirección de golpe")            \
    LIMIT("ip_red48_veces", address.wide_times, 1000000,                                           \
          "veces lo de una dirección que se admite a una red /48 de IPv6")                         \
    LIMIT("cliente_por_segundo", client.per_second, 1000000, "llamadas de un cliente, de media")   \
    LIMIT("cliente_rafaga", client.burst, 1000000, "llamadas de un cliente de golpe")              \
    LIMIT("nifs_entidad_alarma", town.nifs_alarm, 1000000,                                         \
          "NIF distintos con fallos comparados en 24 h: alarma")                                   \
    LIMIT("nifs_entidad_contraste", town.nifs_contrast, 1000000,                                   \
          "NIF distintos con fallos comparados en 24 h: se pide el contraste a todos")             \
    LIMIT("fallos_entidad_total", town.failures, 1000000,                                          \
          "fallos comparados de todos en 24 h: se pide el contraste a todos")                      \
    LIMIT("fallos_entidad_30d", town.failures_month, 1000000,                                      \
          "fallos comparados de todos en 30 días: alarma")                                         \
    LIMIT("envios_entidad_veces", town.sends_times, 1000000,                                       \
          "veces los SMS de costumbre a esa hora: alarma")                                         \
    LIMIT("envios_entidad_minimo", town.sends_least, 1000000,                                      \
          "SMS en una hora por debajo de los que no hay alarma")

struct limits_row {
    const char *key;
    size_t offset;    /* of an int64_t in struct limits */
    const char *what; /* Spanish */
};

extern const struct limits_row limits_rows[];
extern const size_t limits_rows_count;
int64_t limits_row_value(const struct limits *limits, const struct limits_row *row);

#endif
