/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/lines.h"

#include "at/command.h"

#include <string.h>

void at_lines_clear(struct at_lines *lines)
{
    lines->has_any = false;
    lines->count = 0;
    lines->used = 0;
}

bool at_lines_keep(struct at_lines *lines, const char *line)
{
    size_t size = strlen(line) + 1;
    if (lines->count == AT_LINES_MAX || size > AT_LINES_BYTES - lines->used)
        return false;
    char *kept = lines->bytes + lines->used;
    memcpy(kept, line, size);
    lines->line[lines->count++] = kept;
    lines->used += size;
    return true;
}

bool at_lines_cut_ok(struct at_lines *lines)
{
    const char *last = lines->count > 0 ? lines->line[lines->count - 1] : "";
    size_t len = at_line_before_ok(last);
    if (len > 0)
        lines->bytes[(size_t)(last - lines->bytes) + len] = '\0';
    return len > 0;
}
