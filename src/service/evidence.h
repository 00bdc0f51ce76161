/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Evidence of each entry (Ley 39/2015 art. 9, ENS op.exp.8): kept with the verification, told as a
 * document that this box signs. Who reads one is audited.
 */
#ifndef CC_SERVICE_EVIDENCE_H
#define CC_SERVICE_EVIDENCE_H

#include "service/verify.h"
#include "store/evidence.h"
#include "store/requests.h"

/* Facts of a verification beside its input and output. */
struct evidence_entry {
    enum method method;
    const struct request *request; /* as it was before this use */
    int64_t audit_id;
    bool with_contrast; /* the call gave the right one */
};

/* In the transaction of the verification; out->citizen and is_substantial are set, and
 * out->evidence is filled. Errors: CC_ERR_DB. */
enum cc_err evidence_keep(struct service *service, const struct verify_input *input,
                          const struct evidence_entry *entry, int64_t now_ms,
                          struct verify_output *out) CC_MUST_CHECK;
/* Inside a turn: the reading is audited. id: as POST /v1/verificaciones told it. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB. Wipe it after use. */
enum cc_err evidence_tell(struct service *service, const char *id, const struct caller *caller,
                          int64_t now_ms, struct evidence *ret) CC_MUST_CHECK;

enum { EVIDENCE_SIGNATURE_SIZE = 2 * SECRET_SIGNATURE_BYTES + 1 };

/* Signs bytes with the box's key, as lower-case hexadecimal digits. */
void evidence_sign(const struct service *service, const void *bytes, size_t len,
                   char ret[EVIDENCE_SIGNATURE_SIZE]);
/* The key that the signatures are verified with. */
void evidence_public_key(const struct service *service, uint8_t ret[SECRET_PUBLIC_BYTES]);

/* Of the master keys before, whose signatures stay good: how many, and each, the oldest first. */
size_t evidence_old_keys(const struct service *service);
void evidence_old_public_key(const struct service *service, size_t number,
                             uint8_t ret[SECRET_PUBLIC_BYTES]);

#endif
