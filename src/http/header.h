/* SPDX-License-Identifier: EUPL-1.2 */
/* The request headers that we read. Pure. Every function takes NULL for a header that is absent. */
#ifndef CC_HTTP_HEADER_H
#define CC_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* The token of "Authorization: Bearer TOKEN". Source: RFC 6750 2.1; the scheme in any case. */
bool header_bearer(const char *value, const char **ret_token, size_t *ret_len);
/* "application/json", alone or with charset=utf-8. Source: RFC 9110 8.3.1. */
bool header_is_json(const char *value);
/* An Idempotency-Key: 1 to 128 visible ASCII characters. */
bool header_is_key(const char *value);

#endif
