/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When a fault is told to the people who receive alerts: once when it has lasted, once when it is
 * over, once a day in between. A fault that comes and goes is one fault. Pure: one state for each
 * kind of fault; its owner steps it now and then, and keeps it across restarts.
 */
#ifndef CC_DOMAIN_ALERTS_H
#define CC_DOMAIN_ALERTS_H

#include <stdbool.h>
#include <stdint.h>

/* Kinds of fault that are told by themselves. The numbers and tokens are stored: append only. */
enum alert_kind {
    ALERT_SENDING,     /* the box cannot send: modem, SIM, network, clock, disk, a pause */
    ALERT_ONE_OUT,     /* a modem of several is out */
    ALERT_QUEUE,       /* a message has waited too long though the box can send */
    ALERT_BALANCE,     /* low balance */
    ALERT_STORAGE,     /* the SIM's memory is nearly full */
    ALERT_CERTIFICATE, /* ends soon, has ended, or does not hold yet */
    ALERT_BACKUP,      /* the last one is old, or there never was one */
    ALERT_TOWN,        /* failures in the town: a stranger guesses */
    ALERT_DATA,        /* rows changed without the key */
    ALERT_FLAPS,       /* a modem loses its line again and again */
    ALERT_DISK,        /* the disk is nearly full */
    ALERT_CLIENT,      /* a client's token or certificate ends soon, or has ended */
    ALERT_KIND_COUNT
};

/* Numbers and tokens as above. */
enum alert_event {
    ALERT_NONE,
    ALERT_OPENED,
    ALERT_RESOLVED,
    ALERT_REMINDER,
    ALERT_TEST, /* a person asked for it */
    ALERT_EVENT_COUNT
};

enum alert_phase { ALERT_FINE, ALERT_PENDING, ALERT_OPEN };

/* A zeroed one has never seen a fault. Instants are UTC ms; 0 = never. */
struct alert_state {
    enum alert_phase phase;
    int64_t since_ms;  /* when the fault began; kept after its end */
    int64_t calm_ms;   /* since when it is gone, or was when it ended; 0 = it is there */
    int64_t opened_ms; /* last time that one was told */
    int64_t told_ms;   /* last time that anything was told of this kind */
    int64_t relapses;  /* faults since opened_ms, this one included; 0 = it is no relapse */
};

/*
 * Looks at a fault. since_ms: when it began, as far as is known; 0 = now. after_ms: how long a
 * fault must last to be told, and be gone to be over. A fault within a day of one that was told is
 * a relapse: it must last for an hour without a break. Instants in the future (the clock was set
 * back) count as now. Returns what is to be told.
 */
enum alert_event alert_step(struct alert_state *state, bool is_on, int64_t since_ms, int64_t now_ms,
                            int64_t after_ms);
/* "envio", "un_modem", "cola", "saldo", "memoria_sim", "certificado", "copia", "fallos", "datos",
 * "desconexiones", "disco", "cliente". */
const char *alert_kind_token(enum alert_kind kind);
/* "", "abierto", "resuelto", "recordatorio", "prueba". */
const char *alert_event_token(enum alert_event event);

#endif
