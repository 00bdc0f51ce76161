/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The byte tape: the only place that keeps what goes to and from a modem, for support and for
 * tests. Redacting by rule, in both directions: any run of four or more hexadecimal digits is
 * written as <n> (its length), whatever it was. A SIM PIN, a contraclave, a phone, a PDU, an IMEI
 * cannot pass, also in an echo or in garbage, and nothing has to be remembered to be marked.
 * Short codes (+CMS ERROR: 38, +CSQ: 20,99) stay readable.
 */
#ifndef CC_LINK_TAPE_H
#define CC_LINK_TAPE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct tape;

enum tape_direction { TAPE_TO_MODEM, TAPE_FROM_MODEM };

enum { TAPE_RECENT = 32 * 1024 };

/* Keeps the newest TAPE_RECENT bytes in memory. Owns: tape_close(). Errors: CC_ERR_MEMORY. */
enum cc_err tape_new(struct tape **ret) CC_MUST_CHECK;
/* From now on also appends to path (0600), up to a size; then the file becomes path.1 and a new one
 * starts. Errors: CC_ERR_IO, CC_ERR_MEMORY; the tape goes on without a file. */
enum cc_err tape_to_file(struct tape *tape, const char *path) CC_MUST_CHECK;
/* Copies the newest whole lines that fit into cap, NUL-terminated. Units: bytes, without the NUL.
 */
size_t tape_recent(const struct tape *tape, char *out, size_t cap);
void tape_write(struct tape *tape, enum tape_direction direction, const uint8_t *bytes, size_t len);
void tape_close(struct tape *tape);

#endif
