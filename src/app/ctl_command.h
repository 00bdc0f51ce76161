/* SPDX-License-Identifier: EUPL-1.2 */
/* Orders of contraclavectl: maps words and fields to a request, and shows its answer. */
#ifndef CC_APP_CTL_COMMAND_H
#define CC_APP_CTL_COMMAND_H

#include "app/ctl_orders.h"

#include <stdint.h>

/* The long option of each field, and with '_' for '-' its name in the request too. Those from
 * WITH_KEY on take no value: "si". */
#define CTL_FIELDS(X)                                                                              \
    X(NIF, "nif")                                                                                  \
    X(NAME, "nombre")                                                                              \
    X(PHONE, "movil")                                                                              \
    X(SCOPES, "ambitos")                                                                           \
    X(EXPIRES, "caduca")                                                                           \
    X(NUMBER, "numero")                                                                            \
    X(CONTRAST, "contraste")                                                                       \
    X(FILE, "fichero")                                                                             \
    X(REASON, "motivo")                                                                            \
    X(REFERENCE, "instancia")                                                                      \
    X(FIRST_SURNAME, "apellido1")                                                                  \
    X(SECOND_SURNAME, "apellido2")                                                                 \
    X(LANGUAGE, "idioma")                                                                          \
    X(DOCUMENT, "documento")                                                                       \
    X(CHANNEL, "via")                                                                              \
    X(SHARES, "comparte-movil")                                                                    \
    X(NEW_NIF, "nif-nuevo")                                                                        \
    X(ROLE, "rol")                                                                                 \
    X(PASSWORD, "contrasena")                                                                      \
    X(ACTOR, "quien")                                                                              \
    X(EVENT, "suceso")                                                                             \
    X(SINCE, "desde")                                                                              \
    X(UNTIL, "hasta")                                                                              \
    X(CODE, "codigo")                                                                              \
    X(EMAIL, "correo")                                                                             \
    X(PRIVATE, "privada")                                                                          \
    X(PUBLIC, "publica")                                                                           \
    X(ENTITY, "entidad")                                                                           \
    X(SMS_NAME, "nombre-sms")                                                                      \
    X(ZONE, "zona")                                                                                \
    X(DOMAIN, "dominio")                                                                           \
    X(DEVICE, "dispositivo")                                                                       \
    X(PIN, "pin-sim")                                                                              \
    X(NETWORKS, "redes")                                                                           \
    X(CERTIFICATES, "certificados")                                                                \
    X(WITH_KEY, "clave")                                                                           \
    X(NEEDS_IP, "ip-obligatoria")                                                                  \
    X(PHRASE, "frase")                                                                             \
    X(DRILL, "ensayo")                                                                             \
    X(REPLACES, "cambia")                                                                          \
    X(APPLY, "aplica")                                                                             \
    X(NOW, "ya")

#define CTL_FIELD_ID(id_, option_) CTL_FIELD_##id_,
enum ctl_field { CTL_FIELDS(CTL_FIELD_ID) CTL_FIELD_COUNT };

extern const char *const ctl_field_names[CTL_FIELD_COUNT];

struct ctl_view;

struct ctl_command {
    const char *words[2]; /* the second may be NULL */
    const char *method;
    const char *path;  /* {nombre} stands for the value of that field, or "-" */
    uint64_t required; /* bits of enum ctl_field */
    uint64_t optional;
    /* Either shows the answer. */
    const struct ctl_view *view;
    void (*print)(const json_t *answer);
    const char *flag; /* another member of the body, true or false; NULL = none */
    bool flag_value;
    uint64_t only_with; /* the command is meant only where the field of this bit is given */
    uint64_t operand;   /* the one bit that may also be given as a third word */
    /* Adds to the answer before it is shown what further requests tell: returns the exit code. NULL
       = the answer is whole. */
    ctl_gather *gather;
    /* Continues the order after its answer: returns the exit code. NULL = nothing to do. */
    ctl_follow *follow;
    /* In place of one answer: asks for page after page and shows each. Returns the exit code. */
    ctl_stream *stream;
    bool needs_no_config; /* of `run`: it is given NULL */
    /* In place of all that: the order is not one request. */
    ctl_run *run;
    /* Likewise, and the configuration may not be there yet: given holds the fields. */
    int (*set_up)(const char *config_path, const json_t *given, bool json);
};

/*
 * NULL if there is none of these words. A third word that it takes goes to its place in values.
 */
const struct ctl_command *ctl_command_find(char *const *words, int count,
                                           const char *values[CTL_FIELD_COUNT]);
/*
 * Prints a line for each order, for the completion of a shell and the test of the manual: its
 * words, <name> for what may be given without an option, --name= for an option with a value, --name
 * for one without.
 */
void ctl_command_list(void);
enum { CTL_PATH_SIZE = 512 };

struct ctl_request {
    char path[CTL_PATH_SIZE];
    json_t *body; /* NULL for a GET */
};

/*
 * The request from the values given (NULL = not given; "-" = the next line of stdin). False, said
 * on stderr, if one is missing or out of place. Owns: ctl_request_done().
 */
bool ctl_command_request(const struct ctl_command *command,
                         const char *const values[CTL_FIELD_COUNT], struct ctl_request *ret);
void ctl_request_done(struct ctl_request *request);

#endif
