/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Errors of every room, in the table err.inc: the stable token (problem+json `type`, contraclavectl
 * --json), the HTTP status and the exit code (sysexits.h). The sentence for people is in the
 * catalogues web/problems: the Spanish one here, the others in http/problem.h. The network's
 * verdict on a message is not here: that is struct gsm_cause.
 */
#ifndef CC_BASE_ERR_H
#define CC_BASE_ERR_H

#define CC_MUST_CHECK __attribute__((warn_unused_result))

enum cc_err {
#define ERR_ROW(name, token, http, code) CC_ERR_##name,
#include "base/err.inc"
#undef ERR_ROW
    CC_ERR_COUNT,
    CC_OK = CC_ERR_OK
};

/* The stable token, e.g. "nif_length"; "unknown" for a value outside the table. */
const char *err_token(enum cc_err err);
/* The sentence for people, Spanish, UTF-8. */
const char *err_text(enum cc_err err);
/* The meaning of an errno, Spanish, for the end of a sentence: "no existe". */
const char *err_system_text(int number);
/* The HTTP status a request that met this error is answered with. */
int err_http_status(enum cc_err err);
/* The exit code of a program that ends because of it (sysexits.h). */
int err_exit_code(enum cc_err err);
/* CC_OK in place of CC_ERR_NOT_FOUND: there need be none. */
enum cc_err err_allow_absent(enum cc_err err) CC_MUST_CHECK;
/* And of CC_ERR_ALTERED: a row that was changed without the key is nobody's, and gets the same
 * answer and the same work. */
enum cc_err err_allow_altered(enum cc_err err) CC_MUST_CHECK;
/* The error behind a token, as contraclavectl meets it in an answer; CC_ERR_COUNT if unknown. */
enum cc_err err_from_token(const char *token);

#endif
