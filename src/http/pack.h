/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Compresses answers that the routes name as fit for it. Fit is what holds no secret: the length of
 * a compressed answer tells of its bytes, and a stranger who can put text of his own beside a
 * secret could guess it by that (BREACH). The status and the histories hold figures and sentences
 * of the box; no token, code, NIF or phone.
 */
#ifndef CC_HTTP_PACK_H
#define CC_HTTP_PACK_H

#include <stdbool.h>
#include <stddef.h>

/* Compresses by gzip in about 32 KiB of memory. False: it would not be shorter, or there is no
 * memory. Owns: free(*ret). */
bool pack_gzip(const void *bytes, size_t len, void **ret, size_t *ret_len);

#endif
