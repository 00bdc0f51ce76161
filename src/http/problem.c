/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/problem.h"

#include "base/template.h"
#include "http/json_write.h"
#include "http/problem_words.h"

#include <inttypes.h>

enum { DETAIL_SIZE = PROBLEM_SENTENCE_SIZE };

static const struct {
    enum cc_err err;
    enum problem_phrase phrase;
} details[] = {
    {CC_ERR_FIELD_UNKNOWN, PHRASE_FIELD_UNKNOWN}, {CC_ERR_FIELD_MISSING, PHRASE_FIELD_MISSING},
    {CC_ERR_FIELD_TYPE, PHRASE_FIELD_TYPE},       {CC_ERR_FIELD_INTEGER, PHRASE_FIELD_INTEGER},
    {CC_ERR_FIELD_BOOLEAN, PHRASE_FIELD_BOOLEAN}, {CC_ERR_FIELD_LENGTH, PHRASE_FIELD_LENGTH},
    {CC_ERR_JSON_DUPLICATE, PHRASE_FIELD_TWICE},
};

static enum problem_phrase phrase_of_field(enum cc_err err)
{
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
        if (details[i].err == err)
            return details[i].phrase;
    return PHRASE_FIELD;
}

static void put_value(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct problem *problem = user;
    if (template_is_name("campo", name, len))
        buf_str(out, problem->field);
    else if (template_is_name("metodos", name, len))
        buf_str(out, problem->allow);
    else if (template_is_name("segundos", name, len))
        buf_fmt(out, "%" PRId64, problem->wait_s);
}

/* Adds what the title cannot say: the field, the methods, the time to wait. */
static void write_detail(const struct problem *problem, struct buf *out)
{
    enum problem_phrase phrase = PROBLEM_PHRASES;
    if (problem->sentence[0] != '\0')
        buf_str(out, problem->sentence);
    else if (problem->field[0] != '\0')
        phrase = phrase_of_field(problem->err);
    else if (problem->err == CC_ERR_METHOD)
        phrase = PHRASE_METHODS;
    else if (problem->wait_s > 0)
        phrase = PHRASE_WAIT;
    if (phrase != PROBLEM_PHRASES)
        template_fill(problem_phrase(problem->lang, phrase), put_value, problem, out);
}

void problem_render(const struct problem *problem, struct buf *out)
{
    const char *title = problem_title(problem->lang, problem->err);
    char storage[DETAIL_SIZE];
    struct buf detail;
    buf_init(&detail, storage, sizeof(storage));
    write_detail(problem, &detail);
    const char *text = buf_cstr(&detail);
    if (text == NULL || text[0] == '\0')
        text = title;

    json_open(out, NULL, '{');
    json_put_text(out, "type", err_token(problem->err));
    json_put_text(out, "title", title);
    json_put_int(out, "status", err_http_status(problem->err));
    json_put_text(out, "detail", text);
    if (problem->field[0] != '\0')
        json_put_text(out, "campo", problem->field);
    json_close(out, '}');
}
