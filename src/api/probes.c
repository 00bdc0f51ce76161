/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /healthz and /readyz: for a monitor of the daemon. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/health.h"

enum cc_err probes_health(struct exchange *x, struct buf *out)
{
    (void)x;
    json_put_text(out, "estado", "ok");
    return CC_OK;
}

enum cc_err probes_ready(struct exchange *x, struct buf *out)
{
    json_put_text(out, "estado", "listo");
    return health_check_ready(x->service);
}
