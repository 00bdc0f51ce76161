/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Exchange of a request and its answer: the checks in their order, the body, the handler, and the
 * wait for the turn's commit: for a handler that writes,
 * and for one that reads while a turn is open. What was read of a turn that fails is read again.
 * The answer of an even route (http/route.h) then waits for the next step of a clock of its own.
 */
#ifndef CC_HTTP_EXCHANGE_H
#define CC_HTTP_EXCHANGE_H

#include "base/template.h"
#include "cert/person.h"
#include "http/answer.h"
#include "http/body.h"
#include "http/context.h"
#include "http/problem.h"
#include "http/problem_words.h"
#include "http/slots.h"
#include "service/caller.h"
#include "service/entry.h"
#include "service/people.h"

#include <microhttpd.h>

enum { EXCHANGE_COOKIE_SIZE = 192 };

/* Room for the Set-Cookie of each cookie that an answer may set. */
struct exchange_cookies {
    char session[EXCHANGE_COOKIE_SIZE];
    char mark[EXCHANGE_COOKIE_SIZE];
};

/* Reasons why a parked request waits no longer. */
enum exchange_due {
    EXCHANGE_DUE_NOTHING,
    EXCHANGE_DUE_ANSWER, /* of x->held: it is committed */
    EXCHANGE_DUE_AGAIN,  /* the turn that was read is undone: the request is served again */
    EXCHANGE_DUE_LATER   /* the requests of this round have had their time: see put_off() */
};

struct exchange {
    /* for handlers */
    struct service *service;
    struct caller caller;
    /* Of who asks, "" on the control socket. Of a proxy that is trusted, the last one that its
     * X-Forwarded-For names; what anybody else writes there is not believed. */
    char address[SESSION_ADDRESS_SIZE];
    int64_t now_ms; /* UTC, of the pass of the loop in which it began or went on */
    int64_t wait_s; /* set with CC_ERR_RATE_LIMITED */
    struct {
        char text[ROUTE_PARAM_SIZE]; /* terminated, escapes undone */
        size_t len;
    } params[ROUTE_PARAMS_MAX];  /* of the path, in its order */
    const struct json_value *in; /* one entry per field of the route's shape */
    struct answer answer;       /* set by a handler that answers something else than JSON and 2xx */
    struct {                    /* what the route's `before` has worked out */
        struct people_job job;  /* a password */
        struct entry_job entry; /* a citizen's */
        struct cert_person person; /* of a certificate */
    } prepared;
    struct exchange_cookies cookies;

    /* for exchange.c and its parts */
    struct http_context *context;
    struct http_side *side;
    struct MHD_Connection *connection;
    struct slot *slot; /* of the connection */
    const struct route *route;
    const char *asset;      /* path of a file of the pages: then there is no route */
    struct problem problem; /* in the language that Accept-Language prefers */
    bool has_token;         /* a token was taken from the client's bucket */
    struct {
        int64_t pass_us;   /* loop_pass_us() of now_ms; 0 = none yet */
        bool is_prepared;  /* its route's `before` is done */
        bool is_answered;  /* the handler has run: never twice for one request */
        bool is_suspended; /* the connection waits for this program */
        bool is_parked;    /* waits for the commit; libmicrohttpd asks again until `due` */
        bool is_gone;      /* the connection ended meanwhile: `slot` and `connection` are no more */
        enum exchange_due due;
    } course;
    const char *key;       /* Idempotency-Key, NULL = none */
    struct stream *stream; /* body written piece by piece; NULL = a whole body */
    struct upload *upload; /* in place of the body, where the route takes files */
    struct body body;
    struct {
        struct MHD_Response *response; /* waits for the commit */
        enum cc_err err;               /* likewise, in its place */
        struct loop_source *timer;     /* the answer is committed, and held until then */
        struct exchange *next;         /* in the context's list of those */
    } held;
};

/* Sets now_ms, where another pass of the loop has begun since, and returns it. */
int64_t exchange_take_now(struct exchange *x);
/* Names the field that an error is about, for `campo`; returns err. CC_OK blames none. */
enum cc_err exchange_blame(struct exchange *x, const char *field, enum cc_err err);
/* Answers with a problem from a handler that returns CC_OK: what it did stays. */
void exchange_tell_problem(struct exchange *x, enum cc_err err, struct buf *out);
/* The value of a request header, NULL if absent; valid as long as the request. */
const char *exchange_header(const struct exchange *x, const char *name);

/* Writes the detail of the problem; of one that does not fit, the title stays alone. */
void exchange_explain(struct exchange *x, enum problem_phrase phrase, template_put_fn *put,
                      const void *user);

/* Sends an answer, which is taken; NULL = there was no memory for it. */
enum MHD_Result exchange_send(struct exchange *x, unsigned status, struct MHD_Response *response);
enum MHD_Result exchange_send_problem(struct exchange *x, enum cc_err err);
/* Runs the handler of the route, between the braces of the object where its row names no type. */
enum cc_err exchange_handle(struct exchange *x, struct buf *out) CC_MUST_CHECK;
/* Continues an exchange when the work that its route's `before` began is done, or failed. */
void exchange_go_on(enum cc_err err, void *exchange);
/* Finds the address, once the headers are read. */
void exchange_take_address(struct exchange *x);
/* Whether the browser spoke TLS: with this program, or, as it says, with a trusted proxy. */
bool exchange_is_secure(const struct exchange *x);

/* exchange_parts.c: an exchange, all zero; NULL = no memory. Some that have ended are kept for the
 * next ones: they are too large for the allocator's short way. */
struct exchange *exchange_new(struct http_context *context);
/* Wipes what is secret in it. */
void exchange_free(struct exchange *x);
/* Frees those that are kept. */
void exchange_free_spares(struct http_context *context);
/* The two callbacks for the pump; user is the struct http_side. */
enum MHD_Result exchange_on_request(void *user, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **request);
void exchange_on_completed(void *user, struct MHD_Connection *connection, void **request,
                           enum MHD_RequestTerminationCode reason);
/* Sends the answers that are committed and held back for their time: the loop has ended. */
void exchange_release_all(struct http_context *context);

#endif
