/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /healthz and /readyz: for whoever watches the daemon. */
#include "http/exchange.h"
#include "http/json_write.h"
#include "http/resources.h"

static enum cc_err put_state(struct buf *out, const char *state)
{
    json_open(out, NULL, '{');
    json_put_text(out, "estado", state);
    json_close(out, '}');
    return CC_OK;
}

enum cc_err probes_health(struct exchange *x, const struct json_text *in, struct buf *out)
{
    (void)x;
    (void)in;
    return put_state(out, "ok");
}

enum cc_err probes_ready(struct exchange *x, const struct json_text *in, struct buf *out)
{
    (void)in;
    if (db_is_failing(x->context->service->store->db))
        return CC_ERR_DB;
    if (!pool_is_ready(x->context->pool))
        return CC_ERR_MODEM_NOT_READY;
    return put_state(out, "listo");
}
