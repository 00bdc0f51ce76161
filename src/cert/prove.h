/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Proof of who a person is by a certificate (issue "alta with certificate"; RD 203/2021): its chain
 * leads to an authority that the town trusts, all of it is in force and strong, nothing of it is
 * revoked, and it is a natural person's own. That the person holds the private key was proven to
 * the sede by the TLS handshake; it is not proven again here. OCSP is not asked: the box is
 * offline. Pure but for prove_from_folders(); now is a parameter.
 *
 * Source: RFC 5280 6; ETSI TS 119 312 (algorithms and sizes).
 */
#ifndef CC_CERT_PROVE_H
#define CC_CERT_PROVE_H

#include "cert/chain.h"
#include "cert/person.h"
#include "cert/trust.h"

#include <stdint.h>

/*
 * Errors, the first that applies: CC_ERR_CERT_SELF_MADE, CC_ERR_CERT_ISSUER (no way to a trusted
 * authority), CC_ERR_CERT_WEAK (MD5, SHA-1, RSA under 2048 bits, curves under 256),
 * CC_ERR_CERT_NOT_YET, CC_ERR_CERT_EXPIRED (of any in the chain), CC_ERR_CERT_SIGNATURE,
 * CC_ERR_CERT_REVOKED, CC_ERR_CERT_OLD_LIST (all lists of an authority have lapsed).
 */
enum cc_err prove_chain(const struct cert_chain *chain, const struct cert_trust *trust,
                        int64_t now_ms) CC_MUST_CHECK;
/*
 * Reads PEM text, proves it against both folders (list_dir "" = none) and tells the person. Reads
 * files: not in the loop. Errors: those of cert_chain_read(), cert_trust_load(), prove_chain() and
 * cert_person_read().
 */
enum cc_err prove_from_folders(const char *pem, size_t len, const char *root_dir,
                               const char *list_dir, int64_t now_ms,
                               struct cert_person *ret) CC_MUST_CHECK;

#endif
