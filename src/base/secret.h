/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keys, tags and sealed fields (DESIGN decision 8), on libsodium. One 32-byte master key lives
 * outside the database; every use has its own subkey (crypto_kdf), so no two uses share one.
 * A 4-digit code is protected by the key, not by its length: keyed BLAKE2b, no password hash.
 */
#ifndef CC_BASE_SECRET_H
#define CC_BASE_SECRET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SECRET_KEY_BYTES = 32,
    SECRET_TAG_BYTES = 16,
    /* length that sealing adds to a plaintext: 24 of nonce, 16 of authenticator */
    SECRET_SEAL_OVERHEAD = 40,
    SECRET_SEAL_BEFORE = 24, /* of it, the bytes before the sealed text */
    SECRET_HMAC_HEX_SIZE = 65,
    SECRET_PUBLIC_BYTES = 32,
};

/* Uses of the master key, a subkey each; the number is the crypto_kdf id and must never change. */
enum secret_use {
    SECRET_USE_NIF_INDEX = 1, /* blind index of a NIF's first 8 characters */
    SECRET_USE_PHONE_INDEX = 2,
    SECRET_USE_CLAVE_TAG = 3,
    SECRET_USE_CODE_TAG = 4, /* clave + contraclave together */
    SECRET_USE_FIELD = 5,    /* encryption of fields */
    SECRET_USE_AUDIT = 6,
    SECRET_USE_TOKEN = 7, /* API tokens */
    SECRET_USE_IP_INDEX = 8,
    SECRET_USE_CHECK = 9, /* proves that the key belongs to the database */
    SECRET_USE_SIM_PIN = 10,
    SECRET_USE_IDEMPOTENCY = 11,
    SECRET_USE_INBOX = 12,   /* tags of inbound messages and of what belongs together */
    SECRET_USE_ROW = 13,     /* row tags */
    SECRET_USE_ROW_SUM = 14, /* summand of a row in the sum of its table */
    SECRET_USE_ANCHOR = 15,  /* the anchor beside the key */
    SECRET_USE_EVIDENCE = 16,
    SECRET_USE_SESSION = 17,
    SECRET_USE_SETUP = 18,      /* the link of the first start */
    SECRET_USE_RECOVERY = 19,   /* an operator's recovery codes */
    SECRET_USE_BROWSER = 20,    /* marks of browsers, and the counts of the log-in's throttle */
    SECRET_USE_VALIDATION = 21, /* the code that proves a mobile */
    SECRET_USE_CURSOR = 22,     /* pages of the audit trail: service/auditor.h */
    SECRET_USE_SIGN = 23,       /* seed of the Ed25519 key that signs evidence */
    SECRET_USE_LINK = 24,       /* the link that proves an address of mail */
    SECRET_USE_CHALLENGE = 25,  /* retos: service/challenge.h */
    SECRET_USE_LAST = SECRET_USE_CHALLENGE
};

/* Name of the master key among the credentials of systemd: LoadCredentialEncrypted=. */
#define SECRET_CREDENTIAL "clave-maestra"

struct secret_keys; /* in locked memory, wiped when freed */

/*
 * Loads the master key from path or, where no file is, from the credential that systemd gives the
 * service. With may_create a missing file is made, 0400, 32 random bytes, written and synced before
 * use. Errors: CC_ERR_KEY_MISSING, CC_ERR_KEY_FORMAT (size, or readable
 * by group or others), CC_ERR_IO. Owns: free with secret_keys_free().
 */
enum cc_err secret_keys_load(const char *path, bool may_create,
                             struct secret_keys **ret) CC_MUST_CHECK;
/* The master key itself, for a person who keeps it on paper. Errors: as above. Owns: the caller
 * wipes ret_master. */
enum cc_err secret_key_read(const char *path, uint8_t ret_master[SECRET_KEY_BYTES]) CC_MUST_CHECK;
/* Keys from bytes, for tests and vectors. */
struct secret_keys *secret_keys_from(const uint8_t master[SECRET_KEY_BYTES]);
void secret_keys_free(struct secret_keys *keys);

/* Keyed BLAKE2b of up to two parts; the length of the first is hashed too, so parts never blur. */
void secret_tag(const struct secret_keys *keys, enum secret_use use, const void *a, size_t a_len,
                const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES]);
/*
 * SipHash-2-4 with a tag of 128 bits, a keyed MAC for short inputs: an eighth of the time of
 * secret_tag(), for what each answer computes several of. use: one that secret_tag() is never
 * given, so that no subkey serves two functions. Source: Aumasson and Bernstein, SipHash: a fast
 * short-input PRF (2012); libsodium's siphashx24.
 */
void secret_short_tag(const struct secret_keys *keys, enum secret_use use, const void *bytes,
                      size_t len, uint8_t out[SECRET_TAG_BYTES]);
/* Constant time. */
bool secret_tag_equal(const uint8_t a[SECRET_TAG_BYTES], const uint8_t b[SECRET_TAG_BYTES]);

/*
 * XChaCha20-Poly1305 with `where` ("table.column") and the row's key as associated data, so that a
 * ciphertext moved to another row or column does not open. out has room for len + overhead; plain
 * may lie in it, SECRET_SEAL_BEFORE bytes behind its beginning.
 */
void secret_seal(const struct secret_keys *keys, const char *where, const void *row, size_t row_len,
                 const void *plain, size_t len, uint8_t *out);
/*
 * The same with a nonce of the caller's, which is counted up, for rows that are sealed one after
 * the other: the first is drawn by secret_random(), and is kept for no longer than those rows.
 */
void secret_seal_next(const struct secret_keys *keys, uint8_t nonce[SECRET_SEAL_BEFORE],
                      const char *where, const void *row, size_t row_len, const void *plain,
                      size_t len, uint8_t *out);
/* Errors: CC_ERR_CORRUPT. out has room for len - overhead; *ret_len untouched on failure. */
enum cc_err secret_open(const struct secret_keys *keys, const char *where, const void *row,
                        size_t row_len, const uint8_t *sealed, size_t len, void *out, size_t cap,
                        size_t *ret_len) CC_MUST_CHECK;

enum { SECRET_SIGNATURE_BYTES = 64, SECRET_PUBLIC_PEM_SIZE = 128, SECRET_DIGEST_HEX_SIZE = 65 };

/*
 * Ed25519 with a key that is made of the master key alone: a copy that is restored signs as the box
 * did. Source: RFC 8032.
 */
void secret_sign(const struct secret_keys *keys, const void *bytes, size_t len,
                 uint8_t ret[SECRET_SIGNATURE_BYTES]);
void secret_public_key(const struct secret_keys *keys, uint8_t ret[SECRET_PUBLIC_BYTES]);
bool secret_signature_fits(const uint8_t public_key[SECRET_PUBLIC_BYTES], const void *bytes,
                           size_t len, const uint8_t signature[SECRET_SIGNATURE_BYTES]);
/* A public key as openssl reads and writes it, and back. Source: RFC 8410. Errors: CC_ERR_CORRUPT.
 */
void secret_public_pem(const uint8_t public_key[SECRET_PUBLIC_BYTES],
                       char ret[SECRET_PUBLIC_PEM_SIZE]);
enum cc_err secret_public_read(const char *pem, size_t len,
                               uint8_t ret[SECRET_PUBLIC_BYTES]) CC_MUST_CHECK;
/* SHA-256 as lower-case hexadecimal digits: what sha256sum(1) says. */
void secret_digest_hex(const void *bytes, size_t len, char ret[SECRET_DIGEST_HEX_SIZE]);

/* HMAC-SHA-256 with a key that is shared with others, as lower-case hexadecimal digits. Source: RFC
 * 2104. */
void secret_hmac_hex(const char *key, const void *bytes, size_t len,
                     char out[SECRET_HMAC_HEX_SIZE]);

/* Overwrites memory in a way that the compiler keeps. */
void secret_wipe(void *memory, size_t len);
/* `CC_WIPED(citizen) who;` is a struct citizen that is wiped where its scope ends, whichever way.
 * CC_WIPER(citizen) makes that possible, once, behind the definition of the struct. */
#define CC_WIPED(type) __attribute__((cleanup(wipe_##type))) struct type
#define CC_WIPER(type)                                                                             \
    static inline void wipe_##type(struct type *it)                                                \
    {                                                                                              \
        secret_wipe(it, sizeof(*it));                                                              \
    }
/* Random bytes, and a number uniformly below bound, from the kernel by libsodium. */
void secret_random(void *out, size_t len);
uint32_t secret_random_below(uint32_t bound);
/* Fills out with len characters of base64url, 6 random bits each, and a NUL. */
void secret_random_text(char *out, size_t len);

#endif
