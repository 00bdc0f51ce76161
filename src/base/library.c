/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

bool library_can_load(struct library *library)
{
    for (size_t i = 0; library->handle == NULL && library->names[i] != NULL; i++)
        library->handle = dlopen(library->names[i], RTLD_NOW | RTLD_LOCAL);
    return library->handle != NULL;
}

void *library_find_function(struct library *library, const char *name)
{
    void *function = library_can_load(library) ? dlsym(library->handle, name) : NULL;
    if (function == NULL) {
        fprintf(stderr, "falta la biblioteca %s, o %s en ella: instálela\n", library->names[0],
                name);
        abort();
    }
    return function;
}
