/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1: the entity, the version, and what the caller may ask for. */
#include "api/resources.h"
#include "api/routes.h"
#include "http/exchange.h"
#include "http/json_write.h"

static bool may_ask(const struct caller *caller, const struct route *row)
{
    if ((row->callers & CALLER_ANYONE) != 0)
        return true;
    return (row->callers & (unsigned)caller->kind) != 0 && caller_has_scope(caller, row->scope);
}

enum cc_err indice_show(struct exchange *x, struct buf *out)
{
    json_put_text(out, "entidad", x->service->installation.entity);
    json_put_text(out, "version", CC_VERSION);
    json_put_text(out, "contrato", "/v1/openapi.json");
    json_open(out, "rutas", '[');
    for (size_t i = 0; i < routes_count; i++) {
        if (!may_ask(&x->caller, &routes[i]))
            continue;
        json_open(out, NULL, '{');
        json_put_text(out, "metodo", routes[i].method);
        json_put_text(out, "ruta", routes[i].path);
        json_close(out, '}');
    }
    json_close(out, ']');
    return CC_OK;
}
