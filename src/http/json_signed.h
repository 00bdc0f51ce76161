/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A JSON object in canonical form with the member `firma`: a signature by Ed25519, in lower-case
 * hexadecimal digits, over the canonical form of the object without it. Pure.
 */
#ifndef CC_HTTP_JSON_SIGNED_H
#define CC_HTTP_JSON_SIGNED_H

#include "base/secret.h"

/*
 * Whether these very bytes were signed with this key. Errors: those of json_canonical();
 * CC_ERR_CORRUPT (another form of the object, or no signature in it), CC_ERR_KEY_WRONG (the member
 * `clave_publica` is another key), CC_ERR_ALTERED (the signature does not fit).
 */
enum cc_err json_signed_check(const char *text, size_t len,
                              const uint8_t public_key[SECRET_PUBLIC_BYTES]) CC_MUST_CHECK;

#endif
