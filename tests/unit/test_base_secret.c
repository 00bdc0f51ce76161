/* SPDX-License-Identifier: EUPL-1.2 */
/* Keys, tags and sealed fields: what opens, and everything that must not. */
#include "base/secret.h"

#include "base/fsx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 64, SEALED_MAX = TEXT_MAX + SECRET_SEAL_OVERHEAD };

static const uint8_t master[SECRET_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const uint8_t other_master[SECRET_KEY_BYTES] = "1123456789abcdef0123456789abcde";

static struct secret_keys *keys;
static char folder[64];
static char key_path[80];

static int start(void **state)
{
    (void)state;
    keys = secret_keys_from(master);
    snprintf(folder, sizeof(folder), "/tmp/test_base_secret.XXXXXX");
    if (keys == NULL || mkdtemp(folder) == NULL)
        return -1;
    snprintf(key_path, sizeof(key_path), "%s/clave-maestra", folder);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    secret_keys_free(keys);
    return rmdir(folder);
}

struct tag {
    uint8_t bytes[SECRET_TAG_BYTES];
};

static struct tag tag_of(const struct secret_keys *by, enum secret_use use, const char *a,
                         const char *b)
{
    struct tag tag;
    secret_tag(by, use, a, strlen(a), b, b == NULL ? 0 : strlen(b), tag.bytes);
    return tag;
}

static void tags_tell_apart(void **state)
{
    (void)state;
    struct secret_keys *others = secret_keys_from(other_master);
    const struct tag reference = tag_of(keys, SECRET_USE_CODE_TAG, "1234", "0481");
    const struct {
        const char *name;
        struct tag tag;
        bool equal;
    } rows[] = {
        {"again", tag_of(keys, SECRET_USE_CODE_TAG, "1234", "0481"), true},
        {"other code", tag_of(keys, SECRET_USE_CODE_TAG, "1234", "0482"), false},
        {"other clave", tag_of(keys, SECRET_USE_CODE_TAG, "1235", "0481"), false},
        {"swapped", tag_of(keys, SECRET_USE_CODE_TAG, "0481", "1234"), false},
        {"blurred", tag_of(keys, SECRET_USE_CODE_TAG, "12340", "481"), false},
        {"joined", tag_of(keys, SECRET_USE_CODE_TAG, "12340481", NULL), false},
        {"other use", tag_of(keys, SECRET_USE_CLAVE_TAG, "1234", "0481"), false},
        {"other master key", tag_of(others, SECRET_USE_CODE_TAG, "1234", "0481"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (secret_tag_equal(reference.bytes, rows[i].tag.bytes) != rows[i].equal)
            fail_msg("%s", rows[i].name);
    secret_keys_free(others);
}

static void every_use_has_its_subkey(void **state)
{
    (void)state;
    struct tag tags[SECRET_USE_LAST + 1];
    for (unsigned use = SECRET_USE_NIF_INDEX; use <= SECRET_USE_LAST; use++) {
        tags[use] = tag_of(keys, (enum secret_use)use, "12345678", NULL);
        for (unsigned before = SECRET_USE_NIF_INDEX; before < use; before++)
            assert_false(secret_tag_equal(tags[use].bytes, tags[before].bytes));
    }
}

/* A stored database depends on these bytes: computed apart, with Python's hashlib (BLAKE2b). */
static void tag_is_stable(void **state)
{
    (void)state;
    static const uint8_t expected[SECRET_TAG_BYTES] = {0x87, 0x6c, 0x55, 0x38, 0xbb, 0xad,
                                                       0x48, 0x93, 0x87, 0x1b, 0xf4, 0xa4,
                                                       0xc3, 0xd7, 0x74, 0xee};
    struct tag tag = tag_of(keys, SECRET_USE_NIF_INDEX, "12345678", "");
    assert_memory_equal(tag.bytes, expected, SECRET_TAG_BYTES);
}

/* Computed apart, in Python: SipHash-2-4-128, checked against its authors' first vector. */
static void short_tag_is_stable(void **state)
{
    (void)state;
    static const uint8_t expected[SECRET_TAG_BYTES] = {0xcb, 0x27, 0xb9, 0x64, 0xf2, 0xd0,
                                                       0xb5, 0xb9, 0x7e, 0xf7, 0x9b, 0x07,
                                                       0x38, 0x74, 0x87, 0x59};
    struct tag row, sum, other;
    secret_short_tag(keys, SECRET_USE_ROW, "12345678", 8, row.bytes);
    secret_short_tag(keys, SECRET_USE_ROW_SUM, "12345678", 8, sum.bytes);
    secret_short_tag(keys, SECRET_USE_ROW, "12345679", 8, other.bytes);
    assert_memory_equal(row.bytes, expected, SECRET_TAG_BYTES);
    assert_memory_not_equal(row.bytes, sum.bytes, SECRET_TAG_BYTES);
    assert_memory_not_equal(row.bytes, other.bytes, SECRET_TAG_BYTES);
}

static void seals_and_opens(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "A", "Ana Gómez", "+34600123123"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint8_t sealed[SEALED_MAX];
        uint8_t again[SEALED_MAX];
        char out[TEXT_MAX];
        size_t len = strlen(texts[i]);
        size_t out_len = 77;
        secret_seal(keys, "citizen.name", "7", 1, texts[i], len, sealed);
        secret_seal(keys, "citizen.name", "7", 1, texts[i], len, again);
        assert_memory_not_equal(sealed, again, len + SECRET_SEAL_OVERHEAD);
        assert_int_equal(secret_open(keys, "citizen.name", "7", 1, sealed,
                                     len + SECRET_SEAL_OVERHEAD, out, len, &out_len),
                         CC_OK);
        assert_int_equal(out_len, len);
        assert_memory_equal(out, texts[i], len);
    }
}

static void seals_by_a_nonce_that_counts(void **state)
{
    uint8_t nonce[SECRET_SEAL_BEFORE] = {0xFF, 0xFF}, sealed[3][SECRET_SEAL_OVERHEAD + 3];
    char out[3];
    size_t out_len = 0;
    (void)state;
    for (uint8_t i = 0; i < 3; i++) {
        secret_seal_next(keys, nonce, "citizen.name", "7", 1, "Ana", 3, sealed[i]);
        assert_int_equal(sealed[i][0], (uint8_t)(0xFF + i));
        assert_int_equal(sealed[i][2], i > 0);
        assert_int_equal(secret_open(keys, "citizen.name", "7", 1, sealed[i], sizeof(sealed[i]),
                                     out, sizeof(out), &out_len),
                         CC_OK);
    }
    assert_memory_not_equal(sealed[0] + SECRET_SEAL_BEFORE, sealed[1] + SECRET_SEAL_BEFORE, 3);
}

static void opens_only_in_its_place(void **state)
{
    (void)state;
    struct secret_keys *others = secret_keys_from(other_master);
    const struct {
        const char *name;
        const struct secret_keys *by;
        const char *where;
        const char *row;
        enum cc_err err;
    } rows[] = {
        {"own place", keys, "citizen.name", "17", CC_OK},
        {"other row", keys, "citizen.name", "18", CC_ERR_CORRUPT},
        {"no row", keys, "citizen.name", "", CC_ERR_CORRUPT},
        {"other column", keys, "citizen.phone", "17", CC_ERR_CORRUPT},
        {"blurred", keys, "citizen.name1", "7", CC_ERR_CORRUPT},
        {"other master key", others, "citizen.name", "17", CC_ERR_CORRUPT},
    };
    uint8_t sealed[SEALED_MAX];
    secret_seal(keys, "citizen.name", "17", 2, "Ana", 3, sealed);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[TEXT_MAX];
        size_t len = 77;
        enum cc_err err = secret_open(rows[i].by, rows[i].where, rows[i].row, strlen(rows[i].row),
                                      sealed, 3 + SECRET_SEAL_OVERHEAD, out, sizeof(out), &len);
        if (err != rows[i].err || (err != CC_OK && len != 77))
            fail_msg("%s: %s", rows[i].name, err_token(err));
    }
    secret_keys_free(others);
}

static void tampered_never_opens(void **state)
{
    (void)state;
    uint8_t sealed[SEALED_MAX];
    char out[TEXT_MAX];
    size_t len = 77;
    const size_t size = 3 + SECRET_SEAL_OVERHEAD;
    secret_seal(keys, "a.b", "1", 1, "Ana", 3, sealed);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (secret_open(keys, "a.b", "1", 1, sealed, size, out, sizeof(out), &len) == CC_OK)
            fail_msg("opened with bit %zu flipped", bit);
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++)
        if (secret_open(keys, "a.b", "1", 1, sealed, cut, out, sizeof(out), &len) == CC_OK)
            fail_msg("opened with only %zu bytes", cut);
    assert_int_equal(secret_open(keys, "a.b", "1", 1, sealed, size, out, 2, &len), CC_ERR_CORRUPT);
    assert_int_equal(len, 77);
    assert_int_equal(secret_open(keys, "a.b", "1", 1, sealed, size, out, 3, &len), CC_OK);
}

static void key_is_made_once(void **state)
{
    (void)state;
    struct secret_keys *first = NULL;
    struct secret_keys *second = NULL;
    struct stat st;
    assert_int_equal(secret_keys_load(key_path, false, &first), CC_ERR_KEY_MISSING);
    assert_null(first);
    assert_false(fsx_exists(key_path));
    assert_int_equal(secret_keys_load(key_path, true, &first), CC_OK);
    assert_int_equal(stat(key_path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_int_equal(st.st_size, SECRET_KEY_BYTES);
    assert_int_equal(secret_keys_load(key_path, false, &second), CC_OK);
    struct tag a = tag_of(first, SECRET_USE_CHECK, "x", NULL);
    struct tag b = tag_of(second, SECRET_USE_CHECK, "x", NULL);
    struct tag c = tag_of(keys, SECRET_USE_CHECK, "x", NULL);
    assert_true(secret_tag_equal(a.bytes, b.bytes));
    assert_false(secret_tag_equal(a.bytes, c.bytes));
    secret_keys_free(first);
    secret_keys_free(second);
    unlink(key_path);
}

static void bad_key_files(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        mode_t mode;
        enum cc_err err;
    } rows[] = {
        {32, 0400, CC_OK},
        {32, 0600, CC_OK},
        {31, 0400, CC_ERR_KEY_FORMAT},
        {33, 0400, CC_ERR_KEY_FORMAT},
        {0, 0400, CC_ERR_KEY_FORMAT},
        {32, 0440, CC_ERR_KEY_FORMAT},
        {32, 0404, CC_ERR_KEY_FORMAT},
        {32, 0644, CC_ERR_KEY_FORMAT},
        {32, 0620, CC_ERR_KEY_FORMAT},
    };
    static const char content[64];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct secret_keys *loaded = NULL;
        assert_int_equal(fsx_create(key_path, content, rows[i].size, rows[i].mode), CC_OK);
        enum cc_err err = secret_keys_load(key_path, true, &loaded);
        if (err != rows[i].err || (loaded != NULL) != (err == CC_OK))
            fail_msg("%zu bytes, %o: %s", rows[i].size, (unsigned)rows[i].mode, err_token(err));
        secret_keys_free(loaded);
        unlink(key_path);
    }
}

static void key_in_an_impossible_place(void **state)
{
    (void)state;
    struct secret_keys *loaded = NULL;
    assert_int_equal(secret_keys_load("/nonexistent/clave", true, &loaded), CC_ERR_IO);
    assert_int_equal(secret_keys_load(folder, true, &loaded), CC_ERR_KEY_FORMAT);
    assert_null(loaded);
}

static void signs_and_tells_its_key(void **state)
{
    (void)state;
    struct secret_keys *other = secret_keys_from(other_master);
    uint8_t public_key[SECRET_PUBLIC_BYTES], others[SECRET_PUBLIC_BYTES], read[SECRET_PUBLIC_BYTES];
    uint8_t signature[SECRET_SIGNATURE_BYTES];
    char pem[SECRET_PUBLIC_PEM_SIZE], digest[SECRET_DIGEST_HEX_SIZE];
    secret_sign(keys, "abc", 3, signature);
    secret_public_key(keys, public_key);
    secret_public_key(other, others);
    assert_true(secret_signature_fits(public_key, "abc", 3, signature));
    assert_false(secret_signature_fits(public_key, "abd", 3, signature));
    assert_false(secret_signature_fits(public_key, "abc", 2, signature));
    assert_false(secret_signature_fits(others, "abc", 3, signature));
    secret_public_pem(public_key, pem);
    assert_int_equal(secret_public_read(pem, strlen(pem), read), CC_OK);
    assert_memory_equal(read, public_key, sizeof(read));
    for (size_t len = 0; len + 1 < strlen(pem); len++) /* only the last line end may be missing */
        assert_int_equal(secret_public_read(pem, len, read), CC_ERR_CORRUPT);
    pem[30] ^= 1; /* of what says that it is an Ed25519 key */
    assert_int_equal(secret_public_read(pem, strlen(pem), read), CC_ERR_CORRUPT);
    secret_digest_hex("abc", 3, digest); /* FIPS 180-2 B.1 */
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    secret_keys_free(other);
}

static void randomness_and_wiping(void **state)
{
    (void)state;
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    static const uint8_t zeros[32];
    secret_random(a, sizeof(a));
    secret_random(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    secret_wipe(a, sizeof(a));
    assert_memory_equal(a, zeros, sizeof(a));
    bool seen[10] = {false};
    for (int i = 0; i < 1000; i++) {
        uint32_t n = secret_random_below(10);
        assert_true(n < 10);
        seen[n] = true;
    }
    for (int i = 0; i < 10; i++)
        assert_true(seen[i]);
    secret_keys_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_tell_apart),
        cmocka_unit_test(every_use_has_its_subkey),
        cmocka_unit_test(tag_is_stable),
        cmocka_unit_test(short_tag_is_stable),
        cmocka_unit_test(seals_and_opens),
        cmocka_unit_test(seals_by_a_nonce_that_counts),
        cmocka_unit_test(opens_only_in_its_place),
        cmocka_unit_test(tampered_never_opens),
        cmocka_unit_test(key_is_made_once),
        cmocka_unit_test(bad_key_files),
        cmocka_unit_test(key_in_an_impossible_place),
        cmocka_unit_test(randomness_and_wiping),
        cmocka_unit_test(signs_and_tells_its_key),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
