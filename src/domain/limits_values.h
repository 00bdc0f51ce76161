/* SPDX-License-Identifier: EUPL-1.2 */
/* Limits as the configuration gives them, by what each holds for, and the two profiles of them. */
#ifndef CC_DOMAIN_LIMITS_VALUES_H
#define CC_DOMAIN_LIMITS_VALUES_H

#include <stdint.h>

/* Of one contraclave. The comments name the keys of the configuration. */
struct limits_per_code {
    int64_t digits;       /* cifras_contraclave, 4 */
    int64_t life_minutes; /* minutos_de_vida, 0: until 02:00 of the next day */
    int64_t uses;         /* usos_por_peticion, 20 */
    int64_t tries;        /* intentos_por_peticion, 3 */
};

/* Of one NIF, and of its telephone. */
struct limits_per_citizen {
    int64_t live;                  /* vivas_por_nif, 3; as many again opened with the contrast */
    int64_t gap_s;                 /* segundos_entre_peticiones, 60 */
    int64_t sends_hour;            /* peticiones_nif_hora, 3: without the contrast */
    int64_t sends_day;             /* peticiones_nif_dia, 5 */
    int64_t contrast_sends_hour;   /* peticiones_contraste_hora, 5: with the right contrast */
    int64_t contrast_sends_day;    /* peticiones_contraste_dia, 10 */
    int64_t contrast_always;       /* contraste_siempre, 0: 1 = no send without it */
    int64_t wrong_contrasts_here;  /* contrastes_direccion_dia, 5 */
    int64_t wrong_contrasts_day;   /* contrastes_nif_dia, 30 */
    int64_t wrong_contrasts_month; /* contrastes_nif_30d, 300 */
    int64_t contrast_after;        /* fallos_seguidos_contraste, 14 */
    int64_t lock_after;            /* fallos_seguidos_bloqueo, 50 */
    int64_t refusals_hour;         /* rechazos_nif_hora, 100 */
    int64_t sms_per_phone_day;     /* sms_movil_dia, 10 */
    int64_t secret_failures_day;   /* contrasena_fallos_dia, 10: without the contrast */
    int64_t secret_contrast_failures_day; /* contrasena_contraste_dia, 10: with the right one */
};

/* Of one address of end users; an IPv6 /48 is allowed wide_times as much. */
struct limits_per_address {
    int64_t failures_hour; /* fallos_ip_hora, 20 */
    int64_t requests_hour; /* peticiones_ip_hora, 30 */
    int64_t per_second;    /* ip_por_segundo, 2 */
    int64_t burst;         /* ip_rafaga, 10 */
    int64_t wide_times;    /* ip_red48_veces, 10 */
};

/* Of one client of the API. */
struct limits_per_client {
    int64_t per_second; /* cliente_por_segundo, 100 */
    int64_t burst;      /* cliente_rafaga, 200 */
};

/* Of the whole town. */
struct limits_per_town {
    int64_t nifs_alarm;     /* nifs_entidad_alarma, 10 */
    int64_t nifs_contrast;  /* nifs_entidad_contraste, 20 */
    int64_t failures;       /* fallos_entidad_total, 100 */
    int64_t failures_month; /* fallos_entidad_30d, 30: alarm */
    int64_t sends_times;    /* envios_entidad_veces, 5: alarm */
    int64_t sends_least;    /* envios_entidad_minimo, 60 */
};

/* In the order of limits_rows[]; each field within is an int64_t. */
struct limits {
    struct limits_per_code code;
    struct limits_per_citizen citizen;
    struct limits_per_address address;
    struct limits_per_client client;
    struct limits_per_town town;
};

/* The two profiles. */
extern const struct limits limits_pin24h;
extern const struct limits limits_reforzado;
/* NULL if there is none of that name. */
const struct limits *limits_profile(const char *name);

#endif
