/* SPDX-License-Identifier: EUPL-1.2 */
/* Information lines of one reply, kept until its final result. */
#ifndef CC_AT_LINES_H
#define CC_AT_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { AT_LINES_MAX = 16, AT_LINES_BYTES = 4096 };

/* Start it at 0. */
struct at_lines {
    const char *line[AT_LINES_MAX];
    size_t count;
    char bytes[AT_LINES_BYTES]; /* the lines, one behind the other */
    size_t used;
    bool has_any; /* some have come, kept or not */
};

void at_lines_clear(struct at_lines *lines);
/* Copies a line. False when there is no room: then nothing is kept. */
bool at_lines_keep(struct at_lines *lines, const char *line);
/* True, and the last line loses the OK that ends it: the line end between them was lost. */
bool at_lines_cut_ok(struct at_lines *lines);

#endif
