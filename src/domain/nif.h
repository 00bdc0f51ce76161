/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * NIF, NIE and CIF: normalising and checking (DOMAIN 2). Pure. Normalise once, at the door; the
 * rest of the house only ever sees the canonical nine characters.
 * Source: RD 1065/2007 art. 19-22, Orden EHA/451/2008, and the published control algorithm.
 */
#ifndef CC_DOMAIN_NIF_H
#define CC_DOMAIN_NIF_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum nif_kind { NIF_KIND_DNI, NIF_KIND_NIE, NIF_KIND_KLM, NIF_KIND_LEGAL };

enum { NIF_CHARS = 9, NIF_KEY_CHARS = 8, NIF_MASK_SIZE = 10 };

struct nif {
    char text[NIF_CHARS + 1]; /* canonical: upper case, terminated */
    enum nif_kind kind;
};

/*
 * Reads a NIF as people write it. Errors, the first that applies: CC_ERR_NIF_FORMAT (invalid UTF-8
 * or a character that no NIF has), _LENGTH, _PREFIX, _M_ALNUM, _KIND (control of the wrong class),
 * _CHECKSUM.
 */
enum cc_err nif_parse(const char *text, size_t len, struct nif *ret) CC_MUST_CHECK;
/* The numbers everybody uses in tests (00000000T, 99999999R, …), refused in production. */
bool nif_is_test_number(const struct nif *nif);
/* "dni", "nie", "nif_klm", "persona_juridica": the `tipo` of the API. */
const char *nif_kind_token(enum nif_kind kind);
/* "***4567**": how a NIF appears on screens and in logs. */
void nif_mask(const struct nif *nif, char out[NIF_MASK_SIZE]);

#endif
