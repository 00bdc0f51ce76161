/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The one form of a JSON object that a signature covers (RFC 8785, JCS): members in order, no
 * blanks, each text and number in one way. Objects of ours alone: keys in ASCII, no fractions, few
 * levels. Pure.
 */
#ifndef CC_HTTP_JSON_CANONICAL_H
#define CC_HTTP_JSON_CANONICAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

/*
 * Appends the object in text in its canonical form. Errors: CC_ERR_JSON_SYNTAX (also of what no
 * document of ours has), CC_ERR_JSON_UTF8, CC_ERR_JSON_DUPLICATE, CC_ERR_NO_SPACE, CC_ERR_MEMORY.
 */
enum cc_err json_canonical(const char *text, size_t len, struct buf *out) CC_MUST_CHECK;
/*
 * Whether these very bytes were signed with this key: an object in canonical form with the member
 * `firma`, a signature by Ed25519 in lower-case hexadecimal digits over the canonical form of the
 * object without it. Errors: those of json_canonical(); CC_ERR_CORRUPT (another form of the
 * object, or no signature in it), CC_ERR_KEY_WRONG (the member `clave_publica` is another key),
 * CC_ERR_ALTERED (the signature does not fit).
 */
enum cc_err json_signed_check(const char *text, size_t len,
                              const uint8_t public_key[SECRET_PUBLIC_BYTES]) CC_MUST_CHECK;

#endif
