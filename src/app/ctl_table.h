/* SPDX-License-Identifier: EUPL-1.2 */
/* JSON values in aligned columns, by the width they take on a terminal. */
#ifndef CC_APP_CTL_TABLE_H
#define CC_APP_CTL_TABLE_H

#include <jansson.h>

struct ctl_column {
    const char *key;   /* of the JSON object; NULL ends the list */
    const char *title; /* Spanish */
};

/* A member's text; "" when there is none. */
const char *ctl_text(const json_t *object, const char *key);
/* The modem of that name in the daemon's status; NULL = it is not there. */
const json_t *ctl_find_modem(const json_t *status, const char *name);
/* Prints the value as a line of JSON, in ASCII. */
void ctl_print_json(const json_t *value);
/* A line of text from outside, made safe so. */
void ctl_print_line(const char *text);
/* How an answer is shown: a text, and behind that a list of the answer, as rows, or its own
 * members, as fields. */
struct ctl_view {
    const char *text; /* {member} stands for its value; NULL = none */
    const char *list; /* NULL = the fields */
    struct ctl_column columns[40];
};

void ctl_view_show(const struct ctl_view *view, const json_t *answer);

/* A heading and one line per object. */
void ctl_table_rows(const json_t *rows, const struct ctl_column *columns);
/* Prints a line per key that the object has: its title and its value. */
void ctl_table_fields(const json_t *object, const struct ctl_column *columns);

#endif
