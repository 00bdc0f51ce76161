/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Answers as JSON, appended to a struct buf: no tree, no allocation. Commas come by themselves.
 * The result is valid JSON in UTF-8 for any text: bytes that are not UTF-8 become U+FFFD.
 */
#ifndef CC_HTTP_JSON_WRITE_H
#define CC_HTTP_JSON_WRITE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Opens '{' or '['; key is NULL at the top and inside arrays. Closed by json_close() with '}' or
 * ']'. */
void json_open(struct buf *out, const char *key, char bracket);
void json_close(struct buf *out, char bracket);
void json_put_text(struct buf *out, const char *key, const char *text);
void json_put_int(struct buf *out, const char *key, int64_t value);
/* -105 as -10.5 */
void json_put_tenths(struct buf *out, const char *key, int value);
void json_put_bool(struct buf *out, const char *key, bool value);
void json_put_null(struct buf *out, const char *key);
/* An instant: RFC 3339 in UTC, and in the town's zone. Units: UTC ms. */
void json_put_utc(struct buf *out, const char *key, int64_t at_ms);
void json_put_local(struct buf *out, const char *key, int64_t at_ms);
/* null unless it is known. */
void json_put_int_if(struct buf *out, const char *key, bool is_known, int64_t value);
void json_put_bool_if(struct buf *out, const char *key, bool is_known, bool value);
/* null for "". */
void json_put_text_or_null(struct buf *b, const char *key, const char *text);
/* As json_put_utc(), with 0 = never as null. */
void json_put_utc_or_null(struct buf *out, const char *key, int64_t at_ms);

#endif
