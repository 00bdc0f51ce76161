/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Libraries that most boxes never need, loaded at the first call of one of their functions: they
 * and what they stand on (OpenSSL, Kerberos, LDAP) would be 4 MiB of every daemon, and half of the
 * time that contraclavectl takes to start. A file for each library defines the functions of its
 * header that are used here, each of which passes its arguments on.
 */
#ifndef CC_BASE_LIBRARY_H
#define CC_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct library {
    const char *names[3]; /* of the file, the preferred one first; ends with NULL */
    void *handle;         /* NULL until it is loaded, which lasts until the program ends */
};

/* Whether the library can be used; loads it. Source: dlopen(3). */
bool library_can_load(struct library *library);
/* Address of a function. Ends the program where it is missing: ask library_can_load() before. */
void *library_find_function(struct library *library, const char *name);

/* Defines a function that passes its arguments on. returns: `return`; empty for a void one. */
#define LIBRARY_FUNCTION(library, returns, type, name, parameters, arguments)                      \
    type(name) parameters                                                                          \
    {                                                                                              \
        static __typeof__(name) *function;                                                         \
        if (function == NULL)                                                                      \
            function = __extension__(__typeof__(function)) library_find_function(library, #name);  \
        returns function arguments;                                                                \
    }

#endif
