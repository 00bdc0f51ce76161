/* SPDX-License-Identifier: EUPL-1.2 */
/* A byte queue that grows. No memory ends the process, as in base/loop. */
#ifndef CC_SIM_BYTES_H
#define CC_SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_bytes {
    uint8_t *data;
    size_t len;
    size_t cap;
};

/* calloc() and strdup() that end the process instead of failing. Owns: the caller, free(). */
void *sim_alloc(size_t count, size_t size);
char *sim_strdup(const char *text);

void sim_bytes_put(struct sim_bytes *b, const void *bytes, size_t len);
void sim_bytes_str(struct sim_bytes *b, const char *text);
/* Takes len bytes off the front. */
void sim_bytes_drop(struct sim_bytes *b, size_t len);
void sim_bytes_done(struct sim_bytes *b);
/*
 * Writes what fd takes and drops it; *ret_blocked says that fd is full. False when fd is broken.
 */
bool sim_bytes_write(struct sim_bytes *b, int fd, bool *ret_blocked);

#endif
