/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reads a configuration file into the values of the table of keys:
 *
 *     key = value    key = { value, value }    section { key = value … }    modem NAME { … }
 *
 * Each mistake refuses the whole file with one sentence, `FILE:LINE: …`.
 */
#ifndef CC_APP_CONFIG_PARSE_H
#define CC_APP_CONFIG_PARSE_H

#include "app/config.h"
#include "app/config_keys.h"

/* An assignment, or the beginning of a section. */
struct config_value {
    struct config_value *next;
    const struct config_key *key; /* NULL = a section begins */
    const char *section;
    size_t modem; /* its number, where section is "modem" */
    char text[];  /* the value (of a list: ", " between); the NAME of a section, or "" */
};

struct config_file {
    const char *path;
    enum config_voice voice;
    int lines;
    size_t modem_count;
    struct config_value *values;
};

/* False: refused, and told. Owns: config_file_done(file), in both cases. */
bool config_parse(const char *path, enum config_voice voice, struct config_file *file);
/* Tells what is wrong; line 0 = no line. Always false. */
bool config_refuse(const struct config_file *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Wipes the texts: there are PINs among them. */
void config_file_done(struct config_file *file);

#endif
