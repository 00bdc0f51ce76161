/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/secret.h"

#include "base/fsx.h"
#include "base/le64.h"
#include "base/secret_old.h"
#include "base/secret_password.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    PLACE_BYTES = 128,
    CREDENTIAL_PATH_SIZE = 1024,
    HASH_STACK_BYTES = 2048, /* at least what libsodium's hash takes of the stack */
};

static_assert(SECRET_KEY_BYTES == crypto_kdf_KEYBYTES, "master key of crypto_kdf");
static_assert(SECRET_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key of the AEAD");
static_assert((int)SECRET_SEAL_BEFORE == (int)NONCE_BYTES, "the nonce comes first");
static_assert(SECRET_SEAL_OVERHEAD == NONCE_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
              "nonce and authenticator");
static_assert(SECRET_TAG_BYTES >= crypto_generichash_BYTES_MIN, "tag of BLAKE2b");

/* crypto_kdf's context: like the numbers of enum secret_use, it must never change. */
static const char kdf_context[crypto_kdf_CONTEXTBYTES + 1] = "contracl";

/* Uses whose tags stay in the database longer than what they were made of, in the order in which
 * their subkeys are kept: append only. */
static const enum secret_use kept_uses[] = {
    SECRET_USE_NIF_INDEX, SECRET_USE_PHONE_INDEX, SECRET_USE_CLAVE_TAG, SECRET_USE_CODE_TAG,
    SECRET_USE_TOKEN,     SECRET_USE_IP_INDEX,    SECRET_USE_SIM_PIN,   SECRET_USE_IDEMPOTENCY,
    SECRET_USE_INBOX,     SECRET_USE_EVIDENCE,    SECRET_USE_SESSION,   SECRET_USE_SETUP,
    SECRET_USE_RECOVERY,  SECRET_USE_VALIDATION,  SECRET_USE_LINK,
};
enum { KEPT_USES = sizeof(kept_uses) / sizeof(kept_uses[0]) };
static_assert(SECRET_KEPT_BYTES == KEPT_USES * SECRET_KEY_BYTES + SECRET_PUBLIC_BYTES,
              "subkeys and the public key");

struct secret_keys {
    uint8_t subkeys[SECRET_USE_LAST + 1][SECRET_KEY_BYTES];
    size_t old_count;
    uint8_t old[SECRET_OLD_MAX][SECRET_KEPT_BYTES]; /* the oldest first */
};

struct secret_keys *secret_keys_from(const uint8_t master[SECRET_KEY_BYTES])
{
    if (sodium_init() < 0)
        return NULL;
    struct secret_keys *keys = sodium_malloc(sizeof(*keys));
    if (keys == NULL)
        return NULL;
    keys->old_count = 0;
    for (uint64_t use = 0; use <= SECRET_USE_LAST; use++)
        crypto_kdf_derive_from_key(keys->subkeys[use], SECRET_KEY_BYTES, use, kdf_context, master);
    sodium_mprotect_readonly(keys);
    return keys;
}

/* Place of a use among those that are kept; KEPT_USES = none. */
static size_t kept_place(enum secret_use use)
{
    size_t place = 0;
    while (place < KEPT_USES && kept_uses[place] != use)
        place++;
    return place;
}

/* The subkey of a generation: 0 is the first key that the database had. */
static const uint8_t *subkey_of(const struct secret_keys *keys, enum secret_use use,
                                size_t generation)
{
    if (generation >= keys->old_count)
        return keys->subkeys[use];
    size_t place = kept_place(use);
    return place < KEPT_USES ? keys->old[generation] + place * SECRET_KEY_BYTES
                             : keys->subkeys[use];
}

size_t secret_keys_generation(const struct secret_keys *keys)
{
    return keys->old_count;
}

void secret_keys_keep(const struct secret_keys *keys, size_t generation,
                      uint8_t ret[SECRET_KEPT_BYTES])
{
    if (generation < keys->old_count) {
        memcpy(ret, keys->old[generation], SECRET_KEPT_BYTES);
        return;
    }
    for (size_t i = 0; i < KEPT_USES; i++)
        memcpy(ret + i * SECRET_KEY_BYTES, keys->subkeys[kept_uses[i]], SECRET_KEY_BYTES);
    secret_public_key(keys, ret + KEPT_USES * SECRET_KEY_BYTES);
}

enum cc_err secret_keys_add_old(struct secret_keys *keys, const uint8_t kept[SECRET_KEPT_BYTES])
{
    if (keys->old_count == SECRET_OLD_MAX)
        return CC_ERR_NO_SPACE;
    sodium_mprotect_readwrite(keys);
    memcpy(keys->old[keys->old_count++], kept, SECRET_KEPT_BYTES);
    sodium_mprotect_readonly(keys);
    return CC_OK;
}

void secret_old_public_key(const struct secret_keys *keys, size_t generation,
                           uint8_t ret[SECRET_PUBLIC_BYTES])
{
    memcpy(ret, keys->old[generation] + KEPT_USES * SECRET_KEY_BYTES, SECRET_PUBLIC_BYTES);
}

static enum cc_err key_create(const char *path)
{
    uint8_t master[SECRET_KEY_BYTES];
    secret_random(master, sizeof(master));
    enum cc_err err = fsx_create(path, master, sizeof(master), 0400);
    secret_wipe(master, sizeof(master));
    return err;
}

/* A file of ours (or root's) that only its owner can read, and no link to another. Root reads the
 * service's: contraclavectl makes and checks copies as root. */
static bool key_is_private(const struct stat *st)
{
    return (st->st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
           (st->st_uid == geteuid() || st->st_uid == 0 || geteuid() == 0);
}

/* systemd shows the access that it gives to the service's user as that of the group, and lets
 * nobody else into the folder. */
static enum cc_err read_file(const char *path, bool is_credential, uint8_t master[SECRET_KEY_BYTES])
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return CC_ERR_KEY_MISSING;
    if (fd < 0)
        return errno == ELOOP ? CC_ERR_KEY_FORMAT : CC_ERR_IO;
    enum cc_err err = CC_ERR_KEY_FORMAT;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == SECRET_KEY_BYTES &&
        (is_credential || key_is_private(&st)))
        err = read(fd, master, SECRET_KEY_BYTES) == SECRET_KEY_BYTES ? CC_OK : CC_ERR_IO;
    close(fd);
    return err;
}

/* The service's credential of systemd, which is in memory alone. Source: systemd.exec(5). */
static enum cc_err read_credential(uint8_t master[SECRET_KEY_BYTES])
{
    char path[CREDENTIAL_PATH_SIZE];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (folder == NULL ||
        snprintf(path, sizeof(path), "%s/%s", folder, SECRET_CREDENTIAL) >= (int)sizeof(path))
        return CC_ERR_KEY_MISSING;
    return read_file(path, true, master);
}

enum cc_err secret_key_read(const char *path, uint8_t master[SECRET_KEY_BYTES])
{
    enum cc_err err = read_file(path, false, master);
    return err == CC_ERR_KEY_MISSING ? read_credential(master) : err;
}

enum cc_err secret_keys_load(const char *path, bool may_create, struct secret_keys **ret)
{
    uint8_t master[SECRET_KEY_BYTES];
    if (sodium_init() < 0)
        return CC_ERR_IO;
    enum cc_err err = secret_key_read(path, master);
    if (err == CC_ERR_KEY_MISSING && may_create) {
        err = key_create(path);
        if (err == CC_OK)
            err = secret_key_read(path, master);
    }
    struct secret_keys *keys = err == CC_OK ? secret_keys_from(master) : NULL;
    secret_wipe(master, sizeof(master));
    if (err != CC_OK)
        return err;
    if (keys == NULL)
        return CC_ERR_MEMORY;
    *ret = keys;
    return CC_OK;
}

void secret_keys_free(struct secret_keys *keys)
{
    sodium_free(keys);
}

static void hash_length(crypto_generichash_state *hash, size_t len)
{
    uint8_t bytes[LE64_BYTES];
    le64_put(bytes, len);
    crypto_generichash_update(hash, bytes, sizeof(bytes));
}

static void hash_parts(const uint8_t key[SECRET_KEY_BYTES], const void *a, size_t a_len,
                       const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES])
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, key, SECRET_KEY_BYTES, SECRET_TAG_BYTES);
    hash_length(&hash, a_len);
    crypto_generichash_update(&hash, a, a_len);
    crypto_generichash_update(&hash, b, b_len);
    crypto_generichash_final(&hash, out, SECRET_TAG_BYTES);
    secret_wipe(&hash, sizeof(hash));
    sodium_stackzero(HASH_STACK_BYTES); /* it leaves words of the message on its stack */
}

/*
 * The tag that takes the place of an older one. Its first half follows from the first 62 bits of
 * that alone: they are all that a citizen's id has of the NIF's index (store/citizens_row.c).
 */
static void hash_tag(const uint8_t key[SECRET_KEY_BYTES], const uint8_t tag[SECRET_TAG_BYTES],
                     uint8_t out[SECRET_TAG_BYTES])
{
    enum { HALF = SECRET_TAG_BYTES / 2 };
    uint8_t half[HALF], first[SECRET_TAG_BYTES], second[SECRET_TAG_BYTES];
    memcpy(half, tag, HALF);
    half[HALF - 1] &= 0xFC;
    hash_parts(key, half, HALF, NULL, 0, first);
    hash_parts(key, tag, SECRET_TAG_BYTES, NULL, 0, second);
    memcpy(out, first, HALF);
    memcpy(out + HALF, second + HALF, HALF);
}

void secret_tag(const struct secret_keys *keys, enum secret_use use, const void *a, size_t a_len,
                const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES])
{
    bool is_kept = keys->old_count > 0 && kept_place(use) < KEPT_USES;
    hash_parts(subkey_of(keys, use, 0), a, a_len, b, b_len, out);
    for (size_t i = 1; is_kept && i <= keys->old_count; i++)
        hash_tag(subkey_of(keys, use, i), out, out);
}

void secret_root_tag(const struct secret_keys *keys, enum secret_use use, const void *a,
                     size_t a_len, const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES])
{
    hash_parts(subkey_of(keys, use, 0), a, a_len, b, b_len, out);
}

void secret_next_tag(const struct secret_keys *keys, enum secret_use use,
                     const uint8_t tag[SECRET_TAG_BYTES], uint8_t out[SECRET_TAG_BYTES])
{
    hash_tag(keys->subkeys[use], tag, out);
}

void secret_short_tag(const struct secret_keys *keys, enum secret_use use, const void *bytes,
                      size_t len, uint8_t out[SECRET_TAG_BYTES])
{
    secret_short_tag_of(keys, use, keys->old_count, bytes, len, out);
}

void secret_short_tag_of(const struct secret_keys *keys, enum secret_use use, size_t generation,
                         const void *bytes, size_t len, uint8_t out[SECRET_TAG_BYTES])
{
    _Static_assert(crypto_shorthash_siphashx24_BYTES == SECRET_TAG_BYTES, "one size of tag");
    _Static_assert(crypto_shorthash_siphashx24_KEYBYTES <= SECRET_KEY_BYTES, "its key is a part");
    crypto_shorthash_siphashx24(out, bytes, len, subkey_of(keys, use, generation));
}

bool secret_tag_equal(const uint8_t a[SECRET_TAG_BYTES], const uint8_t b[SECRET_TAG_BYTES])
{
    static_assert(SECRET_TAG_BYTES == crypto_verify_16_BYTES, "size of a tag");
    return crypto_verify_16(a, b) == 0;
}

struct place {
    uint8_t bytes[PLACE_BYTES];
    size_t len;
};

/* The associated data: where, its terminator, the row. Both are ours and short. */
static struct place place_of(const char *where, const void *row, size_t row_len)
{
    struct place place;
    size_t where_len = strlen(where) + 1;
    if (where_len + row_len > sizeof(place.bytes))
        abort(); /* a bug of ours: no column has such a name */
    memcpy(place.bytes, where, where_len);
    memcpy(place.bytes + where_len, row, row_len);
    place.len = where_len + row_len;
    return place;
}

void secret_seal_next(const struct secret_keys *keys, uint8_t nonce[SECRET_SEAL_BEFORE],
                      const char *where, const void *row, size_t row_len, const void *plain,
                      size_t len, uint8_t *out)
{
    const struct place place = place_of(where, row, row_len);
    memcpy(out, nonce, NONCE_BYTES);
    sodium_increment(nonce, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, NULL, plain, len, place.bytes,
                                               place.len, NULL, out,
                                               keys->subkeys[SECRET_USE_FIELD]);
}

void secret_seal(const struct secret_keys *keys, const char *where, const void *row, size_t row_len,
                 const void *plain, size_t len, uint8_t *out)
{
    uint8_t nonce[NONCE_BYTES];
    secret_random(nonce, sizeof(nonce));
    secret_seal_next(keys, nonce, where, row, row_len, plain, len, out);
}

enum cc_err secret_open(const struct secret_keys *keys, const char *where, const void *row,
                        size_t row_len, const uint8_t *sealed, size_t len, void *out, size_t cap,
                        size_t *ret_len)
{
    if (len < SECRET_SEAL_OVERHEAD || len - SECRET_SEAL_OVERHEAD > cap)
        return CC_ERR_CORRUPT;
    const struct place place = place_of(where, row, row_len);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + NONCE_BYTES,
                                                   len - NONCE_BYTES, place.bytes, place.len,
                                                   sealed, keys->subkeys[SECRET_USE_FIELD]) != 0)
        return CC_ERR_CORRUPT;
    *ret_len = len - SECRET_SEAL_OVERHEAD;
    return CC_OK;
}

static void make_key_pair(const struct secret_keys *keys, uint8_t public_key[SECRET_PUBLIC_BYTES],
                          uint8_t secret_key[crypto_sign_SECRETKEYBYTES])
{
    _Static_assert(crypto_sign_SEEDBYTES == SECRET_KEY_BYTES, "a subkey is a seed");
    crypto_sign_seed_keypair(public_key, secret_key, keys->subkeys[SECRET_USE_SIGN]);
}

void secret_sign(const struct secret_keys *keys, const void *bytes, size_t len,
                 uint8_t ret[SECRET_SIGNATURE_BYTES])
{
    uint8_t public_key[SECRET_PUBLIC_BYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    _Static_assert(crypto_sign_BYTES == SECRET_SIGNATURE_BYTES, "signature of Ed25519");
    make_key_pair(keys, public_key, secret_key);
    crypto_sign_detached(ret, NULL, bytes, len, secret_key);
    secret_wipe(secret_key, sizeof(secret_key));
}

void secret_public_key(const struct secret_keys *keys, uint8_t ret[SECRET_PUBLIC_BYTES])
{
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    make_key_pair(keys, ret, secret_key);
    secret_wipe(secret_key, sizeof(secret_key));
}

bool secret_signature_fits(const uint8_t public_key[SECRET_PUBLIC_BYTES], const void *bytes,
                           size_t len, const uint8_t signature[SECRET_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, bytes, len, public_key) == 0;
}

/* What stands before the 32 bytes of the key in its SubjectPublicKeyInfo. */
static const uint8_t public_prefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const char pem_begin[] = "-----BEGIN PUBLIC KEY-----";
static const char pem_end[] = "-----END PUBLIC KEY-----";
enum { PUBLIC_DER_BYTES = sizeof(public_prefix) + SECRET_PUBLIC_BYTES };

void secret_public_pem(const uint8_t public_key[SECRET_PUBLIC_BYTES],
                       char ret[SECRET_PUBLIC_PEM_SIZE])
{
    uint8_t der[PUBLIC_DER_BYTES];
    char text[sodium_base64_ENCODED_LEN(PUBLIC_DER_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    memcpy(der, public_prefix, sizeof(public_prefix));
    memcpy(der + sizeof(public_prefix), public_key, SECRET_PUBLIC_BYTES);
    sodium_bin2base64(text, sizeof(text), der, sizeof(der), sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(ret, SECRET_PUBLIC_PEM_SIZE, "%s\n%s\n%s\n", pem_begin, text, pem_end);
}

enum cc_err secret_public_read(const char *pem, size_t len, uint8_t ret[SECRET_PUBLIC_BYTES])
{
    uint8_t der[PUBLIC_DER_BYTES];
    size_t der_len = 0, begin_len = sizeof(pem_begin) - 1, end_len = sizeof(pem_end) - 1;
    const char *end = NULL;
    if (len < begin_len || memcmp(pem, pem_begin, begin_len) != 0 ||
        sodium_base642bin(der, sizeof(der), pem + begin_len, len - begin_len, "\r\n", &der_len,
                          &end, sodium_base64_VARIANT_ORIGINAL) != 0)
        return CC_ERR_CORRUPT;
    if (der_len != sizeof(der) || memcmp(der, public_prefix, sizeof(public_prefix)) != 0 ||
        (size_t)(pem + len - end) < end_len || memcmp(end, pem_end, end_len) != 0)
        return CC_ERR_CORRUPT;
    memcpy(ret, der + sizeof(public_prefix), SECRET_PUBLIC_BYTES);
    return CC_OK;
}

void secret_digest_hex(const void *bytes, size_t len, char ret[SECRET_DIGEST_HEX_SIZE])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    static_assert(SECRET_DIGEST_HEX_SIZE == 2 * sizeof(digest) + 1, "two digits a byte");
    crypto_hash_sha256(digest, bytes, len);
    (void)sodium_bin2hex(ret, SECRET_DIGEST_HEX_SIZE, digest, sizeof(digest));
}

void secret_hmac_hex(const char *key, const void *bytes, size_t len, char out[SECRET_HMAC_HEX_SIZE])
{
    crypto_auth_hmacsha256_state state;
    uint8_t tag[crypto_auth_hmacsha256_BYTES];
    static_assert(SECRET_HMAC_HEX_SIZE == 2 * sizeof(tag) + 1, "two digits a byte");
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)key, strlen(key));
    crypto_auth_hmacsha256_update(&state, bytes, len);
    crypto_auth_hmacsha256_final(&state, tag);
    (void)sodium_bin2hex(out, SECRET_HMAC_HEX_SIZE, tag, sizeof(tag));
    sodium_memzero(&state, sizeof(state));
}

void secret_wipe(void *memory, size_t len)
{
    sodium_memzero(memory, len);
}

void secret_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

uint32_t secret_random_below(uint32_t bound)
{
    return randombytes_uniform(bound);
}

void secret_random_text(char *out, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    secret_random(out, len);
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[(uint8_t)out[i] & 63];
    out[len] = '\0';
}

const struct secret_cost secret_cost_interactive = {crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                    crypto_pwhash_MEMLIMIT_INTERACTIVE / 1024};

bool secret_hash_password(const char *password, const struct secret_cost *cost,
                          char out[SECRET_PASSWORD_HASH_SIZE])
{
    _Static_assert(SECRET_PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "the library's size");
    return crypto_pwhash_str(out, password, strlen(password), (unsigned long long)cost->passes,
                             (size_t)cost->kib * 1024) == 0;
}

bool secret_hash_costs(const char *hash, const struct secret_cost *cost)
{
    return crypto_pwhash_str_needs_rehash(hash, (unsigned long long)cost->passes,
                                          (size_t)cost->kib * 1024) == 0;
}

bool secret_password_fits(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
