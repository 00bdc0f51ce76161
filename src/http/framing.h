/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whether the header of a request can be read in one way only (RFC 9112, RFC 9110 section 5): a
 * proxy in front that reads the length or the host in another way would take one request for two.
 * What libmicrohttpd 0.9.75 refuses by itself, before any callback, it answers with its own 400,
 * 413 or 431 in HTML: a Content-Length that is not a number, a line without a colon, a header that
 * is too large, bad chunks, a NUL behind the version.
 */
#ifndef CC_HTTP_FRAMING_H
#define CC_HTTP_FRAMING_H

#include "base/err.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The parts of a request line where they were received: each ends at its NUL, which libmicrohttpd
 * wrote over the space behind it, or which the client sent.
 */
struct framing_line {
    const char *method, *uri, *uri_end, *version;
};

/* Whether nothing but one space stands between the parts. */
bool framing_line_is_whole(const struct framing_line *line);

/* The header lines of one request so far. Zeroed at the start. */
struct framing {
    unsigned lengths, encodings, hosts;
    bool is_broken;
    const char *end; /* where the line before ended; NULL = no line yet, and no request line */
};

/*
 * The next line of the header; name and value, terminated, stand where they were received, since
 * the distance between lines is how a NUL inside one is found: libmicrohttpd ends the value there.
 */
void framing_add(struct framing *framing, const char *name, size_t name_len, const char *value,
                 size_t value_len);
/* end = behind the empty line, or NULL. Errors: CC_ERR_HEADER_FORMAT. */
enum cc_err framing_verdict(const struct framing *framing, const char *version,
                            const char *end) CC_MUST_CHECK;
/* The three above for a request; method and version are the pointers that libmicrohttpd gave. */
enum cc_err framing_check(struct MHD_Connection *connection,
                          const struct framing_line *line) CC_MUST_CHECK;

#endif
