/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The configuration file: what a technician may write, its defaults, and the sentence that each
 * mistake gets (`FILE:LINE: …`, Spanish, saying what to write instead). Nothing is guessed: an
 * unknown or repeated key, or a value out of its range, refuses the whole file (DESIGN 11).
 */
#ifndef CC_APP_CONFIG_H
#define CC_APP_CONFIG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "http/server.h"
#include "modem/config.h"
#include "pool/pool.h"
#include "service/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_modem {
    struct modem_config config; /* what the file has no key for is left to the daemon */
    int64_t per_minute;         /* ritmo_por_minuto; 0 = no pace */
    int64_t per_day;            /* ritmo_por_dia; 0 = no limit */
};

/* Copies of the database: section `copias`, which contraclavectl alone reads. */
struct config_copies {
    const char *seal;            /* sello: envelope_parse(); "" = copies are not sealed */
    const char *target;          /* destino: copies_is_target(); "" = a person says it each time */
    int64_t keep;                /* guardar */
    bool other_disk;             /* otro_disco */
    const char *user, *password; /* usuario, contrasena; "" = none */
    const char *ssh_key, *known_hosts; /* sftp_clave, sftp_conocidos: files */
    const char *authority;             /* autoridad; "" = the system's */
};

struct config_file;

struct config {
    const char *entity;           /* entidad */
    const char *zone;             /* zona_horaria */
    const char *profile;          /* perfil */
    const char *box;              /* nombre_equipo; "" = the name of the machine */
    const char *database;         /* base_datos */
    const char *key;              /* clave_maestra */
    const char *seal_certificate; /* sello_certificado; "" = none */
    const char *seal_key;         /* sello_clave */
    struct http_config http;      /* section `http`, likewise */
    enum log_level log_level;
    struct settings settings;
    struct config_copies copies;
    size_t modem_count;
    struct config_modem modems[POOL_MAX];
    struct config_file *texts; /* owns the strings above */
};

/* Where the sentence about a mistake goes: a terminal at start, the log when rereading. */
enum config_voice { CONFIG_TO_STDERR, CONFIG_TO_LOG };

/* Errors: CC_ERR_CONFIG, said already. Owns: config_free(). */
enum cc_err config_load(const char *path, enum config_voice voice,
                        struct config **ret) CC_MUST_CHECK;
/* Wipes the PINs. Takes NULL. */
void config_free(struct config *config);
/*
 * The path that names what a box keeps beside its database (certificate, documents of altas, time
 * of the last copy): the database itself, or, where that is on a server, a name in the folder of a
 * database by default, or in that of clave_maestra if that is another than by default.
 */
enum { CONFIG_BESIDE_SIZE = 1024 };
void config_beside(const struct config *config, char ret[CONFIG_BESIDE_SIZE]);
/* Appends one line for each key, for a person who helps from afar: values, and of secrets only
 * whether they are set. A text is shown only if its key is_shown. */
void config_describe(const struct config *config, struct buf *out);
/* Appends the names of what differs and is only read at start, ", " between; nothing if none is. */
void config_needs_restart(const struct config *started, const struct config *reread,
                          struct buf *out);

#endif
