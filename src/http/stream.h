/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An answer that goes on for as long as the client stays, such as Server-Sent Events: a handler of
 * a GET route opens it with the source of its bytes and returns CC_OK. While the source has none
 * the connection is suspended, without a deadline; a client that does not read what was written is
 * closed after the time that it has for reading any answer. A client that has closed is noticed
 * only when something is written to it: a source must have some bytes every few seconds.
 */
#ifndef CC_HTTP_STREAM_H
#define CC_HTTP_STREAM_H

#include "http/exchange.h"

enum { STREAMS_MAX = 128 };

struct stream;

struct stream_source {
    /* Copies up to cap of the next bytes; 0 = none yet. */
    size_t (*read)(void *user, char *out, size_t cap);
    /* The stream is over and must not be used again. */
    void (*close)(void *user);
    void *user;
};

/*
 * Inside a handler, at its end. Owns: *ret_stream belongs to the connection until source->close()
 * is called; on an error it is not. Where all are taken, a person with fewer pages open than
 * another gets a place of the other's. Errors: CC_ERR_STREAMS (too many are open), CC_ERR_MEMORY.
 */
enum cc_err stream_open(struct exchange *x, const struct stream_source *source,
                        struct stream **ret_stream) CC_MUST_CHECK;
/* Whether its caller may still have it: identify_still(). A database in trouble ends no stream. */
bool stream_is_allowed(const struct stream *stream);
/* The source has bytes again. Not from inside read(). */
void stream_wake(struct stream *stream);
/* Ends the answer when what was read so far is written. Not from inside read(). */
void stream_end(struct stream *stream);

/* For exchange.c and server.c: the response of an open stream, NULL without memory; and the end of
   all. */
struct MHD_Response *stream_new_response(struct stream *stream, const struct answer *answer);
void stream_end_all(struct http_context *context);

#endif
