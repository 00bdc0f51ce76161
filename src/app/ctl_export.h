/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers that come in pages, as CSV (RFC 4180) or as a line of JSON a row. */
#ifndef CC_APP_CTL_EXPORT_H
#define CC_APP_CTL_EXPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct ctl_export {
    const char *path;
    const char *rows; /* the member of a page that has them */
    const char *const *columns;
    size_t column_count;
};

/* Writes each page to stdout; what went wrong is said on stderr. The question, the caller's, gets
 * the cursors. Returns the exit code. */
int ctl_export_pages(const char *socket_path, const struct ctl_export *what, json_t *question,
                     bool json);
/* On a terminal, how much is left by the `quedan` of a page; NULL: takes that away. */
void ctl_export_tell_left(const json_t *answer);

#endif
