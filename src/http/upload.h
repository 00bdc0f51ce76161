/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A multipart/form-data body as it comes in (RFC 7578): its texts are held against the shape of the
 * route, its files go to the route's sink piece by piece. Each part, their number and their sizes
 * are bounded, and a body that does not end as it should is refused. libmicrohttpd parses it.
 */
#ifndef CC_HTTP_UPLOAD_H
#define CC_HTTP_UPLOAD_H

#include "http/exchange.h"

enum {
    UPLOAD_TEXTS_MAX = 8192, /* bytes of all texts together */
    UPLOAD_PARTS_MAX = JSON_FIELDS_MAX + 2,
    UPLOAD_DIGEST_BYTES = SECRET_TAG_BYTES,
};

/* Where the files of a route go. */
struct upload_sink {
    const char *field; /* the name that all files have */
    size_t files_max;
    bool may_lack; /* a body without files is taken, and the handler judges it */
    size_t file_bytes_max;
    size_t body_bytes_max;
    /* Begins a request's files. Errors: any; the request is then refused with it. */
    enum cc_err (*open)(struct service *service, void **ret_user);
    enum cc_err (*begin)(void *user); /* of each file */
    enum cc_err (*add)(void *user, const void *bytes, size_t len);
    enum cc_err (*end)(void *user); /* of each file */
    /* The request is over: what was not kept by the handler is to go. */
    void (*close)(void *user);
};

struct upload;

/* When the header is here. Errors: CC_ERR_MULTIPART_TYPE, CC_ERR_MEMORY, those of sink->open().
 * Owns: upload_free(). */
enum cc_err upload_new(struct exchange *x, const struct upload_sink *sink,
                       struct upload **ret) CC_MUST_CHECK;
/* The next bytes of the body. ret_field as json_read()'s. Errors: those of the texts and of the
 * files; the same again from then on. */
enum cc_err upload_take(struct upload *upload, const char *bytes, size_t len,
                        char ret_field[JSON_FIELD_NAME_SIZE]) CC_MUST_CHECK;
/*
 * The body is whole: its texts come in ret_in as from json_read(), and live as long as upload. May
 * be asked again, with the same result. Errors: CC_ERR_MULTIPART (it has no end),
 * CC_ERR_FIELD_MISSING, CC_ERR_JSON_UTF8.
 */
enum cc_err upload_end(struct upload *upload, struct json_value ret_in[JSON_FIELDS_MAX],
                       char ret_field[JSON_FIELD_NAME_SIZE]) CC_MUST_CHECK;
/* What sink->open() made. */
void *upload_user(const struct upload *upload);
/* Tells two bodies apart by the names and values of their parts, wherever they were cut. */
void upload_digest(const struct upload *upload, uint8_t ret[UPLOAD_DIGEST_BYTES]);
/* Takes NULL. */
void upload_free(struct upload *upload);

#endif
