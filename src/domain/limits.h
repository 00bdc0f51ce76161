/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The limits that carry the safety of a 4-digit code (DOMAIN 5), as pure decisions: counters and
 * now in, verdict out. Whoever calls counts; nothing here remembers. 0 in a limit = no limit.
 */
#ifndef CC_DOMAIN_LIMITS_H
#define CC_DOMAIN_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct limits {
    int64_t uses_per_request;      /* usos_por_peticion, 20 */
    int64_t tries_per_request;     /* intentos_por_peticion, 3 */
    int64_t live_per_nif;          /* vivas_por_nif, 3 */
    int64_t failures_per_nif_day;  /* fallos_nif_24h, 5 */
    int64_t contrast_after;        /* fallos_seguidos_contraste, 15 */
    int64_t lock_after;            /* fallos_seguidos_bloqueo, 50 */
    int64_t gap_s;                 /* segundos_entre_peticiones, 60 */
    int64_t requests_per_nif_hour; /* peticiones_nif_hora, 3 */
    int64_t requests_per_nif_day;  /* peticiones_nif_dia, 5 */
    int64_t sms_per_phone_day;     /* sms_movil_dia, 5 */
    int64_t failures_per_ip_hour;  /* fallos_ip_hora, 20 */
    int64_t requests_per_ip_hour;  /* peticiones_ip_hora, 30 */
    int64_t client_per_second;     /* cliente_por_segundo, 5 */
    int64_t client_burst;          /* cliente_rafaga, 20 */
    int64_t town_failures_hour;    /* fallos_entidad_hora, 20: alarm */
    int64_t town_failures_day;     /* fallos_entidad_dia, 40: alarm */
    int64_t town_contrast_day;     /* fallos_entidad_contraste, 60 */
};

/* The `pin24h` profile. */
extern const struct limits limits_pin24h;

/* What the store counted for one citizen; "day" is the rolling 24 h, "hour" the rolling 60 min. */
struct limits_citizen {
    bool registered; /* false: the NIF is unknown */
    bool locked;     /* by staff or by lock_after */
    int64_t live;    /* requests alive now */
    int64_t failures_day;
    int64_t failures_in_a_row;
    int64_t last_request_ms; /* UTC ms of the newest contraclave sent; 0 = never */
    int64_t requests_hour;
    int64_t requests_day;
    int64_t phone_sms_day;
    int64_t town_failures_day;
    bool contrast_given; /* a contrast datum came with the request and was right */
};

/* Why no contraclave is sent; the caller's answer is the same 202 for all but SEND (no oracle). */
enum limits_verdict {
    LIMITS_SEND,
    LIMITS_UNKNOWN_NIF,
    LIMITS_LOCKED,
    LIMITS_NEEDS_CONTRAST,
    LIMITS_TOO_MANY_FAILURES,
    LIMITS_TOO_SOON,
    LIMITS_TOO_MANY_HOUR,
    LIMITS_TOO_MANY_DAY,
    LIMITS_TOO_MANY_LIVE,
    LIMITS_TOO_MANY_PHONE,
};

enum limits_verdict limits_request(const struct limits *limits,
                                   const struct limits_citizen *counted, int64_t now_ms);
/* "enviar", "nif_desconocido", …: for the audit trail, never for the sede. */
const char *limits_verdict_token(enum limits_verdict verdict);

/* A request for a code whose tries or uses so far are these: may it still be compared? */
bool limits_request_is_alive(const struct limits *limits, int64_t tries, int64_t uses,
                             int64_t expires_ms, int64_t now_ms);

/* Token bucket of one client. Start it zeroed. */
struct limits_bucket {
    int64_t tokens_milli;
    int64_t updated_us;
    bool started;
};

/* Takes one token; false = over the limit, and *ret_wait_s says when to come back (at least 1). */
bool limits_bucket_take(struct limits_bucket *bucket, int64_t per_second, int64_t burst,
                        int64_t now_us, int64_t *ret_wait_s);
/* Gives the token back: what it was taken for was refused for somebody else's sake. */
void limits_bucket_return(struct limits_bucket *bucket);

#endif
