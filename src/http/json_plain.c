/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json_plain.h"

#include <string.h>

struct reader {
    const char *at;
    const char *end;
    char *storage; /* each text takes its length and one more, of the length and two it had */
};

/* RFC 8259 2. */
static void skip_space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool take(struct reader *r, char wanted)
{
    skip_space(r);
    if (r->at == r->end || *r->at != wanted)
        return false;
    r->at++;
    return true;
}

static bool take_text(struct reader *r, struct json_text *ret)
{
    if (!take(r, '"'))
        return false;
    const char *start = r->at;
    while (r->at < r->end && *r->at >= ' ' && *r->at <= '~' && *r->at != '"' && *r->at != '\\')
        r->at++;
    *ret = (struct json_text){start, (size_t)(r->at - start)};
    return r->at < r->end && *r->at++ == '"';
}

static void keep(struct reader *r, const struct json_text *value, struct json_text *ret)
{
    memcpy(r->storage, value->text, value->len);
    r->storage[value->len] = '\0';
    *ret = (struct json_text){r->storage, value->len};
    r->storage += value->len + 1;
}

static bool take_member(struct reader *r, const struct json_shape *shape,
                        struct json_text ret_in[JSON_FIELDS_MAX])
{
    struct json_text name, value;
    if (!take_text(r, &name) || !take(r, ':') || !take_text(r, &value))
        return false;
    for (size_t i = 0; i < shape->count; i++) {
        const struct json_field *field = &shape->fields[i];
        if (strncmp(field->name, name.text, name.len) != 0 || field->name[name.len] != '\0')
            continue;
        if (ret_in[i].text != NULL || value.len > field->max_bytes)
            return false;
        keep(r, &value, &ret_in[i]);
        return true;
    }
    return false;
}

bool json_plain_read(const char *body, size_t len, const struct json_shape *shape,
                     char storage[JSON_PLAIN_MAX], struct json_text ret_in[JSON_FIELDS_MAX])
{
    memset(ret_in, 0, JSON_FIELDS_MAX * sizeof(*ret_in));
    if (len == 0 || len > JSON_PLAIN_MAX)
        return false;
    struct reader r = {body, body + len, storage};
    if (!take(&r, '{'))
        return false;
    do {
        if (!take_member(&r, shape, ret_in))
            return false;
    } while (take(&r, ','));
    if (!take(&r, '}'))
        return false;
    skip_space(&r);
    for (size_t i = 0; i < shape->count; i++) {
        if (ret_in[i].text == NULL && !shape->fields[i].optional)
            return false;
    }
    return r.at == r.end;
}
