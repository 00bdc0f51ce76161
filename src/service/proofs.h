/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Certificates of citizens proven outside the loop: each by a child, which reads the folders of the
 * town's authorities and their revocation lists anew. A list of 100 000 entries takes time, and a
 * child that a crafted certificate breaks takes nothing else with it.
 */
#ifndef CC_SERVICE_PROOFS_H
#define CC_SERVICE_PROOFS_H

#include "base/loop.h"
#include "cert/person.h"
#include "service/service.h"

#include <stddef.h>
#include <stdint.h>

struct proofs;

enum { PROOFS_MAX = 4 /* at once */, PROOFS_PEM_MAX = 64 * 1024 };

/*
 * From the loop, once for each proof that was begun. err: CC_OK, those of prove_from_folders(),
 * CC_ERR_CERT_BUSY (the child could not end it), CC_ERR_SHUTTING_DOWN. person: valid during the
 * call, zeroed unless err is CC_OK.
 */
typedef void (*proof_fn)(enum cc_err err, const struct cert_person *person, void *user);

/* Ends the program without memory: at its start only. */
struct proofs *proofs_new(struct loop *loop);
/* Takes NULL. No proof may run: proofs_stop(). */
void proofs_free(struct proofs *proofs);
/* pem: PROOFS_PEM_MAX at most; read before the call returns. Errors: CC_ERR_CERT_BUSY,
 * CC_ERR_SHUTTING_DOWN. */
enum cc_err proofs_begin(struct service *service, const char *pem, size_t len, int64_t now_ms,
                         proof_fn fn, void *user) CC_MUST_CHECK;
/* Answers all that run with CC_ERR_SHUTTING_DOWN, and takes no more. */
void proofs_stop(struct proofs *proofs);

#endif
