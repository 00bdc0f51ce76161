/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A body as nearly every client writes it, {"nif":"12345678Z","clave":"4821"}: texts of printable
 * ASCII without escapes. The parser would take some fifteen pieces of memory for it, and wipe each
 * of them afterwards.
 */
#include "base/secret.h"
#include "http/json_shape.h"

#include <string.h>

struct plain_reader {
    const char *at, *end;
};

static void skip_space(struct plain_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

/* The mark itself, and the space on both sides of it. */
static bool take_mark(struct plain_reader *r, char mark)
{
    skip_space(r);
    if (r->at == r->end || *r->at != mark)
        return false;
    r->at++;
    skip_space(r);
    return true;
}

static bool take_quoted(struct plain_reader *r, const char **ret, size_t *ret_len)
{
    if (r->at == r->end || *r->at != '"')
        return false;
    const char *begin = ++r->at;
    while (r->at < r->end && *r->at >= ' ' && *r->at <= '~' && *r->at != '"' && *r->at != '\\')
        r->at++;
    if (r->at == r->end || *r->at != '"')
        return false;
    *ret = begin;
    *ret_len = (size_t)(r->at++ - begin);
    return true;
}

static size_t find_text(const struct json_shape *shape, const char *name, size_t len)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct json_field *field = &shape->fields[i];
        if (strncmp(field->name, name, len) == 0 && field->name[len] == '\0')
            return field->kind == JSON_KIND_TEXT ? i : shape->count;
    }
    return shape->count;
}

static bool take_member(struct plain_reader *r, const struct json_shape *shape,
                        struct json_body *body, struct json_value *ret_in)
{
    const char *name = NULL, *text = NULL;
    size_t name_len = 0, len = 0;
    if (!take_quoted(r, &name, &name_len) || !take_mark(r, ':') || !take_quoted(r, &text, &len))
        return false;
    size_t i = find_text(shape, name, name_len);
    if (i == shape->count || ret_in[i].is_given || len > shape->fields[i].max_bytes)
        return false;
    char *room = body->plain + body->plain_used;
    memcpy(room, text, len);
    room[len] = '\0';
    body->plain_used += len + 1; /* less than its quotes took of the body */
    ret_in[i] = (struct json_value){.text = room, .len = len, .is_given = true};
    return true;
}

static bool has_all(const struct json_shape *shape, const struct json_value *in)
{
    for (size_t i = 0; i < shape->count; i++)
        if (!in[i].is_given && !shape->fields[i].optional)
            return false;
    return true;
}

bool json_read_plain(const char *bytes, size_t len, const struct json_shape *shape,
                     struct json_body *body, struct json_value ret_in[JSON_FIELDS_MAX])
{
    if (len == 0 || len > sizeof(body->plain))
        return false;
    struct plain_reader r = {bytes, bytes + len};
    memset(ret_in, 0, shape->count * sizeof(*ret_in));
    if (!take_mark(&r, '{'))
        return false;
    do {
        if (!take_member(&r, shape, body, ret_in))
            return false;
    } while (take_mark(&r, ','));
    return take_mark(&r, '}') && r.at == r.end && has_all(shape, ret_in);
}

void json_wipe_plain(struct json_body *body)
{
    secret_wipe(body->plain, body->plain_used);
    body->plain_used = 0;
}
