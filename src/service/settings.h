/* SPDX-License-Identifier: EUPL-1.2 */
/* The settings of the town that the services go by: the file of configuration, read. */
#ifndef CC_SERVICE_SETTINGS_H
#define CC_SERVICE_SETTINGS_H

#include "domain/limits.h"
#include "domain/method.h"
#include "domain/period.h"
#include "domain/way.h"
#include "service/alert_post.h"
#include "store/purge.h"

#include <stdbool.h>
#include <stdint.h>

/* The town's own words on the pages of the Registro and on paper. */
struct settings_desk {
    const char *template_folder; /* plantillas */
    const char *sms_numbers;     /* numero_sms, as citizens read them; "" = not told */
    const char *questions;       /* preguntas_control, ", " between them; "" = of the pages */
    bool takes_minors;           /* altas.menores */
};

/* Mails to the town and to citizens. "" = not configured. */
struct mail_settings {
    const char *town;    /* address that is told of new users */
    const char *link;    /* of the sede: a token that proves an address is put behind it */
    const char *bounces; /* Maildir of what comes back */
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
    int64_t challenge_bits;         /* reto_dificultad; 0 = the sede has a captcha of its own */
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

#endif
