/* SPDX-License-Identifier: EUPL-1.2 */
/* The copy of an identity document that comes with an online alta: its type, told by its content.
 * Pure. */
#ifndef CC_DOMAIN_DOCUMENT_H
#define CC_DOMAIN_DOCUMENT_H

#include "base/err.h"

#include <stddef.h>

/* Stored: append only. */
enum document_type { DOCUMENT_PDF, DOCUMENT_JPEG, DOCUMENT_PNG, DOCUMENT_TYPES };

enum {
    DOCUMENT_HEAD_BYTES = 8, /* what the type is told by */
    DOCUMENT_BYTES_MAX = 5 * 1024 * 1024,
    DOCUMENTS_MAX = 2 /* the two sides of a card */
};

/*
 * The type by the first bytes, of which there may be fewer than DOCUMENT_HEAD_BYTES in a file that
 * short. Source: ISO 32000-1 7.5.2; ITU-T T.81 B.1.1.3; PNG (Third Edition) 5.2. Errors:
 * CC_ERR_FILE_EMPTY, CC_ERR_FILE_TYPE.
 */
enum cc_err document_sniff(const void *head, size_t len, enum document_type *ret) CC_MUST_CHECK;
const char *document_media_type(enum document_type type); /* "application/pdf", … */

#endif
