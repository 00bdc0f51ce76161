/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * CSV as spreadsheets write it: fields parted by semicolon, comma or tab, quotes doubled inside
 * quotes, UTF-8 or Windows-1252. A row is one line: no field of this program may hold a line break.
 * Pure. Source: RFC 4180; WHATWG Encoding, index windows-1252.
 */
#ifndef CC_DOMAIN_CSV_H
#define CC_DOMAIN_CSV_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { CSV_FIELDS_MAX = 24 };

struct csv_field {
    const char *text; /* not terminated */
    size_t len;
};

struct csv_row {
    size_t count;
    struct csv_field fields[CSV_FIELDS_MAX];
};

/* Takes the line at *pos, without its end (CR LF, LF or CR), and moves *pos behind it. False at the
 * end of the text. */
bool csv_next_line(const char *text, size_t len, size_t *pos, struct csv_field *ret);
/* Whichever of semicolon, comma and tab comes first in the line of the names; a comma if none. */
char csv_find_separator(const struct csv_field *line);
/*
 * Splits a line, which is changed: the fields point into it. White space around a field goes, and
 * the apostrophe that keeps a spreadsheet from reading a formula. Errors: CC_ERR_CSV_QUOTES,
 * CC_ERR_CSV_COUNT (more than CSV_FIELDS_MAX).
 */
enum cc_err csv_split(char *line, size_t len, char separator, struct csv_row *ret) CC_MUST_CHECK;
/* Appends the UTF-8 of text in Windows-1252 to out; *ret_len bytes. False when it does not fit. */
bool csv_decode_1252(const char *text, size_t len, char *out, size_t cap,
                     size_t *ret_len) CC_MUST_CHECK;

#endif
