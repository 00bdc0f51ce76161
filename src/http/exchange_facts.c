/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts of an exchange that handlers ask for, and the problems that they name. */
#include "http/exchange.h"

#include "base/loop.h"
#include "http/header.h"
#include "http/language.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int64_t exchange_take_now(struct exchange *x)
{
    int64_t pass_us = loop_pass_us(x->service->loop);
    if (x->course.pass_us == 0 || x->course.pass_us != pass_us) {
        x->course.pass_us = pass_us;
        x->now_ms = service_now_ms(x->service);
    }
    return x->now_ms;
}

enum cc_err exchange_blame(struct exchange *x, const char *field, enum cc_err err)
{
    if (err != CC_OK)
        (void)snprintf(x->problem.field, sizeof(x->problem.field), "%s", field);
    return err;
}

void exchange_tell_problem(struct exchange *x, enum cc_err err, struct buf *out)
{
    x->problem.err = err;
    x->answer.status = (unsigned)err_http_status(err);
    x->answer.type = ANSWER_PROBLEM_TYPE;
    answer_add_header(&x->answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE,
                      text_lang_token(x->problem.lang));
    out->len = 0;
    problem_render(&x->problem, out);
}

void exchange_explain(struct exchange *x, enum problem_phrase phrase, template_put_fn *put,
                      const void *user)
{
    struct buf sentence;
    buf_init(&sentence, x->problem.sentence, sizeof(x->problem.sentence));
    template_fill(problem_phrase(x->problem.lang, phrase), put, user, &sentence);
    if (buf_cstr(&sentence) == NULL)
        x->problem.sentence[0] = '\0';
}

const char *exchange_header(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

struct last_line {
    const char *name, *value;
};

static enum MHD_Result keep_last(void *user, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct last_line *line = user;
    (void)kind;
    if (strcasecmp(name, line->name) == 0)
        line->value = value;
    return MHD_YES;
}

/* A proxy may add its line behind one of the same name that a stranger has sent. */
static const char *find_last_line(const struct exchange *x, const char *name)
{
    struct last_line line = {name, NULL};
    (void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, keep_last, &line);
    return line.value;
}

void exchange_address(const struct exchange *x, char out[SESSION_ADDRESS_SIZE])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    out[0] = '\0';
    if (info != NULL && info->client_addr != NULL)
        peer_write_address(info->client_addr, &x->context->trusted,
                           find_last_line(x, "X-Forwarded-For"), out);
}

enum text_lang exchange_language(const struct exchange *x)
{
    enum text_lang lang;
    const char *code = language_of_header(exchange_header(x, MHD_HTTP_HEADER_ACCEPT_LANGUAGE));
    return text_lang_parse(code, strlen(code), &lang) == CC_OK ? lang : TEXT_LANG_ES;
}

bool exchange_is_secure(const struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return x->side->tls != NULL || (info != NULL && info->client_addr != NULL &&
                                    peer_is_listed(info->client_addr, &x->context->trusted) &&
                                    header_is_https(find_last_line(x, "X-Forwarded-Proto")));
}
