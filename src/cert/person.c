/* SPDX-License-Identifier: EUPL-1.2 */
#include "cert/person.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/utf8.h"

#include <string.h>

enum { EXTENSION_MAX = 1024, OID_MAX = 128, SERIAL_BYTES = (CERT_SERIAL_SIZE - 1) / 2 };

static const char oid_serial_number[] = "2.5.4.5";
static const char oid_organization_identifier[] = "2.5.4.97";
static const char oid_qc_statements[] = "1.3.6.1.5.5.7.1.3";
/* FNMT-RCM's second surname, in a directoryName of subjectAltName, as RFC 4514 2.4 writes an
   attribute that has no short name: "#" and the DER of its value in hexadecimal. */
static const char fnmt_second_surname[] = "1.3.6.1.4.1.5734.1.3=#";

/* id-etsi-qct-eseal and id-etsi-qct-web (EN 319 412-5) as they stand in DER. */
static const unsigned char qc_seal[] = {0x06, 0x07, 0x04, 0x00, 0x8E, 0x46, 0x01, 0x06, 0x02};
static const unsigned char qc_web[] = {0x06, 0x07, 0x04, 0x00, 0x8E, 0x46, 0x01, 0x06, 0x03};

/* What the extensions say that the certificate is for. */
struct purposes {
    bool has_any, is_client, is_server;
};

static struct purposes read_purposes(gnutls_x509_crt_t leaf)
{
    struct purposes ret = {0};
    char oid[OID_MAX];
    for (unsigned i = 0;; i++) {
        size_t len = sizeof(oid);
        if (gnutls_x509_crt_get_key_purpose_oid(leaf, i, oid, &len, NULL) < 0)
            return ret;
        ret.has_any = true;
        ret.is_client |= strcmp(oid, GNUTLS_KP_TLS_WWW_CLIENT) == 0;
        ret.is_server |= strcmp(oid, GNUTLS_KP_TLS_WWW_SERVER) == 0;
    }
}

static bool has_dns_name(gnutls_x509_crt_t leaf)
{
    for (unsigned i = 0;; i++) {
        size_t len = 0;
        int kind = gnutls_x509_crt_get_subject_alt_name(leaf, i, NULL, &len, NULL);
        if (kind == GNUTLS_SAN_DNSNAME)
            return true;
        if (kind < 0 && kind != GNUTLS_E_SHORT_MEMORY_BUFFER)
            return false;
        if (kind == GNUTLS_E_SHORT_MEMORY_BUFFER) {
            char name[EXTENSION_MAX];
            len = sizeof(name);
            if (gnutls_x509_crt_get_subject_alt_name(leaf, i, name, &len, NULL) ==
                GNUTLS_SAN_DNSNAME)
                return true;
        }
    }
}

static bool states_type(gnutls_x509_crt_t leaf, const unsigned char *type, size_t type_len)
{
    unsigned char der[EXTENSION_MAX];
    size_t len = sizeof(der);
    return gnutls_x509_crt_get_extension_by_oid(leaf, oid_qc_statements, 0, der, &len, NULL) == 0 &&
           memmem(der, len, type, type_len) != NULL;
}

static bool has_attribute(gnutls_x509_crt_t leaf, const char *oid)
{
    size_t len = 0;
    return gnutls_x509_crt_get_dn_by_oid(leaf, oid, 0, 0, NULL, &len) !=
           GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

/* Reads an attribute that stands once in the subject; false = it is absent, repeated or too long.
 */
static bool read_attribute(gnutls_x509_crt_t leaf, const char *oid, char *out, size_t cap)
{
    size_t len = cap, more = 0;
    return gnutls_x509_crt_get_dn_by_oid(leaf, oid, 0, 0, out, &len) == 0 && strlen(out) == len &&
           gnutls_x509_crt_get_dn_by_oid(leaf, oid, 1, 0, NULL, &more) ==
               GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static bool may_log_in(gnutls_x509_crt_t leaf, const struct purposes *purposes)
{
    unsigned usage = 0;
    return gnutls_x509_crt_get_ca_status(leaf, NULL) != 1 &&
           gnutls_x509_crt_get_key_usage(leaf, &usage, NULL) >= 0 &&
           (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0 &&
           (!purposes->has_any || purposes->is_client);
}

static enum cc_err judge_kind(gnutls_x509_crt_t leaf)
{
    const struct purposes purposes = read_purposes(leaf);
    bool is_of_organization = has_attribute(leaf, oid_organization_identifier);
    if (purposes.is_server || has_dns_name(leaf) || states_type(leaf, qc_web, sizeof(qc_web)))
        return CC_ERR_CERT_SERVER;
    if (states_type(leaf, qc_seal, sizeof(qc_seal)) ||
        (is_of_organization && !has_attribute(leaf, GNUTLS_OID_X520_GIVEN_NAME)))
        return CC_ERR_CERT_SEAL;
    if (is_of_organization)
        return CC_ERR_CERT_REPRESENTATIVE;
    return may_log_in(leaf, &purposes) ? CC_OK : CC_ERR_CERT_USAGE;
}

/* "IDCES-12345678Z", or the bare NIF of older ones; "IDCPT-…" is another country's. */
static enum cc_err read_nif(gnutls_x509_crt_t leaf, struct nif *ret)
{
    static const char prefix[] = "IDCES-";
    char text[OID_MAX];
    if (!read_attribute(leaf, oid_serial_number, text, sizeof(text)))
        return CC_ERR_CERT_NO_NIF;
    bool is_prefixed = strncmp(text, prefix, sizeof(prefix) - 1) == 0;
    const char *nif = is_prefixed ? text + sizeof(prefix) - 1 : text;
    if (!is_prefixed && strchr(text, '-') != NULL)
        return CC_ERR_CERT_NO_NIF;
    if (nif_parse(nif, strlen(nif), ret) != CC_OK)
        return CC_ERR_CERT_NIF;
    return ret->kind == NIF_KIND_LEGAL ? CC_ERR_CERT_LEGAL : CC_OK;
}

static enum cc_err read_name_part(gnutls_x509_crt_t leaf, const char *oid, char *out)
{
    char text[2 * NAME_PART_SIZE];
    if (!read_attribute(leaf, oid, text, sizeof(text)) ||
        utf8_normalize_name(text, strlen(text), out, NAME_PART_SIZE) != CC_OK)
        return CC_ERR_CERT_NAME;
    return CC_OK;
}

/* Reads a short UTF8String or PrintableString of X.690; false = it is another type, or cut. */
static bool read_der_text(const char *hex, char *out, size_t cap)
{
    enum { HEAD = 2, SHORT_MAX = 127, UTF8_STRING = 0x0C, PRINTABLE_STRING = 0x13 };
    uint8_t der[HEAD + SHORT_MAX];
    size_t len = 0;
    if (!hex_decode(hex, strspn(hex, "0123456789abcdefABCDEF"), der, sizeof(der), &len) ||
        len < HEAD || (der[0] != UTF8_STRING && der[0] != PRINTABLE_STRING) || der[1] != len - HEAD)
        return false;
    return utf8_normalize_name((const char *)der + HEAD, len - HEAD, out, cap) == CC_OK;
}

/* Where FNMT-RCM names the second surname by itself, and the subject agrees, they are parted. */
static void part_surnames(gnutls_x509_crt_t leaf, struct person_name *name)
{
    char names[EXTENSION_MAX], second[NAME_PART_SIZE];
    int kind = 0;
    for (unsigned i = 0; kind >= 0; i++) {
        size_t len = sizeof(names);
        kind = gnutls_x509_crt_get_subject_alt_name(leaf, i, names, &len, NULL);
        const char *at = kind == GNUTLS_SAN_DN ? strstr(names, fnmt_second_surname) : NULL;
        if (at != NULL &&
            read_der_text(at + sizeof(fnmt_second_surname) - 1, second, sizeof(second)) &&
            name_part_surnames(name, second))
            return;
    }
}

static void add_issuer_part(gnutls_x509_crt_t leaf, const char *oid, struct buf *out)
{
    char text[OID_MAX], normal[CERT_ISSUER_SIZE / 2];
    size_t len = sizeof(text);
    if (gnutls_x509_crt_get_issuer_dn_by_oid(leaf, oid, 0, 0, text, &len) < 0 ||
        utf8_normalize_name(text, len, normal, sizeof(normal) - 1) != CC_OK)
        return;
    if (out->len > 0)
        buf_str(out, ", ");
    buf_str(out, normal);
}

static void read_history(gnutls_x509_crt_t leaf, struct cert_person *ret)
{
    unsigned char serial[SERIAL_BYTES];
    size_t len = sizeof(serial);
    struct buf issuer;
    if (gnutls_x509_crt_get_serial(leaf, serial, &len) == 0)
        hex_encode(serial, len, ret->serial);
    buf_init(&issuer, ret->issuer, sizeof(ret->issuer));
    add_issuer_part(leaf, GNUTLS_OID_X520_COMMON_NAME, &issuer);
    add_issuer_part(leaf, GNUTLS_OID_X520_ORGANIZATION_NAME, &issuer);
    (void)buf_cstr(&issuer); /* two parts fit: see add_issuer_part() */
}

enum cc_err cert_person_read(gnutls_x509_crt_t leaf, struct cert_person *ret)
{
    struct cert_person person = {0};
    enum cc_err err = judge_kind(leaf);
    if (err == CC_OK)
        err = read_nif(leaf, &person.nif);
    if (err == CC_OK)
        err = read_name_part(leaf, GNUTLS_OID_X520_GIVEN_NAME, person.name.given);
    if (err == CC_OK)
        err = read_name_part(leaf, GNUTLS_OID_X520_SURNAME, person.name.first_surname);
    if (err != CC_OK)
        return err;
    part_surnames(leaf, &person.name);
    read_history(leaf, &person);
    *ret = person;
    return CC_OK;
}
