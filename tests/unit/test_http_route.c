/* SPDX-License-Identifier: EUPL-1.2 */
/* Choice of the row that answers, and the promises of the real table. */
#include "api/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum {
    TCP = CALLER_ANYONE | CALLER_CLIENT | CALLER_SESSION,
    CONTROL = CALLER_ANYONE | CALLER_PEER
};

static const struct route table[] = {
    {"GET", "/a", CALLER_CLIENT, .status = 200},
    {"POST", "/a", CALLER_CLIENT, .status = 201},
    {"POST", "/b", CALLER_CLIENT, .status = 202},
    {"GET", "/both", CALLER_ANYONE, .status = 203},
    {"GET", "/c", CALLER_PEER, .status = 204},
    {"GET", "/d/fixed", CALLER_CLIENT, .status = 205},
    {"GET", "/d/{name}", CALLER_CLIENT, .status = 206},
    {"POST", "/d/{name}", CALLER_CLIENT, .status = 207},
    {"POST", "/d/{name}/act", CALLER_CLIENT, .status = 208},
    {"GET", "/d/{name}/e/{id}", CALLER_CLIENT, .status = 209},
};

struct row {
    unsigned callers;
    const char *method;
    const char *path;
    unsigned status; /* of the row found; 0 = none */
    enum cc_err err;
    const char *allow;
    const char *params; /* joined by "|" */
};

static const struct row rows[] = {
    {TCP, "GET", "/a", 200, CC_OK, "", ""},
    {TCP, "HEAD", "/a", 200, CC_OK, "", ""},
    {TCP, "POST", "/a", 201, CC_OK, NULL, ""},
    {TCP, "DELETE", "/a", 0, CC_ERR_METHOD, "GET, HEAD, POST", ""},
    {TCP, "get", "/a", 0, CC_ERR_METHOD, "GET, HEAD, POST", ""},
    {TCP, "GET", "/b", 0, CC_ERR_METHOD, "POST", ""},
    {TCP, "HEAD", "/b", 0, CC_ERR_METHOD, "POST", ""},
    {TCP, "OPTIONS", "/both", 0, CC_ERR_METHOD, "GET, HEAD", ""},
    {TCP, "GET", "/both", 203, CC_OK, "", ""},
    {CONTROL, "HEAD", "/both", 203, CC_OK, "", ""},
    {CONTROL, "GET", "/c", 204, CC_OK, "", ""},
    /* local routes do not exist elsewhere, for any method */
    {TCP, "GET", "/c", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "POST", "/c", 0, CC_ERR_NOT_FOUND, "", ""},
    {CONTROL, "POST", "/a", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/a/", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/A", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "//a", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/a/../a", 0, CC_ERR_NOT_FOUND, "", ""},
    /* a parameter is one whole segment, as it was written; the first row that fits answers */
    {TCP, "GET", "/d/fixed", 205, CC_OK, "", ""},
    {TCP, "GET", "/d/other", 206, CC_OK, "", "other"},
    {TCP, "HEAD", "/d/f%C3%B1d", 206, CC_OK, "", "f%C3%B1d"},
    {TCP, "POST", "/d/fixed", 207, CC_OK, "GET, HEAD", "fixed"},
    {TCP, "DELETE", "/d/fixed", 0, CC_ERR_METHOD, "GET, HEAD, POST", ""},
    {TCP, "POST", "/d/../act", 208, CC_OK, "", ".."},
    {TCP, "GET", "/d/x/act", 0, CC_ERR_METHOD, "POST", ""},
    {TCP, "GET", "/d/one/e/2", 209, CC_OK, "", "one|2"},
    {TCP, "GET", "/d/one/e/2/", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/d/", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/d//e/2", 0, CC_ERR_NOT_FOUND, "", ""},
    {TCP, "GET", "/d", 0, CC_ERR_NOT_FOUND, "", ""},
    {CONTROL, "GET", "/d/other", 0, CC_ERR_NOT_FOUND, "", ""},
};

static void check_params(size_t i, const struct route_match *match)
{
    char storage[32];
    struct buf params;
    buf_init(&params, storage, sizeof(storage));
    for (size_t p = 0; match->row != NULL && p < match->count; p++) {
        buf_str(&params, p > 0 ? "|" : "");
        buf_put(&params, match->params[p].at, match->params[p].len);
    }
    if (strcmp(buf_cstr(&params), rows[i].params) != 0)
        fail_msg("row %zu: %s: parameters %s", i, rows[i].path, storage);
}

static void check_row(size_t i)
{
    char storage[32];
    struct buf allow;
    struct route_match match = {0};
    buf_init(&allow, storage, sizeof(storage));
    enum cc_err err = route_find(table, sizeof(table) / sizeof(table[0]), rows[i].callers,
                                 rows[i].path, rows[i].method, &match, &allow);
    unsigned status = match.row != NULL ? match.row->status : 0;
    if (err != rows[i].err || status != rows[i].status)
        fail_msg("row %zu: %s %s: %s, %u", i, rows[i].method, rows[i].path, err_token(err), status);
    check_params(i, &match);
    if (rows[i].allow != NULL && strcmp(buf_cstr(&allow), rows[i].allow) != 0)
        fail_msg("row %zu: %s %s: Allow: %s", i, rows[i].method, rows[i].path, storage);
}

/* A pattern's braces are closed, it has no more parameters than an exchange keeps, and each
 * parameter is a whole segment. */
static bool is_pattern(const char *path)
{
    size_t count = 0;
    for (const char *at = strchr(path, '{'); at != NULL; at = strchr(at, '{')) {
        const char *end = strchr(at, '}');
        if (at[-1] != '/' || end == NULL || (end[1] != '/' && end[1] != '\0'))
            return false;
        at = end;
        count++;
    }
    return count <= ROUTE_PARAMS_MAX;
}

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(i);
}

/* Routes that a client's token opens: their answers must not tell whether a message was sent. */
static const char *const for_clients[] = {
    "GET /v1",
    "GET /v1/metodos",
    "POST /v1/verificaciones",
    "POST /v1/accesos",
    "POST /v1/accesos/recuperacion",
    "POST /v1/accesos/{id}/codigo",
    "POST /v1/contrasenas",
    "POST /v1/contrasenas/reglas",
    "POST /v1/retos",
    "POST /v1/solicitudes",
    "POST /v1/renuncias",
    "POST /v1/suspensiones",
    "POST /v1/altas",
    "POST /v1/correos/prueba",
    "POST /v1/altas/{id}/telefono",
    "POST /v1/altas/{id}/telefono/reenvio",
    "POST /v1/altas/certificado",
    "POST /v1/altas/certificado/movil",
    "POST /v1/renuncias/certificado",
    "POST /v1/altas/identidad",
    "POST /v1/solicitudes/{id}/reenvio",
    "DELETE /v1/solicitudes/{id}",
    "GET /v1/solicitudes/{id}",
    "GET /v1/estado",
    "POST /v1/registro/ciudadanos",
    "GET /v1/modems/{nombre}",
    "GET /v1/modems/{nombre}/historia",
    "POST /v1/modems/{nombre}/reinicio",
    "GET /v1/buzon",
    "GET /v1/evidencias/{id}",
    "GET /v1/evidencias/clave",
    "GET /metrics",
};
static const char *const for_anyone[] = {"GET /healthz", "GET /readyz", "POST /v1/sesion",
                                         "POST /v1/operadores/inicial"};

/* Whoever has a name may read the list of the routes. */
static const char *const for_any_scope[] = {"GET /v1", "GET /v1/metodos"};

static bool is_listed(const struct route *row, const char *const *list, size_t count)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "%s %s", row->method, row->path);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

/* Nothing is open to anyone but the probes and the ways in, and a client is let in only where it is
 * listed.
 */
/* Searches, of which no address is to tell what was asked; and what is kept nowhere. */
static bool is_reading_post(const struct route *row)
{
    return strstr(row->path, "busqueda") != NULL || strcmp(row->path, "/v1/retos") == 0 ||
           strcmp(row->path, "/v1/contrasenas/reglas") == 0;
}

static void test_table_is_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *row = &routes[i];
        bool is_open = is_listed(row, for_anyone, sizeof(for_anyone) / sizeof(for_anyone[0]));
        bool is_for_clients =
            is_listed(row, for_clients, sizeof(for_clients) / sizeof(for_clients[0]));
        /* a person's own session and the peer of the control socket need no scope */
        bool needs_none =
            row->callers == CALLER_SESSION || row->callers == CALLER_PEER ||
            is_listed(row, for_any_scope, sizeof(for_any_scope) / sizeof(for_any_scope[0]));
        if ((row->scope == 0) != (is_open || needs_none) ||
            (row->callers == CALLER_ANYONE) != is_open)
            fail_msg("%s %s: scope", row->method, row->path);
        if (((row->callers & CALLER_CLIENT) != 0) != is_for_clients)
            fail_msg("%s %s: callers", row->method, row->path);
        if (!is_pattern(row->path))
            fail_msg("%s: pattern", row->path);
        if (row->handler == NULL || row->status < 200 || row->status > 299)
            fail_msg("%s: incomplete", row->path);
        if (strcmp(row->method, "POST") == 0 && row->shape == NULL)
            fail_msg("%s: body", row->path);
        if (row->writes == route_is_get(row) && !is_reading_post(row))
            fail_msg("%s %s: a GET changes nothing, and few POST only read", row->method,
                     row->path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_table_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
