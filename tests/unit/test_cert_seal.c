/* SPDX-License-Identifier: EUPL-1.2 */
/* The town's seal under a file: with its own key, in its own time, for those bytes alone. */
#include "test_cert_fixture.h"

#include "cert/seal.h"

#include <stdlib.h>

enum { KEY_ROOM = 8192, CHANGES = 400 };

#define DOCUMENT "{\"evidencia\":\"A6D557D14A5132534BEEF738378FCA2D\"}"

static const struct recipe seals[] = {
    {.subject = "2.5.4.10=Ayuntamiento;2.5.4.3=Sello"},
    {.subject = "2.5.4.10=Ayuntamiento;2.5.4.3=Sello", .key = KEY_RSA_2048},
    {.subject = "2.5.4.10=Ayuntamiento;2.5.4.3=Sello", .ends_d = 1}, /* it has ended since */
};
enum { SEALS = sizeof(seals) / sizeof(seals[0]) };

/* The certificate with its authority, and its key, as PEM. */
struct town {
    struct made authority, seal;
    char certificate[PEM_ROOM], key[KEY_ROOM];
    struct cert_seal_pem pem;
};

static struct town *make_town(const struct recipe *recipe)
{
    struct town *town = calloc(1, sizeof(*town));
    size_t len = KEY_ROOM;
    assert_non_null(town);
    town->authority = make_cert(&(struct recipe){.subject = "2.5.4.3=AC", .is_ca = true}, NULL);
    town->seal = make_cert(recipe, &town->authority);
    add_pem(town->certificate, town->seal.crt);
    add_pem(town->certificate, town->authority.crt);
    must(gnutls_x509_privkey_export_pkcs8(town->seal.key, GNUTLS_X509_FMT_PEM, NULL,
                                          GNUTLS_PKCS_PLAIN, town->key, &len));
    town->pem =
        (struct cert_seal_pem){town->certificate, strlen(town->certificate), town->key, len};
    return town;
}

static void free_town(struct town *town)
{
    free_made(&town->authority);
    free_made(&town->seal);
    free(town);
}

static void test_its_own_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEALS; i++) {
        struct town *town = make_town(&seals[i]);
        char name[CERT_SEAL_NAME_SIZE], text[] = DOCUMENT;
        uint8_t *seal = NULL;
        size_t len = 0;
        assert_int_equal(cert_seal_make(&town->pem, text, sizeof(text) - 1, NOW_MS, &seal, &len),
                         CC_OK);
        assert_int_equal(cert_seal_check(seal, len, text, sizeof(text) - 1, name), CC_OK);
        assert_non_null(strstr(name, "CN=Sello"));
        for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
            text[bit / 8] ^= (char)(1 << bit % 8);
            assert_int_equal(cert_seal_check(seal, len, text, sizeof(text) - 1, name),
                             CC_ERR_CERT_SIGNATURE);
            text[bit / 8] ^= (char)(1 << bit % 8);
        }
        for (size_t shorter = 0; shorter < len; shorter += 7)
            assert_int_not_equal(cert_seal_check(seal, shorter, text, sizeof(text) - 1, name),
                                 CC_OK);
        seal[len - 1] ^= 1; /* of the signature itself, which is the end */
        assert_int_not_equal(cert_seal_check(seal, len, text, sizeof(text) - 1, name), CC_OK);
        for (int change = 0; change < CHANGES; change++) { /* never more than two answers */
            seal[(size_t)change * 131 % len] ^= (uint8_t)(1 << change % 8);
            enum cc_err err = cert_seal_check(seal, len, text, sizeof(text) - 1, name);
            assert_true(err == CC_ERR_CERT_FORMAT || err == CC_ERR_CERT_SIGNATURE);
        }
        free(seal);
        free_town(town);
    }
}

static void test_refused(void **state)
{
    struct town *town = make_town(&seals[0]), *other = make_town(&seals[0]);
    struct cert_seal_pem mixed = town->pem, text = town->pem, none = town->pem;
    uint8_t *seal = NULL;
    size_t len = 0;
    (void)state;
    mixed.key = other->pem.key; /* of another certificate */
    mixed.key_len = other->pem.key_len;
    text.key = DOCUMENT;
    text.key_len = sizeof(DOCUMENT) - 1;
    none.certificate_len = 0;
    const struct {
        const struct cert_seal_pem *pem;
        int64_t now_ms;
        enum cc_err err;
    } rows[] = {
        {&mixed, NOW_MS, CC_ERR_CERT_SIGNATURE},
        {&text, NOW_MS, CC_ERR_CERT_SIGNATURE},
        {&none, NOW_MS, CC_ERR_CERT_FORMAT},
        {&town->pem, NOW_MS + 400 * DAY_MS + 1000, CC_ERR_CERT_EXPIRED},
        {&town->pem, NOW_MS - 401 * DAY_MS, CC_ERR_CERT_NOT_YET},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(cert_seal_make(rows[i].pem, DOCUMENT, sizeof(DOCUMENT) - 1, rows[i].now_ms,
                                        &seal, &len),
                         rows[i].err);
    assert_null(seal);
    assert_int_equal(cert_seal_make(&town->pem, DOCUMENT, sizeof(DOCUMENT) - 1,
                                    NOW_MS + 400 * DAY_MS + 999, &seal, &len),
                     CC_OK); /* good in the whole of its last second */
    free(seal);
    free_town(town);
    free_town(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_its_own_bytes),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
