/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /healthz and /readyz: for a monitor of the daemon. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/health.h"

static enum cc_err put_state(struct buf *out, const char *state)
{
    json_open(out, NULL, '{');
    json_put_text(out, "estado", state);
    json_close(out, '}');
    return CC_OK;
}

enum cc_err probes_health(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)x;
    (void)in;
    return put_state(out, "ok");
}

enum cc_err probes_ready(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)in;
    enum cc_err err = health_check_ready(x->service);
    return err == CC_OK ? put_state(out, "listo") : err;
}
