/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A line to its fields: `+CREG: 2,1,"00A1","0F3B",7`. Pure; an iterator over the caller's line.
 * Source: ITU-T V.250 5.4.2, 3GPP TS 27.007 4.
 */
#ifndef CC_AT_FIELDS_H
#define CC_AT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct at_fields {
    const char *at; /* the unread rest */
    bool done;
};

/* The text behind the prefix, blanks skipped; NULL if the line does not start with it. Makers write
 * it in lower case, or with blanks before the colon. */
const char *at_line_behind(const char *line, const char *prefix);
/* False if line does not start with prefix ("+CREG:"); blanks behind it are skipped. */
bool at_fields_init(struct at_fields *f, const char *line, const char *prefix);
/* A decimal number, bare or quoted, with its plus or not. False (and f unmoved) when absent, empty
 * or not one, or over int. */
bool at_fields_int(struct at_fields *f, int *ret);
/* A hexadecimal number, bare or quoted, up to 32 bits. */
bool at_fields_hex(struct at_fields *f, uint32_t *ret);
/* A text, quotes stripped, cut to cap - 1. False when there is no further field. */
bool at_fields_text(struct at_fields *f, char *out, size_t cap);
/* The same text in any case, or the same number: "000" is "0" (Iridium). */
bool at_value_is(const char *value, const char *wanted);
/* Skips one field, brackets with all they hold included. False when there is none. */
bool at_fields_skip(struct at_fields *f);
/* How many fields are left. A list ends at the line's end or at a bracket it did not open, so a
 * bracketed field read as text can be iterated in turn: at_fields_init(&inner, text, "("). */
size_t at_fields_count(const struct at_fields *f);

#endif
