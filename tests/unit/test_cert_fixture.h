/* SPDX-License-Identifier: EUPL-1.2 */
/* Authorities, certificates and revocation lists made by GnuTLS in the test. */
#ifndef CC_TEST_CERT_FIXTURE_H
#define CC_TEST_CERT_FIXTURE_H

#include "base/fsx.h"
#include "cert/prove.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
#define NOW_MS INT64_C(1781510400000) /* 2026-06-15T08:00:00Z */

enum { PEM_ROOM = 2 * CERT_PEM_MAX };

enum key_kind { KEY_P256, KEY_RSA_2048, KEY_RSA_1024, KEY_RSA_512, KEY_P192 };

struct recipe {
    const char *subject; /* "OID=value;OID=value" */
    enum key_kind key;
    gnutls_digest_algorithm_t digest; /* 0 = SHA-256 */
    unsigned usage;                   /* 0 = digitalSignature; of an authority: keyCertSign */
    const char *purpose;              /* OID of the extended key usage; NULL = none */
    const char *dns;
    const char *names;   /* a directoryName of subjectAltName, "OID=value;OID=value" */
    const char *qc_type; /* "esign", "eseal", "web"; NULL = no qcStatements */
    bool is_ca;
    int path_length;         /* of an authority; 0 = no limit */
    int begins_d, ends_d;    /* days from NOW_MS; 0 = -400, +400 */
    bool names_no_issuer_id; /* no authority key identifier */
};

struct made {
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t key;
};

static inline void must(int result)
{
    if (result < 0)
        fail_msg("GnuTLS: %s", gnutls_strerror(result));
}

static inline gnutls_x509_privkey_t make_key(enum key_kind kind)
{
    static const struct {
        gnutls_pk_algorithm_t algorithm;
        unsigned bits;
    } rows[] = {
        [KEY_P256] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
        [KEY_RSA_2048] = {GNUTLS_PK_RSA, 2048},
        [KEY_RSA_1024] = {GNUTLS_PK_RSA, 1024},
        [KEY_RSA_512] = {GNUTLS_PK_RSA, 512},
        [KEY_P192] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP192R1)},
    };
    gnutls_x509_privkey_t key;
    must(gnutls_x509_privkey_init(&key));
    must(gnutls_x509_privkey_generate(key, rows[kind].algorithm, rows[kind].bits, 0));
    return key;
}

/* By their DER, for attributes too that GnuTLS has no name for: serialNumber and country are
 * PrintableStrings, the others UTF8Strings. */
static inline void set_subject(gnutls_x509_crt_t crt, const char *subject)
{
    char text[1024];
    char *rest = NULL;
    (void)strncpy(text, subject, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (char *part = strtok_r(text, ";", &rest); part != NULL; part = strtok_r(NULL, ";", &rest)) {
        unsigned char der[130] = {0x0C};
        char *value = strchr(part, '=');
        assert_non_null(value);
        *value++ = '\0';
        size_t len = strlen(value);
        if (strcmp(part, "2.5.4.5") == 0 || strcmp(part, "2.5.4.6") == 0)
            der[0] = 0x13;
        assert_true(len < 128);
        der[1] = (unsigned char)len;
        memcpy(der + 2, value, len);
        must(gnutls_x509_crt_set_dn_by_oid(crt, part, 1, der, (unsigned)len + 2));
    }
}

/* The name is written as a subject by GnuTLS, and taken from there. */
static inline void set_directory_name(gnutls_x509_crt_t crt, const char *names)
{
    enum { HEAD = 4 }; /* GeneralNames { directoryName [4] EXPLICIT Name }, lengths of one byte */
    unsigned char der[HEAD + 123] = {0x30, 0, 0xA4, 0};
    gnutls_x509_crt_t named;
    gnutls_datum_t name;
    must(gnutls_x509_crt_init(&named));
    set_subject(named, names);
    must(gnutls_x509_crt_get_raw_dn(named, &name));
    assert_true(name.size <= sizeof(der) - HEAD);
    memcpy(der + HEAD, name.data, name.size);
    der[1] = (unsigned char)(name.size + 2);
    der[3] = (unsigned char)name.size;
    must(gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.17", der, HEAD + name.size, 0));
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(named);
}

static inline void set_qc_type(gnutls_x509_crt_t crt, const char *type)
{
    /* SEQUENCE { SEQUENCE { id-etsi-qcs-QcType, SEQUENCE { type } } } */
    unsigned char der[] = {0x30, 0x15, 0x30, 0x13, 0x06, 0x06, 0x04, 0x00, 0x8E, 0x46, 0x01, 0x06,
                           0x30, 0x09, 0x06, 0x07, 0x04, 0x00, 0x8E, 0x46, 0x01, 0x06, 0x01};
    der[sizeof(der) - 1] = strcmp(type, "esign") == 0 ? 1 : strcmp(type, "eseal") == 0 ? 2 : 3;
    must(gnutls_x509_crt_set_extension_by_oid(crt, "1.3.6.1.5.5.7.1.3", der, sizeof(der), 0));
}

static inline void set_extensions(gnutls_x509_crt_t crt, const struct recipe *recipe)
{
    unsigned usual = recipe->is_ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                                   : GNUTLS_KEY_DIGITAL_SIGNATURE;
    must(gnutls_x509_crt_set_basic_constraints(
        crt, recipe->is_ca, recipe->path_length > 0 ? recipe->path_length - 1 : -1));
    must(gnutls_x509_crt_set_key_usage(crt, recipe->usage != 0 ? recipe->usage : usual));
    if (recipe->purpose != NULL)
        must(gnutls_x509_crt_set_key_purpose_oid(crt, recipe->purpose, 0));
    if (recipe->dns != NULL)
        must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, recipe->dns,
                                                  (unsigned)strlen(recipe->dns), 0));
    if (recipe->names != NULL)
        set_directory_name(crt, recipe->names);
    if (recipe->qc_type != NULL)
        set_qc_type(crt, recipe->qc_type);
}

static inline void set_key_ids(const struct made *made, gnutls_x509_crt_t issuer, bool has_issuer)
{
    unsigned char id[64];
    size_t len = sizeof(id);
    must(gnutls_x509_crt_get_key_id(made->crt, 0, id, &len));
    must(gnutls_x509_crt_set_subject_key_id(made->crt, id, len));
    len = sizeof(id);
    if (has_issuer && gnutls_x509_crt_get_subject_key_id(issuer, id, &len, NULL) == 0)
        must(gnutls_x509_crt_set_authority_key_id(made->crt, id, len));
}

/* by NULL: signed by itself. */
static inline struct made make_cert(const struct recipe *recipe, const struct made *by)
{
    static unsigned char serial[2] = {0x11, 0};
    struct made made = {.key = make_key(recipe->key)};
    int begins = recipe->begins_d != 0 ? recipe->begins_d : -400;
    int ends = recipe->ends_d != 0 ? recipe->ends_d : 400;
    serial[1]++;
    must(gnutls_x509_crt_init(&made.crt));
    must(gnutls_x509_crt_set_version(made.crt, 3));
    must(gnutls_x509_crt_set_serial(made.crt, serial, sizeof(serial)));
    set_subject(made.crt, recipe->subject);
    must(
        gnutls_x509_crt_set_activation_time(made.crt, (time_t)((NOW_MS + begins * DAY_MS) / 1000)));
    must(gnutls_x509_crt_set_expiration_time(made.crt, (time_t)((NOW_MS + ends * DAY_MS) / 1000)));
    set_extensions(made.crt, recipe);
    must(gnutls_x509_crt_set_key(made.crt, made.key));
    if (by == NULL)
        by = &made;
    set_key_ids(&made, by->crt, !recipe->names_no_issuer_id);
    must(gnutls_x509_crt_sign2(made.crt, by->crt, by->key,
                               recipe->digest != 0 ? recipe->digest : GNUTLS_DIG_SHA256, 0));
    return made;
}

static inline void free_made(struct made *made)
{
    gnutls_x509_crt_deinit(made->crt);
    gnutls_x509_privkey_deinit(made->key);
}

/* Appends a certificate to PEM text of PEM_ROOM. */
static inline void add_pem(char *pem, gnutls_x509_crt_t crt)
{
    size_t used = strlen(pem), len = PEM_ROOM - used;
    must(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, pem + used, &len));
    pem[used + len] = '\0';
}

/* A list of the authority with the certificate on it (NULL = none), in DER. */
static inline size_t make_list(const struct made *authority, const gnutls_x509_crt_t revoked,
                               int begins_d, int ends_d, unsigned char *out, size_t cap)
{
    static const unsigned char number[] = {1};
    gnutls_x509_crl_t list;
    size_t len = cap;
    must(gnutls_x509_crl_init(&list));
    must(gnutls_x509_crl_set_version(list, 2));
    must(gnutls_x509_crl_set_number(list, number, sizeof(number)));
    must(gnutls_x509_crl_set_this_update(list, (time_t)((NOW_MS + begins_d * DAY_MS) / 1000)));
    must(gnutls_x509_crl_set_next_update(list, (time_t)((NOW_MS + ends_d * DAY_MS) / 1000)));
    if (revoked != NULL)
        must(gnutls_x509_crl_set_crt(list, revoked, (time_t)((NOW_MS - DAY_MS) / 1000)));
    must(gnutls_x509_crl_sign2(list, authority->crt, authority->key, GNUTLS_DIG_SHA256, 0));
    must(gnutls_x509_crl_export(list, GNUTLS_X509_FMT_DER, out, &len));
    gnutls_x509_crl_deinit(list);
    return len;
}

static inline void write_file(const char *dir, const char *name, const void *bytes, size_t len)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(fsx_replace(path, bytes, len, 0644), CC_OK);
}

static inline void remove_file(const char *dir, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(unlink(path), 0);
}

#endif
