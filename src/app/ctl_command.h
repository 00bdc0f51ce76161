/* SPDX-License-Identifier: EUPL-1.2 */
/* Orders of contraclavectl: maps words and fields to a request, and shows its answer. */
#ifndef CC_APP_CTL_COMMAND_H
#define CC_APP_CTL_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctl_field {
    CTL_FIELD_NIF,
    CTL_FIELD_NAME,
    CTL_FIELD_PHONE,
    CTL_FIELD_SCOPES,
    CTL_FIELD_EXPIRES,
    CTL_FIELD_NUMBER,
    CTL_FIELD_CONTRAST,
    CTL_FIELD_FILE,
    CTL_FIELD_REASON,
    CTL_FIELD_REFERENCE,
    CTL_FIELD_FIRST_SURNAME,
    CTL_FIELD_SECOND_SURNAME,
    CTL_FIELD_LANGUAGE,
    CTL_FIELD_DOCUMENT,
    CTL_FIELD_CHANNEL,
    CTL_FIELD_SHARES,
    CTL_FIELD_NEW_NIF,
    CTL_FIELD_ROLE,
    CTL_FIELD_PASSWORD,
    CTL_FIELD_ACTOR,
    CTL_FIELD_EVENT,
    CTL_FIELD_SINCE,
    CTL_FIELD_UNTIL,
    CTL_FIELD_CODE,
    CTL_FIELD_EMAIL,
    CTL_FIELD_PRIVATE,
    CTL_FIELD_PUBLIC,
    CTL_FIELD_ENTITY,
    CTL_FIELD_SMS_NAME,
    CTL_FIELD_ZONE,
    CTL_FIELD_DOMAIN,
    CTL_FIELD_DEVICE,
    CTL_FIELD_PIN,
    CTL_FIELD_NETWORKS,
    CTL_FIELD_CERTIFICATES,
    /* the fields below take no value: "si" */
    CTL_FIELD_WITH_KEY,
    CTL_FIELD_NEEDS_IP,
    CTL_FIELD_PHRASE,
    CTL_FIELD_DRILL,
    CTL_FIELD_REPLACES,
    CTL_FIELD_APPLY,
    CTL_FIELD_NOW,
    CTL_FIELD_COUNT
};

/* The long option of each field, and with '_' for '-' its name in the request too. */
extern const char *const ctl_field_names[CTL_FIELD_COUNT];

struct config;
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
    int (*gather)(const char *socket_path, const char *path, json_t *body, json_t *answer);
    /* Continues the order after its answer: returns the exit code. NULL = nothing to do. */
    int (*follow)(const char *socket_path, const json_t *answer);
    /* In place of one answer: asks for page after page and shows each. Returns the exit code. */
    int (*stream)(const char *socket_path, const char *path, json_t *body, bool json);
    bool needs_no_config; /* of `run`: it is given NULL */
    /* In place of all that: the order is not one request. */
    int (*run)(const struct config *config, const char *const *values, bool json);
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
