/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who may open a file that this box seals and cannot open itself: the holder of a private key, or
 * who knows a pass phrase. Either way the box keeps a public key alone, which is no secret; of a
 * phrase, its pair is derived by Argon2id. Source: libsodium's sealed boxes (X25519,
 * XSalsa20-Poly1305) and crypto_pwhash (RFC 9106).
 */
#ifndef CC_BASE_ENVELOPE_H
#define CC_BASE_ENVELOPE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ENVELOPE_SALT_BYTES = 16,
    ENVELOPE_PUBLIC_BYTES = 32,
    ENVELOPE_PRIVATE_BYTES = 32,
    ENVELOPE_FILE_KEY_BYTES = 32,
    ENVELOPE_TEXT_SIZE = 80,  /* of envelope_write(), with its NUL */
    ENVELOPE_HEAD_BYTES = 153 /* mark, kind, salt, public key, sealed key of the file, checksum */
};

struct envelope {
    bool is_of_phrase;
    uint8_t salt[ENVELOPE_SALT_BYTES]; /* zeros where there is no phrase */
    uint8_t public_key[ENVELOPE_PUBLIC_BYTES];
};

/* Reads "frase:…" or "clave:…" as envelope_write() makes it. False: it is nothing like that. */
bool envelope_parse(const char *text, struct envelope *ret);
void envelope_write(const struct envelope *envelope, char out[ENVELOPE_TEXT_SIZE]);

/* A new envelope for a phrase, with a salt of its own. Time: half a second, and 64 MiB. Errors:
 * CC_ERR_MEMORY. */
enum cc_err envelope_for_phrase(const char *phrase, struct envelope *ret) CC_MUST_CHECK;
/* The private key of such an envelope. Time: as above. Errors: CC_ERR_MEMORY, CC_ERR_COPY_SECRET
 * (another phrase, or an envelope for a private key). Owns: the caller wipes ret. */
enum cc_err envelope_private_of_phrase(const struct envelope *envelope, const char *phrase,
                                       uint8_t ret[ENVELOPE_PRIVATE_BYTES]) CC_MUST_CHECK;
/* A new pair of keys. Owns: the caller wipes ret_private. */
void envelope_new_pair(struct envelope *ret, uint8_t ret_private[ENVELOPE_PRIVATE_BYTES]);
/* The text of a private key for its file, one line, and back; false: it is none. */
void envelope_write_private(const uint8_t private_key[ENVELOPE_PRIVATE_BYTES],
                            char out[ENVELOPE_TEXT_SIZE]);
bool envelope_parse_private(const char *text, uint8_t ret[ENVELOPE_PRIVATE_BYTES]);

/* The head of a sealed file: says for whom it is, and holds the key of the rest for them. */
void envelope_close(const struct envelope *envelope, const uint8_t key[ENVELOPE_FILE_KEY_BYTES],
                    uint8_t ret_head[ENVELOPE_HEAD_BYTES]);
/* Whether the file begins as such a head does, whole or not. */
bool envelope_is_head(const uint8_t head[ENVELOPE_HEAD_BYTES]);
/* For whom the file is. Errors: CC_ERR_COPY_BROKEN (the head was changed, or is of a version that
 * is not known). */
enum cc_err envelope_read(const uint8_t head[ENVELOPE_HEAD_BYTES],
                          struct envelope *ret) CC_MUST_CHECK;
/* The key of the rest. Errors: CC_ERR_COPY_BROKEN, CC_ERR_COPY_SECRET (not for this key). Owns: the
 * caller wipes ret_key. */
enum cc_err envelope_open(const uint8_t head[ENVELOPE_HEAD_BYTES],
                          const uint8_t private_key[ENVELOPE_PRIVATE_BYTES],
                          uint8_t ret_key[ENVELOPE_FILE_KEY_BYTES]) CC_MUST_CHECK;

#endif
