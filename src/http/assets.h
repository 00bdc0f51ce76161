/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The files of the pages and the contract of the API, embedded in the program by the build (web/):
 * for browsers and integrators, without a caller. They hold nothing of the box.
 */
#ifndef CC_HTTP_ASSETS_H
#define CC_HTTP_ASSETS_H

#include <microhttpd.h>
#include <stdbool.h>

/* The request headers that decide which bytes a browser gets; NULL = absent. */
struct asset_wish {
    const char *language; /* of the query, "?idioma=" */
    const char *cookie;
    const char *accept_language;
    const char *accept_encoding;
    const char *if_none_match;
};

/* Whether the path, without its query, is that of a file. */
bool assets_has(const char *path);

/*
 * The answer for a path that assets_has(): the file in the wished language, gzipped where it is
 * taken, or 304. "/" is answered with the way to /estado. ret_status is the HTTP status.
 * NULL without memory. Owns: MHD_destroy_response().
 */
struct MHD_Response *assets_answer(const char *path, const struct asset_wish *wish,
                                   unsigned *ret_status);

#endif
