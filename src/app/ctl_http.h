/* SPDX-License-Identifier: EUPL-1.2 */
/* Sends a request to the daemon over its control socket. */
#ifndef CC_APP_CTL_HTTP_H
#define CC_APP_CTL_HTTP_H

#include <jansson.h>
#include <stdbool.h>

/*
 * body may be NULL. Returns the HTTP status, with the answer's object in *ret_answer (owned by the
 * caller); or 0 when the daemon could not be asked: said on stderr, *ret_exit is the exit code.
 */
long ctl_http_call(const char *socket_path, const char *method, const char *path,
                   const json_t *body, json_t **ret_answer, int *ret_exit);

/* The same for a POST of a file as multipart/form-data. A file that cannot be read is said too. */
long ctl_http_upload(const char *socket_path, const char *path, const char *field, const char *file,
                     json_t **ret_answer, int *ret_exit);

/*
 * Likewise, for who needs no more than whether it went well: returns the exit code; what went
 * wrong, also a refusal, is said on stderr. *ret_answer: the object that came, a problem too; NULL
 * = none.
 */
int ctl_http_ask(const char *socket_path, const char *method, const char *path, const json_t *body,
                 json_t **ret_answer);
/* Asks after a while again and again, until the answer has another `estado` than this one; answer
 * is the first. Returns the exit code, and *ret_told likewise. */
int ctl_http_await(const char *socket_path, const char *path, const json_t *answer,
                   const char *state, json_t **ret_told);

bool ctl_http_is_good(long status);
/* Says on stderr why the daemon has refused. Returns the exit code of that problem. */
int ctl_http_tell_problem(const json_t *answer);

#endif
