/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/certificate.h"

#include "base/secret.h"
#include "base/span.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS = 397, CHAIN_MAX = 16, SERIAL_BYTES = 16, DIGEST_BYTES = 32, V4_OFFSET = 12 };

static const char bad_chain[] =
    "certificado: el fichero no contiene un certificado en formato PEM; si lo tiene en otro "
    "formato, conviértalo con «openssl x509 -inform DER» o «openssl pkcs12»";
static const char bad_key[] =
    "clave_tls: el fichero no contiene una clave privada en formato PEM; conviértala con «openssl "
    "pkey»";
static const char locked_key[] =
    "clave_tls: la clave privada tiene contraseña, y el servicio no puede preguntarla; quítesela "
    "con «openssl pkey -in CLAVE -out NUEVA»";
static const char wrong_pair[] =
    "clave_tls: la clave privada no es la del primer certificado de certificado; ponga la pareja "
    "del mismo certificado, y en el fichero primero el de este equipo y luego los intermedios";

static gnutls_datum_t datum_of(struct certificate_pem pem)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)pem.text, (unsigned)pem.len};
}

/* ---- reading ----------------------------------------------------------------------------------*/

static bool is_chain(const gnutls_datum_t *pem)
{
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned count = CHAIN_MAX;
    int result = gnutls_x509_crt_list_import(chain, &count, pem, GNUTLS_X509_FMT_PEM, 0);
    for (unsigned i = 0; result > 0 && i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    return result > 0;
}

/* NULL, or what is wrong with the key. */
static const char *judge_key(const gnutls_datum_t *pem)
{
    gnutls_x509_privkey_t key;
    if (gnutls_x509_privkey_init(&key) < 0)
        return bad_key;
    int result = gnutls_x509_privkey_import2(key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_x509_privkey_deinit(key);
    if (result == GNUTLS_E_DECRYPTION_FAILED)
        return locked_key;
    return result < 0 ? bad_key : NULL;
}

static void take_fingerprint(const gnutls_datum_t *der, struct certificate *certificate)
{
    uint8_t digest[DIGEST_BYTES];
    size_t len = sizeof(digest);
    if (gnutls_fingerprint(GNUTLS_DIG_SHA256, der, digest, &len) < 0)
        abort(); /* a library without SHA-256 is not the one that was linked */
    for (size_t i = 0; i < len; i++)
        (void)snprintf(certificate->fingerprint + i * 3, sizeof(certificate->fingerprint) - i * 3,
                       i + 1 < len ? "%02X:" : "%02X", digest[i]);
}

static void take_name(gnutls_x509_crt_t leaf, struct certificate *certificate)
{
    for (unsigned i = 0; certificate->name[0] == '\0'; i++) {
        char name[NAMES_TEXT_SIZE];
        size_t len = sizeof(name);
        int kind = gnutls_x509_crt_get_subject_alt_name(leaf, i, name, &len, NULL);
        if (kind < 0 && kind != GNUTLS_E_SHORT_MEMORY_BUFFER)
            return;
        if (kind == GNUTLS_SAN_DNSNAME && len < sizeof(name) && name[0] != '*')
            (void)snprintf(certificate->name, sizeof(certificate->name), "%.*s", (int)len, name);
    }
}

/* The first certificate of the chain; der points into the credentials. */
static enum cc_err open_leaf(const struct certificate *certificate, gnutls_datum_t *ret_der,
                             gnutls_x509_crt_t *ret_leaf)
{
    gnutls_x509_crt_t leaf;
    if (gnutls_certificate_get_crt_raw(certificate->credentials, 0, 0, ret_der) < 0 ||
        gnutls_x509_crt_init(&leaf) < 0)
        return CC_ERR_CONFIG;
    if (gnutls_x509_crt_import(leaf, ret_der, GNUTLS_X509_FMT_DER) < 0) {
        gnutls_x509_crt_deinit(leaf);
        return CC_ERR_CONFIG;
    }
    *ret_leaf = leaf;
    return CC_OK;
}

static enum cc_err take_facts(struct certificate *certificate)
{
    gnutls_datum_t der;
    gnutls_x509_crt_t leaf;
    enum cc_err err = open_leaf(certificate, &der, &leaf);
    if (err != CC_OK)
        return err;
    certificate->begins_ms = gnutls_x509_crt_get_activation_time(leaf) * MS_PER_S;
    certificate->ends_ms = gnutls_x509_crt_get_expiration_time(leaf) * MS_PER_S;
    take_name(leaf, certificate);
    take_fingerprint(&der, certificate);
    gnutls_x509_crt_deinit(leaf);
    return CC_OK;
}

enum cc_err certificate_read(struct certificate_pem chain, struct certificate_pem key,
                             struct certificate **ret, const char **ret_why)
{
    const gnutls_datum_t chain_pem = datum_of(chain), key_pem = datum_of(key);
    const char *why = is_chain(&chain_pem) ? judge_key(&key_pem) : bad_chain;
    struct certificate *certificate = why == NULL ? calloc(1, sizeof(*certificate)) : NULL;
    if (why == NULL && (certificate == NULL ||
                        gnutls_certificate_allocate_credentials(&certificate->credentials) < 0))
        abort();
    if (why == NULL &&
        (gnutls_certificate_set_x509_key_mem2(certificate->credentials, &chain_pem, &key_pem,
                                              GNUTLS_X509_FMT_PEM, NULL, 0) < 0 ||
         take_facts(certificate) != CC_OK))
        why = wrong_pair;
    if (why != NULL) {
        certificate_release(certificate);
        *ret_why = why;
        return CC_ERR_CONFIG;
    }
    certificate->users = 1;
    *ret = certificate;
    return CC_OK;
}

bool certificate_covers(const struct certificate *certificate, const struct names *names)
{
    gnutls_datum_t der;
    gnutls_x509_crt_t leaf;
    if (open_leaf(certificate, &der, &leaf) != CC_OK)
        return false;
    bool covers = names->host[0] == '\0' ||
                  gnutls_x509_crt_check_hostname2(leaf, names->host,
                                                  GNUTLS_VERIFY_DO_NOT_ALLOW_IP_MATCHES) != 0;
    for (size_t i = 0; covers && i < names->count; i++) {
        const struct in6_addr *address = &names->addresses[i];
        if (IN6_IS_ADDR_V4MAPPED(address))
            covers = gnutls_x509_crt_check_ip(leaf, address->s6_addr + V4_OFFSET,
                                              sizeof(address->s6_addr) - V4_OFFSET, 0) != 0;
    }
    gnutls_x509_crt_deinit(leaf);
    return covers;
}

struct certificate *certificate_take(struct certificate *certificate)
{
    certificate->users++;
    return certificate;
}

void certificate_release(struct certificate *certificate)
{
    if (certificate == NULL)
        return;
    if (certificate->users > 1) {
        certificate->users--;
        return;
    }
    gnutls_certificate_free_credentials(certificate->credentials);
    free(certificate);
}

/* ---- making -----------------------------------------------------------------------------------*/

static int set_name(gnutls_x509_crt_t leaf, gnutls_x509_subject_alt_name_t kind, const void *name,
                    size_t len)
{
    return gnutls_x509_crt_set_subject_alt_name(leaf, kind, name, (unsigned)len,
                                                GNUTLS_FSAN_APPEND);
}

static int set_address(gnutls_x509_crt_t leaf, const struct in6_addr *address)
{
    bool is_v4 = IN6_IS_ADDR_V4MAPPED(address);
    size_t offset = is_v4 ? V4_OFFSET : 0;
    return set_name(leaf, GNUTLS_SAN_IPADDRESS, address->s6_addr + offset,
                    sizeof(address->s6_addr) - offset);
}

static int set_names(gnutls_x509_crt_t leaf, const struct names *names)
{
    static const char local[] = "localhost";
    const char *common = names->host[0] != '\0' ? names->host : local;
    int result = gnutls_x509_crt_set_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, common,
                                               (unsigned)strnlen(common, 64));
    if (result == 0 && names->host[0] != '\0')
        result = set_name(leaf, GNUTLS_SAN_DNSNAME, names->host, strlen(names->host));
    if (result == 0)
        result = set_name(leaf, GNUTLS_SAN_DNSNAME, local, strlen(local));
    for (size_t i = 0; result == 0 && i < names->count; i++)
        result = set_address(leaf, &names->addresses[i]);
    return result;
}

/* Browsers take no certificate of a server that is valid for more than 398 days. */
static int set_life(gnutls_x509_crt_t leaf, int64_t now_ms)
{
    int64_t begins_s = now_ms / MS_PER_S - DAY_S;
    int result = gnutls_x509_crt_set_activation_time(leaf, (time_t)begins_s);
    return result < 0
               ? result
               : gnutls_x509_crt_set_expiration_time(leaf, (time_t)(begins_s + DAYS * DAY_S));
}

static int set_serial(gnutls_x509_crt_t leaf)
{
    uint8_t serial[SERIAL_BYTES];
    int result = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
    serial[0] = (uint8_t)((serial[0] & 0x3F) | 0x40); /* positive, and no leading zero */
    return result < 0 ? result : gnutls_x509_crt_set_serial(leaf, serial, sizeof(serial));
}

static int fill_certificate(gnutls_x509_crt_t leaf, gnutls_x509_privkey_t key,
                            const struct names *names, int64_t now_ms)
{
    int result = gnutls_x509_crt_set_version(leaf, 3);
    if (result == 0)
        result = set_serial(leaf);
    if (result == 0)
        result = set_names(leaf, names);
    if (result == 0)
        result = set_life(leaf, now_ms);
    if (result == 0)
        result = gnutls_x509_crt_set_basic_constraints(leaf, 0, -1);
    if (result == 0)
        result = gnutls_x509_crt_set_key_usage(leaf, GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (result == 0)
        result = gnutls_x509_crt_set_key_purpose_oid(leaf, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (result == 0)
        result = gnutls_x509_crt_set_key(leaf, key);
    if (result == 0)
        result = gnutls_x509_crt_sign2(leaf, leaf, key, GNUTLS_DIG_SHA256, 0);
    return result;
}

/* The key, and behind it the certificate. */
static enum cc_err export_both(gnutls_x509_crt_t leaf, gnutls_x509_privkey_t key, char *out,
                               size_t cap, size_t *ret_len)
{
    size_t key_len = cap, len;
    if (gnutls_x509_privkey_export_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, out,
                                         &key_len) < 0)
        return CC_ERR_NO_SPACE;
    key_len = strnlen(out, key_len);
    len = cap - key_len;
    if (gnutls_x509_crt_export(leaf, GNUTLS_X509_FMT_PEM, out + key_len, &len) < 0)
        return CC_ERR_NO_SPACE;
    *ret_len = strnlen(out, cap);
    return CC_OK;
}

enum cc_err certificate_make(const struct names *names, int64_t now_ms, char *out, size_t cap,
                             size_t *ret_len)
{
    gnutls_x509_crt_t leaf = NULL;
    gnutls_x509_privkey_t key = NULL;
    enum cc_err err = CC_ERR_IO;
    if (gnutls_x509_crt_init(&leaf) < 0 || gnutls_x509_privkey_init(&key) < 0)
        abort();
    if (gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0 &&
        fill_certificate(leaf, key, names, now_ms) == 0)
        err = export_both(leaf, key, out, cap, ret_len);
    gnutls_x509_privkey_deinit(key);
    gnutls_x509_crt_deinit(leaf);
    if (err != CC_OK)
        secret_wipe(out, cap);
    return err;
}
