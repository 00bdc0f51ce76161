/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Errors as application/problem+json (RFC 9457): `type` is the stable token of the error as a
 * relative reference, `title` its sentence in the language that the client prefers, `campo` the
 * field to blame. No value that the client sent is ever repeated.
 */
#ifndef CC_HTTP_PROBLEM_H
#define CC_HTTP_PROBLEM_H

#include "base/buf.h"
#include "base/err.h"
#include "domain/text.h"
#include "http/json.h"

#include <stdint.h>

enum { PROBLEM_ALLOW_SIZE = 32, PROBLEM_SENTENCE_SIZE = 256 };

struct problem {
    enum cc_err err; /* CC_OK: none */
    enum text_lang lang;
    char field[JSON_FIELD_NAME_SIZE];     /* "" = none */
    char allow[PROBLEM_ALLOW_SIZE];       /* CC_ERR_METHOD: the methods that the path has */
    char sentence[PROBLEM_SENTENCE_SIZE]; /* in lang, in place of the detail; "" = none */
    int64_t wait_s;                       /* CC_ERR_RATE_LIMITED: when to come back; 0 = not said */
};

void problem_render(const struct problem *problem, struct buf *out);

#endif
