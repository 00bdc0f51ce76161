/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who a certificate says that its holder is. Only a natural person's own certificate is read: those
 * of representatives, seals and servers are refused by name. The common name is never read: each
 * authority writes it its own way.
 *
 * Sources: DOMAIN 2; ETSI EN 319 412-1 5.1.3, -2 4.2.4 and -5 4.2.3; RFC 5280 4.2.1; certification
 * practice statements of FNMT-RCM (AC Usuarios), DNIe and Izenpe.
 */
#ifndef CC_CERT_PERSON_H
#define CC_CERT_PERSON_H

#include "base/err.h"
#include "domain/name.h"
#include "domain/nif.h"

#include <gnutls/x509.h>

enum { CERT_SERIAL_SIZE = 2 * 20 + 1, CERT_ISSUER_SIZE = 161 };

struct cert_person {
    struct nif nif;
    /* givenName and surname of the subject, whose surname holds both surnames undivided: it stands
       whole in first_surname, but in certificates of FNMT-RCM that name the second one apart too.
     */
    struct person_name name;
    char serial[CERT_SERIAL_SIZE]; /* hexadecimal; "" = longer than RFC 5280 allows */
    char issuer[CERT_ISSUER_SIZE]; /* its organisation and common name, normalised */
};

/*
 * Errors, the first that applies: CC_ERR_CERT_SERVER, CC_ERR_CERT_SEAL, CC_ERR_CERT_REPRESENTATIVE,
 * CC_ERR_CERT_USAGE (made to sign or to certify, not to log in), CC_ERR_CERT_NO_NIF,
 * CC_ERR_CERT_NIF (the NIF is wrong), CC_ERR_CERT_LEGAL, CC_ERR_CERT_NAME.
 */
enum cc_err cert_person_read(gnutls_x509_crt_t leaf, struct cert_person *ret) CC_MUST_CHECK;

#endif
