/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/envelope.h"

#include "base/secret.h"

#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MARK_BYTES = 8, SUM_BYTES = 16, BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
/* Of a phrase, which is tried off line by who steals the file; a box of 512 MiB can do it too. */
enum { PHRASE_PASSES = 6, PHRASE_MEMORY = 64 * 1024 * 1024 };

static const char mark[MARK_BYTES] = {'C', 'C', 'L', 'V', 'C', 'O', 'P', '1'};
static const char phrase_word[] = "frase:", key_word[] = "clave:", private_word[] = "privada:";

struct head {
    char mark[MARK_BYTES];
    uint8_t is_of_phrase; /* 0 or 1 */
    uint8_t salt[ENVELOPE_SALT_BYTES];
    uint8_t public_key[ENVELOPE_PUBLIC_BYTES];
    uint8_t sealed_key[ENVELOPE_FILE_KEY_BYTES + crypto_box_SEALBYTES];
    uint8_t sum[SUM_BYTES]; /* of all before it: tells a changed head from another's phrase */
};

_Static_assert(sizeof(struct head) == ENVELOPE_HEAD_BYTES, "bytes of a head");
_Static_assert((int)ENVELOPE_PUBLIC_BYTES == (int)crypto_box_PUBLICKEYBYTES &&
                   (int)ENVELOPE_PRIVATE_BYTES == (int)crypto_box_SECRETKEYBYTES &&
                   (int)ENVELOPE_PRIVATE_BYTES == (int)crypto_scalarmult_BYTES &&
                   (int)ENVELOPE_SALT_BYTES == (int)crypto_pwhash_SALTBYTES,
               "the keys are libsodium's");

/* ---- texts ---------------------------------------------------------------------------------- */

/* Behind the word, exactly len bytes. */
static bool read_word(const char *text, const char *word, uint8_t *out, size_t len)
{
    size_t got = 0;
    const char *end = NULL;
    if (strncmp(text, word, strlen(word)) != 0)
        return false;
    text += strlen(word);
    return sodium_base642bin(out, len, text, strlen(text), NULL, &got, &end, BASE64) == 0 &&
           got == len && *end == '\0';
}

static void write_word(const char *word, const uint8_t *bytes, size_t len,
                       char out[ENVELOPE_TEXT_SIZE])
{
    size_t at = strlen(word);
    memcpy(out, word, at);
    sodium_bin2base64(out + at, ENVELOPE_TEXT_SIZE - at, bytes, len, BASE64);
}

bool envelope_parse(const char *text, struct envelope *ret)
{
    uint8_t bytes[ENVELOPE_SALT_BYTES + ENVELOPE_PUBLIC_BYTES] = {0};
    struct envelope envelope = {.is_of_phrase =
                                    strncmp(text, phrase_word, strlen(phrase_word)) == 0};
    bool is_read = envelope.is_of_phrase ? read_word(text, phrase_word, bytes, sizeof(bytes))
                                         : read_word(text, key_word, bytes + ENVELOPE_SALT_BYTES,
                                                     ENVELOPE_PUBLIC_BYTES);
    if (!is_read)
        return false;
    memcpy(envelope.salt, bytes, sizeof(envelope.salt));
    memcpy(envelope.public_key, bytes + ENVELOPE_SALT_BYTES, sizeof(envelope.public_key));
    *ret = envelope;
    return true;
}

void envelope_write(const struct envelope *envelope, char out[ENVELOPE_TEXT_SIZE])
{
    uint8_t bytes[ENVELOPE_SALT_BYTES + ENVELOPE_PUBLIC_BYTES];
    memcpy(bytes, envelope->salt, sizeof(envelope->salt));
    memcpy(bytes + ENVELOPE_SALT_BYTES, envelope->public_key, sizeof(envelope->public_key));
    if (envelope->is_of_phrase)
        write_word(phrase_word, bytes, sizeof(bytes), out);
    else
        write_word(key_word, envelope->public_key, sizeof(envelope->public_key), out);
}

void envelope_write_private(const uint8_t private_key[ENVELOPE_PRIVATE_BYTES],
                            char out[ENVELOPE_TEXT_SIZE])
{
    write_word(private_word, private_key, ENVELOPE_PRIVATE_BYTES, out);
}

bool envelope_parse_private(const char *text, uint8_t ret[ENVELOPE_PRIVATE_BYTES])
{
    return read_word(text, private_word, ret, ENVELOPE_PRIVATE_BYTES);
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* False: no memory. */
static bool derive_pair(const char *phrase, struct envelope *envelope,
                        uint8_t ret_private[ENVELOPE_PRIVATE_BYTES])
{
    uint8_t seed[crypto_box_SEEDBYTES];
    bool is_derived =
        crypto_pwhash(seed, sizeof(seed), phrase, strlen(phrase), envelope->salt, PHRASE_PASSES,
                      PHRASE_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
    if (is_derived)
        crypto_box_seed_keypair(envelope->public_key, ret_private, seed);
    secret_wipe(seed, sizeof(seed));
    return is_derived;
}

enum cc_err envelope_for_phrase(const char *phrase, struct envelope *ret)
{
    uint8_t private_key[ENVELOPE_PRIVATE_BYTES];
    struct envelope envelope = {.is_of_phrase = true};
    secret_random(envelope.salt, sizeof(envelope.salt));
    bool is_derived = derive_pair(phrase, &envelope, private_key);
    secret_wipe(private_key, sizeof(private_key));
    if (!is_derived)
        return CC_ERR_MEMORY;
    *ret = envelope;
    return CC_OK;
}

enum cc_err envelope_private_of_phrase(const struct envelope *envelope, const char *phrase,
                                       uint8_t ret[ENVELOPE_PRIVATE_BYTES])
{
    uint8_t private_key[ENVELOPE_PRIVATE_BYTES];
    struct envelope derived = *envelope;
    enum cc_err err = envelope->is_of_phrase ? CC_OK : CC_ERR_COPY_SECRET;
    if (err == CC_OK && !derive_pair(phrase, &derived, private_key))
        err = CC_ERR_MEMORY;
    if (err == CC_OK &&
        memcmp(derived.public_key, envelope->public_key, sizeof(derived.public_key)) != 0)
        err = CC_ERR_COPY_SECRET;
    if (err == CC_OK)
        memcpy(ret, private_key, sizeof(private_key));
    secret_wipe(private_key, sizeof(private_key));
    return err;
}

void envelope_new_pair(struct envelope *ret, uint8_t ret_private[ENVELOPE_PRIVATE_BYTES])
{
    *ret = (struct envelope){.is_of_phrase = false};
    crypto_box_keypair(ret->public_key, ret_private);
}

/* ---- heads ---------------------------------------------------------------------------------- */

static void sum_head(const struct head *head, uint8_t ret[SUM_BYTES])
{
    crypto_generichash(ret, SUM_BYTES, (const uint8_t *)head, offsetof(struct head, sum), NULL, 0);
}

void envelope_close(const struct envelope *envelope, const uint8_t key[ENVELOPE_FILE_KEY_BYTES],
                    uint8_t ret_head[ENVELOPE_HEAD_BYTES])
{
    struct head head = {.is_of_phrase = envelope->is_of_phrase};
    memcpy(head.mark, mark, sizeof(head.mark));
    memcpy(head.salt, envelope->salt, sizeof(head.salt));
    memcpy(head.public_key, envelope->public_key, sizeof(head.public_key));
    (void)crypto_box_seal(head.sealed_key, key, ENVELOPE_FILE_KEY_BYTES, envelope->public_key);
    sum_head(&head, head.sum);
    memcpy(ret_head, &head, sizeof(head));
}

/* The digit of the version is not compared: a head of the future is one too. */
bool envelope_is_head(const uint8_t head[ENVELOPE_HEAD_BYTES])
{
    return memcmp(head, mark, MARK_BYTES - 1) == 0;
}

static enum cc_err read_head(const uint8_t bytes[ENVELOPE_HEAD_BYTES], struct head *ret)
{
    uint8_t sum[SUM_BYTES];
    memcpy(ret, bytes, sizeof(*ret));
    sum_head(ret, sum);
    bool is_whole = memcmp(ret->mark, mark, sizeof(mark)) == 0 &&
                    memcmp(sum, ret->sum, sizeof(sum)) == 0 && ret->is_of_phrase <= 1;
    return is_whole ? CC_OK : CC_ERR_COPY_BROKEN;
}

enum cc_err envelope_read(const uint8_t bytes[ENVELOPE_HEAD_BYTES], struct envelope *ret)
{
    struct head head;
    enum cc_err err = read_head(bytes, &head);
    if (err != CC_OK)
        return err;
    ret->is_of_phrase = head.is_of_phrase != 0;
    memcpy(ret->salt, head.salt, sizeof(ret->salt));
    memcpy(ret->public_key, head.public_key, sizeof(ret->public_key));
    return CC_OK;
}

enum cc_err envelope_open(const uint8_t bytes[ENVELOPE_HEAD_BYTES],
                          const uint8_t private_key[ENVELOPE_PRIVATE_BYTES],
                          uint8_t ret_key[ENVELOPE_FILE_KEY_BYTES])
{
    struct head head;
    uint8_t public_key[ENVELOPE_PUBLIC_BYTES];
    enum cc_err err = read_head(bytes, &head);
    if (err != CC_OK)
        return err;
    if (crypto_scalarmult_base(public_key, private_key) != 0 ||
        memcmp(public_key, head.public_key, sizeof(public_key)) != 0)
        return CC_ERR_COPY_SECRET;
    return crypto_box_seal_open(ret_key, head.sealed_key, sizeof(head.sealed_key), public_key,
                                private_key) == 0
               ? CC_OK
               : CC_ERR_COPY_BROKEN;
}
