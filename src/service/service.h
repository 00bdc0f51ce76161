/* SPDX-License-Identifier: EUPL-1.2 */
/* State shared by the services: the store, the turn, the settings of the town. */
#ifndef CC_SERVICE_SERVICE_H
#define CC_SERVICE_SERVICE_H

#include "domain/nif.h"
#include "service/boxes.h"
#include "service/challenge_memory.h"
#include "service/clock.h"
#include "service/day.h"
#include "service/decoy.h"
#include "service/metrics.h"
#include "service/settings.h"
#include "service/town.h"
#include "service/turn.h"
#include "service/verdict_box.h"
#include "service/watch.h"
#include "store/notice.h"
#include "store/pause.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* How often it was said that an SMS has come: receive.c. */
struct receive_log {
    int64_t minute_us;
    unsigned lines, silent; /* in that minute; and those that came without one */
};

/* Since when the data have been as they are: facts.c; and the boxes beside this one. */
struct facts_memory {
    enum data_notice notice;
    int64_t since_ms;
    struct boxes_seen boxes;      /* of the last beat: dispatch_boxes.c */
    int64_t citizens, counted_us; /* on a server: health_count_citizens() */
    struct verdict_box others[VERDICT_BOXES_MAX];
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

/* State of what comes in by forms: documents of online altas, application_files.c, their guard, and
 * people. */
struct service_documents {
    char *folder;                        /* NULL in programs that take none */
    unsigned uploads;                    /* coming in now */
    struct application_upload *settling; /* uploads on their way to the disk */
    bool is_stopped;                     /* no more uploads settle */
    bool is_told;                        /* the log has the failure of the last one */
    struct import *import;               /* NULL in programs that take none */
    struct challenge_memory challenges;
};

struct alerts;
struct mailer;
struct bouncer;

/* The senders beside the modems. NULLs in programs that send nothing but SMS. */
struct service_senders {
    struct alerts *alerts;
    struct mailer *mailer;
    struct bouncer *bouncer;
};

struct access;
struct audit_entry;
struct caller;
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
    struct access *access; /* who may call; NULL in programs that nobody calls */
    struct service_senders senders;
    struct people *people;       /* who may log in; NULL in programs without pages */
    struct proofs *proofs;       /* of certificates; NULL in programs that take none */
    struct chronicle *chronicle; /* all that happened; NULL in programs that keep no record */
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
/* The act that service_audit() writes: AUDIT_ACT(.event = "alta", .subject = nif). */
#define AUDIT_ACT(...) (&(const struct audit_entry){__VA_ARGS__})

/* Writes an act of the caller into the audit trail: actor and address are the caller's, and a
 * result of NULL is "correcto". Inside a turn. Errors: CC_ERR_DB. */
enum cc_err service_audit(struct service *service, const struct caller *caller,
                          const struct audit_entry *act, int64_t now_ms) CC_MUST_CHECK;
/* nif_parse() plus the refusal of test numbers. */
enum cc_err service_parse_nif(const struct service *service, const char *text, size_t len,
                              struct nif *ret) CC_MUST_CHECK;

#endif
