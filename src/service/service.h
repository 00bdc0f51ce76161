/* SPDX-License-Identifier: EUPL-1.2 */
/* State shared by the services: the store, the turn, the settings of the town. */
#ifndef CC_SERVICE_SERVICE_H
#define CC_SERVICE_SERVICE_H

#include "domain/limits.h"
#include "domain/method.h"
#include "domain/nif.h"
#include "domain/period.h"
#include "domain/text.h"
#include "domain/way.h"
#include "service/alert_post.h"
#include "service/box_facts.h"
#include "service/clock.h"
#include "service/day.h"
#include "service/decoy.h"
#include "service/metrics.h"
#include "service/town.h"
#include "service/turn.h"
#include "service/watch.h"
#include "store/notice.h"
#include "store/pause.h"
#include "store/purge.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* The town's own words on the pages of the Registro and on paper. */
struct settings_desk {
    const char *template_folder; /* plantillas */
    const char *sms_numbers;     /* numero_sms, as citizens read them; "" = not told */
    bool takes_minors;           /* altas.menores */
};

/* Mails to the town and to citizens. "" = not configured. */
struct mail_settings {
    const char *town; /* address that is told of new users */
    const char *link; /* of the sede: a token that proves an address is put behind it */
};

/* Replaced as a whole by SIGHUP. Strings live as long as the settings. */
struct settings {
    const char *entity_sms;      /* nombre_sms */
    const char *origin;          /* dominio_sede: origin-bound last line of the SMS; "" = none */
    const char *exempt_networks; /* redes_exentas: address_is_in(); "" = none */
    struct limits limits;
    struct alert_settings alerts;   /* avisos; by the same server go the mails */
    struct mail_settings mail;      /* correo */
    struct period ways[WAYS];       /* altas: the ways in, and when they are open */
    struct period methods[METHODS]; /* metodos: how one enters, and when each is admitted */
    const char *trust_folder;       /* certificados_confianza */
    const char *list_folder;        /* certificados_crl; "" = none */
    const char *identities;         /* identidades_admitidas: "clave, giltza"; "" = none */
    const char *town_phone;         /* telefono_ayuntamiento, as citizens read it; "" = none */
    struct purge_terms terms;       /* baja_dias, bloqueo_dias, solicitudes_dias… */
    int64_t secret_ms;              /* contrasena_ms: what it takes to hash one */
    const char *clause;             /* clausula_version; "" = none */
    struct settings_desk desk;
    bool reveal_registration;   /* revelar_alta */
    bool neutral_if_registered; /* altas.registrado_neutro */
    bool grants_substantial;    /* nivel_sustancial */
    bool allow_test_nifs;       /* admitir_nif_de_prueba */
    bool forwards_audit;        /* auditoria_diario */
    int64_t
        report_window_ms; /* espera_informe_s: how long an unknown outcome waits for its report */
};

/* How often it was said that an SMS has come: receive.c. */
struct receive_log {
    int64_t minute_us;
    unsigned lines, silent; /* in that minute; and those that came without one */
};

/* Since when the data have been as they are: facts.c. */
struct facts_memory {
    enum data_notice notice;
    int64_t since_ms;
};

/* The certificate that the pages are served with: http/tls.c. */
struct service_certificate {
    char fingerprint[96]; /* SHA-256 as "AB:CD:…"; "" = there is no TLS */
    char name[256];       /* the DNS name in a configured one; "" = none */
    int64_t begins_ms, ends_ms;
    bool is_own; /* made by the box: browsers do not know it */
};

/* Facts of this installation that the pages, the alerts and the report tell: app writes them once.
 */
struct service_installation {
    const char *entity;         /* entidad: the town's name */
    const char *zone;           /* zona_horaria: the town's, and the process's */
    const char *config_text;    /* the configuration without secrets; NULL = none */
    const char *config_version; /* 12 digits of its SHA-256; NULL = none */
    int64_t started_ms;         /* UTC, when the program began; 0 = it does not tell */
};

struct application_upload;
struct import;

/* What comes in as files: the documents of online altas, application_files.c, and people. */
struct service_documents {
    char *folder;                        /* NULL in programs that take none */
    unsigned uploads;                    /* coming in now */
    struct application_upload *settling; /* uploads on their way to the disk */
    bool is_stopped;                     /* no more uploads settle */
    bool is_told;                        /* the log has the failure of the last one */
    struct import *import;               /* NULL in programs that take none */
};

struct alerts;
struct mailer;

/* The senders beside the modems. NULLs in programs that send nothing but SMS. */
struct service_senders {
    struct alerts *alerts;
    struct mailer *mailer;
};

struct access;
struct chronicle;
struct inspect;
struct key_change;
struct people;
struct pool;
struct proofs;
struct purge;

/* Work on the whole database, in pieces. */
struct service_upkeep {
    struct inspect *inspect; /* checks it; NULL in programs that do not */
    struct purge *purge;     /* destroys what has had its term; NULL in programs that do not */
    struct key_change *key_change; /* gives it another master key; likewise */
};

struct service {
    struct loop *loop;
    struct store *store;
    struct turn *turn;
    const struct settings *settings;
    struct pool *pool;     /* the modems */
    struct access *access; /* who may call */
    struct service_senders senders;
    struct people *people;       /* who may log in; NULL in programs without pages */
    struct proofs *proofs;       /* of certificates; NULL in programs that take none */
    struct chronicle *chronicle; /* what happened; NULL in programs that keep no record */
    struct service_upkeep upkeep;
    struct service_clock clock;     /* start it at 0 */
    struct watch watch;             /* start it at 0 */
    struct receive_log receive_log; /* start it at 0 */
    struct town town;               /* start it at 0 */
    struct decoys decoys;           /* start it at 0 */
    struct box_facts box_facts;     /* start it at 0, but for the path of the database */
    struct day day;                 /* start it at 0 */
    struct service_installation installation;
    struct facts_memory facts;          /* start it at 0 */
    struct metrics metrics;             /* start it at 0 */
    struct service_documents documents; /* start it at 0 */
    struct pause pause;                 /* sending_load() */
    /* Start it at 0. */
    struct service_certificate certificate;
};

/* Before the end of the program: what was only counted reaches the audit trail. A turn of its own.
 */
void service_finish(struct service *service, int64_t now_ms);
/* nif_parse() plus the refusal of test numbers. */
enum cc_err service_parse_nif(const struct service *service, const char *text, size_t len,
                              struct nif *ret) CC_MUST_CHECK;

#endif
