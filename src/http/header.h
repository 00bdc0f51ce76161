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

/* Item of a list such as Accept-Encoding. */
struct header_item {
    const char *text;
    size_t len;
    unsigned quality; /* thousandths; 1000 without a "q" or with one that cannot be read */
};

/*
 * Reads the next item of a list and moves *rest behind it; false at the end. Empty items are
 * skipped. Source: RFC 9110 5.6.1, 12.4.2.
 */
bool header_next_item(const char **rest, struct header_item *ret);

/* Whether Accept-Encoding takes gzip, by name or by "*". Source: RFC 9110 12.5.3. */
bool header_takes_gzip(const char *accept_encoding);

/* Whether If-None-Match names the entity tag (with its quotes) or is "*"; a weak tag counts.
   Source: RFC 9110 13.1.2. */
bool header_has_tag(const char *if_none_match, const char *tag);

/* Whether If-Match names the entity tag or is "*": a weak tag does not count. Source: RFC 9110
 * 13.1.1. */
bool header_matches(const char *if_match, const char *tag);

/* The value of a cookie in Cookie: false when it is absent. Source: RFC 6265 4.2.1. */
bool header_find_cookie(const char *cookie, const char *name, const char **ret, size_t *ret_len);

/* The value of a cookie in a Cookie header (RFC 6265 4.2.1); false when it is absent, empty, named
 * twice, or not of base64url. */
bool header_cookie(const char *value, const char *name, const char **ret_text, size_t *ret_len);
/*
 * Whether Origin ("https://equipo:8443") names the server of Host ("equipo:8443"). is_secure: the
 * request came by TLS, so that the origin must be of https.
 */
bool header_is_same_origin(const char *origin, const char *host, bool is_secure);
/* Whether X-Forwarded-Proto says that the browser spoke TLS with the last proxy. */
bool header_is_https(const char *forwarded_proto);
/*
 * Whether Host names this computer by its loopback: "localhost", "127.0.0.1:8024", "[::1]". A page
 * of another site, whose name was made to lead here (DNS rebinding), sends its own name.
 */
bool header_is_loopback(const char *host);

#endif
