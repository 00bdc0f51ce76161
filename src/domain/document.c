/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/document.h"

#include <string.h>

static const struct {
    const char *magic;
    size_t len;
    const char *media_type;
} types[DOCUMENT_TYPES] = {
    [DOCUMENT_PDF] = {"%PDF-", 5, "application/pdf"},
    [DOCUMENT_JPEG] = {"\xFF\xD8\xFF", 3, "image/jpeg"},
    [DOCUMENT_PNG] = {"\x89PNG\r\n\x1A\n", 8, "image/png"},
};

enum cc_err document_sniff(const void *head, size_t len, enum document_type *ret)
{
    for (unsigned i = 0; i < DOCUMENT_TYPES; i++) {
        if (len >= types[i].len && memcmp(head, types[i].magic, types[i].len) == 0) {
            *ret = (enum document_type)i;
            return CC_OK;
        }
    }
    return len == 0 ? CC_ERR_FILE_EMPTY : CC_ERR_FILE_TYPE;
}

const char *document_media_type(enum document_type type)
{
    return type < DOCUMENT_TYPES ? types[type].media_type : "application/octet-stream";
}
