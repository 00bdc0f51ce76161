/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads a citizen's certificate: PEM with its chain, or one in DER, which libFuzzer can change
 * without the armour of PEM. Each chain is proven against no authority and against itself. */
#include "fuzz.h"

#include "base/utf8.h"
#include "cert/prove.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>

#define NOW_MS INT64_C(1781510400000) /* 2026-06-15T08:00:00Z */

static void check_name(const char *text)
{
    char again[NAME_PART_SIZE];
    REQUIRE(text[0] != '\0');
    REQUIRE(utf8_normalize_name(text, strlen(text), again, sizeof(again)) == CC_OK);
    REQUIRE(strcmp(text, again) == 0);
}

static void check_person(gnutls_x509_crt_t leaf)
{
    struct cert_person person;
    struct nif nif;
    if (cert_person_read(leaf, &person) != CC_OK)
        return;
    REQUIRE(nif_parse(person.nif.text, strlen(person.nif.text), &nif) == CC_OK);
    REQUIRE(strcmp(nif.text, person.nif.text) == 0 && nif.kind != NIF_KIND_LEGAL);
    check_name(person.name.given);
    check_name(person.name.first_surname);
    REQUIRE(utf8_is_valid(person.issuer, strlen(person.issuer)));
}

static void check_text(const char *pem, size_t len)
{
    struct cert_chain chain = {0};
    struct cert_trust *none = cert_trust_new(), *itself = cert_trust_new();
    REQUIRE(none != NULL && itself != NULL);
    cert_trust_add_roots(itself, pem, len);
    cert_trust_add_list(itself, pem, len);
    if (cert_chain_read(pem, len, &chain) == CC_OK) {
        REQUIRE(len <= CERT_PEM_MAX && chain.count > 0 && chain.count <= CERT_CHAIN_MAX);
        for (unsigned i = 0; i < chain.count; i++)
            check_person(chain.certs[i]);
        REQUIRE(prove_chain(&chain, none, NOW_MS) != CC_OK);
        REQUIRE(prove_chain(&chain, itself, NOW_MS) < CC_ERR_COUNT);
    }
    cert_chain_done(&chain);
    cert_trust_free(none);
    cert_trust_free(itself);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "-----BEGIN";
    gnutls_datum_t der = {(unsigned char *)(uintptr_t)data, (unsigned)size}, pem = {NULL, 0};
    if (size >= sizeof(mark) && memcmp(data, mark, sizeof(mark) - 1) == 0) {
        check_text((const char *)data, size);
        return 0;
    }
    if (gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem) == 0)
        check_text((const char *)pem.data, pem.size);
    gnutls_free(pem.data);
    return 0;
}
