/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The byte tape: the only place that keeps what goes to and from a modem, for support and for
 * tests. Redacting by rule, so that nothing has to be remembered to be marked:
 * - in both directions, any run of four or more hexadecimal digits is written as <n>, its length;
 * - from the writing of a payload (it ends with Ctrl-Z), a PIN or a password (AT+CPIN=, AT+CLCK=,
 *   AT+CPWD=) until the next final result, a line of the modem's is shown only if it begins with
 *   + ^ # * or is OK or ERROR, and not what is behind an equals sign: an echo in pieces, with other
 *   lines between, is not shown either. Any other line is <n>;
 * - the answer to a USSD code is <n>, over all its lines: a balance, a number with blanks in it.
 * A SIM PIN, a contraclave, a phone, a PDU, an IMEI cannot pass by accident. (A modem that means to
 * tell one could write it as words: no rule helps against that.) Short codes (+CMS ERROR: 38,
 * +CSQ: 20,99) stay readable.
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
 * starts. At most 64 KiB a second; then a line says how many were left out. Errors: CC_ERR_IO,
 * CC_ERR_MEMORY; the tape goes on without a file. */
enum cc_err tape_to_file(struct tape *tape, const char *path) CC_MUST_CHECK;
/* Copies the newest whole lines that fit into cap, NUL-terminated. Units: bytes, without the NUL.
 */
size_t tape_recent(const struct tape *tape, char *out, size_t cap);
/* To the modem: one whole command or payload per call; from it: all that was read. */
void tape_write(struct tape *tape, enum tape_direction direction, const uint8_t *bytes, size_t len);
void tape_close(struct tape *tape);

#endif
