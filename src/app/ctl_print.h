/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers for people: aligned tables and lists, in Spanish, on stdout. */
#ifndef CC_APP_CTL_PRINT_H
#define CC_APP_CTL_PRINT_H

#include "app/ctl_table.h"

/* Rows of struct ctl_column that each answer about a person begins with. */
#define CTL_PERSON_COLUMNS                                                                         \
    {"nif", "NIF"}, {"nombre", "Nombre"}, {"apellido1", "Primer apellido"},                        \
        {"apellido2", "Segundo apellido"}, {"movil", "Móvil"}, {"idioma", "Idioma"},               \
        {"contraste", "Dato de contraste"}, {"estado", "Estado"}, {"registro", "Registro"},        \
        {"via_alta", "Vía de alta"},                                                               \
    {                                                                                              \
        "alta", "Fecha de alta"                                                                    \
    }

extern const struct ctl_view ctl_view_token;
extern const struct ctl_view ctl_view_link;
extern const struct ctl_view ctl_view_clients;
extern const struct ctl_view ctl_view_client;
extern const struct ctl_view ctl_view_operators;
extern const struct ctl_view ctl_view_citizen;
extern const struct ctl_view ctl_view_life;
extern const struct ctl_view ctl_view_applications;
extern const struct ctl_view ctl_view_application;
extern const struct ctl_view ctl_view_clock;
extern const struct ctl_view ctl_view_modems;
extern const struct ctl_view ctl_view_modem;
extern const struct ctl_view ctl_view_inbox;
extern const struct ctl_view ctl_view_history;
extern const struct ctl_view ctl_view_figures;
extern const struct ctl_view ctl_view_queue;

void ctl_print_rotated(const json_t *answer);
void ctl_print_blocked(const json_t *answer);
void ctl_print_limits(const json_t *answer);
void ctl_print_trace(const json_t *answer);
void ctl_print_sending(const json_t *answer);
void ctl_print_status(const json_t *answer);

#endif
