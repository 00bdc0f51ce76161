/* SPDX-License-Identifier: EUPL-1.2 */
/* The keys of the configuration as a table: where each goes, its range, and what to write. */
#ifndef CC_APP_CONFIG_KEYS_H
#define CC_APP_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* A word of the file and the value of the enum that it stands for. */
struct config_word {
    const char *word;
    int value;
};

struct config_key {
    const char *section; /* "root", "altas", "http", "avisos", "limites", "modem" */
    const char *name;
    /* Reads value into *out (the field at offset); false = not what is wanted. */
    bool (*read)(const struct config_key *key, const char *value, void *out);
    bool (*is_valid)(const char *value); /* for the texts */
    const struct config_word *words;     /* for those of config_read_word(); ends without a word */
    size_t offset; /* in struct config; in struct config_modem for section "modem" */
    double min, max;
    bool required;
    bool is_list;  /* may also be written { value, value }, for "value, value" */
    bool at_start; /* a change takes effect only with a restart */
    bool is_shown; /* a text without a secret or a personal datum: config_describe() shows it */
    const char *wanted; /* the end of the sentence "NAME: …" */
    /* A better end of the sentence for some refused values; NULL, or returns NULL: wanted. */
    const char *(*explain)(const char *value);
};

/* Ends with a row without a name. A section exists if a row names it. */
extern const struct config_key config_keys[];
/* NULL if there is none. */
const struct config_key *config_key_find(const char *section, const char *name);

#endif
