/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The plainest bodies, which are nearly all of them, in one pass and without allocation. Reads no
 * errors: whatever is not plain (an escape, a byte that is not printable ASCII, an unknown,
 * doubled, missing, long or mistyped member, bad syntax) is left to the library to read or to
 * refuse. Pure.
 */
#ifndef CC_HTTP_JSON_PLAIN_H
#define CC_HTTP_JSON_PLAIN_H

#include "http/json.h"

/* True when body fits shape and is plain; the texts then live in storage. */
bool json_plain_read(const char *body, size_t len, const struct json_shape *shape,
                     char storage[JSON_PLAIN_MAX], struct json_text ret_in[JSON_FIELDS_MAX]);

#endif
