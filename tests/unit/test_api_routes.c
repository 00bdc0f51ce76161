/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of the routes: each row in order. With --json as its argument the program prints the
 * table, the shapes and the problems instead: tests/system/470-contrato.py holds web/openapi.json
 * to them.
 */
#include "api/input.h"
#include "api/routes.h"
#include "domain/scopes.h"
#include "http/json_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
    [JSON_KIND_TEXT] = "string",
    [JSON_KIND_INTEGER] = "integer",
    [JSON_KIND_BOOLEAN] = "boolean",
};

static void put_callers(struct buf *out, unsigned callers)
{
    static const struct {
        unsigned bit;
        const char *name;
    } rows[] = {{CALLER_ANYONE, "anyone"},
                {CALLER_CLIENT, "client"},
                {CALLER_SESSION, "session"},
                {CALLER_PEER, "peer"}};
    json_open(out, "callers", '[');
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((callers & rows[i].bit) != 0)
            json_put_text(out, NULL, rows[i].name);
    json_close(out, ']');
}

static void put_scopes(struct buf *out, unsigned scopes)
{
    unsigned bit = 0;
    json_open(out, "scopes", '[');
    for (size_t i = 0; scopes_name_at(i, &bit) != NULL; i++)
        if ((scopes & bit) != 0)
            json_put_text(out, NULL, scopes_name_at(i, &bit));
    json_close(out, ']');
}

static void put_shape(struct buf *out, const struct json_shape *shape)
{
    json_open(out, "fields", '[');
    for (size_t i = 0; shape->fields[i].name != NULL; i++) {
        const struct json_field *field = &shape->fields[i];
        json_open(out, NULL, '{');
        json_put_text(out, "name", field->name);
        json_put_text(out, "type", kinds[field->kind]);
        json_put_bool(out, "optional", field->optional);
        json_put_int(out, "max_bytes", (int64_t)field->max_bytes);
        json_put_int(out, "min", field->min);
        json_put_int(out, "max", field->max);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_route(struct buf *out, const struct route *row)
{
    json_open(out, NULL, '{');
    json_put_text(out, "method", row->method);
    json_put_text(out, "path", row->path);
    put_callers(out, row->callers);
    put_scopes(out, row->scope);
    json_put_bool(out, "writes", row->writes);
    json_put_bool(out, "keeps_answer", row->keeps_answer);
    json_put_bool(out, "on_loopback", row->on_loopback);
    json_put_bool(out, "in_doubt", row->in_doubt);
    json_put_int(out, "status", row->status);
    json_put_text(out, "type", row->type != NULL ? row->type : "application/json");
    json_put_bool(out, "upload", row->upload != NULL);
    if (row->shape != NULL)
        put_shape(out, row->shape);
    json_close(out, '}');
}

static void put_tables(struct buf *out)
{
    json_open(out, NULL, '{');
    json_open(out, "routes", '[');
    for (size_t i = 0; i < routes_count; i++)
        put_route(out, &routes[i]);
    json_close(out, ']');
    json_open(out, "problems", '[');
    for (unsigned i = CC_OK + 1; i < CC_ERR_COUNT; i++) {
        json_open(out, NULL, '{');
        json_put_text(out, "type", err_token((enum cc_err)i));
        json_put_int(out, "status", err_http_status((enum cc_err)i));
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static int print_tables(void)
{
    static char storage[256 * 1024];
    struct buf out;
    buf_init(&out, storage, sizeof(storage));
    put_tables(&out);
    const char *text = buf_cstr(&out);
    return text != NULL && puts(text) >= 0 ? 0 : 1;
}

/* A search whose words are in the body, or what keeps no row: the rules that a password meets, and
 * a reto, which is a sealed text. */
static bool may_only_read(const struct route *row)
{
    return strstr(row->path, "/busqueda") != NULL ||
           strcmp(row->path, "/v1/contrasenas/reglas") == 0 || strcmp(row->path, "/v1/retos") == 0;
}

static void each_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *row = &routes[i];
        bool is_post = strcmp(row->method, "POST") == 0;
        if (row->handler == NULL || row->callers == 0 || row->status / 100 != 2)
            fail_msg("%s %s: no handler, no caller or no status", row->method, row->path);
        if ((row->before != NULL || is_post) && row->shape == NULL)
            fail_msg("%s %s: no shape", row->method, row->path);
        if (route_is_get(row) && row->writes)
            fail_msg("%s %s: a GET that writes", row->method, row->path);
        if (is_post && !row->writes && !may_only_read(row))
            fail_msg("%s %s: a POST that only reads is a busqueda", row->method, row->path);
        if (is_post && strstr(row->path, "/busqueda") != NULL && row->shape == &input_no_fields)
            fail_msg("%s %s: searches for nothing: a GET", row->method, row->path);
    }
}

static void each_row_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < routes_count; i++) {
        char allow[128];
        struct buf methods;
        struct route_match match;
        buf_init(&methods, allow, sizeof(allow));
        enum cc_err err = route_find(routes, routes_count, routes[i].callers, routes[i].path,
                                     routes[i].method, &match, &methods);
        if (err != CC_OK || match.row != &routes[i])
            fail_msg("%s %s: another row takes it", routes[i].method, routes[i].path);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_whole),
        cmocka_unit_test(each_row_is_found),
    };
    if (argc == 2 && strcmp(argv[1], "--json") == 0)
        return print_tables();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
