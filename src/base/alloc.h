/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CC_BASE_ALLOC_H
#define CC_BASE_ALLOC_H

#include <stdlib.h>

/* Zeroed memory of what the program cannot go on without, which ends where there is none: never for
 * what a stranger can ask for. Owns: free(). */
static inline void *alloc_or_abort(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL)
        abort();
    return memory;
}

#endif
